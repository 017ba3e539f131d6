//! Deleting a table or a run.

use super::hold;
use super::named;
use super::names::{self, Folders};
use super::places::{self, Place};
use crate::storage::{self, Hold, Store, commit};
use crate::{Error, Result, Run, Url, layout, limits, revision, table};

/// Deletes a table or a run with all its files, and edits of the table that were not
/// committed. What others have put into its folder stays,
/// and whatever a link leads to.
///
/// It is gone for everybody in one step, and its files after that; a process that dies in
/// between leaves files, which keep the name taken, and the call can be repeated.
///
/// That nobody writes to it meanwhile is known where the store tells who is at work. In an
/// object store that is by signs of life: what a writer adds that could give none for the
/// deadline, while it is being deleted, may be lost, and the name damaged for good.
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
/// [`Error::InUse`] if a process writes to it, a run of the project refers to the
/// table, or revisions have its rows; [`Error::NotFound`]; [`Error::InvalidUrl`] for a link, or where the commits are one;
/// [`Error::Corrupt`] for one that cannot be read, whose files only you can tell from others';
/// storage errors, after which the call can be repeated.
pub fn delete(url: &Url) -> Result<()> {
    let missing = || Error::NotFound { url: url.clone() };
    let place = Place::of(url).ok_or_else(missing)?;
    let store = storage::open(url)?;
    // A folder of this name may be anybody's.
    if commit::latest_number(&*store, &url.join("commits")?)?.is_none() {
        return Err(missing());
    }
    let is_another =
        places::is_link(&*store, url)? || Folders::of(&*store, &place)?.are_of_another();
    if is_another {
        return Err(Error::InvalidUrl {
            url: url.to_string(),
            reason: "a link to what is somewhere else, delete that".to_owned(),
        });
    }
    // Others that want to write wait until it is gone.
    let _alone = alone(&*store, url)?;
    end(&*store, &place)?;
    if let Place::Table(table) = &place {
        delete_edits(&*store, table)?;
    }
    // The commits last: until they are gone, the newest of them says that nothing is left.
    for folder in Folders::of(&*store, &place)?.own {
        delete_own_files(&*store, url, &folder)?;
    }
    store.delete(&url.join("lock")?)?;
    store.delete_folder(url)
}

/// The mark for this process alone, where the store can tell.
fn alone(store: &dyn Store, url: &Url) -> Result<Option<Hold>> {
    let Some(liveness) = store.liveness() else {
        return Ok(None);
    };
    match hold::alone(liveness, &url.join("lock")?)? {
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
        Place::Table(url) => match table::Table::at(url.clone()) {
            Ok(_) => {
                check_unreferred(store, url)?;
                check_no_revisions(store, url)?;
                table::end(store, url)
            }
            Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error),
        },
    }
}

/// Deletes the edits of all contents of a table.
fn delete_edits(store: &dyn Store, table: &Url) -> Result<()> {
    let contents = match table::contents(store, table) {
        // Some commits are gone already, which are deleted after the edits.
        Err(Error::NotFound { .. }) => return Ok(()),
        other => other?,
    };
    for content in contents {
        let Ok(folder) = layout::edits_folder(table, &content.id) else {
            continue;
        };
        if places::is_link(store, &folder)? {
            continue;
        }
        for entry in store.list(&folder)? {
            if !entry.is_folder && !entry.is_link && names::is_of_edits(&entry.name) {
                store.delete(&folder.join(&entry.name)?)?;
            }
        }
        store.delete_folder(&folder)?;
    }
    Ok(())
}

fn check_unreferred(store: &dyn Store, table: &Url) -> Result<()> {
    // By what it holds: a link leads there by another URL.
    let contents = table::contents(store, table)?;
    for (run_url, run) in named::referring(store, table)? {
        for reference in run.referenced_tables() {
            if contents.iter().any(|content| content.id == reference.id) {
                return Err(in_use(
                    table,
                    &format!("the run {run_url}, delete that first"),
                ));
            }
        }
    }
    Ok(())
}

/// What was made of a table has its rows; a copy has its own.
fn check_no_revisions(store: &dyn Store, table: &Url) -> Result<()> {
    let made = revision::made_of(store, table)?;
    match made.iter().find(|made| made.manifest().overlay.is_some()) {
        None => Ok(()),
        Some(made) => {
            let by = format!("{}, which has its rows, delete that first", made.url());
            Err(in_use(table, &by))
        }
    }
}

fn in_use(url: &Url, by: &str) -> Error {
    Error::InUse {
        url: url.clone(),
        by: by.to_owned(),
    }
}

/// Deletes the files that writers of this format give such names, in the order of their
/// names, which is that of commits; nothing else, and nothing through a link.
fn delete_own_files(store: &dyn Store, place: &Url, relative: &str) -> Result<()> {
    let folder = &place.join(relative)?;
    for entry in store.list(folder)? {
        if entry.is_folder || entry.is_link || !names::is_own(relative, &entry.name) {
            continue;
        }
        let file = folder.join(&entry.name)?;
        if relative != "models" || is_reducer(store, &file)? {
            store.delete(&file)?;
        }
    }
    store.delete_folder(folder)
}

/// Whether a file is of a reducer: by its name the rows, by what it says the document.
fn is_reducer(store: &dyn Store, file: &Url) -> Result<bool> {
    if names::is_rows_of_reducer(file.name()) {
        return Ok(true);
    }
    match store.get(file, limits::DOCUMENT_BYTES) {
        Ok(bytes) => Ok(bytes.starts_with(b"{\"format\":\"tlc-reducer\"")),
        Err(Error::TooLarge { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}
