//! Files that nothing needs any more.

use super::hold;
use super::named::Named;
use super::names::{self, Folders};
use super::places::{self, Links, Place};
use super::verify::Problem;
use crate::storage::{self, Hold, Store};
use crate::{Error, Result, Url};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What to look for, built by chaining.
#[derive(Clone, Debug)]
pub struct VacuumOptions {
    untouched: Duration,
    old_contents: bool,
}

impl Default for VacuumOptions {
    fn default() -> Self {
        Self {
            untouched: DAY,
            old_contents: false,
        }
    }
}

impl VacuumOptions {
    /// Files that no commit names and nobody has touched for a day.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets for how long nobody has touched a file; a day by default. Shorter is safe
    /// where nobody copies files into the project meanwhile, and the store tells who is at
    /// work: an object store does not.
    #[must_use]
    pub fn untouched_for(mut self, age: Duration) -> Self {
        self.untouched = age;
        self
    }

    /// Also looks for what commits named before, but the newest does not: rows of tables
    /// and runs that were overwritten, and segments that were compacted. Contents that a
    /// run of the project refers to stay.
    #[must_use]
    pub fn old_contents(mut self, wanted: bool) -> Self {
        self.old_contents = wanted;
        self
    }
}

/// A file that nothing needs any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leftover {
    /// Where it is.
    pub url: Url,
    /// Its length.
    pub len_bytes: u64,
    /// Whether a commit named it before; else none ever did.
    pub is_old_content: bool,
}

/// What [`vacuum`] has found. Nothing is deleted before [`delete`](Self::delete).
#[derive(Debug)]
pub struct Leftovers {
    files: Vec<Leftover>,
    in_use: Vec<Url>,
    problems: Vec<Problem>,
    links: Vec<Url>,
    places: Vec<Place>,
    options: VacuumOptions,
}

impl Leftovers {
    /// The files.
    #[must_use]
    pub fn files(&self) -> &[Leftover] {
        &self.files
    }

    /// Bytes of all files.
    #[must_use]
    pub fn len_bytes(&self) -> u64 {
        self.files.iter().map(|file| file.len_bytes).sum()
    }

    /// Tables and runs that were not looked at, since a process writes to them.
    #[must_use]
    pub fn in_use(&self) -> &[Url] {
        &self.in_use
    }

    /// Tables and runs that cannot be read, of which nothing is found and nothing deleted.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Links to folders, which were not followed: ask for what they lead to by its own URL.
    #[must_use]
    pub fn links(&self) -> &[Url] {
        &self.links
    }

    /// Deletes the files, and unfinished ones of writers that died. What has changed
    /// since it was found, or is being written to by now, stays.
    ///
    /// # Errors
    /// Storage errors; the call can be repeated.
    pub fn delete(&self) -> Result<u64> {
        let mut deleted_bytes = 0;
        for place in &self.places {
            let store = storage::open(place.url())?;
            let mut own = self.files.iter().map(|file| &file.url);
            let has_files = own.any(|file| file.is_within(place.url()));
            let Access::Alone(_hold) = access(&*store, place.url(), has_files)? else {
                continue;
            };
            let folders = Folders::of(&*store, place)?;
            if folders.are_of_another() {
                continue;
            }
            let still = look(&store, place, &folders, &self.options)?;
            for file in self.files.iter().filter(|file| still.contains(file)) {
                store.delete(&file.url)?;
                deleted_bytes += file.len_bytes;
            }
            sweep(&*store, place, &folders, self.options.untouched)?;
        }
        Ok(deleted_bytes)
    }
}

/// Finds files that nothing needs any more in a table or run, or in all of a project or
/// root: those that no commit names, left by writers that died or by failed writes.
///
/// Only files that this format's writers could have left are found; nothing is followed
/// through a link. Nothing is deleted: look at what is found, then call
/// [`Leftovers::delete`].
///
/// ```
/// use std::time::Duration;
/// use tlc_core::{RunOptions, Run, Url, VacuumOptions, vacuum};
///
/// let root = Url::parse("memory://docs-vacuum/")?;
/// Run::create(RunOptions::new("demo").root(&root))?;
/// let found = vacuum(&root, VacuumOptions::new())?;
/// println!("{} files, {} bytes", found.files().len(), found.len_bytes());
/// found.delete()?;
/// # Ok::<(), tlc_core::Error>(())
/// ```
///
/// # Errors
/// [`Error::NotFound`] if there is neither table nor run; what listing folders says. A
/// table or run that cannot be read is no error of the call.
pub fn vacuum(url: &Url, options: VacuumOptions) -> Result<Leftovers> {
    let mut found = Leftovers {
        files: Vec::new(),
        in_use: Vec::new(),
        problems: Vec::new(),
        links: Vec::new(),
        places: Vec::new(),
        options,
    };
    let places::Found { places, links } = places::below(url, Links::Told)?;
    found.links = links;
    for place in places {
        let store = storage::open(place.url())?;
        if hold::is_in_use(&*store, place.url())? {
            found.in_use.push(place.url().clone());
            continue;
        }
        let folders = Folders::of(&*store, &place)?;
        found.links.extend(folders.links.iter().cloned());
        if folders.are_of_another() {
            continue;
        }
        match look(&store, &place, &folders, &found.options) {
            Ok(files) => {
                found.files.extend(files);
                found.places.push(place);
            }
            // It was deleted meanwhile.
            Err(Error::NotFound { url }) if url == *place.url() => {}
            Err(error) => found.problems.push(Problem {
                url: place.url().clone(),
                error,
            }),
        }
    }
    Ok(found)
}

/// Whether this process is alone at a place, and what keeps it so, where the store can tell.
enum Access {
    Alone(Option<Hold>),
    InUse,
}

/// A lock file is not made for nothing.
fn access(store: &dyn Store, place: &Url, has_files: bool) -> Result<Access> {
    let lock = place.join("lock")?;
    let Some(liveness) = store.liveness() else {
        return Ok(Access::Alone(None));
    };
    if !has_files && !is_there(store, &lock)? {
        return Ok(Access::Alone(None));
    }
    Ok(match hold::alone(liveness, &lock)? {
        Some(hold) => Access::Alone(Some(hold)),
        None => Access::InUse,
    })
}

fn is_there(store: &dyn Store, url: &Url) -> Result<bool> {
    match store.stat(url) {
        Ok(_) => Ok(true),
        Err(Error::NotFound { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

fn look(
    store: &Arc<dyn Store>,
    place: &Place,
    folders: &Folders,
    options: &VacuumOptions,
) -> Result<Vec<Leftover>> {
    let named = Named::of(&**store, place)?;
    let now = SystemTime::now();
    let is_old =
        |changed: SystemTime| now.duration_since(changed).unwrap_or_default() >= options.untouched;
    let mut found = Vec::new();
    for folder in folders.of_data() {
        for name in names::data_files(&**store, &place.url().join(folder)?)? {
            let relative = format!("{folder}/{name}");
            let replaced = named.before.get(&relative);
            if named.now.contains(&relative) || (replaced.is_some() && !options.old_contents) {
                continue;
            }
            let url = place.url().join(&relative)?;
            let stat = match store.stat(&url) {
                Err(Error::NotFound { .. } | Error::NotAFile { .. }) => continue,
                other => other?,
            };
            if is_old(stat.changed) && replaced.is_none_or(|replaced| is_old(*replaced)) {
                found.push(Leftover {
                    url,
                    len_bytes: stat.len_bytes,
                    is_old_content: replaced.is_some(),
                });
            }
        }
    }
    Ok(found)
}

fn sweep(store: &dyn Store, place: &Place, folders: &Folders, untouched: Duration) -> Result<()> {
    let Some(liveness) = store.liveness() else {
        return Ok(());
    };
    for folder in folders.own.iter().filter(|name| *name != "metrics") {
        liveness.sweep(&place.url().join(folder)?, untouched)?;
    }
    Ok(())
}
