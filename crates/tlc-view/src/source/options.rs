//! What to look at, as it is asked for.

use super::part::{Metrics, Part};
use super::tables::Tables;
use crate::{Error, Result};
use std::collections::HashMap;
use tlc_core::{MetricsTable, Run, Table};

/// A view of 10,000,000 rows holds ten columns of 32 bits in half of it.
const BUDGET_BYTES: u64 = 1 << 30;
const EPOCH: &str = "epoch";
const SPLIT: &str = "split";
const FOLD: &str = "fold";

/// The epochs of which a view has metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Epochs {
    /// The last that was collected of each split of each run.
    #[default]
    Last,
    /// All.
    All,
    /// This one.
    One(i64),
}

/// What to look at, built by chaining, then [opened](Self::open).
#[derive(Clone, Debug)]
#[must_use]
pub struct ViewOptions {
    runs: Vec<Run>,
    stream: Option<String>,
    epochs: Epochs,
    tables: Vec<Table>,
    unfinished: bool,
    pub(crate) budget_bytes: u64,
    /// By the id of a run the stream that was chosen for it, since it may not be what would be
    /// chosen later.
    chosen: HashMap<String, String>,
}

impl Default for ViewOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl ViewOptions {
    /// Nothing yet.
    pub fn new() -> Self {
        Self {
            runs: Vec::new(),
            stream: None,
            epochs: Epochs::default(),
            tables: Vec::new(),
            unfinished: false,
            budget_bytes: BUDGET_BYTES,
            chosen: HashMap::new(),
        }
    }

    /// Metrics of this run; called again, of several.
    pub fn run(mut self, run: &Run) -> Self {
        self.runs.push(run.clone());
        self
    }

    /// Metrics of this stream, findings among them. By default that of a model's metrics
    /// which has the most rows: those of the training set, mostly.
    pub fn stream(mut self, name: impl Into<String>) -> Self {
        self.stream = Some(name.into());
        self
    }

    /// Metrics of these epochs; the last of each by default. Of metrics without an epoch the
    /// last counts as that.
    pub fn epochs(mut self, epochs: Epochs) -> Self {
        self.epochs = epochs;
        self
    }

    /// Without a run, the rows of this table. With runs, this revision beside those metrics
    /// that are about rows of its base, instead of the one that they were collected on.
    pub fn table(mut self, table: &Table) -> Self {
        self.tables.push(table.clone());
        self
    }

    /// Takes metrics, too, that are still being written or were never finished, as far as
    /// they are sealed.
    pub fn unfinished(mut self, unfinished: bool) -> Self {
        self.unfinished = unfinished;
        self
    }

    /// What columns in memory may take; 1 GiB by default. Those that were not used for the
    /// longest time make room.
    pub fn budget_bytes(mut self, budget_bytes: u64) -> Self {
        self.budget_bytes = budget_bytes;
        self
    }

    /// The parts as they are now, and what is not as one would expect.
    pub(crate) fn parts(&self) -> Result<(Vec<Part>, Vec<String>)> {
        let mut tables = Tables::new(&self.tables);
        if self.runs.is_empty() {
            let parts = tables.alone()?;
            return Ok((parts, tables.notes()));
        }
        let mut parts = Vec::new();
        for run in &self.runs {
            let findings: Vec<MetricsTable> = run.metrics()?.findings().to_vec();
            for metrics in self.metrics_of(run)? {
                let samples = tables.beside(&metrics)?;
                let found = found_about(&metrics, &findings)?;
                let metrics = Metrics {
                    run: run.clone(),
                    table: metrics,
                };
                parts.push(Part::new(Some(metrics), samples).with_findings(found));
            }
        }
        let notes = tables.finish(&parts)?;
        Ok((parts, notes))
    }

    /// The same, held to the streams that these parts are of.
    pub(crate) fn held_to(mut self, parts: &[Part]) -> Self {
        let metrics = parts.iter().filter_map(|part| part.metrics.as_ref());
        let streams = metrics.map(|metrics| {
            let stream = metrics.table.stream().to_owned();
            (metrics.run.id(), stream)
        });
        self.chosen.extend(streams);
        self
    }

    /// The runs, as their writers have them now.
    pub(crate) fn refresh(&self) -> Result<()> {
        self.runs.iter().try_for_each(|run| Ok(run.refresh()?))
    }

    fn metrics_of(&self, run: &Run) -> Result<Vec<MetricsTable>> {
        let mut all: Vec<MetricsTable> = run.metrics()?.to_vec();
        if self.unfinished {
            all.extend(run.unfinished_metrics()?);
        }
        let chosen = self.chosen.get(&run.id()).cloned();
        let stream = chosen
            .or_else(|| self.stream_of(&all))
            .ok_or_else(|| Error::Empty {
                reason: format!("{} has no metrics yet: collect some", run.url()),
            })?;
        let streams = streams(&all);
        all.retain(|metrics| metrics.stream() == stream);
        if all.is_empty() {
            let reason = format!("no metrics of the stream `{stream}`: there are {streams}");
            return Err(Error::Empty { reason });
        }
        let all = in_epochs(all, self.epochs)?;
        if all.is_empty() {
            let reason = format!(
                "no metrics of {} in the stream `{stream}`",
                self.told_epochs()
            );
            return Err(Error::Empty { reason });
        }
        Ok(all)
    }

    fn stream_of(&self, all: &[MetricsTable]) -> Option<String> {
        if self.stream.is_some() {
            return self.stream.clone();
        }
        let of_models = all.iter().filter(|metrics| !metrics.is_finding());
        let mut rows: Vec<(&str, usize)> = Vec::new();
        for metrics in of_models {
            let known = rows.iter_mut().find(|(name, _)| *name == metrics.stream());
            match known {
                Some((_, known)) => *known += metrics.len(),
                None => rows.push((metrics.stream(), metrics.len())),
            }
        }
        // Of several with as many rows the first.
        let most = rows.iter().rev().max_by_key(|(_, rows)| *rows);
        let any = || all.last().map(|metrics| metrics.stream());
        let chosen = most.map(|(name, _)| *name).or_else(any)?;
        Some(chosen.to_owned())
    }

    fn told_epochs(&self) -> String {
        match self.epochs {
            Epochs::One(epoch) => format!("epoch {epoch}"),
            Epochs::Last | Epochs::All => "any epoch".to_owned(),
        }
    }
}

/// What was found about the table that metrics are about: of each stream, but for that of the
/// metrics themselves, the newest that was found in what is of their split, epoch and fold, or
/// else the newest.
fn found_about(metrics: &MetricsTable, findings: &[MetricsTable]) -> Result<Vec<MetricsTable>> {
    let mut newest: Vec<(bool, MetricsTable)> = Vec::new();
    let about = findings.iter().filter(|found| {
        let is_same = found.foreign_table_id() == metrics.foreign_table_id();
        is_same && found.foreign_table_id().is_some() && found.stream() != metrics.stream()
    });
    for found in about {
        let is_of_it = is_found_in(metrics, found)?;
        let mut known = newest.iter();
        let is_better = |(before, known): &(bool, MetricsTable)| {
            known.stream() == found.stream() && *before && !is_of_it
        };
        if !known.any(is_better) {
            newest.retain(|(_, before)| before.stream() != found.stream());
            newest.push((is_of_it, found.clone()));
        }
    }
    Ok(newest.into_iter().map(|(_, found)| found).collect())
}

/// Whether nothing says that something was found in other metrics.
fn is_found_in(metrics: &MetricsTable, found: &MetricsTable) -> Result<bool> {
    for name in [SPLIT, EPOCH, FOLD] {
        let (own, other) = (metrics.constant(name)?, found.constant(name)?);
        if own.is_some() && other.is_some() && own != other {
            return Ok(false);
        }
    }
    Ok(true)
}

fn streams(all: &[MetricsTable]) -> String {
    let mut names: Vec<String> = all
        .iter()
        .map(|metrics| format!("`{}`", metrics.stream()))
        .collect();
    names.sort();
    names.dedup();
    names.join(", ")
}

fn in_epochs(all: Vec<MetricsTable>, epochs: Epochs) -> Result<Vec<MetricsTable>> {
    let epoch_of = |metrics: &MetricsTable| -> Result<Option<i64>> {
        Ok(metrics.constant(EPOCH)?.and_then(|epoch| epoch.as_i64()))
    };
    let with_epochs = all
        .into_iter()
        .map(|metrics| Ok((epoch_of(&metrics)?, metrics)))
        .collect::<Result<Vec<_>>>()?;
    match epochs {
        Epochs::All => Ok(with_epochs
            .into_iter()
            .map(|(_, metrics)| metrics)
            .collect()),
        Epochs::One(wanted) => Ok(with_epochs
            .into_iter()
            .filter(|(epoch, _)| *epoch == Some(wanted))
            .map(|(_, metrics)| metrics)
            .collect()),
        Epochs::Last => last(with_epochs),
    }
}

/// Of each table and split those of the highest epoch, or where none has one the last.
fn last(all: Vec<(Option<i64>, MetricsTable)>) -> Result<Vec<MetricsTable>> {
    let mut newest: HashMap<_, (Option<i64>, usize)> = HashMap::new();
    let mut keyed = Vec::new();
    for (place, (epoch, metrics)) in all.into_iter().enumerate() {
        let split = metrics.constant(SPLIT)?.map(|split| split.to_string());
        let about = metrics.foreign_table_display_name().map(str::to_owned);
        let key = (about, metrics.foreign_table_id().map(str::to_owned), split);
        let known = newest.entry(key.clone()).or_insert((epoch, place));
        *known = (*known).max((epoch, place));
        keyed.push((key, epoch, place, metrics));
    }
    let counts = |key: &_, epoch: Option<i64>, place: usize| {
        newest.get(key).is_some_and(|(newest, last)| match newest {
            Some(_) => epoch == *newest,
            None => place == *last,
        })
    };
    Ok(keyed
        .into_iter()
        .filter(|(key, epoch, place, _)| counts(key, *epoch, *place))
        .map(|(.., metrics)| metrics)
        .collect())
}
