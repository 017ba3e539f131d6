//! Columns and masks as bytes.

use super::{Shared, parsed, respond};
use crate::refusal::Refusal;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use tlc_view::{Column, Filter};

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
        Ok(bytes(match wanted.r#as.as_deref().unwrap_or("f32") {
            "f32" => {
                let numbers = column.numbers();
                encoded(&column, |row| number(numbers(row)).to_le_bytes())
            }
            "u8" => {
                let places = column.places();
                let place = |row| u8::try_from(places(row)?).ok();
                encoded(&column, |row| [place(row).unwrap_or(u8::MAX)])
            }
            "u16" => {
                let places = column.places();
                let place = |row| u16::try_from(places(row)?).ok();
                encoded(&column, |row| place(row).unwrap_or(u16::MAX).to_le_bytes())
            }
            other => return Err(Refusal::bad(format!("`{other}` is none of f32, u8, u16"))),
        }))
    })
    .await
}

#[allow(clippy::cast_possible_truncation)] // as a screen needs it
fn number(value: Option<f64>) -> f32 {
    value.map_or(f32::NAN, |value| value as f32)
}

/// So many bytes of each row.
fn encoded<const N: usize>(column: &Column, row: impl Fn(usize) -> [u8; N]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(column.len() * N);
    (0..column.len()).for_each(|at| bytes.extend_from_slice(&row(at)));
    bytes
}

pub(super) fn bytes(body: Vec<u8>) -> Response {
    let kind = HeaderValue::from_static("application/octet-stream");
    ([(header::CONTENT_TYPE, kind)], body).into_response()
}
