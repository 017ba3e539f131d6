//! Writing a metrics table: batches are checked, encoded, and sealed to disk
//! segment by segment.

use super::fit::Fitting;
use super::options::MetricsOptions;
use super::segment::{Pending, Segment, begun};
use super::table::{MetricsTable, MetricsTableInfo};
use crate::arrow::array::RecordBatch;
use crate::part::{PartEncoder, slices};
use crate::run::{Action, MetricsHead, State, active_run, started};
use crate::{Columns, Error, Result, Run};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// A segment is sealed when it has grown to this size.
const SEGMENT_BYTES: usize = 32 << 20;
/// It is sealed before, when its first row has waited so long: what a process that dies
/// loses is a few seconds of rows, however slowly they come.
const SEAL_AFTER: Duration = Duration::from_secs(5);
/// Of the time since the writer was made, rows may wait for this share (1 %) too: a writer
/// that works for hours leaves no more than hundreds of segments.
const WAIT_SHARE: u32 = 100;
/// It grows to this size while those before it are being written.
const OVERFULL_BYTES: usize = 40 << 20;

/// Writes one metrics table of a run.
///
/// The first batch settles columns and types. A refused batch leaves nothing
/// behind. Segments that are full, or a few seconds old, are sealed while the next one
/// fills, so memory stays bounded and what was sealed outlives the process;
/// [`flush`](Self::flush) seals the rest.
///
/// ```
/// use tlc_core::{Columns, MetricsOptions, MetricsTableWriter, RunOptions, Url};
///
/// let root = Url::parse("memory://docs-metrics-writer/")?;
/// let run = tlc_core::Run::create(RunOptions::new("demo").root(root))?;
/// let mut writer = MetricsTableWriter::new(MetricsOptions::new().run(&run))?;
/// writer.add_batch(Columns::new().column("loss", vec![0.1_f32, 0.2]))?;
/// assert_eq!(writer.finalize()?.len(), 2);
/// run.update_metrics(&writer.get_written_metrics_infos())?;
/// assert_eq!(run.metrics()?.len(), 1);
/// # Ok::<(), tlc_core::Error>(())
/// ```
#[derive(Debug)]
pub struct MetricsTableWriter {
    run: Run,
    name: String,
    fitting: Fitting,
    seal_after: Option<Duration>,
    /// Taken, but not encoded yet.
    waiting: VecDeque<RecordBatch>,
    encoder: Option<PartEncoder>,
    /// Whether encoding has failed: nobody knows how far it came.
    is_broken: bool,
    begun: Instant,
    /// When the first row of the segment that fills was taken.
    filling_since: Option<Instant>,
    pending: Pending,
    finished: bool,
}

impl MetricsTableWriter {
    /// Starts a metrics table; nothing is written before the first segment.
    ///
    /// # Errors
    /// [`Error::NoActiveRun`] if the options name no run and none is active; those of
    /// [`Run::from_url`] and [`Table::from_url`](crate::Table::from_url) for what they name.
    pub fn new(options: MetricsOptions) -> Result<Self> {
        let run = match &options.run {
            Some(run) => run.open()?,
            None => active_run().ok_or(Error::NoActiveRun)?,
        };
        let foreign_table = options.open_foreign_table(&run)?;
        let name = format!("metrics_{}", uuid::Uuid::now_v7());
        Ok(Self {
            run,
            name,
            seal_after: options.seal_after,
            fitting: Fitting::new(options, foreign_table),
            waiting: VecDeque::new(),
            encoder: None,
            is_broken: false,
            begun: Instant::now(),
            filling_since: None,
            pending: Pending::default(),
            finished: false,
        })
    }

    /// Adds rows. A batch is taken whole or not at all; what is taken is durable after
    /// [`flush`](Self::flush).
    ///
    /// # Errors
    /// [`Error::Column`] and [`Error::Batch`] name the column, row and value that do
    /// not fit: columns of different lengths, other names or types than the first
    /// batch, an `example_id` that is missing, null or past the foreign table.
    /// [`Error::Rows`] for a batch without columns, [`Error::Finalized`] after
    /// [`finalize`](Self::finalize).
    /// Storage errors of an earlier segment; the batch is not taken then, and the
    /// call can be repeated.
    pub fn add_batch(&mut self, batch: impl Into<Columns>) -> Result<()> {
        if self.finished {
            return Err(Error::Finalized {
                url: self.run.url().join("metrics")?.join(&self.name)?,
            });
        }
        self.pending.check()?;
        self.encode()?;
        let rows = self.fitting.fit(batch.into())?;
        self.waiting.extend(slices(&rows));
        if let Err(error) = self.encode() {
            // The rows are taken: what goes on failing is told by the next call.
            tracing::warn!(run = %self.run.url(), %error, "rows wait to be sealed");
        }
        Ok(())
    }

    /// Makes all added rows durable.
    ///
    /// # Errors
    /// [`Error::Conflict`] if another process has overwritten the run since it was
    /// opened; storage errors; the rows are kept and the call can be repeated.
    pub fn flush(&mut self) -> Result<()> {
        self.encode()?;
        self.pending.wait()?;
        if let Some(segment) = self.close_segment()? {
            self.pending.put(segment);
        }
        self.pending.wait()
    }

    /// Seals the rest and gives the written table, which
    /// [`Run::update_metrics`] makes part of the run's results.
    ///
    /// # Errors
    /// As [`flush`](Self::flush).
    pub fn finalize(&mut self) -> Result<MetricsTable> {
        self.flush()?;
        let head = self.head()?;
        self.run
            .update(|state| Ok(started(state, begun(state, &head))))?;
        self.finished = true;
        self.run.metrics_table(&self.name)
    }

    /// [`finalize`](Self::finalize), and makes the table part of the run's results, in one
    /// commit.
    ///
    /// ```
    /// use tlc_core::{Columns, MetricsOptions, MetricsTableWriter, Run, RunOptions, Url};
    ///
    /// let root = Url::parse("memory://docs-finish/")?;
    /// let run = Run::create(RunOptions::new("demo").root(root))?;
    /// let mut writer = MetricsTableWriter::new(MetricsOptions::new().run(&run))?;
    /// writer.add_batch(Columns::new().column("loss", vec![0.1_f32, 0.2]))?;
    /// assert_eq!(writer.finish()?.len(), 2);
    /// assert_eq!(run.metrics()?.len(), 1);
    /// # Ok::<(), tlc_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`flush`](Self::flush); nothing is lost then, and the call can be repeated.
    pub fn finish(&mut self) -> Result<MetricsTable> {
        self.publish()?;
        let run = self.run.clone();
        run.update(|state| Ok(started(state, self.actions(state)?)))?;
        self.committed(&run)
    }

    /// Makes all rows durable, for a commit with the [`actions`](Self::actions).
    pub(super) fn publish(&mut self) -> Result<()> {
        self.encode()?;
        if let Some(segment) = self.close_segment()? {
            self.pending.wait()?;
            self.pending.put(segment);
        }
        self.pending.publish()
    }

    /// What makes the table, with all its rows, part of the run's results.
    pub(super) fn actions(&self, state: &State) -> Result<Vec<Action>> {
        let mut actions = self.pending.actions(state);
        if actions.is_empty() {
            actions = begun(state, &self.head()?);
        }
        if state
            .metrics(&self.name)
            .is_none_or(|metrics| !metrics.registered)
        {
            let metrics = self.name.clone();
            actions.push(Action::RegisterMetrics { metrics });
        }
        Ok(actions)
    }

    /// The commit was made.
    pub(super) fn committed(&mut self, run: &Run) -> Result<MetricsTable> {
        self.pending.clear();
        self.finished = true;
        // Not the writer's own handle, which may not have heard of it.
        run.metrics_table(&self.name)
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn run(&self) -> &Run {
        &self.run
    }

    /// What was sealed so far, for [`Run::update_metrics`].
    #[must_use]
    pub fn get_written_metrics_infos(&self) -> Vec<MetricsTableInfo> {
        self.run
            .metrics_table(&self.name)
            .map(|table| table.info())
            .into_iter()
            .collect()
    }

    /// Encodes what waits, and starts to seal each segment that is full. While those before
    /// it are under way it grows a little; then they are waited for.
    fn encode(&mut self) -> Result<()> {
        if self.is_broken {
            return Err(Error::Broken {
                url: self.run.url().join("metrics")?.join(&self.name)?,
            });
        }
        loop {
            let len_bytes = self.encoder.as_ref().map_or(0, PartEncoder::len_bytes);
            let may_wait = !self.waiting.is_empty() && len_bytes >= OVERFULL_BYTES;
            let is_full = len_bytes >= SEGMENT_BYTES || self.is_old();
            if is_full && (self.pending.has_room() || may_wait) {
                self.pending.make_room()?;
                if let Some(segment) = self.close_segment()? {
                    self.pending.start(segment);
                }
            }
            let (Some(rows), Some(schema)) = (self.waiting.front(), self.fitting.schema()) else {
                return Ok(());
            };
            let encoder = match &mut self.encoder {
                Some(encoder) => encoder,
                None => {
                    let buffer = self.pending.take_buffer();
                    let encoder = PartEncoder::with_buffer(schema, buffer);
                    self.encoder.insert(encoder)
                }
            };
            self.is_broken = true;
            encoder.push(rows)?;
            self.is_broken = false;
            self.waiting.pop_front();
            self.filling_since.get_or_insert_with(Instant::now);
        }
    }

    /// Whether rows wait for their segment to fill for longer than they may.
    fn is_old(&self) -> bool {
        let given = self.seal_after;
        let may_wait = given.unwrap_or(SEAL_AFTER.max(self.begun.elapsed() / WAIT_SHARE));
        self.filling_since
            .is_some_and(|since| since.elapsed() >= may_wait)
    }

    fn close_segment(&mut self) -> Result<Option<Segment>> {
        let Some(encoder) = self.encoder.take_if(|encoder| encoder.rows() > 0) else {
            return Ok(None);
        };
        self.filling_since = None;
        self.is_broken = true;
        let (head, part) = (self.head()?, encoder.finish()?);
        self.is_broken = false;
        Ok(Some(Segment::new(self.run.clone(), head, part)))
    }

    fn head(&self) -> Result<MetricsHead> {
        self.fitting.head(&self.run, &self.name)
    }
}

impl Drop for MetricsTableWriter {
    fn drop(&mut self) {
        self.pending.join();
        let waiting: usize = self.waiting.iter().map(RecordBatch::num_rows).sum();
        let unsealed = waiting + self.encoder.as_ref().map_or(0, PartEncoder::rows);
        if !self.finished && (unsealed > 0 || !self.pending.is_empty()) {
            tracing::error!(
                run = %self.run.url(), metrics = self.name, unsealed,
                "a metrics writer was dropped before finalize: unsealed rows are lost"
            );
        }
    }
}
