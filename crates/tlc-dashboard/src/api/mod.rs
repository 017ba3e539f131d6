//! What the page asks, one resource a file; `API.md` is the contract.

mod cells;
mod columns;
mod compare;
mod edits;
mod findings;
mod images;
mod live;
mod projects;
mod query;
mod runs;
mod samples;
mod selections;
mod tables;
mod views;

use crate::app::App;
use crate::refusal::{Answer, Refusal};
use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;

type Shared = axum::extract::State<Arc<App>>;

/// All routes below `/api`.
pub(crate) fn routes() -> Router<Arc<App>> {
    let none = Router::new();
    let all = all().into_iter();
    all.fold(none, |router, (path, methods)| router.route(path, methods))
}

/// The paths of all routes, for tests that try each.
pub(crate) fn paths() -> Vec<&'static str> {
    all().into_iter().map(|(path, _)| path).collect()
}

fn all() -> Vec<(&'static str, MethodRouter<Arc<App>>)> {
    vec![
        ("/session", get(projects::session)),
        ("/projects", get(projects::list)),
        ("/projects/{project}/runs", get(runs::list)),
        ("/projects/{project}/tables", get(tables::list)),
        ("/runs/{run}", get(runs::get)),
        ("/runs/{run}/series", get(runs::series)),
        ("/tables/{table}", get(tables::get)),
        ("/tables/{table}/diff/{other}", get(tables::diff)),
        ("/views", post(views::open)),
        ("/views/{view}/refresh", post(views::refresh)),
        ("/views/{view}/query", post(query::query)),
        ("/views/{view}/mask", post(columns::mask)),
        ("/views/{view}/step", post(query::step)),
        ("/views/{view}/columns/{name}", get(columns::get)),
        ("/views/{view}/images", post(images::images)),
        ("/views/{view}/samples/{row}", get(samples::get)),
        ("/views/{view}/samples/{row}/image", get(images::image)),
        ("/views/{view}/samples/{row}/mask", get(images::mask)),
        (
            "/views/{view}/samples/{row}/neighbors",
            get(samples::neighbors),
        ),
        ("/views/{view}/selections", post(selections::act)),
        ("/views/{view}/edits", get(edits::get).post(edits::act)),
        ("/views/{view}/edits/cells", post(edits::cells)),
        ("/views/{view}/edits/commit", post(edits::commit)),
        (
            "/views/{view}/findings",
            get(findings::list).post(findings::compute),
        ),
        ("/views/{view}/layouts", post(findings::lay_out)),
        ("/jobs/{job}", get(findings::job)),
        ("/jobs/{job}/cancel", post(findings::cancel)),
        ("/compare", post(compare::compare)),
        ("/compare/pairs", post(compare::pairs)),
        ("/live", get(live::live)),
    ]
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
