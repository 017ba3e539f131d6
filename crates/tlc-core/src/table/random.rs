//! Random access to rows with bounded memory.
//!
//! A table within its memory budget is decoded row group by row group as rows are
//! asked for, and stays decoded. A larger one is copied once into a mapped Arrow
//! file, so that a shuffled epoch decodes no row group twice; but for rows so large that each
//! may as well be read from where it is.

use super::mapped;
use super::source::{Chunk, Source};
use crate::arrow::array::RecordBatch;
use crate::arrow::compute::{concat_batches, interleave_record_batch};
use crate::arrow::datatypes::{DataType, SchemaRef};
use crate::part::ArrowFile;
use crate::storage::cache;
use crate::{Error, Result, Url};
use std::borrow::Cow;
use std::ops::Range;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Rows that take more than this are read one by one, if that is for texts and bytes: lists
/// are decoded number by number.
const LARGE_BYTES: u64 = 256 << 10;

/// The chunks of a table, decoded when first needed.
#[derive(Debug)]
pub(super) struct RandomAccess {
    source: Arc<Source>,
    schema: SchemaRef,
    url: Url,
    columns: Option<Vec<String>>,
    slots: Vec<Slot>,
    budget_bytes: u64,
    way: OnceLock<Way>,
    mapped: OnceLock<ArrowFile>,
    mapping: Mutex<()>,
}

/// How rows are had.
#[derive(Clone, Copy, Debug)]
enum Way {
    /// By chunks that are decoded and stay so.
    Decoded,
    /// By chunks of a mapped copy.
    Mapped,
    /// Each by itself, anew.
    Read,
}

/// A chunk and what it holds, once that is decoded.
#[derive(Debug)]
struct Slot {
    chunk: Arc<Chunk>,
    batch: OnceLock<RecordBatch>,
}

impl RandomAccess {
    /// All columns, with the default budget.
    pub(super) fn new(source: Arc<Source>, schema: SchemaRef, url: Url) -> Self {
        let slots = source.chunks().iter().cloned().map(|chunk| Slot {
            chunk,
            batch: OnceLock::new(),
        });
        Self {
            slots: slots.collect(),
            source,
            schema,
            url,
            columns: None,
            budget_bytes: default_budget_bytes(),
            way: OnceLock::new(),
            mapped: OnceLock::new(),
            mapping: Mutex::new(()),
        }
    }

    /// The same rows and columns with another budget; nothing is decoded yet.
    pub(super) fn memory_budget(&self, budget_bytes: u64) -> Self {
        Self {
            columns: self.columns.clone(),
            budget_bytes,
            ..self.afresh(Arc::clone(&self.schema))
        }
    }

    /// The same rows and budget with only these columns; nothing is decoded yet.
    pub(super) fn select(&self, schema: SchemaRef, columns: &[String]) -> Self {
        Self {
            columns: Some(columns.to_vec()),
            budget_bytes: self.budget_bytes,
            ..self.afresh(schema)
        }
    }

    fn afresh(&self, schema: SchemaRef) -> Self {
        Self::new(Arc::clone(&self.source), schema, self.url.clone())
    }

    /// A batch that holds a row, and the row's place in it.
    pub(super) fn locate(&self, row: usize) -> Result<(Cow<'_, RecordBatch>, usize)> {
        let position = match self.source.runs()? {
            None => Some(row),
            Some(runs) => runs.position(row),
        };
        let found = position.and_then(|position| {
            let number = self.source.chunk_of(position);
            Some((number, position, self.slots.get(number)?))
        });
        match found {
            Some((number, position, slot)) => {
                let place = position - slot.chunk.positions().start;
                self.batch(number, slot, place)
            }
            None => Err(Error::RowOutOfRange {
                url: self.url.clone(),
                row: row as u64,
                len: self.source.len(),
            }),
        }
    }

    /// The rows of these indices in one batch, in that order.
    pub(super) fn take(&self, rows: &[usize]) -> Result<RecordBatch> {
        let mut batches: Vec<Cow<'_, RecordBatch>> = Vec::new();
        let mut indices = Vec::with_capacity(rows.len());
        for row in rows {
            let (batch, row) = self.locate(*row)?;
            let known = batches
                .iter()
                .rposition(|known| std::ptr::eq(&**known, &*batch));
            let number = known.unwrap_or_else(|| {
                batches.push(batch);
                batches.len() - 1
            });
            indices.push((number, row));
        }
        if batches.is_empty() {
            return Ok(RecordBatch::new_empty(Arc::clone(&self.schema)));
        }
        let batches: Vec<&RecordBatch> = batches.iter().map(|batch| &**batch).collect();
        interleave_record_batch(&batches, &indices)
            .map_err(|source| Error::arrow("gather rows", source))
    }

    fn batch<'a>(
        &self,
        number: usize,
        slot: &'a Slot,
        place: usize,
    ) -> Result<(Cow<'a, RecordBatch>, usize)> {
        if let Some(batch) = slot.batch.get() {
            return Ok((Cow::Borrowed(batch), place));
        }
        let batch = match self.way()? {
            Way::Decoded => self.decode(&slot.chunk)?,
            Way::Mapped => self.mapped(number)?,
            Way::Read => {
                let row = self.read(&slot.chunk, place..place + 1)?;
                return Ok((Cow::Owned(row), 0));
            }
        };
        Ok((Cow::Borrowed(slot.batch.get_or_init(|| batch)), place))
    }

    fn way(&self) -> Result<Way> {
        if let Some(way) = self.way.get() {
            return Ok(*way);
        }
        let (bytes, rows) = self.decoded_bytes()?;
        let row_bytes = bytes / rows.max(1);
        let lists = self
            .schema
            .fields()
            .iter()
            .filter(|field| field.data_type().is_nested());
        let lists = lists.filter_map(|field| width(field.data_type()));
        let list_bytes = lists.fold(0, u64::saturating_add);
        let way = match bytes <= self.budget_bytes {
            true => Way::Decoded,
            false if row_bytes >= LARGE_BYTES && list_bytes < row_bytes / 2 => Way::Read,
            false => Way::Mapped,
        };
        Ok(*self.way.get_or_init(|| way))
    }

    /// What all rows that are shown take in memory: of numbers alone as many as there are, else
    /// what is said of all columns. And the number of rows.
    fn decoded_bytes(&self) -> Result<(u64, u64)> {
        let touched = self.source.touched()?;
        let widths = self
            .schema
            .fields()
            .iter()
            .map(|field| width(field.data_type()));
        let row_bytes: Option<u64> = widths.sum();
        let chunks = touched
            .chunks
            .iter()
            .filter_map(|number| self.slots.get(*number));
        let rows = chunks.fold(0, |rows, slot| rows + slot.chunk.positions().len() as u64);
        let by_width = row_bytes.map_or(u64::MAX, |bytes| bytes.saturating_mul(rows));
        Ok((by_width.min(touched.decoded_bytes), rows))
    }

    fn decode(&self, chunk: &Chunk) -> Result<RecordBatch> {
        self.read(chunk, 0..chunk.positions().len())
    }

    /// Some rows of a chunk in one batch.
    fn read(&self, chunk: &Chunk, rows: Range<usize>) -> Result<RecordBatch> {
        let len = rows.len();
        let batches = chunk.read(rows, self.columns.as_deref(), len)?;
        let batches = batches.collect::<Result<Vec<_>>>()?;
        match <[RecordBatch; 1]>::try_from(batches) {
            Ok([batch]) => Ok(batch),
            Err(batches) => concat_batches(&self.schema, &batches)
                .map_err(|source| Error::arrow("join the batches of a row group", source)),
        }
    }

    fn mapped(&self, number: usize) -> Result<RecordBatch> {
        // The copy has the chunks that are shown.
        let copied = &self.source.touched()?.chunks;
        let number = copied.partition_point(|copied| *copied < number);
        if let Some(mapped) = self.mapped.get() {
            return mapped.batch(number);
        }
        let _one_copy = self.mapping.lock().unwrap_or_else(PoisonError::into_inner);
        match self.mapped.get() {
            Some(mapped) => mapped.batch(number),
            None => {
                let copy = self.copy(copied)?;
                self.mapped.get_or_init(|| copy).batch(number)
            }
        }
    }

    fn copy(&self, chunks: &[usize]) -> Result<ArrowFile> {
        tracing::info!(table = %self.url, "larger than its memory budget: makes a mapped copy");
        let slots = chunks.iter().filter_map(|number| self.slots.get(*number));
        let batches = slots.map(|slot| self.decode(&slot.chunk));
        mapped::copy(&cache::folder(), &self.schema, batches)
    }
}

/// Bytes of a value of a type whose values all have as many.
fn width(data_type: &DataType) -> Option<u64> {
    match data_type {
        DataType::FixedSizeList(item, len) => {
            width(item.data_type())?.checked_mul(u64::try_from(*len).ok()?)
        }
        other => other.primitive_width().map(|width| width as u64),
    }
}

/// A quarter of the memory of the machine, or of the group the process runs in.
fn default_budget_bytes() -> u64 {
    static BUDGET: OnceLock<u64> = OnceLock::new();
    *BUDGET.get_or_init(|| {
        let mut system = sysinfo::System::new();
        system.refresh_memory();
        let machine = system.total_memory();
        let group = system
            .cgroup_limits()
            .map_or(machine, |limits| limits.total_memory);
        machine.min(group) / 4
    })
}
