//! Where rows are stored, chunk after chunk, and in which order they are shown: what scans and
//! random access read.

mod chunk;
mod groups;
mod order;
mod patch;
mod pieces;

pub(crate) use self::chunk::Chunk;
pub(super) use self::chunk::ChunkBatches;
pub(crate) use self::order::Runs;
pub(crate) use self::patch::lay_over;
pub(super) use self::pieces::{Piece, Pieces};

use self::chunk::{Stored, View};
use self::order::StoredOrder;
use self::patch::Patch;
use super::overlay::{Overlay, Segment};
use crate::arrow::array::{Array, ArrayRef};
use crate::arrow::compute::concat;
use crate::part::{Part, PartReader};
use crate::storage::Store;
use crate::{Error, Result, Schema, Url};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// The rows of part files. A stored row has a position; what is shown are positions in order.
#[derive(Debug)]
pub(crate) struct Source {
    chunks: Vec<Arc<Chunk>>,
    positions: usize,
    order: Option<StoredOrder>,
    /// What a revision shows of the chunks.
    view: Option<Arc<View>>,
    /// What is read beside the chunks.
    others: Vec<Arc<PartReader>>,
    touched: OnceLock<Touched>,
}

/// The chunks that the order shows rows of.
#[derive(Debug)]
pub(crate) struct Touched {
    pub(crate) chunks: Vec<usize>,
    /// What they take in memory as Arrow arrays.
    pub(crate) decoded_bytes: u64,
}

impl Source {
    /// The rows of parts that are named relative to a folder; no file is touched yet.
    pub(crate) fn open(
        folder: &Url,
        store: &Arc<dyn Store>,
        schema: &Schema,
        parts: &[Part],
    ) -> Result<Self> {
        let groups = row_groups(folder, store, schema, parts)?;
        let mut first_row = 0;
        let chunks = groups.into_iter().map(|(stored, rows)| {
            let chunk = Chunk::plain(stored, first_row, rows);
            first_row += rows;
            Arc::new(chunk)
        });
        Ok(Self {
            chunks: chunks.collect(),
            positions: first_row,
            order: None,
            view: None,
            others: Vec::new(),
            touched: OnceLock::new(),
        })
    }

    /// The rows of a revision with these columns.
    pub(crate) fn open_overlay(
        folder: &Url,
        store: &Arc<dyn Store>,
        schema: &Schema,
        (overlay, rows): (&Overlay, usize),
    ) -> Result<Self> {
        let patches = overlay.cells.iter().map(|cells| {
            let column = schema.require(&cells.column)?;
            Patch::open(folder, store, column, cells, overlay.positions())
        });
        let patches = patches.collect::<Result<Vec<_>>>()?;
        let order = overlay.order.as_ref();
        let order =
            order.map(|order| StoredOrder::open(folder, store, order, overlay.positions(), rows));
        let order = order.transpose()?;
        let of_patches = patches.iter().flat_map(Patch::readers);
        let of_order = order.iter().flat_map(StoredOrder::readers);
        let others = of_patches.chain(of_order).cloned().collect();
        let view = Arc::new(View::new(schema, patches));
        let mut chunks = Vec::new();
        let mut first_row = 0;
        for segment in &overlay.segments {
            let layers = layers(folder, store, overlay, segment)?;
            for (stored, rows) in side_by_side(folder, layers)? {
                chunks.push(Arc::new(Chunk::new(stored, first_row, rows, &view)));
                first_row += rows;
            }
        }
        Ok(Self {
            chunks,
            positions: first_row,
            order,
            view: Some(view),
            others,
            touched: OnceLock::new(),
        })
    }

    /// Number of rows that are shown.
    pub(crate) fn len(&self) -> usize {
        let order = self.order.as_ref();
        order.map_or(self.positions, StoredOrder::len)
    }

    /// How many reads the store takes at once.
    pub(crate) fn parallel_reads(&self) -> usize {
        let reader = self.readers().next();
        reader.map_or(1, |reader| reader.parallel_reads())
    }

    /// In stored order, whatever is shown.
    pub(crate) fn chunks(&self) -> &[Arc<Chunk>] {
        &self.chunks
    }

    /// The order in which positions are shown, if it is not their own.
    pub(crate) fn runs(&self) -> Result<Option<&Runs>> {
        self.order.as_ref().map(StoredOrder::runs).transpose()
    }

    /// The place of the chunk that has a position.
    pub(crate) fn chunk_of(&self, position: usize) -> usize {
        let ends_before = |chunk: &Arc<Chunk>| chunk.positions().end <= position;
        self.chunks.partition_point(ends_before)
    }

    /// The chunks that hold what is shown.
    pub(crate) fn touched(&self) -> Result<&Touched> {
        if let Some(touched) = self.touched.get() {
            return Ok(touched);
        }
        let chunks: Vec<usize> = match self.runs()? {
            None => (0..self.chunks.len()).collect(),
            Some(runs) => {
                let mut is_touched = vec![false; self.chunks.len()];
                for run in runs.iter() {
                    let last = self.chunk_of(run.end.saturating_sub(1));
                    let marks = is_touched.get_mut(self.chunk_of(run.start)..=last);
                    marks.unwrap_or_default().fill(true);
                }
                let places = is_touched.iter().enumerate();
                places
                    .filter_map(|(place, is)| is.then_some(place))
                    .collect()
            }
        };
        let bytes = chunks.iter().filter_map(|place| self.chunks.get(*place));
        let bytes = bytes.map(|chunk| chunk.decoded_bytes());
        let decoded_bytes = bytes.fold(0, u64::saturating_add);
        Ok(self.touched.get_or_init(|| Touched {
            chunks,
            decoded_bytes,
        }))
    }

    /// What holds some of the rows that are shown, in order.
    pub(crate) fn pieces(self: &Arc<Self>, rows: Range<usize>) -> Pieces {
        Pieces::new(Arc::clone(self), rows)
    }

    /// The changed cells of a column: positions, ascending, and a value for each.
    pub(crate) fn changed_cells(&self, column: &str) -> Result<Option<(&[usize], &ArrayRef)>> {
        let view = self.view.iter().flat_map(|view| view.patches());
        let patch = view.into_iter().find(|patch| patch.column() == column);
        patch.map(|patch| patch.read()).transpose()
    }

    /// Whether cells of a column are not what the chunks say.
    pub(crate) fn is_patched(&self, column: &str) -> bool {
        let mut patches = self.view.iter().flat_map(|view| view.patches());
        patches.any(|patch| patch.column() == column)
    }

    /// The values of a column at some positions, as they are stored or changed, whatever is
    /// shown.
    pub(crate) fn stored_values(&self, column: &str, positions: &Range<usize>) -> Result<ArrayRef> {
        let name = [column.to_owned()];
        let mut arrays = Vec::new();
        let from = self.chunk_of(positions.start);
        for chunk in self.chunks.get(from..).unwrap_or_default() {
            let held = chunk.positions();
            let (start, end) = (positions.start.max(held.start), positions.end.min(held.end));
            if start >= end {
                break;
            }
            let rows = start - held.start..end - held.start;
            for batch in chunk.read(rows.clone(), Some(&name), rows.len())? {
                arrays.push(Arc::clone(batch?.column(0)));
            }
        }
        let arrays: Vec<&dyn Array> = arrays.iter().map(AsRef::as_ref).collect();
        concat(&arrays).map_err(|source| Error::arrow("join a column", source))
    }

    /// Every file that is read.
    pub(crate) fn readers(&self) -> impl Iterator<Item = &Arc<PartReader>> {
        let of_chunks = self.chunks.iter().flat_map(|chunk| chunk.first_readers());
        of_chunks.chain(&self.others)
    }
}

/// The row groups of parts, each with its number of rows.
fn row_groups(
    folder: &Url,
    store: &Arc<dyn Store>,
    schema: &Schema,
    parts: &[Part],
) -> Result<Vec<(Stored, usize)>> {
    let schema = schema.to_arrow();
    let mut groups = Vec::new();
    for part in parts {
        let reader = Arc::new(PartReader::new(Arc::clone(store), folder, part, &schema)?);
        for (row_group, rows) in part.row_groups.iter().copied().enumerate() {
            groups.push((Stored::new(Arc::clone(&reader), row_group), rows));
        }
    }
    Ok(groups)
}

/// The row groups of each layer of a segment.
fn layers(
    folder: &Url,
    store: &Arc<dyn Store>,
    overlay: &Overlay,
    segment: &Segment,
) -> Result<Vec<Vec<(Stored, usize)>>> {
    let layers = segment.layers.iter().map(|layer| {
        let schema = overlay
            .schema_of(layer)
            .map_err(|reason| corrupt(folder, reason))?;
        let columns: Arc<[_]> = layer.columns.clone().into();
        let groups = row_groups(folder, store, schema, &layer.parts)?.into_iter();
        let showing = |(stored, rows): (Stored, usize)| (stored.showing(&columns), rows);
        Ok(groups.map(showing).collect())
    });
    layers.collect()
}

/// Row groups of layers, those of the same rows together.
fn side_by_side(
    folder: &Url,
    layers: Vec<Vec<(Stored, usize)>>,
) -> Result<Vec<(Vec<Stored>, usize)>> {
    let mut chunks: Vec<(Vec<Stored>, usize)> = Vec::new();
    for (number, layer) in layers.into_iter().enumerate() {
        if number == 0 {
            chunks = layer
                .into_iter()
                .map(|(stored, rows)| (vec![stored], rows))
                .collect();
            continue;
        }
        let expected = chunks.iter().map(|(_, rows)| rows);
        if !layer.iter().map(|(_, rows)| rows).eq(expected) {
            return Err(corrupt(folder, "layers of other row groups".to_owned()));
        }
        for ((chunk, _), (stored, _)) in chunks.iter_mut().zip(layer) {
            chunk.push(stored);
        }
    }
    Ok(chunks)
}

fn corrupt(url: &Url, reason: String) -> Error {
    Error::Corrupt {
        url: url.clone(),
        reason,
    }
}
