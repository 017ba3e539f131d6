//! Threads that work side by side, each with its share of the cores.

use super::stop::catch_panic;
use crate::{Error, Result};
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, Scope};

/// Stage in errors.
const STAGE: &str = "computing";

/// Takes items in their order; whichever worker is free works on the next. Each worker
/// is a Rayon pool, which a backend that spreads its work over the current one keeps to.
pub(super) struct Workers<T, U> {
    queue: Sender<Job<T, U>>,
    closed: Arc<AtomicBool>,
}

struct Job<T, U> {
    item: T,
    result: SyncSender<Result<U>>,
}

impl<T: Send, U: Send> Workers<T, U> {
    /// This many workers over all threads.
    pub(super) fn start<'s>(
        scope: &'s Scope<'s, '_>,
        count: usize,
        threads: usize,
        work: &'s (impl Fn(T) -> Result<U> + Sync),
    ) -> Result<Self>
    where
        T: 's,
        U: 's,
    {
        let (queue, jobs) = channel();
        let (jobs, closed) = (Arc::new(Mutex::new(jobs)), Arc::new(AtomicBool::new(false)));
        for worker in 0..count {
            let share = (worker + 1) * threads / count - worker * threads / count;
            let pool = pool(share.max(1))?;
            let (jobs, closed) = (Arc::clone(&jobs), Arc::clone(&closed));
            let thread = Builder::new().name("tlc-computing".to_owned());
            let started = thread.spawn_scoped(scope, move || {
                pool.install(|| work_on(&jobs, &closed, work));
            });
            started.map_err(thread_error)?;
        }
        Ok(Self { queue, closed })
    }

    /// Queues an item.
    pub(super) fn begin(&self, item: T) -> PendingResult<U> {
        let (result, pending) = sync_channel(1);
        // Where nobody works any more, the job is dropped here and `wait` tells.
        drop(self.queue.send(Job { item, result }));
        PendingResult(pending)
    }
}

/// A result that is still worked on.
pub(super) struct PendingResult<U>(Receiver<Result<U>>);

impl<U> PendingResult<U> {
    pub(super) fn wait(self) -> Result<U> {
        let ended = |_| Error::Panicked {
            place: format!("the {STAGE} stage"),
            message: "its thread has ended".to_owned(),
        };
        self.0.recv().map_err(ended)?
    }
}

impl<T, U> Drop for Workers<T, U> {
    /// What is still queued is not begun.
    fn drop(&mut self) {
        self.closed.store(true, Ordering::Release);
    }
}

fn work_on<T, U>(
    jobs: &Mutex<Receiver<Job<T, U>>>,
    closed: &AtomicBool,
    work: &impl Fn(T) -> Result<U>,
) {
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Job { item, result }) = job else {
            return;
        };
        if closed.load(Ordering::Acquire) {
            return;
        }
        let worked = catch_panic(|| format!("the {STAGE} stage"), || work(item));
        // It fails if the result is not wanted any more.
        drop(result.send(worked.and_then(|worked| worked)));
    }
}

fn pool(threads: usize) -> Result<ThreadPool> {
    let pool = ThreadPoolBuilder::new().num_threads(threads);
    let pool = pool.thread_name(|_| "tlc-computing".to_owned()).build();
    pool.map_err(|source| thread_error(std::io::Error::other(source)))
}

fn thread_error(source: std::io::Error) -> Error {
    Error::Thread {
        thread: STAGE,
        source,
    }
}
