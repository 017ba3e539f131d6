//! Runs: what they are, and their curves.

use super::{Shared, answer, millis};
use crate::app::App;
use crate::catalog::id_of;
use crate::refusal::Answer;
use crate::summary::Summary;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Serialize;
use serde_json::{Map, Value};
use tlc_core::Run;
use tlc_view::Curve;

#[derive(Serialize)]
struct RunInfo {
    id: String,
    project: String,
    name: String,
    description: String,
    status: String,
    created: Option<i64>,
    failure: Option<String>,
    parameters: Map<String, Value>,
    #[serde(flatten)]
    summary: Summary,
    commit: u64,
}

pub(super) async fn list(State(app): Shared, Path(project): Path<String>) -> Response {
    answer(move || {
        let name = app.catalog.project_name(&project)?;
        let mut runs = Vec::new();
        for url in app.catalog.runs(&name)? {
            // What cannot be opened is half created or damaged: others are shown all the same.
            if let Ok(run) = app.catalog.run(&id_of(&url)) {
                runs.push(info(&app, &run)?);
            }
        }
        runs.sort_by_key(|run| std::cmp::Reverse(run.created));
        Ok(runs)
    })
    .await
}

pub(super) async fn get(State(app): Shared, Path(run): Path<String>) -> Response {
    answer(move || info(&app, &app.catalog.run(&run)?)).await
}

pub(super) async fn series(State(app): Shared, Path(run): Path<String>) -> Response {
    answer(move || Ok(Curve::all(&app.catalog.run(&run)?)?)).await
}

fn info(app: &App, run: &Run) -> Answer<RunInfo> {
    Ok(RunInfo {
        id: id_of(run.url()),
        project: app.catalog.project_id(&run.project())?,
        name: run.name().to_owned(),
        description: run.description(),
        status: run.status()?.to_string(),
        created: millis(&run.created()),
        failure: run.failure(),
        parameters: run.parameters(),
        summary: app.summaries.of(run)?,
        commit: run.commits(),
    })
}
