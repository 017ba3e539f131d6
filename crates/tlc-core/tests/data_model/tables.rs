//! Tables: what is written is read back, by every way in.

use super::{Sample, roots, samples, table};
use proptest::prelude::*;
use std::sync::Arc;
use tlc_core::arrow::array::{AsArray, RecordBatch};
use tlc_core::arrow::datatypes::{Float64Type, Int32Type};
use tlc_core::{Column, Error, IfExists, Schema, Table, TableOptions, TableWriter, Url, ValueType};

#[test]
fn rows_are_read_back_by_scan_by_index_and_as_structs() {
    let (_folder, roots) = roots("tables-read-back");
    for root in &roots {
        let written = table(root, 1000);
        let table = Table::from_url(written.url()).unwrap();
        assert_eq!(table.len(), 1000);
        let rows: Vec<Sample> = table.rows().unwrap().collect::<Result<_, _>>().unwrap();
        assert_eq!(rows, samples(1000));
        for row in [0, 1, 499, 999] {
            assert_eq!(table.row::<Sample>(row).unwrap(), rows[row]);
            assert_eq!(table.get(row).unwrap().num_rows(), 1);
        }
        let labels = table.column("label").unwrap();
        assert_eq!(labels.as_primitive::<Int32Type>().value(23), 3);
        let taken = table.take(&[7, 7, 3]).unwrap();
        assert_eq!(
            taken["label"].as_primitive::<Int32Type>().values(),
            &[7, 7, 3]
        );
    }
}

#[test]
fn a_scan_gives_the_range_and_columns_asked_for() {
    let (_folder, [root, _]) = roots("unused");
    let table = table(&root, 100);
    let scan = table.scan().rows(13..57).columns(["label"]).batch_size(10);
    let batches: Vec<RecordBatch> = scan.batches().unwrap().collect::<Result<_, _>>().unwrap();
    assert_eq!(batches.iter().map(RecordBatch::num_rows).sum::<usize>(), 44);
    assert_eq!(batches[0].num_columns(), 1);
    assert_eq!(batches[0]["label"].as_primitive::<Int32Type>().value(0), 3);
    assert!(matches!(
        table.scan().rows(0..101).batches(),
        Err(Error::RowOutOfRange { row: 101, .. })
    ));
    assert!(matches!(
        table.scan().columns(["no"]).batches(),
        Err(Error::NoSuchColumn { .. })
    ));
    assert!(matches!(
        table.get(100),
        Err(Error::RowOutOfRange {
            row: 100,
            len: 100,
            ..
        })
    ));
}

#[test]
fn a_table_over_its_memory_budget_gives_the_same_rows() {
    let (_folder, roots) = roots("tables-mapped");
    for root in &roots {
        let table = table(root, 500);
        let mapped = table.memory_budget(0);
        let labels = ["label".to_owned()];
        let selected = table.select(&labels).unwrap().memory_budget(0);
        let row = selected.get(250).unwrap();
        assert_eq!(row.schema(), *selected.arrow_schema());
        assert_eq!(row, mapped.select(&labels).unwrap().get(250).unwrap());
        for row in [499, 0, 250, 499] {
            assert_eq!(
                mapped.row::<Sample>(row).unwrap(),
                table.row::<Sample>(row).unwrap()
            );
        }
    }
}

#[test]
fn an_empty_table_is_a_table() {
    let (_folder, roots) = roots("tables-empty");
    for root in &roots {
        let options = TableOptions::new("p", "d", "empty")
            .root(root)
            .column(Column::new("label", ValueType::labels(["a", "b"])));
        let table = Table::create(options, |_| Ok(())).unwrap();
        assert!(table.is_empty());
        assert_eq!(table.rows::<Sample>().unwrap().count(), 0);
        assert_eq!(table.column("label").unwrap().len(), 0);
        assert!(matches!(table.get(0), Err(Error::RowOutOfRange { .. })));
    }
}

#[test]
fn a_taken_name_is_reused_refused_renamed_or_overwritten_as_asked() {
    let (_folder, roots) = roots("tables-if-exists");
    for root in &roots {
        let create = |if_exists, rows: usize| {
            let options = TableOptions::new("p", "d", "t")
                .root(root)
                .if_exists(if_exists);
            Table::create(options, |writer| writer.add_rows(&samples(rows)))
        };
        let first = create(IfExists::Raise, 1).unwrap();
        assert!(matches!(
            create(IfExists::Raise, 2),
            Err(Error::AlreadyExists { .. })
        ));
        assert_eq!(create(IfExists::Reuse, 1).unwrap().id(), first.id());
        assert_eq!(create(IfExists::Rename, 4).unwrap().name(), "t_0000");
        assert_eq!(create(IfExists::Rename, 5).unwrap().name(), "t_0001");
        let overwritten = create(IfExists::Overwrite, 6).unwrap();
        assert_eq!((overwritten.name(), overwritten.len()), ("t", 6));
        assert_eq!(Table::from_url(first.url()).unwrap().len(), 6);
        assert_eq!(
            first.row::<Sample>(0).unwrap(),
            samples(1)[0],
            "an open table keeps its rows"
        );
    }
}

#[test]
fn of_two_overwrites_from_one_revision_exactly_one_wins() {
    let (_folder, roots) = roots("tables-conflict");
    for root in &roots {
        let options = || {
            TableOptions::new("p", "d", "t")
                .root(root)
                .if_exists(IfExists::Overwrite)
        };
        Table::create(options(), |writer| writer.add_rows(&samples(1))).unwrap();
        let mut writers = [
            TableWriter::new(options()).unwrap(),
            TableWriter::new(options()).unwrap(),
        ];
        for (index, writer) in writers.iter_mut().enumerate() {
            writer.add_rows(&samples(index + 2)).unwrap();
        }
        let [mut one, mut two] = writers;
        let winner = one.finalize().unwrap();
        match two.finalize() {
            Err(Error::Conflict { latest, .. }) => assert_eq!(latest, winner.id()),
            other => panic!("{other:?}"),
        }
        assert_eq!(Table::from_url(winner.url()).unwrap().len(), 2);
    }
}

#[test]
fn nothing_is_visible_before_finalize() {
    let (_folder, roots) = roots("tables-invisible");
    for root in &roots {
        let options = TableOptions::new("p", "d", "t").root(root);
        let mut writer = TableWriter::new(options).unwrap();
        writer.add_rows(&samples(10)).unwrap();
        let url = root.join("p/datasets/d/tables/t").unwrap();
        assert!(matches!(Table::from_url(&url), Err(Error::NotFound { .. })));
        drop(writer);
        assert!(matches!(Table::from_url(&url), Err(Error::NotFound { .. })));
    }
}

#[test]
fn a_project_that_is_moved_still_opens() {
    let folder = tempfile::tempdir().unwrap();
    let root = Url::from_path(folder.path()).unwrap();
    table(&root, 5);
    let (old, new) = (folder.path().join("project"), folder.path().join("moved"));
    std::fs::rename(old, &new).unwrap();
    let url = Url::from_path(&new.join("datasets/data/tables/initial")).unwrap();
    assert_eq!(
        Table::from_url(&url).unwrap().row::<Sample>(4).unwrap(),
        samples(5)[4]
    );
}

#[test]
fn an_override_that_contradicts_the_data_names_the_column() {
    let (_folder, [root, _]) = roots("unused");
    let refused = |column: Column| {
        let options = TableOptions::new("p", "d", "t").root(&root).column(column);
        let batch = RecordBatch::try_from_iter([(
            "x",
            Arc::new(tlc_core::arrow::array::Float64Array::from(vec![0.5, 1.0])) as _,
        )]);
        let mut writer = TableWriter::new(options).unwrap();
        writer.add_batch(batch.unwrap()).unwrap_err().to_string()
    };
    assert!(refused(Column::new("x", ValueType::labels(["a"]))).contains("`x`"));
    assert!(refused(Column::new("x", ValueType::Int64)).contains("`x`"));
    assert!(refused(Column::new("y", ValueType::Int64)).contains("`y`"));
}

#[test]
fn a_label_without_a_class_names_its_row_and_value() {
    let (_folder, [root, _]) = roots("unused");
    let options = TableOptions::new("p", "d", "t")
        .root(&root)
        .column(Column::new("label", ValueType::labels(["a", "b", "c"])));
    let mut writer = TableWriter::new(options).unwrap();
    match writer.add_rows(&samples(6)) {
        Err(Error::Batch {
            column,
            row: Some(3),
            value: Some(value),
            ..
        }) => {
            assert_eq!((column.as_str(), value.as_str()), ("label", "3"));
        }
        other => panic!("{other:?}"),
    }
    writer.add_rows(&samples(3)).unwrap();
    assert_eq!(
        writer.finalize().unwrap().len(),
        3,
        "the refused rows left nothing behind"
    );
}

#[test]
fn real_images_from_a_parquet_file_keep_their_bytes_and_class_names() {
    #[derive(serde::Deserialize)]
    struct Digit {
        image: Vec<u8>,
        label: i32,
    }
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/digits8x8.parquet");
    let (_folder, [root, _]) = roots("unused");
    let options = TableOptions::new("digits", "test", "initial")
        .root(&root)
        .column(Column::new("image", ValueType::image_bytes()))
        .column(Column::new(
            "label",
            ValueType::labels((0..10).map(|digit| digit.to_string())),
        ));
    let table = Table::from_parquet(file, options).unwrap();
    assert_eq!(table.len(), 1797);
    let reopened = Table::from_url(table.url()).unwrap();
    let label = reopened.schema().column("label").unwrap();
    assert_eq!(label.value.classes().unwrap().name(9), Some("9"));
    for digit in reopened.rows::<Digit>().unwrap() {
        let digit = digit.unwrap();
        assert!(digit.image.starts_with(b"\x89PNG") && (0..10).contains(&digit.label));
    }
}

#[test]
fn a_file_that_is_no_parquet_is_refused_and_leaves_no_table() {
    let (folder, [root, _]) = roots("unused");
    let file = folder.path().join("broken.parquet");
    std::fs::write(&file, b"PAR1 not really").unwrap();
    let imported = Table::from_parquet(&file, TableOptions::new("p", "d", "t").root(&root));
    assert!(
        matches!(imported, Err(Error::Corrupt { .. })),
        "{imported:?}"
    );
    assert!(tlc_core::tables(&root, "p").unwrap().is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn any_float_comes_back_bit_for_bit(bits in prop::collection::vec(any::<u64>(), 1..200)) {
        let root = Url::parse("memory://tables-floats").unwrap();
        let special = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0, f64::MIN_POSITIVE / 2.0];
        let values: Vec<f64> = bits.iter().map(|bits| f64::from_bits(*bits)).chain(special).collect();
        let array = Arc::new(tlc_core::arrow::array::Float64Array::from(values.clone()));
        let batch = RecordBatch::try_from_iter([("x", array as _)]).unwrap();
        let table = Table::create(TableOptions::new("p", "d", "t").root(&root), |writer| writer.add_batch(&batch)).unwrap();
        let read = table.column("x").unwrap();
        let read = read.as_primitive::<Float64Type>();
        prop_assert!(read.values().iter().zip(&values).all(|(a, b)| a.to_bits() == b.to_bits()));
    }
}

#[test]
fn an_array_in_a_row_is_a_list_of_that_length() {
    #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    struct Row {
        corner: [f32; 2],
        boxes: Vec<[f32; 4]>,
    }
    let (_folder, roots) = roots("tables-arrays");
    for root in &roots {
        let rows: Vec<Row> = (0..3_u8)
            .map(|row| Row {
                corner: [f32::from(row), 0.5],
                boxes: vec![[1.0, 2.0, 3.0, f32::from(row)]; usize::from(row)],
            })
            .collect();
        let options = TableOptions::new("p", "d", "arrays").root(root);
        let table = Table::create(options, |writer| writer.add_rows(&rows)).unwrap();
        let item = Box::new(ValueType::Float32);
        let corner = ValueType::List { item, len: Some(2) };
        assert_eq!(table.schema().column("corner").unwrap().value, corner);
        let read: Vec<Row> = table.rows().unwrap().collect::<Result<_, _>>().unwrap();
        assert_eq!(read, rows);
    }
}

#[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
struct Scene {
    mask: Vec<u8>,
    boxes: Vec<LabelledBox>,
}

#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
struct LabelledBox {
    x0: f32,
    label: i32,
}

#[test]
fn masks_and_lists_of_boxes_keep_the_names_of_their_classes() {
    let fields = vec![
        Column::new("x0", ValueType::Float32).unit("px"),
        Column::new("label", ValueType::labels(["cat", "dog"])),
    ];
    let item = Box::new(ValueType::Struct { fields });
    let columns = [
        Column::new("mask", ValueType::segmentation_mask(["sky", "sea"])),
        Column::new("boxes", ValueType::List { item, len: None }),
    ];
    let (_folder, roots) = roots("tables-masks-and-boxes");
    for root in &roots {
        let rows: Vec<Scene> = (0..3_u8)
            .map(|row| Scene {
                mask: vec![row; 4],
                boxes: vec![LabelledBox { x0: 0.5, label: 1 }; usize::from(row)],
            })
            .collect();
        let options = TableOptions::new("p", "d", "scenes").root(root);
        let options = options.columns(columns.clone());
        let written = Table::create(options, |writer| writer.add_rows(&rows)).unwrap();
        let table = Table::from_url(written.url()).unwrap();
        assert_eq!(table.schema().columns(), columns);
        let mask = table.schema().column("mask").unwrap();
        assert_eq!(
            *mask.value.classes().unwrap(),
            tlc_core::ClassMap::new(["sky", "sea"])
        );
        let read: Vec<Scene> = table.rows().unwrap().collect::<Result<_, _>>().unwrap();
        assert_eq!(read, rows);
    }
}

#[test]
fn a_mask_of_more_classes_than_16_bits_tell_apart_is_refused() {
    let schema = |classes: u32| {
        let names = (0..classes).map(|class| class.to_string());
        Schema::new([Column::new("mask", ValueType::segmentation_mask(names))])
    };
    assert!(schema(65_536).is_ok());
    assert!(matches!(
        schema(65_537),
        Err(Error::TooLarge {
            limit: 65_536,
            found: 65_537,
            ..
        })
    ));
}

#[test]
fn a_declared_column_over_a_limit_is_refused_before_anything_is_written() {
    let (_folder, roots) = roots("tables-declared-over-a-limit");
    for root in &roots {
        let create = |classes: u32| {
            let names = (0..classes).map(|class| class.to_string());
            let mask = Column::new("mask", ValueType::segmentation_mask(names));
            let options = TableOptions::new("p", "d", "masks").root(root).column(mask);
            let scene = Scene {
                mask: vec![1, 2, 3],
                boxes: vec![LabelledBox { x0: 0.5, label: 1 }],
            };
            Table::create(options, |writer| writer.add_rows(&[scene]))
        };
        assert!(matches!(create(65_537), Err(Error::TooLarge { .. })));
        let table = create(65_536).unwrap(); // the name is still free
        assert_eq!(Table::from_url(table.url()).unwrap().len(), 1);
    }
}

/// Rows that do not compress, in one batch.
fn noise(rows: usize) -> tlc_core::arrow::array::RecordBatch {
    let byte = |at: usize| (at.wrapping_mul(2_654_435_761) >> 11) as u8;
    let large = (0..rows).map(|row| {
        (0..1 << 20)
            .map(|at| byte(row * 7919 + at))
            .collect::<Vec<_>>()
    });
    let column = tlc_core::arrow::array::BinaryArray::from_iter_values(large);
    tlc_core::arrow::array::RecordBatch::try_from_iter([("x", std::sync::Arc::new(column) as _)])
        .unwrap()
}

#[test]
fn one_batch_of_any_size_becomes_several_parts_and_segments() {
    let (folder, [root, _]) = roots("unused");
    let batch = noise(150);
    let options = TableOptions::new("p", "d", "large").root(&root);
    let table = Table::create(options, |writer| writer.add_batch(&batch)).unwrap();
    let files = |folder: std::path::PathBuf| std::fs::read_dir(folder).unwrap().count();
    assert_eq!(
        files(folder.path().join("p/datasets/d/tables/large/parts")),
        3
    );
    assert_eq!(
        table.column("x").unwrap().as_ref(),
        batch.column(0).as_ref()
    );
    let run = tlc_core::Run::create(tlc_core::RunOptions::new("p").name("r").root(&root)).unwrap();
    let metrics = run
        .add_metrics(batch.clone(), tlc_core::AddMetrics::new())
        .unwrap();
    let segments = files(folder.path().join("p/runs/r/metrics").join(metrics.name()));
    assert!((4..=6).contains(&segments), "{segments}");
    assert_eq!(
        metrics.read().unwrap().column(0).as_ref(),
        batch.column(0).as_ref()
    );
}

#[test]
fn mapped_copies_go_to_the_folder_for_caches_which_is_made_if_it_is_missing() {
    const ROLE: &str = "TLC_TEST_CACHE";
    let name = "tables::mapped_copies_go_to_the_folder_for_caches_which_is_made_if_it_is_missing";
    if std::env::var_os(ROLE).is_some() {
        let root = Url::parse("memory://cache/").unwrap();
        let table = super::table(&root, 100).memory_budget(0);
        match table.select(&["label".to_owned()]).unwrap().get(7) {
            Ok(row) => println!("\nread {} row", row.num_rows()),
            Err(error) => println!("\nerror {error}"),
        }
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let run = |cache: &std::path::Path| {
        let mut child = std::process::Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", name, "--nocapture"]).env(ROLE, "1");
        child.env(tlc_core::CACHE_VARIABLE, cache);
        String::from_utf8(child.output().unwrap().stdout).unwrap()
    };
    let missing = folder.path().join("a/b");
    assert!(run(&missing).contains("read 1 row"));
    assert!(missing.is_dir());
    let file = folder.path().join("file");
    std::fs::write(&file, "no folder").unwrap();
    let told = run(&file);
    assert!(
        told.contains("error") && told.contains(file.to_str().unwrap()),
        "{told}"
    );
}

#[test]
fn a_row_type_that_would_drop_values_or_cannot_hold_a_null_says_what_to_do() {
    #[derive(serde::Serialize)]
    struct Written {
        vector: [f32; 4],
        bytes: Vec<u8>,
        label: Option<i32>,
    }
    #[derive(serde::Deserialize)]
    struct Shorter {
        vector: [f32; 3],
    }
    #[derive(serde::Deserialize)]
    struct Longer {
        bytes: (u8, u8, u8),
    }
    #[derive(serde::Deserialize)]
    struct Null {
        label: i32,
    }
    let (_folder, roots) = roots("tables-shapes");
    for root in &roots {
        let options = TableOptions::new("p", "d", "t").root(root);
        let table = Table::create(options, |writer| {
            writer.add_rows(&[
                Written {
                    vector: [1.0; 4],
                    bytes: vec![1, 2],
                    label: Some(1),
                },
                Written {
                    vector: [2.0; 4],
                    bytes: vec![3, 4],
                    label: None,
                },
            ])
        })
        .unwrap();
        let error = table.row::<Shorter>(0).map(|row| row.vector);
        let error = error.unwrap_err().to_string();
        assert!(
            error.contains("column `vector`: 4 values for a field of 3"),
            "{error}"
        );
        let error = table.row::<Longer>(0).map(|row| row.bytes);
        let error = error.unwrap_err().to_string();
        assert!(
            error.contains("column `bytes`: 2 values for a field of 3"),
            "{error}"
        );
        let error = table.row::<Null>(1).map(|row| row.label);
        let error = error.unwrap_err().to_string();
        assert!(
            error.contains("column `label`: a null: make the field an `Option`"),
            "{error}"
        );
        assert_eq!(table.row::<Null>(0).map(|row| row.label).unwrap(), 1);
    }
}

#[test]
fn a_name_with_a_dot_is_a_name_like_any_other() {
    let root = Url::parse("memory://tables-dots/").unwrap();
    let options = TableOptions::new("demo", "points", "initial").root(&root);
    let rows = tlc_core::Columns::new()
        .column("a", vec![1, 2])
        .column("a.b", vec![3, 4])
        .column("a.b.c", vec![5, 6]);
    let table = Table::create(options, |writer| writer.add_batch(rows)).unwrap();
    for (name, first) in [("a", 1), ("a.b", 3), ("a.b.c", 5)] {
        let column = table.column(name).unwrap();
        assert_eq!(
            column.as_primitive::<Int32Type>().values(),
            &[first, first + 1],
            "{name}"
        );
        let batches = table.scan().columns([name]).batches().unwrap();
        let rows: usize = batches.map(|batch| batch.unwrap().num_rows()).sum();
        assert_eq!(rows, 2, "{name}");
    }
    let one = table
        .select(&["a.b".to_owned()])
        .unwrap()
        .take(&[1])
        .unwrap();
    assert_eq!(one.column(0).as_primitive::<Int32Type>().values(), &[4]);
}
