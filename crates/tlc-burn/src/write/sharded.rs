//! A collection that many processes make, each some rows of the table.

use super::host_phases::{HostPhases, Seen};
use super::options::CollectOptions;
use super::progress::Progress;
use super::stop::Stop;
use super::writing::{commit, summary_writer};
use super::{run, stages, status};
use crate::collect::{Collectors, IntoCollectors};
use crate::map::Samples;
use crate::predict::{Predict, Predictor};
use crate::{Error, Result};
use burn::data::dataloader::batcher::Batcher;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use tlc_core::{
    Columns, MetricsOptions, MetricsShard, MetricsShardWriter, MetricsTable, ShardedMetrics,
    Status, Table,
};

/// Rows of a shard unless said otherwise.
const SHARD_ROWS: usize = 1 << 16;

/// A collection in shards, whatever it collects: what an engine that hands them out needs.
pub trait CollectShards: Send + Sync {
    /// What the model is called.
    fn model(&self) -> &str;

    /// Begins a collection from all rows of a table, or goes on with one: the same model, table,
    /// run and options are the same collection. The run is told that it is collected into.
    ///
    /// # Errors
    /// [`Error::NotInShards`]; as [`ShardedMetrics::begin`].
    fn begin(&self, table: &Table, options: CollectOptions) -> Result<ShardedCollection>;

    /// Collects from the rows of a shard, unless somebody has by now.
    ///
    /// # Errors
    /// [`Error::Shard`], around [`Error::OtherModel`] or what
    /// [`collect_metrics`](crate::collect_metrics) fails of.
    fn collect(&self, metrics: &ShardedMetrics, rows: Range<usize>) -> Result<MetricsShard>;

    /// Makes all shards one metrics table of the run, with summaries and aggregates: in one
    /// commit, if each row is there once. One that is there already is what it gives.
    ///
    /// # Errors
    /// [`tlc_core::Error::Shards`]; as [`collect_metrics`](crate::collect_metrics). What was
    /// written is kept for whoever begins again.
    fn finish(&self, collection: ShardedCollection) -> Result<MetricsTable>;
}

/// A collection in shards that was begun.
#[derive(Debug)]
pub struct ShardedCollection {
    metrics: ShardedMetrics,
    shards: Vec<Range<usize>>,
    options: CollectOptions,
    progress: Progress,
    /// Status of the run after it.
    before: Status,
}

impl ShardedCollection {
    /// The metrics table that is written.
    #[must_use]
    pub fn metrics(&self) -> &ShardedMetrics {
        &self.metrics
    }

    /// The rows of each shard; none if the table is one of the run's results already.
    #[must_use]
    pub fn shards(&self) -> &[Range<usize>] {
        &self.shards
    }

    /// So many rows more are collected: the progress bar shows it.
    ///
    /// # Errors
    /// [`Error::Cancelled`] if the options have a token that says so.
    pub fn advance(&self, rows: usize) -> Result<()> {
        self.progress.advance(rows);
        Stop::new(&self.options.cancellations).check_cancelled(self.progress.rows())
    }

    /// Gives it up for now: the run has the status of before, and what was written is kept for
    /// whoever begins again.
    pub fn abandon(self) {
        status::restore(self.metrics.run(), self.before);
    }
}

/// Samples, collectors and predictor of a collection in shards, the same in each process that
/// has a part in it.
///
/// ```
/// # use burn::data::dataloader::batcher::Batcher;
/// # use burn::nn::{Linear, LinearConfig};
/// # use burn::prelude::*;
/// # use serde::{Deserialize, Serialize};
/// # use tlc_core::{Run, RunOptions, Table, TableOptions, Url};
/// use tlc_burn::prelude::*;
/// use tlc_burn::{CollectShards, Shards};
/// # struct Stack;
/// # impl Batcher<Row, (Tensor<2>, Tensor<1, Int>)> for Stack {
/// #     fn batch(&self, rows: Vec<Row>, device: &Device) -> (Tensor<2>, Tensor<1, Int>) {
/// #         let x: Vec<_> = rows.iter().map(|row| Tensor::<1>::from_floats(row.x, device)).collect();
/// #         let y: Vec<_> = rows.iter().map(|row| row.label).collect();
/// #         (Tensor::stack(x, 0), Tensor::from_ints(y.as_slice(), device))
/// #     }
/// # }
/// # #[derive(Clone, Serialize, Deserialize)]
/// # struct Row { x: [f32; 2], label: i32 }
/// # let root = Url::parse("memory://docs-collect-shards/")?;
/// # let options = TableOptions::new("demo", "points", "train").root(&root);
/// # let rows = [Row { x: [0.0, 1.0], label: 0 }, Row { x: [1.0, 0.0], label: 1 }];
/// # let table = Table::create(options, |writer| writer.add_rows(&rows))?;
/// # let run = Run::create(RunOptions::new("demo").root(&root))?;
/// # let model: Linear = LinearConfig::new(2, 2).init(&tlc_burn::device("cpu")?);
/// # type Batch = (Tensor<2>, Tensor<1, Int>);
/// let predictor = Predictor::by(&model, Stack, |model, (inputs, targets): Batch| {
///     ClassificationInput::new(model.forward(inputs), targets)
/// });
/// let collection = Shards::new(
///     "linear, seed 7",
///     |table: &Table| table.samples::<Row>(),
///     Classification::new(["cat", "dog"]),
///     predictor,
/// );
///
/// let options = CollectOptions::new().run(&run).epoch(1);
/// let begun = collection.begin(&table, options)?;
/// for rows in begun.shards() {
///     collection.collect(begun.metrics(), rows.clone())?;
/// }
/// assert_eq!(collection.finish(begun)?.len(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Shards<R, I, M: Predict, B> {
    model: String,
    samples: Box<SamplesOf<R, I>>,
    collectors: Collectors<'static, M::Batch, M::Output>,
    predictor: Predictor<M, B>,
    shard_rows: usize,
}

type SamplesOf<R, I> = dyn Fn(&Table) -> Samples<R, I> + Send + Sync;

/// What the plan of a collection in shards is about.
#[derive(Debug, Serialize, Deserialize)]
struct About {
    model: String,
    collectors: Vec<String>,
    shard_rows: usize,
    batch_size: usize,
    check_order: bool,
    aggregates: bool,
}

impl<R, I, M: Predict, B> Shards<R, I, M, B> {
    /// A collection with a model of this name, which stands for its weights: shards that were
    /// written with a model of the same name are not made again. So the name of the checkpoint
    /// with the checksum of its file is a good one. `samples` makes samples of the table, whose
    /// [`map_collect_metrics`](Samples::map_collect_metrics) is what collects.
    pub fn new<K>(
        model: impl Into<String>,
        samples: impl Fn(&Table) -> Samples<R, I> + Send + Sync + 'static,
        collectors: impl IntoCollectors<'static, M::Batch, M::Output, K>,
        predictor: Predictor<M, B>,
    ) -> Self {
        let mut list = Collectors::new();
        list.add(collectors);
        Self {
            model: model.into(),
            samples: Box::new(samples),
            collectors: list,
            predictor,
            shard_rows: SHARD_ROWS,
        }
    }

    /// Sets the number of rows of a shard, whole batches; 65,536 by default. A process that dies
    /// loses the shard it works on.
    #[must_use]
    pub fn shard_rows(mut self, rows: usize) -> Self {
        self.shard_rows = rows.max(1);
        self
    }

    fn about(&self, options: &CollectOptions) -> About {
        let batch_size = stages::batch_size(&self.predictor, options);
        let collectors = self.collectors.as_slice().iter();
        About {
            model: self.model.clone(),
            collectors: collectors.map(|one| one.host.name.clone()).collect(),
            // Batches are those of a collection in one process, to the bit.
            shard_rows: self.shard_rows.next_multiple_of(batch_size),
            batch_size,
            check_order: options.check_order,
            aggregates: options.aggregates,
        }
    }
}

impl<R, I, M, B> CollectShards for Shards<R, I, M, B>
where
    R: DeserializeOwned,
    I: Clone + Send,
    M: Predict + Send,
    B: Batcher<I, M::Batch> + Send,
{
    fn model(&self) -> &str {
        &self.model
    }

    fn begin(&self, table: &Table, options: CollectOptions) -> Result<ShardedCollection> {
        options.check_all_rows()?;
        let run = run::of(&options, table)?;
        let mut metrics = MetricsOptions::new().columns(options.constant_columns.clone());
        if let Some(stream) = &options.stream {
            metrics = metrics.stream(stream);
        }
        let (metrics, about) = (options.with_constants(metrics), self.about(&options));
        let metrics = ShardedMetrics::begin(&run, table, metrics, &about)?;
        let before = status::before(&run)?;
        let mut shards = Vec::new();
        if metrics.committed()?.is_none() {
            let mut change = run.change();
            change.input_table(table).status(Status::Collecting);
            change.commit()?;
            shards = shards_of(table.len(), about.shard_rows);
            if metrics.was_begun() {
                // What jobs of before are still doing comes last: it will be there by then.
                shards.reverse();
            }
        }
        Ok(ShardedCollection {
            progress: Progress::new(table.len(), &options),
            metrics,
            shards,
            options,
            before,
        })
    }

    fn collect(&self, metrics: &ShardedMetrics, rows: Range<usize>) -> Result<MetricsShard> {
        let collected = match metrics.find(&rows) {
            Ok(Some(shard)) => return Ok(shard),
            Ok(None) => self.collect_rows(metrics, rows.clone()),
            Err(error) => Err(error.into()),
        };
        collected.map_err(|source| Error::Shard {
            rows,
            source: Box::new(source),
        })
    }

    fn finish(&self, collection: ShardedCollection) -> Result<MetricsTable> {
        let finished = self.commit(&collection);
        if finished.is_err() {
            collection.abandon();
        }
        finished
    }
}

impl<R, I, M: Predict, B> Shards<R, I, M, B> {
    fn commit(&self, collection: &ShardedCollection) -> Result<MetricsTable> {
        let (metrics, options) = (&collection.metrics, &collection.options);
        if let Some(table) = metrics.committed()? {
            return Ok(table);
        }
        let run = metrics.run();
        let mut all = HostPhases::new(&self.collectors, options);
        for shard in metrics.shards()? {
            all.merge(shard.note::<Seen>()?)?;
        }
        let summaries = all.summarize()?.into_iter();
        let summaries = summaries.map(|table| summary_writer(run, options, table));
        let mut summaries = summaries.collect::<Result<Vec<_>>>()?;
        let mut change = run.change();
        change.shards(metrics).status(collection.before);
        for writer in &mut summaries {
            change.metrics(writer);
        }
        if options.aggregates {
            change.log(all.values(options));
        }
        let tables = commit(&mut change, run)?;
        let gone = || tlc_core::Error::NotFound {
            url: run.url().clone(),
        };
        Ok(tables.into_iter().next().ok_or_else(gone)?)
    }
}

impl<R, I, M, B> Shards<R, I, M, B>
where
    R: DeserializeOwned,
    I: Clone + Send,
    M: Predict,
    B: Batcher<I, M::Batch>,
{
    fn collect_rows(&self, metrics: &ShardedMetrics, rows: Range<usize>) -> Result<MetricsShard> {
        let about: About = metrics.about()?;
        if about.model != self.model {
            return Err(Error::OtherModel {
                planned: about.model,
                own: self.model.clone(),
            });
        }
        let options = CollectOptions::new()
            .batch_size(about.batch_size)
            .check_order(about.check_order)
            .aggregates(about.aggregates)
            .progress(false);
        let samples = (self.samples)(metrics.table()).rows(rows.clone())?;
        let mut host_phases = HostPhases::new(&self.collectors, &options);
        let mut writer: Option<MetricsShardWriter> = None;
        stages::run(
            &samples,
            &self.collectors,
            &self.predictor,
            &options,
            |computed| {
                for batch in computed {
                    let columns = host_phases.collect(&batch)?;
                    let writer = match &mut writer {
                        Some(writer) => writer,
                        None => {
                            let explained = host_phases.columns(&columns);
                            writer.insert(metrics.writer(rows.clone(), explained)?)
                        }
                    };
                    writer.add_batch(columns)?;
                }
                Ok(())
            },
        )?;
        let mut writer = match writer {
            Some(writer) => writer,
            None => metrics.writer(rows, host_phases.columns(&Columns::new()))?,
        };
        Ok(writer.finish(&host_phases.seen()?)?)
    }
}

/// At least one: without rows it says what the columns are.
fn shards_of(len: usize, rows: usize) -> Vec<Range<usize>> {
    let starts = (0..len.max(1)).step_by(rows);
    starts
        .map(|start| start..len.min(start.saturating_add(rows)))
        .collect()
}

impl<R, I, M: Predict, B> std::fmt::Debug for Shards<R, I, M, B> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shards")
            .field("model", &self.model)
            .field("shard_rows", &self.shard_rows)
            .finish_non_exhaustive()
    }
}
