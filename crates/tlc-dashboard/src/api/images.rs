//! Images of samples, and masks to lay over them.

use super::{Shared, respond};
use crate::refusal::{Answer, Refusal};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use tlc_core::arrow::array::AsArray;
use tlc_core::{ClassMap, ValueType};
use tlc_view::{View, image_type, paint_mask};

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
        let bytes = opened.view.image(row, &of.column, &app.images)?;
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
