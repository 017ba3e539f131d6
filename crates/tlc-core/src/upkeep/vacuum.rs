//! Files that nothing needs any more.

use super::places::{self, Links, Place};
use super::verify::Problem;
use crate::storage::{self, Hold, Store};
use crate::{Error, Result, Run, Url, limits, run, table};
use std::collections::{HashMap, HashSet};
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
            let Access::Alone(_hold) = access(&*store, place.url())? else {
                continue;
            };
            let still = look(&store, place, &self.options)?;
            for file in self.files.iter().filter(|file| still.contains(file)) {
                store.delete(&file.url)?;
                deleted_bytes += file.len_bytes;
            }
            sweep(&*store, place, self.options.untouched)?;
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
        if is_in_use(&*store, place.url())? {
            found.in_use.push(place.url().clone());
            continue;
        }
        match look(&store, &place, &found.options) {
            Ok(files) => {
                found.files.extend(files);
                found.places.push(place);
            }
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

fn access(store: &dyn Store, place: &Url) -> Result<Access> {
    let lock = place.join("lock")?;
    let Some(liveness) = store.liveness() else {
        return Ok(Access::Alone(None));
    };
    if !is_there(store, &lock)? {
        return Ok(Access::Alone(None));
    }
    Ok(match liveness.hold_alone(&lock)? {
        Some(hold) => Access::Alone(Some(hold)),
        None => Access::InUse,
    })
}

fn is_in_use(store: &dyn Store, place: &Url) -> Result<bool> {
    match store.liveness() {
        Some(liveness) => liveness.is_held(&place.join("lock")?),
        None => Ok(false),
    }
}

fn is_there(store: &dyn Store, url: &Url) -> Result<bool> {
    match store.stat(url) {
        Ok(_) => Ok(true),
        Err(Error::NotFound { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// The names that commits give to files of a place, with when the newest commit that
/// changed which of them counts was written.
struct Named {
    now: HashSet<String>,
    before: HashMap<String, SystemTime>,
}

fn look(store: &Arc<dyn Store>, place: &Place, options: &VacuumOptions) -> Result<Vec<Leftover>> {
    let (named, folders) = match place {
        Place::Table(url) => (named_by_table(&**store, url)?, vec!["parts".to_owned()]),
        Place::Run(url) => (named_by_run(&**store, url)?, folders_of_run(&**store, url)?),
    };
    let now = SystemTime::now();
    let is_old =
        |changed: SystemTime| now.duration_since(changed).unwrap_or_default() >= options.untouched;
    let mut found = Vec::new();
    for folder in folders {
        for name in data_files(&**store, &place.url().join(&folder)?)? {
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

/// Contents that a run of the project refers to count as named now.
fn named_by_table(store: &dyn Store, url: &Url) -> Result<Named> {
    let contents = table::contents(store, url)?;
    let referred = match contents.len() {
        0 | 1 => HashSet::new(),
        _ => references(store, url)?,
    };
    let newest = contents.len().saturating_sub(1);
    let commits = contents.into_iter().enumerate().map(|(number, content)| {
        let stays = number == newest || referred.contains(&content.id);
        (content.changed, content.parts, stays)
    });
    let mut now = HashSet::new();
    let mut before = HashMap::new();
    let commits: Vec<_> = commits.collect();
    let replaced = commits.last().map(|(changed, ..)| *changed);
    for (changed, parts, stays) in commits {
        match stays {
            true => now.extend(parts),
            false => before.extend(
                parts
                    .into_iter()
                    .map(|part| (part, replaced.unwrap_or(changed))),
            ),
        }
    }
    before.retain(|part, _| !now.contains(part));
    Ok(Named { now, before })
}

/// Ids of the contents of tables that runs of a table's project refer to.
pub(super) fn references(store: &dyn Store, table: &Url) -> Result<HashSet<String>> {
    let mut ids = HashSet::new();
    for (_, run) in referring(store, table)? {
        let tables = run.referenced_tables().into_iter();
        ids.extend(tables.map(|table| table.id));
    }
    Ok(ids)
}

/// The runs of the project that a table is in.
pub(super) fn referring(store: &dyn Store, table: &Url) -> Result<Vec<(Url, Run)>> {
    let project = std::iter::successors(Some(table.clone()), Url::parent).nth(4);
    let Some(project) = project else {
        return Ok(Vec::new());
    };
    let mut runs = Vec::new();
    for url in places::runs(store, &project)? {
        match Run::from_url(&url) {
            Ok(run) => runs.push((url, run)),
            Err(Error::NotFound { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(runs)
}

fn named_by_run(store: &dyn Store, url: &Url) -> Result<Named> {
    let history = run::parts_by_commit(store, url)?;
    let mut now = history.now;
    now.extend(named_by_reducers(store, url)?);
    let mut before = HashMap::new();
    for (parts, changed) in history.replaced {
        before.extend(parts.into_iter().map(|part| (part, changed)));
    }
    before.retain(|part, _| !now.contains(part));
    Ok(Named { now, before })
}

fn folders_of_run(store: &dyn Store, run: &Url) -> Result<Vec<String>> {
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
fn data_files(store: &dyn Store, folder: &Url) -> Result<Vec<String>> {
    let entries = store.list(folder)?.into_iter();
    let is_data =
        |name: &str| is_part(name) || folder.name() == "models" && is_rows_of_reducer(name);
    Ok(entries
        .filter(|entry| !entry.is_folder && !entry.is_link && is_data(&entry.name))
        .map(|entry| entry.name)
        .collect())
}

/// `<name>.<16 hexadecimal digits>.arrow`.
pub(super) fn is_rows_of_reducer(name: &str) -> bool {
    let stem = name.strip_suffix(".arrow");
    let digest = stem.and_then(|stem| stem.rsplit_once('.'));
    digest.is_some_and(|(name, digest)| {
        !name.is_empty() && digest.len() == 16 && digest.bytes().all(|b| b.is_ascii_hexdigit())
    })
}

/// The rows that some reducer of a run names. Their documents are not understood here: what
/// stands in one is named.
fn named_by_reducers(store: &dyn Store, run: &Url) -> Result<HashSet<String>> {
    let folder = run.join("models")?;
    let entries = store.list(&folder)?;
    let (mut rows, mut documents) = (Vec::new(), String::new());
    for entry in entries.iter().filter(|entry| !entry.is_folder) {
        if is_rows_of_reducer(&entry.name) {
            rows.push(format!("models/{}", entry.name));
        } else if entry.name.ends_with(".json") {
            let bytes = store.get(&folder.join(&entry.name)?, limits::DOCUMENT_BYTES)?;
            documents.push_str(&String::from_utf8_lossy(&bytes));
        }
    }
    // As JSON writes it.
    let names =
        |url: &String| serde_json::to_string(url).is_ok_and(|written| documents.contains(&written));
    Ok(rows.into_iter().filter(names).collect())
}

/// `<uuid>.parquet`.
pub(super) fn is_part(name: &str) -> bool {
    name.strip_suffix(".parquet").is_some_and(is_uuid)
}

fn is_uuid(text: &str) -> bool {
    uuid::Uuid::parse_str(text).is_ok_and(|id| id.to_string() == text)
}

fn sweep(store: &dyn Store, place: &Place, untouched: Duration) -> Result<()> {
    let Some(liveness) = store.liveness() else {
        return Ok(());
    };
    let mut folders = vec!["commits".to_owned(), "checkpoints".to_owned()];
    match place {
        Place::Table(_) => folders.push("parts".to_owned()),
        Place::Run(run) => folders.extend(folders_of_run(store, run)?),
    }
    for folder in folders {
        liveness.sweep(&place.url().join(&folder)?, untouched)?;
    }
    Ok(())
}
