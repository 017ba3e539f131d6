//! Rows of a view as a batch.

use proptest::prelude::*;
use tlc_core::arrow::array::{Array, AsArray, RecordBatch};
use tlc_core::arrow::datatypes::{Float32Type, Int32Type};
use tlc_core::{AddMetrics, Column, Columns, Run, RunOptions, Table, TableOptions, Url, ValueType};
use tlc_view::{Epochs, Error, View, ViewOptions};

const COLUMNS: [&str; 7] = [
    "loss",
    "label",
    "predicted",
    "image",
    "embeddings",
    "name",
    "epoch",
];

/// Two epochs about a table of five samples, in another order than they stand there; of each
/// epoch one has no embedding.
fn view(name: &str) -> View {
    let root = Url::parse(&format!("memory://view-take-{name}/")).unwrap();
    let options = TableOptions::new("demo", "train", "initial")
        .root(&root)
        .column(Column::new("image", ValueType::image_bytes()))
        .column(Column::new("label", ValueType::labels(["cat", "dog"])));
    let images: Vec<Vec<u8>> = (0..5).map(|row| vec![b'i', row]).collect();
    let rows = Columns::new()
        .column("image", images)
        .column("label", vec![0, 1, 0, 1, 0])
        .column(
            "name",
            vec![Some("a"), None, Some("c"), Some("d"), Some("e")],
        );
    let table = Table::create(options, |writer| writer.add_batch(rows)).unwrap();
    let run = Run::create(RunOptions::new("demo").root(&root)).unwrap();
    let about = |epoch: i64| {
        AddMetrics::new()
            .foreign_table(&table)
            .constant("epoch", epoch)
            .column(Column::new("predicted", ValueType::labels(["dog", "cat"])))
            .column(Column::new("embeddings", ValueType::Embedding { dim: 2 }).nullable(true))
    };
    let first = Columns::new()
        .column("example_id", vec![3_i64, 1, 4])
        .column("loss", vec![0.5_f32, 0.25, 2.0])
        .column("predicted", vec![0, 1, 1])
        .column(
            "embeddings",
            vec![Some([1.0_f32, 2.0]), Some([3.0, 4.0]), None],
        );
    run.add_metrics(first, about(1)).unwrap();
    let second = Columns::new()
        .column("example_id", vec![0_i64, 2])
        .column("loss", vec![f32::NAN, 1.0])
        .column("predicted", vec![1, 0])
        .column("embeddings", vec![None, Some([7.0_f32, 8.0])]);
    run.add_metrics(second, about(2)).unwrap();
    let options = ViewOptions::new().run(&run).epochs(Epochs::All);
    options.open().unwrap()
}

fn column<'b>(batch: &'b RecordBatch, name: &str) -> &'b dyn Array {
    batch.column_by_name(name).unwrap()
}

#[test]
fn rows_in_any_order_are_whole_and_typed_as_a_table_would_have_them() {
    let view = view("order");
    let batch = view.take(&[4, 0, 3, 0], COLUMNS).unwrap();
    assert_eq!(batch.schema(), view.schema_of(COLUMNS).unwrap().to_arrow());
    assert_eq!(
        column(&batch, "loss")
            .as_primitive::<Float32Type>()
            .value(1),
        0.5
    );
    assert_eq!(
        column(&batch, "label").as_primitive::<Int32Type>().values(),
        &[0, 1, 0, 1]
    );
    let images = column(&batch, "image").as_binary::<i32>();
    let images: Vec<_> = images
        .iter()
        .map(|image| image.map(|bytes| bytes[1]))
        .collect();
    assert_eq!(images, [Some(2), Some(3), Some(0), Some(3)]);
    let names: Vec<_> = column(&batch, "name").as_string::<i32>().iter().collect();
    assert_eq!(names, [Some("c"), Some("d"), Some("a"), Some("d")]);
    let embeddings = column(&batch, "embeddings").as_fixed_size_list();
    let there: Vec<bool> = (0..4).map(|row| embeddings.is_valid(row)).collect();
    assert_eq!(there, [true, true, false, true]);
    let first = embeddings.value(1);
    assert_eq!(first.as_primitive::<Float32Type>().values(), &[1.0, 2.0]);

    let none = view.take(&[], COLUMNS).unwrap();
    assert_eq!((none.num_rows(), none.schema()), (0, batch.schema()));
    assert!(matches!(
        view.take(&[5], COLUMNS),
        Err(Error::NoSuchRow { row: 5, .. })
    ));
    assert!(matches!(
        view.take(&[0], ["lost"]),
        Err(Error::NoSuchColumn { .. })
    ));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// What is taken at once is what is read cell by cell.
    #[test]
    fn a_batch_has_the_cells_of_its_rows(rows in prop::collection::vec(0_u32..5, 0..12)) {
        let view = view(&format!("cells-{rows:?}").replace(|each: char| !each.is_alphanumeric(), "-"));
        let batch = view.take(&rows, COLUMNS).unwrap();
        for name in ["image", "embeddings"] {
            for (at, row) in rows.iter().enumerate() {
                let cell = view.cell(*row as usize, name).unwrap();
                let taken = column(&batch, name).slice(at, 1);
                match cell {
                    Some(cell) => prop_assert_eq!(&*cell, &*taken),
                    None => prop_assert!(taken.is_null(0)),
                }
            }
        }
    }
}
