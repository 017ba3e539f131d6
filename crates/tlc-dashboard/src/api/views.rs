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
use tlc_core::{Class, ClassMap, Role, Skeleton, ValueType};
use tlc_view::{
    Boxes, CompareBy, Defaults, Epochs, Expression, Kind, Meaning, View, ViewOptions, class_color,
};

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
    /// Columns that are computed of others.
    #[serde(default)]
    derived: Vec<Computed>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Computed {
    name: String,
    expression: String,
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
    /// The name of the rows that it says of each row whether it is one of.
    selection: Option<String>,
    classes: Option<Vec<ClassInfo>>,
    /// Of the keypoints of its boxes.
    skeletons: Vec<Skeleton>,
}

#[derive(Serialize)]
pub(super) struct ClassInfo {
    id: i32,
    name: String,
    color: Option<String>,
}

impl ClassInfo {
    pub(super) fn all(classes: &ClassMap) -> Vec<Self> {
        let classes = classes.iter().map(|class| Self::of(class, Some(classes)));
        classes.collect()
    }

    /// One of some classes, or a flag.
    pub(super) fn of(class: &Class, classes: Option<&ClassMap>) -> Self {
        let color = classes.map(|classes| class_color(classes, class.id));
        Self {
            id: class.id,
            name: class.name.clone(),
            color: color.map(String::from),
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
    /// Why columns that were to be computed are left out.
    derived_errors: Vec<DerivedError>,
    columns: Vec<ColumnInfo>,
    epochs: Vec<i64>,
    defaults: Defaults,
    /// How its samples are compared with those of another view.
    compare_by: Option<CompareBy>,
}

/// Why a column could not be computed, and where its expression is wrong.
#[derive(Serialize)]
struct DerivedError {
    name: String,
    error: String,
    /// In characters from 1.
    position: Option<usize>,
}

impl DerivedError {
    fn new(name: String, error: &tlc_view::Error) -> Self {
        let (error, position) = match error {
            tlc_view::Error::Expression {
                reason, position, ..
            } => (reason.clone(), Some(*position)),
            error => (error.to_string(), None),
        };
        Self {
            name,
            error,
            position,
        }
    }
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
        let (view, derived_errors) = with_derived(view, spec.derived);
        let opened = app.views.keep(&id, view);
        Ok(ViewInfo {
            derived_errors,
            ..info(&id, &opened)
        })
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

/// A view that is open, with all that was added to it.
pub(super) fn refreshed(app: &App, id: &str) -> Answer<impl Serialize + use<>> {
    let opened = app.views.require(id)?;
    match opened.view.refresh()? {
        None => Ok(info(id, &opened)),
        Some(view) => Ok(info(id, &app.views.keep(id, view))),
    }
}

/// The view with columns that are computed, and what is wrong with the others.
fn with_derived(view: View, derived: Vec<Computed>) -> (View, Vec<DerivedError>) {
    let mut errors = Vec::new();
    let view = derived.into_iter().fold(view, |view, computed| {
        let expression = Expression::parse(&computed.expression);
        match expression.and_then(|expression| view.derive(&computed.name, &expression)) {
            Ok(derived) => derived,
            Err(error) => {
                errors.push(DerivedError::new(computed.name, &error));
                view
            }
        }
    });
    (view, errors)
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
        derived_errors: Vec::new(),
        columns: view.columns().map(column_info).collect(),
        epochs: epochs(view),
        defaults: view.defaults(),
        compare_by: CompareBy::of(view),
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
        unit: column.unit.clone().or_else(|| unit_of_boxes(&column.value)),
        is_of_table: meaning.is_of_table,
        writable: meaning.is_of_table && column.writable,
        visible: column.visible,
        selection: meaning.selection.clone(),
        classes: classes(meaning).map(ClassInfo::all),
        skeletons: skeletons(&column.value),
    }
}

fn shows(value: &ValueType) -> Option<&'static str> {
    match value {
        ValueType::Image { .. } => Some("image"),
        ValueType::Embedding { .. } => Some("embedding"),
        ValueType::SegmentationMask { .. } => Some("mask"),
        boxes if Boxes::of(boxes).is_some() => Some("boxes"),
        ValueType::List { .. } | ValueType::Tensor { .. } => Some("list"),
        ValueType::Bytes => Some("bytes"),
        ValueType::Struct { .. } => Some("struct"),
        _ => None,
    }
}

/// The classes of a column: of labels, of the pixels of masks, of boxes.
fn classes(meaning: &Meaning) -> Option<&ClassMap> {
    match &meaning.column.value {
        ValueType::SegmentationMask { classes } => Some(classes),
        other => Boxes::of(other)
            .and_then(|boxes| boxes.classes())
            .or(meaning.classes.as_deref()),
    }
}

/// Of the keypoints of boxes.
fn skeletons(value: &ValueType) -> Vec<Skeleton> {
    let boxes = Boxes::of(value).into_iter();
    boxes.flat_map(|boxes| boxes.skeletons()).cloned().collect()
}

fn unit_of_boxes(value: &ValueType) -> Option<String> {
    Some(Boxes::of(value)?.unit()?.to_owned())
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
