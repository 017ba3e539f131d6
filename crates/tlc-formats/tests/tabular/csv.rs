//! Files of delimited values.

use crate::{Place, data, shown, texts, value};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;
use tlc_core::{Url, ValueType, storage};
use tlc_formats::{Csv, Error, OnError, Source, import};

#[test]
fn the_penguins_are_rows_with_missing_values_and_labels() {
    let place = Place::new();
    let options = place.options().label("species").label("island");
    let table = import(&Csv::new(data("penguins.csv")), options)
        .unwrap()
        .table;
    let lines = std::fs::read_to_string(data("penguins.csv")).unwrap();
    assert_eq!(table.len(), lines.lines().count() - 1);
    let species = table.schema().class_map("species").unwrap();
    assert!(species.names().eq(["Adelie", "Chinstrap", "Gentoo"]));
    assert_eq!(table.schema().class_map("island").unwrap().len(), 3);
    assert_eq!(
        table.description(),
        format!("imported: CSV of {}", data("penguins.csv").display())
    );
}

#[test]
fn quotes_line_ends_and_marks_of_order_are_as_rfc_4180_has_them() {
    let place = Place::new();
    let text =
        "\u{FEFF}name,\"a \"\"text\"\"\",n\r\n\"x, y\",\"two\r\nlines\",1\r\n\r\nz,\"\",2\r\n";
    let table = place.import(&Csv::new(place.file("a.csv", text))).unwrap();
    assert_eq!(
        table.schema().names().collect::<Vec<_>>(),
        ["name", "a \"text\"", "n"]
    );
    assert_eq!(shown(&table, "name"), ["x, y", "z"]);
    assert_eq!(
        texts(&table, "a \"text\""),
        [Some("two\r\nlines".to_owned()), None]
    );
    assert_eq!(shown(&table, "n"), ["1", "2"]);
}

#[test]
fn lines_of_old_end_with_a_carriage_return() {
    let place = Place::new();
    let table = place
        .import(&Csv::new(place.file("a.csv", "x,y\r1,a\r2,b")))
        .unwrap();
    assert_eq!(shown(&table, "x"), ["1", "2"]);
}

#[test]
fn the_delimiter_is_told_by_the_name_the_header_or_the_caller() {
    let place = Place::new();
    for (name, text) in [
        ("a.tsv", "x\ty,z\n1\t2\n"),
        ("b.csv", "x;y,z\n1;2\n"),
        ("c.csv", "x|y\n1|2\n"),
        ("d.csv", "x\ty\n1\t2\n"),
        ("e.TSV.gz", "x\ty\n1\t2\n"),
    ] {
        let csv = Csv::new(place.file(name, text));
        let csv = if text.contains(';') {
            csv.delimiter(b';')
        } else {
            csv
        };
        let table = import(&csv, place.options().table(name)).unwrap().table;
        assert_eq!(shown(&table, "x"), ["1"], "{name}");
    }
}

#[test]
fn files_without_a_header_have_numbered_columns_or_names_by_hand() {
    let place = Place::new();
    let csv = Csv::new(place.file("a.csv", "1,a\n2,b\n")).no_header();
    let table = import(&csv, place.options().table("numbered"))
        .unwrap()
        .table;
    assert_eq!(shown(&table, "column_0"), ["1", "2"]);
    let named = csv.clone().names(["n", "t"]);
    let table = import(&named, place.options().table("named"))
        .unwrap()
        .table;
    assert_eq!(shown(&table, "t"), ["a", "b"]);
    let renamed = Csv::new(place.file("b.csv", "x,x\n1,a\n")).names(["n", "t"]);
    let table = import(&renamed, place.options().table("renamed"))
        .unwrap()
        .table;
    assert_eq!(shown(&table, "t"), ["a"]);
    let wrong = csv.names(["n"]);
    assert!(matches!(place.import(&wrong), Err(Error::File { .. })));
}

#[test]
fn a_name_that_comes_twice_is_refused_and_one_without_characters_numbered() {
    let place = Place::new();
    let refused = place.import(&Csv::new(place.file("a.csv", "x,y,x\n1,2,3\n")));
    assert!(refused.unwrap_err().to_string().contains("`x`"));
    // As pandas writes an index.
    let table = place
        .import(&Csv::new(place.file("b.csv", ",x\n0,a\n1,b\n")))
        .unwrap();
    assert_eq!(shown(&table, "column_0"), ["0", "1"]);
}

#[test]
fn space_counts_in_texts_unless_it_is_trimmed() {
    let place = Place::new();
    let csv = Csv::new(place.file("a.csv", "n, t\n1 , a\n 2,b \n"));
    let table = import(&csv, place.options().table("kept")).unwrap().table;
    assert_eq!(value(&table, "n"), ValueType::Int64);
    assert_eq!(shown(&table, " t"), [" a", "b "]);
    let table = import(&csv.trim(), place.options().table("trimmed"))
        .unwrap()
        .table;
    assert_eq!(shown(&table, "t"), ["a", "b"]);
}

#[test]
fn missing_values_and_quotes_may_be_other_texts_or_none() {
    let place = Place::new();
    let csv = Csv::new(place.file("a.csv", "x,y\n-999,a\n1,\"b\n")).no_quotes();
    let table = place.import(&csv.missing(["-999", "?"])).unwrap();
    // A number that stands for a missing value is one.
    assert_eq!(texts(&table, "x"), [None, Some("1".to_owned())]);
    assert_eq!(shown(&table, "y"), ["a", "\"b"]);
}

#[test]
fn an_empty_field_is_a_missing_value_or_by_wish_a_text() {
    let place = Place::new();
    let csv = Csv::new(place.file("a.csv", "x,y\n1,\n,b\n"));
    let table = import(&csv, place.options().table("missing"))
        .unwrap()
        .table;
    assert_eq!(texts(&table, "y"), [None, Some("b".to_owned())]);
    let table = import(&csv.empty_texts(), place.options().table("texts"))
        .unwrap()
        .table;
    assert_eq!(
        texts(&table, "y"),
        [Some(String::new()), Some("b".to_owned())]
    );
    assert_eq!(texts(&table, "x"), [Some("1".to_owned()), None]);
    assert!(!table.schema().require("y").unwrap().nullable);
}

#[test]
fn several_files_are_rows_of_one_table_whatever_the_order_of_their_columns() {
    let place = Place::new();
    place.file("part-1.csv", "x,y\n1,a\n");
    place.file("part-2.csv", "y,x\nb,2.5\n");
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(b"x,y\n,c\n").unwrap();
    place.file("part-3.csv.gz", packed.finish().unwrap());
    let table = place.import(&Csv::new(place.path("part-*"))).unwrap();
    assert_eq!(shown(&table, "x"), ["1.0", "2.5", ""]);
    assert_eq!(shown(&table, "y"), ["a", "b", "c"]);
    for (text, told) in [
        ("x\n1\n", "no column `y`"),
        ("x,y,z\n1,2,3\n", "a column `z`"),
    ] {
        place.file("part-4.csv", text);
        let refused = place
            .import(&Csv::new(place.path("part-*")))
            .unwrap_err()
            .to_string();
        assert!(
            refused.contains(told) && refused.contains("part-4.csv"),
            "{refused}"
        );
    }
}

#[test]
fn rows_of_other_lengths_and_of_other_encodings_are_bad_by_their_lines() {
    let place = Place::new();
    let file = place.file("a.csv", b"x,y\n1,a\n2\n3,\xff\n4,d,e\n5,e\n");
    let csv = Csv::new(file);
    let refused = place.import(&csv).unwrap_err().to_string();
    assert!(
        refused.contains("line 3: 1 fields where 2 belong"),
        "{refused}"
    );
    let imported = import(&csv, place.options().skip_bad_rows()).unwrap();
    assert_eq!(shown(&imported.table, "x"), ["1", "5"]);
    let told: Vec<_> = imported
        .skipped
        .first()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert!(told[1].contains("line 4: not UTF-8"), "{told:?}");
    assert!(told[2].contains("line 5: 3 fields"), "{told:?}");
}

#[test]
fn a_quote_that_is_never_closed_is_told_by_the_line_of_its_record() {
    let place = Place::new();
    let file = place.file("a.csv", "x,y\n1,a\n2,\"b\n3,c\n4,d\n");
    for options in [place.options(), place.options().skip_bad_rows()] {
        let refused = import(&Csv::new(&file), options).unwrap_err().to_string();
        assert!(refused.contains("line 3 is not closed"), "{refused}");
    }
}

#[test]
fn what_is_no_text_of_utf_8_or_nothing_is_refused_by_file() {
    let place = Place::new();
    for (name, bytes) in [
        ("utf16.csv", &b"\xff\xfex\0,\0y\0"[..]),
        ("empty.csv", b""),
        ("mark.csv", b"\xef\xbb\xbf"),
        ("lines.csv", b"\n\n\n"),
        ("header.csv", b"\xff,y\n1,2\n"),
    ] {
        let refused = place.import(&Csv::new(place.file(name, bytes)));
        match refused {
            Err(Error::File { file, .. }) => assert_eq!(file.name(), name),
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[test]
fn a_header_alone_makes_a_table_without_rows() {
    let place = Place::new();
    let table = place.import(&Csv::new(place.file("a.csv", "x,y"))).unwrap();
    assert_eq!((table.len(), table.schema().columns().len()), (0, 2));
}

#[test]
fn texts_keep_every_character() {
    let place = Place::new();
    let texts_given = [
        "a\0b",
        "größer",
        "🦀",
        "tab\tin",
        "\u{202E}odd",
        "'single'",
        " ",
    ];
    let lines: String = texts_given
        .iter()
        .map(|text| format!("1,{text}\n"))
        .collect();
    let table = place
        .import(&Csv::new(place.file("a.csv", format!("n,t\n{lines}"))))
        .unwrap();
    assert_eq!(shown(&table, "t"), texts_given);
}

#[test]
fn a_store_s_files_are_read_by_url() {
    let place = Place::new();
    let url = Url::parse("memory://formats-csv/data/a.csv").unwrap();
    let store = storage::open(&url).unwrap();
    store
        .put_if_absent(&url, b"x,y\n1,a\n".to_vec().into())
        .unwrap();
    for source in [
        Source::from(&url),
        Source::from("memory://formats-csv/data/*.csv"),
    ] {
        let table = place.import(&Csv::new(source)).unwrap();
        assert_eq!(shown(&table, "y"), ["a"]);
    }
}

#[test]
fn a_row_far_behind_the_first_counts_as_if_it_stood_in_front() {
    // Of a column all fields but one, that one, and how the file reads by it.
    let cases = [
        ("7", "1.5"),
        ("7", "-3"),
        ("7", ""),
        ("7", "NA"),
        ("7", "18446744073709551615"),
        ("7", "seven"),
        ("7", "2024-02-29"),
        ("0.5", "3"),
        ("0.5", "9007199254740993"),
        ("0.5", "nan"),
        ("0.5", "007"),
        ("true", "1"),
        ("true", "False"),
        ("true", ""),
        ("2024-02-29T10:00:00", "2024-02-29T10:00:00Z"),
        ("2024-02-29", "29.02.2024"),
        ("a text", ""),
        ("a text", "5"),
        ("", "5"),
        ("18446744073709551615", "-1"),
    ];
    const ROWS: usize = 150_000;
    let place = Place::new();
    let filler = "a text of some length";
    for (number, (common, odd)) in cases.iter().enumerate() {
        let common_rows = format!("{filler},{common}\n").repeat(ROWS / 3);
        let in_front = format!("t,x\n{filler},{odd}\n{common_rows}");
        let behind = format!("t,x\n{common_rows}{filler},{odd}\n");
        assert!(behind.len() > 1 << 20, "more than a block");
        let import = |name: &str, text: &str| {
            let file = place.file(&format!("{number}-{name}.csv"), text);
            import(
                &Csv::new(file),
                place.options().table(format!("{number}-{name}")),
            )
            .unwrap()
            .table
        };
        let (in_front, behind) = (import("front", &in_front), import("behind", &behind));
        let column = |table: &tlc_core::Table| {
            let column = table.schema().require("x").unwrap();
            (column.value.clone(), column.nullable)
        };
        assert_eq!(column(&in_front), column(&behind), "{odd} after {common}");
        let mut front = shown(&in_front, "x");
        front.rotate_left(1);
        assert_eq!(front, shown(&behind, "x"), "{odd} after {common}");
    }
}

#[test]
fn labels_are_gathered_from_rows_far_behind_and_bad_rows_there_are_told() {
    let place = Place::new();
    let mut text = "class,x\n".to_owned();
    for row in 0..120_000 {
        text.push_str(&format!("class {},{row}.5\n", row % 3));
    }
    text.push_str("other,NA\nother,2.5,more\n");
    let options = place.options().label("class").on_error(OnError::Skip);
    let imported = import(&Csv::new(place.file("a.csv", &text)), options).unwrap();
    let classes = imported.table.schema().class_map("class").unwrap();
    assert!(
        classes
            .names()
            .eq(["class 0", "class 1", "class 2", "other"])
    );
    assert_eq!((imported.table.len(), imported.skipped.len()), (120_001, 1));
    assert!(imported.table.schema().require("x").unwrap().nullable);
}
