//! Which folders and files are of this format's writers, told by their names alone.

use super::places::Place;
use crate::metrics::is_of_shards;
use crate::storage::{Entry, Store, commit};
use crate::{Result, Url, check_name};

/// Whether writers give such a name to a file of such a folder, relative to its place.
pub(super) fn is_own(folder: &str, name: &str) -> bool {
    let stem = name.strip_suffix(".json");
    let is_number = |text: &str| commit::number(text).is_some();
    match folder {
        "commits" | "revisions" => stem.is_some_and(is_number),
        "checkpoints" => stem
            .and_then(|stem| stem.split_once('-'))
            .is_some_and(|(from, to)| is_number(from) && is_number(to)),
        "metrics" | "selections" => false,
        selection if selection.starts_with("selections/") => stem.is_some_and(is_number),
        "models" => stem.is_some() || is_rows_of_reducer(name),
        metrics if metrics.starts_with("metrics/") => is_part(name) || is_of_shards(name),
        _ => is_part(name),
    }
}

/// Whether a file is of the edits of a table: a step, a checkpoint, or values of a step.
pub(super) fn is_of_edits(name: &str) -> bool {
    let stem = name.strip_suffix(".json");
    let stem = stem.map(|stem| stem.strip_suffix(".checkpoint").unwrap_or(stem));
    let is_values = || name.strip_suffix(".arrow").is_some_and(is_uuid);
    stem.is_some_and(|stem| commit::number(stem).is_some()) || is_values()
}

/// `<uuid>.parquet`.
fn is_part(name: &str) -> bool {
    name.strip_suffix(".parquet").is_some_and(is_uuid)
}

/// `<name>.<16 hexadecimal digits>.arrow`.
pub(super) fn is_rows_of_reducer(name: &str) -> bool {
    let stem = name.strip_suffix(".arrow");
    let digest = stem.and_then(|stem| stem.rsplit_once('.'));
    digest.is_some_and(|(name, digest)| {
        !name.is_empty() && digest.len() == 16 && digest.bytes().all(|b| b.is_ascii_hexdigit())
    })
}

/// The folders of a place, but for those that are links: what they lead to is another's.
#[derive(Debug, Default)]
pub(super) struct Folders {
    /// Relative to the place, commits last.
    pub(super) own: Vec<String>,
    pub(super) links: Vec<Url>,
}

impl Folders {
    pub(super) fn of(store: &dyn Store, place: &Place) -> Result<Self> {
        let known = match place {
            Place::Table(_) => &["parts", "overlays", "selections", "revisions", "commits"][..],
            Place::Run(_) => &["metrics", "aggregates", "models", "checkpoints", "commits"],
        };
        let mut found = Self::default();
        let entries = store.list(place.url())?;
        for name in known {
            if let Some(entry) = entries.iter().find(|entry| entry.name == *name) {
                found.add(place.url(), "", entry)?;
            }
        }
        if found.own.iter().any(|name| name == "metrics") {
            found.add_metrics(store, place.url())?;
        }
        if found.own.iter().any(|name| name == "selections") {
            found.add_selections(store, place.url())?;
        }
        Ok(found)
    }

    /// Whether the commits are those of another place.
    pub(super) fn are_of_another(&self) -> bool {
        self.links.iter().any(|link| link.name() == "commits")
    }

    /// Those that hold rows.
    pub(super) fn of_data(&self) -> impl Iterator<Item = &String> {
        let others = [
            "metrics",
            "checkpoints",
            "selections",
            "revisions",
            "commits",
        ];
        let own = self.own.iter();
        own.filter(move |name| !others.contains(&name.as_str()) && !name.starts_with("selections/"))
    }

    /// Those of metrics tables, in front of the one that they are in.
    fn add_metrics(&mut self, store: &dyn Store, run: &Url) -> Result<()> {
        let others = std::mem::take(&mut self.own);
        for entry in store.list(&run.join("metrics")?)? {
            let id = entry.name.strip_prefix("metrics_");
            if id.is_some_and(is_uuid) {
                self.add(run, "metrics/", &entry)?;
            }
        }
        self.own.extend(others);
        Ok(())
    }

    /// Those of selections, in front of the one that they are in.
    fn add_selections(&mut self, store: &dyn Store, table: &Url) -> Result<()> {
        let others = std::mem::take(&mut self.own);
        for entry in store.list(&table.join("selections")?)? {
            if check_name("selection", &entry.name).is_ok() {
                self.add(table, "selections/", &entry)?;
            }
        }
        self.own.extend(others);
        Ok(())
    }

    fn add(&mut self, place: &Url, folder: &str, entry: &Entry) -> Result<()> {
        let name = format!("{folder}{}", entry.name);
        match entry {
            Entry { is_link: true, .. } => self.links.push(place.join(&name)?),
            entry if entry.is_folder => self.own.push(name),
            _ => {}
        }
        Ok(())
    }
}

/// Names of files in a folder that parts have, the rows of reducers, or what shards are written
/// by.
pub(super) fn data_files(store: &dyn Store, folder: &Url) -> Result<Vec<String>> {
    let entries = store.list(folder)?.into_iter();
    let is_in = |name: &str| folder.parent().is_some_and(|parent| parent.name() == name);
    let is_data = |name: &str| {
        is_part(name)
            || folder.name() == "models" && is_rows_of_reducer(name)
            || is_in("metrics") && is_of_shards(name)
    };
    Ok(entries
        .filter(|entry| !entry.is_folder && !entry.is_link && is_data(&entry.name))
        .map(|entry| entry.name)
        .collect())
}

fn is_uuid(text: &str) -> bool {
    uuid::Uuid::parse_str(text).is_ok_and(|id| id.to_string() == text)
}
