//! One commit of a run as it is stored.

use super::action::Action;
use crate::schema::NEWEST;
use crate::storage::json::{Seal, Unsealed};
use crate::storage::{Store, commit, json};
use crate::{Error, Result, Url};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::ops::Range;

const FORMAT: &str = "tlc-run-commit";
const VERSION: u64 = NEWEST;
/// Of a commit whose classes are names.
const PLAIN_VERSION: u64 = 2;

/// As it is stored. Version 1 had no place in it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Commit {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) run: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) number: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) previous: Option<Seal>,
    /// Tells two commits of equal actions apart.
    pub(super) id: String,
    #[serde(deserialize_with = "super::actions::within_memory")]
    pub(super) actions: Vec<Action>,
}

impl Commit {
    pub(super) fn sealed(&self) -> Result<(Bytes, Seal)> {
        json::seal(FORMAT, self.version(), self)
    }

    /// The lowest version that can say what it says.
    pub(super) fn version(&self) -> u64 {
        PLAIN_VERSION.max(version(&self.actions))
    }

    /// The id of the run that begins with this commit.
    pub(super) fn created(&self) -> Option<&String> {
        self.actions.iter().rev().find_map(|action| match action {
            Action::Create { id, .. } => Some(id),
            _ => None,
        })
    }
}

/// The version that some actions need.
pub(super) fn version(actions: &[Action]) -> u64 {
    let versions = actions.iter().map(|action| match action {
        Action::BeginMetrics { metrics } => metrics.schema.version(),
        _ => 1,
    });
    versions.max().unwrap_or(1)
}

/// Where the commit of a number is.
pub(super) fn url(run: &Url, number: u64) -> Result<Url> {
    commit::numbered(&run.join("commits")?, number)
}

pub(super) fn read(store: &dyn Store, url: &Url) -> Result<Unsealed<Commit>> {
    json::read(store, url, FORMAT, VERSION)
}

/// The seal of a commit.
pub(super) fn seal(store: &dyn Store, run: &Url, number: u64) -> Result<Seal> {
    Ok(read(store, &url(run, number)?)?.seal)
}

/// All actions of the commits of a range, in order.
pub(super) fn actions(store: &dyn Store, run: &Url, numbers: Range<u64>) -> Result<Vec<Action>> {
    let mut all = Vec::new();
    for number in numbers {
        all.extend(read(store, &url(run, number)?)?.body.actions);
    }
    Ok(all)
}

/// Number of the newest commit.
pub(super) fn newest(store: &dyn Store, run: &Url) -> Result<Option<u64>> {
    commit::latest_number(store, &run.join("commits")?)
}

pub(super) fn missing(url: &Url) -> Error {
    Error::Corrupt {
        url: url.clone(),
        reason: "the commit is missing, though there is a later one".to_owned(),
    }
}
