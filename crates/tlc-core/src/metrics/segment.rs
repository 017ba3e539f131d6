//! Sealing segments: on a thread of their own, while the next one fills.

use crate::part::EncodedPart;
use crate::run::{Action, MetricsHead, State, started};
use crate::{Result, Run, Schema};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::thread::{Builder, JoinHandle};

/// Segments that may be pending at once: so many times a segment's size is what a
/// writer takes of memory, beside the one that fills.
const MOST: usize = 2;

/// Rows on their way to disk, under a name that is settled: sealing it twice is
/// sealing it once.
#[derive(Debug)]
pub(super) struct Segment {
    run: Run,
    head: MetricsHead,
    relative: String,
    part: EncodedPart,
}

impl Segment {
    pub(super) fn new(run: Run, head: MetricsHead, part: EncodedPart) -> Self {
        let relative = format!("metrics/{}/{}.parquet", head.name, uuid::Uuid::now_v7());
        Self {
            run,
            head,
            relative,
            part,
        }
    }

    /// Makes the rows durable, but not visible yet.
    fn publish(&self) -> Result<()> {
        self.run.publish(&self.relative, &self.part)
    }

    /// What makes them visible, given what the run is.
    fn actions(&self, state: &State) -> Vec<Action> {
        if state.names(&self.relative) {
            return Vec::new();
        }
        let mut actions = begun(state, &self.head);
        actions.push(Action::Segment {
            metrics: self.head.name.clone(),
            part: self.part.describe(self.relative.clone()),
        });
        actions
    }

    /// Makes the rows durable, and once `may_commit` says so, visible. False if it
    /// does not.
    fn seal(&self, may_commit: impl FnOnce() -> bool) -> Result<bool> {
        self.publish()?;
        if !may_commit() {
            return Ok(false);
        }
        self.run
            .append(|state| Ok(started(state, self.actions(state))))?;
        Ok(true)
    }
}

/// What begins a metrics table, unless it has begun. Its stream is settled here, where
/// nobody can come in between.
pub(super) fn begun(state: &State, head: &MetricsHead) -> Vec<Action> {
    match state.metrics(&head.name) {
        Some(_) => Vec::new(),
        None => vec![Action::BeginMetrics {
            metrics: MetricsHead {
                stream: fitting_stream(state, head),
                ..head.clone()
            },
        }],
    }
}

/// The first stream of the name asked for, or of it with a number, whose tables have
/// these columns, or none yet.
fn fitting_stream(state: &State, head: &MetricsHead) -> String {
    let mut streams = HashMap::new();
    for metrics in &state.metrics {
        let schema = &metrics.head.schema;
        streams
            .entry(metrics.head.stream.as_str())
            .or_insert(schema);
    }
    let fits = |name: &str| {
        let first = streams.get(name);
        first.is_none_or(|schema| same_columns(schema, &head.schema))
    };
    let mut name = head.stream.clone();
    let mut number = 1;
    while !fits(&name) {
        number += 1;
        name = format!("{}_{number}", head.stream);
    }
    name
}

fn same_columns(left: &Schema, right: &Schema) -> bool {
    left.columns().len() == right.columns().len()
        && left
            .columns()
            .iter()
            .zip(right.columns())
            .all(|(left, right)| {
                left.name == right.name && left.value.to_arrow() == right.value.to_arrow()
            })
}

/// A segment that is not yet known to be durable, and the thread that seals it.
#[derive(Debug)]
struct Sealing {
    segment: Arc<Segment>,
    thread: Option<JoinHandle<Result<bool>>>,
}

impl Sealing {
    fn is_under_way(&self) -> bool {
        let thread = self.thread.as_ref();
        thread.is_some_and(|thread| !thread.is_finished())
    }

    fn into_buffer(self) -> Option<Vec<u8>> {
        Arc::into_inner(self.segment)?.part.into_buffer()
    }

    /// Waits for the thread; whether the segment is sealed.
    fn join(&mut self) -> bool {
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(Ok(sealed))) => return sealed,
            Some(Ok(Err(error))) => {
                tracing::warn!(%error, "a metrics segment could not be sealed yet");
            }
            Some(Err(_)) => tracing::warn!("sealing a metrics segment panicked"),
            None => {}
        }
        false
    }
}

/// The few segments that are not yet known to be durable, oldest first. Their files
/// are written side by side, since a disk answers late rather than slowly; they
/// become visible in order.
#[derive(Debug, Default)]
pub(super) struct Pending {
    segments: VecDeque<Sealing>,
    /// Hears of the newest one, once it is visible.
    newest: Option<Receiver<()>>,
    /// Memory of a segment that is sealed.
    spare: Option<Vec<u8>>,
}

impl Pending {
    pub(super) fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }

    pub(super) fn has_room(&self) -> bool {
        self.segments.len() < MOST
    }

    /// Memory for the next segment.
    pub(super) fn take_buffer(&mut self) -> Vec<u8> {
        self.spare.take().unwrap_or_default()
    }

    /// Puts a segment there that [`wait`](Self::wait) seals.
    pub(super) fn put(&mut self, segment: Segment) {
        self.newest = None;
        self.segments.push_back(Sealing {
            segment: Arc::new(segment),
            thread: None,
        });
    }

    /// Starts to seal a segment.
    pub(super) fn start(&mut self, segment: Segment) {
        let segment = Arc::new(segment);
        let (sealed, newest) = channel();
        let previous = self.newest.replace(newest);
        // Behind one that no thread seals, nothing may become visible.
        let previous = (!self.is_empty()).then(|| previous.unwrap_or_else(|| channel().1));
        let work = Arc::clone(&segment);
        let seal = move || {
            let done = work.seal(|| previous.is_none_or(|previous| previous.recv().is_ok()))?;
            if done {
                // Nobody may be waiting.
                let _ = sealed.send(());
            }
            Ok(done)
        };
        // Without a thread it is sealed when it is waited for.
        let thread = Builder::new().name("tlc-segment".to_owned()).spawn(seal);
        let thread = thread.ok();
        self.segments.push_back(Sealing { segment, thread });
    }

    /// Makes the rows of all segments durable, those of the last one not visible yet:
    /// that takes the [`actions`](Self::actions).
    pub(super) fn publish(&mut self) -> Result<()> {
        self.settle(|pending| pending.segments.len() > 1)?;
        match self.segments.front() {
            Some(last) => last.segment.publish(),
            None => Ok(()),
        }
    }

    /// What makes the last segment visible, given what the run is.
    pub(super) fn actions(&self, state: &State) -> Vec<Action> {
        let segments = self.segments.iter();
        segments
            .flat_map(|sealing| sealing.segment.actions(state))
            .collect()
    }

    /// All segments are visible.
    pub(super) fn clear(&mut self) {
        self.segments.clear();
    }

    /// Waits until there is room for one more segment.
    pub(super) fn make_room(&mut self) -> Result<()> {
        self.settle(|pending| !pending.has_room())
    }

    /// Reports a failure, if there is one by now.
    pub(super) fn check(&mut self) -> Result<()> {
        self.settle(|pending| !pending.is_under_way())
    }

    /// Sees to it that nothing is pending.
    pub(super) fn wait(&mut self) -> Result<()> {
        self.settle(|_| true)
    }

    /// Waits for the threads and forgets what they have sealed.
    pub(super) fn join(&mut self) {
        self.segments.retain_mut(|sealing| !sealing.join());
    }

    fn is_under_way(&self) -> bool {
        self.segments.front().is_some_and(Sealing::is_under_way)
    }

    /// Takes the oldest segments off as long as `go_on` says so: what has failed is
    /// tried once more, and then reported.
    fn settle(&mut self, go_on: impl Fn(&Self) -> bool) -> Result<()> {
        while !self.is_empty() && go_on(self) {
            if let Some(oldest) = self.segments.front_mut()
                && !oldest.join()
            {
                oldest.segment.seal(|| true)?;
            }
            let sealed = self.segments.pop_front();
            self.spare = sealed.and_then(Sealing::into_buffer).or(self.spare.take());
        }
        Ok(())
    }
}
