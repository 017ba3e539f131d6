//! Random rows, and what a random expression is made of.

use tlc_core::{Column, Columns, ValueType};

pub(crate) const NAMES: [&str; 3] = ["cat", "dog", "Owl"];
pub(crate) const KINDS: [&str; 2] = ["dog", "cat"];

/// Where decisions come from: a tape that proptest makes and shrinks. Past its end all are 0.
pub(crate) struct Tape(pub(crate) std::vec::IntoIter<u16>);

impl Tape {
    pub(crate) fn below(&mut self, most: usize) -> usize {
        usize::from(self.0.next().unwrap_or(0)) % most
    }

    pub(crate) fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub(crate) enum Type {
    Flag,
    Whole,
    Single,
    Double,
    Text,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Flag(bool),
    Whole(i64),
    Single(f32),
    Double(f64),
    Text(String),
}

pub(crate) use Value::{Double, Flag, Single, Text, Whole};

/// A value or null; an error if there can be none.
pub(crate) type Answer = Result<Option<Value>, ()>;

/// One row.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) x: Option<f32>,
    pub(crate) y: Option<f64>,
    pub(crate) n: Option<i64>,
    pub(crate) m: Option<i32>,
    pub(crate) flag: Option<bool>,
    pub(crate) note: Option<String>,
    pub(crate) label: Option<i32>,
    pub(crate) guess: Option<i32>,
    pub(crate) kind: Option<i32>,
}

/// A random expression: its text, its type, and what it is of a row.
pub(crate) struct Made {
    pub(crate) text: String,
    pub(crate) kind: Type,
    pub(crate) of: Box<dyn Fn(&Row) -> Answer>,
}

pub(crate) fn made(text: String, kind: Type, of: impl Fn(&Row) -> Answer + 'static) -> Made {
    let of = Box::new(of);
    Made { text, kind, of }
}

pub(crate) fn row(tape: &mut Tape) -> Row {
    fn maybe<T: Clone>(tape: &mut Tape, of: &[T]) -> Option<T> {
        (tape.below(5) > 0).then(|| tape.pick(of))
    }
    let big = [
        f64::NAN,
        -f64::NAN,
        f64::INFINITY,
        -1e300,
        -0.0,
        0.0,
        0.5,
        1.0,
        2.5,
        -3.0,
        1e19,
    ];
    let small = [
        f32::NAN,
        -f32::NAN,
        f32::NEG_INFINITY,
        3e38,
        -0.0,
        0.0,
        0.1,
        1.0,
        2.5,
        -3.0,
    ];
    Row {
        x: maybe(tape, &small),
        y: maybe(tape, &big),
        n: maybe(
            tape,
            &[0, 1, -1, 2, 7, 100, 300, i64::MAX, i64::MIN, -70_000],
        ),
        m: maybe(tape, &[0, 1, 2, 3, -5, 127]),
        flag: maybe(tape, &[true, false]),
        note: maybe(
            tape,
            &["", "a", "ab", "aB", "b%a", "é_b", "cat", "7", "ba\\"].map(str::to_owned),
        ),
        label: maybe(tape, &[0, 1, 2]),
        guess: maybe(tape, &[0, 1, 2]),
        kind: maybe(tape, &[0, 1]),
    }
}

/// The rows as those of a table.
pub(crate) fn table(rows: &[Row]) -> (Vec<Column>, Columns) {
    let column = |name: &str, value| Column::new(name, value).nullable(true);
    let columns = vec![
        column("x", ValueType::Float32),
        column("y", ValueType::Float64),
        column("n", ValueType::Int64),
        column("m", ValueType::Int32),
        column("flag", ValueType::Bool),
        column("note", ValueType::String),
        column("label", ValueType::labels(NAMES)),
        column("guess", ValueType::labels(NAMES)),
        column("Odd kind", ValueType::labels(KINDS)),
        column("nothing", ValueType::labels(Vec::<String>::new())),
    ];
    fn all<T>(rows: &[Row], of: impl Fn(&Row) -> T) -> Vec<T> {
        rows.iter().map(of).collect()
    }
    let values = Columns::new()
        .column("x", all(rows, |row| row.x))
        .column("y", all(rows, |row| row.y))
        .column("n", all(rows, |row| row.n))
        .column("m", all(rows, |row| row.m))
        .column("flag", all(rows, |row| row.flag))
        .column("note", all(rows, |row| row.note.clone()))
        .column("label", all(rows, |row| row.label))
        .column("guess", all(rows, |row| row.guess))
        .column("Odd kind", all(rows, |row| row.kind))
        .column("nothing", all(rows, |_| None::<i32>));
    (columns, values)
}

// What values are.
