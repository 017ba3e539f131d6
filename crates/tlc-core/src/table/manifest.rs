//! The commit that makes a table visible: one JSON document that names its parts.
//!
//! A table folder holds numbered commits; the newest one is the table. A table is
//! created by commit 0, and `overwrite` adds the next.

use crate::part::Part;
use crate::storage::{self, Store, commit, json};
use crate::{Error, Result, Schema, Url};
use serde::{Deserialize, Serialize};

const FORMAT: &str = "tlc-table";
const VERSION: u64 = 1;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Manifest {
    /// Unique to this content; runs name it, so `overwrite` cannot shift their rows.
    pub(super) id: String,
    pub(super) created: String,
    pub(super) description: String,
    pub(super) rows: usize,
    pub(super) schema: Schema,
    pub(super) parts: Vec<Part>,
}

/// Number of the newest commit of a table, if there is a table.
pub(super) fn newest(store: &dyn Store, table: &Url) -> Result<Option<u64>> {
    commit::latest_number(store, &commits(table)?)
}

/// Makes the manifest visible as this commit.
pub(super) fn publish(
    store: &dyn Store,
    table: &Url,
    number: u64,
    manifest: &Manifest,
) -> Result<()> {
    let url = commit::numbered(&commits(table)?, number)?;
    commit::publish(store, &url, &json::seal(FORMAT, VERSION, manifest)?)
}

/// The newest manifest of a table, or the one with this id.
pub(super) fn read(table: &Url, id: Option<&str>) -> Result<Manifest> {
    let store = storage::open(table)?;
    let newest = newest(&*store, table)?.ok_or_else(|| Error::NotFound { url: table.clone() })?;
    for number in (0..=newest).rev() {
        let manifest = read_number(&*store, table, number)?;
        if id.is_none_or(|id| id == manifest.id) {
            return Ok(manifest);
        }
    }
    Err(Error::NotFound { url: table.clone() })
}

fn read_number(store: &dyn Store, table: &Url, number: u64) -> Result<Manifest> {
    let url = commit::numbered(&commits(table)?, number)?;
    let manifest: Manifest = json::unseal(&url, FORMAT, VERSION, &store.get(&url)?)?;
    let rows = manifest
        .parts
        .iter()
        .try_fold(0usize, |sum, part| sum.checked_add(part.rows()));
    if rows != Some(manifest.rows) {
        let reason = format!("{} rows announced, the parts hold {rows:?}", manifest.rows);
        return Err(Error::Corrupt { url, reason });
    }
    Ok(manifest)
}

fn commits(table: &Url) -> Result<Url> {
    table.join("commits")
}
