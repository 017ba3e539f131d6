//! Copies: all of a revision in parts of its own.

use super::draft::{Committing, Draft, Onto, Outcome, Stored, free};
use super::options::RevisionOptions;
use super::overlaying::put_order;
use super::shelf::{PartFolder, Shelf};
use crate::storage;
use crate::table::{Changes, Origin, RevisionKind, Runs};
use crate::{Error, Result, Table, TableOptions, TableWriter, Url};

impl Table {
    /// Copies the rows into a table of its own, which needs no other one any more: the base
    /// and all revisions can be deleted. What was collected on them still joins it, row by
    /// row, and [`latest`](Self::latest) goes on to it.
    ///
    /// ```
    /// use tlc_core::{Columns, Table, TableOptions, Url, delete};
    ///
    /// let root = Url::parse("memory://docs-squash/")?;
    /// let table = Table::create(TableOptions::new("demo", "train", "initial").root(root), |writer| {
    ///     writer.add_batch(Columns::new().column("label", vec![0, 1, 2]))
    /// })?;
    /// let fixed = table.edit()?.drop_rows([0])?.commit("not the first")?;
    /// let copy = fixed.squash("without history")?;
    /// assert_eq!(table.latest()?.id(), copy.id());
    /// delete(fixed.url())?;
    /// delete(table.url())?;
    /// assert_eq!(copy.rows::<(i32,)>()?.collect::<Result<Vec<_>, _>>()?, [(1,), (2,)]);
    /// # Ok::<(), tlc_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::AlreadyExists`] if the name is taken; storage errors, after which the copy is
    /// there wholly or not at all: [`lineage`](Self::lineage) shows it if it is.
    pub fn squash(&self, options: impl Into<RevisionOptions>) -> Result<Self> {
        let parent = self.whole()?;
        let (shelf, options) = (Shelf::of(&parent)?, options.into());
        let url = match &options.name {
            Some(name) => super::draft::beside(shelf.base(), name)?,
            None => free(&**shelf.store(), shelf.base(), shelf.log()?.newest()? + 1)?,
        };
        let options = options.name(url.name());
        let columns =
            TableOptions::new("", "", url.name()).columns(parent.schema().columns().to_vec());
        let mut writer = TableWriter::for_copy(url.clone(), columns)?;
        for batch in parent.scan().batches()? {
            writer.add_batch(batch?)?;
        }
        let manifest = writer.settled()?;
        let origins = origins(&parent, &url)?;
        let draft = Draft {
            kind: RevisionKind::Squash,
            id: options.id.clone().unwrap_or(manifest.id),
            schema: manifest.schema,
            rows: manifest.rows,
            changes: Changes::default(),
            stored: Stored::Copy {
                parts: manifest.parts,
                fingerprint: manifest.fingerprint,
                origins,
            },
            parent,
        };
        let mut committing = Committing::new(draft, shelf, options)?;
        writer.handed_over();
        let (Outcome::Committed(table) | Outcome::Lost(table)) = committing.commit(Onto::Parent)?;
        Ok(table)
    }

    /// Makes a revision of this table with the columns, values, rows and order of another
    /// revision of the same base, such as an older one.
    ///
    /// ```
    /// use tlc_core::{Columns, Table, TableOptions, Url};
    ///
    /// let root = Url::parse("memory://docs-revert/")?;
    /// let table = Table::create(TableOptions::new("demo", "train", "initial").root(root), |writer| {
    ///     writer.add_batch(Columns::new().column("label", vec![0, 1, 2]))
    /// })?;
    /// let wrong = table.edit()?.drop_rows([0])?.commit("not the first")?;
    /// let again = wrong.revert(&table, "all of them after all")?;
    /// assert_eq!(again.len(), 3);
    /// # Ok::<(), tlc_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::OtherBase`] for a table with other rows; [`Error::NothingChanged`] if both are
    /// the same; [`Error::AlreadyExists`] for a name that is taken; storage errors, after which
    /// the revision is there or not: the call can be repeated on what is the latest then.
    pub fn revert(&self, to: &Self, options: impl Into<RevisionOptions>) -> Result<Self> {
        let (parent, to) = (self.whole()?, to.whole()?);
        let (own, other) = (parent.root()?, to.root()?);
        if own.id != other.id {
            return Err(Error::OtherBase {
                url: parent.url().clone(),
                base: Box::new(own.url),
                other: to.url().clone(),
                other_base: Box::new(other.url),
            });
        }
        let mut diff = parent.diff(&to)?;
        let (known, new) = (parent.schema().columns(), to.schema().columns());
        let others = |one: &[crate::Column], other: &[crate::Column]| {
            one.iter().filter(|column| !other.contains(column)).count() as u64
        };
        let changes = Changes {
            rows_dropped: diff.rows_dropped().count() as u64,
            rows_appended: diff.rows_added().count() as u64,
            columns: others(known, new).max(others(new, known)),
            cells: diff.try_fold(0, |cells, batch| {
                Ok::<_, Error>(cells + batch?.num_rows() as u64)
            })?,
        };
        let same_order = parent.stored().runs()? == to.stored().runs()?;
        if changes.is_nothing() && same_order {
            let url = parent.url().clone();
            return Err(Error::NothingChanged { url });
        }
        let options = options.into();
        let draft = Draft {
            kind: RevisionKind::Edit,
            id: options.content_id(),
            schema: to.schema().clone(),
            rows: to.len(),
            changes,
            stored: Stored::Overlay(to.overlay()),
            parent,
        };
        let shelf = Shelf::of(&to)?;
        let mut committing = Committing::new(draft, shelf, options)?;
        let (Outcome::Committed(table) | Outcome::Lost(table)) = committing.commit(Onto::Parent)?;
        Ok(table)
    }
}

/// What the rows of a copy of a table were, for the folder of the copy.
fn origins(table: &Table, copy: &Url) -> Result<Vec<Origin>> {
    let store = storage::open(copy)?;
    let folder = PartFolder::new(&*store, copy, "parts");
    let runs = match table.stored().runs()? {
        Some(runs) => runs.clone(),
        None => Runs::counting(table.len()),
    };
    let mut origins = vec![Origin {
        base: table.root()?.id,
        extents: table.overlay().extents(),
        order: put_order(&folder, &runs)?,
        rows: runs.len(),
    }];
    let base = table.base()?;
    let store = storage::open(base.url())?;
    for origin in base.origins() {
        let runs = Runs::read(base.url(), &store, origin)?;
        origins.push(Origin {
            order: put_order(&folder, &runs)?,
            ..origin.clone()
        });
    }
    Ok(origins)
}
