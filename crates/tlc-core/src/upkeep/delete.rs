//! Deleting a table or a run.

use super::places::{self, Place};
use super::vacuum::referring;
use crate::storage::{self, Hold, Store};
use crate::{Error, Result, Run, Url, table};

/// Deletes a table or a run with all its files.
///
/// It is gone for everybody in one step, and its files after that; a process that dies in
/// between leaves files, and the call can be repeated.
///
/// ```
/// use tlc_core::{Error, Run, RunOptions, Url, delete};
///
/// let root = Url::parse("memory://docs-delete/")?;
/// let url = Run::create(RunOptions::new("demo").root(&root))?.url().clone();
/// delete(&url)?;
/// assert!(matches!(Run::from_url(&url), Err(Error::NotFound { .. })));
/// # Ok::<(), tlc_core::Error>(())
/// ```
///
/// # Errors
/// [`Error::InUse`] if a process writes to it, or a run of the project refers to the
/// table; [`Error::NotFound`]; [`Error::Corrupt`] for one that cannot be read, whose files
/// only you can tell from others'; storage errors, after which the call can be repeated.
pub fn delete(url: &Url) -> Result<()> {
    let missing = || Error::NotFound { url: url.clone() };
    let place = Place::of(url).ok_or_else(missing)?;
    let store = storage::open(url)?;
    let folders = folders(&*store, url)?;
    if !folders.iter().any(|folder| folder.name() == "commits") {
        return Err(missing());
    }
    // Others that want to write wait until it is gone.
    let _alone = alone(&*store, url)?;
    end(&*store, &place)?;
    // The commits last: until they are gone, the newest of them says that nothing is left.
    for folder in folders.iter().filter(|folder| folder.name() != "commits") {
        delete_files(&*store, folder)?;
    }
    delete_own_files(&*store, &url.join("commits")?)?;
    delete_own_files(&*store, url)
}

/// The mark for this process alone, where the store can tell.
fn alone(store: &dyn Store, url: &Url) -> Result<Option<Hold>> {
    let Some(liveness) = store.liveness() else {
        return Ok(None);
    };
    match liveness.hold_alone(&url.join("lock")?)? {
        Some(hold) => Ok(Some(hold)),
        None => Err(in_use(url, "a process that writes to it, end that first")),
    }
}

/// Makes it gone for everybody, unless it is already.
fn end(store: &dyn Store, place: &Place) -> Result<()> {
    match place {
        Place::Run(url) => match Run::from_url(url) {
            Ok(run) => run.end(),
            Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error),
        },
        Place::Table(url) => match table::Table::from_url(url) {
            Ok(_) => {
                check_unreferred(store, url)?;
                table::end(store, url)
            }
            Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error),
        },
    }
}

fn check_unreferred(store: &dyn Store, table: &Url) -> Result<()> {
    for (run_url, run) in referring(store, table)? {
        for reference in run.referenced_tables() {
            if reference.url(&run_url)? == *table {
                return Err(in_use(
                    table,
                    &format!("the run {run_url}, delete that first"),
                ));
            }
        }
    }
    Ok(())
}

fn in_use(url: &Url, by: &str) -> Error {
    Error::InUse {
        url: url.clone(),
        by: by.to_owned(),
    }
}

fn folders(store: &dyn Store, place: &Url) -> Result<Vec<Url>> {
    let names = places::folders(store, place)?;
    names.iter().map(|name| place.join(name)).collect()
}

/// Deletes the files in a folder and in those below it; nothing through a link.
fn delete_files(store: &dyn Store, folder: &Url) -> Result<()> {
    for below in folders(store, folder)? {
        delete_files(store, &below)?;
    }
    delete_own_files(store, folder)
}

/// In the order of their names, which is that of commits.
fn delete_own_files(store: &dyn Store, folder: &Url) -> Result<()> {
    for entry in store.list(folder)? {
        if !entry.is_folder && folder.join(&entry.name).is_ok() {
            store.delete(&folder.join(&entry.name)?)?;
        }
    }
    store.delete_folder(folder)
}
