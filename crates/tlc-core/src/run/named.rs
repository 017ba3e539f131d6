//! The files that a run names, by its commits from the first on.

use super::action::Action;
use super::commit::{self, Commit};
use super::commits;
use super::history::History;
use crate::storage::Store;
use crate::storage::json::Unsealed;
use crate::{Error, Result, Url};
use std::collections::HashSet;
use std::time::SystemTime;

/// The files that a run names, and those that it named before.
#[derive(Debug)]
pub(crate) struct NamedParts {
    pub(crate) now: HashSet<String>,
    /// What a commit has put others in the place of, and when.
    pub(crate) replaced: Vec<(Vec<String>, SystemTime)>,
}

/// Reads all commits of a run, whatever its checkpoints say.
pub(crate) fn parts_by_commit(store: &dyn Store, run: &Url) -> Result<NamedParts> {
    let mut commits = Commits::of(store, run)?;
    let mut replaced = Vec::new();
    while let Some((url, read)) = commits.next()? {
        let replaces = read.body.actions.iter().any(Action::replaces_parts);
        let before = replaces.then(|| commits.history.state.files());
        commits.accept(&url, read)?;
        if let Some(before) = before {
            let now = commits.history.state.files();
            let gone = before.difference(&now).cloned().collect();
            replaced.push((gone, store.stat(&url)?.changed));
        }
    }
    Ok(NamedParts {
        now: commits.history.state.files(),
        replaced,
    })
}

/// The commits of a run, one after another from the first on.
pub(super) struct Commits<'a> {
    store: &'a dyn Store,
    run: &'a Url,
    newest: Option<u64>,
    /// What those that were accepted amount to.
    pub(super) history: History,
}

impl<'a> Commits<'a> {
    pub(super) fn of(store: &'a dyn Store, run: &'a Url) -> Result<Self> {
        Ok(Self {
            store,
            run,
            newest: commit::newest(store, run)?,
            history: History::new(),
        })
    }

    pub(super) fn next(&self) -> Result<Option<(Url, Unsealed<Commit>)>> {
        if self.newest.is_none_or(|newest| self.history.next > newest) {
            return Ok(None);
        }
        let url = commit::url(self.run, self.history.next)?;
        let read = match commit::read(self.store, &url) {
            Err(Error::NotFound { .. }) if commits::is_gone(self.store, self.run)? => {
                let url = self.run.clone();
                return Err(Error::NotFound { url });
            }
            Err(Error::NotFound { .. }) => return Err(commit::missing(&url)),
            other => other?,
        };
        self.history.check_place(&url, &read)?;
        Ok(Some((url, read)))
    }

    pub(super) fn accept(&mut self, url: &Url, read: Unsealed<Commit>) -> Result<()> {
        let next = self.history.next + 1;
        let seal = (read.seal, read.version);
        self.history.accept(url, read.body.actions, next, seal)
    }
}
