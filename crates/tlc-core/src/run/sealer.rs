//! The thread that seals logged values when nobody calls.
//!
//! There is one for the process at most. It starts with the first value that waits
//! and ends when no run has values waiting. It knows runs by weak references only, and
//! nothing waits for it.

use super::{Inner, Run};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Instant;

static WATCHED: Mutex<Watched> = Mutex::new(Watched {
    runs: Vec::new(),
    has_thread: false,
});
static CHANGED: Condvar = Condvar::new();

struct Watched {
    runs: Vec<Watch>,
    has_thread: bool,
}

struct Watch {
    run: Weak<Inner>,
    due: Instant,
}

/// Has a run sealed when its values are due; says whether somebody will.
pub(super) fn watch(run: &Arc<Inner>, due: Instant) -> bool {
    let mut watched = watched();
    if !watched.has_thread {
        let thread = std::thread::Builder::new().name("tlc-log".to_owned());
        if let Err(error) = thread.spawn(work) {
            tracing::warn!(%error, "no thread for logged values: they are sealed by calls of log");
            return false;
        }
        watched.has_thread = true;
    }
    let run = Arc::downgrade(run);
    watched.runs.retain(|watch| !watch.run.ptr_eq(&run));
    watched.runs.push(Watch { run, due });
    CHANGED.notify_one();
    true
}

/// Stops watching a run.
pub(super) fn forget(run: &Arc<Inner>) {
    let run = Arc::downgrade(run);
    let mut watched = watched();
    watched.runs.retain(|watch| !watch.run.ptr_eq(&run));
    CHANGED.notify_one();
}

/// Has the thread notice that a run is gone.
pub(super) fn wake() {
    let _watched = watched();
    CHANGED.notify_one();
}

fn watched() -> MutexGuard<'static, Watched> {
    WATCHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Lets another thread start, should this one end in any other way than it is meant to.
struct Leaving;

impl Drop for Leaving {
    fn drop(&mut self) {
        if std::thread::panicking() {
            watched().has_thread = false;
        }
    }
}

fn work() {
    let _leaving = Leaving;
    while let Some(due) = next_due() {
        for run in due {
            seal(&run);
        }
    }
}

/// Waits for runs that are due; `None` when there is none to wait for.
fn next_due() -> Option<Vec<Weak<Inner>>> {
    let mut watched = watched();
    loop {
        watched.runs.retain(|watch| watch.run.strong_count() > 0);
        let Some(first) = watched.runs.iter().map(|watch| watch.due).min() else {
            watched.has_thread = false;
            return None;
        };
        let now = Instant::now();
        if first <= now {
            let due = watched.runs.extract_if(.., |watch| watch.due <= now);
            return Some(due.map(|watch| watch.run).collect());
        }
        watched = CHANGED
            .wait_timeout(watched, first - now)
            .unwrap_or_else(PoisonError::into_inner)
            .0;
    }
}

fn seal(run: &Weak<Inner>) {
    let Some(inner) = run.upgrade() else {
        return;
    };
    Run { inner }.seal_by_timer();
}
