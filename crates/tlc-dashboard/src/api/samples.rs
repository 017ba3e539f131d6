//! One sample: its row, all that was ever said of it, and its image.

use super::columns::{cell_json, cell_values};
use super::{Shared, answer, respond};
use crate::catalog::id_of;
use crate::refusal::{Answer, Refusal};
use crate::views::Opened;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tlc_core::arrow::array::AsArray;
use tlc_core::{ImageStorage, Role, ValueType};
use tlc_view::{Kind, Meaning, View};

#[derive(Serialize)]
struct Sample {
    row: usize,
    run: Option<String>,
    table: Option<String>,
    example_id: Option<i64>,
    table_row: Option<usize>,
    cells: Map<String, Value>,
    history: Vec<Told>,
}

pub(super) async fn get(State(app): Shared, Path((view, row)): Path<(String, usize)>) -> Response {
    answer(move || {
        let opened = app.views.require(&view)?;
        let view = &opened.view;
        let origin = view.origin(row)?;
        let mut cells = Map::new();
        for meaning in view.columns() {
            let value = match meaning.kind {
                Kind::Other => match view.cell(row, &meaning.name)? {
                    Some(cell) => cell_values(&cell, 0),
                    None => Value::Null,
                },
                _ => cell_json(&*view.column(&meaning.name)?, row),
            };
            cells.insert(meaning.name.clone(), value);
        }
        Ok(Sample {
            row,
            run: origin
                .metrics
                .as_ref()
                .map(|(run, _)| run.name().to_owned()),
            table: origin.table.as_ref().map(|table| id_of(table.url())),
            example_id: origin.example_id,
            table_row: origin.table_row,
            cells,
            history: history(&opened, row)?,
        })
    })
    .await
}

/// What the metrics of one epoch say of a sample.
#[derive(Serialize)]
struct Told {
    run: Option<String>,
    epoch: Option<i64>,
    split: Option<String>,
    cells: Map<String, Value>,
}

/// What the metrics of all epochs say of a sample.
fn history(opened: &Opened, row: usize) -> Answer<Vec<Told>> {
    let view = &opened.view;
    if view.runs().is_empty() {
        return Ok(Vec::new());
    }
    let all = opened.all_epochs()?;
    let rows = all.rows_like(view, row)?;
    let text = |column: &str, row: usize| {
        let column = all.column(column).ok()?;
        column.text(row).map(str::to_owned)
    };
    let told = rows.into_iter().map(|row| {
        Ok(Told {
            run: text("run", row),
            epoch: all.column("epoch").ok().and_then(|epochs| epochs.id(row)),
            split: text("split", row),
            cells: said(&all, row)?,
        })
    });
    told.collect()
}

/// What a model said of a sample: what does not vary from epoch to epoch is left out.
fn said(all: &View, row: usize) -> Answer<Map<String, Value>> {
    let of_model = |meaning: &&Meaning| {
        let role = meaning.column.role;
        let is_place = matches!(role, Some(Role::Axis | Role::Id));
        !meaning.is_of_table && !meaning.is_finding && !is_place && meaning.kind != Kind::Other
    };
    let mut cells = Map::new();
    for meaning in all.columns().filter(of_model) {
        let column = all.column(&meaning.name)?;
        cells.insert(meaning.name.clone(), cell_json(&column, row));
    }
    Ok(cells)
}

#[derive(Deserialize)]
pub(super) struct Of {
    column: String,
}

pub(super) async fn image(
    State(app): Shared,
    Path((view, row)): Path<(String, usize)>,
    Query(of): Query<Of>,
) -> Response {
    respond(move || {
        let opened = app.views.require(&view)?;
        let meaning = opened.view.meaning(&of.column)?;
        match &meaning.column.value {
            ValueType::Image {
                storage: ImageStorage::Bytes,
            } => {}
            ValueType::Image { .. } => {
                return Err(Refusal::media("images by URL are not served yet"));
            }
            _ => return Err(Refusal::media("the column holds no images")),
        }
        let cell = opened.view.cell(row, &of.column)?;
        let cell = cell.ok_or_else(|| Refusal::not_found("image"))?;
        let bytes = cell
            .as_binary_opt::<i32>()
            .map(|cell| cell.value(0).to_vec());
        let bytes = bytes.ok_or_else(|| Refusal::media("the column holds no bytes"))?;
        let kind = kind_of(&bytes)
            .ok_or_else(|| Refusal::media("the image is neither PNG, JPEG, GIF, WebP nor BMP"))?;
        let cache = HeaderValue::from_static("private, max-age=3600");
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
            (header::CACHE_CONTROL, cache),
        ];
        Ok((headers, bytes).into_response())
    })
    .await
}

/// What the first bytes say it is, of those that hold no script.
fn kind_of(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', ..] => Some("image/gif"),
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            ..,
        ] => Some("image/webp"),
        [b'B', b'M', ..] => Some("image/bmp"),
        _ => None,
    }
}
