//! The view: its rows, its columns, and where each row comes from.

mod cache;
mod columns;
mod defaults;
mod derived;
mod load;
mod near;
mod samples;
mod selections;
mod table_rows;
mod take;

use self::cache::Cache;
use self::columns::Described;
pub use self::defaults::Defaults;
pub use self::near::Near;
pub(crate) use self::samples::{SampleKey, Tables};
pub use self::table_rows::TableRows;
use crate::codes::Codes;
use crate::source::Part;
use crate::{Column, Epochs, Error, Meaning, Result, ViewOptions};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tlc_core::arrow::array::ArrayRef;
use tlc_core::{EXAMPLE_ID, MetricsTable, Run, Table};

/// More rows have no place in 32 bits, in which orders keep them.
const MOST_ROWS: u64 = u32::MAX as u64;

/// Rows of runs beside the samples that they are about, or of a table, with columns that are
/// read when they are asked for. What a view shows stays what it is: [`refresh`](Self::refresh)
/// makes another one of what there is by then.
///
/// A column has its name in the metrics; one of the table whose name is taken is called
/// `table.<name>`. `run` and `table` say where a row comes from, `table_row` which row of the
/// table shows the sample: none, where another revision was asked for that dropped it.
///
/// ```
/// use tlc_core::{AddMetrics, Columns, Run, RunOptions, Table, TableOptions, Url};
/// use tlc_view::ViewOptions;
///
/// let root = Url::parse("memory://docs-view/")?;
/// let table = Table::create(TableOptions::new("demo", "train", "initial").root(&root), |writer| {
///     writer.add_batch(Columns::new().column("label", vec![0, 1, 2]))
/// })?;
/// let run = Run::create(RunOptions::new("demo").root(root))?;
/// let values = Columns::new().column("example_id", vec![2_i64, 0]).column("loss", vec![0.1_f32, 2.3]);
/// run.add_metrics(values, AddMetrics::new().foreign_table(&table).constant("epoch", 1))?;
///
/// let view = ViewOptions::new().run(&run).open()?;
/// let labels = view.column("label")?;
/// assert_eq!([labels.number(0), labels.number(1)], [Some(2.0), Some(0.0)]);
/// # Ok::<(), tlc_view::Error>(())
/// ```
#[derive(Debug)]
pub struct View {
    options: ViewOptions,
    parts: Vec<Part>,
    /// Of each part the first row, and the row after the last.
    starts: Vec<usize>,
    columns: Vec<Described>,
    notes: Vec<String>,
    cache: Mutex<Cache>,
}

/// Where a row of a view comes from.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Origin {
    /// The run, and its metrics table.
    pub metrics: Option<(Run, MetricsTable)>,
    /// The sample that the metrics are about: a row of the table they were collected on.
    pub example_id: Option<i64>,
    /// The table that stands beside them.
    pub table: Option<Table>,
    /// The row of that table which shows the sample, if it has it.
    pub table_row: Option<usize>,
}

impl ViewOptions {
    /// Opens the view. No values are read.
    ///
    /// # Errors
    /// [`Error::Empty`] if there is nothing that was asked for; [`tlc_core::Error::OtherBase`]
    /// if a table that was given goes with none of the metrics; storage errors.
    pub fn open(self) -> Result<View> {
        View::open(self)
    }
}

impl View {
    fn open(options: ViewOptions) -> Result<Self> {
        let (parts, notes) = options.parts()?;
        let cache = Cache::new(options.budget_bytes);
        Self::of_parts(options, parts, notes, cache)
    }

    /// The same as it would be opened now: with the rows that were added since. What was read
    /// of the others is not read again. `None` if nothing was added.
    ///
    /// # Errors
    /// As [`ViewOptions::open`].
    pub fn refresh(&self) -> Result<Option<Self>> {
        self.options.refresh()?;
        let (parts, notes) = self.options.parts()?;
        let is_same = |(one, other): (&Part, &Part)| {
            one.is_of(other) && one.rows == other.rows && one.is_found_as(other)
        };
        if parts.len() == self.parts.len() && parts.iter().zip(&self.parts).all(is_same) {
            return Ok(None);
        }
        let is_read = |name: &str| !self.is_derived(name);
        let cache = self.cache().after(&self.parts, &self.starts, is_read);
        let fresh = Self::of_parts(self.options.clone(), parts, notes, cache)?;
        Ok(Some(self.derived_in(fresh)))
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.starts.last().copied().unwrap_or_default()
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What its columns are, whether they were read or not.
    pub fn columns(&self) -> impl Iterator<Item = &Meaning> {
        self.columns.iter().map(|column| &column.meaning)
    }

    /// What a column is.
    ///
    /// # Errors
    /// [`Error::NoSuchColumn`].
    pub fn meaning(&self, name: &str) -> Result<&Meaning> {
        Ok(&self.described(name)?.meaning)
    }

    /// What is not as one would expect, in sentences: a table that is gone, say.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// A column, read if it is not in memory.
    ///
    /// # Errors
    /// [`Error::NoSuchColumn`], [`Error::Mixed`]; [`Error::ColumnKind`] for what is not held in
    /// memory, such as images; [`Error::Memory`]; storage errors.
    pub fn column(&self, name: &str) -> Result<Arc<Column>> {
        if let Some(column) = self.cache().get(name) {
            return Ok(column);
        }
        let described = self.described(name)?;
        let column = Arc::new(self.load(described)?);
        self.cache().keep(&column)?;
        Ok(column)
    }

    /// In which bins the rows of a column are, made unless it is known how they are `divided`.
    pub(crate) fn codes(
        &self,
        column: &Column,
        divided: &str,
        make: impl FnOnce() -> Codes,
    ) -> Arc<Codes> {
        if let Some(codes) = self.cache().codes(column.name(), divided) {
            return codes;
        }
        let codes = Arc::new(make());
        self.cache().keep_codes(column.name(), divided, &codes);
        codes
    }

    /// Bytes of the columns in memory, by name.
    #[must_use]
    pub fn memory(&self) -> Vec<(String, usize)> {
        self.cache().memory()
    }

    /// The runs that it has metrics of.
    #[must_use]
    pub fn runs(&self) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        for metrics in self.parts.iter().filter_map(|part| part.metrics.as_ref()) {
            if runs.iter().all(|run| run.url() != metrics.run.url()) {
                runs.push(metrics.run.clone());
            }
        }
        runs
    }

    /// The stream of the metrics of each run.
    #[must_use]
    pub fn streams(&self) -> Vec<(Run, String)> {
        let stream = |run: &Run| {
            let mut all = self.parts.iter().filter_map(|part| part.metrics.as_ref());
            let of_run = all.find(|metrics| metrics.run.url() == run.url());
            of_run.map(|metrics| metrics.table.stream().to_owned())
        };
        let runs = self.runs().into_iter();
        runs.filter_map(|run| stream(&run).map(|stream| (run, stream)))
            .collect()
    }

    /// The tables beside the metrics, or those that it is of.
    #[must_use]
    pub fn tables(&self) -> Vec<Table> {
        let mut tables: Vec<Table> = Vec::new();
        for samples in self.parts.iter().filter_map(|part| part.samples.as_ref()) {
            if tables.iter().all(|table| table.id() != samples.table.id()) {
                tables.push(samples.table.clone());
            }
        }
        tables
    }

    /// The same with metrics of other epochs.
    ///
    /// # Errors
    /// As [`ViewOptions::open`].
    pub fn with_epochs(&self, epochs: Epochs) -> Result<Self> {
        Self::open(self.options.clone().epochs(epochs))
    }

    /// Where a row comes from.
    ///
    /// # Errors
    /// [`Error::NoSuchRow`]; storage errors.
    pub fn origin(&self, row: usize) -> Result<Origin> {
        let (part, row) = self.part_of(row)?;
        let example_id = match &part.metrics {
            Some(metrics) if metrics.table.schema().column(EXAMPLE_ID).is_some() => {
                let start = self.start_of(part);
                self.column(EXAMPLE_ID)?.id(start + row)
            }
            _ => None,
        };
        let samples = part.samples.as_ref();
        let table_row = match &part.metrics {
            None => Some(row),
            Some(_) => samples.and_then(|samples| samples.row_of(example_id?)),
        };
        let metrics = part.metrics.as_ref();
        Ok(Origin {
            metrics: metrics.map(|metrics| (metrics.run.clone(), metrics.table.clone())),
            example_id,
            table: samples.map(|samples| samples.table.clone()),
            table_row,
        })
    }

    /// The value of any column in a row, images and vectors, too: an array of one value;
    /// `None` where the row has none.
    ///
    /// # Errors
    /// [`Error::NoSuchRow`], [`Error::NoSuchColumn`]; storage errors.
    pub fn cell(&self, row: usize, name: &str) -> Result<Option<ArrayRef>> {
        let described = self.described(name)?;
        let (part, place) = self.part_of(row)?;
        self.load_cell(described, part, place, row)
    }

    fn of_parts(
        options: ViewOptions,
        parts: Vec<Part>,
        notes: Vec<String>,
        cache: Cache,
    ) -> Result<Self> {
        let rows: u64 = parts.iter().map(|part| part.rows as u64).sum();
        if rows > MOST_ROWS {
            let most = MOST_ROWS;
            return Err(Error::Rows { rows, most });
        }
        let mut starts = vec![0];
        for part in &parts {
            starts.push(starts.last().copied().unwrap_or_default() + part.rows);
        }
        Ok(Self {
            columns: columns::describe(&parts)?,
            options: options.held_to(&parts),
            parts,
            starts,
            notes,
            cache: Mutex::new(cache),
        })
    }

    fn described(&self, name: &str) -> Result<&Described> {
        let found = self
            .columns
            .iter()
            .find(|column| column.meaning.name == name);
        found.ok_or_else(|| Error::NoSuchColumn {
            column: name.to_owned(),
            available: self.columns().map(|column| column.name.clone()).collect(),
        })
    }

    /// The part of a row, and which of its rows it is.
    fn part_of(&self, row: usize) -> Result<(&Part, usize)> {
        let (place, of_part) = self.place_of(row)?;
        let part = self.parts.get(place);
        let part = part.ok_or_else(|| self.no_such_row(row))?;
        Ok((part, of_part))
    }

    /// Which part a row is of, and which of its rows it is.
    fn place_of(&self, row: usize) -> Result<(usize, usize)> {
        let place = self.starts.partition_point(|start| *start <= row);
        let place = place
            .checked_sub(1)
            .filter(|place| *place < self.parts.len());
        let start = place.and_then(|place| Some((place, row - self.starts.get(place)?)));
        start.ok_or_else(|| self.no_such_row(row))
    }

    fn no_such_row(&self, row: usize) -> Error {
        let rows = self.len();
        Error::NoSuchRow { row, rows }
    }

    fn start_of(&self, part: &Part) -> usize {
        let mut parts = self.parts.iter().zip(&self.starts);
        let start = parts.find(|(other, _)| std::ptr::eq(*other, part));
        start.map_or(0, |(_, start)| *start)
    }

    fn cache(&self) -> MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
