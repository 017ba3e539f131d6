//! Runs: what they are, and their curves.

use super::{Shared, answer, millis};
use crate::app::App;
use crate::catalog::id_of;
use crate::refusal::Answer;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashMap};
use tlc_core::{Axis, MetricsTable, Run};

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
    last: BTreeMap<String, f64>,
    streams: Vec<Stream>,
    tables: Vec<About>,
    commit: u64,
}

#[derive(Serialize)]
struct Stream {
    name: String,
    is_finding: bool,
    rows: usize,
    epochs: Vec<i64>,
    splits: Vec<String>,
    tables: Vec<String>,
}

#[derive(Serialize)]
struct About {
    id: String,
    dataset: String,
    name: String,
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

#[derive(Serialize)]
struct Curve {
    key: String,
    axis: &'static str,
    points: Vec<(f64, f64)>,
}

pub(super) async fn series(State(app): Shared, Path(run): Path<String>) -> Response {
    answer(move || {
        let series = app.catalog.run(&run)?.aggregates()?;
        let curves = series.into_iter().map(|series| Curve {
            axis: axis(series.axis),
            key: series.key,
            points: series.points,
        });
        Ok(curves.collect::<Vec<_>>())
    })
    .await
}

fn axis(axis: Axis) -> &'static str {
    match axis {
        Axis::Epoch => "epoch",
        Axis::Iteration => "iteration",
        Axis::Step => "step",
        Axis::Time => "time",
    }
}

fn info(app: &App, run: &Run) -> Answer<RunInfo> {
    let metrics = run.metrics()?;
    let mut tables: Vec<About> = Vec::new();
    for url in run.input_tables()? {
        let dataset = url.parent().and_then(|tables| tables.parent());
        tables.push(About {
            id: app.table_id(&url),
            dataset: dataset.map_or_else(String::new, |dataset| dataset.name().to_owned()),
            name: url.name().to_owned(),
        });
    }
    let series = run.aggregates()?.into_iter();
    let last = series.filter_map(|series| {
        let (_, value) = series.points.last().copied()?;
        Some((series.key, value))
    });
    Ok(RunInfo {
        id: id_of(run.url()),
        project: app.catalog.project_id(&run.project())?,
        name: run.name().to_owned(),
        description: run.description(),
        status: run.status()?.to_string(),
        created: millis(&run.created()),
        failure: run.failure(),
        parameters: run.parameters(),
        last: last.collect(),
        streams: streams(&metrics)?,
        tables,
        commit: run.commits(),
    })
}

fn streams(metrics: &[MetricsTable]) -> Answer<Vec<Stream>> {
    let mut streams: Vec<Stream> = Vec::new();
    let mut known_tables: HashMap<String, Option<String>> = HashMap::new();
    for table in metrics {
        let known = streams
            .iter()
            .position(|stream| stream.name == table.stream());
        let place = known.unwrap_or(streams.len());
        if known.is_none() {
            streams.push(Stream {
                name: table.stream().to_owned(),
                is_finding: table.is_finding(),
                rows: 0,
                epochs: Vec::new(),
                splits: Vec::new(),
                tables: Vec::new(),
            });
        }
        let epoch = table.constant("epoch")?.and_then(|epoch| epoch.as_i64());
        let split = table.constant("split")?;
        let split = split.and_then(|split| split.as_str().map(str::to_owned));
        let about = table.foreign_table_id().and_then(|id| {
            let known = known_tables.entry(id.to_owned());
            known.or_insert_with(|| about(table)).clone()
        });
        if let Some(stream) = streams.get_mut(place) {
            stream.tables.extend(about);
            stream.rows += table.len();
            stream.epochs.extend(epoch);
            stream.splits.extend(split);
        }
    }
    for stream in &mut streams {
        stream.epochs.sort_unstable();
        stream.epochs.dedup();
        stream.splits.sort();
        stream.splits.dedup();
        stream.tables.sort();
        stream.tables.dedup();
    }
    Ok(streams)
}

/// The table that metrics are about; one that is gone has no id.
fn about(metrics: &MetricsTable) -> Option<String> {
    let table = metrics.foreign_table().ok().flatten()?;
    Some(id_of(table.url()))
}
