//! Views: rows of runs or tables, opened by what they are made of.

use super::{Shared, answer, parsed, respond};
use crate::app::App;
use crate::catalog::{id_of, id_of_bytes};
use crate::refusal::{Answer, Refusal};
use crate::views::Opened;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use tlc_core::{Class, Role, ValueType};
use tlc_view::{Defaults, Epochs, Kind, Meaning, View, ViewOptions};

/// What a view is made of.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Spec {
    #[serde(default)]
    runs: Vec<String>,
    #[serde(default)]
    tables: Vec<String>,
    stream: Option<String>,
    #[serde(default)]
    epochs: Which,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(untagged)]
enum Which {
    One(i64),
    Named(Named),
    #[default]
    Unsaid,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Named {
    Last,
    All,
}

/// A column as the page knows it.
#[derive(Serialize)]
pub(super) struct ColumnInfo {
    name: String,
    kind: Kind,
    shows: Option<&'static str>,
    role: Option<Role>,
    title: String,
    description: Option<String>,
    unit: Option<String>,
    is_of_table: bool,
    writable: bool,
    visible: bool,
    classes: Option<Vec<ClassInfo>>,
}

#[derive(Serialize)]
pub(super) struct ClassInfo {
    id: i32,
    name: String,
    color: Option<String>,
}

impl From<&Class> for ClassInfo {
    fn from(class: &Class) -> Self {
        Self {
            id: class.id,
            name: class.name.clone(),
            color: class.color.map(String::from),
        }
    }
}

#[derive(Serialize)]
struct ViewInfo {
    id: String,
    rows: usize,
    runs: Vec<Item>,
    tables: Vec<TableItem>,
    notes: Vec<String>,
    columns: Vec<ColumnInfo>,
    epochs: Vec<i64>,
    defaults: Defaults,
}

#[derive(Serialize)]
struct Item {
    id: String,
    name: String,
}

#[derive(Serialize)]
struct TableItem {
    id: String,
    dataset: String,
    name: String,
}

pub(super) async fn open(State(app): Shared, body: Bytes) -> Response {
    answer(move || {
        let spec: Spec = parsed(&body)?;
        let key = serde_json::to_vec(&spec).map_err(|error| Refusal::internal(&error))?;
        let id = id_of_bytes(&key);
        let view = options(&app, &spec)?.open()?;
        let opened = app.views.keep(&id, view);
        Ok(info(&id, &opened))
    })
    .await
}

pub(super) async fn refresh(State(app): Shared, Path(id): Path<String>) -> Response {
    respond(move || {
        let opened = app.views.require(&id)?;
        match opened.view.refresh()? {
            None => Ok(StatusCode::NOT_MODIFIED.into_response()),
            Some(view) => {
                let opened = app.views.keep(&id, view);
                Ok(axum::Json(info(&id, &opened)).into_response())
            }
        }
    })
    .await
}

fn options(app: &App, spec: &Spec) -> Answer<ViewOptions> {
    let mut options = ViewOptions::new().epochs(match spec.epochs {
        Which::One(epoch) => Epochs::One(epoch),
        Which::Named(Named::All) => Epochs::All,
        Which::Named(Named::Last) | Which::Unsaid => Epochs::Last,
    });
    for run in &spec.runs {
        options = options.run(&app.catalog.run(run)?);
    }
    for table in &spec.tables {
        options = options.table(&app.catalog.table(table)?);
    }
    match &spec.stream {
        Some(stream) => Ok(options.stream(stream.as_str())),
        None => Ok(options),
    }
}

fn info(id: &str, opened: &Opened) -> ViewInfo {
    let view = &opened.view;
    let tables = view.tables();
    let runs = view.runs();
    ViewInfo {
        id: id.to_owned(),
        rows: view.len(),
        runs: runs
            .iter()
            .map(|run| Item {
                id: id_of(run.url()),
                name: run.name().to_owned(),
            })
            .collect(),
        tables: tables
            .iter()
            .map(|table| TableItem {
                id: id_of(table.url()),
                dataset: table.dataset(),
                name: table.name().to_owned(),
            })
            .collect(),
        notes: view.notes().to_vec(),
        columns: view.columns().map(column_info).collect(),
        epochs: epochs(view),
        defaults: view.defaults(),
    }
}

pub(super) fn column_info(meaning: &Meaning) -> ColumnInfo {
    let column = &meaning.column;
    ColumnInfo {
        name: meaning.name.clone(),
        kind: meaning.kind,
        shows: shows(&column.value),
        role: column.role,
        title: column
            .display_name
            .clone()
            .unwrap_or_else(|| meaning.name.clone()),
        description: column.description.clone(),
        unit: column.unit.clone(),
        is_of_table: meaning.is_of_table,
        writable: meaning.is_of_table && column.writable,
        visible: column.visible,
        classes: meaning
            .classes
            .as_ref()
            .map(|classes| classes.iter().map(ClassInfo::from).collect()),
    }
}

fn shows(value: &ValueType) -> Option<&'static str> {
    match value {
        ValueType::Image { .. } => Some("image"),
        ValueType::Embedding { .. } => Some("embedding"),
        ValueType::SegmentationMask { .. } => Some("mask"),
        ValueType::List { .. } | ValueType::Tensor { .. } => Some("list"),
        ValueType::Bytes => Some("bytes"),
        ValueType::Struct { .. } => Some("struct"),
        _ => None,
    }
}

/// The epochs of all metrics of the stream, those that are not shown among them.
fn epochs(view: &View) -> Vec<i64> {
    let mut epochs = BTreeSet::new();
    for (run, stream) in view.streams() {
        let Ok(metrics) = run.metrics() else { continue };
        for table in metrics.iter().filter(|table| table.stream() == stream) {
            let epoch = table.constant("epoch").ok().flatten();
            epochs.extend(epoch.and_then(|epoch| epoch.as_i64()));
        }
    }
    epochs.into_iter().collect()
}
