//! Some rows or columns of a table, or its rows in another order.

use super::draft::{Committing, Draft, Onto, Outcome, Stored};
use super::options::RevisionOptions;
use super::overlaying::{put_order, renamed, without_unused};
use super::shelf::Shelf;
use crate::table::{Changes, RevisionKind, Runs, read_row};
use crate::{Error, Result, Schema, Table};
use serde::de::DeserializeOwned;
use std::ops::{Bound, RangeBounds};
use twox_hash::XxHash3_128;

/// A choice of rows and columns, made by [`Table::derive`] step by step, and committed as a
/// table of its own. Each step counts rows as the one before left them.
///
/// ```
/// use tlc_core::{Columns, Table, TableOptions, Url};
///
/// let root = Url::parse("memory://docs-derive/")?;
/// let table = Table::create(TableOptions::new("demo", "train", "initial").root(root), |writer| {
///     writer.add_batch(Columns::new().column("x", vec![5, 6, 7, 8]).column("y", vec![0, 1, 0, 1]))
/// })?;
/// let mut odd = table.derive()?;
/// odd.filter(|(_, y): (i32, i32)| y == 1)?.columns(["x"])?.shuffle(7)?;
/// let odd = odd.commit("those with y = 1")?;
/// assert_eq!((odd.len(), odd.schema().names().count()), (2, 1));
/// assert_eq!(table.latest()?.id(), table.id()); // an edit would be the latest
/// # Ok::<(), tlc_core::Error>(())
/// ```
#[derive(Debug)]
pub struct Derivation {
    parent: Table,
    /// Rows of the parent.
    rows: Runs,
    schema: Schema,
    committing: Option<Committing>,
    finished: Option<Table>,
}

impl Table {
    /// Starts to choose rows or columns of the table for another one, which keeps no copy of
    /// them.
    ///
    /// # Errors
    /// For a table of which some columns were [selected](Self::select) those of
    /// [`from_url`](Self::from_url).
    pub fn derive(&self) -> Result<Derivation> {
        let parent = self.whole()?;
        Ok(Derivation {
            rows: Runs::counting(parent.len()),
            schema: parent.schema().clone(),
            parent,
            committing: None,
            finished: None,
        })
    }
}

impl Derivation {
    /// Number of rows that are chosen.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether no row is chosen.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The rows of the table that are chosen, in their order.
    pub fn chosen(&self) -> impl Iterator<Item = usize> {
        self.rows.iter().flatten()
    }

    /// Keeps the rows of which the closure says so.
    ///
    /// # Errors
    /// [`Error::Rows`] if a row is no `T`; storage errors and [`Error::Corrupt`];
    /// [`Error::Finalized`] after a commit.
    pub fn filter<T: DeserializeOwned>(
        &mut self,
        mut is_wanted: impl FnMut(T) -> bool,
    ) -> Result<&mut Self> {
        let mut wanted = vec![false; self.parent.len()];
        let mut rows = wanted.iter_mut();
        for batch in self.parent.scan().batches()? {
            let batch = batch?;
            for row in 0..batch.num_rows() {
                if let Some(wanted) = rows.next() {
                    *wanted = is_wanted(read_row(&batch, row)?);
                }
            }
        }
        let of_parent = self.rows.iter().flatten();
        let kept = of_parent.filter(|row| wanted.get(*row).is_some_and(|wanted| *wanted));
        self.replace(collected(kept))
    }

    /// Keeps the rows for which the mask is true.
    ///
    /// # Errors
    /// [`Error::Rows`] for another length than there are rows; [`Error::Finalized`].
    pub fn mask(&mut self, mask: &[bool]) -> Result<&mut Self> {
        if mask.len() != self.len() {
            let reason = format!("a mask of {} for {} rows", mask.len(), self.len());
            return Err(Error::Rows { reason });
        }
        let kept = self.rows.iter().flatten().zip(mask);
        self.replace(collected(
            kept.filter_map(|(row, wanted)| wanted.then_some(row)),
        ))
    }

    /// Takes these rows, in this order.
    ///
    /// # Errors
    /// [`Error::RowOutOfRange`]; [`Error::Rows`] for a row that comes twice: a row has one
    /// place in a table, but [`concatenate`](crate::concatenate) copies; [`Error::Finalized`].
    pub fn rows(&mut self, rows: impl IntoIterator<Item = usize>) -> Result<&mut Self> {
        let mut is_taken = vec![false; self.len()];
        let mut taken = Runs::default();
        for row in rows {
            let (Some(known), Some(is_taken)) = (self.rows.position(row), is_taken.get_mut(row))
            else {
                return Err(Error::RowOutOfRange {
                    url: self.parent.url().clone(),
                    row: row as u64,
                    len: self.len(),
                });
            };
            if std::mem::replace(is_taken, true) {
                let reason = format!("row {row} comes twice");
                return Err(Error::Rows { reason });
            }
            taken.push(known..known + 1);
        }
        self.replace(taken)
    }

    /// Takes the rows that other tables of the same base show, one table after another, as
    /// this table has them, whatever was chosen before: parts of it come together again, and
    /// stay rows of their base, where [`concatenate`](crate::concatenate) copies.
    ///
    /// # Errors
    /// [`Error::OtherBase`] for a table with other rows; [`Error::Rows`] for a row that this
    /// table has not, or that comes twice; [`Error::Finalized`].
    pub fn rows_of<'t>(
        &mut self,
        tables: impl IntoIterator<Item = &'t Table>,
    ) -> Result<&mut Self> {
        let mut is_taken = vec![false; self.parent.len()];
        let mut taken = Runs::default();
        for table in tables {
            let there = table.rows_in(&self.parent)?;
            for row in 0..table.len() {
                let refused = |what: &str| {
                    let reason = format!("row {row} of {} {what}", table.url());
                    Error::Rows { reason }
                };
                let known = there
                    .get(row)
                    .ok_or_else(|| refused("is not in the table"))?;
                let is_taken = is_taken.get_mut(known);
                if is_taken.is_some_and(|is_taken| std::mem::replace(is_taken, true)) {
                    return Err(refused("comes twice"));
                }
                taken.push(known..known + 1);
            }
        }
        self.replace(taken)
    }

    /// Keeps a range of rows.
    ///
    /// # Errors
    /// [`Error::RowOutOfRange`], [`Error::Finalized`].
    pub fn slice(&mut self, rows: impl RangeBounds<usize>) -> Result<&mut Self> {
        let start = match rows.start_bound() {
            Bound::Included(start) => *start,
            Bound::Excluded(before) => before.saturating_add(1),
            Bound::Unbounded => 0,
        };
        let end = match rows.end_bound() {
            Bound::Included(last) => last.saturating_add(1),
            Bound::Excluded(end) => *end,
            Bound::Unbounded => self.len(),
        };
        if start > end || end > self.len() {
            return Err(Error::RowOutOfRange {
                url: self.parent.url().clone(),
                row: start.max(end) as u64,
                len: self.len(),
            });
        }
        let mut kept = Runs::default();
        self.rows.slice(start..end).for_each(|run| kept.push(run));
        self.replace(kept)
    }

    /// Keeps these columns, in the table's order.
    ///
    /// # Errors
    /// [`Error::NoSuchColumn`]; [`Error::Column`] for none at all; [`Error::Finalized`].
    pub fn columns<C: Into<String>>(
        &mut self,
        columns: impl IntoIterator<Item = C>,
    ) -> Result<&mut Self> {
        self.check_open()?;
        let names: Vec<String> = columns.into_iter().map(Into::into).collect();
        if names.is_empty() {
            return Err(Error::column("", "a table needs a column"));
        }
        self.schema = self.schema.only(&names)?;
        Ok(self)
    }

    /// Puts the rows in an order that hangs on the seed and on which rows of the base they are,
    /// not on how many others there are or where they stood.
    ///
    /// # Errors
    /// Storage errors; [`Error::Finalized`].
    pub fn shuffle(&mut self, seed: u64) -> Result<&mut Self> {
        let order = self.parent.stored().runs()?;
        let key = |row: usize| {
            let position = order
                .map_or(Some(row), |order| order.position(row))
                .unwrap_or(row);
            XxHash3_128::oneshot_with_seed(seed, &(position as u64).to_le_bytes())
        };
        let rows = self.rows.iter().flatten();
        let mut rows: Vec<(u128, usize)> = rows.map(|row| (key(row), row)).collect();
        rows.sort_unstable();
        self.replace(collected(rows.into_iter().map(|(_, row)| row)))
    }

    /// Makes the choice a table beside its base, visible and durable.
    ///
    /// # Errors
    /// [`Error::NothingChanged`] if it is all of the table in its order; else as
    /// [`Editor::commit`](super::Editor::commit).
    pub fn commit(&mut self, options: impl Into<RevisionOptions>) -> Result<Table> {
        if let Some(table) = &self.finished {
            return Ok(table.clone());
        }
        let committing = match &mut self.committing {
            Some(committing) => committing,
            None => {
                let (shelf, options) = (Shelf::of(&self.parent)?, options.into());
                let draft = self.draft(&shelf, options.content_id())?;
                self.committing
                    .insert(Committing::new(draft, shelf, options)?)
            }
        };
        let (Outcome::Committed(table) | Outcome::Lost(table)) = committing.commit(Onto::Parent)?;
        self.committing = None;
        Ok(self.finished.insert(table).clone())
    }

    fn draft(&self, shelf: &Shelf, id: String) -> Result<Draft> {
        let parent = &self.parent;
        let is_whole = self.rows.is_counting() && self.len() == parent.len();
        if is_whole && self.schema == *parent.schema() {
            let url = parent.url().clone();
            return Err(Error::NothingChanged { url });
        }
        let kept = |name: &str| self.schema.column(name).map(|column| column.name.clone());
        let mut overlay = renamed(parent.overlay(), kept);
        if !is_whole {
            let runs = match parent.stored().runs()? {
                None => self.rows.clone(),
                Some(before) => self.rows.through(before),
            };
            overlay.order = Some(put_order(&shelf.folder(), &runs)?);
        }
        let columns = parent.schema().columns().len() - self.schema.columns().len();
        Ok(Draft {
            parent: parent.clone(),
            kind: RevisionKind::Derived,
            id,
            schema: self.schema.clone(),
            stored: Stored::Overlay(without_unused(overlay)),
            rows: self.len(),
            changes: Changes {
                rows_dropped: (parent.len() - self.len()) as u64,
                columns: columns as u64,
                ..Changes::default()
            },
        })
    }

    fn replace(&mut self, rows: Runs) -> Result<&mut Self> {
        self.check_open()?;
        self.rows = rows;
        Ok(self)
    }

    fn check_open(&self) -> Result<()> {
        match self.committing.is_some() || self.finished.is_some() {
            true => Err(Error::Finalized {
                url: self.parent.url().clone(),
            }),
            false => Ok(()),
        }
    }
}

fn collected(rows: impl Iterator<Item = usize>) -> Runs {
    let mut runs = Runs::default();
    rows.for_each(|row| runs.push(row..row + 1));
    runs
}
