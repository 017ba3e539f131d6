//! Pages that are left out of a group of rows by what its file tells of them.

use super::{answer, cells};
use std::sync::LazyLock;
use tlc_core::{Columns, Table, TableOptions, Url};

/// In one group of rows.
const ROWS: i32 = 100_000;

/// Where the table is, which is written before groups of rows are small.
pub(crate) fn root() -> &'static Url {
    static ROOT: LazyLock<Url> = LazyLock::new(|| {
        let root = Url::parse("memory://query-pages").unwrap();
        write(&root);
        root
    });
    &ROOT
}

/// What is told of a text in a page are its first 64 bytes.
fn text(row: i32) -> String {
    format!("{row:05}{}", "x".repeat(95))
}

fn maybe(row: i32) -> Option<i32> {
    (row >= 25_000).then_some(row / 10_000)
}

/// Every number below `ROWS` once.
fn mixed(row: i32) -> i32 {
    (i64::from(row) * 7_919 % i64::from(ROWS)) as i32
}

fn write(root: &Url) {
    let rows = Columns::new()
        .column("number", Vec::from_iter(0..ROWS))
        .column("text", Vec::from_iter((0..ROWS).map(text)))
        .column("maybe", Vec::from_iter((0..ROWS).map(maybe)))
        .column("mixed", Vec::from_iter((0..ROWS).map(mixed)));
    let options = TableOptions::new("p", "d", "t").root(root);
    let table = Table::create(options, |writer| writer.add_batch(rows)).unwrap();
    assert_eq!(table.row_groups().unwrap().len(), 1);
    let pages = |column: &str| {
        let told = table.page_statistics(0, column).unwrap();
        told.unwrap().rows
    };
    // Whose pages end in the same rows would hide that others do not.
    assert!(pages("number").len() > 4 && pages("text") != pages("number"));
}

/// How many rows a question reads, and how many it finds.
fn read_and_found(asked: &str) -> (usize, usize) {
    let sql = format!("SELECT number FROM p.tables.d.t WHERE {asked}");
    let plan = answer(root(), &format!("EXPLAIN {sql}"));
    let read = plan.split_once("ScanRows: rows=").map(|(_, rest)| rest);
    let read = read.and_then(|rest| rest.split(' ').next());
    let read = read.map_or(0, |rows| rows.parse().unwrap());
    let found = cells(root(), &format!("SELECT count(*) FROM ({sql})"));
    (read, found[0].parse().unwrap())
}

#[test]
fn of_a_group_the_pages_are_read_that_may_have_what_is_asked_for() {
    let number = format!("text = '{}'", text(70_000));
    for (asked, most, found) in [
        ("number = 50000", 21_000, 1),
        ("number BETWEEN 15000 AND 45000", 62_000, 30_001),
        ("number IN (3, 99999)", 100_000, 2),
        (number.as_str(), 11_000, 1),
        // Of both columns, whose pages end in different rows.
        ("number > 60000 AND maybe < 7", 41_000, 9_999),
        ("maybe IS NULL", 41_000, 25_000),
        ("maybe IS NOT NULL AND number < 10", 0, 0),
        ("maybe = 2", 42_000, 5_000),
        ("example_id = 50000 AND number > 3", 1_024, 1),
        ("mixed = 77", 100_000, 1),
        ("number = -1", 0, 0),
    ] {
        let (read, is_found) = read_and_found(asked);
        assert_eq!(is_found, found, "{asked}");
        assert!(read <= most, "{asked}: {read} rows are read");
    }
}

/// What is asked of a row, in SQL and in Rust.
type Asked = (String, Box<dyn Fn(i32) -> bool>);

fn asked(kind: i32, bound: i32) -> Asked {
    let tens = bound / 10_000;
    match kind {
        0 => (
            format!("number < {bound}"),
            Box::new(move |row| row < bound),
        ),
        1 => (
            format!("text >= '{}'", text(bound)),
            Box::new(move |row| row >= bound),
        ),
        2 => (
            format!("number BETWEEN {bound} AND {}", bound + 500),
            Box::new(move |row| (bound..=bound + 500).contains(&row)),
        ),
        3 => (
            format!("maybe > {tens}"),
            Box::new(move |row| maybe(row).is_some_and(|maybe| maybe > tens)),
        ),
        4 => (
            "maybe IS NULL".to_owned(),
            Box::new(|row| maybe(row).is_none()),
        ),
        _ => (
            format!("mixed <> {bound}"),
            Box::new(move |row| mixed(row) != bound),
        ),
    }
}

fn both(first: Asked, second: Asked) -> Asked {
    let sql = format!("{} AND {}", first.0, second.0);
    (sql, Box::new(move |row| first.1(row) && second.1(row)))
}

fn either(first: Asked, second: Asked) -> Asked {
    let sql = format!("{} OR {}", first.0, second.0);
    (sql, Box::new(move |row| first.1(row) || second.1(row)))
}

#[test]
fn whatever_is_asked_for_is_found_in_the_pages_that_are_read() {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut below = |end: i32| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % end as u64) as i32
    };
    let mut skipped = 0;
    for _ in 0..150 {
        let terms = (asked(below(6), below(ROWS)), asked(below(6), below(ROWS)));
        let (sql, is_asked) = match below(2) {
            0 => both(terms.0, terms.1),
            _ => either(terms.0, terms.1),
        };
        let (read, found) = read_and_found(&sql);
        assert_eq!(
            found,
            (0..ROWS).filter(|row| is_asked(*row)).count(),
            "{sql}"
        );
        skipped += usize::from(read < ROWS as usize);
    }
    assert!(skipped > 50, "{skipped}");
}
