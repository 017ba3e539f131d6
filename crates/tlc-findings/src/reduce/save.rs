//! Fitted reducers in the folder of a run: `models/<name>.json`, sealed with a checksum,
//! visible wholly or not at all, and never overwritten.

use super::Pca;
use crate::Result;
use tlc_core::storage::{commit, json};
use tlc_core::{Run, Url, check_name};

const FORMAT: &str = "tlc-pca";
const VERSION: u64 = 1;

/// Keeps a fitted reducer in the run under a name; gives the URL of its file.
///
/// # Errors
/// [`tlc_core::Error::AlreadyExists`] if the run has another reducer of that name,
/// [`tlc_core::Error::InvalidUrl`] for a bad name; storage errors.
pub fn save(pca: &Pca, run: &Run, name: &str) -> Result<Url> {
    let url = url(run, name)?;
    let bytes = json::seal(FORMAT, VERSION, pca)?;
    commit::publish(run.store().as_ref(), &url, &bytes)?;
    Ok(url)
}

/// Loads a reducer that was kept under a name.
///
/// # Errors
/// [`tlc_core::Error::NotFound`], [`tlc_core::Error::Corrupt`] if its file was changed,
/// [`tlc_core::Error::UnsupportedVersion`]; storage errors.
pub fn load(run: &Run, name: &str) -> Result<Pca> {
    let url = url(run, name)?;
    let bytes = run.store().get(&url)?;
    Ok(json::unseal(&url, FORMAT, VERSION, &bytes)?)
}

fn url(run: &Run, name: &str) -> Result<Url> {
    check_name("model", name)?;
    Ok(run.url().join(&format!("models/{name}.json"))?)
}
