//! One part of a view: rows of one metrics table beside those of a table, or a table alone.

use serde_json::Value;
use std::sync::Arc;
use tlc_core::{MetricsTable, RowMap, Run, Selection, Table};

/// Metrics, and the run that has them.
#[derive(Clone, Debug)]
pub(crate) struct Metrics {
    pub(crate) run: Run,
    pub(crate) table: MetricsTable,
}

/// A model as it was at one time: the run, the epoch and the fold.
pub(crate) type Model = (String, Option<Value>, Option<Value>);

impl Metrics {
    /// Whose the metrics are. Vectors of different models have nothing in common.
    pub(crate) fn model(&self) -> tlc_core::Result<Model> {
        let constant = |name| self.table.constant(name);
        Ok((self.run.id(), constant("epoch")?, constant("fold")?))
    }
}

/// The table whose rows stand beside metrics.
#[derive(Debug)]
pub(crate) struct Samples {
    pub(crate) table: Table,
    /// The rows of it that are kept under a name.
    pub(crate) selections: Vec<Selection>,
    /// From rows of the table that the metrics are about; `None` if it is that one.
    through: Option<RowMap>,
}

impl Samples {
    /// A table, beside metrics about it or about one whose rows it has; why selections are left
    /// out is noted.
    pub(super) fn new(table: Table, through: Option<RowMap>, notes: &mut Vec<String>) -> Self {
        Self {
            selections: selections(&table, notes),
            table,
            through,
        }
    }

    /// The rows that are kept under a name.
    pub(crate) fn selection(&self, name: &str) -> Option<&Selection> {
        self.selections.iter().find(|kept| kept.name() == name)
    }

    /// The row of the table that a sample is, if it has it.
    pub(crate) fn row_of(&self, example_id: i64) -> Option<usize> {
        let row = usize::try_from(example_id).ok()?;
        match &self.through {
            Some(rows) => rows.get(row),
            None => Some(row).filter(|row| *row < self.table.len()),
        }
    }
}

/// Rows of one metrics table, or of a table alone.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) metrics: Option<Metrics>,
    pub(crate) samples: Option<Arc<Samples>>,
    /// What was found in the run about the samples, the newest of each stream.
    pub(crate) findings: Arc<Vec<MetricsTable>>,
    pub(crate) rows: usize,
}

impl Part {
    pub(super) fn new(metrics: Option<Metrics>, samples: Option<Arc<Samples>>) -> Self {
        let of_table = || samples.as_ref().map_or(0, |samples| samples.table.len());
        let rows = metrics
            .as_ref()
            .map_or_else(of_table, |metrics| metrics.table.len());
        Self {
            metrics,
            samples,
            findings: Arc::default(),
            rows,
        }
    }

    /// The same with what was found about its samples.
    pub(super) fn with_findings(self, findings: Vec<MetricsTable>) -> Self {
        let findings = Arc::new(findings);
        Self { findings, ..self }
    }

    /// Whether it has the rows of another one, as many as that has, and the same table beside.
    pub(crate) fn is_of(&self, other: &Self) -> bool {
        let metrics = |part: &Self| {
            let metrics = part.metrics.as_ref()?;
            Some((metrics.run.id(), metrics.table.name().to_owned()))
        };
        let table = |part: &Self| Some(part.samples.as_ref()?.table.id().to_owned());
        let is_same = metrics(self) == metrics(other) && table(self) == table(other);
        is_same && self.rows >= other.rows
    }

    /// Whether the same is known of its samples as of those of another one: what was found,
    /// and what is kept under a name.
    pub(crate) fn is_found_as(&self, other: &Self) -> bool {
        let findings = |part: &Self| -> Vec<String> {
            let findings = part.findings.iter();
            findings.map(|found| found.name().to_owned()).collect()
        };
        let kept = |part: &Self| -> Vec<(String, Option<u64>)> {
            let samples = part.samples.iter();
            let kept = samples.flat_map(|samples| &samples.selections);
            kept.map(|kept| (kept.name().to_owned(), kept.version()))
                .collect()
        };
        findings(self) == findings(other) && kept(self) == kept(other)
    }

    /// What is read for it: a metrics table or a table, as people and errors call it.
    pub(crate) fn name(&self) -> String {
        match (&self.metrics, &self.samples) {
            (Some(metrics), _) => metrics.table.url().to_string(),
            (None, Some(samples)) => samples.table.url().to_string(),
            (None, None) => String::new(),
        }
    }
}

/// The rows of a table that are kept under names. What cannot be read keeps nobody from the
/// rows themselves.
fn selections(table: &Table, notes: &mut Vec<String>) -> Vec<Selection> {
    let names = match table.selections() {
        Ok(known) => known.into_iter().map(|known| known.name).collect(),
        Err(error) => {
            notes.push(format!("rows kept under names are left out: {error}"));
            Vec::new()
        }
    };
    let kept = names
        .into_iter()
        .filter_map(|name: String| match table.selection(&name) {
            Ok(kept) => Some(kept),
            // Deleted between the list and the look.
            Err(tlc_core::Error::NoSuchSelection { .. }) => None,
            Err(error) => {
                notes.push(format!("the rows kept as `{name}` are left out: {error}"));
                None
            }
        });
    kept.collect()
}
