//! What to look at: cards, and the work that finds what nobody has looked for yet.

use super::{Shared, answer};
use crate::refusal::Refusal;
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::json;
use std::sync::Arc;
use tlc_view::{Card, compute_findings};

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
        let job = app
            .jobs
            .begin(move || compute_findings(&looked).map_err(|error| error.to_string()));
        Ok(json!({ "job": job }))
    })
    .await
}

pub(super) async fn job(State(app): Shared, Path(job): Path<String>) -> Response {
    answer(move || app.jobs.get(&job).ok_or_else(|| Refusal::not_found("job"))).await
}
