//! Third stage: the host phase of every collector, and the metrics table.

use super::forward::ComputedBatch;
use super::host_phases::HostPhases;
use super::options::CollectOptions;
use crate::Result;
use crate::collect::{Collectors, SummaryTable};
use std::sync::mpsc::Receiver;
use tlc_core::{
    Columns, MetricsOptions, MetricsTable, MetricsTableWriter, Run, RunChange, Status, Table,
};

/// Name of the column that says which fold a row is of.
const FOLD: &str = "fold";
/// Tries of the commit that ends a collection: its rows took long to compute.
const TRIES: usize = 3;

pub(super) struct Writing<'c> {
    host_phases: HostPhases<'c>,
    table: Table,
    run: Run,
    options: CollectOptions,
    /// Whether the run is not told yet that it is collected into.
    is_to_begin: bool,
    /// Made with the first batch, which settles what the columns are.
    writer: Option<MetricsTableWriter>,
    /// The fold that rows are of, if there are folds.
    fold: Option<i64>,
    /// Of the tables that sum up; they are known at the end.
    summaries: Vec<MetricsTableWriter>,
}

impl<'c> Writing<'c> {
    pub(super) fn new<B, O>(
        collectors: &Collectors<'c, B, O>,
        table: Table,
        run: Run,
        options: CollectOptions,
    ) -> Self {
        Self {
            host_phases: HostPhases::new(collectors, &options),
            table,
            run,
            options,
            is_to_begin: true,
            writer: None,
            fold: None,
            summaries: Vec::new(),
        }
    }

    /// The table that rows are about.
    #[cfg(feature = "train")]
    pub(super) fn table(&self) -> &Table {
        &self.table
    }

    /// From here on rows are of this fold.
    pub(super) fn set_fold(&mut self, fold: usize) {
        self.fold = i64::try_from(fold).ok();
    }

    /// Tells the run that it is collected into, and from what, while the first batches are
    /// computed; then writes what is, until that ends.
    pub(super) fn run(&mut self, computed: &Receiver<ComputedBatch>) -> Result<()> {
        if std::mem::take(&mut self.is_to_begin) {
            let mut begin = self.run.change();
            begin.input_table(&self.table).status(Status::Collecting);
            begin.commit()?;
        }
        computed.iter().try_for_each(|batch| self.add(&batch))
    }

    /// Makes the tables and the aggregates results of the run, and sets its status if one
    /// is given: in one commit, so that a failure leaves all of it undone.
    pub(super) fn finish(&mut self, status: Option<Status>) -> Result<MetricsTable> {
        if self.writer.is_none() {
            self.writer = Some(self.new_writer(&Columns::new())?);
        }
        for table in self.host_phases.summarize()? {
            let writer = summary_writer(&self.run, &self.options, table)?;
            self.summaries.push(writer);
        }
        let mut change = self.run.change();
        for writer in self.writer.iter_mut().chain(&mut self.summaries) {
            change.metrics(writer);
        }
        if self.options.aggregates {
            change.log(self.host_phases.values(&self.options));
        }
        if let Some(status) = status {
            change.status(status);
        }
        let tables = commit(&mut change, &self.run)?;
        let gone = || tlc_core::Error::NotFound {
            url: self.run.url().clone(),
        };
        Ok(tables.into_iter().next().ok_or_else(gone)?)
    }

    /// Seals what an aborted collection has written, as unfinished tables.
    pub(super) fn keep_unfinished(&mut self) {
        for writer in self.writer.iter_mut().chain(&mut self.summaries) {
            if let Err(error) = writer.flush() {
                tracing::warn!(run = %self.run.url(), %error, "rows of an aborted collection are lost");
            }
        }
    }

    pub(super) fn add(&mut self, computed: &ComputedBatch) -> Result<()> {
        let mut columns = self.host_phases.collect(computed)?;
        if let Some(fold) = self.fold {
            columns.push(FOLD, vec![fold; computed.example_ids.len()]);
        }
        let writer = match &mut self.writer {
            Some(writer) => writer,
            None => {
                let writer = self.new_writer(&columns)?;
                self.writer.insert(writer)
            }
        };
        Ok(writer.add_batch(columns)?)
    }

    /// The columns of every collector, checked against the batch and each other.
    fn new_writer(&self, first: &Columns) -> Result<MetricsTableWriter> {
        let mut options = MetricsOptions::new()
            .run(&self.run)
            .foreign_table(&self.table)
            .columns(self.host_phases.columns(first))
            .columns(self.options.constant_columns.clone());
        if let Some(stream) = &self.options.stream {
            options = options.stream(stream);
        }
        Ok(MetricsTableWriter::new(
            self.options.with_constants(options),
        )?)
    }
}

/// A writer of what sums up, with all its rows.
pub(super) fn summary_writer(
    run: &Run,
    options: &CollectOptions,
    table: SummaryTable,
) -> Result<MetricsTableWriter> {
    let metrics = MetricsOptions::new()
        .run(run)
        .columns(table.columns)
        .columns(options.constant_columns.clone())
        .stream(table.stream);
    let mut writer = MetricsTableWriter::new(options.with_constants(metrics))?;
    writer.add_batch(table.rows)?;
    Ok(writer)
}

/// Commits, again if need be: what a try has done already is not done twice.
pub(super) fn commit(change: &mut RunChange<'_>, run: &Run) -> Result<Vec<MetricsTable>> {
    for left in (1..TRIES).rev() {
        match change.commit() {
            Ok(tables) => return Ok(tables),
            Err(error) => {
                tracing::warn!(run = %run.url(), %error, left, "a collection is committed again");
            }
        }
    }
    Ok(change.commit()?)
}
