//! What a run is, and the tables that went in.

use crate::export::figures::many;
use crate::export::texts::{NAME, WORDS, cut};
use crate::{Failure, print};
use serde_json::Value;
use std::collections::BTreeSet;
use tlc_core::{Error, Run, Table};
use tlc_view::{Filtered, Kind, View};

const EPOCH: &str = "epoch";
const SPLIT: &str = "split";
const MOST_REVISIONS: usize = 20;

pub(crate) struct Facts {
    pub(crate) project: String,
    pub(crate) name: String,
    pub(crate) status: String,
    /// To the minute, UTC.
    pub(crate) created: String,
    pub(crate) description: String,
    pub(crate) failure: Option<String>,
    pub(crate) parameters: Vec<(String, String)>,
}

/// A table, or a revision that it was made of.
#[derive(Clone, PartialEq)]
pub(crate) struct TableFacts {
    pub(crate) dataset: String,
    pub(crate) name: String,
    pub(crate) rows: usize,
    pub(crate) created: String,
    pub(crate) description: String,
    pub(crate) author: String,
    pub(crate) cells_changed: u64,
    /// Whether the run is of this revision, and not of one made of it.
    pub(crate) is_used: bool,
}

/// Tables, and what there is to say of those that are gone.
pub(super) struct Tables {
    pub(super) facts: Vec<TableFacts>,
    pub(super) notes: Vec<String>,
}

impl Facts {
    pub(super) fn of(run: &Run) -> Result<Self, Failure> {
        let parameters = run.parameters().into_iter();
        Ok(Self {
            project: run.project(),
            name: run.name().to_owned(),
            status: run.status()?.to_string(),
            created: print::minutes(&run.created()),
            description: cut(&run.description(), WORDS),
            failure: run.failure().map(|why| cut(&why, WORDS)),
            parameters: parameters
                .map(|(name, value)| (name, told(&value)))
                .collect(),
        })
    }
}

fn told(value: &Value) -> String {
    match value {
        Value::Null => "—".to_owned(),
        value => print::value(Some(value)),
    }
}

/// The tables of a run and of the view of it, each after those that it was made of.
pub(super) fn tables(run: &Run, view: Option<&View>) -> Result<Tables, Failure> {
    let mut used = view.map(View::tables).unwrap_or_default();
    let mut notes = Vec::new();
    for url in run.input_tables()? {
        match Table::from_url(&url) {
            Ok(table) if used.iter().all(|known| known.id() != table.id()) => used.push(table),
            Ok(_) => {}
            Err(Error::NotFound { .. }) => notes.push(format!("the table {} is gone", url.name())),
            Err(error) => return Err(error.into()),
        }
    }
    let facts = used
        .iter()
        .flat_map(|table| descent(table, &used))
        .collect();
    Ok(Tables { facts, notes })
}

/// A table, after those that it was made of as far as they are known.
fn descent(table: &Table, used: &[Table]) -> Vec<TableFacts> {
    let own = table.revision();
    let mut all = vec![own.clone()];
    if let Ok(lineage) = table.lineage() {
        let parent = |id: Option<&String>| lineage.get(id?).cloned();
        let above = std::iter::successors(parent(own.parent.as_ref()), |revision| {
            parent(revision.parent.as_ref())
        });
        all.extend(above.take(MOST_REVISIONS));
    }
    // One that is used itself is told with its own.
    let is_own = |id: &str| id != own.id && used.iter().any(|table| table.id() == id);
    let all = all.into_iter().rev().filter(|each| !is_own(&each.id));
    let facts = all.map(|revision| TableFacts {
        dataset: table.dataset(),
        name: revision.url.name().to_owned(),
        rows: revision.rows,
        created: print::minutes(&revision.created),
        description: cut(&revision.description, WORDS / 4),
        author: revision.author.unwrap_or_default(),
        cells_changed: revision.changes.cells,
        is_used: revision.id == own.id,
    });
    facts.collect()
}

/// The splits that a run has metrics of.
pub(super) fn splits(run: &Run) -> Result<BTreeSet<String>, Failure> {
    let mut splits = BTreeSet::new();
    for metrics in run.metrics()?.iter() {
        let split = metrics.constant(SPLIT)?;
        splits.extend(split.and_then(|split| split.as_str().map(str::to_owned)));
    }
    Ok(splits)
}

/// Which rows of a run are looked at, in words.
pub(super) fn which_rows(all: &Filtered) -> Result<String, Failure> {
    let view = all.view();
    let is_there =
        |name: &str, kind: Kind| view.meaning(name).is_ok_and(|found| found.kind == kind);
    let mut told = Vec::new();
    if is_there(SPLIT, Kind::Class) {
        let splits = all.class_counts(SPLIT)?.classes.into_iter();
        told.extend(splits.map(|split| {
            format!(
                "{} of {}",
                many(split.all, "row"),
                cut(&split.class.name, NAME)
            )
        }));
    } else {
        told.push(many(all.view().len() as u64, "row"));
    }
    if is_there(EPOCH, Kind::Number) {
        let epochs = all.statistics(EPOCH)?;
        told.extend(
            epochs
                .min
                .zip(epochs.max)
                .map(|(first, last)| match first < last {
                    true => format!("epochs {first} to {last}"),
                    false => format!("epoch {first}"),
                }),
        );
    }
    Ok(told.join(", "))
}
