//! What to look at: cards, and the work that finds what nobody has looked for yet.

use super::{Shared, answer, parsed};
use crate::refusal::Refusal;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;
use tlc_view::{Card, compute_findings, compute_layout};

pub(super) async fn list(State(app): Shared, Path(view): Path<String>) -> Response {
    answer(move || {
        let opened = app.views.require(&view)?;
        match opened.view.runs().is_empty() {
            true => Ok(Vec::new()),
            false => Ok(Card::all(&opened.view)?),
        }
    })
    .await
}

pub(super) async fn compute(State(app): Shared, Path(view): Path<String>) -> Response {
    answer(move || {
        app.check_writable()?;
        let opened = app.views.require(&view)?;
        let looked = Arc::clone(&opened.view);
        let what = format!("findings of {view}");
        let job = app
            .jobs
            .begin(&what, move |progress| compute_findings(&looked, progress));
        Ok(json!({ "job": job }))
    })
    .await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Layout {
    column: String,
    dimensions: usize,
}

/// Lays out embeddings so that they can be looked at.
pub(super) async fn lay_out(State(app): Shared, Path(view): Path<String>, body: Bytes) -> Response {
    answer(move || {
        app.check_writable()?;
        let opened = app.views.require(&view)?;
        let Layout { column, dimensions } = parsed(&body)?;
        if !(2..=3).contains(&dimensions) {
            return Err(Refusal::bad("a layout has 2 or 3 dimensions"));
        }
        let looked = Arc::clone(&opened.view);
        let what = format!("layout of {column} in {dimensions} dimensions of {view}");
        let job = app.jobs.begin(&what, move |progress| {
            compute_layout(&looked, &column, dimensions, progress).map(|()| Vec::new())
        });
        Ok(json!({ "job": job }))
    })
    .await
}

pub(super) async fn job(State(app): Shared, Path(job): Path<String>) -> Response {
    answer(move || app.jobs.get(&job).ok_or_else(|| Refusal::not_found("job"))).await
}

pub(super) async fn cancel(State(app): Shared, Path(job): Path<String>) -> Response {
    answer(move || {
        let found = app.jobs.cancel(&job);
        found.ok_or_else(|| Refusal::not_found("job"))?;
        Ok(app.jobs.get(&job))
    })
    .await
}
