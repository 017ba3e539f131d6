//! The numbered commits of a run: reading them in order, adding the next.
//!
//! Each says which run it is of, its number and the seal of the one before, so that a
//! commit in another's place is noticed.

use super::action::Action;
use super::actions;
use super::checkpoint;
use super::commit::{self, Commit, missing, url};
use super::history::History;
use super::state::State;
use crate::storage::{self, AheadStore, Store};
use crate::{Error, Result, Url, limits};
use std::ops::Range;
use std::time::Duration;

/// Lost races for a number before a commit is given up as a conflict.
const ATTEMPTS: u64 = 1000;
/// A reader so many commits behind looks for a checkpoint.
const FAR_BEHIND: u64 = 64;
/// What is read of a document before it is needed: many are at once, and most are small. A
/// longer one is read when it is its turn.
const AHEAD_BYTES: u64 = 2 << 20;

/// Reads the newest checkpoint and the commits after it; nothing of a run that is being
/// deleted.
pub(super) fn open(store: &dyn Store, run: &Url) -> Result<History> {
    match read(store, run) {
        // What is missing may have been deleted since it was listed.
        Err(Error::Corrupt { .. } | Error::NotFound { .. }) if is_gone(store, run)? => {
            Ok(History::new())
        }
        other => other,
    }
}

fn read(store: &dyn Store, run: &Url) -> Result<History> {
    let mut history = History::new();
    let listed = checkpoint::list(store, run)?;
    let ahead = read_ahead(store, run, &listed)?;
    let store = &ahead;
    let end = checkpoint::read_into(store, run, &mut history, listed)?;
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

/// Asks for all at once that opening a run reads, as far as its checkpoints tell.
fn read_ahead<'a>(
    store: &'a dyn Store,
    run: &Url,
    listed: &[Range<u64>],
) -> Result<AheadStore<'a>> {
    let chain = checkpoint::chain(listed);
    let mut urls = Vec::new();
    for span in &chain {
        urls.push(checkpoint::url(run, span)?);
    }
    if let Some(last) = chain.last() {
        for number in last.end.saturating_sub(1)..checkpoint::next_after(last.end) {
            urls.push(url(run, number)?);
        }
    }
    Ok(AheadStore::of(store, urls, AHEAD_BYTES))
}

/// Applies the commits that the history does not know yet.
pub(super) fn catch_up(store: &dyn Store, run: &Url, history: &mut History) -> Result<()> {
    let limit = history.next.saturating_add(FAR_BEHIND);
    read_tail(store, run, history, limit)?;
    if history.next < limit {
        return Ok(());
    }
    history.replace(run, open(store, run)?)
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

/// The newest commit that is known must still be there, and be the one that is known: else
/// the run was deleted, and another may have its name.
pub(super) fn check_newest(store: &dyn Store, run: &Url, history: &History) -> Result<()> {
    let Some(newest) = history.next.checked_sub(1) else {
        return Ok(());
    };
    match commit::seal(store, run, newest) {
        Ok(seal) if Some(seal) == history.seal => Ok(()),
        Ok(_) => Err(Error::Conflict {
            url: run.clone(),
            latest: "another run of this name".to_owned(),
        }),
        Err(Error::NotFound { .. }) => Err(Error::NotFound { url: run.clone() }),
        Err(error) => Err(error),
    }
}

/// Whether anything is left of a run, be it one that is being deleted or has lost commits.
pub(super) fn exist(store: &dyn Store, run: &Url) -> Result<bool> {
    match store.stat(&url(run, 0)?) {
        Ok(_) => Ok(true),
        Err(Error::NotFound { .. }) => {
            Ok(commit::newest(store, run)?.is_some() || checkpoint::exist(store, run)?)
        }
        Err(error) => Err(error),
    }
}

/// Whether a run is being deleted, or is no more: a commit of it may be missing then.
pub(crate) fn is_gone(store: &dyn Store, run: &Url) -> Result<bool> {
    let Some(newest) = commit::newest(store, run)? else {
        return Ok(!checkpoint::exist(store, run)?);
    };
    match commit::read(store, &url(run, newest)?) {
        Ok(read) => Ok(read.body.actions.contains(&Action::Delete)),
        // Nobody else takes commits away.
        Err(Error::NotFound { .. }) => Ok(true),
        Err(_) => Ok(false),
    }
}

fn publish(
    store: &dyn Store,
    run: &Url,
    history: &mut History,
    id: &str,
    actions: Vec<Action>,
) -> Result<()> {
    let mut new = Commit {
        run: None,
        number: Some(history.next),
        previous: history.seal,
        id: id.to_owned(),
        actions,
    };
    actions::check(&new.actions)?;
    new.run = Some(new.created().unwrap_or(&history.state.id).clone());
    let url = url(run, history.next)?;
    let version = new.version();
    let (bytes, seal) = new.sealed()?;
    // A commit must not outlast the one that it follows.
    if !history.is_settled && history.next > 0 {
        store.settle(&run.join("commits")?)?;
        history.is_settled = true;
    }
    storage::commit::publish(store, &url, &bytes)?;
    let next = history.next + 1;
    history.accept(&url, new.actions, next, (seal, version))?;
    history.is_settled = true;
    if !history.state.is_deleted {
        checkpoint::write_if_due(store, run, history);
    }
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
    let Some(newest) = commit::newest(store, run)? else {
        return Ok(());
    };
    // The one after it is most often missing.
    let asked = 0..newest.saturating_add(2).min(FAR_BEHIND);
    let urls = asked
        .map(|number| url(run, number))
        .collect::<Result<_>>()?;
    let store = &AheadStore::of(store, urls, AHEAD_BYTES);
    read_tail(store, run, history, newest.saturating_add(1))?;
    if history.next > newest {
        return read_tail(store, run, history, u64::MAX);
    }
    Err(missing(&url(run, history.next)?))
}

/// Reads commits until there is none, or until the one before `limit`.
fn read_tail(store: &dyn Store, run: &Url, history: &mut History, limit: u64) -> Result<()> {
    while history.next < limit.min(limits::COMMITS) {
        let url = url(run, history.next)?;
        let read = match commit::read(store, &url) {
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
    let read = match commit::read(store, &url) {
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

/// Waits a little after a lost race, each writer differently.
fn back_off(attempt: u64, id: &str) {
    let jitter = id.bytes().fold(attempt, |hash, byte| {
        hash.wrapping_mul(31).wrapping_add(u64::from(byte))
    });
    let longest_micros = 200 << attempt.min(6);
    std::thread::sleep(Duration::from_micros(jitter % longest_micros));
}
