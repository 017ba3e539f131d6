//! Files in the memory of the process, for tests and examples.

use super::{Entry, Hold, Liveness, Stat, Store, check_range};
use crate::{Error, Result, Url, limits};
use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

/// Files in memory; `memory://<bucket>/...` is one store for the whole process.
pub struct MemoryStore {
    started: SystemTime,
    files: Mutex<BTreeMap<Url, Bytes>>,
    holds: Arc<Holds>,
}

/// Who holds which mark.
#[derive(Debug, Default)]
struct Holds {
    held: Mutex<BTreeMap<Url, Held>>,
    released: Condvar,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Held {
    By(usize),
    Alone,
}

/// One hold of a mark.
#[derive(Debug)]
struct Mark {
    url: Url,
    holds: Arc<Holds>,
}

/// The number of files: what is in them may be large.
impl std::fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        f.debug_struct("MemoryStore")
            .field("files", &files.len())
            .finish_non_exhaustive()
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self {
            started: SystemTime::now(),
            files: Mutex::default(),
            holds: Arc::default(),
        }
    }
}

impl MemoryStore {
    fn bytes(&self, url: &Url) -> Result<Bytes> {
        let bytes = self.files().get(url).cloned();
        bytes.ok_or_else(|| Error::NotFound { url: url.clone() })
    }

    fn mark(&self, url: &Url) -> Hold {
        Hold::new(Mark {
            url: url.clone(),
            holds: Arc::clone(&self.holds),
        })
    }

    fn files(&self) -> MutexGuard<'_, BTreeMap<Url, Bytes>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for MemoryStore {
    fn get(&self, url: &Url, limit_bytes: u64) -> Result<Bytes> {
        let bytes = self.bytes(url)?;
        limits::check(&format!("bytes of {url}"), bytes.len() as u64, limit_bytes)?;
        Ok(bytes)
    }

    fn get_range(&self, url: &Url, range: Range<u64>, len_bytes: u64) -> Result<Bytes> {
        let bytes = self.bytes(url)?;
        check_range(url, &range, bytes.len() as u64, len_bytes)?;
        let at = |byte: u64| usize::try_from(byte).unwrap_or(bytes.len());
        Ok(bytes.slice(at(range.start)..at(range.end)))
    }

    fn stat(&self, url: &Url) -> Result<Stat> {
        Ok(Stat {
            len_bytes: self.bytes(url)?.len() as u64,
            changed: self.started,
        })
    }

    fn list(&self, folder: &Url) -> Result<Vec<Entry>> {
        let prefix = format!("{}/", folder.path().trim_end_matches('/'));
        let files = self.files();
        let below = files
            .keys()
            .filter_map(|url| url.path().strip_prefix(&prefix));
        let entries: BTreeSet<Entry> = below
            .map(|rest| match rest.split_once('/') {
                Some((name, _)) => entry(name, true),
                None => entry(rest, false),
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

    fn liveness(&self) -> Option<&dyn Liveness> {
        Some(self)
    }
}

impl Liveness for MemoryStore {
    fn hold(&self, url: &Url) -> Result<Hold> {
        let mut held = self.holds.held();
        while held.get(url) == Some(&Held::Alone) {
            let woken = self.holds.released.wait(held);
            held = woken.unwrap_or_else(PoisonError::into_inner);
        }
        let others = match held.get(url) {
            Some(Held::By(others)) => *others,
            _ => 0,
        };
        held.insert(url.clone(), Held::By(others + 1));
        Ok(self.mark(url))
    }

    fn hold_alone(&self, url: &Url) -> Result<Option<Hold>> {
        let mut held = self.holds.held();
        if held.contains_key(url) {
            return Ok(None);
        }
        held.insert(url.clone(), Held::Alone);
        Ok(Some(self.mark(url)))
    }

    fn is_held(&self, url: &Url) -> Result<bool> {
        Ok(self.holds.held().contains_key(url))
    }

    fn sweep(&self, _folder: &Url, _untouched: Duration) -> Result<()> {
        // What is in memory is written in one step.
        Ok(())
    }
}

impl Holds {
    fn held(&self) -> MutexGuard<'_, BTreeMap<Url, Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Mark {
    fn drop(&mut self) {
        let mut held = self.holds.held();
        match held.get_mut(&self.url) {
            Some(Held::By(count)) if *count > 1 => *count -= 1,
            _ => drop(held.remove(&self.url)),
        }
        self.holds.released.notify_all();
    }
}

fn entry(name: &str, is_folder: bool) -> Entry {
    Entry {
        name: name.to_owned(),
        is_folder,
        is_link: false,
    }
}
