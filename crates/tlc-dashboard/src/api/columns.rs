//! Columns and masks as bytes, and cells as JSON.

use super::{Shared, parsed, respond};
use crate::refusal::Refusal;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Number, Value, json};
use tlc_core::arrow::array::{Array, ArrayRef, AsArray};
use tlc_core::arrow::datatypes::{Float32Type, Float64Type};
use tlc_core::arrow::util::display::ArrayFormatter;
use tlc_view::{Column, Filter, Kind};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Masked {
    #[serde(default)]
    filters: Vec<Filter>,
}

pub(super) async fn mask(State(app): Shared, Path(view): Path<String>, body: Bytes) -> Response {
    respond(move || {
        let opened = app.views.require(&view)?;
        let masked: Masked = parsed(&body)?;
        let filtered = opened.filtered(&masked.filters)?;
        let mask = filtered.mask();
        let words = mask.words().iter().flat_map(|word| word.to_le_bytes());
        Ok(bytes(words.take(mask.rows().div_ceil(8)).collect()))
    })
    .await
}

#[derive(Deserialize)]
pub(super) struct As {
    r#as: Option<String>,
}

pub(super) async fn get(
    State(app): Shared,
    Path((view, name)): Path<(String, String)>,
    Query(wanted): Query<As>,
) -> Response {
    respond(move || {
        let opened = app.views.require(&view)?;
        let column = opened.view.column(&name)?;
        let rows = 0..column.len();
        Ok(bytes(match wanted.r#as.as_deref().unwrap_or("f32") {
            "f32" => rows
                .flat_map(|row| number(&column, row).to_le_bytes())
                .collect(),
            "u8" => {
                let place = |row| place(&column, row).and_then(|place| u8::try_from(place).ok());
                rows.map(|row| place(row).unwrap_or(u8::MAX)).collect()
            }
            "u16" => {
                let place = |row| place(&column, row).and_then(|place| u16::try_from(place).ok());
                rows.flat_map(|row| place(row).unwrap_or(u16::MAX).to_le_bytes())
                    .collect()
            }
            other => return Err(Refusal::bad(format!("`{other}` is none of f32, u8, u16"))),
        }))
    })
    .await
}

#[allow(clippy::cast_possible_truncation)] // as a screen needs it
fn number(column: &Column, row: usize) -> f32 {
    column.number(row).map_or(f32::NAN, |value| value as f32)
}

fn place(column: &Column, row: usize) -> Option<usize> {
    match column.kind() {
        Kind::Flag => column.number(row).map(|flag| usize::from(flag > 0.5)),
        _ => column
            .classes()?
            .position(i32::try_from(column.id(row)?).ok()?),
    }
}

fn bytes(body: Vec<u8>) -> Response {
    let kind = HeaderValue::from_static("application/octet-stream");
    ([(header::CONTENT_TYPE, kind)], body).into_response()
}

/// The value of a row: numbers as numbers, classes as ids, texts as texts.
pub(super) fn cell_json(column: &Column, row: usize) -> Value {
    match column.kind() {
        Kind::Text => column.text(row).map_or(Value::Null, Value::from),
        Kind::Flag => column
            .number(row)
            .map_or(Value::Null, |flag| Value::from(flag > 0.5)),
        _ => match column.id(row) {
            Some(whole) => Value::from(whole),
            None => column.number(row).map_or(Value::Null, float_json),
        },
    }
}

/// One value of any array.
pub(super) fn cell_values(values: &ArrayRef, row: usize) -> Value {
    if row >= values.len() || values.is_null(row) {
        return Value::Null;
    }
    if let Some(texts) = values.as_string_opt::<i32>() {
        return Value::from(texts.value(row));
    }
    if let Some(flags) = values.as_boolean_opt() {
        return Value::from(flags.value(row));
    }
    if let Some(numbers) = values.as_primitive_opt::<Float32Type>() {
        return float_json(numbers.value(row).into());
    }
    if let Some(numbers) = values.as_primitive_opt::<Float64Type>() {
        return float_json(numbers.value(row));
    }
    if values.as_binary_opt::<i32>().is_some() {
        return json!({ "bytes": values.as_binary::<i32>().value(row).len() });
    }
    let shown = ArrayFormatter::try_new(values, &Default::default());
    let shown = shown.map(|shown| shown.value(row).to_string());
    let shown = shown.unwrap_or_default();
    match shown.parse::<Number>() {
        Ok(number) => Value::Number(number),
        Err(_) => Value::from(shown),
    }
}

/// JSON has neither NaN nor infinities: their names stand for them.
fn float_json(value: f64) -> Value {
    let name = match value {
        value if value.is_nan() => "NaN",
        f64::INFINITY => "Infinity",
        f64::NEG_INFINITY => "-Infinity",
        value => return Number::from_f64(value).map_or(Value::Null, Value::Number),
    };
    Value::from(name)
}
