//! One metrics table that many processes write, each some rows of the table it is about.
//!
//! A [`ShardedMetrics`] is a plan that all of them read. What each writes is a shard: files of
//! rows under names of their own, then a receipt under the shard's name, which exactly one writer
//! of it gets to publish. Nothing of it is visible before one [`RunChange`](super::RunChange)
//! takes all shards, which it does if each row is in one of them.

mod actions;
mod plan;
mod receipt;
mod writer;

pub(crate) use self::actions::Gathered;
pub use self::receipt::MetricsShard;
pub use self::writer::MetricsShardWriter;

use self::plan::Plan;
use super::fit::Fitting;
use super::options::MetricsOptions;
use super::table::MetricsTable;
use crate::part::PartReader;
use crate::storage::json;
use crate::{Column, Error, Result, Run, Table, Url};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::ops::Range;
use std::sync::Arc;

/// Name of the plan in the folder of its metrics table.
const PLAN: &str = "plan.json";

/// A metrics table that many processes write. Each row is about one row of its table, and
/// each row of that is to be in one shard.
///
/// ```
/// use tlc_core::{Columns, MetricsOptions, Run, RunOptions, ShardedMetrics, Table, TableOptions, Url};
///
/// let root = Url::parse("memory://docs-shards/")?;
/// let table = Table::create(TableOptions::new("demo", "train", "initial").root(&root), |writer| {
///     writer.add_batch(Columns::new().column("label", vec![0, 1, 2]))
/// })?;
/// let run = Run::create(RunOptions::new("demo").root(&root))?;
/// let begun = ShardedMetrics::begin(&run, &table, MetricsOptions::new(), &"weights of epoch 3")?;
///
/// // In any process, in any order:
/// for rows in [1..3, 0..1] {
///     let metrics = ShardedMetrics::open(&run, begun.name())?;
///     let losses: Vec<f32> = rows.clone().map(|row| row as f32).collect();
///     let ids: Vec<i64> = rows.clone().map(|row| row as i64).collect();
///     let mut writer = metrics.writer(rows, [])?;
///     writer.add_batch(Columns::new().column("example_id", ids).column("loss", losses))?;
///     writer.finish(&"nothing to note")?;
/// }
///
/// let mut change = run.change();
/// change.shards(&begun);
/// assert_eq!(change.commit()?[0].len(), 3);
/// # Ok::<(), tlc_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ShardedMetrics {
    run: Run,
    table: Table,
    name: String,
    plan: Plan,
    was_begun: bool,
}

impl ShardedMetrics {
    /// Begins a metrics table about all rows of a table, or goes on with one: the same run, table,
    /// options and `about` are the same plan, whoever makes it and when. So `about` must tell
    /// what the values depend on, such as the weights of a model: shards that are there already
    /// are not written again.
    ///
    /// # Errors
    /// [`Error::Column`] for a constant that is no text, number or boolean; [`Error::Json`];
    /// storage errors.
    pub fn begin(
        run: &Run,
        table: &Table,
        options: MetricsOptions,
        about: &impl Serialize,
    ) -> Result<Self> {
        let plan = Plan::new(run, table, options, about)?;
        let (bytes, _) = json::seal(plan::FORMAT, plan::VERSION, &plan)?;
        let name = plan::name(&bytes);
        let relative = format!("metrics/{name}/{PLAN}");
        let was_begun = match run.store().stat(&run.url().join(&relative)?) {
            Ok(_) => true,
            Err(Error::NotFound { .. }) => false,
            Err(error) => return Err(error),
        };
        run.publish_bytes(&relative, &bytes)?;
        Ok(Self {
            was_begun,
            run: run.clone(),
            table: table.clone(),
            name,
            plan,
        })
    }

    /// Opens what another process has begun, by its [`name`](Self::name).
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] if the run was overwritten since;
    /// [`Error::Corrupt`]; as [`Table::from_url`].
    pub fn open(run: &Run, name: &str) -> Result<Self> {
        crate::url::check_name("metrics table", name)?;
        let url = run.url().join("metrics")?.join(name)?.join(PLAN)?;
        let plan = json::read::<Plan>(run.store().as_ref(), &url, plan::FORMAT, plan::VERSION)?;
        let plan = plan.body;
        if plan.run != run.id() {
            return Err(Error::Conflict {
                url,
                latest: format!("the run {}", run.id()),
            });
        }
        Ok(Self {
            was_begun: true,
            table: plan.table(run)?,
            run: run.clone(),
            name: name.to_owned(),
            plan,
        })
    }

    /// Whether somebody had begun it before: writers may still be at work for them.
    #[must_use]
    pub fn was_begun(&self) -> bool {
        self.was_begun
    }

    /// Name of the metrics table, by which others open it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The run that gets the metrics table.
    #[must_use]
    pub fn run(&self) -> &Run {
        &self.run
    }

    /// The table that the rows are about.
    #[must_use]
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// What the plan says it is about.
    ///
    /// # Errors
    /// [`Error::Corrupt`] if it is no `T`.
    pub fn about<T: DeserializeOwned>(&self) -> Result<T> {
        let about = serde_json::from_value(self.plan.about.clone());
        about.map_err(|error| Error::Corrupt {
            url: self.run.url().clone(),
            reason: format!("the plan of `{}`: {error}", self.name),
        })
    }

    /// The metrics table, once a commit has made it one of the run's results.
    ///
    /// # Errors
    /// As [`Run::refresh`].
    pub fn committed(&self) -> Result<Option<MetricsTable>> {
        self.run.refresh()?;
        let is_registered = self
            .run
            .state()
            .metrics(&self.name)
            .is_some_and(|metrics| metrics.registered);
        is_registered
            .then(|| self.run.metrics_table(&self.name))
            .transpose()
    }

    /// The shard of these rows, if somebody has written it. All its bytes are read: one that is
    /// damaged is none.
    ///
    /// # Errors
    /// Storage errors.
    pub fn find(&self, rows: &Range<usize>) -> Result<Option<MetricsShard>> {
        match receipt::newest(&self.run, &self.name, rows)? {
            Some(shard) if self.is_sound(&shard)? => Ok(Some(shard)),
            _ => Ok(None),
        }
    }

    /// Starts the shard of these rows. Columns that the data alone do not explain are said here,
    /// the same for each shard.
    ///
    /// # Errors
    /// [`Error::RowOutOfRange`] for rows that the table has not; [`Error::Shards`] if the shard
    /// was damaged too often; storage errors.
    pub fn writer(
        &self,
        rows: Range<usize>,
        columns: impl IntoIterator<Item = Column>,
    ) -> Result<MetricsShardWriter> {
        if rows.end > self.table.len() {
            return Err(Error::RowOutOfRange {
                url: self.table.url().clone(),
                row: rows.end.saturating_sub(1) as u64,
                len: self.table.len(),
            });
        }
        MetricsShardWriter::new(self, rows, self.fitting(columns)?)
    }

    /// All shards that there are, in the order of their rows.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for a damaged receipt: who looks for that shard finds none, and writes
    /// another. Storage errors.
    pub fn shards(&self) -> Result<Vec<MetricsShard>> {
        receipt::all(&self.run, &self.name)
    }

    fn fitting(&self, columns: impl IntoIterator<Item = Column>) -> Result<Fitting> {
        let options = self.plan.options()?.columns(columns);
        let options = options.foreign_table(&self.table);
        Ok(Fitting::new(options, Some(self.table.clone())))
    }

    fn folder(&self) -> Result<Url> {
        self.run.url().join("metrics")?.join(&self.name)
    }

    fn is_sound(&self, shard: &MetricsShard) -> Result<bool> {
        let schema = shard.schema.to_arrow();
        for part in &shard.parts {
            let store = Arc::clone(self.run.store());
            let reader = PartReader::new(store, self.run.url(), part, &schema)?;
            match reader.verify() {
                Ok(()) => {}
                Err(Error::Corrupt { .. } | Error::NotFound { .. } | Error::NotAFile { .. }) => {
                    tracing::warn!(url = %reader.url(), "a shard is damaged, so it is written again");
                    return Ok(false);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }
}

/// Whether writers give such a name to a file that is no part.
pub(crate) fn is_of_shards(name: &str) -> bool {
    name == PLAN || receipt::is_receipt(name)
}

fn to_value(what: &str, value: &impl Serialize) -> Result<Value> {
    serde_json::to_value(value).map_err(|source| Error::Json {
        what: what.to_owned(),
        source,
    })
}
