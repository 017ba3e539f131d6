//! Images of samples, and masks to lay over them.

use super::{Shared, answer, parsed, respond};
use crate::app::App;
use crate::refusal::{Answer, Refusal};
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use base64::prelude::{BASE64_STANDARD, Engine};
use rayon::prelude::*;
use serde::Deserialize;
use serde_json::json;
use tlc_core::arrow::array::AsArray;
use tlc_core::{ClassMap, Error as Core, ImageStorage, ValueType};
use tlc_view::{Error, View, image_type, paint_mask};

/// Images in one answer, and bytes of each: a larger one is shown while it comes.
const MOST_IMAGES: usize = 256;
const MOST_BYTES: usize = 1 << 16;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Of {
    column: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Many {
    column: String,
    rows: Vec<usize>,
}

/// The bytes as they are kept, or as they are where the column says.
pub(super) async fn image(
    State(app): Shared,
    Path((view, row)): Path<(String, usize)>,
    Query(of): Query<Of>,
) -> Response {
    respond(move || {
        let opened = app.views.require(&view)?;
        let (kind, bytes) = shown(&app, &opened.view, row, &of.column)?;
        Ok(sent(kind, bytes))
    })
    .await
}

/// Small images of many rows, each within its URL: a browser opens those at once, and others one
/// by one. Null for what is asked for by itself.
pub(super) async fn images(State(app): Shared, Path(view): Path<String>, body: Bytes) -> Response {
    answer(move || {
        let opened = app.views.require(&view)?;
        let Many { column, rows } = parsed(&body)?;
        if rows.len() > MOST_IMAGES {
            let rows = rows.len();
            return Err(Refusal::bad(format!(
                "{rows} images, at most {MOST_IMAGES}"
            )));
        }
        opened.view.meaning(&column)?;
        let images = rows.par_iter().map(|row| {
            let (kind, bytes) = shown(&app, &opened.view, *row, &column).ok()?;
            let is_small = bytes.len() <= MOST_BYTES;
            is_small.then(|| format!("data:{kind};base64,{}", BASE64_STANDARD.encode(bytes)))
        });
        Ok(json!({ "images": images.collect::<Vec<_>>() }))
    })
    .await
}

/// A mask in the colours of its classes, transparent where nothing is.
pub(super) async fn mask(
    State(app): Shared,
    Path((view, row)): Path<(String, usize)>,
    Query(of): Query<Of>,
) -> Response {
    respond(move || {
        let opened = app.views.require(&view)?;
        let classes = mask_classes(&opened.view, &of.column)?;
        let cell = opened.view.cell(row, &of.column)?;
        let cell = cell.ok_or_else(|| Refusal::not_found("mask"))?;
        let bytes = cell.as_binary_opt::<i32>();
        let bytes = bytes.ok_or_else(|| Refusal::media("the column holds no bytes"))?;
        Ok(sent("image/png", paint_mask(bytes.value(0), classes)?))
    })
    .await
}

/// The bytes of an image that a browser shows, and what they are.
fn shown(app: &App, view: &View, row: usize, column: &str) -> Answer<(&'static str, Bytes)> {
    let bytes = view.image(row, column, &app.images);
    let bytes = bytes.map_err(|error| named(view, column, error))?;
    let bytes = bytes.ok_or_else(|| Refusal::not_found("image"))?;
    let kind = image_type(&bytes)
        .ok_or_else(|| Refusal::media("the image is neither PNG, JPEG, GIF, WebP nor BMP"))?;
    Ok((kind, bytes))
}

/// What went wrong with an image that a table names, without the path: whoever wrote the table
/// chose it, and may not know what else is there.
fn named(view: &View, column: &str, error: Error) -> Refusal {
    let storage = view.meaning(column).map(|meaning| &meaning.column.value);
    let is_named =
        matches!(storage, Ok(ValueType::Image { storage }) if *storage == ImageStorage::Url);
    match error {
        Error::Core(Core::NotAllowed { .. } | Core::NoSuchAlias { .. }) => error.into(),
        Error::Core(Core::NotFound { .. }) if is_named => Refusal::not_found("image"),
        Error::Core(_) if is_named => {
            Refusal::media("what the column names cannot be read as a file")
        }
        error => error.into(),
    }
}

fn mask_classes<'v>(view: &'v View, column: &str) -> Answer<&'v ClassMap> {
    match &view.meaning(column)?.column.value {
        ValueType::SegmentationMask { classes } => Ok(classes),
        _ => Err(Refusal::media("the column holds no masks")),
    }
}

fn sent(kind: &'static str, bytes: impl IntoResponse) -> Response {
    let cache = HeaderValue::from_static("private, max-age=3600");
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CACHE_CONTROL, cache),
    ];
    (headers, bytes).into_response()
}
