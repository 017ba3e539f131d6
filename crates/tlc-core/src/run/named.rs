//! The files that a run names, and its history from the first commit on.

use super::history::History;
use super::state::Action;
use super::{checkpoint, commit};
use crate::storage::Store;
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
    let mut history = History::new();
    let mut replaced = Vec::new();
    let newest = commit::newest(store, run)?;
    while newest.is_some_and(|newest| history.next <= newest) {
        let url = commit::url(run, history.next)?;
        let read = match commit::read(store, &url) {
            Err(Error::NotFound { .. }) => return Err(commit::missing(&url)),
            other => other?,
        };
        history.check_place(&url, &read)?;
        let replaces = read.body.actions.iter().any(Action::replaces_parts);
        let before = replaces.then(|| history.state.files());
        let next = history.next + 1;
        history.accept(&url, read.body.actions, next, (read.seal, read.version))?;
        if let Some(before) = before {
            let now = history.state.files();
            let gone = before.difference(&now).cloned().collect();
            replaced.push((gone, store.stat(&url)?.changed));
        }
    }
    Ok(NamedParts {
        now: history.state.files(),
        replaced,
    })
}

/// Reads all commits of a run, and its checkpoints.
pub(crate) fn check_history(store: &dyn Store, run: &Url) -> Result<()> {
    parts_by_commit(store, run)?;
    checkpoint::check(store, run)
}
