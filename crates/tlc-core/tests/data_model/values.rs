//! Values: no cast that changes one, and errors that name the column, the row and it.

use serde::Serialize;
use serde_json::{Value, json};
use std::sync::Arc;
use tlc_core::arrow::array::{
    Array, ArrayRef, AsArray, Date32Array, Decimal128Array, DurationMillisecondArray,
    FixedSizeListArray, Float32Array, Float64Array, Int64Array, ListArray, NullArray, RecordBatch,
    StringArray, StructArray, Time64MicrosecondArray, TimestampMillisecondArray,
    TimestampNanosecondArray, TimestampSecondArray, new_null_array,
};
use tlc_core::arrow::datatypes::{
    DataType, Field, Float32Type, Float64Type, Int32Type, Int64Type, Schema as ArrowSchema,
    TimestampMicrosecondType,
};
use tlc_core::{
    Column, Columns, Error, MetricsOptions, MetricsTableWriter, Run, RunOptions, Schema, Table,
    TableOptions, TableWriter, Url, ValueType,
};

fn writer(columns: impl IntoIterator<Item = Column>) -> TableWriter {
    let root = Url::parse("memory://values").unwrap();
    let options = TableOptions::new("p", "d", "t").root(root).columns(columns);
    TableWriter::new(options).unwrap()
}

/// The column, row and value that an error names.
fn named<T: std::fmt::Debug>(refused: Result<T, Error>) -> (String, Option<usize>, String) {
    match refused {
        Err(Error::Batch {
            column, row, value, ..
        }) => (column, row, value.unwrap_or_default()),
        other => panic!("{other:?}"),
    }
}

fn at(column: &str, row: usize, value: &str) -> (String, Option<usize>, String) {
    (column.to_owned(), Some(row), value.to_owned())
}

fn batch(array: impl Array + 'static) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable([("x", Arc::new(array) as ArrayRef, true)]).unwrap()
}

/// What becomes of a second batch of rows after a first one.
fn second<A: Serialize, B: Serialize>(
    columns: impl IntoIterator<Item = Column>,
    first: &[A],
    rows: &[B],
) -> (String, Option<usize>, String) {
    let mut writer = writer(columns);
    writer.add_rows(first).unwrap();
    let refused = named(writer.add_rows(rows));
    let table = writer.finalize().unwrap();
    assert_eq!(table.len(), first.len(), "the refused rows left nothing");
    refused
}

#[derive(Serialize)]
struct X<T> {
    x: T,
}

fn xs<T>(values: impl IntoIterator<Item = T>) -> Vec<X<T>> {
    values.into_iter().map(|x| X { x }).collect()
}

fn declared(value: ValueType) -> [Column; 1] {
    [Column::new("x", value)]
}

#[test]
fn a_field_of_a_row_that_is_no_column_is_refused_by_name() {
    #[derive(Serialize)]
    struct Wide {
        x: i64,
        y: f32,
    }
    let wide = [Wide { x: 1, y: 0.5 }];
    assert_eq!(second([], &xs([0_i64]), &wide), at("y", 0, ""));
    let rows = [json!({ "x": 1 }), json!({ "x": 2, "z": 3 })];
    assert_eq!(second([], &xs([0_i64]), &rows), at("z", 1, ""));
}

#[test]
fn a_row_without_a_column_is_refused_by_name() {
    #[derive(Serialize)]
    struct Wide {
        x: i64,
        y: Option<f32>,
    }
    let wide = [Wide { x: 1, y: Some(0.5) }, Wide { x: 2, y: None }];
    assert_eq!(second([], &wide, &xs([0_i64])), at("y", 0, ""));
}

#[test]
fn what_a_row_skips_or_a_map_lacks_is_a_null_where_the_column_allows_it() {
    #[derive(Serialize)]
    struct Skips {
        x: i64,
        #[serde(skip_serializing_if = "Option::is_none")]
        y: Option<f32>,
    }
    let (with, without) = (Skips { x: 1, y: Some(0.5) }, Skips { x: 2, y: None });
    let mut writer = writer([]);
    writer.add_rows(&[with, without]).unwrap();
    writer.add_row(&Skips { x: 3, y: None }).unwrap();
    writer.add_row(&json!({ "x": 4 })).unwrap();
    writer.add_row(&json!({ "y": 2, "x": 5 })).unwrap();
    assert_eq!(named(writer.add_row(&json!({ "y": 0.5 }))), at("x", 0, ""));
    let table = writer.finalize().unwrap();
    assert_eq!(table.column("y").unwrap().null_count(), 3);
    assert_eq!(table.len(), 5);
}

#[test]
fn serde_rows_are_never_converted_to_fit() {
    let text = || xs(["7".to_owned()]);
    assert_eq!(second([], &xs([0_i64]), &text()), at("x", 0, "7"));
    assert_eq!(second([], &xs([0.5_f32]), &text()), at("x", 0, "7"));
    assert_eq!(second([], &text(), &xs([7_i64])), at("x", 0, ""));
    assert_eq!(second([], &text(), &xs([0.5_f64])), at("x", 0, ""));
    assert_eq!(second([], &text(), &xs([true])), at("x", 0, ""));
    assert_eq!(second([], &xs([0_i64]), &xs([true])), at("x", 0, ""));
    assert_eq!(second([], &xs([true]), &xs([1_i64])), at("x", 0, ""));
    assert_eq!(second([], &xs([1_i64]), &xs([1.0_f64])), at("x", 0, ""));
    assert_eq!(
        second([], &xs([0_i8]), &xs([1_i64, 300])),
        at("x", 1, "300")
    );
    assert_eq!(second([], &xs([0_u64]), &xs([1_i64, -1])), at("x", 1, "-1"));
    let bytes = declared(ValueType::Bytes);
    assert_eq!(second(bytes, &xs([vec![1_u8]]), &text()), at("x", 0, "7"));
    let some = xs([Some(1_i64), None]);
    assert_eq!(second([], &xs([1_i64]), &some), at("x", 1, ""));
}

#[test]
fn whole_numbers_go_into_float_columns_only_where_they_are_kept_exactly() {
    let big = xs([16_777_216_i64, 16_777_217]);
    assert_eq!(second([], &xs([0.5_f32]), &big), at("x", 1, "16777217"));
    let float32 = declared(ValueType::Float32);
    assert_eq!(
        second(float32, &xs([0.5_f32]), &big),
        at("x", 1, "16777217")
    );
    let big = xs([1_u64 << 53, u64::MAX]);
    let max = u64::MAX.to_string();
    assert_eq!(second([], &xs([0.5_f64]), &big), at("x", 1, &max));

    let mut arrow = writer(declared(ValueType::Float32));
    let refused = arrow.add_batch(batch(Int64Array::from(vec![1, 16_777_217])));
    assert_eq!(named(refused), at("x", 1, "16777217"));
    let mut arrow = writer(declared(ValueType::Float64));
    let refused = arrow.add_batch(batch(Int64Array::from(vec![1, i64::MAX])));
    assert_eq!(named(refused), at("x", 1, &i64::MAX.to_string()));
    arrow.add_batch(batch(Int64Array::from(vec![-3]))).unwrap();
    let table = arrow.finalize().unwrap();
    let read = table.column("x").unwrap();
    assert_eq!(read.as_primitive::<Float64Type>().values(), &[-3.0]);
}

#[test]
fn a_declared_float32_rounds_but_never_overflows() {
    let special = [0.1, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e-300];
    let mut rows = writer(declared(ValueType::Float32));
    rows.add_rows(&xs(special)).unwrap();
    assert_eq!(named(rows.add_rows(&xs([0.1, 1e300]))), at("x", 1, "1e300"));
    let mut arrow = writer(declared(ValueType::Float32));
    arrow
        .add_batch(batch(Float64Array::from(special.to_vec())))
        .unwrap();
    let refused = arrow.add_batch(batch(Float64Array::from(vec![0.1, -1e300])));
    assert_eq!(named(refused), at("x", 1, "-1e300"));
    for mut writer in [rows, arrow] {
        let read = writer.finalize().unwrap().column("x").unwrap();
        let read = read.as_primitive::<Float32Type>().values().to_vec();
        assert_eq!((read[0], read[2], read[4]), (0.1, f32::INFINITY, 0.0));
        assert!(read[1].is_nan());
    }
}

#[test]
fn an_inferred_float32_takes_exact_values_only() {
    assert_eq!(
        second([], &xs([0.5_f32]), &xs([0.25, 0.1])),
        at("x", 1, "0.1")
    );
    assert_eq!(
        second([], &xs([0.5_f32]), &xs([1e300])),
        at("x", 0, "1e300")
    );
    let mut arrow = writer([]);
    arrow
        .add_batch(batch(Float32Array::from(vec![0.5])))
        .unwrap();
    arrow
        .add_batch(batch(Float64Array::from(vec![0.25])))
        .unwrap();
    let refused = arrow.add_batch(batch(Float64Array::from(vec![0.25, 0.1])));
    assert_eq!(named(refused), at("x", 1, "0.1"));
}

#[test]
fn metrics_of_a_declared_float32_are_rounded_and_others_are_not() {
    let root = Url::parse("memory://values-metrics").unwrap();
    let run = Run::create(RunOptions::new("p").root(root)).unwrap();
    let options = MetricsOptions::new().run(&run);
    let options = options.column(Column::new("x", ValueType::Float32));
    let mut writer = MetricsTableWriter::new(options).unwrap();
    let x = |values: Vec<f64>| Columns::new().column("x", values);
    writer.add_batch(x(vec![0.1, f64::NAN])).unwrap();
    assert_eq!(
        named(writer.add_batch(x(vec![1.0, 1e300]))),
        at("x", 1, "1e300")
    );
    let read = writer.finalize().unwrap().read().unwrap();
    assert_eq!(read["x"].as_primitive::<Float32Type>().value(0), 0.1);

    let mut writer = MetricsTableWriter::new(MetricsOptions::new().run(&run)).unwrap();
    writer
        .add_batch(Columns::new().column("x", vec![0.1_f32]))
        .unwrap();
    let refused = writer.add_batch(x(vec![0.1])).unwrap_err();
    assert!(matches!(refused, Error::Column { .. }), "{refused}");
}

#[test]
fn moments_finer_than_a_microsecond_or_out_of_range_are_refused_with_their_row() {
    let mut arrow = writer([]);
    let fine = |values: Vec<i64>| batch(TimestampNanosecondArray::from(values));
    arrow.add_batch(fine(vec![-1_000, 2_000])).unwrap();
    let refused = named(arrow.add_batch(fine(vec![0, 1_001])));
    assert_eq!(refused, at("x", 1, "1970-01-01T00:00:00.000001001"));
    let seconds = batch(TimestampSecondArray::from(vec![1, i64::MAX]));
    assert_eq!(named(arrow.add_batch(&seconds)).1, Some(1));
    let millis = batch(TimestampMillisecondArray::from(vec![i64::MIN]));
    assert_eq!(named(arrow.add_batch(&millis)).1, Some(0));
    let days = batch(Date32Array::from(vec![0, i32::MAX]));
    assert_eq!(named(arrow.add_batch(&days)).1, Some(1));
    let days = batch(Date32Array::from(vec![-1]));
    arrow.add_batch(&days).unwrap();
    let named_zone = TimestampSecondArray::from(vec![7]).with_timezone("Europe/Oslo");
    arrow.add_batch(batch(named_zone)).unwrap();
    let read = arrow.finalize().unwrap().column("x").unwrap();
    let read = read.as_primitive::<TimestampMicrosecondType>();
    assert_eq!(read.values(), &[-1, 2, -86_400_000_000, 7_000_000]);
}

#[test]
fn text_of_a_moment_is_kept_to_the_microsecond_or_refused() {
    let moments = [
        "2024-02-29T12:00:00.123456Z",
        "2024-02-29T13:00:00.123456000+01:00",
    ];
    let mut writer = writer(declared(ValueType::Datetime));
    writer.add_rows(&xs(moments)).unwrap();
    for bad in [
        "2024-02-29T12:00:00.1234567Z",
        "2024-02-30T12:00:00Z",
        "now",
    ] {
        assert_eq!(
            named(writer.add_rows(&xs([moments[0], bad]))),
            at("x", 1, bad)
        );
    }
    let read = writer.finalize().unwrap().column("x").unwrap();
    let read = read.as_primitive::<TimestampMicrosecondType>();
    assert_eq!(read.value(0), read.value(1));
}

#[test]
fn a_list_of_another_length_and_a_value_within_a_list_or_struct_name_their_row() {
    let pair = ValueType::List {
        item: Box::new(ValueType::Float32),
        len: Some(2),
    };
    let short = xs([vec![1.0_f32, 2.0], vec![1.0]]);
    let first = xs([vec![1.0_f32, 2.0]]);
    assert_eq!(
        second(declared(pair.clone()), &first, &short),
        at("x", 1, "")
    );
    let far = xs([[1.0, 2.0], [1.0, 1e300]]);
    assert_eq!(second(declared(pair), &first, &far), at("x", 1, "1e300"));

    let inner = |label: i64| xs([X { x: vec![label] }]);
    assert_eq!(
        second(
            [],
            &[X { x: inner(1) }],
            &[X {
                x: xs([X { x: vec!["a"] }])
            }]
        ),
        at("x.x.x", 0, "a")
    );

    let lists = |values: Vec<Option<Vec<Option<f64>>>>| {
        batch(ListArray::from_iter_primitive::<Float64Type, _, _>(values))
    };
    let mut arrow = writer([Column::new("x", ValueType::Embedding { dim: 2 }).nullable(true)]);
    let good = vec![Some(vec![Some(0.1), Some(0.2)]), None];
    arrow.add_batch(lists(good.clone())).unwrap();
    for (bad, value) in [
        (vec![Some(0.1)], "[0.1]"),
        (vec![Some(0.1), None], "[0.1, ]"),
        (vec![Some(0.1), Some(1e300)], "1e300"),
    ] {
        let mut values = good.clone();
        values.push(Some(bad));
        assert_eq!(named(arrow.add_batch(lists(values))), at("x", 2, value));
    }
    assert_eq!(arrow.finalize().unwrap().len(), 2);
}

#[test]
fn what_stands_under_a_null_is_no_value() {
    let items = Arc::new(Float64Array::from(vec![1e300, 1e300, 0.5, 0.5]));
    let item = Arc::new(Field::new_list_field(DataType::Float64, true));
    let nulls = Some(vec![false, true].into());
    let pairs = FixedSizeListArray::new(item, 2, items, nulls.clone());
    let field = Arc::new(Field::new("y", DataType::Float64, true));
    let values: ArrayRef = Arc::new(Float64Array::from(vec![1e300, 0.5]));
    let structs = StructArray::new(vec![field].into(), vec![values], nulls);
    let pair = ValueType::Embedding { dim: 2 };
    let of_y = ValueType::Struct {
        fields: vec![Column::new("y", ValueType::Float32).nullable(true)],
    };
    for (array, value) in [(batch(pairs), pair), (batch(structs), of_y)] {
        let mut writer = writer([Column::new("x", value).nullable(true)]);
        writer.add_batch(&array).unwrap();
        assert_eq!(
            writer.finalize().unwrap().column("x").unwrap().null_count(),
            1
        );
    }
}

#[test]
fn nulls_of_no_type_are_taken_where_the_column_is_nullable() {
    let mut nullable = writer([Column::new("x", ValueType::Float32).nullable(true)]);
    nullable.add_batch(batch(NullArray::new(2))).unwrap();
    nullable.add_rows(&xs([None::<f32>, Some(0.5)])).unwrap();
    assert_eq!(
        nullable
            .finalize()
            .unwrap()
            .column("x")
            .unwrap()
            .null_count(),
        3
    );

    let mut plain = writer([]);
    plain
        .add_batch(batch(Float32Array::from(vec![0.5])))
        .unwrap();
    let optional = plain.add_batch(batch(Float32Array::from(vec![None::<f32>])));
    optional.unwrap(); // the field of the first batch allowed nulls
    let rows = xs([None::<f32>]);
    let unknown = writer([]).add_rows(&rows).unwrap_err().to_string();
    assert!(
        unknown.contains("`x`") && unknown.contains("declare"),
        "{unknown}"
    );
    let empty = xs([Vec::<f32>::new()]);
    let unknown = writer([]).add_rows(&empty).unwrap_err().to_string();
    assert!(
        unknown.contains("`x`") && unknown.contains("declare"),
        "{unknown}"
    );
}

#[test]
fn a_null_hidden_in_a_dictionary_is_refused_in_a_column_that_allows_none() {
    let values = StringArray::from(vec![Some("a"), None]);
    let keys = tlc_core::arrow::array::Int32Array::from(vec![0, 1]);
    let array = tlc_core::arrow::array::DictionaryArray::new(keys, Arc::new(values));
    let mut writer = writer([]);
    let text: ArrayRef = Arc::new(StringArray::from(vec!["a"]));
    let first = RecordBatch::try_from_iter_with_nullable([("x", text, false)]).unwrap();
    writer.add_batch(&first).unwrap();
    assert_eq!(named(writer.add_batch(batch(array))), at("x", 1, ""));
}

#[test]
fn times_and_durations_are_numbers_with_a_unit_and_decimals_are_text() {
    let mut times = writer([]);
    let time = |values: Vec<i64>| batch(Time64MicrosecondArray::from(values));
    times.add_batch(time(vec![86_399_999_999])).unwrap();
    let millis = batch(DurationMillisecondArray::from(vec![1]));
    let refused = times.add_batch(&millis).unwrap_err().to_string();
    assert!(
        refused.contains("ms") && refused.contains("us"),
        "{refused}"
    );
    let table = times.finalize().unwrap();
    let column = table.schema().column("x").unwrap();
    assert_eq!(
        (&column.value, column.unit.as_deref()),
        (&ValueType::Int64, Some("us"))
    );
    let read = table.column("x").unwrap();
    assert_eq!(read.as_primitive::<Int64Type>().values(), &[86_399_999_999]);

    let price = || {
        Decimal128Array::from(vec![150, -5])
            .with_precision_and_scale(20, 2)
            .unwrap()
    };
    let mut text = writer([]);
    text.add_batch(batch(price())).unwrap();
    let read = text.finalize().unwrap().column("x").unwrap();
    assert_eq!(
        read.as_string::<i32>(),
        &StringArray::from(vec!["1.50", "-0.05"])
    );
    let mut float = writer(declared(ValueType::Float64));
    float.add_batch(batch(price())).unwrap();
    let read = float.finalize().unwrap().column("x").unwrap();
    assert_eq!(read.as_primitive::<Float64Type>().values(), &[1.5, -0.05]);
    let refused = writer(declared(ValueType::Int64)).add_batch(batch(price()));
    assert!(matches!(refused, Err(Error::Column { .. })), "{refused:?}");
}

#[test]
fn an_enum_is_text_and_later_rows_may_name_other_variants() {
    #[derive(Serialize)]
    enum Split {
        Train,
        Test,
    }
    let mut writer = writer([]);
    writer.add_rows(&xs([Split::Train])).unwrap();
    writer.add_rows(&xs([Split::Test])).unwrap();
    writer.add_rows(&xs(["held out"])).unwrap();
    let read = writer.finalize().unwrap().column("x").unwrap();
    let expected = StringArray::from(vec!["Train", "Test", "held out"]);
    assert_eq!(read.as_string::<i32>(), &expected);
}

#[test]
fn rows_follow_arrow_batches_into_the_same_columns() {
    let mut writer = writer([]);
    let first: ArrayRef = Arc::new(tlc_core::arrow::array::Int32Array::from(vec![1]));
    let first = RecordBatch::try_from_iter_with_nullable([("x", first, false)]).unwrap();
    writer.add_batch(&first).unwrap();
    writer.add_rows(&xs([2_u8])).unwrap();
    let refused = named(writer.add_rows(&xs([3_i64, 1 << 40])));
    assert_eq!(refused, at("x", 1, &(1_i64 << 40).to_string()));
    let read = writer.finalize().unwrap().column("x").unwrap();
    assert_eq!(read.as_primitive::<Int32Type>().values(), &[1, 2]);
}

#[test]
fn rows_of_json_with_the_same_keys_in_any_order_are_taken() {
    let mut writer = writer([]);
    let rows = [json!({ "x": 1, "y": { "a": [1, 2], "b": null } })];
    let again: Value = serde_json::from_str(r#"{"y": {"b": null, "a": []}, "x": 2}"#).unwrap();
    let columns = writer.add_rows(&rows).unwrap_err().to_string();
    assert!(columns.contains("declare"), "{columns}");
    let rows = [json!({ "x": 1, "y": { "a": [1, 2], "b": "c" } })];
    writer.add_rows(&rows).unwrap();
    let refused = named(writer.add_rows(&[again]));
    assert_eq!(refused, at("y.b", 0, ""));
    assert_eq!(writer.finalize().unwrap().len(), 1);
}

#[test]
fn numbers_of_mixed_kinds_in_the_first_rows_find_a_column_that_holds_them_all() {
    let mut writer = writer([]);
    let rows = [json!({ "x": 1, "y": 1 }), json!({ "x": -1, "y": 0.5 })];
    writer.add_rows(&rows).unwrap();
    let rows = [json!({ "x": 1, "y": 1 }), json!({ "x": 1, "y": u64::MAX })];
    let max = u64::MAX.to_string();
    assert_eq!(named(writer.add_rows(&rows)), at("y", 1, &max));
    let table = writer.finalize().unwrap();
    let value = |name: &str| table.schema().column(name).unwrap().value.clone();
    assert_eq!(
        (value("x"), value("y")),
        (ValueType::Int64, ValueType::Float64)
    );
}

#[test]
fn a_tuple_of_another_length_is_refused_by_column() {
    let first = xs([(1_i64, "a")]);
    assert_eq!(second([], &first, &xs([(1_i64, "a", 2)])), at("x", 0, ""));
    assert_eq!(second([], &first, &xs([(1_i64,)])), at("x.1", 0, ""));
    assert_eq!(second([], &first, &xs([(1_i64, 2)])), at("x.1", 0, ""));
    assert_eq!(second([], &first, &xs([vec![1_i64]])), at("x", 0, ""));
}

#[test]
fn a_struct_without_fields_is_refused_by_name() {
    let none = ValueType::Struct { fields: vec![] };
    let refused = Schema::new(declared(none)).unwrap_err();
    assert!(refused.to_string().contains("`x`"), "{refused}");
}

#[test]
fn bytes_go_into_bytes_and_into_lists_of_numbers_that_hold_them() {
    struct Raw(&'static [u8]);
    impl Serialize for Raw {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_bytes(self.0)
        }
    }
    let bytes = || declared(ValueType::Bytes);
    let mut writer = writer(bytes());
    writer.add_rows(&xs([Raw(&[1, 255])])).unwrap();
    writer.add_rows(&xs([vec![1_i64, 255]])).unwrap();
    let read = writer.finalize().unwrap().column("x").unwrap();
    assert_eq!(
        read.as_binary::<i32>().value(0),
        read.as_binary::<i32>().value(1)
    );
    assert_eq!(
        second(bytes(), &xs([Raw(&[1])]), &xs([[1_i64, 256]])),
        at("x", 0, "256")
    );
    assert_eq!(
        second([], &xs([[1_i8; 2]]), &xs([Raw(&[1, 200])])),
        at("x", 0, "200")
    );
    assert_eq!(second([], &xs([[true]]), &xs([Raw(&[1])])), at("x", 0, ""));
}

#[test]
fn an_error_names_a_type_without_its_thousand_classes() {
    let many = || ValueType::labels((0..1000).map(|class| format!("class {class}")));
    assert_eq!(many().to_string(), "categorical_label of 1000 classes");
    let fields = vec![Column::new("label", many())];
    let boxes = ValueType::List {
        item: Box::new(ValueType::Struct { fields }),
        len: None,
    };
    assert_eq!(boxes.to_string(), "list of struct of label");
    for value in [many(), boxes] {
        let text = batch(StringArray::from(vec!["a"]));
        let refused = writer(declared(value.clone()))
            .add_batch(&text)
            .unwrap_err();
        assert!(refused.to_string().len() < 200, "{refused}");
        let field = Schema::new([Column::new("x", value)]).unwrap().to_arrow();
        let field = field.field(0).clone().with_data_type(DataType::Utf8);
        let refused = Schema::from_arrow(&ArrowSchema::new(vec![field])).unwrap_err();
        assert!(refused.to_string().len() < 200, "{refused}");
    }
}

#[test]
fn a_schema_of_more_text_than_a_manifest_holds_is_refused_when_it_is_settled() {
    let classes = (0..1_000_000).map(|class| format!("a long name of a class {class}"));
    let refused = Schema::new(declared(ValueType::labels(classes)));
    assert!(matches!(refused, Err(Error::TooLarge { .. })));
    let long = Column::new("x", ValueType::Int8).description("x".repeat(9 << 20));
    assert!(matches!(Schema::new([long]), Err(Error::TooLarge { .. })));
}

#[test]
fn a_name_twice_in_a_struct_is_refused_with_its_path() {
    let twice = vec![
        Column::new("a", ValueType::Int8),
        Column::new("a", ValueType::Int8),
    ];
    let refused = Schema::new(declared(ValueType::Struct { fields: twice })).unwrap_err();
    assert!(refused.to_string().contains("`x.a`"), "{refused}");
    let field = Arc::new(Field::new("a", DataType::Int8, false));
    let data_type = DataType::Struct(vec![Arc::clone(&field), field].into());
    let schema = ArrowSchema::new(vec![Field::new("x", data_type, false)]);
    let refused = Schema::from_arrow(&schema).unwrap_err();
    assert!(refused.to_string().contains("`x.a`"), "{refused}");
}

#[test]
fn an_arrow_type_nested_without_end_is_refused_before_the_stack_is() {
    let mut data_type = DataType::Int8;
    for _ in 0..100_000 {
        data_type = DataType::List(Arc::new(Field::new_list_field(data_type, true)));
    }
    let schema = ArrowSchema::new(vec![Field::new("x", data_type, true)]);
    let refused = Schema::from_arrow(&schema);
    assert!(matches!(refused, Err(Error::TooLarge { .. })));
    std::mem::forget(schema); // its own drop would overflow the stack
}

#[test]
fn columns_of_nulls_keep_their_types() {
    let types = [
        DataType::Float64,
        DataType::Utf8View,
        DataType::Date32,
        DataType::LargeBinary,
    ];
    for data_type in types {
        let mut writer = writer([]);
        writer
            .add_batch(batch(new_null_array(&data_type, 3)))
            .unwrap();
        assert_eq!(
            writer.finalize().unwrap().column("x").unwrap().null_count(),
            3
        );
    }
}

#[test]
fn a_table_is_not_made_of_rows_that_were_refused() {
    let root = Url::parse("memory://values-refused").unwrap();
    let options = TableOptions::new("p", "d", "t").root(&root);
    let rows = [json!({ "x": 1 }), json!({ "x": "one" })];
    assert!(Table::create(options, |writer| writer.add_rows(&rows)).is_err());
    assert!(tlc_core::tables(&root, "p").unwrap().is_empty());
}
