//! Cells as JSON.

use serde_json::{Map, Number, Value, json};
use tlc_core::arrow::array::{Array, ArrayRef, AsArray};
use tlc_core::arrow::datatypes::{Float32Type, Float64Type};
use tlc_core::arrow::util::display::ArrayFormatter;
use tlc_view::{Column, Kind, View};

/// The value of a row in any column; `null` where there is none.
pub(super) fn cell(view: &View, row: usize, name: &str) -> tlc_view::Result<Value> {
    match view.meaning(name)?.kind {
        Kind::Other => {
            let cell = view.cell(row, name)?;
            Ok(cell.map_or(Value::Null, |cell| in_array(&cell, 0)))
        }
        _ => Ok(in_column(&*view.column(name)?, row)),
    }
}

/// The value of a row: numbers as numbers, classes as ids, texts as texts.
pub(super) fn in_column(column: &Column, row: usize) -> Value {
    match column.kind() {
        Kind::Text => column.text(row).map_or(Value::Null, Value::from),
        Kind::Flag => column
            .number(row)
            .map_or(Value::Null, |flag| Value::from(flag > 0.5)),
        _ => match column.id(row) {
            Some(whole) => Value::from(whole),
            None => column.number(row).map_or(Value::Null, float),
        },
    }
}

/// One value of any array: lists as lists, structs as objects, of bytes how many there are.
pub(super) fn in_array(values: &ArrayRef, row: usize) -> Value {
    if row >= values.len() || values.is_null(row) {
        return Value::Null;
    }
    if let Some(items) = items(values, row) {
        return (0..items.len())
            .map(|item| in_array(&items, item))
            .collect();
    }
    if let Some(fields) = values.as_struct_opt() {
        let fields = fields.column_names().into_iter().zip(fields.columns());
        let fields = fields.map(|(name, field)| (name.to_owned(), in_array(field, row)));
        return Value::Object(fields.collect::<Map<_, _>>());
    }
    if let Some(texts) = values.as_string_opt::<i32>() {
        return Value::from(texts.value(row));
    }
    if let Some(flags) = values.as_boolean_opt() {
        return Value::from(flags.value(row));
    }
    if let Some(numbers) = values.as_primitive_opt::<Float32Type>() {
        return float(numbers.value(row).into());
    }
    if let Some(numbers) = values.as_primitive_opt::<Float64Type>() {
        return float(numbers.value(row));
    }
    if let Some(bytes) = values.as_binary_opt::<i32>() {
        return json!({ "bytes": bytes.value(row).len() });
    }
    let shown = ArrayFormatter::try_new(values, &Default::default());
    let shown = shown.map(|shown| shown.value(row).to_string());
    let shown = shown.unwrap_or_default();
    match shown.parse::<Number>() {
        Ok(number) => Value::Number(number),
        Err(_) => Value::from(shown),
    }
}

/// The items of a list.
fn items(lists: &ArrayRef, row: usize) -> Option<ArrayRef> {
    let fixed = lists.as_fixed_size_list_opt();
    let open = lists.as_list_opt::<i32>();
    fixed
        .map(|lists| lists.value(row))
        .or_else(|| open.map(|lists| lists.value(row)))
}

/// JSON has neither NaN nor infinities: their names stand for them.
fn float(value: f64) -> Value {
    let name = match value {
        value if value.is_nan() => "NaN",
        f64::INFINITY => "Infinity",
        f64::NEG_INFINITY => "-Infinity",
        value => return Number::from_f64(value).map_or(Value::Null, Value::Number),
    };
    Value::from(name)
}
