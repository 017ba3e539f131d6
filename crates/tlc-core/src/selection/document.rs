//! Documents of selections: numbered under each name, never overwritten, the newest counts.

use crate::storage::json::{self, Seal};
use crate::storage::{Store, commit};
use crate::table::Extent;
use crate::url::check_name;
use crate::{Error, Result, RowSet, Url};
use serde::{Deserialize, Serialize};

const FORMAT: &str = "tlc-selection";
const VERSION: u64 = 1;

/// The folder of selections, in that of the base.
pub(super) const FOLDER: &str = "selections";

/// One version of a selection.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Document {
    pub(super) name: String,
    pub(super) number: u64,
    /// Seal of the version before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) previous: Option<Seal>,
    /// Makes it differ from what others save at the same time.
    pub(super) id: String,
    pub(super) created: String,
    pub(super) description: String,
    /// Content id of the base.
    pub(super) base: String,
    /// The segments through which positions are counted.
    pub(super) extents: Vec<Extent>,
    /// Positions in the base.
    pub(super) rows: RowSet,
    /// Whether there is no selection of this name any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) deleted: bool,
}

/// The versions of one name.
#[derive(Debug)]
pub(super) struct Versions<'s> {
    store: &'s dyn Store,
    folder: Url,
    name: String,
}

/// The names for which there is a folder.
pub(super) fn names(store: &dyn Store, base: &Url) -> Result<Vec<String>> {
    let entries = store.list(&base.join(FOLDER)?)?.into_iter();
    let folders = entries.filter(|entry| entry.is_folder && !entry.is_link);
    let names = folders.map(|entry| entry.name);
    Ok(names
        .filter(|name| check_name("selection", name).is_ok())
        .collect())
}

/// Checks all versions of all selections of a base.
pub(crate) fn check_all(store: &dyn Store, base: &Url) -> Result<()> {
    for name in names(store, base)? {
        let versions = Versions::of(store, base, &name)?;
        let mut previous = None;
        for number in 0..versions.number()? {
            let (document, seal) = versions.read(number)?;
            if document.previous != previous {
                return Err(corrupt(
                    &versions.url(number)?,
                    "it follows another version",
                ));
            }
            previous = Some(seal);
        }
    }
    Ok(())
}

impl<'s> Versions<'s> {
    pub(super) fn of(store: &'s dyn Store, base: &Url, name: &str) -> Result<Self> {
        check_name("selection", name)?;
        Ok(Self {
            store,
            folder: base.join(FOLDER)?.join(name)?,
            name: name.to_owned(),
        })
    }

    /// How many there are.
    pub(super) fn number(&self) -> Result<u64> {
        let newest = commit::latest_number(self.store, &self.folder)?;
        Ok(newest.map_or(0, |newest| newest + 1))
    }

    /// The version of a number, and its seal.
    pub(super) fn read(&self, number: u64) -> Result<(Document, Seal)> {
        let url = self.url(number)?;
        let read = match json::read::<Document>(self.store, &url, FORMAT, VERSION) {
            Err(Error::NotFound { .. }) => {
                return Err(corrupt(&url, "it is missing, though there is a later one"));
            }
            other => other?,
        };
        let document = read.body;
        let positions = document.extents.iter().map(|extent| extent.rows);
        let positions = positions.fold(0, usize::saturating_add);
        if document.number != number || document.name != self.name {
            return Err(corrupt(&url, "it was saved under another name or number"));
        }
        if document.rows.end() > positions {
            return Err(corrupt(&url, "it has rows that were not there"));
        }
        Ok((document, read.seal))
    }

    /// The newest version that is of a content of the base.
    pub(super) fn newest(&self, base: &str) -> Result<Option<Document>> {
        for number in (0..self.number()?).rev() {
            let (document, _) = self.read(number)?;
            if document.base == base {
                return Ok(Some(document));
            }
        }
        Ok(None)
    }

    /// Saves what is made of the newest version, as the next one; nothing if there is nothing
    /// to save. Whoever loses the number to another looks again.
    pub(super) fn save(&self, make: impl Fn(Option<&Document>) -> Option<Document>) -> Result<()> {
        loop {
            let number = self.number()?;
            let before = number.checked_sub(1).map(|before| self.read(before));
            let before = before.transpose()?;
            let Some(document) = make(before.as_ref().map(|(document, _)| document)) else {
                return Ok(());
            };
            let document = Document {
                name: self.name.clone(),
                number,
                previous: before.map(|(_, seal)| seal),
                ..document
            };
            let (bytes, _) = json::seal(FORMAT, VERSION, &document)?;
            if number > 0 {
                // It must not outlast the one that it follows.
                self.store.settle(&self.folder)?;
            }
            match commit::publish(self.store, &self.url(number)?, &bytes) {
                Err(Error::AlreadyExists { .. }) => {}
                other => return other,
            }
        }
    }

    fn url(&self, number: u64) -> Result<Url> {
        commit::numbered(&self.folder, number)
    }
}

fn corrupt(url: &Url, reason: &str) -> Error {
    Error::Corrupt {
        url: url.clone(),
        reason: reason.to_owned(),
    }
}
