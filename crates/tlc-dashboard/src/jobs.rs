//! Work that takes longer than a request may: begun, asked after, and cancelled.

use serde::Serialize;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tlc_view::{Error, Progress};

/// Jobs that are remembered.
const MOST_JOBS: usize = 64;

/// How far a job is.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub(crate) enum State {
    Running { stage: &'static str, part: f64 },
    Done { notes: Vec<String> },
    Cancelled,
    Failed { error: String },
}

/// Jobs by number, the newest last.
#[derive(Clone, Debug, Default)]
pub(crate) struct Jobs {
    all: Arc<Mutex<VecDeque<Job>>>,
    next: Arc<AtomicU64>,
}

#[derive(Debug)]
struct Job {
    id: String,
    /// What is done to what.
    what: String,
    progress: Progress,
    /// `None` while it runs.
    ended: Option<State>,
}

impl Jobs {
    /// Begins a job on a thread of its own, unless the same is being done already.
    pub(crate) fn begin(
        &self,
        what: &str,
        work: impl FnOnce(&Progress) -> tlc_view::Result<Vec<String>> + Send + 'static,
    ) -> String {
        let mut all = self.all();
        let mut running = all.iter().filter(|job| job.ended.is_none());
        if let Some(same) = running.find(|job| job.what == what && !job.progress.is_cancelled()) {
            return same.id.clone();
        }
        let id = format!("j{}", self.next.fetch_add(1, Ordering::Relaxed));
        let progress = Progress::new();
        all.push_back(Job {
            id: id.clone(),
            what: what.to_owned(),
            progress: progress.clone(),
            ended: None,
        });
        if all.len() > MOST_JOBS && all.front().is_some_and(|job| job.ended.is_some()) {
            all.pop_front();
        }
        let (jobs, job) = (self.clone(), id.clone());
        tokio::task::spawn_blocking(move || {
            let ended = match work(&progress) {
                Ok(notes) => State::Done { notes },
                Err(Error::Findings(error)) if error.is_cancelled() => State::Cancelled,
                Err(error) => State::Failed {
                    error: error.to_string(),
                },
            };
            jobs.end(&job, ended);
        });
        id
    }

    pub(crate) fn get(&self, id: &str) -> Option<State> {
        let all = self.all();
        let job = all.iter().find(|job| job.id == id)?;
        Some(job.ended.clone().unwrap_or_else(|| State::Running {
            stage: job.progress.stage(),
            part: job.progress.part(),
        }))
    }

    /// Asks a job to end.
    pub(crate) fn cancel(&self, id: &str) -> Option<()> {
        let all = self.all();
        let job = all.iter().find(|job| job.id == id)?;
        job.progress.cancel();
        Some(())
    }

    fn end(&self, id: &str, ended: State) {
        let mut all = self.all();
        if let Some(job) = all.iter_mut().find(|job| job.id == id) {
            job.ended = Some(ended);
        }
    }

    fn all(&self) -> MutexGuard<'_, VecDeque<Job>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
