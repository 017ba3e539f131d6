//! Fitted reducers in the folder of a run: `models/<name>.json`, sealed with a checksum,
//! visible wholly or not at all, and never overwritten. Fitted rows are in an Arrow file
//! beside it, whose checksums the document has.

use super::{Pca, Reducer, Umap, rows};
use crate::neighbors::Metric;
use crate::{Embeddings, Error, Result};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tlc_core::storage::{ChecksumStore, FileInfo, Store, commit, json};
use tlc_core::{Run, Url, check_name};

const FORMAT: &str = "tlc-reducer";
const VERSION: u64 = 2;
/// In the folder of the run.
const FOLDER: &str = "models/";

/// As it is stored. Version 1 had no place in it.
#[derive(Serialize, Deserialize)]
struct Placed {
    /// Id of the run, and the name under which it was kept there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    run: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(flatten)]
    document: Document,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Document {
    Pca(Pca),
    Umap {
        metric: Metric,
        neighbors: usize,
        rows: RowsFile,
    },
}

/// The file of the fitted rows.
#[derive(Serialize, Deserialize)]
struct RowsFile {
    /// Relative to the folder of the run.
    url: String,
    #[serde(flatten)]
    file: FileInfo,
}

/// Keeps a fitted reducer, a [`Pca`] or a [`Umap`], in the run under a name; gives the URL of
/// its file.
///
/// # Errors
/// [`tlc_core::Error::AlreadyExists`] if the run has another reducer of that name,
/// [`tlc_core::Error::InvalidUrl`] for a bad name; storage errors.
pub fn save(reducer: impl Into<Reducer>, run: &Run, name: &str) -> Result<Url> {
    let url = url(run, name)?;
    let document = match reducer.into() {
        Reducer::Pca(pca) => Document::Pca(pca),
        Reducer::Umap(umap) => Document::Umap {
            metric: umap.metric,
            neighbors: umap.neighbors,
            rows: save_rows(&umap, run, name)?,
        },
    };
    let placed = Placed {
        run: Some(run.id()),
        name: Some(name.to_owned()),
        document,
    };
    let (bytes, _) = json::seal(FORMAT, VERSION, &placed)?;
    commit::publish(run.store().as_ref(), &url, &bytes)?;
    Ok(url)
}

/// Loads a reducer that was kept under a name.
///
/// # Errors
/// [`tlc_core::Error::NotFound`], [`tlc_core::Error::Corrupt`] if its file was changed,
/// [`tlc_core::Error::UnsupportedVersion`]; storage errors.
pub fn load(run: &Run, name: &str) -> Result<Reducer> {
    let url = url(run, name)?;
    let read = json::read::<Placed>(run.store().as_ref(), &url, FORMAT, VERSION)?;
    let placed = read.body;
    let is_here = placed.run == Some(run.id()) && placed.name.as_deref() == Some(name);
    if read.version >= 2 && !is_here {
        return Err(Error::corrupt(
            &url,
            "it was kept in another run or under another name",
        ));
    }
    let fitted: Result<Reducer, &str> = match placed.document {
        Document::Pca(pca) => pca.checked().map(Reducer::Pca),
        Document::Umap {
            metric,
            neighbors,
            rows,
        } => {
            let (vectors, points) = load_rows(run, &url, rows)?;
            Umap::fitted(metric, neighbors, vectors, points).map(Reducer::Umap)
        }
    };
    fitted.map_err(|reason| Error::corrupt(&url, reason))
}

fn url(run: &Run, name: &str) -> Result<Url> {
    check_name("model", name)?;
    Ok(run.url().join(&format!("{FOLDER}{name}.json"))?)
}

/// The name holds a digest of the bytes: rows that a writer left behind when it died are in
/// nobody's way.
fn save_rows(umap: &Umap, run: &Run, name: &str) -> Result<RowsFile> {
    let bytes = rows::encode(&umap.vectors, &umap.points)?;
    let file = FileInfo::of(&bytes);
    let digest = file.blocks.iter().fold(file.len_bytes, |digest, block| {
        (digest.rotate_left(5) ^ u64::from(*block)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    });
    let url = format!("{FOLDER}{name}.{digest:016x}.arrow");
    commit::publish(run.store().as_ref(), &run.url().join(&url)?, &bytes.into())?;
    Ok(RowsFile { url, file })
}

fn load_rows(run: &Run, document: &Url, rows: RowsFile) -> Result<(Embeddings, Embeddings)> {
    let url = rows
        .url
        .starts_with(FOLDER)
        .then(|| run.url().join(&rows.url));
    let Some(Ok(url)) = url else {
        return Err(Error::corrupt(
            document,
            "its rows are in no file beside it",
        ));
    };
    let len_bytes = rows.file.len_bytes;
    let store = ChecksumStore::new(Arc::clone(run.store()), [(url.clone(), rows.file)]);
    rows::decode(&url, store.get(&url, len_bytes)?)
}
