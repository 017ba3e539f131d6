//! Few rows of a large table.

use proptest::prelude::*;
use std::ops::Range;
use std::sync::{Arc, LazyLock};
use tlc_core::arrow::array::{AsArray, RecordBatch};
use tlc_core::arrow::compute::concat_batches;
use tlc_core::arrow::datatypes::{Float32Type, Int64Type};
use tlc_core::storage::testing::CountingStore;
use tlc_core::storage::{MemoryStore, Store, mount};
use tlc_core::{Column, Columns, Table, TableOptions, Url, ValueType};

const ROWS: usize = 60_000;

/// A number that this row always has.
fn chance(row: usize, what: u64) -> u64 {
    let mut bits = (row as u64) ^ what << 40;
    for factor in [0xbf58_476d_1ce4_e5b9_u64, 0x94d0_49bb_1331_11eb] {
        bits = (bits ^ bits >> 30)
            .wrapping_add(0x9e37_79b9_7f4a_7c15)
            .wrapping_mul(factor);
    }
    bits ^ bits >> 31
}

/// Rows with columns of every shape of pages: raw and compressed, with a dictionary and without,
/// flat and nested, with nulls and without.
fn columns(rows: Range<usize>) -> Columns {
    let image = |row: usize| -> Vec<u8> {
        let len = chance(row, 1) as usize % 400;
        (0..len as u64)
            .map(|at| chance(row, at + 9) as u8)
            .collect()
    };
    let note = |row: usize| {
        (!chance(row, 2).is_multiple_of(5)).then(|| format!("n{}", chance(row, 3) % 50))
    };
    let list = |row: usize| -> Vec<i64> {
        (0..chance(row, 4) % 7)
            .map(|at| at as i64 * row as i64)
            .collect()
    };
    let vector = |row: usize| [row as f32, chance(row, 5) as f32, 0.5];
    Columns::new()
        .column("image", rows.clone().map(image).collect::<Vec<_>>())
        .column("id", rows.clone().map(|row| row as i64).collect::<Vec<_>>())
        .column("note", rows.clone().map(note).collect::<Vec<_>>())
        .column("list", rows.clone().map(list).collect::<Vec<_>>())
        .column("vector", rows.map(vector).collect::<Vec<_>>())
}

fn made(root: &Url) -> Table {
    let options = TableOptions::new("demo", "many", "initial")
        .root(root)
        .column(Column::new("image", ValueType::image_bytes()))
        .column(Column::new("vector", ValueType::Embedding { dim: 3 }));
    Table::create(options, |writer| {
        let starts = (0..ROWS).step_by(10_000);
        starts
            .into_iter()
            .try_for_each(|start| writer.add_batch(columns(start..start + 10_000)))
    })
    .unwrap()
}

fn rows(table: &Table, rows: Range<usize>, columns: &[&str]) -> RecordBatch {
    let scan = table.scan().columns(columns.iter().copied()).rows(rows);
    let batches: Vec<RecordBatch> = scan
        .batches()
        .unwrap()
        .map(|batch| batch.unwrap())
        .collect();
    concat_batches(&batches[0].schema(), &batches).unwrap()
}

/// The table, and all of it as one batch.
static ALL: LazyLock<(Table, RecordBatch)> = LazyLock::new(|| {
    let root = Url::parse("memory://few-rows/").unwrap();
    let table = made(&root);
    let names = ["image", "id", "note", "list", "vector"];
    let all = rows(&table, 0..ROWS, &names);
    assert_eq!(all.num_rows(), ROWS);
    (table, all)
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn few_rows_are_those_of_the_whole_whatever_columns_are_asked_for(
        start in 0..ROWS, len in 1..2_000_usize,
        chosen in proptest::sample::subsequence(vec!["image", "id", "note", "list", "vector"], 1..=5),
    ) {
        let (table, all) = &*ALL;
        let range = start..(start + len).min(ROWS);
        let found = rows(table, range.clone(), &chosen);
        for name in chosen {
            let whole = all.column_by_name(name).unwrap().slice(range.start, range.len());
            prop_assert_eq!(found.column_by_name(name).unwrap(), &whole, "{} of {:?}", name, range);
        }
    }
}

#[test]
fn a_row_is_read_by_the_pages_that_hold_it_and_no_others() {
    let root = Url::parse("memory://few-rows-counted/").unwrap();
    let store = Arc::new(CountingStore::new(Arc::new(MemoryStore::default())));
    let _mount = mount(&root, Arc::clone(&store) as Arc<dyn Store>);
    let table = Table::from_url(made(&root).url().to_string().as_str()).unwrap();
    rows(&table, 0..ROWS, &["image"]);
    let whole = store.take_read_bytes();
    rows(&table, 40_000..40_001, &["image"]);
    store.take_read_bytes();
    for row in [3, 20_000, 40_001, ROWS - 1] {
        rows(&table, row..row + 1, &["image"]);
        rows(&table, row..row + 1, &["image"]);
    }
    let each = store.take_read_bytes() / 8;
    assert!(whole > 10_000_000 && each < 2_000_000, "{each} of {whole}");
}

#[test]
fn a_large_cell_is_read_by_itself_and_no_copy_of_its_table_is_made() {
    const ROWS: usize = 48;
    const LEN: usize = 1_500_000;
    let root = Url::parse("memory://few-large/").unwrap();
    let store = Arc::new(CountingStore::new(Arc::new(MemoryStore::default())));
    let _mount = mount(&root, Arc::clone(&store) as Arc<dyn Store>);
    let array = |row: usize| -> Vec<f32> {
        let value = |at: usize| chance(row, at as u64) as u32 as f32;
        (0..1000).map(value).collect()
    };
    let bytes = |row: usize| -> Vec<u8> { (0..LEN).map(|at| (row * at) as u8).collect() };
    let options = TableOptions::new("demo", "large", "initial")
        .root(&root)
        .column(Column::new("array", ValueType::Embedding { dim: 1000 }))
        .column(Column::new("bytes", ValueType::Bytes))
        .column(Column::new("label", ValueType::Int64).writable(true));
    let table = Table::create(options, |writer| {
        (0..ROWS).try_for_each(|row| {
            let columns = Columns::new()
                .column("array", vec![array(row)])
                .column("bytes", vec![bytes(row)])
                .column("label", vec![row as i64]);
            writer.add_batch(columns)
        })
    });
    let table = table.unwrap();
    let mut editor = table.edit().unwrap();
    editor.set("label", 7, 1000_i64).unwrap();
    let edited = editor.commit("one label").unwrap();
    for (table, label_of_7) in [(table, 7), (edited, 1000)] {
        let table = table.memory_budget(1 << 20);
        table.take(&[0]).unwrap();
        for rows in [vec![7], vec![41, 7, 8, 8], (0..ROWS).rev().collect()] {
            store.take_read_bytes();
            let taken = table.take(&rows).unwrap();
            // Blocks of a quarter MiB are verified whole: both ends of a page, and where it is.
            let row_bytes = LEN + 10 * (256 << 10);
            let read_bytes = store.take_read_bytes();
            assert!(
                read_bytes <= (rows.len() * row_bytes) as u64,
                "{rows:?}: {read_bytes}"
            );
            for (place, row) in rows.iter().enumerate() {
                let one = taken.slice(place, 1);
                let values = one["array"].as_fixed_size_list().value(0);
                assert_eq!(
                    values.as_primitive::<Float32Type>().values()[..],
                    array(*row)[..]
                );
                assert_eq!(one["bytes"].as_binary::<i32>().value(0), bytes(*row));
                let label = one["label"].as_primitive::<Int64Type>().value(0);
                let expected = if *row == 7 { label_of_7 } else { *row as i64 };
                assert_eq!(label, expected);
            }
        }
    }
}
