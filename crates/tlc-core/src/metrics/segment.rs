//! Sealing segments: on a thread of their own, while the next one fills.

use crate::part::EncodedPart;
use crate::run::{Action, MetricsHead};
use crate::{Result, Run};
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};

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

    fn seal(&self) -> Result<()> {
        self.run.publish(&self.relative, &self.part)?;
        let mut actions = Vec::new();
        let metrics = self.head.name.clone();
        if self.run.state().metrics(&metrics).is_none() {
            let metrics = self.head.clone();
            actions.push(Action::BeginMetrics { metrics });
        }
        let part = self.part.describe(self.relative.clone());
        actions.push(Action::Segment { metrics, part });
        self.run.append(self.run.started(actions))
    }
}

/// At most one segment that is not yet known to be durable.
#[derive(Debug, Default)]
pub(super) struct Pending {
    segment: Option<Arc<Segment>>,
    sealing: Option<JoinHandle<Result<()>>>,
}

impl Pending {
    pub(super) fn is_empty(&self) -> bool {
        self.segment.is_none()
    }

    /// Starts to seal a segment. Nothing may be pending.
    pub(super) fn start(&mut self, segment: Segment) {
        let segment = Arc::new(segment);
        self.segment = Some(Arc::clone(&segment));
        let thread = Builder::new().name("tlc-segment".to_owned());
        // Without a thread it is sealed when it is settled.
        self.sealing = thread.spawn(move || segment.seal()).ok();
    }

    /// Puts a segment there that [`wait`](Self::wait) seals.
    pub(super) fn put(&mut self, segment: Segment) {
        self.segment = Some(Arc::new(segment));
    }

    /// Reports a failure, if there is one by now, after one more try.
    pub(super) fn check(&mut self) -> Result<()> {
        let sealing = self.sealing.as_ref();
        if sealing.is_some_and(|sealing| !sealing.is_finished()) {
            return Ok(());
        }
        self.wait()
    }

    /// Sees to it that nothing is pending: what has failed is tried once more, and
    /// then reported.
    pub(super) fn wait(&mut self) -> Result<()> {
        self.join();
        if let Some(segment) = &self.segment {
            segment.seal()?;
            self.segment = None;
        }
        Ok(())
    }

    /// Waits for the thread, if there is one.
    pub(super) fn join(&mut self) {
        match self.sealing.take().map(JoinHandle::join) {
            Some(Ok(Ok(()))) => self.segment = None,
            Some(Ok(Err(error))) => {
                tracing::warn!(%error, "a metrics segment could not be sealed yet");
            }
            Some(Err(_)) => tracing::warn!("sealing a metrics segment panicked"),
            None => {}
        }
    }
}
