//! JSON lines.

use crate::{Place, shown, texts, value};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use tlc_core::{Column, Table, ValueType};
use tlc_formats::{Error, JsonLines, Result, Rows, ToJsonLines, export, import};

fn read(place: &Place, text: &str) -> Result<Table> {
    place.import(&JsonLines::new(place.file("a.jsonl", text)))
}

fn list(item: ValueType) -> ValueType {
    let item = Box::new(item);
    ValueType::List { item, len: None }
}

#[test]
fn nested_optional_and_ragged_values_have_types_of_their_own() {
    let place = Place::new();
    let table = read(
        &place,
        "{\"n\":1,\"box\":{\"x\":1,\"tags\":[\"a\",null]}}\n\n\
         {\"box\":{\"x\":2.5},\"n\":null,\"m\":[[1],[],[2,3]]}\n{\"n\":3,\"box\":null}\n",
    )
    .unwrap();
    assert_eq!(value(&table, "n"), ValueType::Int64);
    assert_eq!(value(&table, "m"), list(list(ValueType::Int64)));
    let ValueType::Struct { fields } = value(&table, "box") else {
        panic!();
    };
    assert_eq!(fields[0], Column::new("x", ValueType::Float64));
    assert_eq!(fields[1].value, list(ValueType::String));
    assert!(fields[1].nullable && table.schema().require("box").unwrap().nullable);
    assert_eq!(shown(&table, "n"), ["1", "", "3"]);
    assert_eq!(shown(&table, "m"), ["", "[[1], [], [2, 3]]", ""]);
    assert_eq!(
        shown(&table, "box")[..2],
        ["{x: 1.0, tags: [a, ]}", "{x: 2.5, tags: }"]
    );
}

#[test]
fn whole_numbers_are_exact_or_refused() {
    let place = Place::new();
    let table = read(
        &place,
        "{\"a\":9223372036854775807,\"b\":18446744073709551615}\n",
    )
    .unwrap();
    assert_eq!(shown(&table, "a"), ["9223372036854775807"]);
    assert_eq!(value(&table, "b"), ValueType::UInt64);
    assert_eq!(shown(&table, "b"), ["18446744073709551615"]);
    for (text, told) in [
        ("{\"a\":18446744073709551616}\n", "more than 64 bits"),
        (
            "{\"a\":0.5}\n{\"a\":9007199254740993}\n",
            "a float would round",
        ),
        (
            "{\"a\":-1}\n{\"a\":18446744073709551615}\n",
            "no type holds both",
        ),
    ] {
        let refused = read(&place, text).unwrap_err().to_string();
        assert!(refused.contains(told), "{refused}");
    }
    let place = Place::new();
    let table = read(&place, "{\"a\":1e300,\"b\":1e20,\"c\":-0.0}\n").unwrap();
    assert_eq!(shown(&table, "a"), ["1e300"]);
    assert_eq!(shown(&table, "c"), ["-0.0"]);
}

#[test]
fn columns_of_different_kinds_are_refused_by_their_lines_or_settled_by_hand() {
    let place = Place::new();
    let file = place.file("a.jsonl", "{\"x\":1}\n{\"x\":2}\n{\"x\":\"three\"}\n");
    let json = JsonLines::new(file);
    let refused = place.import(&json).unwrap_err().to_string();
    assert!(
        refused.contains("column `x`: a number in line 1, a text in line 3"),
        "{refused}"
    );
    let options = place.options().column(Column::new("x", ValueType::Int16));
    let refused = import(&json, options.clone()).unwrap_err().to_string();
    assert!(
        refused.contains("line 3, column `x`, value \"three\": is no whole"),
        "{refused}"
    );
    let imported = import(&json, options.skip_bad_rows()).unwrap();
    assert_eq!(shown(&imported.table, "x"), ["1", "2"]);
}

#[test]
fn declared_columns_are_moments_bytes_vectors_and_labels() {
    let place = Place::new();
    let file = place.file(
        "a.jsonl",
        "{\"t\":\"2024-02-29T12:30:00+01:00\",\"b\":\"AQI=\",\"e\":[1,0.1],\"l\":\"dog\"}\n",
    );
    let columns = [
        Column::new("t", ValueType::Datetime),
        Column::new("b", ValueType::image_bytes()),
        Column::new("e", ValueType::Embedding { dim: 2 }),
        Column::new("l", ValueType::labels(["cat", "dog"])),
    ];
    let options = place.options().columns(columns);
    let table = import(&JsonLines::new(file), options).unwrap().table;
    assert_eq!(shown(&table, "t"), ["2024-02-29T11:30:00"]);
    assert_eq!(shown(&table, "b"), ["0102"]);
    assert_eq!(shown(&table, "e"), ["[1.0, 0.1]"]);
    assert_eq!(shown(&table, "l"), ["1"]);
}

#[test]
fn lines_that_are_no_objects_are_bad_rows() {
    let place = Place::new();
    let bad = [
        "{\"x\":1,\"x\":2}",
        "{\"x\":1} {\"x\":2}",
        "[1]x",
        "3",
        "{\"x\":",
        "{\"x\":NaN}",
        "{'x':1}",
        "{\"x\":\"\\ud800\"}",
        "nul",
    ];
    for line in bad {
        let text = format!("{{\"x\":0}}\n{line}\n{{\"x\":5}}\n");
        let file = place.file("a.jsonl", text);
        let json = JsonLines::new(file);
        match import(&json, place.options().table("bad")) {
            Err(Error::Row(row)) => assert!(row.to_string().contains("line 2"), "{line}: {row}"),
            other => panic!("{line}: {other:?}"),
        }
        let imported = import(&json, place.options().skip_bad_rows()).unwrap();
        assert_eq!(shown(&imported.table, "x"), ["0", "5"], "{line}");
    }
    let deep = format!("{}{}", "{\"x\":".repeat(100_000), "}".repeat(100_000));
    let file = place.file("deep.jsonl", deep + "\n");
    assert!(matches!(
        place.import(&JsonLines::new(file)),
        Err(Error::Row(_))
    ));
}

#[test]
fn an_array_or_nothing_is_refused_by_file() {
    let place = Place::new();
    for (text, told) in [("[{\"x\":1}]", "jq"), ("", "no row"), ("\n \n", "no row")] {
        match read(&place, text) {
            Err(Error::File { reason, .. }) => assert!(reason.contains(told), "{reason}"),
            other => panic!("{other:?}"),
        }
    }
    assert!(matches!(read(&place, "{}\n{}\n"), Err(Error::Core(_))));
    // Keys that are data.
    let object: Map<String, Value> = (0..10_001).map(|key| (key.to_string(), json!(1))).collect();
    let refused = read(&place, &json!({ "by_id": object }).to_string()).unwrap_err();
    assert!(refused.to_string().contains("more than 10000"), "{refused}");
}

/// Values of a struct type, some of them missing.
fn field() -> impl Strategy<Value = Value> {
    let list = vec(any::<Option<i64>>(), 0..4).prop_map(|list| json!(list));
    prop_oneof![Just(Value::Null), list]
}

fn row() -> impl Strategy<Value = Value> {
    let finite = any::<f64>().prop_filter("finite", |number| number.is_finite());
    let text = "\\PC{0,8}";
    let inner = btree_map("[ab]", field(), 0..3);
    (
        any::<Option<i64>>(),
        finite,
        proptest::option::of(text),
        field(),
        inner,
    )
        .prop_map(
            |(n, x, t, list, inner)| json!({"n": n, "x": x, "t": t, "list": list, "inner": inner}),
        )
}

/// Without what is null, which may as well not be there.
fn stripped(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields.iter().filter(|(_, value)| !value.is_null());
            fields
                .map(|(name, value)| (name.clone(), stripped(value)))
                .collect()
        }
        other => other.clone(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_goes_in_comes_out_but_for_nulls(rows in vec(row(), 1..20)) {
        let place = Place::new();
        let lines: String = rows.iter().map(|row| format!("{row}\n")).collect();
        let table = read(&place, &lines);
        // A struct without any field has no type.
        if rows.iter().all(|row| row["inner"].as_object().unwrap().is_empty()) {
            prop_assert!(table.is_err());
            return Ok(());
        }
        let out = place.path("out.jsonl");
        export(&ToJsonLines::new(&out), &Rows::of(&table.unwrap())).unwrap();
        let written = std::fs::read_to_string(out).unwrap();
        let written = written.lines().map(|line| stripped(&serde_json::from_str(line).unwrap()));
        prop_assert!(written.eq(rows.iter().map(stripped)));
    }
}

#[test]
fn many_blocks_keep_their_order_and_widen_the_type() {
    let place = Place::new();
    let mut text: String = (0..100_000)
        .map(|row| format!("{{\"n\":{row}}}\n"))
        .collect();
    text += "{\"n\":0.5,\"last\":true}\n";
    let table = read(&place, &text).unwrap();
    let read = shown(&table, "n");
    assert_eq!(
        (table.len(), read[99_999].as_str(), read[100_000].as_str()),
        (100_001, "99999.0", "0.5")
    );
    assert_eq!(texts(&table, "last").iter().flatten().count(), 1);
}
