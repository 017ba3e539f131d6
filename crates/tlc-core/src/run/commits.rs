//! The numbered commits of a run: reading them in order, adding the next.

use super::state::{Action, State};
use crate::storage::{Store, commit, json};
use crate::{Error, Result, Url};
use serde::{Deserialize, Serialize};
use std::time::Duration;

const FORMAT: &str = "tlc-run-commit";
const VERSION: u64 = 1;
/// Lost races for a number before a commit is given up as a conflict.
const ATTEMPTS: u64 = 1000;

#[derive(Debug, Serialize, Deserialize)]
struct Commit {
    /// Tells two commits of equal actions apart.
    id: String,
    actions: Vec<Action>,
}

/// Applies the commits that the state does not know yet.
pub(super) fn catch_up(store: &dyn Store, run: &Url, state: &mut State) -> Result<()> {
    let folder = run.join("commits")?;
    let Some(newest) = commit::latest_number(store, &folder)? else {
        return Ok(());
    };
    while state.next_commit <= newest {
        let url = commit::numbered(&folder, state.next_commit)?;
        let read: Commit = json::unseal(&url, FORMAT, VERSION, &store.get(&url)?)?;
        accept(state, read);
    }
    Ok(())
}

/// Adds a commit with these actions after all others; durable when it returns.
pub(super) fn append(
    store: &dyn Store,
    run: &Url,
    state: &mut State,
    actions: Vec<Action>,
) -> Result<()> {
    let folder = run.join("commits")?;
    let commit = Commit {
        id: uuid::Uuid::now_v7().to_string(),
        actions,
    };
    let bytes = json::seal(FORMAT, VERSION, &commit)?;
    for attempt in 0..ATTEMPTS {
        let url = commit::numbered(&folder, state.next_commit)?;
        match commit::publish(store, &url, &bytes) {
            Ok(()) => {
                accept(state, commit);
                return Ok(());
            }
            Err(Error::AlreadyExists { .. }) => {
                catch_up(store, run, state)?;
                back_off(attempt, &commit.id);
            }
            Err(error) => return Err(error),
        }
    }
    Err(Error::Conflict {
        url: folder,
        latest: state.next_commit.to_string(),
    })
}

/// Creates the run with its first commit, which exactly one caller can.
pub(super) fn create(
    store: &dyn Store,
    run: &Url,
    state: &mut State,
    actions: Vec<Action>,
) -> Result<()> {
    let commit = Commit {
        id: uuid::Uuid::now_v7().to_string(),
        actions,
    };
    let url = commit::numbered(&run.join("commits")?, 0)?;
    commit::publish(store, &url, &json::seal(FORMAT, VERSION, &commit)?)?;
    accept(state, commit);
    Ok(())
}

fn accept(state: &mut State, commit: Commit) {
    state.next_commit += 1;
    for action in commit.actions {
        state.apply(action);
    }
}

/// Waits a little after a lost race, each writer differently.
fn back_off(attempt: u64, id: &str) {
    let jitter = id.bytes().fold(attempt, |hash, byte| {
        hash.wrapping_mul(31).wrapping_add(u64::from(byte))
    });
    let longest_micros = 200 << attempt.min(6);
    std::thread::sleep(Duration::from_micros(jitter % longest_micros));
}
