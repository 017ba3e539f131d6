//! Which files the commits of a table or a run name.

use super::names;
use super::places::{self, Place};
use crate::storage::Store;
use crate::table::Overlay;
use crate::{Error, Result, Run, Url, limits, revision, run, table};
use std::collections::{HashMap, HashSet};
use std::time::SystemTime;

/// The names that commits give to files of a place, with when the newest commit that
/// changed which of them counts was written.
pub(super) struct Named {
    pub(super) now: HashSet<String>,
    pub(super) before: HashMap<String, SystemTime>,
}

impl Named {
    pub(super) fn of(store: &dyn Store, place: &Place) -> Result<Self> {
        match place {
            Place::Table(url) => by_table(store, url),
            Place::Run(url) => by_run(store, url),
        }
    }
}

/// Contents that a run of the project refers to count as named now, and what revisions have of
/// the table or lay over it.
fn by_table(store: &dyn Store, url: &Url) -> Result<Named> {
    let contents = table::contents(store, url)?;
    let mut referred = match contents.len() {
        0 | 1 => HashSet::new(),
        _ => references(store, url)?,
    };
    let mut laid_over = HashSet::new();
    for revision in revision::made_of(store, url)? {
        let manifest = revision.manifest();
        referred.extend(
            manifest
                .descent
                .iter()
                .map(|descent| descent.base.id.clone()),
        );
        let parts = manifest.overlay.iter().flat_map(Overlay::parts);
        laid_over.extend(parts.map(|part| part.url.clone()));
    }
    let newest = contents.len().saturating_sub(1);
    let commits = contents.into_iter().enumerate().map(|(number, content)| {
        let stays = number == newest || referred.contains(&content.id);
        (content.changed, content.parts, stays)
    });
    let mut now = HashSet::new();
    let mut before = HashMap::new();
    let commits: Vec<_> = commits.collect();
    let replaced = commits.last().map(|(changed, ..)| *changed);
    for (changed, parts, stays) in commits {
        match stays {
            true => now.extend(parts),
            false => before.extend(
                parts
                    .into_iter()
                    .map(|part| (part, replaced.unwrap_or(changed))),
            ),
        }
    }
    now.extend(laid_over);
    before.retain(|part, _| !now.contains(part));
    Ok(Named { now, before })
}

/// Ids of the contents of tables that runs of a table's project refer to.
pub(super) fn references(store: &dyn Store, table: &Url) -> Result<HashSet<String>> {
    let mut ids = HashSet::new();
    for (_, run) in referring(store, table)? {
        let tables = run.referenced_tables().into_iter();
        ids.extend(tables.map(|table| table.id));
    }
    Ok(ids)
}

/// The runs of the project that a table is in.
pub(super) fn referring(store: &dyn Store, table: &Url) -> Result<Vec<(Url, Run)>> {
    let project = std::iter::successors(Some(table.clone()), Url::parent).nth(4);
    let Some(project) = project else {
        return Ok(Vec::new());
    };
    let mut runs = Vec::new();
    for url in places::runs(store, &project)? {
        match Run::from_url(&url) {
            Ok(run) => runs.push((url, run)),
            Err(Error::NotFound { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(runs)
}

fn by_run(store: &dyn Store, url: &Url) -> Result<Named> {
    let history = run::parts_by_commit(store, url)?;
    let mut now = history.now;
    now.extend(by_reducers(store, url)?);
    let mut before = HashMap::new();
    for (parts, changed) in history.replaced {
        before.extend(parts.into_iter().map(|part| (part, changed)));
    }
    before.retain(|part, _| !now.contains(part));
    Ok(Named { now, before })
}

/// The rows that some reducer of a run names. Their documents are not understood here: what
/// stands in one is named.
fn by_reducers(store: &dyn Store, run: &Url) -> Result<HashSet<String>> {
    let folder = run.join("models")?;
    let entries = store.list(&folder)?;
    let (mut rows, mut documents) = (Vec::new(), String::new());
    for entry in entries.iter().filter(|entry| !entry.is_folder) {
        if names::is_rows_of_reducer(&entry.name) {
            rows.push(format!("models/{}", entry.name));
        } else if entry.name.ends_with(".json") {
            let bytes = store.get(&folder.join(&entry.name)?, limits::DOCUMENT_BYTES)?;
            documents.push_str(&String::from_utf8_lossy(&bytes));
        }
    }
    // As JSON writes it.
    let names =
        |url: &String| serde_json::to_string(url).is_ok_and(|written| documents.contains(&written));
    Ok(rows.into_iter().filter(names).collect())
}
