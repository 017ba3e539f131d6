//! Expressions that are none: the error says what is wrong, where, and what to do.

use super::{animals, error_of, rows_of, view};
use std::time::Instant;
use tlc_core::{Column, Columns, ValueType};
use tlc_view::{Error, Expression};

/// The place of an error, and what it says.
fn place_of(error: &Error) -> (usize, String) {
    match error {
        Error::Expression {
            position, reason, ..
        } => (*position, reason.clone()),
        other => panic!("{other}"),
    }
}

/// What is wrong, at which character, and a part of what the error says.
const WRONG: &[(&str, usize, &str)] = &[
    ("", 1, "write one such as `loss > 2`"),
    ("  -- nothing", 1, "no expression"),
    ("loss >", 7, "expected an expression"),
    ("loss > > 2", 8, "expected an expression"),
    ("loss > 2 label", 10, "`label` does not go on"),
    ("loss > 2; n", 9, "`;`"),
    ("(loss > 2", 10, "expected"),
    ("note = 'open", 8, "Unterminated string"),
    ("n = 1 and\nlos > 2", 11, "is it `loss`?"),
    ("n = 1 and\n  größe > 2", 13, "no column `größe`"),
    ("xyzxyz > 2", 1, "there are `loss`"),
    ("\"weight\" > 2", 1, "`Weight`"),
    ("label = 'cta'", 9, "is it `cat`?"),
    (
        "label in ('cat', 'whale')",
        18,
        "there are `cat`, `dog`, `owl`",
    ),
    ("nothing = 'x'", 11, "there is none"),
    (
        "loss + 1",
        1,
        "expected a condition such as `loss > 2`, found a number",
    ),
    ("n = 1 or note", 10, "expected a condition, found a text"),
    ("not n", 5, "expected a condition, found a whole number"),
    ("note > 1", 8, "cast(… as double)"),
    ("n > 'x'", 5, "not a whole number"),
    ("n > '2.5'", 5, "not a whole number"),
    ("flag > 1", 8, "does not go with"),
    ("note + 1 > 2", 1, "cast(… as double)"),
    ("1 + flag > 2", 5, "found true or false"),
    ("n like '1%'", 1, "cast(… as text)"),
    ("note like note", 11, "in single quotes"),
    ("note like 'a' escape 'ab'", 22, "one character"),
    ("lower(n) = 'x'", 7, "cast(… as text)"),
    ("key + 1 > 2", 1, "past 9223372036854775807"),
    ("coalesce(key, n) > 2", 10, "do not go into one column"),
    ("coalesce(note, 1) = 'x'", 16, "does not go with"),
    ("sigmoid(loss) > 1", 1, "there are abs, ceil, coalesce"),
    ("n = 1 and count(n) > 1", 11, "about many rows"),
    ("abs(n, 1) > 1", 1, "`abs` takes 1 argument, and has 2"),
    ("round() > 1", 1, "1 or 2 arguments"),
    ("round(n, n) > 1", 10, "places from -30 to 30"),
    ("n in (select 1)", 1, "list of values"),
    ("n = (select 1)", 6, "no queries"),
    ("count(*) > 1", 1, "about many rows"),
    ("abs(*) > 1", 1, "a value is expected"),
    ("sum(n) over () > 1", 1, "about many rows"),
    ("abs(n) over () > 1", 1, "just values"),
    ("cast(n as json) is null", 6, "no type `JSON`"),
    (
        "\"table\".\"x\" = 1",
        1,
        "in quotes as a whole: \"table.x\"",
    ),
    ("note || 'x' = 'y'", 9, "no operator `||`"),
    ("n & 1 = 1", 5, "no operator `&`"),
    ("n = any (1)", 1, "not for expressions about a row"),
    (
        "interval '1 day' is null",
        10,
        "not for expressions about a row",
    ),
    ("n = ?", 5, "single quotes"),
    ("substring(note, 1) = 'x'", 11, "no such function"),
    ("10 / n > 1", 6, "`x / nullif(y, 0)`"),
    ("n > 0 and 10 % (n - 3) > 1", 17, "division by zero"),
    ("sqrt(n) > 1", 1, "no square root"),
    ("power(Weight - 1, -1) > 1", 1, "no negative power"),
    ("abs(-9223372036854775807 - 1 + 0 * n) > 0", 1, "64 bits"),
    ("cast(note as int) > 1", 6, "dog house"),
    ("cast(loss as bigint) > 1", 6, "Int64"),
    ("date '1970-13-01' is null", 6, "YYYY-MM-DD"),
];

#[test]
fn errors_point_at_the_place_and_say_what_to_do() {
    let view = animals("places");
    for (text, position, says) in WRONG {
        let (found, reason) = place_of(&error_of(&view, text));
        assert_eq!(found, *position, "{text}: {reason}");
        assert!(reason.contains(says), "{text}: {reason}");
    }
}

#[test]
fn columns_are_those_that_are_written() {
    let expression: Expression =
        "Loss > 2 and (loss < 3 or \"a b\" in (x.y, 1)) or case loss when z then 1 end = 1"
            .parse()
            .unwrap();
    assert_eq!(expression.columns(), ["Loss", "loss", "a b", "x.y", "z"]);
    assert!(expression.to_string().starts_with("Loss > 2"));
    assert!(Expression::parse("1 = 1").unwrap().columns().is_empty());
}

#[test]
fn hostile_texts_are_refused_or_answered_soon() {
    let view = animals("hostile");
    let many = |text: &str, count: usize| text.repeat(count);
    let refused = [
        many("(", 1 << 20),
        many("(", 200_000),
        many("(", 60) + "1" + &many(")", 60),
        many("not ", 1_000) + "true",
        many("- ", 1_000) + "1 = 1",
        "1".to_owned() + &many(" + 1", 1_999) + " = 1",
        "n".to_owned() + &many(" is null", 900),
        "n".to_owned() + &many("::int", 900),
        "n".to_owned() + &many("[1]", 600),
        "n".to_owned() + &many(".n", 900),
        "n".to_owned() + &many(" = n", 1_900),
        many("case when ", 900) + "true",
        many("case n when ", 900) + "true",
        many("abs(", 5_000) + "1",
        many("coalesce(1, ", 40) + "note" + &many(")", 40) + " = 'x'",
        many("cast(", 2_000),
        "n = 1\0".to_owned(),
        "\0".to_owned(),
        "n = 'a\0".to_owned(),
        "n = 1 /* ".to_owned() + &many("/* ", 10_000),
        "'".to_owned(),
        "$$".to_owned(),
        "n = 1 or ".to_owned() + &many("x", 100_000) + " = 1",
        "label = '".to_owned() + &many("x", 100_000) + "'",
        "note like '".to_owned() + &many("_", 200_000) + "'",
        many("😀", 1_000),
        "n in (".to_owned() + &many("m, ", 30_000) + "1)",
    ];
    for text in &refused {
        let start = Instant::now();
        let error = error_of(&view, text);
        assert!(error.to_string().chars().count() < 5_000, "{error}");
        let (position, _) = place_of(&error);
        assert!(position <= text.chars().count() + 1);
        assert!(start.elapsed().as_secs() < 60, "{error}");
    }
    let list: Vec<String> = (0..30_000).map(|n| n.to_string()).collect();
    let in_list = format!("n in ({})", list.join(","));
    assert_eq!(rows_of(&view, &in_list), [0, 1, 4, 5]);
    let any: Vec<String> = (0..900).map(|n| format!("n = {n}")).collect();
    assert_eq!(rows_of(&view, &any.join(" or ")), [0, 1, 4, 5]);
    let all = "n is not null".to_owned() + &many(" and n > -9", 600);
    assert_eq!(rows_of(&view, &all), [0, 1, 2, 4, 5]);
    let deep = many("(", 40) + "n = 3" + &many(")", 40);
    assert_eq!(rows_of(&view, &deep), [1]);
    assert_eq!(rows_of(&view, "note = 'a\0b' or n = 3"), [1]);
}

#[test]
fn patterns_with_many_wildcards_take_time_as_long_as_the_text() {
    let note = Column::new("note", ValueType::String);
    let rows = Columns::new().column("note", vec!["a".repeat(100_000); 20]);
    let view = view("wildcards", vec![note], rows);
    let start = Instant::now();
    for pattern in [
        "%a".repeat(400) + "b",
        "%a_".repeat(300) + "%b",
        "_".repeat(900),
    ] {
        for operator in ["like", "ilike"] {
            let condition = format!("note {operator} '{pattern}'");
            assert_eq!(rows_of(&view, &condition), [0_usize; 0]);
        }
    }
    assert!(start.elapsed().as_secs() < 120, "{:?}", start.elapsed());
}
