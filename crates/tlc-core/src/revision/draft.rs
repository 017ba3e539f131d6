//! A revision on its way: announced under a number, then committed under its name.

use super::latest::settled;
use super::log::{Entry, Log};
use super::options::RevisionOptions;
use super::shelf::Shelf;
use crate::part::Part;
use crate::storage::{Hold, Store};
use crate::table::{
    Changes, Descent, Manifest, Origin, Overlay, Place, RevisionKind, Sibling, first, has_commit,
    publish, seal,
};
use crate::{Error, Result, Schema, Table, Url, layout};
use bytes::Bytes;

/// What a revision is to be. Its parts are on the shelf.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) parent: Table,
    pub(super) kind: RevisionKind,
    pub(super) id: String,
    pub(super) schema: Schema,
    pub(super) stored: Stored,
    pub(super) rows: usize,
    pub(super) changes: Changes,
}

/// Where its rows are.
#[derive(Debug)]
pub(super) enum Stored {
    /// Over the base.
    Overlay(Overlay),
    /// In its own folder, with the fingerprint of the rows.
    Copy {
        parts: Vec<Part>,
        fingerprint: Option<String>,
        origins: Vec<Origin>,
    },
}

/// Whether others may have been quicker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Onto {
    /// Its parent, whatever others made of it.
    Parent,
    /// Its parent as long as that is the latest revision.
    Latest,
}

/// What became of a draft.
#[derive(Debug)]
pub(super) enum Outcome {
    Committed(Table),
    /// This one is the latest, and not the parent.
    Lost(Table),
}

/// A draft that is being committed. A call that failed can be repeated.
#[derive(Debug)]
pub(super) struct Committing {
    draft: Draft,
    shelf: Shelf,
    options: RevisionOptions,
    announced: Option<Announced>,
}

/// A number and a name that the draft is to have.
#[derive(Debug)]
struct Announced {
    entry: Entry,
    place: Place,
    manifest: Manifest,
    sealed: Bytes,
    /// Whether the number is its own.
    is_ours: bool,
    /// Tells others that its commit will come.
    _hold: Option<Hold>,
}

impl Committing {
    /// # Errors
    /// [`Error::InvalidUrl`] for a bad name, [`Error::AlreadyExists`] for one that is taken.
    pub(super) fn new(draft: Draft, shelf: Shelf, options: RevisionOptions) -> Result<Self> {
        if let Some(name) = &options.name {
            layout::check_new_table(name)?;
            let url = beside(shelf.base(), name)?;
            if has_commit(&**shelf.store(), &url)? {
                return Err(Error::AlreadyExists { url });
            }
        }
        Ok(Self {
            draft,
            shelf,
            options,
            announced: None,
        })
    }

    pub(super) fn commit(&mut self, onto: Onto) -> Result<Outcome> {
        let store = self.shelf.store().as_ref();
        let log = self.shelf.log()?;
        loop {
            let announced = match &mut self.announced {
                Some(announced) => announced,
                None => {
                    let newest = log.newest()?;
                    if onto == Onto::Latest
                        && let Some(latest) = self.overtaken(&log, newest)?
                    {
                        return Ok(Outcome::Lost(latest));
                    }
                    let next = self.prepare(&log, newest + 1)?;
                    self.announced.insert(next)
                }
            };
            if !announced.is_ours {
                match log.announce(&announced.entry) {
                    Ok(()) => announced.is_ours = true,
                    Err(Error::AlreadyExists { .. }) => {
                        self.announced = None;
                        continue;
                    }
                    Err(error) => return Err(error),
                }
            }
            match publish(store, &announced.place, &announced.sealed) {
                Ok(()) => {
                    let url = announced.place.table.clone();
                    let manifest = announced.manifest.clone();
                    return Table::open(url, self.shelf.store(), manifest).map(Outcome::Committed);
                }
                // Somebody took the name, or gave up waiting for this process.
                Err(Error::AlreadyExists { url }) => {
                    self.announced = None;
                    if self.options.name.is_some() {
                        return Err(Error::AlreadyExists { url });
                    }
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// The latest revision, if it is not the parent.
    fn overtaken(&self, log: &Log<'_>, newest: u64) -> Result<Option<Table>> {
        let root = self.draft.parent.root()?;
        settled(self.shelf.store().as_ref(), log, &root, newest)
    }

    /// What is announced under a number, and committed then.
    fn prepare(&self, log: &Log<'_>, number: u64) -> Result<Announced> {
        let (store, base) = (self.shelf.store().as_ref(), self.shelf.base());
        let place = first(match &self.options.name {
            Some(name) => beside(base, name)?,
            None => free(store, base, number)?,
        });
        let entry = self.entry(log, number, place.table.name())?;
        let manifest = self.manifest(&entry);
        let sealed = seal(&place, &manifest)?;
        let liveness = store.liveness();
        let lock = place.table.join("lock")?;
        Ok(Announced {
            _hold: liveness.map(|liveness| liveness.hold(&lock)).transpose()?,
            is_ours: false,
            entry,
            place,
            manifest,
            sealed,
        })
    }

    fn entry(&self, log: &Log<'_>, number: u64, name: &str) -> Result<Entry> {
        let Draft { parent, kind, .. } = &self.draft;
        let before = number.checked_sub(1).filter(|before| *before > 0);
        let before = before.map(|before| log.read(before)).transpose()?;
        let root = parent.root()?;
        Ok(Entry {
            number,
            base: root.id,
            revision: Sibling {
                name: name.to_owned(),
                id: self.draft.id.clone(),
            },
            parent: parent.sibling(),
            parent_number: root.number,
            linear_since: Entry::linear_since(before.as_ref(), parent.id(), *kind, number),
            kind: *kind,
            created: chrono::Utc::now().to_rfc3339(),
            author: self.options.author.clone(),
            description: self.options.description.clone(),
            rows: self.draft.rows,
            changes: self.draft.changes,
        })
    }

    fn manifest(&self, entry: &Entry) -> Manifest {
        let (overlay, parts, fingerprint, origins) = match &self.draft.stored {
            Stored::Overlay(overlay) => (Some(overlay.clone()), Vec::new(), None, Vec::new()),
            Stored::Copy {
                parts,
                fingerprint,
                origins,
            } => (None, parts.clone(), fingerprint.clone(), origins.clone()),
        };
        let descent = Descent {
            kind: entry.kind,
            parent: entry.parent.clone(),
            base: Sibling {
                name: self.shelf.base().name().to_owned(),
                id: entry.base.clone(),
            },
            number: entry.number,
            author: entry.author.clone(),
            changes: entry.changes,
            origins,
        };
        Manifest {
            id: entry.revision.id.clone(),
            created: entry.created.clone(),
            description: entry.description.clone(),
            rows: entry.rows,
            schema: self.draft.schema.clone(),
            parts,
            fingerprint,
            descent: Some(descent),
            overlay,
            deleted: false,
        }
    }
}

/// A table of the same data set.
pub(super) fn beside(base: &Url, name: &str) -> Result<Url> {
    let id = String::new();
    let name = name.to_owned();
    Sibling { name, id }.beside(base)
}

/// The name of a revision by its number, or by the next one that no table has.
pub(super) fn free(store: &dyn Store, base: &Url, number: u64) -> Result<Url> {
    let mut number = number;
    loop {
        let url = beside(base, &layout::numbered_name(base.name(), number))?;
        if !has_commit(store, &url)? {
            return Ok(url);
        }
        number += 1;
    }
}
