//! What Rust values become as columns, of tables and of metrics tables.

use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;
use std::sync::Arc;
use tlc_core::arrow::array::{Array, ArrayRef, Int32Array, RecordBatch};
use tlc_core::arrow::datatypes::{DataType, Field, Schema as ArrowSchema};
use tlc_core::{
    AddMetrics, COLUMN_KEY, Cell, Column, Columns, Error, MetricsOptions, MetricsTableWriter, Run,
    RunOptions, Table, TableOptions, TableWriter, Url, ValueType,
};

fn create(fill: impl FnOnce(&mut TableWriter) -> tlc_core::Result<()>) -> tlc_core::Result<Table> {
    let root = Url::parse("memory://columns").unwrap();
    Table::create(TableOptions::new("p", "d", "t").root(root), fill)
}

/// The values, through a table and a metrics table; gives the type of the column.
fn both_ways<T>(values: &[T]) -> ValueType
where
    T: Cell + Clone + PartialEq + Debug + DeserializeOwned,
{
    let columns = || Columns::new().column("x", values.to_vec());
    let table = create(|writer| writer.add_batch(columns())).unwrap();
    let rows = table.rows::<BTreeMap<String, T>>().unwrap();
    let read: Vec<T> = rows.map(|row| row.unwrap().remove("x").unwrap()).collect();
    assert_eq!(read, values);
    let root = Url::parse("memory://columns-metrics").unwrap();
    let run = Run::create(RunOptions::new("p").root(root)).unwrap();
    let metrics = run.add_metrics(columns(), AddMetrics::new()).unwrap();
    let rows = metrics.rows::<BTreeMap<String, T>>().unwrap();
    let read: Vec<T> = rows.map(|row| row.unwrap().remove("x").unwrap()).collect();
    assert_eq!(read, values);
    let column = table.schema().column("x").unwrap();
    assert_eq!(metrics.schema().column("x").unwrap().value, column.value);
    assert_eq!(column.nullable, T::NULLABLE);
    column.value.clone()
}

fn list(item: ValueType, len: Option<usize>) -> ValueType {
    let item = Box::new(item);
    ValueType::List { item, len }
}

#[test]
fn vectors_of_options_lists_and_arrays_are_columns() {
    use ValueType as V;
    assert_eq!(both_ways(&[Some(1_i64), None, Some(3)]), V::Int64);
    assert_eq!(both_ways(&[Some(true), None]), V::Bool);
    assert_eq!(both_ways(&[Some("a".to_owned()), None]), V::String);
    assert_eq!(both_ways(&[Some(0.5_f32)]), V::Float32);
    assert_eq!(
        both_ways(&[vec![1_i32, 2], vec![], vec![3]]),
        list(V::Int32, None)
    );
    assert_eq!(
        both_ways(&[Some(vec![0.5_f64]), None]),
        list(V::Float64, None)
    );
    assert_eq!(
        both_ways(&[vec![Some(1_u16), None], vec![]]),
        list(V::UInt16, None)
    );
    assert_eq!(
        both_ways(&[vec!["a".to_owned()], vec![]]),
        list(V::String, None)
    );
    let nested = list(list(V::Float32, None), None);
    assert_eq!(
        both_ways(&[vec![vec![0.5_f32], vec![]], vec![], vec![vec![1.0]]]),
        nested
    );
    assert_eq!(
        both_ways(&[[1_u8, 2, 3], [4, 5, 6]]),
        list(V::UInt8, Some(3))
    );
    assert_eq!(both_ways(&[[true, false]]), list(V::Bool, Some(2)));
    assert_eq!(
        both_ways(&[None, Some([0.5_f32; 2]), None]),
        list(V::Float32, Some(2))
    );
    let matrix = list(list(V::Int64, Some(2)), Some(3));
    assert_eq!(both_ways(&[[[1_i64, 2], [3, 4], [5, 6]]]), matrix);
    let boxes = list(list(V::Float32, Some(4)), None);
    assert_eq!(both_ways(&[vec![[0.0_f32, 0.0, 1.0, 1.0]], vec![]]), boxes);
}

#[test]
fn bytes_stay_bytes() {
    let value_of = |columns: Columns| {
        let table = create(|writer| writer.add_batch(columns)).unwrap();
        let column = table.schema().column("x").unwrap();
        (column.value.clone(), column.nullable)
    };
    let column = |values: Vec<Vec<u8>>| Columns::new().column("x", values);
    assert_eq!(
        value_of(column(vec![vec![1, 2], vec![]])),
        (ValueType::Bytes, false)
    );
    let slices: Vec<&[u8]> = vec![&[1, 2], &[]];
    assert_eq!(
        value_of(Columns::new().column("x", slices)),
        (ValueType::Bytes, false)
    );
    let optional = Columns::new().column("x", vec![Some(vec![1_u8]), None]);
    assert_eq!(value_of(optional), (ValueType::Bytes, true));
    let several = Columns::new().column("x", vec![vec![vec![1_u8]], vec![]]);
    assert_eq!(value_of(several).0, list(ValueType::Bytes, None));
}

#[test]
fn a_column_of_options_lacks_values_in_a_later_batch() {
    let batch = |value: Option<f32>| Columns::new().column("x", vec![value]);
    let table = create(|writer| {
        writer.add_batch(batch(Some(0.5)))?;
        writer.add_batch(batch(None))
    });
    assert_eq!(table.unwrap().column("x").unwrap().null_count(), 1);
    let root = Url::parse("memory://columns-later").unwrap();
    let run = Run::create(RunOptions::new("p").root(root)).unwrap();
    let mut writer = MetricsTableWriter::new(MetricsOptions::new().run(&run)).unwrap();
    writer.add_batch(batch(Some(0.5))).unwrap();
    writer.add_batch(batch(None)).unwrap();
    assert_eq!(
        writer.finish().unwrap().column("x").unwrap().null_count(),
        1
    );
}

#[test]
fn maps_and_pairs_are_columns() {
    let names = |columns: Columns| columns.names().map(str::to_owned).collect::<Vec<_>>();
    let pairs = [("b", vec![1, 2]), ("a", vec![3, 4])];
    assert_eq!(names(pairs.clone().into_iter().collect()), ["b", "a"]);
    let owned = pairs.map(|(name, values)| (name.to_owned(), values));
    let hashed: HashMap<String, Vec<i32>> = owned.clone().into_iter().collect();
    assert_eq!(names(hashed.clone().into()), ["a", "b"]);
    let sorted: BTreeMap<String, Vec<i32>> = owned.into_iter().collect();
    assert_eq!(names(sorted.into()), ["a", "b"]);
    let table = create(|writer| writer.add_batch(hashed)).unwrap();
    assert_eq!(table.len(), 2);
}

#[test]
fn what_a_batch_says_of_its_columns_is_kept() {
    let described = Column::new("x", ValueType::labels(["cat", "dog"])).unit("u");
    let json = serde_json::to_string(&described).unwrap();
    let field = Field::new("x", DataType::Int32, true);
    let field = field.with_metadata([(COLUMN_KEY.to_owned(), json)].into());
    let values = Arc::new(Int32Array::from(vec![0, 1])) as ArrayRef;
    let batch = RecordBatch::try_new(Arc::new(ArrowSchema::new(vec![field])), vec![values]);
    let batch = batch.unwrap();
    for table in [
        create(|writer| writer.add_batch(&batch)),
        create(|writer| writer.add_batch(batch.clone())),
    ] {
        let table = table.unwrap();
        assert_eq!(
            *table.schema().column("x").unwrap(),
            described.clone().nullable(true)
        );
    }
}

#[test]
fn columns_that_do_not_fit_together_are_refused() {
    let uneven = Columns::new().column("x", vec![1]).column("y", vec![1, 2]);
    let refused = create(|writer| writer.add_batch(uneven));
    assert!(matches!(refused, Err(Error::Batch { .. })), "{refused:?}");
    let twice = Columns::new().column("x", vec![1]).column("x", vec![2]);
    let refused = create(|writer| writer.add_batch(twice));
    assert!(matches!(refused, Err(Error::Column { .. })), "{refused:?}");
}
