//! One sample: its row, all that was ever said of it, and those that are like it.

use super::cells::{cell, in_column};
use super::{Shared, answer};
use crate::catalog::id_of;
use crate::refusal::Answer;
use crate::views::Opened;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tlc_core::Role;
use tlc_view::{Kind, Meaning, View};

const MOST_NEIGHBORS: usize = 1_000;

#[derive(Serialize)]
struct Sample {
    row: usize,
    run: Option<String>,
    table: Option<String>,
    example_id: Option<i64>,
    table_row: Option<usize>,
    cells: Map<String, Value>,
    history: Vec<Told>,
}

pub(super) async fn get(State(app): Shared, Path((view, row)): Path<(String, usize)>) -> Response {
    answer(move || {
        let opened = app.views.require(&view)?;
        let view = &opened.view;
        let origin = view.origin(row)?;
        let mut cells = Map::new();
        for meaning in view.columns() {
            let value = cell(view, row, &meaning.name)?;
            cells.insert(meaning.name.clone(), value);
        }
        Ok(Sample {
            row,
            run: origin
                .metrics
                .as_ref()
                .map(|(run, _)| run.name().to_owned()),
            table: origin.table.as_ref().map(|table| id_of(table.url())),
            example_id: origin.example_id,
            table_row: origin.table_row,
            cells,
            history: history(&opened, row)?,
        })
    })
    .await
}

/// What the metrics of one epoch say of a sample.
#[derive(Serialize)]
struct Told {
    run: Option<String>,
    epoch: Option<i64>,
    split: Option<String>,
    cells: Map<String, Value>,
}

/// What the metrics of all epochs say of a sample.
fn history(opened: &Opened, row: usize) -> Answer<Vec<Told>> {
    let view = &opened.view;
    if view.runs().is_empty() {
        return Ok(Vec::new());
    }
    let all = opened.all_epochs()?;
    let rows = all.rows_like(view, row)?;
    let text = |column: &str, row: usize| {
        let column = all.column(column).ok()?;
        column.text(row).map(str::to_owned)
    };
    let told = rows.into_iter().map(|row| {
        Ok(Told {
            run: text("run", row),
            epoch: all.column("epoch").ok().and_then(|epochs| epochs.id(row)),
            split: text("split", row),
            cells: said(&all, row)?,
        })
    });
    told.collect()
}

/// What a model said of a sample: what does not vary from epoch to epoch is left out.
fn said(all: &View, row: usize) -> Answer<Map<String, Value>> {
    let of_model = |meaning: &&Meaning| {
        let role = meaning.column.role;
        let is_place = matches!(role, Some(Role::Axis | Role::Id));
        !meaning.is_of_table && !meaning.is_finding && !is_place && meaning.kind != Kind::Other
    };
    let mut cells = Map::new();
    for meaning in all.columns().filter(of_model) {
        let column = all.column(&meaning.name)?;
        cells.insert(meaning.name.clone(), in_column(&column, row));
    }
    Ok(cells)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Neighbors {
    column: String,
    #[serde(default = "some")]
    len: usize,
}

fn some() -> usize {
    12
}

/// The samples that are nearest by what a model made of them.
pub(super) async fn neighbors(
    State(app): Shared,
    Path((view, row)): Path<(String, usize)>,
    Query(wanted): Query<Neighbors>,
) -> Response {
    answer(move || {
        let opened = app.views.require(&view)?;
        let len = wanted.len.min(MOST_NEIGHBORS);
        Ok(opened.view.nearest(row, &wanted.column, len)?)
    })
    .await
}
