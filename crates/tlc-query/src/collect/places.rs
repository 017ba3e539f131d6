//! Threads that make shards, as many as shards are made at once: a GPU has memory for each thread
//! that touches it, so they stay the same.

use datafusion::error::{DataFusionError, Result};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::Builder;
use tokio::sync::{Semaphore, oneshot};

type Work = Box<dyn FnOnce() + Send>;

pub(super) struct Places {
    count: u16,
    free: Arc<Semaphore>,
    /// To the threads, once there was work for them.
    queue: OnceLock<Sender<Work>>,
}

impl Places {
    pub(super) fn new(count: u16) -> Self {
        Self {
            count,
            free: Arc::new(Semaphore::new(count.into())),
            queue: OnceLock::new(),
        }
    }

    /// Does the work when a place is free.
    pub(super) async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        let free = Arc::clone(&self.free);
        let place = free.acquire_owned().await.map_err(external)?;
        let (tell, told) = oneshot::channel();
        let work = move || {
            // Taken until the work is done, though nobody may be waiting for it any more.
            let _place = place;
            drop(tell.send(work()));
        };
        self.queue()?.send(Box::new(work)).map_err(|_| ended())?;
        told.await.map_err(|_| ended())
    }

    /// Waits until nothing is worked on.
    pub(super) async fn are_free(&self) {
        drop(self.free.acquire_many(self.count.into()).await);
    }

    fn queue(&self) -> Result<&Sender<Work>> {
        if let Some(queue) = self.queue.get() {
            return Ok(queue);
        }
        let (queue, works) = channel();
        let works = Arc::new(Mutex::new(works));
        for _ in 0..self.count {
            let works = Arc::clone(&works);
            let thread = Builder::new().name("tlc-shards".to_owned());
            thread.spawn(move || work_on(&works))?;
        }
        Ok(self.queue.get_or_init(|| queue))
    }
}

/// Until nobody can have more work.
fn work_on(works: &Mutex<Receiver<Work>>) {
    loop {
        let work = works.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(work) = work else { return };
        // Who waits hears that there is no result.
        drop(catch_unwind(AssertUnwindSafe(work)));
    }
}

fn ended() -> DataFusionError {
    external(std::io::Error::other(
        "a thread that makes shards has ended",
    ))
}

fn external(error: impl std::error::Error + Send + Sync + 'static) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}
