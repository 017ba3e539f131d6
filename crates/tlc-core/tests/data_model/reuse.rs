//! What `IfExists::Reuse` promises: the same rows are opened, others are refused.

use crate::{Sample, roots, samples};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use tlc_core::arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BooleanArray, Float32Array, Int32Array, ListArray,
    RecordBatch, StringArray, StructArray,
};
use tlc_core::arrow::buffer::{NullBuffer, OffsetBuffer};
use tlc_core::arrow::datatypes::{DataType, Field, Int32Type};
use tlc_core::{Column, Error, IfExists, Result, Table, TableOptions, TableWriter, Url, ValueType};

fn create(root: &Url, fill: impl FnOnce(&mut TableWriter) -> Result<()>) -> Result<Table> {
    let options = TableOptions::new("p", "d", "t").root(root);
    Table::create(options.if_exists(IfExists::Reuse), fill)
}

fn difference(result: Result<Table>) -> String {
    match result {
        Err(error @ Error::DataChanged { .. }) => error.to_string(),
        other => panic!("no change noticed: {other:?}"),
    }
}

/// Every file below a folder with its bytes.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => {
                let bytes = std::fs::read(&path).unwrap();
                found.insert(path.display().to_string(), bytes);
            }
        }
    }
    found
}

#[test]
fn the_same_rows_are_reused_however_they_come() {
    let (_folder, roots) = roots("reuse-same");
    for root in &roots {
        let first = create(root, |writer| writer.add_rows(&samples(100))).unwrap();
        let one_by_one = |writer: &mut TableWriter| {
            let samples = samples(100);
            samples.iter().try_for_each(|sample| writer.add_row(sample))
        };
        let as_batches = |writer: &mut TableWriter| {
            let table = Table::from_url(first.url())?;
            let mut batches = table.scan().batch_size(7).batches()?;
            batches.try_for_each(|batch| writer.add_batch(&batch?))
        };
        let finalized_there = |writer: &mut TableWriter| {
            writer.add_rows(&samples(100))?;
            assert_eq!(writer.finalize()?.len(), 100);
            let refused = writer.add_rows(&samples(1));
            assert!(matches!(refused, Err(Error::Finalized { .. })));
            Ok(())
        };
        for again in [
            create(root, |writer| writer.add_rows(&samples(100))),
            create(root, one_by_one),
            create(root, as_batches),
            create(root, finalized_there),
        ] {
            assert_eq!(again.unwrap().id(), first.id());
        }
    }
}

#[test]
fn other_rows_are_refused_with_what_differs_and_what_to_do() {
    let (_folder, roots) = roots("reuse-changed");
    for root in &roots {
        create(root, |writer| writer.add_rows(&samples(100))).unwrap();
        let rows = difference(create(root, |writer| writer.add_rows(&samples(200))));
        assert!(rows.contains("100 rows there, 200 given"), "{rows}");
        assert!(rows.contains("another name") && rows.contains("Overwrite"));
        let mut changed = samples(100);
        changed[99].pixels[6] ^= 1;
        let value = difference(create(root, |writer| writer.add_rows(&changed)));
        assert!(value.contains("other values"), "{value}");
        let columns = difference(create(root, |writer| {
            let rows = (0..100).map(|label| BTreeMap::from([("label", label)]));
            writer.add_rows(&rows.collect::<Vec<_>>())
        }));
        assert!(
            columns.contains("`name` is there, but not given"),
            "{columns}"
        );
        let types = difference(create(root, |writer| {
            let rows = samples(100).into_iter().map(|sample| {
                let Sample {
                    name,
                    label,
                    pixels,
                } = sample;
                (name, i64::from(label), pixels)
            });
            #[derive(serde::Serialize)]
            struct Wide {
                name: String,
                label: i64,
                pixels: Vec<u8>,
            }
            let rows = rows.map(|(name, label, pixels)| Wide {
                name,
                label,
                pixels,
            });
            writer.add_rows(&rows.collect::<Vec<_>>())
        }));
        assert!(
            types.contains("`label` is int32 there, int64 given"),
            "{types}"
        );
    }
}

#[test]
fn rows_that_do_not_fit_are_refused_as_by_any_writer() {
    let (_folder, roots) = roots("reuse-unfit");
    for root in &roots {
        create(root, |writer| writer.add_rows(&samples(3))).unwrap();
        let mut rows = samples(3);
        let refused = create(root, |writer| {
            writer.add_rows(&rows)?;
            let labels = Arc::new(StringArray::from(vec!["one"])) as ArrayRef;
            let batch = RecordBatch::try_from_iter([("label", labels)]).unwrap();
            writer.add_batch(&batch)
        });
        assert!(matches!(refused, Err(Error::Column { .. })), "{refused:?}");
        rows.clear();
        let failed = create(root, |_| Err(Error::NoActiveRun));
        assert!(matches!(failed, Err(Error::NoActiveRun)));
    }
}

#[test]
fn comparing_writes_nothing() {
    let (folder, roots) = roots("reuse-quiet");
    create(&roots[0], |writer| writer.add_rows(&samples(100))).unwrap();
    let before = files(folder.path());
    create(&roots[0], |writer| {
        writer.add_rows(&samples(100))?;
        assert_eq!(files(folder.path()), before, "while rows come");
        Ok(())
    })
    .unwrap();
    difference(create(&roots[0], |writer| writer.add_rows(&samples(50))));
    assert_eq!(files(folder.path()), before);
}

#[test]
fn of_many_who_create_the_same_table_at_once_all_get_the_one() {
    let (_folder, roots) = roots("reuse-race");
    for root in &roots {
        let ids: Vec<String> = std::thread::scope(|scope| {
            let create = || create(root, |writer| writer.add_rows(&samples(500)));
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(create)).collect();
            let tables = threads.into_iter().map(|thread| thread.join().unwrap());
            tables.map(|table| table.unwrap().id().to_owned()).collect()
        });
        assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
        assert_eq!(tlc_core::tables(root, "p").unwrap().len(), 1);
    }
}

#[test]
fn what_columns_mean_is_no_content_and_their_names_and_types_are() {
    let root = Url::parse("memory://fingerprint-meaning").unwrap();
    let of = |name: &str, column: Column, values: ArrayRef| {
        let options = TableOptions::new("p", "d", name).root(&root);
        let batch = RecordBatch::try_from_iter([(column.name.as_str(), values)]).unwrap();
        let table = Table::create(options.column(column), |writer| writer.add_batch(&batch));
        table.unwrap().fingerprint().unwrap()
    };
    let ints = || Arc::new(Int32Array::from(vec![1, 0])) as ArrayRef;
    let plain = of("a", Column::new("x", ValueType::Int32), ints());
    assert_eq!(plain.len(), 32);
    let label = Column::new("x", ValueType::labels(["cat", "dog"]));
    assert_eq!(
        of("b", label.description("what it is").nullable(true), ints()),
        plain
    );
    assert_ne!(of("c", Column::new("y", ValueType::Int32), ints()), plain);
    assert_ne!(of("d", Column::new("x", ValueType::Int64), ints()), plain);
    let floats = |value| Arc::new(Float32Array::from(vec![value])) as ArrayRef;
    let float = |name: &str, value| of(name, Column::new("x", ValueType::Float32), floats(value));
    assert_ne!(float("e", 0.0), float("f", -0.0), "bit by bit");
}

#[test]
fn texts_and_lists_that_join_to_the_same_are_told_apart() {
    let root = Url::parse("memory://fingerprint-apart").unwrap();
    let of = |name: &str, values: ArrayRef| {
        let batch = RecordBatch::try_from_iter([("x", values)]).unwrap();
        let options = TableOptions::new("p", "d", name).root(&root);
        let table = Table::create(options, |writer| writer.add_batch(&batch)).unwrap();
        table.fingerprint().unwrap()
    };
    let texts = |texts: Vec<Option<&str>>| Arc::new(StringArray::from(texts)) as ArrayRef;
    let lists = |lists: Vec<Option<Vec<Option<i32>>>>| {
        Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>(lists)) as ArrayRef
    };
    let different = [
        of("a", texts(vec![Some("ab"), Some("c")])),
        of("b", texts(vec![Some("a"), Some("bc")])),
        of("c", texts(vec![Some("abc"), None])),
        of("d", texts(vec![None, Some("abc")])),
        of("e", texts(vec![Some(""), Some("abc")])),
        of("f", lists(vec![Some(vec![Some(1), Some(2)]), Some(vec![])])),
        of("g", lists(vec![Some(vec![Some(1)]), Some(vec![Some(2)])])),
        of("h", lists(vec![Some(vec![Some(1), Some(2)]), None])),
        of("i", lists(vec![Some(vec![Some(1), None, Some(2)]), None])),
    ];
    let distinct: std::collections::HashSet<_> = different.iter().collect();
    assert_eq!(distinct.len(), different.len());
}

type Row = (
    Option<i32>,
    Option<bool>,
    Option<String>,
    Option<Vec<Option<i32>>>,
);

/// Columns of every kind; what is null hides other values for another `garbage`.
fn batch(rows: &[Row], garbage: i32) -> RecordBatch {
    let valid = |valid: Vec<bool>| Some(NullBuffer::from(valid));
    let numbers: Vec<i32> = rows.iter().map(|row| row.0.unwrap_or(garbage)).collect();
    let is_number = valid(rows.iter().map(|row| row.0.is_some()).collect());
    let numbers = Arc::new(Int32Array::new(numbers.into(), is_number.clone())) as ArrayRef;
    let bits = BooleanArray::from(rows.iter().map(|row| row.1).collect::<Vec<_>>());
    let hidden = garbage.to_string();
    let texts: Vec<&str> = rows
        .iter()
        .map(|row| row.2.as_deref().unwrap_or(&hidden))
        .collect();
    let texts = StringArray::from(texts);
    let is_text = valid(rows.iter().map(|row| row.2.is_some()).collect());
    let texts = StringArray::new(texts.offsets().clone(), texts.values().clone(), is_text);
    let bytes = BinaryArray::from(texts.clone());
    let items: Vec<Vec<Option<i32>>> = rows
        .iter()
        .map(|row| row.3.clone().unwrap_or(vec![Some(garbage)]))
        .collect();
    let lengths = OffsetBuffer::from_lengths(items.iter().map(Vec::len));
    let items = Arc::new(Int32Array::from(items.concat()));
    let item = Arc::new(Field::new_list_field(DataType::Int32, true));
    let is_list = valid(rows.iter().map(|row| row.3.is_some()).collect());
    let lists = ListArray::new(item, lengths, items, is_list);
    let fields = vec![
        Field::new("number", DataType::Int32, true),
        Field::new("text", DataType::Utf8, true),
    ];
    let inner: Vec<ArrayRef> = vec![
        Arc::new(Int32Array::from(vec![garbage; rows.len()])),
        Arc::new(texts.clone()),
    ];
    // Where the struct is null its number is hidden, elsewhere it must be the same.
    let seven: Vec<i32> = rows
        .iter()
        .map(|row| if row.0.is_some() { 7 } else { garbage })
        .collect();
    let inner = vec![
        Arc::new(Int32Array::from(seven)) as ArrayRef,
        inner[1].clone(),
    ];
    let structs = StructArray::new(fields.into(), inner, is_number);
    let columns: [(&str, ArrayRef, bool); 6] = [
        ("number", numbers, true),
        ("bit", Arc::new(bits), true),
        ("text", Arc::new(texts), true),
        ("bytes", Arc::new(bytes), true),
        ("list", Arc::new(lists), true),
        ("struct", Arc::new(structs), true),
    ];
    RecordBatch::try_from_iter_with_nullable(columns).unwrap()
}

fn fingerprint(table: &str, batches: &[RecordBatch]) -> String {
    let root = Url::parse("memory://fingerprint-cuts").unwrap();
    let options = TableOptions::new("p", "d", table).root(root);
    let table = Table::create(options.if_exists(IfExists::Overwrite), |writer| {
        batches.iter().try_for_each(|batch| writer.add_batch(batch))
    });
    table.unwrap().fingerprint().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_fingerprint_does_not_depend_on_how_rows_are_cut_or_what_nulls_hide(
        rows in prop::collection::vec(any::<Row>(), 0..40),
        cuts in prop::collection::vec(0_usize..40, 0..6),
    ) {
        let whole = batch(&rows, 1);
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(rows.len())).collect();
        cuts.extend([0, rows.len()]);
        cuts.sort_unstable();
        let other = batch(&rows, 2);
        let pieces = |from: &RecordBatch| -> Vec<RecordBatch> {
            cuts.windows(2).map(|cut| from.slice(cut[0], cut[1] - cut[0])).collect()
        };
        let expected = fingerprint("cut", std::slice::from_ref(&whole));
        prop_assert_eq!(fingerprint("cut", &pieces(&whole)), expected.clone());
        prop_assert_eq!(fingerprint("cut", &pieces(&other)), expected.clone());
        // A value that is there counts.
        if let Some(row) = rows.iter().position(|row| row.0.is_some()) {
            let mut changed = rows.clone();
            changed[row].0 = changed[row].0.map(|number| number ^ 1);
            prop_assert_ne!(fingerprint("cut", &[batch(&changed, 1)]), expected);
        }
    }
}

#[test]
fn the_rows_of_a_table_tell_its_fingerprint_as_its_manifest_does() {
    let root = Url::parse("memory://fingerprint-read").unwrap();
    let rows: Vec<Row> = vec![
        (Some(1), None, Some("a".into()), Some(vec![None, Some(3)])),
        (None, Some(true), None, None),
    ];
    let options = TableOptions::new("p", "d", "t").root(&root);
    let table = Table::create(options, |writer| writer.add_batch(batch(&rows, 1))).unwrap();
    let read = table.scan().batches().unwrap().map(Result::unwrap);
    assert_eq!(
        fingerprint("read", &read.collect::<Vec<_>>()),
        table.fingerprint().unwrap()
    );
    assert_eq!(table.column("list").unwrap().as_list::<i32>().len(), 2);
}
