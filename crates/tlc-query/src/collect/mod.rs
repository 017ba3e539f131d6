//! Collection from a model on the engine: one job for each shard of a table, wherever the engine
//! runs it, and one commit for all.

mod function;
mod places;

use self::function::CollectShard;
use self::places::Places;
use crate::{Error, Result};
use datafusion::logical_expr::{LogicalPlanBuilder, ScalarUDF, lit};
use datafusion::prelude::SessionContext;
use futures_util::{StreamExt, stream};
use std::ops::Range;
use std::sync::Arc;
use tlc_burn::{CollectOptions, CollectShards, ShardedCollection};
use tlc_core::{MetricsTable, ShardedMetrics, Table};
use tokio::task::spawn_blocking;

/// Jobs that an engine has at once: whatever its size, some wait for a free place.
const JOBS: usize = 128;

/// A collection that any process can make shards of, with the places that this one has for it.
/// Cheap to clone.
#[derive(Clone)]
pub struct Collection {
    shards: Arc<dyn CollectShards>,
    places: Arc<Places>,
}

impl Collection {
    /// With one place: a shard takes the whole device, or all cores.
    pub fn new(shards: impl CollectShards + 'static) -> Self {
        Self {
            shards: Arc::new(shards),
            places: Arc::new(Places::new(1)),
        }
    }

    /// Sets how many shards are made at once in this process, such as one for each of its
    /// devices.
    #[must_use]
    pub fn places(self, places: u16) -> Self {
        Self {
            places: Arc::new(Places::new(places.max(1))),
            ..self
        }
    }

    /// What its model is called.
    #[must_use]
    pub fn model(&self) -> &str {
        self.shards.model()
    }
}

impl std::fmt::Debug for Collection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Collection")
            .field("model", &self.model())
            .finish_non_exhaustive()
    }
}

/// Collects from all rows of a table on an engine: DataFusion in this process, or a session of
/// Ballista, whose executors have the same [`Collection`].
///
/// Each shard is a job of its own. The function that it calls reads the rows, runs the model as
/// [`collect_metrics`](tlc_burn::collect_metrics) does, to the bit, and writes files of rows and
/// a receipt into the run; so a job that is run twice, or again after its process died, gives
/// what is there, and a shard with a receipt is made even if the answer of its job is lost. When
/// all are through, one commit makes them one metrics table, if each row is there exactly once.
/// Called again with the same model, table, run and options, it makes only the shards that are
/// missing or damaged, and gives the table if there is one.
///
/// ```
/// # use burn::data::dataloader::batcher::Batcher;
/// # use burn::nn::{Linear, LinearConfig};
/// # use burn::prelude::*;
/// # use serde::{Deserialize, Serialize};
/// # use tlc_core::{Run, RunOptions, Table, TableOptions, Url};
/// use tlc_burn::prelude::*;
/// use tlc_burn::Shards;
/// use tlc_query::{Collection, collect_on, datafusion::prelude::SessionContext};
/// # struct Stack;
/// # type Batch = (Tensor<2>, Tensor<1, Int>);
/// # impl Batcher<Row, Batch> for Stack {
/// #     fn batch(&self, rows: Vec<Row>, device: &Device) -> Batch {
/// #         let x: Vec<_> = rows.iter().map(|row| Tensor::<1>::from_floats(row.x, device)).collect();
/// #         let y: Vec<_> = rows.iter().map(|row| row.label).collect();
/// #         (Tensor::stack(x, 0), Tensor::from_ints(y.as_slice(), device))
/// #     }
/// # }
/// # #[derive(Clone, Serialize, Deserialize)]
/// # struct Row { x: [f32; 2], label: i32 }
/// # let root = Url::parse("memory://docs-collect-on/")?;
/// # let options = TableOptions::new("demo", "points", "train").root(&root);
/// # let rows: Vec<_> = (0..100).map(|at| Row { x: [at as f32, 1.0], label: at % 2 }).collect();
/// # let table = Table::create(options, |writer| writer.add_rows(&rows))?;
/// # let run = Run::create(RunOptions::new("demo").root(&root))?;
/// # let model: Linear = LinearConfig::new(2, 2).init(&tlc_burn::device("cpu")?);
/// let predictor = Predictor::by(&model, Stack, |model, (inputs, targets): Batch| {
///     ClassificationInput::new(model.forward(inputs), targets)
/// });
/// let shards = Shards::new(
///     "linear, seed 7",
///     |table: &Table| table.samples::<Row>(),
///     Classification::new(["cat", "dog"]),
///     predictor.batch_size(10),
/// );
/// let collection = Collection::new(shards.shard_rows(20));
///
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// let options = CollectOptions::new().run(&run).epoch(1);
/// let metrics = collect_on(&SessionContext::new(), &table, &collection, options).await?;
/// assert_eq!(metrics.len(), table.len());
/// # Ok::<(), tlc_query::Error>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// The first of any shard: an error of the model or of its data names the rows, and is
/// [`Error::Collect`] in this process and [`Error::Sql`] with its text from another. What was
/// written is kept: call again. As [`collect_metrics`](tlc_burn::collect_metrics).
pub async fn collect_on(
    session: &SessionContext,
    table: &Table,
    collection: &Collection,
    options: CollectOptions,
) -> Result<MetricsTable> {
    let (shards, table) = (Arc::clone(&collection.shards), table.clone());
    let begun = on_own_thread(move || shards.begin(&table, options)).await?;
    if let Err(error) = run_jobs(session, collection, &begun).await {
        // Nothing is written any more, by this process, when the call returns.
        collection.places.are_free().await;
        on_own_thread(move || {
            begun.abandon();
            Ok(())
        })
        .await?;
        return Err(error);
    }
    let shards = Arc::clone(&collection.shards);
    on_own_thread(move || shards.finish(begun)).await
}

/// The function that makes a shard: what the executors of a cluster must know. Who only plans, as
/// a scheduler does, needs it without collections.
#[must_use]
pub fn collect_function(collections: &[Collection]) -> ScalarUDF {
    CollectShard::new(collections, true).into_function()
}

async fn run_jobs(
    session: &SessionContext,
    collection: &Collection,
    begun: &ShardedCollection,
) -> Result<()> {
    let function = CollectShard::new(std::slice::from_ref(collection), false).into_function();
    let jobs = begun.shards().iter().map(|rows| {
        let job = run_job(
            session,
            &function,
            collection.model(),
            begun.metrics(),
            rows.clone(),
        );
        async { job.await.map(|()| rows.len()) }
    });
    let mut jobs = stream::iter(jobs).buffer_unordered(JOBS);
    while let Some(rows) = jobs.next().await {
        begun.advance(rows?).map_err(Error::from)?;
    }
    Ok(())
}

async fn run_job(
    session: &SessionContext,
    function: &ScalarUDF,
    model: &str,
    metrics: &ShardedMetrics,
    rows: Range<usize>,
) -> Result<()> {
    let row = |row: usize| lit(i64::try_from(row).unwrap_or(i64::MAX));
    let shard = function.call(vec![
        lit(model),
        lit(metrics.run().url().to_string()),
        lit(metrics.name()),
        row(rows.start),
        row(rows.end),
    ]);
    let plan = LogicalPlanBuilder::empty(true).project([shard.alias("rows")])?;
    let job = session.execute_logical_plan(plan.build()?).await?;
    let Err(error) = job.collect().await else {
        return Ok(());
    };
    // Who made a shard may have died before it was asked for the answer: the receipt counts.
    let metrics = metrics.clone();
    let found = on_own_thread(move || Ok(metrics.find(&rows)?)).await;
    match found {
        Ok(Some(_)) => Ok(()),
        _ => Err(error.into()),
    }
}

/// Work that reads, writes or computes, where no other waits for the thread.
async fn on_own_thread<T: Send + 'static>(
    work: impl FnOnce() -> tlc_burn::Result<T> + Send + 'static,
) -> Result<T> {
    match spawn_blocking(work).await {
        Ok(done) => Ok(done?),
        Err(ended) => Err(Error::Sql(datafusion::error::DataFusionError::External(
            Box::new(ended),
        ))),
    }
}
