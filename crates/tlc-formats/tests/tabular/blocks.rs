//! Large files are read in blocks, side by side: rows are those of the `csv` crate.

use crate::{Place, shown, texts};
use csv::{ReaderBuilder, Writer};
use proptest::collection::vec;
use proptest::prelude::*;
use tlc_formats::{Csv, Error};

/// Texts with all that could mislead whoever looks for the ends of records.
fn odd_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-c,\"\r\n ]{0,12}",
        "[0-9]{1,4}",
        Just("\"".to_owned()),
        Just("\r\n".to_owned()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn what_the_csv_crate_writes_is_read_whatever_the_texts(
        rows in vec((odd_text(), odd_text()), 1..60),
        repeats in prop_oneof![Just(1_usize), Just(3000)],
    ) {
        let place = Place::new();
        let mut writer = Writer::from_path(place.path("a.csv")).unwrap();
        writer.write_record(["key", "x", "y"]).unwrap();
        for (x, y) in rows.iter().cycle().take(rows.len() * repeats) {
            writer.write_record(["k", x, y]).unwrap();
        }
        writer.flush().unwrap();
        let csv = Csv::new(place.path("a.csv")).missing(Vec::<String>::new());
        let table = place.import(&csv).unwrap();
        prop_assert_eq!(table.len(), rows.len() * repeats);
        let of = |text: fn(&(String, String)) -> &String| -> Vec<&String> {
            rows.iter().cycle().take(rows.len() * repeats).map(text).collect()
        };
        prop_assert!(shown(&table, "x").iter().eq(of(|row| &row.0)) || is_number(&table, "x"));
        prop_assert!(shown(&table, "y").iter().eq(of(|row| &row.1)) || is_number(&table, "y"));
    }

    #[test]
    fn bytes_as_they_come_make_the_rows_that_the_csv_crate_reads(
        body in "[ab,\"\n\r]{0,80}",
    ) {
        let place = Place::new();
        let text = format!("x,y\n{body}");
        let mut reader = ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
        let records: Vec<_> = reader.records().map(Result::unwrap).collect();
        let file = place.file("a.csv", &text);
        let options = place.options().skip_bad_rows();
        match tlc_formats::import(&Csv::new(file), options) {
            Ok(imported) => {
                let good: Vec<_> = records.iter().filter(|record| record.len() == 2).collect();
                prop_assert_eq!(imported.skipped.len(), (records.len() - good.len()) as u64);
                for (column, name) in ["x", "y"].into_iter().enumerate() {
                    let expected = good.iter().map(|record| {
                        Some(record[column].to_owned()).filter(|text| !text.is_empty())
                    });
                    prop_assert_eq!(texts(&imported.table, name), expected.collect::<Vec<_>>());
                }
            }
            Err(Error::File { reason, .. }) => {
                prop_assert!(reason.contains("not closed"), "{}", reason);
            }
            Err(Error::AllSkipped { rows, .. }) => prop_assert_eq!(rows, records.len() as u64),
            Err(other) => panic!("{other}"),
        }
    }
}

/// Digits alone make numbers, which are shown as they are but for zeros before them.
fn is_number(table: &tlc_core::Table, column: &str) -> bool {
    table.schema().require(column).unwrap().value != tlc_core::ValueType::String
}

#[test]
fn a_text_longer_than_a_block_and_quotes_across_blocks_are_whole() {
    let place = Place::new();
    let long = "\"\"line\n".repeat(700_000);
    let short: String = (0..50_000)
        .map(|row| format!("{row},\"a\n\"\"b\"\"\"\n"))
        .collect();
    let text = format!("n,t\n{short}-1,\"{long}\"\n{short}");
    let table = place.import(&Csv::new(place.file("a.csv", text))).unwrap();
    assert_eq!(table.len(), 100_001);
    let read = table.take(&[0, 50_000, 100_000]).unwrap();
    let read = read.column_by_name("t").unwrap();
    let text = |row| {
        use tlc_core::arrow::array::AsArray;
        read.as_string::<i32>().value(row).to_owned()
    };
    assert_eq!(
        (text(0), text(2)),
        ("a\n\"b\"".to_owned(), "a\n\"b\"".to_owned())
    );
    assert_eq!(text(1), long.replace("\"\"", "\""));
}

#[test]
fn rows_of_many_blocks_keep_their_order_and_their_lines() {
    let place = Place::new();
    let mut text = "n,t\n".to_owned();
    (0..300_000).for_each(|row| text += &format!("{row},\"t\n{row}\"\n"));
    let csv = Csv::new(place.file("a.csv", text.clone() + "300000\n"));
    let refused = place.import(&csv).unwrap_err().to_string();
    assert!(refused.contains("line 600002: 1 fields"), "{refused}");
    let table = place.import(&Csv::new(place.file("a.csv", text))).unwrap();
    let read = shown(&table, "n");
    assert!(
        read.iter()
            .map(|n| n.parse::<usize>().unwrap())
            .eq(0..300_000)
    );
}
