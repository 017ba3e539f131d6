//! Which store a URL is kept in.

use super::{LocalStore, MemoryStore, Store, bucket};
use crate::{Result, Scheme, Url};
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

type Mounts = BTreeMap<u64, (Url, Arc<dyn Store>)>;

static MOUNTS: Mutex<Mounts> = Mutex::new(BTreeMap::new());
static BUCKETS: LazyLock<Mutex<BTreeMap<String, Arc<MemoryStore>>>> = LazyLock::new(Mutex::default);

/// The store that keeps a URL: what is mounted there, else what its scheme names.
///
/// # Errors
/// [`Error::UnsupportedScheme`](crate::Error::UnsupportedScheme) if no such store is built in.
pub fn open(url: &Url) -> Result<Arc<dyn Store>> {
    if let Some(store) = mounted(url) {
        return Ok(store);
    }
    match url.scheme() {
        Scheme::File => Ok(Arc::new(LocalStore)),
        Scheme::Memory => {
            let mut buckets = BUCKETS.lock().unwrap_or_else(PoisonError::into_inner);
            let bucket = buckets.entry(url.authority().to_owned()).or_default();
            Ok(Arc::clone(bucket) as Arc<dyn Store>)
        }
        _ => bucket::open(url),
    }
}

/// Puts a store in charge of a URL and all below it, until the guard is dropped. Of
/// several mounts the longest prefix counts, then the newest.
pub fn mount(prefix: &Url, store: Arc<dyn Store>) -> Mount {
    let mut mounts = MOUNTS.lock().unwrap_or_else(PoisonError::into_inner);
    let id = mounts.last_key_value().map_or(0, |(id, _)| id + 1);
    mounts.insert(id, (prefix.clone(), store));
    Mount { id }
}

/// Keeps a store mounted while it lives.
#[derive(Debug)]
#[must_use = "the store is unmounted when this is dropped"]
pub struct Mount {
    id: u64,
}

impl Drop for Mount {
    fn drop(&mut self) {
        MOUNTS
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.id);
    }
}

fn mounted(url: &Url) -> Option<Arc<dyn Store>> {
    let mounts = MOUNTS.lock().unwrap_or_else(PoisonError::into_inner);
    let fitting = mounts
        .iter()
        .filter(|(_, (prefix, _))| url.is_within(prefix));
    let best = fitting.max_by_key(|(id, (prefix, _))| (prefix.path().len(), **id));
    best.map(|(_, (_, store))| Arc::clone(store))
}
