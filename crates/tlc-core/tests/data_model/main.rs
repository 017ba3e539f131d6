//! What tables, runs and metrics tables promise their users, on disk and in memory.
#![allow(clippy::unwrap_used, clippy::panic)] // a test stops at the first surprise

mod aliases;
mod changes;
mod class_maps;
mod columns;
mod few;
mod import;
mod lookups;
mod media;
mod metrics;
mod names;
mod reuse;
mod runs;
mod shards;
mod skeletons;
mod tables;
mod values;
mod worst;

use serde::{Deserialize, Serialize};
use tlc_core::{Table, TableOptions, Url};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Sample {
    name: String,
    label: i32,
    pixels: Vec<u8>,
}

fn samples(count: usize) -> Vec<Sample> {
    let sample = |index: usize| Sample {
        name: format!("sample {index}"),
        label: i32::try_from(index % 10).unwrap(),
        pixels: (0..7)
            .map(|pixel| u8::try_from((index + pixel) % 251).unwrap())
            .collect(),
    };
    (0..count).map(sample).collect()
}

fn table(root: &Url, count: usize) -> Table {
    Table::create(
        TableOptions::new("project", "data", "initial").root(root),
        |writer| writer.add_rows(&samples(count)),
    )
    .unwrap()
}

/// Held by tests that set the active run, of which a process has one.
static ACTIVE_RUN: std::sync::Mutex<()> = std::sync::Mutex::new(());

/// A project root in memory and one on disk.
fn roots(name: &str) -> (tempfile::TempDir, [Url; 2]) {
    let folder = tempfile::tempdir().unwrap();
    let local = Url::from_path(folder.path()).unwrap();
    (
        folder,
        [local, Url::parse(&format!("memory://{name}")).unwrap()],
    )
}
