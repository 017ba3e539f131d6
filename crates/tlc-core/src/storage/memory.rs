//! Files in the memory of the process, for tests and examples.

use super::{Entry, Hold, Store};
use crate::{Error, Result, Url};
use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// Files in memory; `memory://<bucket>/...` is one store for the whole process.
#[derive(Debug, Default)]
pub struct MemoryStore {
    files: Mutex<BTreeMap<Url, Bytes>>,
    holds: Mutex<BTreeMap<Url, Vec<Weak<()>>>>,
}

impl MemoryStore {
    fn files(&self) -> MutexGuard<'_, BTreeMap<Url, Bytes>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for MemoryStore {
    fn get(&self, url: &Url) -> Result<Bytes> {
        self.files()
            .get(url)
            .cloned()
            .ok_or_else(|| Error::NotFound { url: url.clone() })
    }

    fn get_range(&self, url: &Url, range: Range<u64>) -> Result<Bytes> {
        let bytes = self.get(url)?;
        let bounds = usize::try_from(range.start)
            .ok()
            .zip(usize::try_from(range.end).ok());
        match bounds {
            Some((start, end)) if start <= end && end <= bytes.len() => Ok(bytes.slice(start..end)),
            _ => Err(Error::Corrupt {
                url: url.clone(),
                reason: format!("bytes {range:?} asked for, the file has {}", bytes.len()),
            }),
        }
    }

    fn list(&self, folder: &Url) -> Result<Vec<Entry>> {
        let prefix = format!("{}/", folder.path().trim_end_matches('/'));
        let files = self.files();
        let below = files
            .keys()
            .filter_map(|url| url.path().strip_prefix(&prefix));
        let entries: BTreeSet<Entry> = below
            .map(|rest| match rest.split_once('/') {
                Some((name, _)) => Entry {
                    name: name.to_owned(),
                    is_folder: true,
                },
                None => Entry {
                    name: rest.to_owned(),
                    is_folder: false,
                },
            })
            .collect();
        Ok(entries.into_iter().collect())
    }

    fn put_if_absent(&self, url: &Url, bytes: Bytes) -> Result<()> {
        match self.files().entry(url.clone()) {
            std::collections::btree_map::Entry::Occupied(_) => {
                Err(Error::AlreadyExists { url: url.clone() })
            }
            std::collections::btree_map::Entry::Vacant(free) => {
                free.insert(bytes);
                Ok(())
            }
        }
    }

    fn delete(&self, url: &Url) -> Result<()> {
        self.files().remove(url);
        Ok(())
    }

    fn hold(&self, url: &Url) -> Result<Hold> {
        let mark = Arc::new(());
        let mut holds = self.holds.lock().unwrap_or_else(PoisonError::into_inner);
        holds
            .entry(url.clone())
            .or_default()
            .push(Arc::downgrade(&mark));
        Ok(Hold::new(mark))
    }

    fn hold_alone(&self, _url: &Url) -> Result<Option<Hold>> {
        // What is in memory dies with its writers: there is nothing to recover.
        Ok(None)
    }

    fn sweep(&self, _folder: &Url) -> Result<()> {
        Ok(())
    }

    fn is_held(&self, url: &Url) -> Result<Option<bool>> {
        let holds = self.holds.lock().unwrap_or_else(PoisonError::into_inner);
        let alive = holds
            .get(url)
            .is_some_and(|marks| marks.iter().any(|mark| mark.strong_count() > 0));
        Ok(Some(alive))
    }
}
