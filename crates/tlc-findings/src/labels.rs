//! The given labels of the rows of a metrics table.

use crate::{Error, Result, column};
use tlc_core::{ClassMap, Column, EXAMPLE_ID, MetricsTable, Url};

/// A label for each row, in the row order of the metrics table.
#[derive(Debug)]
pub(crate) struct Labels {
    /// What the labels are, with the names of their classes where it has them.
    pub(crate) column: Column,
    pub(crate) values: Vec<i64>,
    /// Which sample each row is about, where rows are about a table.
    pub(crate) example_ids: Option<Vec<i64>>,
}

impl Labels {
    /// From a column of integers, which is looked for in the metrics table and then in its
    /// foreign table.
    pub(crate) fn of_metrics(metrics: &MetricsTable, label: &str) -> Result<Self> {
        let has_ids = metrics.schema().column(EXAMPLE_ID).is_some();
        let example_ids = has_ids.then(|| integers(metrics, EXAMPLE_ID)).transpose()?;
        if let Some(column) = metrics.schema().column(label) {
            return Ok(Self {
                column: column.clone(),
                values: integers(metrics, label)?,
                example_ids,
            });
        }
        let table = metrics.foreign_table()?;
        let table = table.ok_or_else(|| tlc_core::Error::NoForeignTable {
            metrics: metrics.name().to_owned(),
        })?;
        let labels = column::integers(table.name(), label, &table.column(label)?)?;
        let example_ids = match example_ids {
            Some(ids) => ids,
            None => integers(metrics, EXAMPLE_ID)?,
        };
        Ok(Self {
            column: table.schema().require(label)?.clone(),
            values: looked_up(table.url(), &labels, &example_ids)?,
            example_ids: Some(example_ids),
        })
    }
}

/// By which classes the labels and the probabilities of samples go together.
#[derive(Clone, Debug, Default)]
pub(crate) struct LabelClasses {
    /// Those of the probabilities, by position. None: a label is its position.
    pub(crate) classes: ClassMap,
    /// The label of samples that are to be left out.
    pub(crate) void: Option<i32>,
}

impl LabelClasses {
    /// Where a label stands among the classes; `None` for what is void. One of classes 0 to
    /// n-1 is its position, whether there is a probability for it or not.
    pub(crate) fn position(&self, example_id: i64, label: i64) -> Result<Option<i64>> {
        let id = i32::try_from(label).ok();
        if id.is_some() && id == self.void {
            return Ok(None);
        }
        if self.classes.is_contiguous() {
            return Ok(Some(label));
        }
        let position = id.and_then(|id| self.classes.position(id));
        let position = position.and_then(|position| i64::try_from(position).ok());
        position.map(Some).ok_or(Error::Label {
            example_id,
            label,
            classes: self.classes.len(),
        })
    }
}

fn integers(metrics: &MetricsTable, column: &str) -> Result<Vec<i64>> {
    let mut values = Vec::with_capacity(metrics.len());
    for batch in metrics.scan().columns([column]).batches()? {
        let batch = batch?;
        values.extend(column::integers(
            metrics.name(),
            column,
            column::of(&batch, column)?,
        )?);
    }
    Ok(values)
}

fn looked_up(table: &Url, labels: &[i64], example_ids: &[i64]) -> Result<Vec<i64>> {
    let find = |id: &i64| {
        let label = usize::try_from(*id).ok().and_then(|id| labels.get(id));
        let past = || tlc_core::Error::RowOutOfRange {
            url: table.clone(),
            row: u64::try_from(*id).unwrap_or_default(),
            len: labels.len(),
        };
        Ok(*label.ok_or_else(past)?)
    };
    example_ids.iter().map(find).collect()
}
