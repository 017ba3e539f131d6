//! The commit that makes a table visible: one JSON document that names its parts.
//!
//! A table folder holds numbered commits; the newest one is the table. A table is
//! created by commit 0, and `overwrite` adds the next. Each says which table it is of, its
//! number and the seal of the one before, so that one in another's place is noticed.

use super::descent::{Descent, RevisionKind};
use super::overlay::Overlay;
use crate::part::Part;
use crate::schema::NEWEST;
use crate::storage::json::{Seal, Unsealed};
use crate::storage::{Store, commit, json};
use crate::{Error, Result, Schema, Url};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::time::SystemTime;

const FORMAT: &str = "tlc-table";
const VERSION: u64 = NEWEST;
/// Of a table that was made of another one.
const DERIVED_VERSION: u64 = 3;
/// Of any other table.
const PLAIN_VERSION: u64 = 2;

/// What a table is.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Manifest {
    /// Unique to this content; runs name it, so `overwrite` cannot shift their rows.
    pub(crate) id: String,
    pub(crate) created: String,
    pub(crate) description: String,
    pub(crate) rows: usize,
    pub(crate) schema: Schema,
    pub(crate) parts: Vec<Part>,
    /// Of the rows; older programs wrote none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fingerprint: Option<String>,
    /// Where it comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) descent: Option<Descent>,
    /// What its rows are, if they are those of its base: it has no parts of its own then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) overlay: Option<Overlay>,
    /// Whether the table is no more.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) deleted: bool,
}

/// What one commit of a table says.
#[derive(Clone, Debug)]
pub(crate) struct Content {
    pub(crate) id: String,
    /// URLs of its own parts, relative to the table.
    pub(crate) parts: HashSet<String>,
    /// When it was written.
    pub(crate) changed: SystemTime,
}

/// Where the next commit of a table goes, and what it follows.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) table: Url,
    /// Id of the table, the same in all its commits.
    pub(crate) table_id: String,
    pub(crate) number: u64,
    pub(crate) previous: Option<Seal>,
}

/// As it is written.
#[derive(Serialize)]
struct Written<'a> {
    table: &'a str,
    number: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous: Option<Seal>,
    #[serde(flatten)]
    manifest: &'a Manifest,
}

/// As it is read: flat, so that a field that nobody knows is kept nowhere. Version 1 had no
/// place in it.
#[derive(Deserialize)]
struct Stored {
    table: Option<String>,
    number: Option<u64>,
    previous: Option<Seal>,
    id: String,
    created: String,
    description: String,
    rows: usize,
    schema: Schema,
    parts: Vec<Part>,
    fingerprint: Option<String>,
    descent: Option<Descent>,
    overlay: Option<Overlay>,
    #[serde(default)]
    deleted: bool,
}

/// A commit and its place.
struct Commit {
    url: Url,
    follows: Follows,
    manifest: Manifest,
}

/// Which commit it is, and of which table, and which it follows.
struct Follows {
    version: u64,
    seal: Seal,
    table: Option<String>,
    previous: Option<Seal>,
}

/// Number of the newest commit of a table, if there is a table.
pub(crate) fn newest(store: &dyn Store, table: &Url) -> Result<Option<u64>> {
    commit::latest_number(store, &commits(table)?)
}

/// Whether somebody has the name, were it a table that is no more.
pub(crate) fn has_commit(store: &dyn Store, table: &Url) -> Result<bool> {
    Ok(newest(store, table)?.is_some())
}

/// Where the first commit of a table goes.
pub(crate) fn first(table: Url) -> Place {
    Place {
        table,
        table_id: uuid::Uuid::now_v7().to_string(),
        number: 0,
        previous: None,
    }
}

/// Where the commit after this one goes.
pub(crate) fn after(store: &dyn Store, table: Url, newest: u64) -> Result<Place> {
    let read = match read_commit(store, &table, newest) {
        Err(Error::NotFound { .. }) => return Err(Error::AlreadyExists { url: table }),
        // Its files are being deleted.
        Ok(read) if read.manifest.deleted => return Err(Error::AlreadyExists { url: table }),
        other => other?,
    };
    Ok(Place {
        table,
        table_id: read.follows.table.unwrap_or(read.manifest.id),
        number: newest + 1,
        previous: Some(read.follows.seal),
    })
}

/// The bytes that make a manifest visible at a place.
pub(crate) fn seal(place: &Place, manifest: &Manifest) -> Result<Bytes> {
    let commit = Written {
        table: &place.table_id,
        number: place.number,
        previous: place.previous,
        manifest,
    };
    Ok(json::seal(FORMAT, manifest.version(), &commit)?.0)
}

impl Manifest {
    /// The lowest version that can say what it says.
    fn version(&self) -> u64 {
        let own = match self.descent {
            Some(_) => DERIVED_VERSION,
            None => PLAIN_VERSION,
        };
        let layers = self.overlay.iter().flat_map(|overlay| &overlay.schemas);
        let schemas = layers.chain([&self.schema]).map(Schema::version);
        schemas.fold(own, u64::max)
    }
}

/// What a commit follows must still be there, and be what it was: else the table was
/// deleted, and another may have its name.
pub(crate) fn check_previous(store: &dyn Store, place: &Place) -> Result<()> {
    if let Some(before) = place.number.checked_sub(1) {
        let url = commit::numbered(&commits(&place.table)?, before)?;
        let read = json::read::<Stored>(store, &url, FORMAT, VERSION);
        let latest = match read {
            Ok(read) if Some(read.seal) == place.previous => return Ok(()),
            Ok(read) => read.body.id,
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
pub(crate) fn publish(store: &dyn Store, place: &Place, sealed: &Bytes) -> Result<()> {
    check_previous(store, place)?;
    // A commit must not outlast the one that it follows.
    if place.number > 0 {
        store.settle(&commits(&place.table)?)?;
    }
    let url = commit::numbered(&commits(&place.table)?, place.number)?;
    if place.number == 0 && newest(store, &place.table)?.is_some() && !is_there(store, &url)? {
        let url = place.table.clone();
        return Err(Error::AlreadyExists { url });
    }
    commit::publish(store, &url, sealed)
}

/// The newest manifest of a table, or the one with this id.
pub(crate) fn read(store: &dyn Store, table: &Url, id: Option<&str>) -> Result<Manifest> {
    let missing = || Error::NotFound { url: table.clone() };
    let newest = newest(store, table)?.ok_or_else(missing)?;
    let mut read = read_commit(store, table, newest)?;
    if read.manifest.deleted {
        return Err(missing());
    }
    for number in (0..newest).rev() {
        if id.is_some_and(|id| id == read.manifest.id) {
            break;
        }
        let before = read_commit(store, table, number)?;
        read.follows.check(&read.url, &before.follows)?;
        if id.is_none() {
            break;
        }
        read = before;
    }
    match id.is_none_or(|id| id == read.manifest.id) {
        true => Ok(read.manifest),
        false => Err(missing()),
    }
}

/// What all commits of a table say, oldest first; nothing of one that is no more.
pub(crate) fn contents(store: &dyn Store, table: &Url) -> Result<Vec<Content>> {
    let Some(newest) = newest(store, table)? else {
        return Ok(Vec::new());
    };
    let mut before: Option<Follows> = None;
    let contents = (0..=newest).map(|number| {
        let read = read_commit(store, table, number)?;
        if let Some(before) = &before {
            read.follows.check(&read.url, before)?;
        }
        before = Some(read.follows);
        let origins = read.manifest.descent.iter().flat_map(|it| &it.origins);
        let order = origins.flat_map(|origin| origin.order.parts.clone());
        let parts = read.manifest.parts.into_iter().chain(order);
        Ok(Content {
            id: read.manifest.id,
            parts: parts.map(|part| part.url).collect(),
            changed: store.stat(&read.url)?.changed,
        })
    });
    contents.collect()
}

/// Records that a table is no more. Files of it may be deleted then.
pub(crate) fn end(store: &dyn Store, table: &Url) -> Result<()> {
    let missing = || Error::NotFound { url: table.clone() };
    let newest = newest(store, table)?.ok_or_else(missing)?;
    let place = after(store, table.clone(), newest)?;
    publish(store, &place, &seal(&place, &gone())?)
}

/// Sees to it that a table that was announced, and is not there, will never be; whoever is
/// quicker has the name.
pub(crate) fn forestall(store: &dyn Store, table: &Url) -> Result<()> {
    let place = first(table.clone());
    match publish(store, &place, &seal(&place, &gone())?) {
        Err(Error::AlreadyExists { .. }) => Ok(()),
        other => other,
    }
}

/// What says that a table is no more.
fn gone() -> Manifest {
    Manifest {
        id: uuid::Uuid::now_v7().to_string(),
        created: chrono::Utc::now().to_rfc3339(),
        description: String::new(),
        rows: 0,
        schema: Schema::default(),
        parts: Vec::new(),
        fingerprint: None,
        descent: None,
        overlay: None,
        deleted: true,
    }
}

fn read_commit(store: &dyn Store, table: &Url, number: u64) -> Result<Commit> {
    let url = commit::numbered(&commits(table)?, number)?;
    let Unsealed {
        body,
        version,
        seal,
    } = match json::read::<Stored>(store, &url, FORMAT, VERSION) {
        Err(Error::NotFound { .. }) if is_gone(store, table)? => {
            let url = table.clone();
            return Err(Error::NotFound { url });
        }
        Err(Error::NotFound { .. }) => {
            return Err(corrupt(
                &url,
                "the commit is missing, though there is a later one",
            ));
        }
        other => other?,
    };
    if version >= 2 && body.number != Some(number) {
        return Err(corrupt(&url, "it was published under another number"));
    }
    let follows = Follows {
        version,
        seal,
        table: body.table,
        previous: body.previous,
    };
    let manifest = Manifest {
        id: body.id,
        created: body.created,
        description: body.description,
        rows: body.rows,
        schema: body.schema,
        parts: body.parts,
        fingerprint: body.fingerprint,
        descent: body.descent,
        overlay: body.overlay,
        deleted: body.deleted,
    };
    check_rows(&manifest).map_err(|reason| corrupt(&url, &reason))?;
    Ok(Commit {
        url,
        follows,
        manifest,
    })
}

/// Whether a table is being deleted, or is no more: a commit of it may be missing then.
pub(crate) fn is_gone(store: &dyn Store, table: &Url) -> Result<bool> {
    let Some(newest) = newest(store, table)? else {
        return Ok(true);
    };
    let url = commit::numbered(&commits(table)?, newest)?;
    match json::read::<Stored>(store, &url, FORMAT, VERSION) {
        Ok(read) => Ok(read.body.deleted),
        // Nobody else takes commits away.
        Err(Error::NotFound { .. }) => Ok(true),
        Err(_) => Ok(false),
    }
}

impl Follows {
    /// A commit must name the one before it, and be of the same table.
    fn check(&self, url: &Url, before: &Self) -> Result<()> {
        if self.version < before.version.min(PLAIN_VERSION) {
            return Err(corrupt(url, "an older version follows a newer one"));
        }
        if self.version >= 2 && self.previous != Some(before.seal) {
            return Err(corrupt(
                url,
                "it followed another commit than the one before it",
            ));
        }
        if before.version >= 2 && self.table != before.table {
            return Err(corrupt(url, "it is of another table"));
        }
        Ok(())
    }
}

fn check_rows(manifest: &Manifest) -> Result<(), String> {
    let descent = manifest.descent.as_ref();
    descent.map_or(Ok(()), Descent::check)?;
    let is_copy = descent.is_none_or(|descent| descent.kind == RevisionKind::Squash);
    if is_copy == manifest.overlay.is_some() {
        return Err("a revision has an overlay, and nothing else has".to_owned());
    }
    if let Some(overlay) = &manifest.overlay {
        let has_base = manifest.parts.is_empty();
        return match has_base {
            true => overlay.check(&manifest.schema, manifest.rows),
            false => Err("an overlay and parts".to_owned()),
        };
    }
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
