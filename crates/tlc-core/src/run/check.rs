//! Whether checkpoints say what the commits say.

use super::action::Action;
use super::checkpoint;
use super::history::History;
use super::named::Commits;
use super::state::State;
use crate::storage::Store;
use crate::{Error, Result, Url};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hasher};
use std::ops::Range;

/// Checkpoints from the first commit on that are compared, those that reach farthest: one
/// is read, and each costs as much as the run is large.
const COMPARED: usize = 8;

/// Reads all commits of a run, and its checkpoints, which must say the same.
pub(crate) fn check_history(store: &dyn Store, run: &Url) -> Result<()> {
    let spans = checkpoint::list(store, run)?;
    let from_first = spans.iter().filter(|span| span.start == 0);
    let ends = from_first.map(|span| span.end).take(COMPARED).collect();
    let said = Said::by_commits(store, run, &ends)?;
    for span in spans {
        let read = match checkpoint::checked(store, run, &span) {
            // A writer has put another in its place.
            Err(Error::NotFound { .. }) => continue,
            other => other?,
        };
        let is_same = match span.start {
            0 => {
                let mut history = History::new();
                checkpoint::apply(run, &mut history, read)?;
                let state = said.states.get(&span.end);
                state.is_none_or(|state| *state == digest_of_state(&history.state))
            }
            _ => said.are(&span, &read.actions),
        };
        if !is_same {
            return Err(Error::Corrupt {
                url: checkpoint::url(run, &span)?,
                reason: "it does not say what the commits say".to_owned(),
            });
        }
    }
    Ok(())
}

/// What the commits of a run say, as digests: the run itself may be large.
#[derive(Default)]
struct Said {
    actions: Vec<u64>,
    /// Number of the actions before each commit.
    starts: Vec<usize>,
    /// Of the run, by the number of commits.
    states: BTreeMap<u64, u64>,
}

impl Said {
    fn by_commits(store: &dyn Store, run: &Url, ends: &BTreeSet<u64>) -> Result<Self> {
        let mut said = Self::default();
        let mut commits = Commits::of(store, run)?;
        while let Some((url, read)) = commits.next()? {
            said.starts.push(said.actions.len());
            said.actions.extend(read.body.actions.iter().map(digest));
            commits.accept(&url, read)?;
            let next = commits.history.next;
            if ends.contains(&next) {
                let state = digest_of_state(&commits.history.state);
                said.states.insert(next, state);
            }
        }
        said.starts.push(said.actions.len());
        Ok(said)
    }

    /// Whether these are the actions of some commits.
    fn are(&self, commits: &Range<u64>, actions: &[Action]) -> bool {
        let start = |number: u64| self.starts.get(usize::try_from(number).ok()?).copied();
        let said = start(commits.start).zip(start(commits.end));
        let said = said.and_then(|(from, to)| self.actions.get(from..to));
        said.is_some_and(|said| said.iter().copied().eq(actions.iter().map(digest)))
    }
}

fn digest_of_state(state: &State) -> u64 {
    let mut hasher = Digest::default();
    hasher.add(&(&state.id, state.created_micros, state.is_deleted));
    hasher.add(&(&state.description, &state.parameters));
    hasher.add(&(state.status, &state.failure, &state.inputs));
    for metrics in &state.metrics {
        hasher.add(&(&metrics.head, metrics.registered));
        hasher.add(&metrics.parts);
    }
    hasher.add(&state.aggregates);
    // In any order.
    let named = state.all_named().map(digest);
    hasher.add(&named.fold(0_u64, u64::wrapping_add));
    hasher.0.finish()
}

fn digest<T: Serialize>(value: T) -> u64 {
    let mut hasher = Digest::default();
    hasher.add(&value);
    hasher.0.finish()
}

/// Hashes what is written to it.
#[derive(Default)]
struct Digest(DefaultHasher);

impl Digest {
    fn add<T: Serialize>(&mut self, value: &T) {
        // What was read as JSON can be written as JSON.
        let _ = serde_json::to_writer(&mut *self, value);
        self.0.write_u8(0);
    }
}

impl std::io::Write for Digest {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.write(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
