//! Tables: data sets, their revisions, and what differs between two.

use super::cells::in_array;
use super::views::{ColumnInfo, column_info};
use super::{Shared, answer, millis};
use crate::app::App;
use crate::catalog::id_of;
use crate::refusal::Answer;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tlc_core::{Table, Url};
use tlc_view::ViewOptions;

#[derive(Serialize)]
pub(super) struct TableInfo {
    id: String,
    project: String,
    dataset: String,
    name: String,
    rows: usize,
    created: Option<i64>,
    description: String,
    author: Option<String>,
    cells_changed: u64,
    rows_changed: u64,
    parents: Vec<String>,
    columns: Vec<ColumnInfo>,
}

pub(super) async fn list(State(app): Shared, Path(project): Path<String>) -> Response {
    answer(move || {
        let name = app.catalog.project_name(&project)?;
        let mut tables = Vec::new();
        for url in app.catalog.tables(&name)? {
            if let Ok(table) = app.catalog.table(&id_of(&url)) {
                tables.push(info(&app, &table)?);
            }
        }
        tables.sort_by_key(|table| std::cmp::Reverse(table.created));
        Ok(tables)
    })
    .await
}

pub(super) async fn get(State(app): Shared, Path(table): Path<String>) -> Response {
    answer(move || info(&app, &app.catalog.table(&table)?)).await
}

pub(super) fn info(app: &App, table: &Table) -> Answer<TableInfo> {
    let parent: Option<Url> = table
        .parent()
        .ok()
        .flatten()
        .map(|parent| parent.url().clone());
    let revision = table.revision();
    let view = ViewOptions::new().table(table).open()?;
    Ok(TableInfo {
        id: id_of(table.url()),
        project: app.catalog.project_of(table.url())?,
        dataset: table.dataset(),
        name: table.name().to_owned(),
        rows: table.len(),
        created: millis(table.created()),
        description: table.description().to_owned(),
        author: revision.author,
        cells_changed: revision.changes.cells,
        rows_changed: revision.changes.rows_dropped + revision.changes.rows_appended,
        parents: parent.iter().map(id_of).collect(),
        columns: view
            .columns()
            .filter(|meaning| meaning.is_of_table)
            .map(column_info)
            .collect(),
    })
}

#[derive(Deserialize)]
pub(super) struct Window {
    #[serde(default)]
    start: usize,
    len: Option<usize>,
}

#[derive(Serialize)]
struct Difference {
    total: usize,
    rows: Vec<Changed>,
}

#[derive(Serialize)]
struct Changed {
    row: Option<u64>,
    column: String,
    before: Value,
    after: Value,
}

/// Rows of a difference that are sent at once.
const MOST_ROWS: usize = 1_000;

pub(super) async fn diff(
    State(app): Shared,
    Path((table, other)): Path<(String, String)>,
    Query(window): Query<Window>,
) -> Response {
    answer(move || {
        let (one, other) = (app.catalog.table(&table)?, app.catalog.table(&other)?);
        let len = window.len.unwrap_or(100).min(MOST_ROWS);
        let mut total = 0;
        let mut rows = Vec::new();
        for batch in one.diff(&other)? {
            let batch = batch?;
            for row in 0..batch.num_rows() {
                if total >= window.start && rows.len() < len {
                    let cell = |name: &str| {
                        let values = batch.column_by_name(name);
                        values.map_or(Value::Null, |values| in_array(values, row))
                    };
                    rows.push(Changed {
                        row: cell("row").as_u64(),
                        column: cell("column").as_str().unwrap_or_default().to_owned(),
                        before: cell("before"),
                        after: cell("after"),
                    });
                }
                total += 1;
            }
        }
        Ok(Difference { total, rows })
    })
    .await
}
