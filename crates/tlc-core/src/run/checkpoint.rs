//! Many commits in one file, so that opening a run with a long history reads few files.
//!
//! A checkpoint holds the actions of the commits `from..to`. Whoever writes a commit whose
//! number completes a multiple of 8 writes one of up to 128 commits; at multiples of 128
//! one of up to 2,048, and so on: opening reads at most one of each size, and each action
//! is written a few times, however long the history is. They are never needed: the
//! commits stay, and one that is damaged or missing is passed over.

use super::action::Action;
use super::commit;
use super::history::{BLOCK, History};
use crate::part::Part;
use crate::schema::NEWEST;
use crate::storage::commit::{digits, number};
use crate::storage::json::{Seal, Unsealed};
use crate::storage::{self, Store, json};
use crate::{Error, Result, Url, limits};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::ops::Range;

const FORMAT: &str = "tlc-run-checkpoint";
const VERSION: u64 = NEWEST;
/// Commits between two checkpoints.
const UNIT: u64 = 8;
/// So many of one size make one of the next.
const FAN: u64 = BLOCK / UNIT;
/// A listing may be overtaken by a writer who replaces what it names.
const LISTINGS: usize = 3;

/// As it is stored.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Checkpoint {
    run: String,
    from: u64,
    to: u64,
    /// Seal of the commit before `from`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    previous: Option<Seal>,
    /// Seal and version of the commit before `to`.
    last: Seal,
    last_version: u64,
    #[serde(deserialize_with = "super::actions::within_memory")]
    pub(super) actions: Vec<Action>,
    /// Of a checkpoint from 0: what stands in no action, after those.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    parts: Vec<Parts>,
    /// Likewise: URLs of parts that others have taken the place of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    replaced: Vec<String>,
}

/// Parts of a metrics table, or of the aggregate values.
#[derive(Debug, Serialize, Deserialize)]
struct Parts {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    metrics: Option<String>,
    parts: Vec<Part>,
}

/// The number after `next` at which somebody writes a checkpoint.
pub(super) fn next_after(next: u64) -> u64 {
    (next / UNIT + 1).saturating_mul(UNIT)
}

/// Applies the checkpoints of a run that were listed, as far as they reach from the first
/// commit on. Gives the number up to which there must be commits.
pub(super) fn read_into(
    store: &dyn Store,
    run: &Url,
    history: &mut History,
    listed: Vec<Range<u64>>,
) -> Result<u64> {
    let mut unsound = HashSet::new();
    let mut end = 0;
    let mut listed = Some(listed);
    for _ in 0..LISTINGS {
        let spans = match listed.take() {
            Some(listed) => listed,
            None => list(store, run)?,
        };
        end = spans.iter().map(|span| span.end).max().unwrap_or(0);
        match apply_all(store, run, history, &spans, &unsound) {
            Ok(()) => break,
            Err((span, error)) => {
                tracing::warn!(%run, ?span, %error, "passes over a checkpoint");
                unsound.insert(span);
                *history = History::new();
            }
        }
    }
    Ok(end)
}

/// Whether there is a checkpoint.
pub(super) fn exist(store: &dyn Store, run: &Url) -> Result<bool> {
    Ok(!list(store, run)?.is_empty())
}

/// Reads a checkpoint that must end with the commit that is there.
pub(super) fn checked(store: &dyn Store, run: &Url, span: &Range<u64>) -> Result<Checkpoint> {
    let previous = match span.start {
        0 => None,
        start => Some(commit::seal(store, run, start - 1)?),
    };
    let found = read(store, run, span, previous)?;
    match found.last == commit::seal(store, run, span.end.saturating_sub(1))? {
        true => Ok(found),
        false => {
            let url = url(run, span)?;
            Err(corrupt(&url, "it ends with another commit than there is"))
        }
    }
}

/// Writes a checkpoint if the newest commit calls for one. A failure costs speed alone.
pub(super) fn write_if_due(store: &dyn Store, run: &Url, history: &History) {
    let Some(span) = span(history.next) else {
        return;
    };
    let written = write(store, run, history, &span);
    match written {
        Ok(()) => delete_replaced(store, run, &span),
        Err(error) => tracing::warn!(%run, %error, "a checkpoint could not be written"),
    }
}

/// The commits that the checkpoint at a number holds.
fn span(to: u64) -> Option<Range<u64>> {
    if to == 0 || !to.is_multiple_of(UNIT) {
        return None;
    }
    let unit = unit(to);
    let size = unit.saturating_mul(FAN);
    Some(to / size * size..to)
}

/// The largest size that a number is a multiple of.
fn unit(to: u64) -> u64 {
    let mut unit = UNIT;
    while let Some(next) = unit.checked_mul(FAN)
        && to.is_multiple_of(next)
    {
        unit = next;
    }
    unit
}

/// What the checkpoints of a run hold: of those that start at one number the longest first.
pub(super) fn list(store: &dyn Store, run: &Url) -> Result<Vec<Range<u64>>> {
    let entries = store.list(&folder(run)?)?;
    let mut spans: Vec<_> = entries
        .iter()
        .filter_map(|entry| parse(&entry.name))
        .collect();
    spans.sort_by_key(|span| (span.start, std::cmp::Reverse(span.end)));
    Ok(spans)
}

/// Those of which each begins where the one before ends, from the first commit on.
pub(super) fn chain(spans: &[Range<u64>]) -> Vec<Range<u64>> {
    let mut next = 0;
    let begins_there = |span: &&Range<u64>| {
        let begins_there = span.start == next;
        if begins_there {
            next = span.end;
        }
        begins_there
    };
    spans.iter().filter(begins_there).cloned().collect()
}

fn parse(name: &str) -> Option<Range<u64>> {
    let (from, to) = name.strip_suffix(".json")?.split_once('-')?;
    Some(number(from)?..number(to)?).filter(|span| !span.is_empty())
}

fn folder(run: &Url) -> Result<Url> {
    run.join("checkpoints")
}

pub(super) fn url(run: &Url, span: &Range<u64>) -> Result<Url> {
    let (from, to) = (digits(span.start), digits(span.end));
    folder(run)?.join(&format!("{from}-{to}.json"))
}

fn apply_all(
    store: &dyn Store,
    run: &Url,
    history: &mut History,
    spans: &[Range<u64>],
    unsound: &HashSet<Range<u64>>,
) -> Result<(), (Range<u64>, Error)> {
    for span in spans {
        if span.start == history.next && !unsound.contains(span) {
            let read = read(store, run, span, history.seal);
            let applied = read.and_then(|checkpoint| apply(run, history, checkpoint));
            applied.map_err(|error| (span.clone(), error))?;
        }
    }
    Ok(())
}

/// Applies a checkpoint.
pub(super) fn apply(run: &Url, history: &mut History, checkpoint: Checkpoint) -> Result<()> {
    let url = url(run, &(checkpoint.from..checkpoint.to))?;
    let seal = (checkpoint.last, checkpoint.last_version);
    history.accept(&url, checkpoint.actions, checkpoint.to, seal)?;
    for Parts { metrics, parts } in checkpoint.parts {
        let added = history.state.add_parts(metrics.as_deref(), parts);
        added.map_err(|refused| corrupt(&url, &refused.to_string()))?;
    }
    history.state.add_replaced(checkpoint.replaced);
    match history.state.id == checkpoint.run {
        true => Ok(()),
        false => Err(corrupt(&url, "it is of another run")),
    }
}

fn read(
    store: &dyn Store,
    run: &Url,
    span: &Range<u64>,
    previous: Option<Seal>,
) -> Result<Checkpoint> {
    let url = url(run, span)?;
    let bytes = store.get(&url, limits::CHECKPOINT_BYTES)?;
    let read: Unsealed<Checkpoint> = json::unseal(&url, FORMAT, VERSION, &bytes)?;
    let checkpoint = read.body;
    if checkpoint.from != span.start || checkpoint.to != span.end {
        return Err(corrupt(&url, "it stands in another's place"));
    }
    if checkpoint.previous != previous {
        return Err(corrupt(&url, "it followed another commit"));
    }
    Ok(checkpoint)
}

fn write(store: &dyn Store, run: &Url, history: &History, span: &Range<u64>) -> Result<()> {
    let Some(last) = history.seal else {
        return Ok(());
    };
    let (previous, actions, parts) = match span.start {
        0 => (None, history.state.actions(), history.state.parts()),
        from if from == history.recent.from => {
            let recent = &history.recent;
            (recent.previous, recent.actions.clone(), Vec::new())
        }
        from => {
            let previous = Some(commit::seal(store, run, from - 1)?);
            (previous, gather(store, run, span)?, Vec::new())
        }
    };
    super::actions::check(&actions)?;
    let parts = parts.into_iter();
    let replaced = match span.start {
        0 => history.state.replaced(),
        _ => Vec::new(),
    };
    let checkpoint = Checkpoint {
        run: history.state.id.clone(),
        from: span.start,
        to: span.end,
        previous,
        last,
        last_version: history.version,
        actions,
        parts: parts
            .map(|(metrics, parts)| Parts { metrics, parts })
            .collect(),
        replaced,
    };
    let version = commit::version(&checkpoint.actions);
    let (bytes, _) = json::seal_within(limits::CHECKPOINT_BYTES, FORMAT, version, &checkpoint)?;
    storage::commit::publish(store, &url(run, span)?, &bytes)
}

/// The actions of commits from smaller checkpoints, and from the commits where there is
/// none.
fn gather(store: &dyn Store, run: &Url, span: &Range<u64>) -> Result<Vec<Action>> {
    let mut actions = Vec::new();
    let mut next = span.start;
    let mut smaller = list(store, run)?;
    smaller.retain(|other| other.start >= span.start && other.end <= span.end && other != span);
    for other in smaller {
        let previous = match other.start {
            start if start < next => continue,
            start => Some(commit::seal(store, run, start.saturating_sub(1))?),
        };
        if let Ok(checkpoint) = read(store, run, &other, previous) {
            actions.extend(commit::actions(store, run, next..other.start)?);
            actions.extend(checkpoint.actions);
            next = other.end;
        }
    }
    actions.extend(commit::actions(store, run, next..span.end)?);
    Ok(actions)
}

/// What a checkpoint holds stands in no other.
fn delete_replaced(store: &dyn Store, run: &Url, span: &Range<u64>) {
    let unit_of_span = unit(span.end);
    let mut replaced: Vec<Range<u64>> = Vec::new();
    replaced.push(span.start..span.end - unit_of_span);
    let mut unit = UNIT;
    while unit < unit_of_span {
        replaced.push(span.end - unit * FAN..span.end - unit);
        unit *= FAN;
    }
    for span in replaced.iter().filter(|span| !span.is_empty()) {
        let deleted = url(run, span).and_then(|url| store.delete(&url));
        if let Err(error) = deleted {
            tracing::debug!(%run, %error, "a replaced checkpoint stays");
        }
    }
}

fn corrupt(url: &Url, reason: &str) -> Error {
    Error::Corrupt {
        url: url.clone(),
        reason: reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opening_reads_one_checkpoint_of_each_size_whatever_the_number() {
        for newest in [
            7, 8, 127, 128, 129, 2_047, 2_048, 100_000, 131_071, 1_000_000,
        ] {
            let mut spans: Vec<Range<u64>> = Vec::new();
            for to in 0..=newest {
                let Some(span) = span(to) else { continue };
                spans.retain(|other| other.start < span.start || other.start >= span.end);
                spans.push(span);
            }
            let mut next = 0;
            for span in &spans {
                assert_eq!(span.start, next);
                next = span.end;
            }
            assert!(
                newest - next < UNIT && spans.len() <= 5,
                "{newest}: {spans:?}"
            );
        }
    }
}
