//! Expressions over known rows, and what comes of them.

use super::known::CONDITIONS;
use super::{animals, error_of, rows_of, view};
use std::sync::Arc;
use tlc_core::arrow::array::{ArrayRef, TimestampMicrosecondArray};
use tlc_core::{AddMetrics, Column, Columns, Run, RunOptions, Table, TableOptions, Url, ValueType};
use tlc_view::{Epochs, Error, Expression, Kind, View, ViewOptions};

#[test]
fn conditions_match_the_rows_for_which_they_are_true() {
    let view = animals("conditions");
    for (text, expected) in CONDITIONS {
        assert_eq!(rows_of(&view, text), *expected, "{text}");
    }
}

const NULL: &str = "null";
/// What comes of an expression in each row of `animals`.
const VALUES: &[(&str, [&str; 6])] = &[
    ("n / 2", ["0", "1", "-3", NULL, "50", "3"]),
    ("n / 2.0", ["0", "1.5", "-3.5", NULL, "50", "3.5"]),
    ("abs(loss - 0.5) * 2", ["0", "4", "NaN", NULL, "inf", "1"]),
    ("round(n, -1)", ["0", "0", "-10", NULL, "100", "10"]),
    ("round(loss)", ["1", "3", "NaN", NULL, "inf", "0"]),
    ("round(n / 3.0, 1)", ["0", "1", "-2.3", NULL, "33.3", "2.3"]),
    ("floor(loss)", ["0", "2", "NaN", NULL, "inf", "0"]),
    ("ceil(n)", ["0", "3", "-7", NULL, "100", "7"]),
    (
        "sqrt(abs(n) + 2)",
        [
            "1.4142135623730951",
            "2.23606797749979",
            "3",
            NULL,
            "10.099504938362077",
            "3",
        ],
    ),
    ("power(n, 2)", ["0", "9", "49", NULL, "10000", "49"]),
    (
        "ln(Weight)",
        [
            "0",
            "-0.6931471805599453",
            "-inf",
            "690.7755278982137",
            "NaN",
            "0.6931471805599453",
        ],
    ),
    ("log10(100)", ["2"; 6]),
    ("exp(0 * n)", ["1", "1", "1", NULL, "1", "1"]),
    (
        "case when loss > 1 then 'bad' else 'good' end",
        ["good", "bad", "bad", "good", "bad", "good"],
    ),
    (
        "case when n > 50 then n when loss < 1 then 0.5 end",
        ["0.5", NULL, NULL, NULL, "100", "0.5"],
    ),
    ("coalesce(n, -1)", ["0", "3", "-7", "-1", "100", "7"]),
    (
        "coalesce(label, predicted)",
        ["cat", "dog", "owl", "dog", "dog", "owl"],
    ),
    (
        "coalesce(label, 'none')",
        ["cat", "dog", "owl", "none", "dog", "owl"],
    ),
    (
        "coalesce(label, other)",
        ["cat", "dog", "owl", "cat", "dog", "owl"],
    ),
    (
        "nullif(label, 'cat')",
        [NULL, "dog", "owl", NULL, "dog", "owl"],
    ),
    ("nullif(label, 1)", ["cat", NULL, "owl", NULL, NULL, "owl"]),
    ("nullif(n, 7)", ["0", "3", "-7", NULL, "100", NULL]),
    (
        "lower(note)",
        ["dog house", NULL, "über", "100%", "", "a_b"],
    ),
    ("upper(label)", ["CAT", "DOG", "OWL", NULL, "DOG", "OWL"]),
    ("length(note)", ["9", NULL, "4", "4", "0", "3"]),
    ("cast(n as text)", ["0", "3", "-7", NULL, "100", "7"]),
    ("label::text", ["cat", "dog", "owl", NULL, "dog", "owl"]),
    ("cast(flag as int)", ["1", "0", NULL, "1", "0", NULL]),
    ("try_cast(note as int)", [NULL; 6]),
    (
        "try_cast(loss as bigint)",
        ["0", "2", NULL, NULL, NULL, "0"],
    ),
    ("label + 1", ["1", "2", "3", NULL, "2", "3"]),
    ("label", ["cat", "dog", "owl", NULL, "dog", "owl"]),
    ("greatest(n, 5, null)", ["5", "5", "5", "5", "100", "7"]),
    ("least(label, 1)", ["0", "1", "1", "1", "1", "1"]),
    (
        "9223372036854775807 + n",
        [
            "9223372036854775807",
            "-9223372036854775806",
            "9223372036854775800",
            NULL,
            "-9223372036854775709",
            "-9223372036854775802",
        ],
    ),
    ("cast(null as double)", [NULL; 6]),
    ("'it''s'", ["it's"; 6]),
];

#[test]
fn values_are_those_of_datafusion() {
    let view = animals("values");
    for (text, expected) in VALUES {
        let view = view.derive("x", &Expression::parse(text).unwrap());
        let column = view.and_then(|view| view.column("x"));
        let column = column.unwrap_or_else(|error| panic!("{text}: {error}"));
        let told = |row| match (column.kind(), column.text(row), column.id(row)) {
            (_, Some(text), _) => text.to_owned(),
            (_, _, Some(whole)) => whole.to_string(),
            _ => match column.number(row) {
                Some(number) => (number + 0.0).to_string(),
                None => NULL.to_owned(),
            },
        };
        let found: Vec<String> = (0..6).map(told).collect();
        assert_eq!(found, *expected, "{text}");
    }
}

#[test]
fn a_name_with_a_dot_is_the_column_of_the_table() {
    let root = Url::parse("memory://expressions-dots/").unwrap();
    let options = TableOptions::new("demo", "rows", "initial").root(&root);
    let rows = Columns::new().column("label", vec![0, 1, 1]);
    let table = Table::create(options, |writer| writer.add_batch(rows)).unwrap();
    let run = Run::create(RunOptions::new("demo").root(&root)).unwrap();
    let values = Columns::new().column("label", vec![0, 1, 0]);
    run.add_metrics(values, AddMetrics::new().foreign_table(&table))
        .unwrap();
    let view = ViewOptions::new().run(&run).open().unwrap();
    assert_eq!(rows_of(&view, "label <> table.label"), [2]);
    assert_eq!(rows_of(&view, "label <> TABLE.Label"), [2]);
    assert_eq!(
        rows_of(&view, "\"table.label\" = 1 and table = 'rows/initial'"),
        [1, 2]
    );
}

#[test]
fn moments_are_compared_with_texts() {
    let moment = Column::new("at", ValueType::Datetime);
    let hour = 3_600_000_000;
    let times = TimestampMicrosecondArray::from(vec![0, hour, 24 * hour]).with_timezone("UTC");
    let rows = Columns::new().column("at", Arc::new(times) as ArrayRef);
    let view = view("moments", vec![moment], rows);
    assert_eq!(rows_of(&view, "at >= '1970-01-01 01:00:00'"), [1, 2]);
    assert_eq!(rows_of(&view, "at = '1970-01-02'"), [2]);
    assert_eq!(rows_of(&view, "at < timestamp '1970-01-01T01:00:00Z'"), [0]);
    assert_eq!(
        rows_of(&view, "at between '1970-01-01' and '1970-01-01 12:00:00'"),
        [0, 1]
    );
    assert_eq!(rows_of(&view, "cast(at as text) like '%T01:%'"), [1]);
    let latest = Expression::parse("greatest(at, '1970-01-01 12:00:00')").unwrap();
    let latest = view
        .derive("latest", &latest)
        .unwrap()
        .column("latest")
        .unwrap();
    assert_eq!(latest.kind(), Kind::Moment);
    assert_eq!(latest.id(0), Some(12 * hour));
    let error = error_of(&view, "at > 'yesterday'").to_string();
    assert!(
        error.contains("YYYY-MM-DD") && error.contains("character 6"),
        "{error}"
    );
    let error = error_of(&view, "at + 1 > at").to_string();
    assert!(error.contains("moment"), "{error}");
}

#[test]
fn a_derived_column_is_one_like_others() {
    let view = animals("derived");
    let bytes = view.memory();
    let worse = view
        .derive("twice", &Expression::parse("n * 2").unwrap())
        .unwrap();
    let worse = worse
        .derive("more", &Expression::parse("twice + 1").unwrap())
        .unwrap();
    assert_eq!(view.memory(), bytes, "nothing was read");
    assert_eq!(rows_of(&worse, "more = 7 and \"twice\" = 6"), [1]);
    assert_eq!(worse.meaning("more").unwrap().kind, Kind::Number);
    assert_eq!(worse.columns().last().unwrap().name, "more");
    let cell = worse.cell(1, "more").unwrap().unwrap();
    assert_eq!(cell.len(), 1);
    assert_eq!(worse.cell(3, "more").unwrap(), None);
    assert!(view.column("more").is_err());
    let label = worse.derive(
        "best",
        &Expression::parse("coalesce(label, predicted)").unwrap(),
    );
    let label = label.unwrap();
    assert_eq!(label.meaning("best").unwrap().kind, Kind::Class);
    assert_eq!(rows_of(&label, "best = 'dog'"), [1, 3, 4]);
    let refused = |name: &str, text: &str| {
        let error = worse.derive(name, &Expression::parse(text).unwrap());
        error.unwrap_err().to_string()
    };
    assert!(refused("n", "1").contains("a name that no column has"));
    assert!(refused("", "1").contains("a name that no column has"));
    assert!(refused("x", "null").contains("null in all rows"));
    assert!(refused("x", "nn + 1").contains("no column `nn`"));
    assert!(refused("x", "note + 1").contains("character 1"));
    let mut deep = view;
    let names: Vec<String> = (0..20).map(|depth| format!("d{depth}")).collect();
    let mut text = "n".to_owned();
    let refused = names.iter().find_map(|name| {
        match deep.derive(name, &Expression::parse(&text).unwrap()) {
            Ok(view) => deep = view,
            Err(error) => return Some(error.to_string()),
        }
        text = format!("{name} + 1");
        None
    });
    assert!(refused.unwrap().contains("16"));
    assert_eq!(deep.column("d15").unwrap().number(1), Some(18.0));
}

#[test]
fn a_derived_column_stays_what_it_was_when_others_come() {
    let view = animals("order");
    let view = view
        .derive("x", &Expression::parse("N + 1").unwrap())
        .unwrap();
    let view = view
        .derive("N", &Expression::parse("x * 10").unwrap())
        .unwrap();
    assert_eq!(rows_of(&view, "x = 4 and \"N\" = 40 and n = 3"), [1]);
}

#[test]
fn a_refresh_keeps_derived_columns_and_the_stream() {
    let root = Url::parse("memory://expressions-refresh/").unwrap();
    let options = TableOptions::new("demo", "rows", "initial").root(&root);
    let rows = Columns::new().column("label", vec![0, 1]);
    let table = Table::create(options, |writer| writer.add_batch(rows)).unwrap();
    let run = Run::create(RunOptions::new("demo").root(&root)).unwrap();
    let collect = |epoch: i64, stream: &str, name: &str| {
        let values = Columns::new()
            .column("example_id", vec![0_i64, 1])
            .column("loss", vec![1.0, 2.0])
            .column(name, vec![10.0, 20.0]);
        let options = AddMetrics::new().foreign_table(&table).stream(stream);
        run.add_metrics(values, options.constant("epoch", epoch))
            .unwrap();
    };
    collect(1, "early", "extra");
    let options = ViewOptions::new().run(&run).epochs(Epochs::All);
    let view = options.open().unwrap();
    let twice = Expression::parse("loss * 2").unwrap();
    let view = view.derive("twice", &twice).unwrap();
    view.column("twice").unwrap();
    collect(2, "early", "extra");
    let fresh = view.refresh().unwrap().unwrap();
    let values = |view: &View| -> Vec<Option<f64>> {
        let twice = view.column("twice").unwrap();
        (0..twice.len()).map(|row| twice.number(row)).collect()
    };
    assert_eq!(values(&fresh), [2.0, 4.0, 2.0, 4.0].map(Some));
    for epoch in 3..6 {
        collect(epoch, "metrics", "twice");
    }
    assert!(fresh.refresh().unwrap().is_none(), "the stream stays");
    let other = ViewOptions::new()
        .run(&run)
        .stream("metrics")
        .open()
        .unwrap();
    let error = other.derive("twice", &twice).unwrap_err();
    assert!(matches!(error, Error::Setting { .. }), "{error}");
}

#[test]
fn rows_past_the_first_block_are_like_the_others() {
    let rows = 150_000_i64;
    let columns = vec![
        Column::new("n", ValueType::Int64),
        Column::new("x", ValueType::Float64),
    ];
    let values = Columns::new()
        .column("n", (0..rows).collect::<Vec<_>>())
        .column("x", (0..rows).map(|n| (n as f64).sin()).collect::<Vec<_>>());
    let view = view("blocks", columns, values);
    let expected: Vec<usize> = (0..150_000)
        .filter(|n| (*n as f64).sin() > 0.5 && n % 7 != 3)
        .collect();
    assert_eq!(rows_of(&view, "x > 0.5 and n % 7 <> 3"), expected);
    let text = "case when n % 2 = 0 then n else 1000000 / (n - 1) end";
    let error = view.derive("y", &Expression::parse(text).unwrap()).unwrap();
    assert!(matches!(
        error.column("y"),
        Err(Error::Expression { position: 44, .. })
    ));
    let text = "case when n % 2 = 0 then -n else n / 3 end";
    let column = view.derive("y", &Expression::parse(text).unwrap()).unwrap();
    let column = column.column("y").unwrap();
    assert!((0..150_000_i64).all(|n| {
        let expected = if n % 2 == 0 { -n } else { n / 3 };
        column.id(usize::try_from(n).unwrap()) == Some(expected)
    }));
}
