//! Which types the columns of CSV have.

use crate::{Place, shown, texts, value};
use tlc_core::{Column, ValueType};
use tlc_formats::{Csv, Error, import};

/// The type of a column of these fields.
fn of(fields: &[&str]) -> ValueType {
    let place = Place::new();
    let lines: String = fields.iter().map(|field| format!("{field},1\n")).collect();
    let file = place.file("a.csv", format!("x,y\n{lines}"));
    let table = place.import(&Csv::new(file)).unwrap();
    assert_eq!(table.len(), fields.len());
    let is_text = value(&table, "x") == ValueType::String;
    for (given, read) in fields.iter().zip(texts(&table, "x")) {
        let is_missing = given.is_empty() || !is_text && ["NA", "null"].contains(given);
        assert_eq!(read.is_none(), is_missing, "{given}");
        if is_text {
            assert_eq!(read.unwrap_or_default(), *given);
        }
    }
    value(&table, "x")
}

#[test]
fn a_column_has_the_narrowest_type_that_changes_none_of_its_values() {
    for (fields, expected) in [
        (&["1", "-2", "9223372036854775807"][..], ValueType::Int64),
        (&["1", "18446744073709551615"], ValueType::UInt64),
        (&["-1", "18446744073709551615"], ValueType::String),
        (&["1", "18446744073709551616"], ValueType::String),
        (&["0.5", "2", "1e300", "nan", "-inf"], ValueType::Float64),
        (&["0.5", "9007199254740992"], ValueType::Float64),
        (&["0.5", "9007199254740993"], ValueType::String),
        (&["true", "False"], ValueType::Bool),
        (&["true", "1"], ValueType::String),
        (&["2024-02-29", "2024-02-29 10:00"], ValueType::Datetime),
        (
            &["2024-02-29T10:00Z", "2024-02-29T10:00+01:00"],
            ValueType::Datetime,
        ),
        (
            &["2024-02-29T10:00Z", "2024-02-29T10:00"],
            ValueType::String,
        ),
        (&["2024-02-29", "2024"], ValueType::String),
        (&["007", "1"], ValueType::String),
        (&["+1", "1"], ValueType::String),
        (&["one", "1"], ValueType::String),
    ] {
        assert_eq!(of(fields), expected, "{fields:?}");
    }
}

#[test]
fn missing_values_leave_the_type_and_are_texts_among_texts() {
    for (fields, expected) in [
        (&["1", "", "NA"][..], ValueType::Int64),
        (&["null", "0.5"], ValueType::Float64),
        (&["", "true", "NA"], ValueType::Bool),
        (&["NA", "2024-02-29"], ValueType::Datetime),
        (&["NA", "x", ""], ValueType::String),
        (&["NA", "null"], ValueType::String),
        (&["", ""], ValueType::String),
    ] {
        assert_eq!(of(fields), expected, "{fields:?}");
    }
}

#[test]
fn a_value_of_the_last_row_widens_the_column() {
    let place = Place::new();
    let mut text = "x,y\n".to_owned();
    (0..200_000).for_each(|row| text += &format!("{row},{row}\n"));
    let file = place.file("a.csv", text + "0.25,\n");
    let table = place.import(&Csv::new(file)).unwrap();
    assert_eq!(value(&table, "x"), ValueType::Float64);
    assert_eq!(value(&table, "y"), ValueType::Int64);
    assert!(table.schema().require("y").unwrap().nullable);
    assert!(!table.schema().require("x").unwrap().nullable);
    let read = shown(&table, "x");
    assert_eq!(
        (read[199_999].as_str(), read[200_000].as_str()),
        ("199999.0", "0.25")
    );
}

#[test]
fn declared_columns_are_read_as_what_they_are() {
    let place = Place::new();
    let file = place.file("a.csv", "a,b,c,d,e,f\n1,1,1,,7,cat\n0,2.5,2,x,8,dog\n");
    let declared = [
        Column::new("a", ValueType::Bool),
        Column::new("b", ValueType::Float32).unit("kg"),
        Column::new("c", ValueType::String),
        Column::new("d", ValueType::String),
        Column::new("e", ValueType::UInt8),
        Column::new("f", ValueType::labels(["dog", "cat"])),
    ];
    let options = place.options().columns(declared.clone());
    let table = import(&Csv::new(file), options).unwrap().table;
    for column in declared {
        assert_eq!(value(&table, &column.name), column.value);
    }
    assert_eq!(shown(&table, "a"), ["true", "false"]);
    assert_eq!(shown(&table, "c"), ["1", "2"]);
    assert_eq!(texts(&table, "d"), [None, Some("x".to_owned())]);
    assert_eq!(shown(&table, "f"), ["1", "0"]);
    assert_eq!(
        table.schema().require("b").unwrap().unit.as_deref(),
        Some("kg")
    );
}

#[test]
fn a_value_that_is_none_of_the_declared_type_is_a_bad_row_by_its_line() {
    let place = Place::new();
    let file = place.file("a.csv", "n,m\n1,2\n\"two\nlines\",2\n300,5\n4,x\n5,\n");
    let csv = Csv::new(file);
    let declared = ["n", "m"].map(|name| Column::new(name, ValueType::UInt8));
    let options = place.options().columns(declared);
    let refused = import(&csv, options.clone()).unwrap_err().to_string();
    assert!(
        refused.contains("a.csv, line 3, column `n`, value \"two\\nlines\": is no whole number"),
        "{refused}"
    );
    let imported = import(&csv, options.skip_bad_rows()).unwrap();
    assert_eq!(shown(&imported.table, "n"), ["1", "5"]);
    assert_eq!(shown(&imported.table, "m"), ["2", ""]);
    let lines: Vec<_> = imported
        .skipped
        .first()
        .iter()
        .map(ToString::to_string)
        .collect();
    // What the table refuses is told after what is none of the type.
    assert!(
        lines[1].contains("line 6, column `m`, value \"x\""),
        "{lines:?}"
    );
    assert!(
        lines[2].contains("line 5, column `n`, value \"300\""),
        "{lines:?}"
    );
}

#[test]
fn a_type_that_no_field_has_is_refused_by_column() {
    let place = Place::new();
    let file = place.file("a.csv", "x\n1\n");
    let options = place.options();
    let options = options.column(Column::new("x", ValueType::Embedding { dim: 3 }));
    assert!(matches!(
        import(&Csv::new(file), options),
        Err(Error::Column { column, .. }) if column == "x"
    ));
}
