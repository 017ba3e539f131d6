//! The commit that makes a table visible: one JSON document that names its parts.
//!
//! A table folder holds numbered commits; the newest one is the table. A table is
//! created by commit 0, and `overwrite` adds the next. Each says which table it is of, its
//! number and the seal of the one before, so that one in another's place is noticed.

use crate::part::Part;
use crate::storage::json::{Seal, Unsealed};
use crate::storage::{Store, commit, json};
use crate::{Error, Result, Schema, Url};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::time::SystemTime;

const FORMAT: &str = "tlc-table";
const VERSION: u64 = 2;

/// What a table is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Manifest {
    /// Unique to this content; runs name it, so `overwrite` cannot shift their rows.
    pub(super) id: String,
    pub(super) created: String,
    pub(super) description: String,
    pub(super) rows: usize,
    pub(super) schema: Schema,
    pub(super) parts: Vec<Part>,
    /// Whether the table is no more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) deleted: bool,
}

/// What one commit of a table says.
#[derive(Clone, Debug)]
pub(crate) struct Content {
    pub(crate) id: String,
    /// URLs of its parts, relative to the table.
    pub(crate) parts: HashSet<String>,
    /// When it was written.
    pub(crate) changed: SystemTime,
}

/// Where the next commit of a table goes, and what it follows.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) table: Url,
    /// Id of the table, the same in all its commits.
    pub(super) table_id: String,
    pub(super) number: u64,
    pub(super) previous: Option<Seal>,
}

/// As it is stored. Version 1 had no place in it.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Commit<M> {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    table: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    number: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    previous: Option<Seal>,
    #[serde(flatten)]
    manifest: M,
}

/// Number of the newest commit of a table, if there is a table.
pub(super) fn newest(store: &dyn Store, table: &Url) -> Result<Option<u64>> {
    commit::latest_number(store, &commits(table)?)
}

/// Where the first commit of a table goes.
pub(super) fn first(table: Url) -> Place {
    Place {
        table,
        table_id: uuid::Uuid::now_v7().to_string(),
        number: 0,
        previous: None,
    }
}

/// Where the commit after this one goes.
pub(super) fn after(store: &dyn Store, table: Url, newest: u64) -> Result<Place> {
    let (newest_url, read) = read_sealed(store, &table, newest)?;
    if read.body.manifest.deleted {
        // Its files are being deleted.
        return Err(Error::AlreadyExists { url: table });
    }
    Ok(Place {
        table,
        table_id: read.body.table.unwrap_or(read.body.manifest.id),
        number: newest.checked_add(1).ok_or(Error::Corrupt {
            url: newest_url,
            reason: "no number is left after it".to_owned(),
        })?,
        previous: Some(read.seal),
    })
}

/// The bytes that make a manifest visible at a place.
pub(super) fn seal(place: &Place, manifest: &Manifest) -> Result<Bytes> {
    let commit = Commit {
        table: Some(place.table_id.clone()),
        number: Some(place.number),
        previous: place.previous,
        manifest,
    };
    Ok(json::seal(FORMAT, VERSION, &commit)?.0)
}

/// What a commit follows must still be there, and be what it was: else the table was
/// deleted, and another may have its name.
pub(super) fn check_previous(store: &dyn Store, place: &Place) -> Result<()> {
    if let Some(before) = place.number.checked_sub(1) {
        let url = commit::numbered(&commits(&place.table)?, before)?;
        let read = json::read::<Commit<Manifest>>(store, &url, FORMAT, VERSION);
        let latest = match read {
            Ok(read) if Some(read.seal) == place.previous => return Ok(()),
            Ok(read) => read.body.manifest.id,
            Err(Error::NotFound { .. }) => "deleted".to_owned(),
            Err(error) => return Err(error),
        };
        let url = place.table.clone();
        return Err(Error::Conflict { url, latest });
    }
    Ok(())
}

/// Makes sealed bytes visible at their place, if what they follow is still there. The first
/// commit follows nothing: neither one of a table nor what is left of one that was deleted.
pub(super) fn publish(store: &dyn Store, place: &Place, sealed: &Bytes) -> Result<()> {
    check_previous(store, place)?;
    let url = commit::numbered(&commits(&place.table)?, place.number)?;
    if place.number == 0 && newest(store, &place.table)?.is_some() && !is_there(store, &url)? {
        let url = place.table.clone();
        return Err(Error::AlreadyExists { url });
    }
    commit::publish(store, &url, sealed)
}

/// The newest manifest of a table, or the one with this id.
pub(super) fn read(store: &dyn Store, table: &Url, id: Option<&str>) -> Result<Manifest> {
    let missing = || Error::NotFound { url: table.clone() };
    let newest = newest(store, table)?.ok_or_else(missing)?;
    let (mut url, mut read) = read_sealed(store, table, newest)?;
    if read.body.manifest.deleted {
        return Err(missing());
    }
    for number in (0..newest).rev() {
        if id.is_some_and(|id| id == read.body.manifest.id) {
            break;
        }
        let before = read_sealed(store, table, number)?;
        check_follows(&url, &read, &before.1)?;
        if id.is_none() {
            break;
        }
        (url, read) = before;
    }
    let manifest = read.body.manifest;
    match id.is_none_or(|id| id == manifest.id) {
        true => Ok(manifest),
        false => Err(missing()),
    }
}

/// What all commits of a table say, oldest first; nothing of one that is no more.
pub(crate) fn contents(store: &dyn Store, table: &Url) -> Result<Vec<Content>> {
    let Some(newest) = newest(store, table)? else {
        return Ok(Vec::new());
    };
    let mut before: Option<Unsealed<Commit<Manifest>>> = None;
    let contents = (0..=newest).map(|number| {
        let (url, read) = read_sealed(store, table, number)?;
        if let Some(before) = before.replace(read.clone()) {
            check_follows(&url, &read, &before)?;
        }
        let parts = read.body.manifest.parts.into_iter();
        Ok(Content {
            id: read.body.manifest.id,
            parts: parts.map(|part| part.url).collect(),
            changed: store.stat(&url)?.changed,
        })
    });
    contents.collect()
}

/// Records that a table is no more. Files of it may be deleted then.
pub(crate) fn end(store: &dyn Store, table: &Url) -> Result<()> {
    let missing = || Error::NotFound { url: table.clone() };
    let newest = newest(store, table)?.ok_or_else(missing)?;
    let place = after(store, table.clone(), newest)?;
    let last = Manifest {
        id: uuid::Uuid::now_v7().to_string(),
        created: chrono::Utc::now().to_rfc3339(),
        description: String::new(),
        rows: 0,
        schema: Schema::default(),
        parts: Vec::new(),
        deleted: true,
    };
    publish(store, &place, &seal(&place, &last)?)
}

fn read_sealed(
    store: &dyn Store,
    table: &Url,
    number: u64,
) -> Result<(Url, Unsealed<Commit<Manifest>>)> {
    let url = commit::numbered(&commits(table)?, number)?;
    let read: Unsealed<Commit<Manifest>> = match json::read(store, &url, FORMAT, VERSION) {
        Err(Error::NotFound { .. }) => {
            return Err(corrupt(
                &url,
                "the commit is missing, though there is a later one",
            ));
        }
        other => other?,
    };
    if read.version >= 2 && read.body.number != Some(number) {
        return Err(corrupt(&url, "it was published under another number"));
    }
    check_rows(&read.body.manifest).map_err(|reason| corrupt(&url, &reason))?;
    Ok((url, read))
}

/// A commit must name the one before it, and be of the same table.
fn check_follows(
    url: &Url,
    read: &Unsealed<Commit<Manifest>>,
    before: &Unsealed<Commit<Manifest>>,
) -> Result<()> {
    if read.version < before.version {
        return Err(corrupt(url, "an older version follows a newer one"));
    }
    if read.version >= 2 && read.body.previous != Some(before.seal) {
        return Err(corrupt(
            url,
            "it followed another commit than the one before it",
        ));
    }
    if before.version >= 2 && read.body.table != before.body.table {
        return Err(corrupt(url, "it is of another table"));
    }
    Ok(())
}

fn check_rows(manifest: &Manifest) -> Result<(), String> {
    manifest.parts.iter().try_for_each(Part::check)?;
    let parts = manifest.parts.iter();
    let rows = parts.fold(0_usize, |sum, part| sum.saturating_add(part.rows()));
    match rows == manifest.rows {
        true => Ok(()),
        false => Err(format!(
            "{} rows announced, the parts hold {rows}",
            manifest.rows
        )),
    }
}

fn is_there(store: &dyn Store, url: &Url) -> Result<bool> {
    match store.stat(url) {
        Ok(_) => Ok(true),
        Err(Error::NotFound { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

fn corrupt(url: &Url, reason: &str) -> Error {
    Error::Corrupt {
        url: url.clone(),
        reason: reason.to_owned(),
    }
}

fn commits(table: &Url) -> Result<Url> {
    table.join("commits")
}
