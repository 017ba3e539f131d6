//! Our work in a bench, and how long a work takes.

use std::path::Path;
use std::time::{Duration, Instant};
use tlc_core::{IfExists, Table, Url};
use tlc_formats::{Format, ImportOptions, import};

/// What the environment says, or else so many.
pub(crate) fn number(variable: &str, otherwise: usize) -> usize {
    let number = std::env::var(variable).ok();
    number
        .and_then(|number| number.parse().ok())
        .unwrap_or(otherwise)
}

/// The table, made anew.
pub(crate) fn imported(format: &dyn Format, folder: &Path) -> Table {
    let root = Url::from_path(&folder.join("projects")).unwrap();
    let options = ImportOptions::new("bench", "rows").root(root);
    import(format, options.if_exists(IfExists::Overwrite))
        .unwrap()
        .table
}

pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let done = work();
    (start.elapsed(), done)
}
