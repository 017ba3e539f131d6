//! Keypoints have names, lines between them, and places in a mirrored image.

use super::roots;
use std::path::Path;
use tlc_core::{
    AddMetrics, Column, Columns, Error, Run, RunOptions, Schema, Skeleton, Table, TableOptions,
    ValueType,
};

fn face() -> Skeleton {
    Skeleton::new(["left eye", "right eye", "nose"])
        .of_class(7)
        .with_edges([[0, 2], [1, 2]])
        .with_mirrored([1, 0, 2])
}

/// Keypoints inside of objects, as in FORMAT.md.
fn objects(skeletons: impl IntoIterator<Item = Skeleton>) -> Column {
    let points = ValueType::List {
        item: Box::new(ValueType::Float32),
        len: None,
    };
    let keypoints = Column::new("keypoints", points).skeletons(skeletons);
    Column::new(
        "objects",
        ValueType::Struct {
            fields: vec![keypoints],
        },
    )
}

fn columns() -> Columns {
    use tlc_core::arrow::array::{ArrayRef, StructArray};
    let points = Columns::new().column("keypoints", vec![vec![1.0_f32, 2.0], vec![]]);
    let points = tlc_core::arrow::array::RecordBatch::try_from(points).unwrap();
    Columns::new().column(
        "objects",
        std::sync::Arc::new(StructArray::from(points)) as ArrayRef,
    )
}

fn document(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("commits/00000000000000000000.json")).unwrap()
}

#[test]
fn a_table_and_a_run_keep_skeletons_in_documents_of_version_5() {
    let (_folder, roots) = roots("skeletons-kept");
    for root in &roots {
        let options = |name: &str| TableOptions::new("p", "d", name).root(root);
        let create = |name: &str, column: Column| {
            Table::create(options(name).column(column), |writer| {
                writer.add_batch(columns())
            })
        };
        let table = create("t", objects([face()])).unwrap();
        let opened = Table::from_url(table.url()).unwrap();
        assert_eq!(opened.schema().column("objects"), Some(&objects([face()])));
        let batch = opened.take(&[0]).unwrap();
        let schema = Schema::from_arrow(batch.schema_ref()).unwrap();
        assert_eq!(schema.column("objects"), Some(&objects([face()])));

        let run = Run::create(RunOptions::new("p").name("r").root(root)).unwrap();
        run.add_metrics(columns(), AddMetrics::new().column(objects([face()])))
            .unwrap();
        let metrics = Run::from_url(run.url()).unwrap().metrics().unwrap();
        assert_eq!(
            metrics[0].schema().column("objects"),
            Some(&objects([face()]))
        );
        let plain = create("plain", objects([])).unwrap();
        if let Some(folder) = table.url().to_path() {
            assert!(document(&folder).contains("\"version\":5"));
            assert!(document(&plain.url().to_path().unwrap()).contains("\"version\":2"));
        }
    }
}

#[test]
fn skeletons_that_contradict_themselves_are_refused_with_what_is_wrong() {
    let refused = |skeletons: Vec<Skeleton>| match Schema::new([objects(skeletons)]) {
        Err(Error::Column { column, reason }) => format!("{column}: {reason}"),
        other => panic!("{other:?}"),
    };
    let points = || Skeleton::new(["a", "b"]);
    let far = refused(vec![points().with_edges([[0, 2]])]);
    assert_eq!(
        far,
        "objects.keypoints: a skeleton of 2 keypoints has none of the place 2"
    );
    assert!(refused(vec![points().with_mirrored([0])]).contains("1 mirrored keypoints of 2"));
    assert!(refused(vec![points(), points()]).contains("a class has two skeletons"));
    assert!(Schema::new([objects([points(), points().of_class(1)])]).is_ok());
    let many = Skeleton::new((0..10_001).map(|at| at.to_string()));
    assert!(matches!(
        Schema::new([objects([many])]),
        Err(Error::TooLarge { .. })
    ));
}
