//! Random expressions over random rows: what the engine says of all rows at once is what a
//! plain interpreter, which knows nothing of it, says of one after the other.

use super::view;
use proptest::prelude::{ProptestConfig, proptest};
use std::cmp::Ordering;
use tlc_core::{Column, Columns, ValueType};
use tlc_view::{Expression, View};

const NAMES: [&str; 3] = ["cat", "dog", "Owl"];
const KINDS: [&str; 2] = ["dog", "cat"];

/// Where decisions come from: a tape that proptest makes and shrinks. Past its end all are 0.
struct Tape(std::vec::IntoIter<u16>);

impl Tape {
    fn below(&mut self, most: usize) -> usize {
        usize::from(self.0.next().unwrap_or(0)) % most
    }

    fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
enum Type {
    Flag,
    Whole,
    Single,
    Double,
    Text,
}

#[derive(Clone, Debug, PartialEq)]
enum Value {
    Flag(bool),
    Whole(i64),
    Single(f32),
    Double(f64),
    Text(String),
}

use Value::{Double, Flag, Single, Text, Whole};

/// A value or null; an error if there can be none.
type Answer = Result<Option<Value>, ()>;

/// One row.
#[derive(Clone, Debug)]
struct Row {
    x: Option<f32>,
    y: Option<f64>,
    n: Option<i64>,
    m: Option<i32>,
    flag: Option<bool>,
    note: Option<String>,
    label: Option<i32>,
    guess: Option<i32>,
    kind: Option<i32>,
}

/// A random expression: its text, its type, and what it is of a row.
struct Made {
    text: String,
    kind: Type,
    of: Box<dyn Fn(&Row) -> Answer>,
}

fn made(text: String, kind: Type, of: impl Fn(&Row) -> Answer + 'static) -> Made {
    let of = Box::new(of);
    Made { text, kind, of }
}

fn row(tape: &mut Tape) -> Row {
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

fn table(rows: &[Row]) -> View {
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
    view("random", columns, values)
}

// What values are.

fn common(one: Type, other: Type) -> Type {
    if one > other { one } else { other }
}

/// A value as one of a wider type.
#[allow(clippy::cast_precision_loss)]
fn wide(value: Value, kind: Type) -> Value {
    match (value, kind) {
        (Whole(number), Type::Single) => Single(number as f32),
        (Whole(number), Type::Double) => Double(number as f64),
        (Single(number), Type::Double) => Double(f64::from(number)),
        (value, _) => value,
    }
}

fn order(one: &Value, other: &Value) -> Ordering {
    fn floats(one: f64, other: f64) -> Ordering {
        let known = one.partial_cmp(&other);
        known.unwrap_or_else(|| one.is_nan().cmp(&other.is_nan()))
    }
    match (one, other) {
        (Flag(one), Flag(other)) => one.cmp(other),
        (Whole(one), Whole(other)) => one.cmp(other),
        (Single(one), Single(other)) => floats((*one).into(), (*other).into()),
        (Double(one), Double(other)) => floats(*one, *other),
        (Text(one), Text(other)) => one.cmp(other),
        _ => panic!("{one:?} beside {other:?}"),
    }
}

fn compared(one: Option<Value>, other: Option<Value>, kind: Type) -> Option<Ordering> {
    Some(order(&wide(one?, kind), &wide(other?, kind)))
}

fn computed(op: &str, one: Value, other: Value) -> Answer {
    macro_rules! floats {
        ($of:ident, $one:expr, $other:expr) => {
            $of(match op {
                "+" => $one + $other,
                "-" => $one - $other,
                "*" => $one * $other,
                "/" => $one / $other,
                _ => $one % $other,
            })
        };
    }
    Ok(Some(match (one, other) {
        (Whole(one), Whole(other)) => Whole(match op {
            "+" => one.wrapping_add(other),
            "-" => one.wrapping_sub(other),
            "*" => one.wrapping_mul(other),
            "/" => one.checked_div(other).ok_or(())?,
            _ if other == 0 => return Err(()),
            _ => one.wrapping_rem(other),
        }),
        (Single(one), Single(other)) => floats!(Single, one, other),
        (Double(one), Double(other)) => floats!(Double, one, other),
        other => panic!("{other:?}"),
    }))
}

fn flag(answer: Answer) -> Result<Option<bool>, ()> {
    Ok(match answer? {
        None => None,
        Some(Flag(flag)) => Some(flag),
        Some(other) => panic!("{other:?}"),
    })
}

fn text(answer: Answer) -> Result<Option<String>, ()> {
    Ok(match answer? {
        None => None,
        Some(Text(text)) => Some(text),
        Some(other) => panic!("{other:?}"),
    })
}

/// `like`, by its definition.
fn is_like(text: &[char], pattern: &[char]) -> bool {
    match pattern {
        [] => text.is_empty(),
        ['%', rest @ ..] => (0..=text.len()).any(|start| is_like(&text[start..], rest)),
        ['_', rest @ ..] => !text.is_empty() && is_like(&text[1..], rest),
        ['\\', next, rest @ ..] => text.first() == Some(next) && is_like(&text[1..], rest),
        [next, rest @ ..] => text.first() == Some(next) && is_like(&text[1..], rest),
    }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

// How expressions are made.

fn condition(tape: &mut Tape, depth: usize) -> Made {
    if depth == 0 {
        return match tape.below(4) {
            0 => made("true".into(), Type::Flag, |_| Ok(Some(Flag(true)))),
            1 => made("null".into(), Type::Flag, |_| Ok(None)),
            _ => made("flag".into(), Type::Flag, |row| Ok(row.flag.map(Flag))),
        };
    }
    match tape.below(11) {
        0 | 1 => joined(tape, depth - 1),
        2 => {
            let of = condition(tape, depth - 1);
            made(format!("(not {})", of.text), Type::Flag, move |row| {
                Ok(flag((of.of)(row))?.map(|flag| Flag(!flag)))
            })
        }
        3 => between(tape, depth - 1),
        4 => in_list(tape, depth - 1),
        5 => like(tape, depth - 1),
        6 => is(tape, depth - 1),
        7 => classes(tape),
        8 => chosen(tape, depth - 1, Type::Flag),
        9 => search(tape, depth - 1),
        _ => comparison(tape, depth - 1),
    }
}

fn joined(tape: &mut Tape, depth: usize) -> Made {
    let is_and = tape.below(2) == 0;
    let terms: Vec<Made> = (0..2 + tape.below(2))
        .map(|_| condition(tape, depth))
        .collect();
    let texts: Vec<&str> = terms.iter().map(|term| term.text.as_str()).collect();
    let text = format!("({})", texts.join(if is_and { " and " } else { " or " }));
    made(text, Type::Flag, move |row| {
        let mut known = Some(is_and);
        for term in &terms {
            known = match (known, flag((term.of)(row))?) {
                (_, Some(flag)) if flag != is_and => return Ok(Some(Flag(flag))),
                (Some(_), Some(flag)) => Some(flag),
                _ => None,
            };
        }
        Ok(known.map(Flag))
    })
}

/// Two values that go together.
fn pair(tape: &mut Tape, depth: usize) -> (Made, Made) {
    match tape.below(5) {
        0 => (
            value(tape, depth, Type::Text),
            value(tape, depth, Type::Text),
        ),
        1 => (
            value(tape, depth, Type::Flag),
            value(tape, depth, Type::Flag),
        ),
        _ => (number(tape, depth), number(tape, depth)),
    }
}

fn comparison(tape: &mut Tape, depth: usize) -> Made {
    let (one, other) = pair(tape, depth);
    let kind = common(one.kind, other.kind);
    let op = tape.pick(&[
        "=",
        "<>",
        "!=",
        "<",
        "<=",
        ">",
        ">=",
        "is distinct from",
        "is not distinct from",
    ]);
    let text = format!("({} {op} {})", one.text, other.text);
    made(text, Type::Flag, move |row| {
        let (one, other) = ((one.of)(row)?, (other.of)(row)?);
        let is_null = (one.is_none(), other.is_none());
        let order = compared(one, other, kind);
        let is_same = order.map_or(is_null == (true, true), Ordering::is_eq);
        Ok(match (op, order) {
            ("is distinct from", _) => Some(Flag(!is_same)),
            ("is not distinct from", _) => Some(Flag(is_same)),
            (_, None) => None,
            (op, Some(order)) => Some(Flag(match op {
                "=" => order.is_eq(),
                "<>" | "!=" => order.is_ne(),
                "<" => order.is_lt(),
                "<=" => order.is_le(),
                ">" => order.is_gt(),
                _ => order.is_ge(),
            })),
        })
    })
}

fn between(tape: &mut Tape, depth: usize) -> Made {
    let terms = [
        number(tape, depth),
        number(tape, depth),
        number(tape, depth),
    ];
    let kind = terms.iter().map(|term| term.kind).fold(Type::Whole, common);
    let is_not = tape.below(2) == 0;
    let [of, low, high] = &terms;
    let not = if is_not { " not" } else { "" };
    let text = format!("({}{not} between {} and {})", of.text, low.text, high.text);
    made(text, Type::Flag, move |row| {
        let [of, low, high] = &terms;
        let (of, low, high) = ((of.of)(row)?, (low.of)(row)?, (high.of)(row)?);
        let from = compared(of.clone(), low, kind).map(Ordering::is_ge);
        let to = compared(of, high, kind).map(Ordering::is_le);
        let both = match (from, to) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        };
        Ok(both.map(|both| Flag(both != is_not)))
    })
}

fn in_list(tape: &mut Tape, depth: usize) -> Made {
    let is_text = tape.below(3) == 0;
    let term = |tape: &mut Tape, depth| match is_text {
        true => value(tape, depth, Type::Text),
        false => number(tape, depth),
    };
    let of = term(tape, depth);
    let depths = [0, 0, 0, depth.min(1)];
    let list: Vec<Made> = (0..1 + tape.below(5))
        .map(|_| {
            let depth = tape.pick(&depths);
            term(tape, depth)
        })
        .collect();
    let kind = list.iter().map(|term| term.kind).fold(of.kind, common);
    let is_not = tape.below(2) == 0;
    let texts: Vec<&str> = list.iter().map(|term| term.text.as_str()).collect();
    let not = if is_not { " not" } else { "" };
    let text = format!("({}{not} in ({}))", of.text, texts.join(", "));
    made(text, Type::Flag, move |row| {
        let of = (of.of)(row)?;
        let mut found = Some(false);
        for other in &list {
            let same = compared(of.clone(), (other.of)(row)?, kind).map(Ordering::is_eq);
            found = match (found, same) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            };
        }
        Ok(found.map(|found| Flag(found != is_not)))
    })
}

fn like(tape: &mut Tape, depth: usize) -> Made {
    let of = value(tape, depth, Type::Text);
    // As it is written with `\` and with `!` before what stands for itself.
    let parts = [
        ("a", "a"),
        ("b", "b"),
        ("%", "%"),
        ("_", "_"),
        ("é", "é"),
        ("B", "B"),
        ("c", "c"),
        ("\\%", "!%"),
        ("\\\\", "\\"),
    ];
    let parts: Vec<(&str, &str)> = (0..tape.below(5)).map(|_| tape.pick(&parts)).collect();
    let pattern: String = parts.iter().map(|(part, _)| *part).collect();
    let other: String = parts.iter().map(|(_, part)| *part).collect();
    let (is_not, is_case_ignored) = (tape.below(2) == 0, tape.below(2) == 0);
    let not = if is_not { " not" } else { "" };
    let op = if is_case_ignored { "ilike" } else { "like" };
    let (shown, escape) = match tape.below(2) {
        0 => (&pattern, ""),
        _ => (&other, " escape '!'"),
    };
    let text = format!("({}{not} {op} {}{escape})", of.text, quoted(shown));
    made(text, Type::Flag, move |row| {
        let Some(text) = text_of(&of, row)? else {
            return Ok(None);
        };
        let letters = |text: &str| -> Vec<char> {
            match is_case_ignored {
                true => text.to_lowercase().chars().collect(),
                false => text.chars().collect(),
            }
        };
        let is_like = is_like(&letters(&text), &letters(&pattern));
        Ok(Some(Flag(is_like != is_not)))
    })
}

fn text_of(of: &Made, row: &Row) -> Result<Option<String>, ()> {
    text((of.of)(row))
}

fn is(tape: &mut Tape, depth: usize) -> Made {
    let is_not = tape.below(2) == 0;
    let not = if is_not { "not " } else { "" };
    let state = tape.pick(&["null", "true", "false", "unknown"]);
    let of = match state {
        "null" => any(tape, depth),
        _ => condition(tape, depth),
    };
    made(
        format!("({} is {not}{state})", of.text),
        Type::Flag,
        move |row| {
            let value = (of.of)(row)?;
            let is = match state {
                "true" => value == Some(Flag(true)),
                "false" => value == Some(Flag(false)),
                _ => value.is_none(),
            };
            Ok(Some(Flag(is != is_not)))
        },
    )
}

/// Classes beside names, numbers and other classes.
fn classes(tape: &mut Tape) -> Made {
    fn name(id: Option<i32>, names: &[&str]) -> Option<String> {
        Some(names[usize::try_from(id?).unwrap()].to_owned())
    }
    let flags = |flag: Option<bool>| Ok(flag.map(Flag));
    match tape.below(6) {
        0 => {
            let wanted = tape.pick(&NAMES);
            let is_not = tape.below(2) == 0;
            let op = if is_not { "<>" } else { "=" };
            made(format!("(label {op} '{wanted}')"), Type::Flag, move |row| {
                flags(name(row.label, &NAMES).map(|name| (name == wanted) != is_not))
            })
        }
        1 => {
            let id = tape.below(4);
            made(format!("(label >= {id})"), Type::Flag, move |row| {
                flags(row.label.map(|label| usize::try_from(label).unwrap() >= id))
            })
        }
        2 => made("(label = guess)".into(), Type::Flag, move |row| {
            flags(
                row.label
                    .zip(row.guess)
                    .map(|(label, guess)| label == guess),
            )
        }),
        3 => made("(label > \"Odd kind\")".into(), Type::Flag, move |row| {
            let both = name(row.label, &NAMES).zip(name(row.kind, &KINDS));
            flags(both.map(|(label, kind)| label > kind))
        }),
        4 => {
            let wanted = [tape.pick(&NAMES), tape.pick(&NAMES)];
            let text = format!("(label in ('{}', '{}', null))", wanted[0], wanted[1]);
            made(text, Type::Flag, move |row| {
                let name = name(row.label, &NAMES);
                flags(
                    name.filter(|name| wanted.contains(&name.as_str()))
                        .map(|_| true),
                )
            })
        }
        _ => made(
            "(nothing is distinct from label)".into(),
            Type::Flag,
            move |row| flags(Some(row.label.is_some())),
        ),
    }
}

fn search(tape: &mut Tape, depth: usize) -> Made {
    let (of, part) = (
        value(tape, depth, Type::Text),
        value(tape, depth, Type::Text),
    );
    let function = tape.pick(&["starts_with", "ends_with", "contains"]);
    let text = format!("{function}({}, {})", of.text, part.text);
    made(text, Type::Flag, move |row| {
        let (of, part) = (text_of(&of, row)?, text_of(&part, row)?);
        let (Some(of), Some(part)) = (of, part) else {
            return Ok(None);
        };
        Ok(Some(Flag(match function {
            "starts_with" => of.starts_with(&part),
            "ends_with" => of.ends_with(&part),
            _ => of.contains(&part),
        })))
    })
}

fn any(tape: &mut Tape, depth: usize) -> Made {
    match tape.below(3) {
        0 => value(tape, depth, Type::Text),
        1 => condition(tape, depth),
        _ => number(tape, depth),
    }
}

fn number(tape: &mut Tape, depth: usize) -> Made {
    let kind = tape.pick(&[Type::Whole, Type::Whole, Type::Single, Type::Double]);
    value(tape, depth, kind)
}

fn value(tape: &mut Tape, depth: usize, kind: Type) -> Made {
    match (kind, depth) {
        (Type::Flag, _) => condition(tape, depth),
        (_, 0) => leaf(tape, kind),
        _ if tape.below(4) == 0 => chosen(tape, depth - 1, kind),
        (Type::Text, _) => text_function(tape, depth - 1),
        _ => numeric(tape, depth - 1, kind),
    }
}

fn leaf(tape: &mut Tape, kind: Type) -> Made {
    let is_literal = tape.below(3) == 0;
    match (kind, is_literal) {
        (Type::Flag, _) => condition(tape, 0),
        (Type::Whole, true) => {
            let number = tape.pick(&[0, 1, -1, 2, 3, 100, 300, i64::MIN, i64::MAX]);
            made(number.to_string(), kind, move |_| Ok(Some(Whole(number))))
        }
        (Type::Whole, false) => match tape.below(3) {
            0 => made("m".into(), kind, |row| Ok(row.m.map(|m| Whole(m.into())))),
            1 => made("\"n\"".into(), kind, |row| Ok(row.n.map(Whole))),
            _ => made("N".into(), kind, |row| Ok(row.n.map(Whole))),
        },
        (Type::Single, _) => made("x".into(), kind, |row| Ok(row.x.map(Single))),
        (Type::Double, true) => {
            let text = tape.pick(&["0.0", "0.1", "2.5", "1e10", "-3.0", "0.5"]);
            let number = text.parse().unwrap();
            made(text.to_owned(), kind, move |_| Ok(Some(Double(number))))
        }
        (Type::Double, false) => made("y".into(), kind, |row| Ok(row.y.map(Double))),
        (Type::Text, true) => {
            let text = tape.pick(&["", "a", "b", "ab", "it's", "é", "%"]);
            made(quoted(text), kind, move |_| Ok(Some(Text(text.to_owned()))))
        }
        (Type::Text, false) => made("note".into(), kind, |row| Ok(row.note.clone().map(Text))),
    }
}

/// `case`, `coalesce`, `nullif`, `greatest` and `least`, whose type is that of the widest.
fn chosen(tape: &mut Tape, depth: usize, kind: Type) -> Made {
    let first = value(tape, depth, kind);
    let others: Vec<Made> = (0..1 + tape.below(2))
        .map(|_| {
            let narrow = tape.below(3) == 0 && matches!(kind, Type::Single | Type::Double);
            value(tape, depth, if narrow { Type::Whole } else { kind })
        })
        .collect();
    let values: Vec<Made> = std::iter::once(first).chain(others).collect();
    let texts: Vec<&str> = values.iter().map(|value| value.text.as_str()).collect();
    let joined = texts.join(", ");
    match tape.below(6) {
        0 => made(format!("coalesce({joined})"), kind, move |row| {
            for value in &values {
                if let Some(value) = (value.of)(row)? {
                    return Ok(Some(wide(value, kind)));
                }
            }
            Ok(None)
        }),
        1 => made(
            format!("nullif({}, {})", texts[0], texts[1]),
            kind,
            move |row| {
                let (of, other) = ((values[0].of)(row)?, (values[1].of)(row)?);
                let is_same = compared(of.clone(), other, kind).is_some_and(Ordering::is_eq);
                Ok(of.filter(|_| !is_same).map(|of| wide(of, kind)))
            },
        ),
        2 | 3 => {
            let is_greatest = tape.below(2) == 0;
            let name = if is_greatest { "greatest" } else { "least" };
            made(format!("{name}({joined})"), kind, move |row| {
                let mut best: Option<Value> = None;
                for value in &values {
                    let Some(value) = (value.of)(row)?.map(|value| wide(value, kind)) else {
                        continue;
                    };
                    let wanted = if is_greatest {
                        Ordering::Greater
                    } else {
                        Ordering::Less
                    };
                    if best
                        .as_ref()
                        .is_none_or(|best| order(&value, best) == wanted)
                    {
                        best = Some(value);
                    }
                }
                Ok(best)
            })
        }
        _ => case(tape, depth, values),
    }
}

fn case(tape: &mut Tape, depth: usize, mut values: Vec<Made>) -> Made {
    let otherwise = (tape.below(2) == 0).then(|| values.pop()).flatten();
    let of = (tape.below(2) == 0).then(|| number(tape, depth));
    let whens: Vec<Made> = values
        .iter()
        .map(|_| match &of {
            Some(_) => number(tape, depth),
            None => condition(tape, depth),
        })
        .collect();
    let wide_of = whens
        .iter()
        .chain(&of)
        .map(|when| when.kind)
        .fold(Type::Whole, common);
    let kinds = values.iter().chain(&otherwise).map(|value| value.kind);
    let kind = kinds.fold(Type::Flag, common);
    let mut text = String::from("case");
    if let Some(of) = &of {
        text += &format!(" {}", of.text);
    }
    for (when, then) in whens.iter().zip(&values) {
        text += &format!(" when {} then {}", when.text, then.text);
    }
    if let Some(otherwise) = &otherwise {
        text += &format!(" else {}", otherwise.text);
    }
    made(text + " end", kind, move |row| {
        let of = of.as_ref().map(|of| (of.of)(row)).transpose()?;
        for (when, then) in whens.iter().zip(&values) {
            let when = (when.of)(row);
            let is_taken = match &of {
                Some(of) => compared(of.clone(), when?, wide_of).is_some_and(Ordering::is_eq),
                None => flag(when)? == Some(true),
            };
            if is_taken {
                return Ok((then.of)(row)?.map(|value| wide(value, kind)));
            }
        }
        match &otherwise {
            Some(otherwise) => Ok((otherwise.of)(row)?.map(|value| wide(value, kind))),
            None => Ok(None),
        }
    })
}

fn text_function(tape: &mut Tape, depth: usize) -> Made {
    match tape.below(4) {
        0 => {
            let of = value(tape, depth, Type::Whole);
            made(
                format!("cast({} as text)", of.text),
                Type::Text,
                move |row| {
                    Ok((of.of)(row)?.map(|value| match value {
                        Whole(number) => Text(number.to_string()),
                        other => panic!("{other:?}"),
                    }))
                },
            )
        }
        1 => made("coalesce(label, note)".into(), Type::Text, |row| {
            let name = row
                .label
                .map(|label| NAMES[usize::try_from(label).unwrap()].to_owned());
            Ok(name.or_else(|| row.note.clone()).map(Text))
        }),
        _ => {
            let of = value(tape, depth, Type::Text);
            let is_upper = tape.below(2) == 0;
            let name = if is_upper { "upper" } else { "LOWER" };
            made(format!("{name}({})", of.text), Type::Text, move |row| {
                Ok(text_of(&of, row)?.map(|text| match is_upper {
                    true => Text(text.to_uppercase()),
                    false => Text(text.to_lowercase()),
                }))
            })
        }
    }
}

fn numeric(tape: &mut Tape, depth: usize, kind: Type) -> Made {
    match (tape.below(6), kind) {
        (0, Type::Whole) => whole_function(tape, depth),
        (0 | 1, Type::Single | Type::Double) => float_function(tape, depth, kind),
        (1, _) => {
            let of = value(tape, depth, kind);
            made(format!("(- {})", of.text), kind, move |row| {
                Ok((of.of)(row)?.map(|value| match value {
                    Whole(number) => Whole(number.wrapping_neg()),
                    Single(number) => Single(-number),
                    Double(number) => Double(-number),
                    other => panic!("{other:?}"),
                }))
            })
        }
        (2, Type::Double) => {
            let (base, exponent) = (number(tape, depth), number(tape, depth));
            let text = format!("power({}, {})", base.text, exponent.text);
            made(text, kind, move |row| {
                let double = |value: Value| match wide(value, Type::Double) {
                    Double(number) => number,
                    other => panic!("{other:?}"),
                };
                let (base, exponent) = ((base.of)(row)?, (exponent.of)(row)?);
                match base.map(double).zip(exponent.map(double)) {
                    Some((base, exponent)) if base == 0.0 && exponent < 0.0 => Err(()),
                    both => Ok(both.map(|(base, exponent)| Double(base.powf(exponent)))),
                }
            })
        }
        _ => {
            let one = value(tape, depth, kind);
            let narrow = tape.below(3) == 0 && kind != Type::Whole;
            let other = value(tape, depth, if narrow { Type::Whole } else { kind });
            let op = tape.pick(&["+", "-", "*", "/", "%"]);
            let text = format!("({} {op} {})", one.text, other.text);
            let kind = common(one.kind, other.kind);
            made(text, kind, move |row| {
                match ((one.of)(row)?, (other.of)(row)?) {
                    (Some(one), Some(other)) => computed(op, wide(one, kind), wide(other, kind)),
                    _ => Ok(None),
                }
            })
        }
    }
}

fn whole_function(tape: &mut Tape, depth: usize) -> Made {
    match tape.below(4) {
        0 => {
            let of = value(tape, depth, Type::Text);
            made(format!("length({})", of.text), Type::Whole, move |row| {
                let length = |text: String| Whole(i64::try_from(text.chars().count()).unwrap());
                Ok(text_of(&of, row)?.map(length))
            })
        }
        1 => {
            let of = value(tape, depth, Type::Whole);
            made(
                format!("abs({})", of.text),
                Type::Whole,
                move |row| match (of.of)(row)? {
                    Some(Whole(number)) => number.checked_abs().map(|n| Some(Whole(n))).ok_or(()),
                    _ => Ok(None),
                },
            )
        }
        2 => {
            let of = value(tape, depth, Type::Double);
            let is_tried = tape.below(2) == 0;
            let name = if is_tried { "try_cast" } else { "cast" };
            #[allow(clippy::cast_possible_truncation)]
            made(
                format!("{name}({} as bigint)", of.text),
                Type::Whole,
                move |row| {
                    let number = match (of.of)(row)? {
                        Some(Double(number)) => number.trunc(),
                        _ => return Ok(None),
                    };
                    let fits = (-(2.0_f64.powi(63))..2.0_f64.powi(63)).contains(&number);
                    match (fits, is_tried) {
                        (true, _) => Ok(Some(Whole(number as i64))),
                        (false, true) => Ok(None),
                        (false, false) => Err(()),
                    }
                },
            )
        }
        _ => {
            let of = condition(tape, depth);
            made(
                format!("cast({} as bigint)", of.text),
                Type::Whole,
                move |row| Ok(flag((of.of)(row))?.map(|flag| Whole(flag.into()))),
            )
        }
    }
}

fn float_function(tape: &mut Tape, depth: usize, kind: Type) -> Made {
    let of = value(tape, depth, kind);
    let name = tape.pick(&[
        "abs", "ceil", "exp", "floor", "ln", "log10", "round", "sqrt",
    ]);
    macro_rules! function {
        ($of:ident, $number:expr) => {
            $of(match name {
                "abs" => $number.abs(),
                "ceil" => $number.ceil(),
                "exp" => $number.exp(),
                "floor" => $number.floor(),
                "ln" => $number.ln(),
                "log10" => $number.log10(),
                "round" => $number.round(),
                _ if $number < 0.0 => return Err(()),
                _ => $number.sqrt(),
            })
        };
    }
    made(format!("{name}({})", of.text), of.kind, move |row| {
        Ok(match (of.of)(row)? {
            None => None,
            Some(Single(number)) => Some(function!(Single, number)),
            Some(Double(number)) => Some(function!(Double, number)),
            Some(other) => panic!("{other:?}"),
        })
    })
}

// What is held against what.

fn check_condition(view: &View, rows: &[Row], made: &Made) {
    let expression = Expression::parse(&made.text);
    let expression = expression.unwrap_or_else(|error| panic!("{}: {error}", made.text));
    let expected: Result<Vec<Option<bool>>, ()> =
        rows.iter().map(|row| flag((made.of)(row))).collect();
    match (view.matching(&expression), expected) {
        (Ok(mask), Ok(expected)) => {
            for (row, expected) in expected.iter().enumerate() {
                let is_match = *expected == Some(true);
                assert_eq!(
                    mask.contains(row),
                    is_match,
                    "{} of {:?}",
                    made.text,
                    rows[row]
                );
            }
        }
        (Err(tlc_view::Error::Expression { position, .. }), Err(())) => assert!(position > 0),
        (found, expected) => panic!("{}: {found:?}, {expected:?} of {rows:?}", made.text),
    }
}

fn check_values(view: &View, rows: &[Row], made: &Made) {
    let expression = Expression::parse(&made.text).unwrap();
    let expected: Result<Vec<Option<Value>>, ()> = rows.iter().map(|row| (made.of)(row)).collect();
    let view = match view.derive("derived", &expression) {
        Ok(view) => view,
        Err(error) => {
            let is_null = |expected: Vec<Option<Value>>| expected.iter().all(Option::is_none);
            assert!(expected.is_ok_and(is_null), "{}: {error}", made.text);
            return assert!(error.to_string().contains("null in all rows"), "{error}");
        }
    };
    match (view.column("derived"), expected) {
        (Ok(column), Ok(expected)) => {
            for (row, expected) in expected.into_iter().enumerate() {
                let found = match made.kind {
                    Type::Text => column.text(row).map(|text| Text(text.to_owned())),
                    Type::Whole => column.id(row).map(Whole),
                    _ => column.number(row).map(Double),
                };
                let expected = expected.map(|value| match value {
                    Flag(flag) => Double(flag.into()),
                    Single(number) => Double(number.into()),
                    other => other,
                });
                let is_same = match (&found, &expected) {
                    (Some(found), Some(expected)) => order(found, expected).is_eq(),
                    (found, expected) => found == expected,
                };
                let text = &made.text;
                assert!(
                    is_same,
                    "{text}: {found:?}, {expected:?} of {:?}",
                    rows[row]
                );
            }
        }
        (Err(tlc_view::Error::Expression { .. }), Err(())) => {}
        (found, expected) => panic!("{}: {found:?}, {expected:?} of {rows:?}", made.text),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn expressions_say_of_all_rows_what_an_interpreter_says_of_each(
        seeds in proptest::collection::vec(proptest::prelude::any::<u16>(), 100..2_500),
    ) {
        let mut tape = Tape(seeds.into_iter());
        let count = tape.pick(&[0, 1, 2, 7, 20, 70]);
        let mut made = |depth| (condition(&mut tape, depth), any(&mut tape, depth));
        let made = [made(1), made(2), made(3), made(4)];
        let rows: Vec<Row> = (0..count).map(|_| row(&mut tape)).collect();
        let view = table(&rows);
        for (condition, value) in &made {
            check_condition(&view, &rows, condition);
            check_values(&view, &rows, value);
        }
    }
}
