//! Whether what lies in a project is what was published.

use super::places::{self, Links, Place};
use crate::storage::{self, Store};
use crate::{Error, Result, Run, Table, Url, alias, layout, revision, run, selection, table};
use std::collections::{BTreeSet, HashSet};

/// What [`verify`] has looked at, and what is wrong with it.
#[derive(Debug, Default)]
pub struct Verified {
    /// Tables that were read.
    pub tables: usize,
    /// Runs that were read.
    pub runs: usize,
    /// Part files that were read.
    pub parts: usize,
    /// Bytes of those.
    pub len_bytes: u64,
    /// What is wrong, in the order in which it was found.
    pub problems: Vec<Problem>,
    /// Files of tables that were read.
    seen: HashSet<Url>,
}

/// One thing that is wrong.
#[derive(Debug)]
pub struct Problem {
    /// The table or run.
    pub url: Url,
    /// What reading it said; names the file.
    pub error: Error,
}

/// Reads all of a table or run, or of a project or root, and lists what is not as it was
/// published: commits and their order, checkpoints, the newest rows with their checksums and
/// schemas of parts, and tables that runs refer to and that are gone. Nothing is changed.
///
/// ```
/// use tlc_core::{Run, RunOptions, Url, verify};
///
/// let root = Url::parse("memory://docs-verify/")?;
/// Run::create(RunOptions::new("demo").root(&root))?;
/// let verified = verify(&root)?;
/// assert!(verified.problems.is_empty() && verified.runs == 1);
/// # Ok::<(), tlc_core::Error>(())
/// ```
///
/// # Errors
/// [`Error::NotFound`] if there is nothing to verify; what listing folders says. What is
/// wrong with a table or run is no error of the call.
pub fn verify(url: &Url) -> Result<Verified> {
    let mut verified = Verified::default();
    let mut projects = BTreeSet::new();
    for place in places::below(url, Links::Followed)?.places {
        projects.extend(project_of(&place));
        let before = verified.problems.len();
        match &place {
            Place::Table(url) => verified.table(url),
            Place::Run(url) => verified.run(url),
        }
        let is_deleted = || match is_deleted(&place) {
            Err(Error::NotFound { .. }) => true,
            other => other.unwrap_or(false),
        };
        if verified.problems.len() > before && is_deleted() {
            // Its files went while they were read.
            verified.problems.truncate(before);
        }
    }
    for project in projects {
        let checked =
            storage::open(&project).and_then(|store| alias::check_aliases(&*store, &project));
        checked.unwrap_or_else(|error| verified.problem(&project, error));
    }
    Ok(verified)
}

fn project_of(place: &Place) -> Option<Url> {
    match place {
        Place::Table(url) => layout::project_of_table(url),
        Place::Run(url) => layout::project_of_run(url),
    }
}

impl Verified {
    fn table(&mut self, url: &Url) {
        // Before the table is read, so that it is in memory once.
        let history = storage::open(url).and_then(|store| table::contents(&*store, url).map(drop));
        let table = match Table::at(url.clone()) {
            // A folder that a writer has left is no table, nor is what is being deleted.
            Err(Error::NotFound { .. }) => return,
            Err(error) => return self.problem(url, error),
            Ok(table) => table,
        };
        self.tables += 1;
        if let Err(error) = history {
            self.problem(url, error);
        }
        let made = storage::open(url).and_then(|store| revision::made_of(&*store, url).map(drop));
        let selections = storage::open(url).and_then(|store| selection::check_all(&*store, url));
        for checked in [made, revision::check_announced(&table), selections] {
            checked.unwrap_or_else(|error| self.problem(url, error));
        }
        for reader in table.stored().readers() {
            // Revisions share what is their base's.
            if !self.seen.insert(reader.url().clone()) {
                continue;
            }
            self.parts += 1;
            self.len_bytes += reader.part().file.len_bytes;
            if let Err(error) = reader.verify() {
                self.problem(url, error);
            }
        }
    }

    fn run(&mut self, url: &Url) {
        // Before the run is read, so that it is in memory once.
        let checked = storage::open(url).and_then(|store| run::check_history(&*store, url));
        let opened = Run::from_url(url);
        if let Err(Error::NotFound { .. }) = opened {
            let checked = storage::open(url).and_then(|store| check_empty(&*store, url));
            return checked.unwrap_or_else(|error| self.problem(url, error));
        }
        let is_sound = checked.is_ok();
        if let Err(error) = checked {
            self.problem(url, error);
        }
        let run = match opened {
            Ok(run) => run,
            // The history says the same.
            Err(_) if !is_sound => return,
            Err(error) => return self.problem(url, error),
        };
        self.runs += 1;
        let read = run.for_each_part(|reader| {
            self.parts += 1;
            let verified = reader.and_then(|reader| {
                self.len_bytes += reader.part().file.len_bytes;
                reader.verify()
            });
            verified.unwrap_or_else(|error| self.problem(url, error));
        });
        read.unwrap_or_else(|error| self.problem(url, error));
        let project = layout::project_of_run(url);
        for reference in run.referenced_tables() {
            let table = reference.url(project.as_ref());
            let opened = table.and_then(|table| Table::from_reference(&table, &reference.id));
            if let Err(error) = opened {
                self.problem(url, error);
            }
        }
    }

    fn problem(&mut self, url: &Url, error: Error) {
        let url = url.clone();
        self.problems.push(Problem { url, error });
    }
}

fn is_deleted(place: &Place) -> Result<bool> {
    let store = storage::open(place.url())?;
    match place {
        Place::Table(url) => table::is_gone(&*store, url),
        Place::Run(url) => Ok(run::is_gone(&*store, url)? && check_empty(&*store, url).is_ok()),
    }
}

/// Where there is no commit of a run there must be no rows of it.
fn check_empty(store: &dyn Store, run: &Url) -> Result<()> {
    let is_empty = |folder: &str| Ok::<_, Error>(store.list(&run.join(folder)?)?.is_empty());
    let is_headless = is_empty("commits")? && !(is_empty("metrics")? && is_empty("aggregates")?);
    match is_headless {
        false => Ok(()),
        true => Err(Error::Corrupt {
            url: run.join("commits")?,
            reason: "the commits of a run are gone, whose rows are there".to_owned(),
        }),
    }
}
