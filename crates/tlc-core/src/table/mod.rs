//! Tables: immutable, versioned data sets.
//!
//! A table is a folder with numbered commits, each naming Parquet parts. Opening
//! reads one commit and no part.

mod fields;
mod import;
mod manifest;
mod mapped;
mod options;
mod random;
mod row;
mod scan;
mod write;

pub(crate) use self::manifest::{contents, end, is_gone};
pub use self::options::{IfExists, TableOptions};
pub use self::random::CACHE_VARIABLE;
pub use self::scan::{Scan, ScanBatches};
pub use self::write::TableWriter;

use self::manifest::Manifest;
use self::random::RandomAccess;
use crate::part::PartReader;
use crate::storage::{self, Store};
use crate::{Error, Result, Schema, Url, layout};
use arrow::array::{ArrayRef, RecordBatch, new_empty_array};
use arrow::datatypes::SchemaRef;
use serde::de::DeserializeOwned;
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
    url: Url,
    manifest: Arc<Manifest>,
    arrow_schema: SchemaRef,
    readers: Arc<Vec<PartReader>>,
    random: Arc<RandomAccess>,
}

impl Table {
    /// Makes a table of the rows that `fill` writes, or opens the one that is there
    /// if the options say so, without calling `fill`.
    ///
    /// # Errors
    /// Those of [`TableWriter`] and of `fill`; nothing is visible then. A table that is being
    /// deleted is waited for a little, unless the options say `Raise`.
    pub fn create(
        options: TableOptions,
        fill: impl FnOnce(&mut TableWriter) -> Result<()>,
    ) -> Result<Self> {
        let (url, if_exists) = (options.url()?, options.if_exists);
        let mut writer = match tries(if_exists, || Begun::at(&url, &options))? {
            Begun::Found(table) => return Ok(table),
            Begun::New(writer) => writer,
        };
        fill(&mut writer)?;
        tries(if_exists, || match writer.finalize() {
            Err(Error::AlreadyExists { .. }) if if_exists == IfExists::Reuse => {
                Self::taken_up(&url)
            }
            other => other,
        })
    }

    /// Opens the table at a URL.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is none, [`Error::Corrupt`] if its commit is
    /// damaged, [`Error::UnsupportedVersion`] if a newer program wrote it.
    pub fn from_url<U>(url: U) -> Result<Self>
    where
        U: TryInto<Url>,
        Error: From<U::Error>,
    {
        let url = url.try_into()?;
        let store = storage::open(&url)?;
        let manifest = manifest::read(&*store, &url, None)?;
        Self::open(url, &store, manifest)
    }

    /// Opens a table of the default project root by its names.
    ///
    /// # Errors
    /// As [`from_url`](Self::from_url).
    pub fn from_names(project: &str, dataset: &str, table: &str) -> Result<Self> {
        let root = layout::project_root(None)?;
        Self::from_url(layout::table_url(&root, project, dataset, table)?)
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
        &self.url
    }

    /// Unique to this content: a table that is overwritten gets another.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.manifest.id
    }

    /// The last part of the URL.
    #[must_use]
    pub fn name(&self) -> &str {
        self.url.name()
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
        &self.arrow_schema
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
        let random = RandomAccess::new(
            Arc::clone(&self.readers),
            Arc::clone(&self.arrow_schema),
            self.url.clone(),
            None,
            budget_bytes,
        );
        Self {
            random: Arc::new(random),
            ..self.clone()
        }
    }

    /// Reads rows in order, as Arrow batches.
    #[must_use]
    pub fn scan(&self) -> Scan {
        Scan::new(
            Arc::clone(&self.readers),
            self.schema().clone(),
            self.url.clone(),
        )
    }

    /// One row, as a batch of one row that shares the decoded arrays.
    ///
    /// # Errors
    /// [`Error::RowOutOfRange`]; storage errors and [`Error::Corrupt`].
    pub fn get(&self, row: usize) -> Result<RecordBatch> {
        let (batch, row) = self.random.locate(row)?;
        Ok(batch.slice(row, 1))
    }

    /// The rows of these indices in one batch, in that order; repeats are allowed.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub fn take(&self, rows: &[usize]) -> Result<RecordBatch> {
        let mut batches: Vec<&RecordBatch> = Vec::new();
        let mut indices = Vec::with_capacity(rows.len());
        for row in rows {
            let (batch, row) = self.random.locate(*row)?;
            let known = batches
                .iter()
                .rposition(|known| std::ptr::eq(*known, batch));
            let number = known.unwrap_or_else(|| {
                batches.push(batch);
                batches.len() - 1
            });
            indices.push((number, row));
        }
        if batches.is_empty() {
            return Ok(RecordBatch::new_empty(Arc::clone(&self.arrow_schema)));
        }
        arrow::compute::interleave_record_batch(&batches, &indices)
            .map_err(|source| Error::arrow("gather rows", source))
    }

    /// The same rows with only these columns, for random access that decodes no more.
    pub(crate) fn select(&self, columns: &[String]) -> Result<Self> {
        for column in columns {
            self.schema().require(column)?;
        }
        let kept = self
            .schema()
            .columns()
            .iter()
            .filter(|column| columns.contains(&column.name));
        let schema = Schema::new(kept.cloned())?;
        let arrow_schema = schema.to_arrow();
        let random = RandomAccess::new(
            Arc::clone(&self.readers),
            Arc::clone(&arrow_schema),
            self.url.clone(),
            Some(columns.to_vec()),
            random::default_budget_bytes(),
        );
        Ok(Self {
            arrow_schema,
            random: Arc::new(random),
            ..self.clone()
        })
    }

    /// One row as a value of a serde type, whose fields are columns by name.
    ///
    /// # Errors
    /// As [`get`](Self::get); [`Error::Rows`] if the row is no `T`.
    pub fn row<T: DeserializeOwned>(&self, row: usize) -> Result<T> {
        let (batch, row) = self.random.locate(row)?;
        row::read(batch, row)
    }

    /// All rows in order as values of a serde type.
    ///
    /// # Errors
    /// Each item fails as [`row`](Self::row) does.
    pub fn rows<T: DeserializeOwned>(&self) -> Result<impl Iterator<Item = Result<T>> + use<T>> {
        Ok(self.scan().batches()?.flat_map(|batch| match batch {
            Ok(batch) => read_rows(&batch),
            Err(error) => vec![Err(error)],
        }))
    }

    /// A whole column.
    ///
    /// # Errors
    /// [`Error::NoSuchColumn`]; storage errors and [`Error::Corrupt`].
    pub fn column(&self, name: &str) -> Result<ArrayRef> {
        let column = self.schema().require(name)?;
        let batches = self
            .scan()
            .columns([name])
            .batches()?
            .collect::<Result<Vec<_>>>()?;
        let arrays: Vec<_> = batches
            .iter()
            .map(|batch| batch.column(0).as_ref())
            .collect();
        if arrays.is_empty() {
            return Ok(new_empty_array(&column.value.to_arrow()));
        }
        arrow::compute::concat(&arrays).map_err(|source| Error::arrow("join a column", source))
    }

    /// Opens the table that has the name; one that is being deleted has it, too.
    fn taken_up(url: &Url) -> Result<Self> {
        match Self::from_url(url) {
            Err(Error::NotFound { url }) => Err(Error::AlreadyExists { url }),
            other => other,
        }
    }

    pub(crate) fn readers(&self) -> &[PartReader] {
        &self.readers
    }

    fn open(url: Url, store: &Arc<dyn Store>, manifest: Manifest) -> Result<Self> {
        let arrow_schema = manifest.schema.to_arrow();
        let readers = manifest.parts.iter();
        let readers =
            readers.map(|part| PartReader::new(Arc::clone(store), &url, part, &arrow_schema));
        let readers = Arc::new(readers.collect::<Result<Vec<_>>>()?);
        let random = RandomAccess::new(
            Arc::clone(&readers),
            Arc::clone(&arrow_schema),
            url.clone(),
            None,
            random::default_budget_bytes(),
        );
        Ok(Self {
            url,
            manifest: Arc::new(manifest),
            arrow_schema,
            readers,
            random: Arc::new(random),
        })
    }
}

/// What [`Table::create`] begins with.
enum Begun {
    Found(Table),
    New(Box<TableWriter>),
}

impl Begun {
    fn at(url: &Url, options: &TableOptions) -> Result<Self> {
        let is_taken = manifest::newest(&*storage::open(url)?, url)?.is_some();
        match options.if_exists == IfExists::Reuse && is_taken {
            true => Table::taken_up(url).map(Self::Found),
            false => TableWriter::new(options.clone()).map(|writer| Self::New(Box::new(writer))),
        }
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

/// Every row of a batch as a value of a serde type.
pub fn read_rows<T: DeserializeOwned>(batch: &RecordBatch) -> Vec<Result<T>> {
    (0..batch.num_rows())
        .map(|row| row::read(batch, row))
        .collect()
}
