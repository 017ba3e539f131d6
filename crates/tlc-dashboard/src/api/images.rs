//! Images of samples, and masks to lay over them.

use super::{Shared, respond};
use crate::refusal::{Answer, Refusal};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use tlc_core::arrow::array::AsArray;
use tlc_core::{ClassMap, Error as Core, ImageStorage, ValueType};
use tlc_view::{Error, View, image_type, paint_mask};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Of {
    column: String,
}

/// The bytes as they are kept, or as they are where the column says.
pub(super) async fn image(
    State(app): Shared,
    Path((view, row)): Path<(String, usize)>,
    Query(of): Query<Of>,
) -> Response {
    respond(move || {
        let opened = app.views.require(&view)?;
        let bytes = opened.view.image(row, &of.column, &app.images);
        let bytes = bytes.map_err(|error| named(&opened.view, &of.column, error))?;
        let bytes = bytes.ok_or_else(|| Refusal::not_found("image"))?;
        let kind = image_type(&bytes)
            .ok_or_else(|| Refusal::media("the image is neither PNG, JPEG, GIF, WebP nor BMP"))?;
        Ok(sent(kind, bytes))
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
