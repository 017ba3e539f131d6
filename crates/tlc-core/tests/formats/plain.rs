//! Arrow values as plain JSON that loses no bit: floats as the hexadecimal digits of their
//! bits, bytes as hexadecimal digits, moments as microseconds. A column of more than
//! [`LONG`] values is told as runs of equal ones.

use serde_json::{Map, Value, json};
use tlc_core::arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use tlc_core::arrow::datatypes::{self as types, DataType};

const LONG: usize = 1000;

/// The columns of these batches by name.
pub(crate) fn columns(names: &[&str], batches: &[RecordBatch]) -> Map<String, Value> {
    let column = |name: &&str| {
        let arrays = batches.iter().map(|batch| &batch[*name]);
        ((*name).to_owned(), column(arrays))
    };
    names.iter().map(column).collect()
}

fn column<'a>(arrays: impl Iterator<Item = &'a ArrayRef>) -> Value {
    let cells: Vec<Value> = arrays.flat_map(cells).collect();
    if cells.len() <= LONG {
        return Value::Array(cells);
    }
    let mut runs: Vec<(usize, Value)> = Vec::new();
    for cell in cells {
        match runs.last_mut() {
            Some((count, value)) if *value == cell => *count += 1,
            _ => runs.push((1, cell)),
        }
    }
    json!({ "runs": runs })
}

fn cells(array: &ArrayRef) -> Vec<Value> {
    (0..array.len()).map(|row| cell(array, row)).collect()
}

/// One value.
fn cell(array: &ArrayRef, row: usize) -> Value {
    if array.is_null(row) {
        return Value::Null;
    }
    match array.data_type() {
        DataType::Boolean => array.as_boolean().value(row).into(),
        DataType::Int8 => array.as_primitive::<types::Int8Type>().value(row).into(),
        DataType::Int16 => array.as_primitive::<types::Int16Type>().value(row).into(),
        DataType::Int32 => array.as_primitive::<types::Int32Type>().value(row).into(),
        DataType::Int64 => array.as_primitive::<types::Int64Type>().value(row).into(),
        DataType::UInt8 => array.as_primitive::<types::UInt8Type>().value(row).into(),
        DataType::UInt16 => array.as_primitive::<types::UInt16Type>().value(row).into(),
        DataType::UInt32 => array.as_primitive::<types::UInt32Type>().value(row).into(),
        DataType::UInt64 => array.as_primitive::<types::UInt64Type>().value(row).into(),
        DataType::Float32 => bits32(array.as_primitive::<types::Float32Type>().value(row)),
        DataType::Float64 => bits64(array.as_primitive::<types::Float64Type>().value(row)),
        DataType::Utf8 => array.as_string::<i32>().value(row).into(),
        DataType::Binary => hex(array.as_binary::<i32>().value(row)),
        DataType::Timestamp(..) => array
            .as_primitive::<types::TimestampMicrosecondType>()
            .value(row)
            .into(),
        DataType::List(_) => cells(&array.as_list::<i32>().value(row)).into(),
        DataType::FixedSizeList(..) => cells(&array.as_fixed_size_list().value(row)).into(),
        DataType::Struct(fields) => {
            let columns = array.as_struct().columns().iter();
            let values = columns.map(|column| cell(column, row));
            let names = fields.iter().map(|field| field.name().clone());
            Value::Object(names.zip(values).collect())
        }
        other => panic!("no column has the type {other}"),
    }
}

fn bits32(value: f32) -> Value {
    format!("{:08x}", value.to_bits()).into()
}

/// The bits of a float.
pub(crate) fn bits64(value: f64) -> Value {
    format!("{:016x}", value.to_bits()).into()
}

fn hex(bytes: &[u8]) -> Value {
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.into()
}
