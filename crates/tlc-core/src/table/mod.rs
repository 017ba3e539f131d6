//! Tables: immutable, versioned data sets.
//!
//! A table is a folder with numbered commits, each naming Parquet parts. Opening
//! reads one commit and no part.

mod ahead;
mod cells;
mod columns;
mod descent;
mod fields;
mod fingerprint;
mod import;
mod manifest;
mod mapped;
mod options;
mod overlay;
mod place;
mod random;
mod reuse;
mod row;
mod rows;
mod scan;
mod source;
mod stored;
mod write;

pub use self::cells::{Cell, IntoArray, IntoConstant};
pub use self::columns::Columns;
pub use self::descent::{Changes, RevisionKind};
pub(crate) use self::descent::{Descent, Origin};
pub(crate) use self::fields::to_batch_of;
pub(crate) use self::manifest::{
    Manifest, Place, contents, end, first, forestall, has_commit, is_gone, publish, seal,
};
pub use self::options::{IfExists, TableOptions};
pub(crate) use self::overlay::{
    CELLS, ChangedCells, Extent, Layer, ORDER, Order, Overlay, Segment, Shown, Sibling,
};
pub(crate) use self::row::{read as read_row, read_value};
pub(crate) use self::rows::Rows;
pub use self::rows::read_rows;
pub use self::scan::{Scan, ScanBatches};
pub(crate) use self::source::{Runs, lay_over};
pub(crate) use self::stored::TableReference;
pub use self::write::TableWriter;

use crate::arrow::array::{ArrayRef, RecordBatch};
use crate::arrow::datatypes::SchemaRef;
use crate::part::{PageStatistics, Statistics};
use crate::storage::{self, Store};
use crate::{Error, Result, Schema, Url};
use serde::de::DeserializeOwned;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

/// How often a name that others take and give up is tried.
const ATTEMPTS: usize = 100;
const PAUSE: Duration = Duration::from_millis(1);

/// One revision of a data set: rows under a [`Schema`], never changed.
///
/// A clone is a handle to the same rows and shares what is decoded.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use tlc_core::{IfExists, Table, TableOptions, Url};
///
/// #[derive(Debug, PartialEq, Serialize, Deserialize)]
/// struct Row { text: String, label: i32 }
///
/// let root = Url::parse("memory://docs-table/")?;
/// let options = TableOptions::new("reviews", "train", "initial").root(&root).if_exists(IfExists::Reuse);
/// let table = Table::create(options, |writer| {
///     writer.add_rows(&[Row { text: "fine".into(), label: 1 }, Row { text: "poor".into(), label: 0 }])
/// })?;
/// assert_eq!(table.row::<Row>(1)?, Row { text: "poor".into(), label: 0 });
/// assert_eq!(Table::from_url(table.url())?.len(), 2);
/// # Ok::<(), tlc_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Table {
    manifest: Arc<Manifest>,
    stored: Rows,
    /// Whether it has fewer columns than its manifest said.
    is_projected: bool,
}

impl Table {
    /// Makes a table of the rows that `fill` writes.
    ///
    /// With [`IfExists::Reuse`] and a table that is there, `fill` runs all the same: its
    /// rows are checked and held against those of the table, which is opened if they are
    /// the same. Nothing is written then.
    ///
    /// # Errors
    /// [`Error::DataChanged`] if the rows differ from those of the table that is to be
    /// reused; those of [`TableWriter`] and of `fill`. Nothing is visible then. A table that
    /// is being deleted is waited for a little, unless the options say `Raise`.
    pub fn create(
        options: impl Into<TableOptions>,
        fill: impl FnOnce(&mut TableWriter) -> Result<()>,
    ) -> Result<Self> {
        Self::create_with(options, fill)
    }

    /// As [`create`](Self::create), where `fill` may fail with an error of its own.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub fn create_with<E: From<Error>>(
        options: impl Into<TableOptions>,
        fill: impl FnOnce(&mut TableWriter) -> Result<(), E>,
    ) -> Result<Self, E> {
        let options = options.into();
        let (url, if_exists) = (options.url()?, options.settled_if_exists());
        let mut writer = tries(if_exists, || Self::begin(&url, &options))?;
        fill(&mut writer)?;
        tries(if_exists, || match writer.finalize() {
            // Somebody was quicker.
            Err(Error::AlreadyExists { .. }) if if_exists == IfExists::Reuse => {
                writer.compared_with(&Self::taken_up(&url)?)
            }
            other => other,
        })
        .map_err(E::from)
    }

    /// Opens the table at a URL.
    pub(crate) fn at(url: Url) -> Result<Self> {
        let store = storage::open(&url)?;
        let manifest = manifest::read(&*store, &url, None)?;
        Self::open(url, &store, manifest)
    }

    /// Opens the content with this id, even if the name was overwritten since.
    pub(crate) fn from_reference(url: &Url, id: &str) -> Result<Self> {
        let store = storage::open(url)?;
        let manifest = manifest::read(&*store, url, Some(id))?;
        Self::open(url.clone(), &store, manifest)
    }

    /// Where the table is.
    #[must_use]
    pub fn url(&self) -> &Url {
        self.stored.url()
    }

    /// Unique to this content: a table that is overwritten gets another.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.manifest.id
    }

    /// The data set that the table is of.
    #[must_use]
    pub fn dataset(&self) -> String {
        let dataset = self.url().parent().and_then(|tables| tables.parent());
        dataset.map_or_else(String::new, |dataset| dataset.name().to_owned())
    }

    /// The last part of the URL.
    #[must_use]
    pub fn name(&self) -> &str {
        self.url().name()
    }

    /// What this revision is.
    #[must_use]
    pub fn description(&self) -> &str {
        &self.manifest.description
    }

    /// When the table was made, as RFC 3339.
    #[must_use]
    pub fn created(&self) -> &str {
        &self.manifest.created
    }

    /// What the columns mean.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.manifest.schema
    }

    /// The columns as Arrow sees them.
    #[must_use]
    pub fn arrow_schema(&self) -> &SchemaRef {
        self.stored.arrow_schema()
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.manifest.rows
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The same table with another memory budget for random access, in bytes; the
    /// default is a quarter of the machine's memory.
    #[must_use]
    pub fn memory_budget(&self, budget_bytes: u64) -> Self {
        Self {
            stored: self.stored.memory_budget(budget_bytes),
            ..self.clone()
        }
    }

    /// Reads rows in order, as Arrow batches.
    #[must_use]
    pub fn scan(&self) -> Scan {
        self.stored.scan()
    }

    /// One row, as a batch of one row that shares the decoded arrays.
    ///
    /// # Errors
    /// [`Error::RowOutOfRange`]; storage errors and [`Error::Corrupt`].
    pub fn get(&self, row: usize) -> Result<RecordBatch> {
        self.stored.get(row)
    }

    /// The rows of these indices in one batch, in that order; repeats are allowed.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub fn take(&self, rows: &[usize]) -> Result<RecordBatch> {
        self.stored.take(rows)
    }

    /// The same rows with only these columns, for random access that decodes no more.
    ///
    /// # Errors
    /// [`Error::NoSuchColumn`].
    pub fn select(&self, columns: &[String]) -> Result<Self> {
        let stored = self.stored.select(columns)?;
        let manifest = Manifest {
            schema: stored.schema().clone(),
            fingerprint: None,
            ..(*self.manifest).clone()
        };
        Ok(Self {
            manifest: Arc::new(manifest),
            stored,
            is_projected: true,
        })
    }

    /// One row as a value of a serde type, whose fields are columns by name.
    ///
    /// # Errors
    /// As [`get`](Self::get); [`Error::Rows`] if the row is no `T`.
    pub fn row<T: DeserializeOwned>(&self, row: usize) -> Result<T> {
        self.stored.row(row)
    }

    /// All rows in order as values of a serde type.
    ///
    /// # Errors
    /// Each item fails as [`row`](Self::row) does.
    pub fn rows<T: DeserializeOwned>(&self) -> Result<impl Iterator<Item = Result<T>> + use<T>> {
        self.stored.rows()
    }

    /// A whole column.
    ///
    /// # Errors
    /// [`Error::NoSuchColumn`]; storage errors and [`Error::Corrupt`].
    pub fn column(&self, name: &str) -> Result<ArrayRef> {
        self.stored.column(name)
    }

    /// Groups of rows that are best read as a whole, as they are stored, in the order of rows.
    ///
    /// # Errors
    /// Storage errors and [`Error::Corrupt`].
    pub fn row_groups(&self) -> Result<Vec<Range<usize>>> {
        self.stored.row_groups()
    }

    /// Bounds of a column in each of the [row groups](Self::row_groups), as its files tell them:
    /// who looks for certain values need not read the groups that cannot have them. `None` of
    /// columns whose files tell nothing, of floating-point numbers, since NaNs are not counted,
    /// and where a revision has changed cells or the order of rows.
    ///
    /// ```
    /// use tlc_core::arrow::array::AsArray;
    /// use tlc_core::arrow::datatypes::Int32Type;
    /// use tlc_core::{Columns, Table, TableOptions, Url};
    ///
    /// let options = TableOptions::new("demo", "pets", "initial");
    /// let table = Table::create(options.root(Url::parse("memory://docs-statistics/")?), |writer| {
    ///     writer.add_batch(Columns::new().column("legs", vec![4, 2, 8]))
    /// })?;
    /// assert_eq!(table.row_groups()?, [0..3]);
    /// let legs = table.statistics("legs")?;
    /// assert_eq!(legs.map(|legs| legs.greatest.as_primitive::<Int32Type>().value(0)), Some(8));
    /// # Ok::<(), tlc_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NoSuchColumn`]; storage errors and [`Error::Corrupt`].
    pub fn statistics(&self, column: &str) -> Result<Option<Statistics>> {
        self.stored.statistics(column)
    }

    /// Bounds of a column in each page of one of the [row groups](Self::row_groups), the one in
    /// this place: who looks for certain values need not decode the others. `None` where
    /// [`statistics`](Self::statistics) tells nothing, and where the group has but one page, as
    /// those of up to 20,000 rows have, or there is no such group.
    ///
    /// ```
    /// use tlc_core::arrow::array::AsArray;
    /// use tlc_core::arrow::datatypes::Int64Type;
    /// use tlc_core::{Columns, Table, TableOptions, Url};
    ///
    /// let options = TableOptions::new("demo", "numbers", "initial");
    /// let table = Table::create(options.root(Url::parse("memory://docs-pages/")?), |writer| {
    ///     writer.add_batch(Columns::new().column("number", Vec::from_iter(0_i64..50_000)))
    /// })?;
    /// let pages = table.page_statistics(0, "number")?.ok_or("one page")?;
    /// let greatest = pages.bounds.greatest.as_primitive::<Int64Type>();
    /// for (rows, greatest) in pages.rows.iter().zip(greatest.values()) {
    ///     assert_eq!(rows.end as i64, greatest + 1);
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`statistics`](Self::statistics).
    pub fn page_statistics(&self, group: usize, column: &str) -> Result<Option<PageStatistics>> {
        self.stored.page_statistics(group, column)
    }

    /// Opens the table that has the name; one that is being deleted has it, too.
    fn taken_up(url: &Url) -> Result<Self> {
        match Self::at(url.clone()) {
            Err(Error::NotFound { url }) => Err(Error::AlreadyExists { url }),
            other => other,
        }
    }

    /// A writer, or one that holds what it is given against the table that is there.
    fn begin(url: &Url, options: &TableOptions) -> Result<TableWriter> {
        match TableWriter::new(options.clone()) {
            Err(Error::AlreadyExists { .. }) if options.settled_if_exists() == IfExists::Reuse => {
                TableWriter::comparing(options.clone(), Self::taken_up(url)?)
            }
            other => other,
        }
    }

    pub(crate) fn stored(&self) -> &Rows {
        &self.stored
    }

    pub(crate) fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The table with all its columns, if some were [selected](Self::select).
    ///
    /// # Errors
    /// As [`from_url`](Self::from_url).
    pub fn whole(&self) -> Result<Self> {
        match self.is_projected {
            true => Self::from_reference(self.url(), self.id()),
            false => Ok(self.clone()),
        }
    }

    pub(crate) fn open(url: Url, store: &Arc<dyn Store>, manifest: Manifest) -> Result<Self> {
        let schema = &manifest.schema;
        let stored = match (&manifest.overlay, &manifest.descent) {
            (Some(overlay), Some(descent)) => {
                let base = descent.base.beside(&url)?;
                Rows::open_overlay(url, &base, store, schema, (overlay, manifest.rows))?
            }
            _ => Rows::open(url.clone(), &url, store, schema, &manifest.parts)?,
        };
        Ok(Self {
            manifest: Arc::new(manifest),
            stored,
            is_projected: false,
        })
    }
}

/// Tries again while the name is taken, since whoever deletes what has it is soon done.
fn tries<T>(if_exists: IfExists, mut work: impl FnMut() -> Result<T>) -> Result<T> {
    for _ in 1..ATTEMPTS {
        match work() {
            Err(Error::AlreadyExists { .. }) if if_exists != IfExists::Raise => {
                std::thread::sleep(PAUSE);
            }
            other => return other,
        }
    }
    work()
}
