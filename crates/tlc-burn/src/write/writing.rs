//! Third stage: the host phase of every collector, and the metrics table.

use super::aggregates::Aggregates;
use super::forward::ComputedBatch;
use super::options::CollectOptions;
use super::stop::catch_panic;
use crate::collect::{HostBatch, HostPhase, Summarized, Summary, SummaryTable};
use crate::{Error, Result};
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use tlc_core::arrow::array::Array;
use tlc_core::arrow::datatypes::DataType;
use tlc_core::{
    Column, Columns, EXAMPLE_ID, MetricsOptions, MetricsTable, MetricsTableWriter, Role, Run,
    RunChange, Status, Table, ValueType,
};

/// Name of the constant that says which split a row is of.
pub(super) const SPLIT: &str = "split";
/// Name of the column that says which fold a row is of.
const FOLD: &str = "fold";
/// Tries of the commit that ends a collection: its rows took long to compute.
const TRIES: usize = 3;

pub(super) struct Writing<'c> {
    collectors: Vec<SummedCollector<'c>>,
    table: Table,
    run: Run,
    options: CollectOptions,
    /// Whether the run is not told yet that it is collected into.
    is_to_begin: bool,
    aggregates: Aggregates,
    /// Made with the first batch, which settles what the columns are.
    writer: Option<MetricsTableWriter>,
    /// The fold that rows are of, if there are folds.
    fold: Option<i64>,
    /// Of the tables that sum up; they are known at the end.
    summaries: Vec<MetricsTableWriter>,
}

/// A collector and the sum over what it has seen.
struct SummedCollector<'c> {
    host: Arc<HostPhase<'c>>,
    summary: Option<Box<dyn Summary>>,
}

impl<'c> Writing<'c> {
    pub(super) fn new(
        collectors: impl Iterator<Item = Arc<HostPhase<'c>>>,
        table: Table,
        run: Run,
        options: CollectOptions,
    ) -> Self {
        let aggregates = Aggregates::default();
        let collectors = collectors.map(|host| {
            let wanted = options.aggregates && host.compute_aggregates;
            let summary = wanted.then(|| (host.summary)()).flatten();
            SummedCollector { host, summary }
        });
        Self {
            collectors: collectors.collect(),
            table,
            run,
            options,
            is_to_begin: true,
            aggregates,
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
        self.summarize()?;
        let mut change = self.run.change();
        for writer in self.writer.iter_mut().chain(&mut self.summaries) {
            change.metrics(writer);
        }
        if self.options.aggregates {
            let (split, constants) = (&self.options.split, &self.options.constants);
            change.log(self.aggregates.values(split, constants));
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
        let columns = self.collect(computed)?;
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
    fn collect(&mut self, computed: &ComputedBatch) -> Result<Columns> {
        let rows = computed.example_ids.len();
        let ids: Vec<i64> = computed.example_ids.iter().map(|id| id.0 as i64).collect();
        let mut columns = Columns::new().column(EXAMPLE_ID, ids);
        let mut owners = vec![(EXAMPLE_ID.to_owned(), "the pipeline")];
        self.aggregates.count(rows);
        for (summed, batch) in self.collectors.iter_mut().zip(&computed.batches) {
            let collected = summed.collect(batch)?;
            let collector = &*summed.host;
            for name in collected.names() {
                let Some(values) = collected.get(name) else {
                    continue;
                };
                check_column(collector, name, values.len(), rows, &owners)?;
                if collector.compute_aggregates && is_metric(collector, name) {
                    self.aggregates.add(name, values);
                }
                owners.push((name.to_owned(), &collector.name));
                columns.push(name, Arc::clone(values));
            }
        }
        if let Some(fold) = self.fold {
            columns.push(FOLD, vec![fold; rows]);
        }
        Ok(columns)
    }

    fn summarize(&mut self) -> Result<()> {
        let collectors = self.collectors.iter_mut();
        let summarized = collectors.filter_map(SummedCollector::summarize);
        for summarized in summarized.collect::<Result<Vec<_>>>()? {
            for (name, value) in summarized.values {
                self.aggregates.set(name, value);
            }
            for table in summarized.tables {
                self.summaries.push(self.summary_writer(table)?);
            }
        }
        Ok(())
    }

    fn summary_writer(&self, table: SummaryTable) -> Result<MetricsTableWriter> {
        let options = MetricsOptions::new()
            .run(&self.run)
            .columns(table.columns)
            .columns(self.options.constant_columns.clone())
            .stream(table.stream);
        let mut writer = MetricsTableWriter::new(self.with_constants(options))?;
        writer.add_batch(table.rows)?;
        Ok(writer)
    }

    fn new_writer(&self, first: &Columns) -> Result<MetricsTableWriter> {
        let mut options = MetricsOptions::new()
            .run(&self.run)
            .foreign_table(&self.table);
        let declared: Vec<Column> = self
            .collectors
            .iter()
            .flat_map(|collector| collector.host.columns.clone())
            .collect();
        for name in first
            .names()
            .filter(|name| declared.iter().all(|column| column.name != *name))
        {
            options = options.columns(
                first
                    .get(name)
                    .and_then(|array| inferred_column(name, &**array)),
            );
        }
        options = options
            .columns(declared)
            .columns(self.options.constant_columns.clone());
        if let Some(stream) = &self.options.stream {
            options = options.stream(stream);
        }
        Ok(MetricsTableWriter::new(self.with_constants(options))?)
    }

    /// The split, so that a query over all files can tell, and what the user names.
    fn with_constants(&self, mut options: MetricsOptions) -> MetricsOptions {
        let constants = &self.options.constants;
        let is_named = constants.iter().any(|(name, _)| name == SPLIT);
        if !self.options.split.is_empty() && !is_named {
            options = options.constant(SPLIT, self.options.split.as_str());
        }
        for (name, value) in constants {
            options = options.constant(name, Arc::clone(value));
        }
        options
    }
}

impl SummedCollector<'_> {
    fn collect(&mut self, batch: &HostBatch) -> Result<Columns> {
        let host = &self.host;
        let place = || format!("the host phase of collector `{}`", host.name);
        catch_panic(place, || {
            let columns = (host.collect)(batch)?;
            if let Some(summary) = &mut self.summary {
                summary.add(batch, &columns)?;
            }
            Ok(columns)
        })?
    }

    fn summarize(&mut self) -> Option<Result<Summarized>> {
        let summary = self.summary.take()?;
        let place = || format!("the summary of collector `{}`", self.host.name);
        Some(catch_panic(place, || summary.finish()).and_then(|result| result))
    }
}

/// Commits, again if need be: what a try has done already is not done twice.
fn commit(change: &mut RunChange<'_>, run: &Run) -> Result<Vec<MetricsTable>> {
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

fn check_column(
    collector: &HostPhase<'_>,
    name: &str,
    found: usize,
    rows: usize,
    owners: &[(String, &str)],
) -> Result<()> {
    let (second, column) = (collector.name.clone(), name.to_owned());
    if let Some((_, first)) = owners.iter().find(|(taken, _)| taken == name) {
        return Err(Error::DuplicateColumn {
            column,
            first: (*first).to_owned(),
            second,
        });
    }
    if found != rows {
        return Err(Error::RowCount {
            collector: second,
            column,
            rows,
            found,
        });
    }
    Ok(())
}

/// Whether the mean of a column says anything: labels and ids have none.
fn is_metric(collector: &HostPhase<'_>, name: &str) -> bool {
    let declared = collector.columns.iter().find(|column| column.name == name);
    declared.is_none_or(|column| matches!(column.role, None | Some(Role::Metric)))
}

/// What a column is that its collector does not describe, where Arrow alone says
/// too little.
fn inferred_column(name: &str, values: &dyn Array) -> Option<Column> {
    match values.data_type() {
        DataType::FixedSizeList(item, dim) if *item.data_type() == DataType::Float32 => {
            Some(Column::new(
                name,
                ValueType::Embedding {
                    dim: usize::try_from(*dim).ok()?,
                },
            ))
        }
        DataType::Float32 => Some(Column::metric(name)),
        DataType::Float64 => Some(Column::new(name, ValueType::Float64).role(Role::Metric)),
        _ => None,
    }
}
