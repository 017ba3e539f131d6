//! The active run of the process, which `log` and the metrics writers fall back to.

use super::{Action, Run, RunOptions, Status};
use crate::{Error, Result, Table, layout};
use std::sync::{Mutex, MutexGuard, PoisonError};

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
    lock().clone()
}

/// The active run; if there is none, a run of the default project is made and becomes it.
///
/// # Errors
/// As [`Run::create`].
pub fn active_run_or_init() -> Result<Run> {
    active_or(RunOptions::default)
}

/// The active run; if there is none, a run is made in the project of a table and becomes it.
/// A table that lives in no project leaves it to the default project.
///
/// ```
/// # use tlc_core::{Columns, Table, TableOptions, Url, active_run_or_init_beside};
/// # let root = Url::parse("memory://docs-beside/")?;
/// let options = TableOptions::new("fashion-mnist", "train", "initial").root(&root);
/// let table = Table::create(options, |writer| {
///     writer.add_batch(Columns::new().column("label", vec![0, 1]))
/// })?;
/// let run = active_run_or_init_beside(&table)?;
/// assert_eq!(run.url().to_string(), "memory://docs-beside/fashion-mnist/runs/run");
/// # Ok::<(), tlc_core::Error>(())
/// ```
///
/// # Errors
/// As [`Run::create`].
pub fn active_run_or_init_beside(table: &Table) -> Result<Run> {
    active_or(|| {
        let project = layout::project_of_table(table.url());
        let beside = project.and_then(|project| {
            let root = project.parent()?;
            Some(RunOptions::new(project.name()).root(root))
        });
        beside.unwrap_or_default()
    })
}

/// Makes a run the active one, or none.
pub fn set_active_run(run: Option<Run>) {
    activate(&mut lock(), run);
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

/// The active run, else one of these options: never two, however many threads ask at once.
fn active_or(options: impl FnOnce() -> RunOptions) -> Result<Run> {
    let mut active = lock();
    if let Some(run) = &*active {
        return Ok(run.clone());
    }
    let run = Run::create(options())?;
    activate(&mut active, Some(run.clone()));
    Ok(run)
}

fn activate(active: &mut Option<Run>, run: Option<Run>) {
    let project = run
        .as_ref()
        .and_then(|run| layout::project_of_run(run.url()));
    layout::set_active_project(project);
    *active = run;
}

fn lock() -> MutexGuard<'static, Option<Run>> {
    ACTIVE.lock().unwrap_or_else(PoisonError::into_inner)
}
