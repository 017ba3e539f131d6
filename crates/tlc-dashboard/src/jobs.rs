//! Work that takes longer than a request may: begun, asked after, and cancelled as far as it
//! can be.

use serde::Serialize;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// How far a job is.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub(crate) enum Job {
    Running,
    Done { notes: Vec<String> },
    Failed { error: String },
}

/// Jobs by number.
#[derive(Clone, Debug, Default)]
pub(crate) struct Jobs {
    all: Arc<Mutex<HashMap<String, Job>>>,
    next: Arc<AtomicU64>,
}

impl Jobs {
    /// Begins a job on a thread of its own.
    pub(crate) fn begin(
        &self,
        work: impl FnOnce() -> Result<Vec<String>, String> + Send + 'static,
    ) -> String {
        let id = format!("j{}", self.next.fetch_add(1, Ordering::Relaxed));
        self.set(&id, Job::Running);
        let (jobs, job) = (self.clone(), id.clone());
        tokio::task::spawn_blocking(move || {
            let done = match work() {
                Ok(notes) => Job::Done { notes },
                Err(error) => Job::Failed { error },
            };
            jobs.set(&job, done);
        });
        id
    }

    pub(crate) fn get(&self, id: &str) -> Option<Job> {
        let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(id).cloned()
    }

    fn set(&self, id: &str, job: Job) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(id.to_owned(), job);
    }
}
