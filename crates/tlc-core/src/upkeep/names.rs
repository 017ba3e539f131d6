//! Which folders and files are of this format's writers, told by their names alone.

use crate::storage::{Store, commit};
use crate::{Result, Url};

/// Whether writers give such a name to a file of such a folder.
pub(super) fn is_own(folder: &str, name: &str) -> bool {
    let stem = name.strip_suffix(".json");
    let is_number = |text: &str| commit::number(text).is_some();
    match folder {
        "commits" => stem.is_some_and(is_number),
        "checkpoints" => stem
            .and_then(|stem| stem.split_once('-'))
            .is_some_and(|(from, to)| is_number(from) && is_number(to)),
        "models" => stem.is_some() || is_rows_of_reducer(name),
        _ => is_part(name),
    }
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

/// The folders of a run that hold data.
pub(super) fn folders_of_run(store: &dyn Store, run: &Url) -> Result<Vec<String>> {
    let metrics = folders_of_metrics(store, run)?.into_iter();
    Ok(metrics
        .chain(["aggregates", "models"].map(str::to_owned))
        .collect())
}

/// The folders of metrics tables, relative to the run.
pub(super) fn folders_of_metrics(store: &dyn Store, run: &Url) -> Result<Vec<String>> {
    let entries = store.list(&run.join("metrics")?)?.into_iter();
    let own = entries.filter(|entry| {
        let id = entry.name.strip_prefix("metrics_");
        entry.is_folder && !entry.is_link && id.is_some_and(is_uuid)
    });
    Ok(own.map(|entry| format!("metrics/{}", entry.name)).collect())
}

/// Names of files in a folder that parts have, or the rows of reducers.
pub(super) fn data_files(store: &dyn Store, folder: &Url) -> Result<Vec<String>> {
    let entries = store.list(folder)?.into_iter();
    let is_data =
        |name: &str| is_part(name) || folder.name() == "models" && is_rows_of_reducer(name);
    Ok(entries
        .filter(|entry| !entry.is_folder && !entry.is_link && is_data(&entry.name))
        .map(|entry| entry.name)
        .collect())
}

fn is_uuid(text: &str) -> bool {
    uuid::Uuid::parse_str(text).is_ok_and(|id| id.to_string() == text)
}
