//! Columns and masks as bytes.

use super::{Shared, parsed, respond};
use crate::refusal::Refusal;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
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

pub(super) fn bytes(body: Vec<u8>) -> Response {
    let kind = HeaderValue::from_static("application/octet-stream");
    ([(header::CONTENT_TYPE, kind)], body).into_response()
}
