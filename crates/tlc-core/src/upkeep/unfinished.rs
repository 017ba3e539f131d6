//! Metrics of runs whose process died before they were part of the results.

use super::hold;
use super::places::{self, Links, Place};
use super::verify::Problem;
use crate::{Error, MetricsTable, MetricsTableInfo, Result, Run, Url};

/// What [`unfinished`] has found. Nothing is changed before [`register`](Self::register).
#[derive(Debug, Default)]
pub struct Unfinished {
    runs: Vec<(Run, Vec<MetricsTable>)>,
    in_use: Vec<Url>,
    problems: Vec<Problem>,
}

impl Unfinished {
    /// The metrics tables, each with its run.
    pub fn metrics(&self) -> impl Iterator<Item = (&Run, &MetricsTable)> {
        let runs = self.runs.iter();
        runs.flat_map(|(run, tables)| tables.iter().map(move |table| (run, table)))
    }

    /// Runs with such metrics that a process writes to, which may finish them yet.
    #[must_use]
    pub fn in_use(&self) -> &[Url] {
        &self.in_use
    }

    /// Runs that cannot be read.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Makes them part of the results of their runs.
    ///
    /// # Errors
    /// [`Error::Conflict`] for a run that was overwritten or deleted since; storage errors. The
    /// call can be repeated.
    pub fn register(&self) -> Result<()> {
        for (run, tables) in &self.runs {
            let infos: Vec<MetricsTableInfo> = tables.iter().map(MetricsTable::info).collect();
            run.update_metrics(&infos)?;
        }
        Ok(())
    }
}

/// Finds metrics that were sealed and never registered, in a run or in all of a project or
/// root, since their process died. Those without rows are left out, and findings, which would
/// be about some of the samples. A store that cannot tell the living from the dead gives those
/// of living processes, too: register them when you know that nobody is at work.
///
/// ```
/// use tlc_core::{Columns, MetricsOptions, MetricsTableWriter, Run, RunOptions, Url, unfinished};
///
/// let root = Url::parse("memory://docs-unfinished/")?;
/// let run = Run::create(RunOptions::new("demo").root(&root))?;
/// let mut writer = MetricsTableWriter::new(MetricsOptions::new().run(&run))?;
/// writer.add_batch(Columns::new().column("loss", vec![0.1_f32, 2.3]))?;
/// writer.flush()?;
/// let url = run.url().clone();
/// drop((writer, run)); // as if the process had died
///
/// let found = unfinished(&root)?;
/// assert_eq!(found.metrics().map(|(_, table)| table.len()).sum::<usize>(), 2);
/// found.register()?;
/// assert_eq!(Run::from_url(url)?.metrics()?.len(), 1);
/// # Ok::<(), tlc_core::Error>(())
/// ```
///
/// # Errors
/// [`Error::NotFound`] if there is neither table nor run; what listing folders says. A run that
/// cannot be read is no error of the call.
pub fn unfinished(url: &Url) -> Result<Unfinished> {
    let mut found = Unfinished::default();
    for place in places::below(url, Links::Followed)?.places {
        let Place::Run(url) = place else {
            continue;
        };
        if let Err(error) = found.look(&url) {
            found.problems.push(Problem { url, error });
        }
    }
    Ok(found)
}

impl Unfinished {
    fn look(&mut self, url: &Url) -> Result<()> {
        let run = match Run::from_url(url) {
            // A folder that a writer has left is no run, nor is what is being deleted.
            Err(Error::NotFound { .. }) => return Ok(()),
            other => other?,
        };
        let mut tables = run.unfinished_metrics()?;
        tables.retain(|table| !table.is_empty() && !table.is_finding());
        if tables.is_empty() {
            return Ok(());
        }
        match hold::is_in_use(&**run.store(), url)? {
            true => self.in_use.push(url.clone()),
            false => self.runs.push((run, tables)),
        }
        Ok(())
    }
}
