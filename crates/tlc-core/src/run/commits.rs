//! The numbered commits of a run: reading them in order, adding the next.
//!
//! Each says which run it is of, its number and the seal of the one before, so that a
//! commit in another's place is noticed.

use super::checkpoint::{self, Recent};
use super::state::{Action, Refused, State};
use crate::storage::json::{Seal, Unsealed};
use crate::storage::{Store, commit, json};
use crate::{Error, Result, Url};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::time::{Duration, SystemTime};

const FORMAT: &str = "tlc-run-commit";
pub(super) const VERSION: u64 = 2;
/// Lost races for a number before a commit is given up as a conflict.
const ATTEMPTS: u64 = 1000;
/// A reader so many commits behind looks for a checkpoint.
const FAR_BEHIND: u64 = 64;

/// What the commits of a run amount to, up to the newest that is known.
#[derive(Clone, Debug)]
pub(crate) struct History {
    pub(crate) state: State,
    /// Number the next commit will have.
    pub(super) next: u64,
    /// Of the newest known commit.
    pub(super) seal: Option<Seal>,
    pub(super) version: u64,
    pub(super) recent: Recent,
    /// Whether this is the history of one run: one that overwrites it is a conflict.
    is_pinned: bool,
}

/// As it is stored. Version 1 had no place in it.
#[derive(Debug, Serialize, Deserialize)]
struct Commit {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    run: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    number: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    previous: Option<Seal>,
    /// Tells two commits of equal actions apart.
    id: String,
    actions: Vec<Action>,
}

impl History {
    pub(super) fn new() -> Self {
        Self {
            state: State::new(),
            next: 0,
            seal: None,
            version: 0,
            recent: Recent::default(),
            is_pinned: false,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.next == 0
    }

    /// From now on this is the history of the run that it has come to.
    pub(super) fn pin(&mut self) {
        self.is_pinned = true;
    }

    /// Takes the actions of all commits up to the one before `next`.
    pub(super) fn accept(
        &mut self,
        url: &Url,
        actions: Vec<Action>,
        next: u64,
        (seal, version): (Seal, u64),
    ) -> Result<()> {
        self.recent.push(self.next, next, self.seal, &actions);
        // Before version 2 a writer could go on after another had overwritten the run: what
        // it wrote is of no metrics table.
        let may_stray = version < 2 || next - self.next > 1;
        for action in actions {
            match self.state.apply(action) {
                Ok(()) => {}
                Err(Refused::NotBegun(_)) if may_stray => {}
                Err(refused) => {
                    return Err(Error::Corrupt {
                        url: url.clone(),
                        reason: refused.to_string(),
                    });
                }
            }
        }
        (self.next, self.seal, self.version) = (next, Some(seal), version);
        Ok(())
    }

    /// The history of one run ends where another begins, or where it is deleted.
    fn check_pinned(&self, url: &Url, actions: &[Action]) -> Result<()> {
        let end = actions.iter().find_map(|action| match action {
            Action::Create { id, .. } if *id != self.state.id => Some(id.clone()),
            Action::Delete => Some("deleted".to_owned()),
            _ => None,
        });
        match end.filter(|_| self.is_pinned) {
            None => Ok(()),
            Some(latest) => Err(Error::Conflict {
                url: run_of(url),
                latest,
            }),
        }
    }

    /// Checks that a commit stands where it was put.
    fn check_place(&self, url: &Url, read: &Unsealed<Commit>) -> Result<()> {
        let commit = &read.body;
        let created = commit.actions.iter().find_map(|action| match action {
            Action::Create { id, .. } => Some(id),
            _ => None,
        });
        let run = created.unwrap_or(&self.state.id);
        let reason = if read.version < self.version {
            format!(
                "of version {} after one of version {}",
                read.version, self.version
            )
        } else if read.version < 2 {
            return Ok(());
        } else if commit.number != Some(self.next) {
            format!("it was published as number {}", shown(commit.number))
        } else if commit.previous != self.seal {
            "it followed another commit than the one before it".to_owned()
        } else if commit.run.as_ref() != Some(run) {
            format!("it is of the run {}", shown(commit.run.as_ref()))
        } else {
            return Ok(());
        };
        Err(Error::Corrupt {
            url: url.clone(),
            reason,
        })
    }
}

/// Reads the newest checkpoint and the commits after it.
pub(super) fn open(store: &dyn Store, run: &Url) -> Result<History> {
    let mut history = History::new();
    let end = checkpoint::read_into(store, run, &mut history)?;
    if history.next == 0 {
        read_listed(store, run, &mut history)?;
    } else {
        let found = history.next;
        read_tail(store, run, &mut history, u64::MAX)?;
        if history.next == found {
            check_last(store, run, &history)?;
        }
        check_end(store, run, history.next)?;
    }
    if history.next < end {
        return Err(missing(&url(run, history.next)?));
    }
    Ok(history)
}

/// Applies the commits that the history does not know yet.
pub(super) fn catch_up(store: &dyn Store, run: &Url, history: &mut History) -> Result<()> {
    let limit = history.next.saturating_add(FAR_BEHIND);
    read_tail(store, run, history, limit)?;
    if history.next < limit {
        return Ok(());
    }
    let mut newest = open(store, run)?;
    newest.is_pinned = history.is_pinned;
    if history.is_pinned && newest.state.id != history.state.id {
        return Err(Error::Conflict {
            url: run.clone(),
            latest: newest.state.id,
        });
    }
    *history = newest;
    Ok(())
}

/// Adds a commit after all others, with the actions that `decide` wants given what the
/// run is by then; durable when it returns. No action, no commit.
pub(super) fn append(
    store: &dyn Store,
    run: &Url,
    history: &mut History,
    mut decide: impl FnMut(&State) -> Result<Vec<Action>>,
) -> Result<()> {
    let id = uuid::Uuid::now_v7().to_string();
    for attempt in 0..ATTEMPTS {
        let mut actions = decide(&history.state)?;
        actions.retain(|action| !is_done(&history.state, action));
        if actions.is_empty() {
            return Ok(());
        }
        match publish(store, run, history, &id, actions) {
            Err(Error::AlreadyExists { .. }) => {
                catch_up(store, run, history)?;
                back_off(attempt, &id);
            }
            other => return other,
        }
    }
    Err(Error::Conflict {
        url: run.clone(),
        latest: format!("commit {}", history.next),
    })
}

/// Creates the run with its first commit, which exactly one caller can.
pub(super) fn create(
    store: &dyn Store,
    run: &Url,
    history: &mut History,
    actions: Vec<Action>,
) -> Result<()> {
    let id = uuid::Uuid::now_v7().to_string();
    publish(store, run, history, &id, actions)
}

/// All actions of the commits of a range, in order.
pub(super) fn actions(
    store: &dyn Store,
    run: &Url,
    numbers: std::ops::Range<u64>,
) -> Result<Vec<Action>> {
    let mut all = Vec::new();
    for number in numbers {
        let url = url(run, number)?;
        let read: Unsealed<Commit> = json::read(store, &url, FORMAT, VERSION)?;
        all.extend(read.body.actions);
    }
    Ok(all)
}

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
    let newest = commit::latest_number(store, &run.join("commits")?)?;
    while newest.is_some_and(|newest| history.next <= newest) {
        let url = url(run, history.next)?;
        let read: Unsealed<Commit> = match json::read(store, &url, FORMAT, VERSION) {
            Err(Error::NotFound { .. }) => return Err(missing(&url)),
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

/// The seal of a commit.
pub(super) fn seal(store: &dyn Store, run: &Url, number: u64) -> Result<Seal> {
    let read: Unsealed<Commit> = json::read(store, &url(run, number)?, FORMAT, VERSION)?;
    Ok(read.seal)
}

/// Where the commit of a number is.
fn url(run: &Url, number: u64) -> Result<Url> {
    commit::numbered(&run.join("commits")?, number)
}

/// The newest commit that is known must still be there: else the run was deleted.
pub(super) fn check_newest(store: &dyn Store, run: &Url, history: &History) -> Result<()> {
    match history.next.checked_sub(1) {
        None => Ok(()),
        Some(newest) => match store.stat(&url(run, newest)?) {
            Err(Error::NotFound { .. }) => Err(Error::NotFound { url: run.clone() }),
            other => other.map(drop),
        },
    }
}

/// Whether a run has a commit, and so is one.
pub(super) fn exist(store: &dyn Store, run: &Url) -> Result<bool> {
    match store.stat(&url(run, 0)?) {
        Ok(_) => Ok(true),
        Err(Error::NotFound { .. }) => {
            let newest = commit::latest_number(store, &run.join("commits")?)?;
            Ok(newest.is_some())
        }
        Err(error) => Err(error),
    }
}

/// Reads all commits of a run, and its checkpoints.
pub(crate) fn check_history(store: &dyn Store, run: &Url) -> Result<()> {
    parts_by_commit(store, run)?;
    checkpoint::check(store, run)
}

fn publish(
    store: &dyn Store,
    run: &Url,
    history: &mut History,
    id: &str,
    actions: Vec<Action>,
) -> Result<()> {
    let created = actions.iter().find_map(|action| match action {
        Action::Create { id, .. } => Some(id.clone()),
        _ => None,
    });
    let commit = Commit {
        run: Some(created.unwrap_or_else(|| history.state.id.clone())),
        number: Some(history.next),
        previous: history.seal,
        id: id.to_owned(),
        actions,
    };
    let url = url(run, history.next)?;
    let (bytes, seal) = json::seal(FORMAT, VERSION, &commit)?;
    commit::publish(store, &url, &bytes)?;
    history.accept(&url, commit.actions, history.next + 1, (seal, VERSION))?;
    checkpoint::write_if_due(store, run, history);
    Ok(())
}

/// A part that is named already is not named twice.
fn is_done(state: &State, action: &Action) -> bool {
    match action {
        Action::Segment { part, .. } | Action::Aggregates { part } => state.names(&part.url),
        _ => false,
    }
}

/// The commits of a run that has no checkpoint yet.
fn read_listed(store: &dyn Store, run: &Url, history: &mut History) -> Result<()> {
    let Some(newest) = commit::latest_number(store, &run.join("commits")?)? else {
        return Ok(());
    };
    read_tail(store, run, history, newest.saturating_add(1))?;
    if history.next > newest {
        return read_tail(store, run, history, u64::MAX);
    }
    // Of a run that is being deleted the last commit stays longest.
    let last: Unsealed<Commit> = json::read(store, &url(run, newest)?, FORMAT, VERSION)?;
    if last.body.actions.contains(&Action::Delete) {
        history.state.is_deleted = true;
        return Ok(());
    }
    Err(missing(&url(run, history.next)?))
}

/// Reads commits until there is none, or until the one before `limit`.
fn read_tail(store: &dyn Store, run: &Url, history: &mut History, limit: u64) -> Result<()> {
    while history.next < limit {
        let url = url(run, history.next)?;
        let read: Unsealed<Commit> = match json::read(store, &url, FORMAT, VERSION) {
            Err(Error::NotFound { .. }) => return Ok(()),
            other => other?,
        };
        history.check_place(&url, &read)?;
        history.check_pinned(&url, &read.body.actions)?;
        let next = history.next + 1;
        history.accept(&url, read.body.actions, next, (read.seal, read.version))?;
    }
    Ok(())
}

/// The last commit of a checkpoint must be there, and be the one that it ends with.
fn check_last(store: &dyn Store, run: &Url, history: &History) -> Result<()> {
    let url = url(run, history.next.saturating_sub(1))?;
    let read: Unsealed<Commit> = match json::read(store, &url, FORMAT, VERSION) {
        Err(Error::NotFound { .. }) => return Err(missing(&url)),
        other => other?,
    };
    if Some(read.seal) == history.seal {
        return Ok(());
    }
    Err(Error::Corrupt {
        url,
        reason: "another commit than the checkpoint ends with".to_owned(),
    })
}

/// No commit may follow one that is missing. Those up to the next checkpoint are asked
/// for; later ones would have left one.
fn check_end(store: &dyn Store, run: &Url, next: u64) -> Result<()> {
    for number in next + 1..checkpoint::next_after(next) {
        match store.stat(&url(run, number)?) {
            Err(Error::NotFound { .. }) => {}
            Ok(_) => {
                // It may have been written while this was looking.
                return match store.stat(&url(run, next)?) {
                    Err(Error::NotFound { .. }) => Err(missing(&url(run, next)?)),
                    other => other.map(drop),
                };
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn missing(url: &Url) -> Error {
    Error::Corrupt {
        url: url.clone(),
        reason: "the commit is missing, though there is a later one".to_owned(),
    }
}

fn run_of(commit: &Url) -> Url {
    let run = commit.parent().and_then(|folder| folder.parent());
    run.unwrap_or_else(|| commit.clone())
}

fn shown<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| "none".to_owned(), |value| value.to_string())
}

/// Waits a little after a lost race, each writer differently.
fn back_off(attempt: u64, id: &str) {
    let jitter = id.bytes().fold(attempt, |hash, byte| {
        hash.wrapping_mul(31).wrapping_add(u64::from(byte))
    });
    let longest_micros = 200 << attempt.min(6);
    std::thread::sleep(Duration::from_micros(jitter % longest_micros));
}
