//! The newest revision of a table.

use super::log::{Entry, Log};
use super::root::Root;
use crate::storage::{self, Store};
use crate::table::{RevisionKind, forestall, is_gone};
use crate::{Error, Result, Table, Url};
use std::time::{Duration, SystemTime};

/// How long a writer that has announced a revision is waited for.
const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(5);

impl Table {
    /// The newest revision of this table that was made by editing it, or an edit of it, and so
    /// on; the table itself if there is none. Of branches the one counts whose newest edit was
    /// committed last. Derived tables are passed over; a copy by [`squash`](Self::squash) is
    /// followed. [`lineage`](Self::lineage) shows all of them.
    ///
    /// ```
    /// use tlc_core::{Columns, Table, TableOptions, Url};
    ///
    /// let root = Url::parse("memory://docs-latest/")?;
    /// let table = Table::create(TableOptions::new("demo", "train", "initial").root(root), |writer| {
    ///     writer.add_batch(Columns::new().column("note", vec!["a", "b"]))
    /// })?;
    /// let fixed = table.edit()?.ignore_writable().set("note", 0, "c")?.commit("a is c")?;
    /// assert_eq!(table.latest()?.id(), fixed.id());
    /// let url = format!("{}@latest", table.url());
    /// assert_eq!(Table::from_url(url.as_str())?.id(), fixed.id());
    /// # Ok::<(), tlc_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// Storage errors, [`Error::Corrupt`].
    pub fn latest(&self) -> Result<Self> {
        let root = self.root()?;
        let store = storage::open(&root.url)?;
        let log = Log::of(&*store, &root.url)?;
        let found = newest(&log, &root, log.newest()?, |entry| {
            announced(&root.url, entry)
        });
        found?.map_or_else(|| self.whole(), Self::followed)
    }

    /// A copy has revisions of its own.
    fn followed(self) -> Result<Self> {
        match self.root()?.number {
            0 => self.latest(),
            _ => Ok(self),
        }
    }
}

/// What [`Table::latest`] is once every revision announced up to a number is there, or will
/// never be: its writer is waited for while it lives.
pub(super) fn settled(
    store: &dyn Store,
    log: &Log<'_>,
    root: &Root,
    until: u64,
) -> Result<Option<Table>> {
    let found = newest(log, root, until, |entry| {
        settle(store, log, &root.url, entry)
    })?;
    found.map(Table::followed).transpose()
}

/// Everything that was made of a table, whichever of its contents, and is there.
pub(crate) fn made_of(store: &dyn Store, table: &Url) -> Result<Vec<Table>> {
    let entries = Log::of(store, table)?.all()?;
    let made = entries.iter().map(|entry| announced(table, entry));
    made.filter_map(Result::transpose).collect()
}

/// A revision that is there must have been announced, and as what it is.
pub(crate) fn check_announced(table: &Table) -> Result<()> {
    let Some(descent) = &table.manifest().descent else {
        return Ok(());
    };
    let base = descent.base.beside(table.url())?;
    let store = storage::open(&base)?;
    let log = Log::of(&*store, &base)?;
    let is_copy = descent.kind == RevisionKind::Squash;
    // What a copy was made of need not be there.
    if is_copy && is_gone(&*store, &base)? {
        return Ok(());
    }
    let url = log.url(descent.number)?;
    let is_known = match log.newest()? < descent.number {
        true => false,
        false => log.read(descent.number)?.revision == table.sibling(),
    };
    match is_known || is_copy {
        true => Ok(()),
        false => Err(Error::Corrupt {
            url,
            reason: format!("it does not announce {}, which is there", table.url()),
        }),
    }
}

/// A table that was announced, if it is there.
pub(super) fn announced(base: &Url, entry: &Entry) -> Result<Option<Table>> {
    let url = entry.revision.beside(base)?;
    match Table::from_reference(&url, &entry.revision.id) {
        Ok(table) => Ok(Some(table)),
        Err(Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The newest of those announced up to a number that goes back to the root's by edits.
fn newest(
    log: &Log<'_>,
    root: &Root,
    until: u64,
    open: impl Fn(&Entry) -> Result<Option<Table>>,
) -> Result<Option<Table>> {
    for number in (root.number + 1..=until).rev() {
        let entry = log.read(number)?;
        if entry.base == root.id
            && entry.kind != RevisionKind::Derived
            && goes_back(log, &entry, root.number)?
            && let Some(table) = open(&entry)?
        {
            return Ok(Some(table));
        }
    }
    Ok(None)
}

/// Whether a revision is an edit of an edit, and so on, of the one with a number.
fn goes_back(log: &Log<'_>, entry: &Entry, number: u64) -> Result<bool> {
    let mut entry = entry.clone();
    loop {
        // Those in a row are each an edit of the one before.
        if (entry.linear_since..=entry.number).contains(&number) {
            return Ok(true);
        }
        if entry.linear_since < entry.number {
            entry = log.read(entry.linear_since)?;
        }
        match entry.parent_number {
            _ if entry.kind == RevisionKind::Derived => return Ok(false),
            parent if parent == number => return Ok(true),
            parent if parent < number => return Ok(false),
            parent => entry = log.read(parent)?,
        }
        if entry.kind != RevisionKind::Edit {
            return Ok(false);
        }
    }
}

/// Opens what was announced; if it is not there, waits for its writer while that lives, and
/// then sees to it that it will never be there.
fn settle(store: &dyn Store, log: &Log<'_>, base: &Url, entry: &Entry) -> Result<Option<Table>> {
    let url = entry.revision.beside(base)?;
    let started = SystemTime::now();
    loop {
        // In this order: who has just committed is alive no more.
        let is_alive = is_at_work(store, log, &url, entry)?;
        if let Some(table) = announced(base, entry)? {
            return Ok(Some(table));
        }
        if !is_alive {
            forestall(store, &url)?;
            return announced(base, entry);
        }
        if started.elapsed().unwrap_or(PATIENCE) >= PATIENCE {
            let by = "a process that commits a revision, repeat the call".to_owned();
            return Err(Error::InUse { url, by });
        }
        std::thread::sleep(PAUSE);
    }
}

/// Whether the writer of an announced revision may still be about to commit it.
fn is_at_work(store: &dyn Store, log: &Log<'_>, url: &Url, entry: &Entry) -> Result<bool> {
    match store.liveness() {
        Some(liveness) => liveness.is_held(&url.join("lock")?),
        // Nobody can tell, so it has some time.
        None => {
            let announced = store.stat(&log.url(entry.number)?)?.changed;
            Ok(announced.elapsed().unwrap_or_default() < PATIENCE / 2)
        }
    }
}
