//! What the page asks, one resource a file; `API.md` is the contract.

mod columns;
mod compare;
mod edits;
mod findings;
mod live;
mod projects;
mod query;
mod refusal;
mod runs;
mod samples;
mod tables;
mod views;

pub(crate) use self::refusal::{Answer, Refusal};

use crate::app::App;
use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;

type Shared = axum::extract::State<Arc<App>>;

/// All routes below `/api`.
pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/session", get(projects::session))
        .route("/projects", get(projects::list))
        .route("/projects/{project}/runs", get(runs::list))
        .route("/projects/{project}/tables", get(tables::list))
        .route("/runs/{run}", get(runs::get))
        .route("/runs/{run}/series", get(runs::series))
        .route("/tables/{table}", get(tables::get))
        .route("/tables/{table}/diff/{other}", get(tables::diff))
        .route("/views", post(views::open))
        .route("/views/{view}/refresh", post(views::refresh))
        .route("/views/{view}/query", post(query::query))
        .route("/views/{view}/mask", post(columns::mask))
        .route("/views/{view}/step", post(query::step))
        .route("/views/{view}/columns/{name}", get(columns::get))
        .route("/views/{view}/samples/{row}", get(samples::get))
        .route("/views/{view}/samples/{row}/image", get(samples::image))
        .route(
            "/views/{view}/findings",
            get(findings::list).post(findings::compute),
        )
        .route("/views/{view}/edits", get(edits::get).post(edits::act))
        .route("/views/{view}/edits/cells", post(edits::cells))
        .route("/views/{view}/edits/commit", post(edits::commit))
        .route("/jobs/{job}", get(findings::job))
        .route("/compare", post(compare::compare))
        .route("/live", get(live::live))
}

/// Computes an answer on a thread that may wait, and sends it as JSON.
async fn answer<T: Serialize>(work: impl FnOnce() -> Answer<T> + Send + 'static) -> Response {
    respond(move || {
        let body = serde_json::to_vec(&work()?);
        let body = body.map_err(|error| Refusal::internal(&error))?;
        let json = HeaderValue::from_static("application/json");
        Ok(([(header::CONTENT_TYPE, json)], body).into_response())
    })
    .await
}

/// Computes a response on a thread that may wait.
async fn respond(work: impl FnOnce() -> Answer<Response> + Send + 'static) -> Response {
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(response)) => response,
        Ok(Err(refusal)) => refusal.into_response(),
        Err(error) => Refusal::internal(&error).into_response(),
    }
}

/// The JSON of a request.
fn parsed<T: DeserializeOwned>(body: &Bytes) -> Answer<T> {
    serde_json::from_slice(body).map_err(|error| Refusal::bad(error.to_string()))
}

/// Milliseconds since 1970 of a moment as RFC 3339.
fn millis(moment: &str) -> Option<i64> {
    let moment = chrono::DateTime::parse_from_rfc3339(moment).ok()?;
    Some(moment.timestamp_millis())
}
