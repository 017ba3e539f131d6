//! What is decoded at once: the rows of one row group, its columns from one file or several.

use super::patch::Patch;
use crate::arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use crate::arrow::datatypes::{DataType, SchemaRef};
use crate::part::{Batches, PageStatistics, PartReader, Statistics};
use crate::table::overlay::Shown;
use crate::{Error, Result, Schema};
use std::ops::Range;
use std::sync::Arc;

/// Rows that are stored together.
#[derive(Debug)]
pub(crate) struct Chunk {
    first_row: usize,
    rows: usize,
    /// One, or each with other columns of the same rows.
    stored: Vec<Stored>,
    /// What is seen of the stored columns; all of them as they are if there is none.
    view: Option<Arc<View>>,
}

/// A row group of a file.
#[derive(Debug)]
pub(super) struct Stored {
    reader: Arc<PartReader>,
    row_group: usize,
    columns: Arc<[Shown]>,
}

/// Columns that are put together from layers and changed cells.
#[derive(Debug)]
pub(super) struct View {
    schema: Schema,
    arrow_schema: SchemaRef,
    patches: Vec<Arc<Patch>>,
}

impl View {
    pub(super) fn new(schema: &Schema, patches: Vec<Patch>) -> Self {
        Self {
            schema: schema.clone(),
            arrow_schema: schema.to_arrow(),
            patches: patches.into_iter().map(Arc::new).collect(),
        }
    }

    pub(super) fn patches(&self) -> &[Arc<Patch>] {
        &self.patches
    }
}

impl Stored {
    pub(super) fn new(reader: Arc<PartReader>, row_group: usize) -> Self {
        Self {
            reader,
            row_group,
            columns: Arc::default(),
        }
    }

    pub(super) fn showing(self, columns: &Arc<[Shown]>) -> Self {
        let columns = Arc::clone(columns);
        Self { columns, ..self }
    }

    /// What its rows take in memory, by what is said of the whole file.
    fn decoded_bytes(&self) -> u64 {
        let part = self.reader.part();
        let rows = part.row_groups.get(self.row_group).copied().unwrap_or(0);
        let bytes = u128::from(part.decoded_bytes) * rows as u128 / part.rows().max(1) as u128;
        u64::try_from(bytes).unwrap_or(u64::MAX)
    }
}

impl Chunk {
    /// Rows of one file as they are.
    pub(super) fn plain(stored: Stored, first_row: usize, rows: usize) -> Self {
        Self {
            first_row,
            rows,
            stored: vec![stored],
            view: None,
        }
    }

    /// Rows of files side by side, seen by a view.
    pub(super) fn new(
        stored: Vec<Stored>,
        first_row: usize,
        rows: usize,
        view: &Arc<View>,
    ) -> Self {
        Self {
            first_row,
            rows,
            stored,
            view: Some(Arc::clone(view)),
        }
    }

    /// Which of all stored rows it has.
    pub(crate) fn positions(&self) -> Range<usize> {
        self.first_row..self.first_row + self.rows
    }

    /// What its rows take in memory as Arrow arrays.
    pub(super) fn decoded_bytes(&self) -> u64 {
        let bytes = self.stored.iter().map(Stored::decoded_bytes);
        bytes.fold(0, u64::saturating_add)
    }

    /// The readers of the files that begin here.
    pub(super) fn first_readers(&self) -> impl Iterator<Item = &Arc<PartReader>> {
        let first = self.stored.iter().filter(|stored| stored.row_group == 0);
        first.map(|stored| &stored.reader)
    }

    /// What its files say of a column, if it is in one of them with this type.
    pub(crate) fn statistics(&self, column: &str, of: &DataType) -> Result<Option<Statistics>> {
        match self.file_of(column) {
            Some((stored, name)) => stored.reader.statistics(stored.row_group, name, of),
            None => Ok(None),
        }
    }

    /// What its files say of each page of a column, the rows of the pages counted from its first.
    pub(crate) fn page_statistics(
        &self,
        column: &str,
        of: &DataType,
    ) -> Result<Option<PageStatistics>> {
        match self.file_of(column) {
            Some((stored, name)) => stored.reader.page_statistics(stored.row_group, name, of),
            None => Ok(None),
        }
    }

    /// The file that has a column, and the column's name there.
    fn file_of<'s>(&'s self, column: &'s str) -> Option<(&'s Stored, &'s str)> {
        if self.view.is_none() {
            return self.stored.first().map(|stored| (stored, column));
        }
        self.stored.iter().find_map(|stored| {
            let shown = stored.columns.iter().find(|shown| shown.name == column)?;
            Some((stored, shown.stored.as_str()))
        })
    }

    /// Some of its rows, counted from its first, of the named columns or all.
    pub(crate) fn read(
        &self,
        rows: Range<usize>,
        columns: Option<&[String]>,
        batch_size: usize,
    ) -> Result<ChunkBatches> {
        let Some(view) = &self.view else {
            let stored = self.stored.first();
            let read = |stored: &Stored| {
                stored
                    .reader
                    .read(stored.row_group, rows, columns, batch_size)
            };
            return Ok(ChunkBatches::Plain(stored.map(read).transpose()?));
        };
        let wanted: Vec<usize> = match columns {
            None => (0..view.schema.columns().len()).collect(),
            Some(names) => {
                let places = view.schema.names().enumerate();
                let is_wanted = |name: &str| names.iter().any(|wanted| wanted == name);
                places
                    .filter_map(|(place, name)| is_wanted(name).then_some(place))
                    .collect()
            }
        };
        let schema = view.arrow_schema.project(&wanted);
        let schema = schema.map_err(|source| Error::arrow("choose columns", source))?;
        let has = |name: &str| schema.index_of(name).ok();
        let mut layers = Vec::new();
        for (number, stored) in self.stored.iter().enumerate() {
            let shown = stored.columns.iter();
            let shown: Vec<(String, usize)> = shown
                .filter_map(|shown| Some((shown.stored.clone(), has(&shown.name)?)))
                .collect();
            // The first one says how many rows there are.
            if shown.is_empty() && (number > 0 || !wanted.is_empty()) {
                continue;
            }
            let names: Vec<String> = shown.iter().map(|(stored, _)| stored.clone()).collect();
            let batches =
                stored
                    .reader
                    .read(stored.row_group, rows.clone(), Some(&names), batch_size)?;
            layers.push(LayerBatches { batches, shown });
        }
        let patches = view.patches.iter();
        let patches = patches.filter_map(|patch| Some((has(patch.column())?, Arc::clone(patch))));
        Ok(ChunkBatches::Seen(Box::new(Seen {
            patches: patches.collect(),
            next_row: self.first_row + rows.start,
            schema: Arc::new(schema),
            layers,
        })))
    }
}

/// The batches of a chunk.
pub(crate) enum ChunkBatches {
    Plain(Option<Batches>),
    Seen(Box<Seen>),
}

/// Batches of layers, put together.
pub(crate) struct Seen {
    schema: SchemaRef,
    layers: Vec<LayerBatches>,
    patches: Vec<(usize, Arc<Patch>)>,
    next_row: usize,
}

struct LayerBatches {
    batches: Batches,
    /// Stored name and place among the columns that are seen.
    shown: Vec<(String, usize)>,
}

impl Iterator for ChunkBatches {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Plain(batches) => batches.as_mut()?.next(),
            Self::Seen(seen) => seen.read_next().transpose(),
        }
    }
}

impl Seen {
    fn read_next(&mut self) -> Result<Option<RecordBatch>> {
        let mut columns: Vec<Option<ArrayRef>> = vec![None; self.schema.fields().len()];
        let mut rows = None;
        for layer in &mut self.layers {
            let Some(batch) = layer.batches.next().transpose()? else {
                continue;
            };
            // Each layer reads as many rows at a time.
            if *rows.get_or_insert(batch.num_rows()) != batch.num_rows() {
                return Err(layer.batches.corrupt("its batches are of other lengths"));
            }
            for (stored, place) in &layer.shown {
                if let Some(column) = columns.get_mut(*place) {
                    *column = batch.column_by_name(stored).cloned();
                }
            }
        }
        let Some(rows) = rows else {
            return Ok(None);
        };
        for (place, patch) in &self.patches {
            let column = columns.get_mut(*place);
            if let Some((column, values)) = column.and_then(|it| it.take().map(|old| (it, old))) {
                *column = Some(patch.apply(values, self.next_row)?);
            }
        }
        self.next_row += rows;
        let columns = columns.into_iter().flatten().collect();
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)
            .map(Some)
            .map_err(|source| Error::arrow("put columns side by side", source))
    }
}
