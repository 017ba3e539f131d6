//! The metrics tables of a run about one table, in order of their epoch.

use crate::{Error, Result, column};
use tlc_core::arrow::array::RecordBatch;
use tlc_core::{EXAMPLE_ID, MetricsTable, Run, Table};

const EPOCH: &str = "epoch";
const LOSS: &str = "loss";
const ACCURACY: &str = "accuracy";
const MARGIN: &str = "margin";

/// What one epoch says of one sample.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub(super) epoch: i64,
    pub(super) example_id: i64,
    pub(super) loss: f64,
    pub(super) right: bool,
    /// 0 where none was collected.
    pub(super) margin: f64,
}

#[derive(Debug)]
pub(super) struct Epochs {
    tables: Vec<(i64, MetricsTable)>,
    has_margin: bool,
}

impl Epochs {
    pub(super) fn of_run(run: &Run, table: &Table, stream: Option<&str>) -> Result<Self> {
        let mut tables = Vec::new();
        for metrics in candidates(run, table, stream)? {
            check_columns(&metrics)?;
            tables.push((first_epoch(&metrics)?, metrics));
        }
        tables.sort_by_key(|(epoch, _)| *epoch);
        let has_margin =
            |(_, metrics): &(i64, MetricsTable)| metrics.schema().column(MARGIN).is_some();
        let some_margin = tables.iter().any(has_margin);
        if let Some((_, lacking)) = tables
            .iter()
            .find(|table| some_margin && !has_margin(table))
        {
            let hint = "other epochs have it: collect it in every epoch or in none";
            column::require(lacking, MARGIN, hint)?;
        }
        if tables.is_empty() {
            return Err(Error::NoEpochs {
                run: run.url().clone(),
                table: table.url().clone(),
            });
        }
        Ok(Self {
            tables,
            has_margin: some_margin,
        })
    }

    pub(super) fn has_margin(&self) -> bool {
        self.has_margin
    }

    /// Calls `visit` with every row, epoch after epoch.
    pub(super) fn for_each_row(&self, mut visit: impl FnMut(Row) -> Result<()>) -> Result<()> {
        let margin = self.has_margin.then_some(MARGIN);
        let columns = [EXAMPLE_ID, EPOCH, LOSS, ACCURACY]
            .into_iter()
            .chain(margin);
        for (epoch, metrics) in &self.tables {
            for batch in metrics.scan().columns(columns.clone()).batches()? {
                for row in self.rows(*epoch, metrics.name(), &batch?)? {
                    visit(row)?;
                }
            }
        }
        Ok(())
    }

    fn rows(&self, epoch: i64, name: &str, batch: &RecordBatch) -> Result<Vec<Row>> {
        let integers = |column| column::integers(name, column, column::of(batch, column)?);
        let numbers = |column| column::numbers(name, column, column::of(batch, column)?);
        if let Some(found) = integers(EPOCH)?.into_iter().find(|found| *found != epoch) {
            return Err(Error::EpochVaries {
                metrics: name.to_owned(),
                first: epoch,
                found,
            });
        }
        let margins = match self.has_margin {
            true => numbers(MARGIN)?,
            false => vec![0.0; batch.num_rows()],
        };
        let (losses, accuracies) = (numbers(LOSS)?, numbers(ACCURACY)?);
        let values = losses.into_iter().zip(accuracies).zip(margins);
        let rows = integers(EXAMPLE_ID)?.into_iter().zip(values);
        Ok(rows
            .map(|(example_id, ((loss, accuracy), margin))| Row {
                epoch,
                example_id,
                loss,
                right: accuracy > 0.5,
                margin,
            })
            .collect())
    }
}

/// Metrics tables about the table: those of a stream, or all that have what is needed,
/// or, where none has, all of them, of which one can then be told what it lacks.
fn candidates(run: &Run, table: &Table, stream: Option<&str>) -> Result<Vec<MetricsTable>> {
    let about = |metrics: &MetricsTable| {
        let in_stream = stream.is_none_or(|stream| metrics.info().stream_name == stream);
        let says_the_model = in_stream && !metrics.is_finding();
        says_the_model && metrics.is_about(table) && !metrics.is_empty()
    };
    let all: Vec<MetricsTable> = run.metrics()?.into_iter().filter(about).collect();
    let suits = |metrics: &MetricsTable| check_columns(metrics).is_ok();
    if stream.is_some() || !all.iter().any(suits) {
        return Ok(all);
    }
    Ok(all.into_iter().filter(suits).collect())
}

fn check_columns(metrics: &MetricsTable) -> Result<()> {
    column::require(
        metrics,
        EPOCH,
        "give the constant `epoch` to each collection",
    )?;
    column::require(
        metrics,
        ACCURACY,
        "collect Classification, or whether each prediction is right as 0 or 1",
    )?;
    column::require(
        metrics,
        LOSS,
        "collect Classification or the cross-entropy: exp(-loss) is the label's probability",
    )
}

fn first_epoch(metrics: &MetricsTable) -> Result<i64> {
    let mut batches = metrics.scan().columns([EPOCH]).rows(0..1).batches()?;
    let Some(batch) = batches.next().transpose()? else {
        return Ok(0);
    };
    let epochs = column::integers(metrics.name(), EPOCH, column::of(&batch, EPOCH)?)?;
    Ok(epochs.first().copied().unwrap_or_default())
}
