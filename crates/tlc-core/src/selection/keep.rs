//! Keeping rows of a table under a name, and finding them again.

use super::chosen::Selection;
use super::document::{Document, Versions, names};
use crate::storage::{self, Hold, Store};
use crate::{Error, Result, RowSet, Table, Url};

/// What is known of a version of a selection without its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SelectionInfo {
    /// Its name.
    pub name: String,
    /// From 0 on.
    pub version: u64,
    /// What was said of it.
    pub description: String,
    /// When it was saved, as RFC 3339.
    pub created: String,
    /// Number of rows that were kept.
    pub rows: usize,
    /// Whether this version says that there is no selection of the name any more.
    pub is_deleted: bool,
}

impl Table {
    /// Keeps rows of this table under a name, beside its base: each table with rows of that
    /// base finds them as its own rows. A name that is there gets another version; the same
    /// rows with the same description are not saved again.
    ///
    /// ```
    /// use tlc_core::{Columns, Table, TableOptions, Url};
    ///
    /// let root = Url::parse("memory://docs-selection/")?;
    /// let table = Table::create(TableOptions::new("demo", "train", "initial").root(root), |writer| {
    ///     writer.add_batch(Columns::new().column("loss", vec![0.1, 2.0, 0.3, 1.5]))
    /// })?;
    /// table.save_selection("hard", [1, 3], "loss above 1")?;
    /// let fewer = table.edit()?.drop_rows([0, 1])?.commit("not the first two")?;
    /// let hard = fewer.selection("hard")?;
    /// assert_eq!((hard.rows().collect::<Vec<_>>(), hard.missing()), (vec![1], 1));
    /// let mut subset = table.derive()?;
    /// let subset = subset.rows(table.selection("hard")?.rows())?.commit("the hard ones")?;
    /// assert_eq!(subset.len(), 2);
    /// # Ok::<(), tlc_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::RowOutOfRange`]; [`Error::InvalidUrl`] for a name that no folder can have;
    /// [`Error::NotFound`] if the base was deleted; [`Error::TooLarge`] for rows whose pattern
    /// fits no document. Storage errors, after which the call can be repeated.
    pub fn save_selection(
        &self,
        name: &str,
        rows: impl IntoIterator<Item = usize>,
        description: impl Into<String>,
    ) -> Result<Selection> {
        let (rows, description) = (rows.into_iter().collect::<RowSet>(), description.into());
        if let Some(row) = rows.end().checked_sub(1).filter(|row| *row >= self.len()) {
            let (url, row, len) = (self.url().clone(), row as u64, self.len());
            return Err(Error::RowOutOfRange { url, row, len });
        }
        let positions = match self.stored().runs()? {
            None => rows,
            Some(order) => rows.iter().filter_map(|row| order.position(row)).collect(),
        };
        let new = self.document(description, positions)?;
        self.keep(name, |before| {
            let is_same = |before: &&Document| {
                let same_rows = before.base == new.base && before.rows == new.rows;
                let same_words = before.description == new.description;
                same_rows && same_words && before.extents == new.extents && !before.deleted
            };
            before.filter(is_same).is_none().then(|| new.clone())
        })?;
        self.selection(name)
    }

    /// The rows that were kept under a name, as rows of this table, in the newest version. A
    /// [copy](Self::squash) has selections of its own.
    ///
    /// # Errors
    /// [`Error::NoSuchSelection`], naming those that there are; storage errors,
    /// [`Error::Corrupt`].
    pub fn selection(&self, name: &str) -> Result<Selection> {
        let root = self.root()?;
        let store = storage::open(&root.url)?;
        let newest = Versions::of(&*store, &root.url, name)?.newest(&root.id)?;
        match newest.filter(|document| !document.deleted) {
            Some(document) => self.chosen(document),
            None => Err(self.no_selection(name)?),
        }
    }

    /// As [`selection`](Self::selection), in the version of a number; those of a name that was
    /// deleted are there, too.
    ///
    /// # Errors
    /// As [`selection`](Self::selection).
    pub fn selection_version(&self, name: &str, version: u64) -> Result<Selection> {
        let root = self.root()?;
        let store = storage::open(&root.url)?;
        let versions = Versions::of(&*store, &root.url, name)?;
        if version < versions.number()? {
            let (document, _) = versions.read(version)?;
            if document.base == root.id && !document.deleted {
                return self.chosen(document);
            }
        }
        Err(self.no_selection(&format!("{name}, version {version}"))?)
    }

    /// The selections that there are, by name.
    ///
    /// # Errors
    /// Storage errors, [`Error::Corrupt`].
    pub fn selections(&self) -> Result<Vec<SelectionInfo>> {
        let root = self.root()?;
        let store = storage::open(&root.url)?;
        let mut found = Vec::new();
        for name in names(&*store, &root.url)? {
            let newest = Versions::of(&*store, &root.url, &name)?.newest(&root.id)?;
            found.extend(newest.filter(|document| !document.deleted).map(info));
        }
        Ok(found)
    }

    /// All versions of a selection, oldest first.
    ///
    /// # Errors
    /// Storage errors, [`Error::Corrupt`].
    pub fn selection_versions(&self, name: &str) -> Result<Vec<SelectionInfo>> {
        let root = self.root()?;
        let store = storage::open(&root.url)?;
        let versions = Versions::of(&*store, &root.url, name)?;
        let mut found = Vec::new();
        for number in 0..versions.number()? {
            let (document, _) = versions.read(number)?;
            if document.base == root.id {
                found.push(info(document));
            }
        }
        Ok(found)
    }

    /// Says that there is no selection of a name any more. Its versions stay, and the name can
    /// be given again.
    ///
    /// # Errors
    /// [`Error::NoSuchSelection`]; as [`save_selection`](Self::save_selection).
    pub fn delete_selection(&self, name: &str) -> Result<()> {
        self.selection(name)?;
        let gone = Document {
            deleted: true,
            ..self.document(String::new(), RowSet::default())?
        };
        self.keep(name, |before| {
            let is_there = before.is_some_and(|before| !before.deleted);
            is_there.then(|| gone.clone())
        })
    }

    fn keep(&self, name: &str, make: impl Fn(Option<&Document>) -> Option<Document>) -> Result<()> {
        let root = self.root()?;
        let store = storage::open(&root.url)?;
        // No lock file where a table was deleted, and nobody deletes it once that is held.
        Self::from_reference(&root.url, &root.id)?;
        let _hold = hold(&*store, &root.url)?;
        Self::from_reference(&root.url, &root.id)?;
        Versions::of(&*store, &root.url, name)?.save(make)
    }

    fn document(&self, description: String, rows: RowSet) -> Result<Document> {
        Ok(Document {
            name: String::new(),
            number: 0,
            previous: None,
            id: uuid::Uuid::now_v7().to_string(),
            created: chrono::Utc::now().to_rfc3339(),
            description,
            base: self.root()?.id,
            extents: self.overlay().extents(),
            rows,
            deleted: false,
        })
    }

    fn chosen(&self, document: Document) -> Result<Selection> {
        let there = self.rows_at(&document.base, document.extents)?;
        let rows = document
            .rows
            .iter()
            .filter_map(|row| there.as_ref()?.get(row));
        let rows: RowSet = rows.collect();
        Ok(Selection {
            missing: document.rows.len() - rows.len(),
            name: document.name,
            version: Some(document.number),
            description: document.description,
            created: Some(document.created),
            rows,
            table: (self.url().clone(), self.id().to_owned(), self.len()),
        })
    }

    fn no_selection(&self, name: &str) -> Result<Error> {
        Ok(Error::NoSuchSelection {
            table: self.url().clone(),
            name: name.to_owned(),
            available: self
                .selections()?
                .into_iter()
                .map(|info| info.name)
                .collect(),
        })
    }
}

fn info(document: Document) -> SelectionInfo {
    SelectionInfo {
        name: document.name,
        version: document.number,
        description: document.description,
        created: document.created,
        rows: document.rows.len(),
        is_deleted: document.deleted,
    }
}

/// Tells others that a process is at work on a table that is there.
fn hold(store: &dyn Store, base: &Url) -> Result<Option<Hold>> {
    let liveness = store.liveness();
    let lock = base.join("lock")?;
    liveness.map(|liveness| liveness.hold(&lock)).transpose()
}
