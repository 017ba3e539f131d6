//! Copies on the local disk of what is somewhere else, which may be lost at any time.

#[cfg(feature = "remote")]
mod segments;
#[cfg(feature = "remote")]
mod store;

#[cfg(feature = "remote")]
pub use self::store::CacheStore;

use std::path::PathBuf;

/// Environment variable that names the folder for copies of what is too large for memory or
/// was read from an object store. If it is not set, the platform's folder for caches.
pub const CACHE_VARIABLE: &str = "TLC_CACHE_DIR";

/// Where copies go. The system's temporary folder is often memory.
pub(crate) fn folder() -> PathBuf {
    if let Some(folder) = std::env::var_os(CACHE_VARIABLE).filter(|folder| !folder.is_empty()) {
        return folder.into();
    }
    let folders = directories::ProjectDirs::from("", "", "tlc");
    folders.map_or_else(std::env::temp_dir, |folders| {
        folders.cache_dir().to_path_buf()
    })
}
