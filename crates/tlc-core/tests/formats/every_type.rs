//! Six rows of every value type that FORMAT.md has, with the values that are easily lost.

use std::sync::Arc;
use tlc_core::arrow::array::{
    Array, ArrayRef, BinaryArray, BooleanArray, FixedSizeListArray, Float32Array, Float64Array,
    Int8Array, Int16Array, Int32Array, Int64Array, ListArray, RecordBatch, StringArray,
    StructArray, TimestampMicrosecondArray, UInt8Array, UInt16Array, UInt32Array, UInt64Array,
};
use tlc_core::arrow::buffer::{NullBuffer, OffsetBuffer};
use tlc_core::arrow::datatypes::{DataType, Field};
use tlc_core::{Column, Role, Schema, ValueType};

/// A grey PNG of two by two pixels: 0 1, 1 0.
const MASK: &str = "89504e470d0a1a0a0000000d494844520000000200000002080000000057dd52f8\
    0000000c49444154789c636060044200000c00032b63cb500000000049454e44ae426082";
const CLASSES: [&str; 3] = ["Katze", "dog", "鳥"];
/// Quiet and signalling NaN with payloads, infinity, minus zero, the least subnormal.
const BITS32: [u32; 6] = [
    0x7fc0_0001,
    0xff80_0123,
    0x7f80_0000,
    0x8000_0000,
    1,
    0x3dcc_cccd,
];
const BITS64: [u64; 6] = [
    0x7ff8_0000_0000_0001,
    0xfff0_0000_dead_beef,
    0xfff0_0000_0000_0000,
    0x8000_0000_0000_0000,
    1,
    0x3fb9_9999_9999_999a,
];

/// The columns and their values.
pub(crate) fn batch() -> RecordBatch {
    let (columns, arrays): (Vec<Column>, Vec<ArrayRef>) = integers()
        .into_iter()
        .chain(plain())
        .chain(nested())
        .chain(meaningful())
        .chain(running())
        .unzip();
    let schema = Schema::new(columns).unwrap();
    RecordBatch::try_new(schema.to_arrow(), arrays).unwrap()
}

type Given = (Column, ArrayRef);

fn given(name: &str, value: ValueType, array: impl Array + 'static) -> Given {
    let nullable = array.null_count() > 0;
    (Column::new(name, value).nullable(nullable), Arc::new(array))
}

fn integers() -> Vec<Given> {
    use ValueType as V;
    vec![
        given(
            "bool",
            V::Bool,
            BooleanArray::from(vec![Some(true), None, Some(false), None, None, Some(true)]),
        ),
        given(
            "int8",
            V::Int8,
            Int8Array::from(vec![i8::MIN, -1, 0, 1, 2, i8::MAX]),
        ),
        given(
            "int16",
            V::Int16,
            Int16Array::from(vec![i16::MIN, -1, 0, 1, 2, i16::MAX]),
        ),
        given(
            "int32",
            V::Int32,
            Int32Array::from(vec![
                Some(i32::MIN),
                None,
                Some(0),
                None,
                Some(2),
                Some(i32::MAX),
            ]),
        ),
        given(
            "int64",
            V::Int64,
            Int64Array::from(vec![i64::MIN, -1, 0, 1, 2, i64::MAX]),
        ),
        given(
            "uint8",
            V::UInt8,
            UInt8Array::from(vec![0, 1, 2, 127, 128, u8::MAX]),
        ),
        given(
            "uint16",
            V::UInt16,
            UInt16Array::from(vec![0, 1, 2, 3, 4, u16::MAX]),
        ),
        given(
            "uint32",
            V::UInt32,
            UInt32Array::from(vec![0, 1, 2, 3, 1 << 31, u32::MAX]),
        ),
        given(
            "uint64",
            V::UInt64,
            UInt64Array::from(vec![0, 1, 2, 1 << 53, (1 << 53) + 1, u64::MAX]),
        ),
    ]
}

fn plain() -> Vec<Given> {
    use ValueType as V;
    vec![
        given(
            "float32",
            V::Float32,
            Float32Array::from(BITS32.map(f32::from_bits).to_vec()),
        ),
        given(
            "float64",
            V::Float64,
            Float64Array::from(BITS64.map(f64::from_bits).to_vec()),
        ),
        given(
            "float64_null",
            V::Float64,
            Float64Array::from(vec![
                None,
                Some(f64::NAN),
                None,
                Some(-0.0),
                Some(1e300),
                None,
            ]),
        ),
        given(
            "string",
            V::String,
            StringArray::from(vec![
                Some(""),
                Some("a\0b\n\"\\"),
                None,
                Some("žluť 🦀"),
                Some("null"),
                Some(" "),
            ]),
        ),
        given("datetime", V::Datetime, moments()),
        given(
            "bytes",
            V::Bytes,
            BinaryArray::from(vec![
                Some(&b""[..]),
                None,
                Some(b"\0"),
                Some(b"\xff\xfe"),
                Some(b"abc"),
                None,
            ]),
        ),
    ]
}

fn moments() -> TimestampMicrosecondArray {
    let micros = [
        Some(0),
        Some(-1),
        None,
        Some(1_700_000_000_123_456),
        Some(253_402_300_799_999_999),
        Some(-62_135_596_800_000_000),
    ];
    TimestampMicrosecondArray::from(micros.to_vec()).with_timezone("UTC")
}

fn nested() -> Vec<Given> {
    use ValueType as V;
    let ints: ArrayRef = Arc::new(Int32Array::from(vec![Some(1), None, Some(3), Some(-4)]));
    let nulls = NullBuffer::from(vec![true, true, false, true, true, true]);
    let open = list(Arc::clone(&ints), true, [3, 0, 0, 0, 1, 0], Some(nulls));
    let of_lists = list(Arc::new(open.clone()), true, [2, 0, 1, 1, 1, 1], None);
    let doubles = Float64Array::from((0..12).map(f64::from).collect::<Vec<_>>());
    let halves = Float32Array::from((0..36).map(|at| at as f32 / 2.0).collect::<Vec<_>>());
    let bytes: ArrayRef = Arc::new(UInt8Array::from((0..12).collect::<Vec<u8>>()));
    let (point_type, points) = points();
    let item = |value| Box::new(value);
    let of_ints = V::List {
        item: item(V::Int32),
        len: None,
    };
    vec![
        given("list", of_ints.clone(), open),
        given(
            "list_of_lists",
            V::List {
                item: item(of_ints),
                len: None,
            },
            of_lists,
        ),
        given(
            "list_of_two",
            V::List {
                item: item(V::Float64),
                len: Some(2),
            },
            fixed(Arc::new(doubles), true, 2),
        ),
        given(
            "tensor",
            V::Tensor {
                item: item(V::Float32),
                shape: vec![Some(2), Some(3)],
            },
            fixed(Arc::new(halves), false, 6),
        ),
        given(
            "tensor_open",
            V::Tensor {
                item: item(V::UInt8),
                shape: vec![None, Some(2)],
            },
            list(bytes, false, [4, 0, 2, 2, 0, 4], None),
        ),
        given("struct", point_type, points),
    ]
}

/// A struct in a struct, with values missing at both depths.
fn points() -> (ValueType, StructArray) {
    let inner = Column::new("flag", ValueType::Bool).nullable(true);
    let fields = vec![
        Column::new("x", ValueType::Float32)
            .nullable(true)
            .unit("m"),
        Column::new("name", ValueType::String).display_name("Name"),
        Column::new(
            "inner",
            ValueType::Struct {
                fields: vec![inner],
            },
        ),
    ];
    let value = ValueType::Struct { fields };
    let flags = BooleanArray::from(vec![Some(true), None, Some(false), None, Some(true), None]);
    let inner = structs(&field_type(&value, 2), vec![Arc::new(flags)]);
    let x = Float32Array::from(vec![
        Some(-0.0),
        None,
        Some(f32::MAX),
        None,
        Some(1.5),
        None,
    ]);
    let names = StringArray::from(vec!["a", "b", "", "d", "e", "f"]);
    let arrays: Vec<ArrayRef> = vec![Arc::new(x), Arc::new(names), Arc::new(inner)];
    let points = structs(&value.to_arrow(), arrays);
    (value, points)
}

fn meaningful() -> Vec<Given> {
    use ValueType as V;
    let label = Column::new("label", V::labels(CLASSES))
        .nullable(true)
        .display_name("Class")
        .description("what a person said")
        .writable(true);
    let labels = Int32Array::from(vec![Some(0), Some(1), Some(2), None, Some(2), Some(0)]);
    let weights = Float32Array::from(vec![1.0, 0.0, 0.5, 1.0, 1.0, 2.0]);
    let vectors = fixed(
        Arc::new(Float32Array::from(
            (0..18).map(|at| at as f32 / 8.0).collect::<Vec<_>>(),
        )),
        false,
        3,
    );
    let mask = decode(MASK);
    let (boxes_type, boxes) = boxes();
    let confidence = Column::new("confidence", V::Confidence)
        .unit("1")
        .role(Role::Prediction);
    vec![
        (label, Arc::new(labels)),
        (
            confidence,
            Arc::new(Float32Array::from(vec![0.0, 1.0, 0.25, f32::NAN, 0.1, 0.9])),
        ),
        given("weight", V::SampleWeight, weights),
        given("embedding", V::Embedding { dim: 3 }, vectors),
        given(
            "image",
            V::image_bytes(),
            BinaryArray::from(vec![mask.as_slice(); 6]),
        ),
        given(
            "image_url",
            V::image_url(),
            StringArray::from(vec![
                "a.png",
                "b/c.png",
                "https://example.org/d.png",
                "",
                "e",
                "f",
            ]),
        ),
        given(
            "mask",
            V::segmentation_mask(CLASSES),
            BinaryArray::from(vec![mask.as_slice(); 6]),
        ),
        given("boxes", boxes_type, boxes),
    ]
}

fn running() -> Vec<Given> {
    use ValueType as V;
    let numbers = || Int64Array::from(vec![0, 1, 2, 3, 5, i64::MAX]);
    vec![
        given("example_id", V::ExampleId, numbers()),
        given("epoch", V::Epoch, numbers()),
        given("iteration", V::Iteration, numbers()),
        given("step", V::Step, numbers()),
        (
            Column::new("hidden", V::Bool).visible(false),
            Arc::new(BooleanArray::from(vec![false; 6])),
        ),
    ]
}

/// Boxes as detection writes them.
fn boxes() -> (ValueType, ListArray) {
    let mut fields: Vec<Column> = ["x0", "y0", "x1", "y1"]
        .map(|name| Column::new(name, ValueType::Float32).unit("px"))
        .into();
    fields.push(Column::new("label", ValueType::labels(CLASSES)));
    fields.push(Column::new("confidence", ValueType::Confidence));
    let item = ValueType::Struct { fields };
    let corner =
        |first: f32| Arc::new(Float32Array::from(vec![first, first + 0.5, 1e-3])) as ArrayRef;
    let mut arrays: Vec<ArrayRef> = [0.0, 1.0, 2.0, 3.0].map(corner).into();
    arrays.push(Arc::new(Int32Array::from(vec![0, 2, 1])));
    arrays.push(corner(0.25));
    let items = structs(&item.to_arrow(), arrays);
    let boxes = list(Arc::new(items), true, [0, 2, 0, 0, 1, 0], None);
    let value = ValueType::List {
        item: Box::new(item),
        len: None,
    };
    (value, boxes)
}

fn list<const N: usize>(
    values: ArrayRef,
    nullable: bool,
    lens: [usize; N],
    nulls: Option<NullBuffer>,
) -> ListArray {
    let item = Arc::new(Field::new_list_field(values.data_type().clone(), nullable));
    ListArray::new(item, OffsetBuffer::from_lengths(lens), values, nulls)
}

fn fixed(values: ArrayRef, nullable: bool, len: i32) -> FixedSizeListArray {
    let item = Arc::new(Field::new_list_field(values.data_type().clone(), nullable));
    FixedSizeListArray::new(item, len, values, None)
}

fn structs(value: &DataType, arrays: Vec<ArrayRef>) -> StructArray {
    let DataType::Struct(fields) = value else {
        panic!("{value} is no struct")
    };
    StructArray::new(fields.clone(), arrays, None)
}

fn field_type(value: &ValueType, field: usize) -> DataType {
    let ValueType::Struct { fields } = value else {
        panic!("{value:?} is no struct")
    };
    fields[field].value.to_arrow()
}

fn decode(hex: &str) -> Vec<u8> {
    let digits = hex.as_bytes().chunks(2);
    digits
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}
