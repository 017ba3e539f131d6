//! The base of a table: whose rows it has.

use crate::storage;
use crate::table::{Extent, Origin, Overlay, RevisionKind, Runs, Sibling};
use crate::{Error, Result, Table, Url};

/// A base, and the number that a table has among what was made of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Root {
    pub(crate) url: Url,
    pub(crate) id: String,
    /// 0 for the base itself.
    pub(crate) number: u64,
}

impl Table {
    /// The table whose rows this one has: a copy, too, has its own.
    pub(crate) fn root(&self) -> Result<Root> {
        match &self.manifest().descent {
            Some(descent) if descent.kind != RevisionKind::Squash => Ok(Root {
                url: descent.base.beside(self.url())?,
                id: descent.base.id.clone(),
                number: descent.number,
            }),
            _ => Ok(Root {
                url: self.url().clone(),
                id: self.id().to_owned(),
                number: 0,
            }),
        }
    }

    /// What others of the data set call it.
    pub(crate) fn sibling(&self) -> Sibling {
        Sibling {
            name: self.name().to_owned(),
            id: self.id().to_owned(),
        }
    }

    /// What its rows are made of.
    pub(crate) fn overlay(&self) -> Overlay {
        let manifest = self.manifest();
        match &manifest.overlay {
            Some(overlay) => overlay.clone(),
            None => {
                let (schema, parts) = (&manifest.schema, &manifest.parts);
                Overlay::of_base(&manifest.id, manifest.rows, schema, parts)
            }
        }
    }
}

/// The rows of one base that a table shows, in its order.
#[derive(Debug)]
pub(crate) struct BaseRows {
    /// Content id of the base.
    base: String,
    extents: Vec<Extent>,
    /// What leads from a row to its position, one after another.
    orders: Vec<Runs>,
    rows: usize,
}

/// Which row of one table is which of another; see [`Table::rows_in`].
#[derive(Debug)]
pub struct RowMap {
    from: BaseRows,
    to: BaseRows,
    /// Positions below this are the same rows in both.
    shared: usize,
}

impl Table {
    /// Which row of another table each row of this one is: of a revision that was made since,
    /// or of one before, of a subset or a copy.
    ///
    /// ```
    /// use tlc_core::{Columns, Table, TableOptions, Url};
    ///
    /// let root = Url::parse("memory://docs-rows-in/")?;
    /// let table = Table::create(TableOptions::new("demo", "train", "initial").root(&root), |writer| {
    ///     writer.add_batch(Columns::new().column("label", vec![0, 1, 2]))
    /// })?;
    /// let fewer = table.edit()?.drop_rows([0])?.commit("not the first")?;
    /// let rows = table.rows_in(&fewer)?;
    /// assert_eq!((rows.get(0), rows.get(2)), (None, Some(1)));
    /// # Ok::<(), tlc_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::OtherBase`] if they have no base in common.
    pub fn rows_in(&self, other: &Self) -> Result<RowMap> {
        let mut others = other.rows_by_base()?;
        for from in self.rows_by_base()? {
            if let Some(place) = others.iter().position(|to| to.base == from.base) {
                return Ok(RowMap::new(from, others.swap_remove(place)));
            }
        }
        Err(Error::OtherBase {
            url: self.url().clone(),
            base: Box::new(self.root()?.url),
            other: other.url().clone(),
            other_base: Box::new(other.root()?.url),
        })
    }

    /// Which rows of this table are at positions of a base, counted through these segments;
    /// `None` if it has not the rows of that base.
    pub(crate) fn rows_at(&self, base: &str, extents: Vec<Extent>) -> Result<Option<RowMap>> {
        let mut known = self.rows_by_base()?;
        let place = known.iter().position(|to| to.base == base);
        let rows = extents.iter().map(|extent| extent.rows);
        let from = BaseRows {
            base: base.to_owned(),
            rows: rows.fold(0, usize::saturating_add),
            orders: Vec::new(),
            extents,
        };
        Ok(place.map(|place| RowMap::new(from, known.swap_remove(place))))
    }

    /// Of a copy what it was copied from, nearest first.
    pub(super) fn origins(&self) -> &[Origin] {
        let descent = self.manifest().descent.as_ref();
        descent.map_or(&[], |descent| &descent.origins)
    }

    /// The table whose rows this one has, opened.
    pub(super) fn base(&self) -> Result<Self> {
        let root = self.root()?;
        match root.number {
            0 => Ok(self.clone()),
            _ => Self::from_reference(&root.url, &root.id),
        }
    }

    /// Its rows by the base, then by that of what the base was copied from, and so on.
    fn rows_by_base(&self) -> Result<Vec<BaseRows>> {
        let root = self.root()?;
        let own: Vec<Runs> = self.stored().runs()?.cloned().into_iter().collect();
        let mut known = vec![BaseRows {
            base: root.id.clone(),
            extents: self.overlay().extents(),
            orders: own.clone(),
            rows: self.len(),
        }];
        let base = self.base()?;
        let store = storage::open(base.url())?;
        let mut orders = own;
        for origin in base.origins() {
            orders.push(Runs::read(base.url(), &store, origin)?);
            known.push(BaseRows {
                base: origin.base.clone(),
                extents: origin.extents.clone(),
                orders: orders.clone(),
                rows: self.len(),
            });
        }
        Ok(known)
    }
}

impl BaseRows {
    fn position(&self, row: usize) -> Option<usize> {
        let row = Some(row).filter(|row| *row < self.rows)?;
        self.orders
            .iter()
            .try_fold(row, |row, order| order.position(row))
    }

    fn row(&self, position: usize) -> Option<usize> {
        let mut orders = self.orders.iter().rev();
        let row = orders.try_fold(position, |row, order| order.row(row))?;
        Some(row).filter(|row| *row < self.rows)
    }
}

impl RowMap {
    fn new(from: BaseRows, mut to: BaseRows) -> Self {
        let both = from.extents.iter().zip(&to.extents);
        let same = both.take_while(|(from, to)| from == to);
        let shared = same.map(|(from, _)| from.rows);
        let shared = shared.fold(0, usize::saturating_add);
        let mut from = from;
        for order in from.orders.iter_mut().chain(&mut to.orders) {
            order.index();
        }
        Self { from, to, shared }
    }

    /// The row of the other table, if it has this one.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<usize> {
        let position = self.from.position(row)?;
        let is_shared = position < self.shared;
        is_shared.then(|| self.to.row(position)).flatten()
    }

    /// The row of the one table that a row of the other is, if it has that one.
    pub(crate) fn back(&self, row: usize) -> Option<usize> {
        let position = self.to.position(row)?;
        let is_shared = position < self.shared;
        is_shared.then(|| self.from.row(position)).flatten()
    }

    /// The rows of both tables at a position of their base, if both have it.
    pub(crate) fn at(&self, position: usize) -> Option<(usize, usize)> {
        let position = Some(position).filter(|position| *position < self.shared)?;
        Some((self.from.row(position)?, self.to.row(position)?))
    }

    /// Positions below this are the same rows in both.
    pub(crate) fn shared(&self) -> usize {
        self.shared
    }
}
