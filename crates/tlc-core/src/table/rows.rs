//! The rows of part files, in order and at random: what tables and metrics tables are read by.

use super::overlay::Overlay;
use super::random::RandomAccess;
use super::row;
use super::scan::Scan;
use super::source::{Runs, Source};
use crate::arrow::array::{ArrayRef, RecordBatch, new_empty_array};
use crate::arrow::datatypes::SchemaRef;
use crate::part::{PageStatistics, Part, PartReader, Statistics};
use crate::storage::Store;
use crate::{Error, Result, Schema, Url};
use serde::de::DeserializeOwned;
use std::ops::Range;
use std::sync::Arc;

/// Rows that are in part files. A clone shares what is decoded.
#[derive(Clone, Debug)]
pub(crate) struct Rows {
    url: Url,
    schema: Arc<Schema>,
    arrow_schema: SchemaRef,
    source: Arc<Source>,
    random: Arc<RandomAccess>,
}

impl Rows {
    /// Rows of what is at `url`, whose parts are named relative to `folder`.
    pub(crate) fn open(
        url: Url,
        folder: &Url,
        store: &Arc<dyn Store>,
        schema: &Schema,
        parts: &[Part],
    ) -> Result<Self> {
        let source = Source::open(folder, store, schema, parts)?;
        Ok(Self::of(url, schema, source))
    }

    /// Rows of the revision at `url`, whose base is at `folder`.
    pub(crate) fn open_overlay(
        url: Url,
        folder: &Url,
        store: &Arc<dyn Store>,
        schema: &Schema,
        overlay: (&Overlay, usize),
    ) -> Result<Self> {
        let source = Source::open_overlay(folder, store, schema, overlay)?;
        Ok(Self::of(url, schema, source))
    }

    fn of(url: Url, schema: &Schema, source: Source) -> Self {
        let (source, arrow_schema) = (Arc::new(source), schema.to_arrow());
        let random = RandomAccess::new(Arc::clone(&source), Arc::clone(&arrow_schema), url.clone());
        Self {
            url,
            schema: Arc::new(schema.clone()),
            arrow_schema,
            source,
            random: Arc::new(random),
        }
    }

    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    pub(crate) fn arrow_schema(&self) -> &SchemaRef {
        &self.arrow_schema
    }

    pub(crate) fn schema(&self) -> &Schema {
        &self.schema
    }

    pub(crate) fn readers(&self) -> impl Iterator<Item = &Arc<PartReader>> {
        self.source.readers()
    }

    /// Where the rows are stored.
    pub(crate) fn source(&self) -> &Arc<Source> {
        &self.source
    }

    /// The positions that are shown, if it is not all in their own order.
    pub(crate) fn runs(&self) -> Result<Option<&Runs>> {
        self.source.runs()
    }

    /// The same rows with another budget for random access.
    pub(crate) fn memory_budget(&self, budget_bytes: u64) -> Self {
        Self {
            random: Arc::new(self.random.memory_budget(budget_bytes)),
            ..self.clone()
        }
    }

    /// The same rows with only these columns, for random access that decodes no more.
    pub(crate) fn select(&self, columns: &[String]) -> Result<Self> {
        let schema = self.schema.only(columns)?;
        let arrow_schema = schema.to_arrow();
        let random = self.random.select(Arc::clone(&arrow_schema), columns);
        Ok(Self {
            schema: Arc::new(schema),
            arrow_schema,
            random: Arc::new(random),
            ..self.clone()
        })
    }

    pub(crate) fn scan(&self) -> Scan {
        let schema = Schema::clone(&self.schema);
        let columns: Vec<String> = schema.names().map(str::to_owned).collect();
        Scan::new(Arc::clone(&self.source), schema, self.url.clone()).columns(columns)
    }

    pub(crate) fn get(&self, row: usize) -> Result<RecordBatch> {
        let (batch, row) = self.random.locate(row)?;
        Ok(batch.slice(row, 1))
    }

    pub(crate) fn take(&self, rows: &[usize]) -> Result<RecordBatch> {
        self.random.take(rows)
    }

    pub(crate) fn row<T: DeserializeOwned>(&self, row: usize) -> Result<T> {
        let (batch, row) = self.random.locate(row)?;
        row::read(&batch, row)
    }

    pub(crate) fn rows<T: DeserializeOwned>(
        &self,
    ) -> Result<impl Iterator<Item = Result<T>> + use<T>> {
        Ok(self.scan().batches()?.flat_map(|batch| match batch {
            Ok(batch) => read_rows(&batch),
            Err(error) => vec![Err(error)],
        }))
    }

    pub(crate) fn row_groups(&self) -> Result<Vec<Range<usize>>> {
        self.source.row_groups()
    }

    pub(crate) fn statistics(&self, name: &str) -> Result<Option<Statistics>> {
        let of = self.schema.require(name)?.value.to_arrow();
        self.source.statistics(name, &of)
    }

    pub(crate) fn page_statistics(
        &self,
        group: usize,
        name: &str,
    ) -> Result<Option<PageStatistics>> {
        let of = self.schema.require(name)?.value.to_arrow();
        self.source.page_statistics(group, name, &of)
    }

    pub(crate) fn column(&self, name: &str) -> Result<ArrayRef> {
        let column = self.schema.require(name)?;
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
        crate::arrow::compute::concat(&arrays)
            .map_err(|source| Error::arrow("join a column", source))
    }
}

/// Every row of a batch as a value of a serde type.
pub fn read_rows<T: DeserializeOwned>(batch: &RecordBatch) -> Vec<Result<T>> {
    (0..batch.num_rows())
        .map(|row| row::read(batch, row))
        .collect()
}
