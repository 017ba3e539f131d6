//! The active run of the process, which `log` and the metrics writers fall back to.

use super::{Action, Run, RunOptions, Status};
use crate::{Error, Result, layout};
use std::sync::{Mutex, PoisonError};

static ACTIVE: Mutex<Option<Run>> = Mutex::new(None);

/// Creates a run and makes it the active one.
///
/// ```
/// # use tlc_core::{RunOptions, Url};
/// let root = Url::parse("memory://docs-init/")?;
/// let run = tlc_core::init(RunOptions::new("fashion-mnist").root(root))?;
/// tlc_core::log([("epoch", 1.0), ("train_loss", 0.7)])?;
/// assert_eq!(run.aggregates()?[0].points, [(1.0, 0.7)]);
/// tlc_core::close()?;
/// # Ok::<(), tlc_core::Error>(())
/// ```
///
/// # Errors
/// As [`Run::create`].
pub fn init(options: impl Into<RunOptions>) -> Result<Run> {
    let run = Run::create(options)?;
    set_active_run(Some(run.clone()));
    Ok(run)
}

/// The active run, if there is one.
#[must_use]
pub fn active_run() -> Option<Run> {
    ACTIVE
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone()
}

/// The active run; if there is none, a run of the default project is made and becomes it.
///
/// # Errors
/// As [`Run::create`].
pub fn active_run_or_init() -> Result<Run> {
    let mut active = ACTIVE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(run) = &*active {
        return Ok(run.clone());
    }
    let run = Run::create(RunOptions::default())?;
    layout::set_active_project(layout::project_of_run(run.url()));
    *active = Some(run.clone());
    Ok(run)
}

/// Makes a run the active one, or none.
pub fn set_active_run(run: Option<Run>) {
    let mut active = ACTIVE.lock().unwrap_or_else(PoisonError::into_inner);
    let project = run
        .as_ref()
        .and_then(|run| layout::project_of_run(run.url()));
    layout::set_active_project(project);
    *active = run;
}

/// Closes the active run, as [`Run::close`] does; without one it does nothing.
///
/// # Errors
/// Storage errors; the run stays active then, so that the call can be repeated.
pub fn close() -> Result<()> {
    if let Some(run) = active_run() {
        run.close()?;
        set_active_run(None);
    }
    Ok(())
}

/// Logs aggregate values to the active run, as [`Run::log`] does.
///
/// # Errors
/// [`Error::NoActiveRun`]; as [`Run::log`].
pub fn log<K: AsRef<str>, V: Into<f64>>(values: impl IntoIterator<Item = (K, V)>) -> Result<()> {
    active_run().ok_or(Error::NoActiveRun)?.log(values)
}

impl Run {
    /// Writes what is buffered and marks the run completed, unless it has failed.
    ///
    /// # Errors
    /// [`Error::Conflict`] if another process has overwritten the run since this handle
    /// was opened; storage errors, after which nothing is forgotten and the call can be
    /// repeated. As with
    /// [`flush`](Self::flush), an earlier one that no call has reported yet is reported
    /// although all is done.
    pub fn close(&self) -> Result<()> {
        self.seal_instead()?;
        self.end_watch();
        self.update(|state| {
            Ok(match state.status {
                Status::Failed | Status::Completed => Vec::new(),
                _ => vec![Action::status(Status::Completed)],
            })
        })?;
        self.report()
    }
}
