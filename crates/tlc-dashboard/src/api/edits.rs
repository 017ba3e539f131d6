//! Pending edits of the tables beside a view: made, undone, committed.

use super::cells::in_array;
use super::{Shared, answer, parsed, respond, tables};
use crate::app::App;
use crate::catalog::id_of;
use crate::refusal::{Answer, Refusal};
use crate::views::Opened;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use tlc_core::{Conflict, RevisionOptions, Table};
use tlc_view::{Action, ActionKind, Change, Filter, Mask, Outcome, PendingEdits, TableRows};

/// Cells of which an answer tells the pending values, and rows that are set by number.
const MOST_CELLS: usize = 10_000;
const MOST_ROWS: usize = 1_000_000;
/// Actions that are listed, the newest of them.
const MOST_ACTIONS: usize = 200;

#[derive(Serialize)]
struct Told {
    tables: Vec<TableEdits>,
    can_undo: bool,
    can_redo: bool,
    pending: BTreeMap<usize, Map<String, Value>>,
}

#[derive(Serialize)]
struct TableEdits {
    table: String,
    actions: Vec<ActionTold>,
    cells: usize,
    reviewed: usize,
    columns: BTreeMap<String, usize>,
}

#[derive(Serialize)]
struct ActionTold {
    id: String,
    kind: ActionKind,
    column: Option<String>,
    cells: usize,
    time: Option<i64>,
    is_undone: bool,
}

/// Rows of the view: by number, or all that pass.
#[derive(Deserialize)]
#[serde(untagged)]
enum Rows {
    Listed(Vec<usize>),
    Named(AllMatching),
}

#[derive(Deserialize)]
enum AllMatching {
    #[serde(rename = "matching")]
    Matching,
}

#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
enum Do {
    Set {
        rows: Rows,
        #[serde(default)]
        filters: Vec<Filter>,
        column: String,
        value: Value,
        #[serde(default)]
        reviewed: bool,
    },
    Accept {
        rows: Rows,
        #[serde(default)]
        filters: Vec<Filter>,
        column: String,
        from: String,
        #[serde(default)]
        reviewed: bool,
    },
    Keep {
        rows: Rows,
        #[serde(default)]
        filters: Vec<Filter>,
    },
    Undo,
    Redo,
    Discard {
        column: Option<String>,
    },
}

pub(super) async fn get(State(app): Shared, Path(view): Path<String>) -> Response {
    answer(move || {
        let opened = app.views.require(&view)?;
        told(&app, &opened, &Mask::full(opened.view.len(), false))
    })
    .await
}

pub(super) async fn act(State(app): Shared, Path(view): Path<String>, body: Bytes) -> Response {
    answer(move || {
        app.check_writable()?;
        let opened = app.views.require(&view)?;
        let touched = done(&app, &opened, parsed(&body)?)?;
        told(&app, &opened, &touched)
    })
    .await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    rows: Vec<usize>,
    columns: Vec<String>,
}

#[derive(Serialize)]
struct Cells {
    cells: BTreeMap<String, BTreeMap<usize, Value>>,
    reviewed: Vec<usize>,
}

pub(super) async fn cells(State(app): Shared, Path(view): Path<String>, body: Bytes) -> Response {
    answer(move || {
        let opened = app.views.require(&view)?;
        let wanted: Wanted = parsed(&body)?;
        if wanted.rows.len().saturating_mul(wanted.columns.len()) > MOST_CELLS {
            return Err(Refusal::bad("more than 10,000 cells at once"));
        }
        let mask = Mask::of_rows(opened.view.len(), wanted.rows);
        let mut told = Cells {
            cells: BTreeMap::new(),
            reviewed: Vec::new(),
        };
        for TableRows { table, rows, .. } in opened.view.rows_by_table(&mask)? {
            app.edits.of(&table, |edits| {
                for (row, in_table) in &rows {
                    told.reviewed
                        .extend(edits.is_reviewed(*in_table).then_some(*row));
                    for name in &wanted.columns {
                        let column = in_table_name(&opened, name)?;
                        if let Some(value) = edits.value(*in_table, &column)? {
                            let cells = told.cells.entry(name.clone()).or_default();
                            cells.insert(*row, in_array(&value, 0));
                        }
                    }
                }
                Ok(())
            })?;
        }
        Ok(told)
    })
    .await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Commit {
    name: Option<String>,
    #[serde(default)]
    description: String,
    author: Option<String>,
    on_conflict: Option<OnConflict>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum OnConflict {
    Branch,
    Rebase,
}

pub(super) async fn commit(State(app): Shared, Path(view): Path<String>, body: Bytes) -> Response {
    respond(move || {
        app.check_writable()?;
        let opened = app.views.require(&view)?;
        let commit: Commit = parsed(&body)?;
        let mut committed = Vec::new();
        for table in opened.view.tables() {
            let outcome = app
                .edits
                .of(&table, |edits| match edits.counts()?.is_empty() {
                    true => Ok(None),
                    false => committed_or_not(edits, &commit).map(Some),
                })?;
            match outcome {
                None => {}
                Some(Outcome::Committed(table)) => committed.push(table),
                Some(Outcome::Conflict(conflict)) => return conflict_told(&app, &table, &conflict),
            }
        }
        let Some(table) = committed.first() else {
            return Err(Refusal::bad(
                "nothing is pending that a commit would change",
            ));
        };
        let told = json!({ "table": tables::info(&app, table)?, "line": line(table) });
        Ok(axum::Json(told).into_response())
    })
    .await
}

fn committed_or_not(edits: &mut PendingEdits, commit: &Commit) -> Answer<Outcome> {
    let mut options = RevisionOptions::new(commit.description.as_str());
    if let Some(name) = commit.name.as_ref().filter(|name| !name.is_empty()) {
        options = options.name(name);
    }
    if let Some(author) = commit.author.as_ref().filter(|author| !author.is_empty()) {
        options = options.author(author);
    }
    let outcome = match commit.on_conflict {
        Some(OnConflict::Branch) => Outcome::Committed(edits.branch(options)?),
        None => edits.commit(options)?,
        Some(OnConflict::Rebase) => match edits.commit(options.clone())? {
            Outcome::Conflict(conflict) => edits.rebase(conflict.latest(), &[])?.commit(options)?,
            committed => committed,
        },
    };
    Ok(outcome)
}

/// What differs, and what can be done.
fn conflict_told(app: &App, table: &Table, conflict: &Conflict) -> Answer<Response> {
    let latest = conflict.latest();
    let both = conflict.both();
    let there = table.rows_in(latest)?;
    let cells = app.edits.of(table, |edits| {
        let shown = both.iter().take(100).map(|touched| {
            let theirs = match (&touched.column, there.get(touched.row)) {
                (Some(column), Some(row)) => {
                    let column = latest.select(std::slice::from_ref(column))?.take(&[row])?;
                    column.columns().first().map(|value| in_array(value, 0))
                }
                _ => None,
            };
            let yours = match &touched.column {
                Some(column) => edits.value(touched.row, column)?,
                None => None,
            };
            Ok(json!({
                "row": touched.row,
                "column": touched.column,
                "yours": yours.map(|value| in_array(&value, 0)),
                "theirs": theirs,
            }))
        });
        shown.collect::<Answer<Vec<Value>>>()
    })?;
    let body = json!({
        "error": format!("somebody else has committed {} meanwhile", latest.name()),
        "conflict": {
            "table": { "id": id_of(latest.url()), "dataset": latest.dataset(), "name": latest.name() },
            "cells": cells,
            "total": both.len(),
        },
    });
    Ok((StatusCode::CONFLICT, axum::Json(body)).into_response())
}

/// The line that trains on a revision.
fn line(table: &Table) -> String {
    format!("let train = Table::from_url(\"{}\")?;", table.url())
}

/// Does it, and says which rows of the view it was done to.
fn done(app: &App, opened: &Opened, what: Do) -> Answer<Mask> {
    let none = Mask::full(opened.view.len(), false);
    match what {
        Do::Set {
            rows,
            filters,
            column,
            value,
            reviewed,
        } => {
            let name = in_table_name(opened, &column)?;
            let set = |rows: &TableRows| Change::set_json(&*name, in_table(rows), value.clone());
            let mask = mask_of(opened, rows, &filters)?;
            each_table(app, opened, &mask, |rows| {
                reviewed_or_not(set(rows), reviewed)
            })?;
            Ok(mask)
        }
        Do::Accept {
            rows,
            filters,
            column,
            from,
            reviewed,
        } => {
            let name = in_table_name(opened, &column)?;
            let said = opened.view.column(&from)?;
            let accept = |rows: &TableRows| {
                let texts = rows
                    .rows
                    .iter()
                    .map(|(row, _)| said.text(*row).map(str::to_owned));
                let texts: Vec<Option<String>> = texts.collect();
                Change::accept(&*name, in_table(rows), texts)
            };
            let mask = mask_of(opened, rows, &filters)?;
            each_table(app, opened, &mask, |rows| {
                reviewed_or_not(accept(rows), reviewed)
            })?;
            Ok(mask)
        }
        Do::Keep { rows, filters } => {
            let mask = mask_of(opened, rows, &filters)?;
            each_table(app, opened, &mask, |rows| Change::review(in_table(rows)))?;
            Ok(mask)
        }
        Do::Undo => last_of(app, opened, |edits| Ok(edits.undo()?)),
        Do::Redo => last_of(app, opened, |edits| Ok(edits.redo()?)),
        Do::Discard { column } => discard(app, opened, column).map(|()| none),
    }
}

fn reviewed_or_not(change: Change, reviewed: bool) -> Change {
    if reviewed { change.reviewed() } else { change }
}

fn discard(app: &App, opened: &Opened, column: Option<String>) -> Answer<()> {
    let change = match column {
        Some(column) => Change::discard_column(in_table_name(opened, &column)?),
        None => Change::discard_all(),
    };
    for table in opened.view.tables() {
        app.edits.of(&table, |edits| {
            if !edits.actions().is_empty() {
                edits.act(change.clone())?;
            }
            Ok(())
        })?;
    }
    Ok(())
}

fn mask_of(opened: &Opened, rows: Rows, filters: &[Filter]) -> Answer<Mask> {
    match rows {
        Rows::Listed(rows) if rows.len() > MOST_ROWS => Err(Refusal::bad(
            "more than 1,000,000 rows by number: set all that match",
        )),
        Rows::Listed(rows) => match rows.iter().find(|row| **row >= opened.view.len()) {
            Some(row) => Err(Refusal::bad(format!("row {row} is not in the view"))),
            None => Ok(Mask::of_rows(opened.view.len(), rows)),
        },
        Rows::Named(AllMatching::Matching) => {
            let filtered = opened.filtered(filters)?;
            Ok(filtered.mask().as_ref().clone())
        }
    }
}

fn each_table(
    app: &App,
    opened: &Opened,
    mask: &Mask,
    change: impl Fn(&TableRows) -> Change,
) -> Answer<()> {
    let tables = opened.view.rows_by_table(mask)?;
    if tables.is_empty() {
        return Err(Refusal::bad("no table beside the view has these rows"));
    }
    for rows in tables {
        app.edits
            .of(&rows.table, |edits| Ok(edits.act(change(&rows))?))?;
    }
    Ok(())
}

/// Undo and redo are about one action, of the first table that has one: the rows of the view
/// that it was about.
fn last_of(
    app: &App,
    opened: &Opened,
    work: impl Fn(&mut PendingEdits) -> Answer<Option<Arc<Action>>>,
) -> Answer<Mask> {
    let view = &opened.view;
    for table in view.tables() {
        if let Some(action) = app.edits.of(&table, &work)? {
            let touched = Mask::of_rows(table.len(), action.rows());
            return Ok(view.rows_showing(&touched, &table)?);
        }
    }
    Ok(Mask::full(view.len(), false))
}

fn in_table(rows: &TableRows) -> Vec<usize> {
    rows.rows.iter().map(|(_, row)| *row).collect()
}

/// The name that a column of the view has in its table.
fn in_table_name(opened: &Opened, name: &str) -> Answer<String> {
    let meaning = opened.view.meaning(name)?;
    match meaning.is_of_table {
        true => Ok(meaning.column.name.clone()),
        false => Err(Refusal::bad(format!(
            "`{name}` is what a model said, and not edited: edit a column of the table"
        ))),
    }
}

fn told(app: &App, opened: &Opened, touched: &Mask) -> Answer<Told> {
    let mut told = Told {
        tables: Vec::new(),
        can_undo: false,
        can_redo: false,
        pending: BTreeMap::new(),
    };
    for table in opened.view.tables() {
        app.edits.of(&table, |edits| {
            told.can_undo |= !edits.actions().is_empty();
            told.can_redo |= !edits.undone().is_empty();
            told.tables.push(table_edits(&table, edits)?);
            Ok(())
        })?;
    }
    if touched.count() <= MOST_CELLS {
        for TableRows { table, rows, .. } in opened.view.rows_by_table(touched)? {
            app.edits.of(&table, |edits| {
                let columns: Vec<String> =
                    edits.counts()?.into_iter().map(|of| of.column).collect();
                for (row, in_table) in &rows {
                    let cells = told.pending.entry(*row).or_default();
                    for column in &columns {
                        if let Some(value) = edits.value(*in_table, column)? {
                            cells.insert(column.clone(), in_array(&value, 0));
                        }
                    }
                }
                Ok(())
            })?;
        }
    }
    Ok(told)
}

fn table_edits(table: &Table, edits: &PendingEdits) -> Answer<TableEdits> {
    let counts = edits.counts()?;
    let action = |action: &Action, is_undone| ActionTold {
        id: action.id().to_owned(),
        kind: action.kind(),
        column: action.column().map(str::to_owned),
        cells: action.cells(),
        time: super::millis(action.made()),
        is_undone,
    };
    let made = edits.actions().iter().map(|made| action(made, false));
    let undone = edits.undone().iter().map(|undone| action(undone, true));
    let mut actions: Vec<ActionTold> = made.chain(undone).collect();
    let first = actions.len().saturating_sub(MOST_ACTIONS);
    Ok(TableEdits {
        table: id_of(table.url()),
        actions: actions.split_off(first),
        cells: counts.iter().map(|of| of.cells).sum(),
        reviewed: edits.reviewed().count(),
        columns: counts.into_iter().map(|of| (of.column, of.cells)).collect(),
    })
}
