//! What was made of a base: numbered announcements in its folder. Whoever gets a number first
//! has it, which is what decides between two editors of one table.
//!
//! A revision is announced before its commit is written. So an announcement may be of a
//! revision that is not there: its writer is at work, or has died.

use crate::storage::{Store, commit, json};
use crate::table::{Changes, RevisionKind, Sibling};
use crate::{Error, Result, Url};
use bytes::Bytes;
use serde::{Deserialize, Serialize};

const FORMAT: &str = "tlc-revision";
const VERSION: u64 = 3;

/// The folder of announcements, in that of the base.
pub(crate) const FOLDER: &str = "revisions";

/// One announcement: all that a person wants to know of a revision but its rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// From 1 on.
    pub(crate) number: u64,
    /// Content id of the base.
    pub(crate) base: String,
    /// Name and content id of the revision.
    pub(crate) revision: Sibling,
    pub(crate) parent: Sibling,
    /// Number of the parent; 0 is the base.
    pub(crate) parent_number: u64,
    /// The first of the numbers in a row that ends here of which each is an edit of the one
    /// before: whoever asks for the latest one need not read those between.
    pub(crate) linear_since: u64,
    pub(crate) kind: RevisionKind,
    pub(crate) created: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) author: Option<String>,
    pub(crate) description: String,
    pub(crate) rows: usize,
    pub(crate) changes: Changes,
}

/// The announcements of a base.
#[derive(Clone, Debug)]
pub(crate) struct Log<'a> {
    store: &'a dyn Store,
    folder: Url,
}

impl<'a> Log<'a> {
    pub(crate) fn of(store: &'a dyn Store, base: &Url) -> Result<Self> {
        let folder = base.join(FOLDER)?;
        Ok(Self { store, folder })
    }

    /// The newest number; 0 if nothing was announced.
    pub(crate) fn newest(&self) -> Result<u64> {
        Ok(commit::latest_number(self.store, &self.folder)?.unwrap_or(0))
    }

    pub(crate) fn url(&self, number: u64) -> Result<Url> {
        commit::numbered(&self.folder, number)
    }

    pub(crate) fn read(&self, number: u64) -> Result<Entry> {
        let url = self.url(number)?;
        let read = json::read::<Entry>(self.store, &url, FORMAT, VERSION);
        let entry = match read {
            Err(Error::NotFound { .. }) => {
                let reason = "an announcement is missing, though there is a later one".to_owned();
                return Err(Error::Corrupt { url, reason });
            }
            other => other?.body,
        };
        let is_sound = entry.number == number
            && entry.parent_number < number
            && (1..=number).contains(&entry.linear_since);
        match is_sound {
            true => Ok(entry),
            false => Err(Error::Corrupt {
                url,
                reason: "it was announced under another number".to_owned(),
            }),
        }
    }

    /// All announcements, oldest first.
    pub(crate) fn all(&self) -> Result<Vec<Entry>> {
        (1..=self.newest()?)
            .map(|number| self.read(number))
            .collect()
    }

    /// All announcements of a content of the base, oldest first.
    pub(crate) fn entries(&self, base: &str) -> Result<Vec<Entry>> {
        let mut entries = self.all()?;
        entries.retain(|entry| entry.base == base);
        Ok(entries)
    }

    /// Announces under the entry's number.
    ///
    /// # Errors
    /// [`Error::AlreadyExists`] if another announcement has it; storage errors, after which
    /// nobody knows whether this one has.
    pub(crate) fn announce(&self, entry: &Entry) -> Result<()> {
        let (bytes, _): (Bytes, _) = json::seal(FORMAT, VERSION, entry)?;
        if entry.number > 1 {
            // It must not outlast the one that it follows.
            self.store.settle(&self.folder)?;
        }
        commit::publish(self.store, &self.url(entry.number)?, &bytes)
    }
}

impl Entry {
    /// What the next revision of the one announced here has for `linear_since`, by its number.
    pub(crate) fn linear_since(
        before: Option<&Self>,
        parent: &str,
        kind: RevisionKind,
        number: u64,
    ) -> u64 {
        let goes_on = |before: &&Self| {
            before.number + 1 == number
                && before.revision.id == parent
                && kind == RevisionKind::Edit
        };
        match before.filter(goes_on) {
            Some(before) => before.linear_since,
            None => number,
        }
    }
}
