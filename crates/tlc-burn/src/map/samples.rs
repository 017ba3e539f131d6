//! A table seen as samples, and as Burn's `Dataset`.

use super::columns;
use super::selection::RowSelection;
use crate::error::BoxError;
use crate::{Error, Result};
use burn::data::dataset::{Dataset, DatasetError};
use serde::de::DeserializeOwned;
use std::sync::Arc;
use tlc_core::Table;

/// 0-based row index into the table a sample comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExampleId(pub usize);

impl std::fmt::Display for ExampleId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// An item and the row it was made of.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample<I> {
    /// The row.
    pub example_id: ExampleId,
    /// Id of the table it is a row of, where that is known.
    pub table_id: Option<Arc<str>>,
    /// What the map made of it.
    pub item: I,
}

impl<I> Sample<I> {
    /// An item of a row, of no table in particular.
    pub fn new(example_id: ExampleId, item: I) -> Self {
        Self {
            example_id,
            table_id: None,
            item,
        }
    }
}

/// Typed rows of a [`Table`], the way into training and collection.
pub trait TableSamples {
    /// The table's rows as values of `R`, whose fields are columns by name. They are items
    /// as they are, until [`map`](Samples::map) says otherwise.
    fn samples<R: DeserializeOwned + 'static>(&self) -> Samples<R, R>;
}

impl TableSamples for Table {
    fn samples<R: DeserializeOwned + 'static>(&self) -> Samples<R, R> {
        let map = shared(Ok::<R, BoxError>);
        Samples {
            table_id: self.id().into(),
            table: self.clone(),
            rows: None,
            map_collect_metrics: Arc::clone(&map),
            map,
        }
    }
}

type RowMap<R, I> = Arc<dyn Fn(R) -> Result<I, BoxError> + Send + Sync>;

/// A table whose rows `R` are mapped into items `I`.
///
/// As a Burn [`Dataset`] (of `I`, or of [`Sample<I>`] with the row's id beside) it
/// serves training and uses `map`; [`collect_metrics`](crate::collect_metrics)
/// uses `map_collect_metrics`.
///
/// ```
/// # use serde::{Deserialize, Serialize};
/// # use tlc_core::{Table, TableOptions, Url};
/// use burn::data::dataset::Dataset;
/// use tlc_burn::prelude::*;
///
/// # #[derive(Serialize)]
/// # struct All { pixels: Vec<u8>, label: i32 }
/// # let options = TableOptions::new("demo", "digits", "train").root(&Url::parse("memory://docs-samples/")?);
/// # let table = Table::create(options, |writer| writer.add_row(&All { pixels: vec![0, 255], label: 1 }))?;
/// #[derive(Deserialize)]
/// struct Row { pixels: Vec<u8>, label: i64 }
///
/// fn decode(row: Row) -> (Vec<f32>, i64) {
///     (row.pixels.iter().map(|pixel| f32::from(*pixel) / 255.0).collect(), row.label)
/// }
/// fn mirror((mut pixels, label): (Vec<f32>, i64)) -> (Vec<f32>, i64) {
///     pixels.reverse();
///     (pixels, label)
/// }
///
/// let train = table.samples::<Row>().map(|row| mirror(decode(row))).map_collect_metrics(decode);
///
/// let trained_on: (Vec<f32>, i64) = Dataset::get(&train, 0)?;
/// assert_eq!(trained_on, (vec![1.0, 0.0], 1));
/// assert_eq!(train.collected(0)?.item, (vec![0.0, 1.0], 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Samples<R, I = R> {
    table: Table,
    /// Those that are meant, if not all.
    rows: Option<Arc<[usize]>>,
    table_id: Arc<str>,
    map: RowMap<R, I>,
    map_collect_metrics: RowMap<R, I>,
}

impl<R: 'static> Samples<R, R> {
    /// Says how a row becomes an item. Augmentation belongs here, and a
    /// [`map_collect_metrics`](Self::map_collect_metrics) without it beside.
    #[must_use]
    pub fn map<I>(self, map: impl Fn(R) -> I + Send + Sync + 'static) -> Samples<R, I> {
        self.try_map(move |row| Ok::<_, BoxError>(map(row)))
    }

    /// Says how a row becomes an item, where that can fail.
    #[must_use]
    pub fn try_map<I, E: Into<BoxError>>(
        self,
        map: impl Fn(R) -> Result<I, E> + Send + Sync + 'static,
    ) -> Samples<R, I> {
        let map = shared(map);
        Samples {
            table: self.table,
            rows: self.rows,
            table_id: self.table_id,
            map_collect_metrics: Arc::clone(&map),
            map,
        }
    }
}

impl<R, I> Samples<R, I> {
    /// Says how a row becomes an item when metrics are collected: as for training,
    /// but without augmentation.
    #[must_use]
    pub fn map_collect_metrics(self, map: impl Fn(R) -> I + Send + Sync + 'static) -> Self {
        self.try_map_collect_metrics(move |row| Ok::<_, BoxError>(map(row)))
    }

    /// Says how a row becomes an item when metrics are collected, where that can fail.
    #[must_use]
    pub fn try_map_collect_metrics<E: Into<BoxError>>(
        mut self,
        map: impl Fn(R) -> Result<I, E> + Send + Sync + 'static,
    ) -> Self {
        self.map_collect_metrics = shared(map);
        self
    }

    /// The table.
    #[must_use]
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// The same with only these rows of the table, in this order: to train on, or to collect
    /// from. Nothing of the others is read, and each keeps its `example_id`.
    ///
    /// # Errors
    /// [`Error::Rows`] if the table does not have them.
    pub fn rows(&self, rows: impl Into<RowSelection>) -> Result<Self> {
        let rows = rows.into().of(&self.table)?;
        Ok(Self {
            rows: Some(rows.into()),
            ..self.clone()
        })
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows
            .as_ref()
            .map_or_else(|| self.table.len(), |rows| rows.len())
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The rows of the table that are meant, if not all.
    pub(crate) fn selected(&self) -> Option<&Arc<[usize]>> {
        self.rows.as_ref()
    }

    /// The row of the table at a place among those that are meant.
    fn row_at(&self, place: usize) -> usize {
        let rows = self.rows.as_ref();
        rows.map_or(place, |rows| rows.get(place).copied().unwrap_or(usize::MAX))
    }

    /// What a row becomes in training or in collection.
    pub(crate) fn map_row(&self, row: R, example_id: usize, purpose: Purpose) -> Result<Sample<I>> {
        let map = match purpose {
            Purpose::Training => &self.map,
            Purpose::Collection => &self.map_collect_metrics,
        };
        let item = map(row).map_err(|source| Error::Map { example_id, source })?;
        Ok(Sample {
            example_id: ExampleId(example_id),
            table_id: Some(Arc::clone(&self.table_id)),
            item,
        })
    }
}

impl<R: DeserializeOwned, I> Samples<R, I> {
    /// The sample of a row of the table as training sees it.
    ///
    /// # Errors
    /// As [`Table::row`]; [`Error::Map`].
    pub fn trained(&self, row: usize) -> Result<Sample<I>> {
        self.map_row(self.table.row(row)?, row, Purpose::Training)
    }

    /// The sample of a row of the table as collection sees it.
    ///
    /// # Errors
    /// As [`Table::row`]; [`Error::Map`].
    pub fn collected(&self, row: usize) -> Result<Sample<I>> {
        self.map_row(self.table.row(row)?, row, Purpose::Collection)
    }

    /// The columns that `R` needs; `None` if it does not tell.
    pub(crate) fn columns(&self) -> Option<Vec<String>> {
        columns::needed_by::<R>(&self.table)
    }
}

impl<R: DeserializeOwned, I> Dataset<I> for Samples<R, I> {
    fn get(&self, index: usize) -> Result<I, DatasetError> {
        self.trained(self.row_at(index))
            .map(|sample| sample.item)
            .map_err(DatasetError::new)
    }

    fn len(&self) -> usize {
        Self::len(self)
    }
}

impl<R: DeserializeOwned, I> Dataset<Sample<I>> for Samples<R, I> {
    fn get(&self, index: usize) -> Result<Sample<I>, DatasetError> {
        self.trained(self.row_at(index)).map_err(DatasetError::new)
    }

    fn len(&self) -> usize {
        Self::len(self)
    }
}

impl<R, I> Clone for Samples<R, I> {
    fn clone(&self) -> Self {
        Self {
            table: self.table.clone(),
            rows: self.rows.clone(),
            table_id: Arc::clone(&self.table_id),
            map: Arc::clone(&self.map),
            map_collect_metrics: Arc::clone(&self.map_collect_metrics),
        }
    }
}

impl<R, I> std::fmt::Debug for Samples<R, I> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Samples")
            .field("table", self.table.url())
            .finish_non_exhaustive()
    }
}

/// What a sample is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose {
    Training,
    Collection,
}

fn shared<R, I, E: Into<BoxError>>(
    map: impl Fn(R) -> Result<I, E> + Send + Sync + 'static,
) -> RowMap<R, I> {
    Arc::new(move |row| map(row).map_err(Into::into))
}
