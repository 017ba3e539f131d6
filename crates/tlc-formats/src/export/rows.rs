//! Which rows and columns are written.

use crate::{Error, Result};
use std::collections::BTreeSet;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use tlc_core::arrow::array::RecordBatch;
use tlc_core::{Media, MetricsTable, Run, Schema, Table, Url};

/// Chosen rows that are gathered at once.
const GATHERED: usize = 8192;

/// Rows that are in no table, such as metrics beside the samples that they are about.
pub trait RowSource: fmt::Debug + Send + Sync {
    /// What their columns mean.
    fn schema(&self) -> &Schema;

    /// How many there are.
    fn rows(&self) -> usize;

    /// Some rows with some columns, in these orders.
    ///
    /// # Errors
    /// That they cannot be read.
    fn take(
        &self,
        rows: &[usize],
        columns: &[&str],
    ) -> std::result::Result<RecordBatch, Box<dyn StdError + Send + Sync>>;

    /// How their cells name images, if they do.
    fn media(&self) -> Option<Media> {
        None
    }
}

/// Rows to export: those of a table or revision, of metrics tables of one stream, one after
/// another, or of any [`RowSource`].
#[derive(Clone, Debug)]
pub struct Rows {
    parts: Vec<Part>,
    columns: Option<Vec<String>>,
    only: Option<Vec<usize>>,
}

type Batches<'a> = Box<dyn Iterator<Item = Result<RecordBatch>> + 'a>;

#[derive(Clone, Debug)]
enum Part {
    Table(Table),
    Metrics(Box<MetricsTable>),
    Other(Arc<dyn RowSource>),
}

impl Rows {
    /// Those of a table, whichever revision it is.
    #[must_use]
    pub fn of(table: &Table) -> Self {
        Self::from_parts(vec![Part::Table(table.clone())])
    }

    /// Those of a metrics table.
    #[must_use]
    pub fn of_metrics(metrics: &MetricsTable) -> Self {
        Self::from_parts(vec![Part::Metrics(Box::new(metrics.clone()))])
    }

    /// Those of all metrics tables of a stream of a run, in the order of their making.
    ///
    /// # Errors
    /// [`Error::NoStream`] if the run has no such stream; storage errors.
    pub fn of_stream(run: &Run, stream: &str) -> Result<Self> {
        let metrics = run.metrics()?;
        let of_stream = metrics.iter().filter(|table| table.stream() == stream);
        let parts: Vec<_> = of_stream
            .map(|table| Part::Metrics(Box::new(table.clone())))
            .collect();
        match parts.is_empty() {
            true => {
                let names: BTreeSet<&str> = metrics.iter().map(MetricsTable::stream).collect();
                Err(Error::NoStream {
                    stream: stream.to_owned(),
                    available: names.into_iter().map(str::to_owned).collect(),
                })
            }
            false => Ok(Self::from_parts(parts)),
        }
    }

    /// Those of another source.
    #[must_use]
    pub fn of_source(source: impl RowSource + 'static) -> Self {
        Self::from_parts(vec![Part::Other(Arc::new(source))])
    }

    /// Only these columns, in this order.
    #[must_use]
    pub fn columns<C: Into<String>>(mut self, columns: impl IntoIterator<Item = C>) -> Self {
        self.columns = Some(columns.into_iter().map(Into::into).collect());
        self
    }

    /// Only the rows of these indices, in this order; repeats are allowed.
    #[must_use]
    pub fn only(mut self, rows: Vec<usize>) -> Self {
        self.only = Some(rows);
        self
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.only {
            Some(rows) => rows.len(),
            None => self.parts.iter().map(Part::len).sum(),
        }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What the columns mean.
    ///
    /// # Errors
    /// That a column is not there.
    pub fn schema(&self) -> Result<Schema> {
        let Some(part) = self.parts.first() else {
            return Ok(Schema::default());
        };
        let schema = part.schema();
        Ok(match &self.columns {
            None => schema.clone(),
            Some(names) => {
                let columns = names.iter().map(|name| schema.require(name).cloned());
                Schema::new(columns.collect::<Result<Vec<_>, _>>()?)?
            }
        })
    }

    /// The rows, batch after batch.
    ///
    /// # Errors
    /// Those of [`schema`](Self::schema) and of reading, while iterating, too.
    pub fn batches(&self) -> Result<impl Iterator<Item = Result<RecordBatch>> + '_> {
        self.schema()?;
        let batches: Batches<'_> = match &self.only {
            Some(rows) => Box::new(self.chosen(rows)),
            None => {
                let parts = self.parts.iter().map(|part| self.all_of(part));
                let parts = parts.collect::<Result<Vec<_>>>()?;
                Box::new(parts.into_iter().flatten())
            }
        };
        Ok(batches.map(|batch| self.arranged(&batch?)))
    }

    /// Gives batch after batch to `each`; how many rows there were.
    pub(super) fn each(&self, mut each: impl FnMut(&RecordBatch) -> Result<()>) -> Result<u64> {
        let mut rows = 0;
        for batch in self.batches()? {
            let batch = batch?;
            each(&batch)?;
            rows += batch.num_rows() as u64;
        }
        Ok(rows)
    }

    /// How cells name images, of a table: those of its project, and in these folders.
    pub(super) fn media(&self, allowed: &[Url]) -> Option<Media> {
        let media = match self.parts.first()? {
            Part::Table(table) => Media::of(table),
            Part::Metrics(_) => return None,
            Part::Other(source) => source.media()?,
        };
        Some(allowed.iter().fold(media, Media::allow))
    }

    fn from_parts(parts: Vec<Part>) -> Self {
        Self {
            parts,
            columns: None,
            only: None,
        }
    }

    fn all_of<'a>(&'a self, part: &'a Part) -> Result<Batches<'a>> {
        let scan = match part {
            Part::Table(table) => table.scan(),
            Part::Metrics(metrics) => metrics.scan(),
            Part::Other(_) => {
                let starts = (0..part.len()).step_by(GATHERED);
                return Ok(Box::new(starts.map(move |start| {
                    let rows: Vec<usize> = (start..part.len().min(start + GATHERED)).collect();
                    self.take(part, &rows)
                })));
            }
        };
        let scan = match &self.columns {
            Some(columns) => scan.columns(columns.iter().map(String::as_str)),
            None => scan,
        };
        Ok(Box::new(scan.batches()?.map(|batch| Ok(batch?))))
    }

    fn take(&self, part: &Part, rows: &[usize]) -> Result<RecordBatch> {
        match part {
            Part::Table(table) => match &self.columns {
                Some(columns) => Ok(table.select(columns)?.take(rows)?),
                None => Ok(table.take(rows)?),
            },
            Part::Metrics(metrics) => Ok(metrics.take(rows)?),
            Part::Other(source) => {
                let columns: Vec<&str> = match &self.columns {
                    Some(columns) => columns.iter().map(String::as_str).collect(),
                    None => source.schema().names().collect(),
                };
                let taken = source.take(rows, &columns);
                taken.map_err(|source| Error::Rows { source })
            }
        }
    }

    /// Chosen rows, those one after another that are of one part gathered at once.
    fn chosen<'a>(&'a self, rows: &'a [usize]) -> impl Iterator<Item = Result<RecordBatch>> + 'a {
        let mut left = rows;
        std::iter::from_fn(move || {
            let (place, first) = self.part_of(*left.first()?);
            let part = self.parts.get(place)?;
            let of_part = |row: &usize| {
                let is_last = place + 1 == self.parts.len();
                *row >= first && (is_last || *row - first < part.len())
            };
            let len = left
                .iter()
                .take(GATHERED)
                .take_while(|row| of_part(row))
                .count();
            let (now, later) = left.split_at_checked(len.max(1))?;
            left = later;
            let rows: Vec<usize> = now.iter().map(|row| row - first).collect();
            Some(self.take(part, &rows))
        })
    }

    /// The part that a row is of, the last for one past the end, and the part's first row.
    fn part_of(&self, row: usize) -> (usize, usize) {
        let mut first = 0;
        for (place, part) in self.parts.iter().enumerate() {
            if row - first < part.len() || place + 1 == self.parts.len() {
                return (place, first);
            }
            first += part.len();
        }
        (0, 0)
    }

    /// The columns in the order that was asked for.
    fn arranged(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        let Some(columns) = &self.columns else {
            return Ok(batch.clone());
        };
        let schema = batch.schema();
        let places = columns.iter().map(|column| schema.index_of(column));
        let places = places.collect::<Result<Vec<_>, _>>();
        places
            .and_then(|places| batch.project(&places))
            .map_err(|source| Error::arrow("choose columns", source))
    }
}

impl Part {
    fn len(&self) -> usize {
        match self {
            Self::Table(table) => table.len(),
            Self::Metrics(metrics) => metrics.len(),
            Self::Other(source) => source.rows(),
        }
    }

    fn schema(&self) -> &Schema {
        match self {
            Self::Table(table) => table.schema(),
            Self::Metrics(metrics) => metrics.schema(),
            Self::Other(source) => source.schema(),
        }
    }
}

impl From<&Table> for Rows {
    fn from(table: &Table) -> Self {
        Self::of(table)
    }
}

impl From<&MetricsTable> for Rows {
    fn from(metrics: &MetricsTable) -> Self {
        Self::of_metrics(metrics)
    }
}
