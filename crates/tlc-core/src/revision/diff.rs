//! What is different between two tables that have the rows of one base.

use super::root::RowMap;
use super::strokes::{is_same, pick};
use crate::arrow::array::{Array, ArrayRef, Int64Array, RecordBatch, StringArray};
use crate::arrow::datatypes::{DataType, Field, Schema as ArrowSchema};
use crate::table::{ChangedCells, Layer, Overlay};
use crate::{Error, Result, Table};
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

/// Rows that are compared at a time where the tables are stored apart.
const ROWS: usize = 8192;

/// The differences between two tables; see [`Table::diff`]. An iterator over the cells that
/// differ, a batch at a time.
#[derive(Debug)]
pub struct Diff {
    before: Table,
    after: Table,
    rows: RowMap,
    /// What is still to be compared.
    pending: VecDeque<Block>,
    columns_dropped: Vec<String>,
    columns_added: Vec<String>,
    columns_described: Vec<String>,
}

/// Cells of one column.
#[derive(Clone, Debug)]
enum Block {
    /// At these positions, which are stored together.
    Stored(String, Range<usize>),
    /// At some positions of a range that is stored together.
    Cells(String, Range<usize>, Vec<usize>),
    /// In these rows of the first table.
    Rows(String, Range<usize>),
}

/// Rows of the first table and of the other, and the values of a column in both.
struct Compared {
    column: String,
    rows: Vec<(usize, usize)>,
    before: ArrayRef,
    after: ArrayRef,
}

impl Table {
    /// What is different in another table with rows of the same base: iterates over the cells
    /// that differ, column by column, in batches of `column`, `row` (of this table),
    /// `row_after` (of the other), `before` and `after`, where the values have the type of the
    /// column. Cells are compared bit by bit.
    ///
    /// Just what can differ is read, a row group of one column at a time, so that the
    /// differences of two revisions cost little however large they are.
    ///
    /// ```
    /// use tlc_core::{Columns, Table, TableOptions, Url};
    ///
    /// let root = Url::parse("memory://docs-diff/")?;
    /// let table = Table::create(TableOptions::new("demo", "train", "initial").root(root), |writer| {
    ///     writer.add_batch(Columns::new().column("label", vec![0, 1, 2]))
    /// })?;
    /// let mut editor = table.edit()?;
    /// let fixed = editor.ignore_writable().set("label", 1, 2)?.drop_rows([0])?.commit("mend")?;
    /// let diff = table.diff(&fixed)?;
    /// assert_eq!(diff.rows_dropped().collect::<Vec<_>>(), [0]);
    /// let batches = diff.collect::<Result<Vec<_>, _>>()?;
    /// assert_eq!(batches.iter().map(|batch| batch.num_rows()).sum::<usize>(), 1);
    /// # Ok::<(), tlc_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::OtherBase`]; storage errors and [`Error::Corrupt`], while iterating, too, after
    /// which the iterator ends.
    pub fn diff(&self, other: &Self) -> Result<Diff> {
        let (before, after) = (self.whole()?, other.whole()?);
        let rows = before.rows_in(&after)?;
        let missing = |from: &Self, to: &Self| {
            let names = from.schema().names();
            let names = names.filter(|name| !is_comparable(from, to, name));
            names.map(str::to_owned).collect()
        };
        let mut diff = Diff {
            pending: VecDeque::new(),
            columns_dropped: missing(&before, &after),
            columns_added: missing(&after, &before),
            columns_described: described(&before, &after),
            rows,
            before,
            after,
        };
        let names: Vec<String> = diff.before.schema().names().map(str::to_owned).collect();
        for name in names {
            if is_comparable(&diff.before, &diff.after, &name) {
                diff.plan(&name)?;
            }
        }
        Ok(diff)
    }
}

impl Diff {
    /// Rows of the first table that the other has not, ascending.
    pub fn rows_dropped(&self) -> impl Iterator<Item = usize> {
        (0..self.before.len()).filter(|row| self.rows.get(*row).is_none())
    }

    /// Rows of the other table that the first has not, ascending.
    pub fn rows_added(&self) -> impl Iterator<Item = usize> {
        (0..self.after.len()).filter(|row| self.rows.back(*row).is_none())
    }

    /// Columns of the first table that the other has not, or with values of another type.
    #[must_use]
    pub fn columns_dropped(&self) -> &[String] {
        &self.columns_dropped
    }

    /// Columns of the other table that the first has not, or with values of another type.
    #[must_use]
    pub fn columns_added(&self) -> &[String] {
        &self.columns_added
    }

    /// Columns of both that mean something else, such as labels with other classes: their
    /// numbers are compared all the same.
    #[must_use]
    pub fn columns_described(&self) -> &[String] {
        &self.columns_described
    }

    /// Plans what must be read to compare a column.
    fn plan(&mut self, column: &str) -> Result<()> {
        let name = || column.to_owned();
        let sources = [&self.before, &self.after].map(|table| table.stored().source());
        if self.before.root()?.id != self.after.root()?.id {
            let starts = (0..self.before.len()).step_by(ROWS);
            let rows = starts.map(|start| start..self.before.len().min(start + ROWS));
            self.pending
                .extend(rows.map(|rows| Block::Rows(name(), rows)));
            return Ok(());
        }
        let (before, after) = (self.before.overlay(), self.after.overlay());
        let chunks = sources[0].chunks().iter().map(|chunk| chunk.positions());
        let chunks = chunks.take_while(|chunk| chunk.end <= self.rows.shared());
        let both = before.extents().into_iter().zip(after.extents());
        let shared = both.take_while(|(before, after)| before == after).count();
        if layers(&before, shared, column) != layers(&after, shared, column) {
            self.pending
                .extend(chunks.map(|chunk| Block::Stored(name(), chunk)));
            return Ok(());
        }
        if cells(&before, column) == cells(&after, column) {
            return Ok(());
        }
        let mut changed: Vec<usize> = Vec::new();
        for source in sources {
            let cells = source.changed_cells(column)?;
            changed.extend(cells.into_iter().flat_map(|(positions, _)| positions));
        }
        changed.sort_unstable();
        changed.dedup();
        for chunk in chunks {
            let start = changed.partition_point(|position| *position < chunk.start);
            let end = changed.partition_point(|position| *position < chunk.end);
            if let Some(changed) = changed
                .get(start..end)
                .filter(|changed| !changed.is_empty())
            {
                self.pending
                    .push_back(Block::Cells(name(), chunk, changed.to_vec()));
            }
        }
        Ok(())
    }

    /// The rows whose values of some columns differ, a column at a time.
    pub(super) fn rows_of(
        mut self,
        columns: &[String],
    ) -> impl Iterator<Item = Result<(String, Vec<usize>)>> {
        self.pending
            .retain(|block| columns.contains(block.column()));
        std::iter::from_fn(move || {
            let next = self.next_differing()?;
            Some(next.map(|it| (it.column, it.rows.into_iter().map(|(row, _)| row).collect())))
        })
    }

    fn next_differing(&mut self) -> Option<Result<Compared>> {
        loop {
            let block = self.pending.pop_front()?;
            let differing = self.compared(block).and_then(Compared::differing);
            match differing {
                Ok(differing) if differing.rows.is_empty() => {}
                Ok(differing) => return Some(Ok(differing)),
                Err(error) => {
                    self.pending.clear();
                    return Some(Err(error));
                }
            }
        }
    }

    fn compared(&self, block: Block) -> Result<Compared> {
        match block {
            Block::Stored(column, range) => {
                let positions = range.clone().collect::<Vec<_>>();
                self.at_positions(column, &range, &positions)
            }
            Block::Cells(column, range, positions) => self.at_positions(column, &range, &positions),
            Block::Rows(column, rows) => self.at_rows(column, rows),
        }
    }

    /// The values of both at some positions of a range, where both show them.
    fn at_positions(
        &self,
        column: String,
        range: &Range<usize>,
        positions: &[usize],
    ) -> Result<Compared> {
        let both = positions.iter().filter_map(|position| {
            let rows = self.rows.at(*position)?;
            Some((rows, (position - range.start) as u64))
        });
        let (rows, places): (Vec<(usize, usize)>, Vec<u64>) = both.unzip();
        let [before, after] = [&self.before, &self.after].map(|table| {
            let values = table.stored().source().stored_values(&column, range)?;
            pick(&values, &places)
        });
        Ok(Compared {
            column,
            rows,
            before: before?,
            after: after?,
        })
    }

    /// The values of rows of the first table and of those of the other that are the same.
    fn at_rows(&self, column: String, rows: Range<usize>) -> Result<Compared> {
        let scan = self
            .before
            .scan()
            .columns([column.as_str()])
            .rows(rows.clone());
        let batches = scan.batches()?.collect::<Result<Vec<_>>>()?;
        let values: Vec<&dyn Array> = batches
            .iter()
            .map(|batch| batch.column(0).as_ref())
            .collect();
        let values = crate::arrow::compute::concat(&values)
            .map_err(|source| Error::arrow("join a column", source))?;
        let both = rows
            .clone()
            .filter_map(|row| Some((row, self.rows.get(row)?)));
        let both: Vec<(usize, usize)> = both.collect();
        let places: Vec<u64> = both
            .iter()
            .map(|(row, _)| (row - rows.start) as u64)
            .collect();
        let there: Vec<usize> = both.iter().map(|(_, row)| *row).collect();
        let after = self
            .after
            .stored()
            .select(std::slice::from_ref(&column))?
            .take(&there)?;
        Ok(Compared {
            column,
            before: pick(&values, &places)?,
            after: Arc::clone(after.column(0)),
            rows: both,
        })
    }
}

impl Iterator for Diff {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        let differing = self.next_differing()?;
        Some(differing.and_then(Compared::into_batch))
    }
}

impl Block {
    fn column(&self) -> &String {
        match self {
            Self::Stored(column, _) | Self::Cells(column, ..) | Self::Rows(column, _) => column,
        }
    }
}

impl Compared {
    /// Those of which the values differ.
    fn differing(self) -> Result<Self> {
        let rows = self.rows.into_iter().zip(0_u64..);
        let differ = rows.filter(|(_, place)| {
            usize::try_from(*place).is_ok_and(|place| !is_same(&self.before, &self.after, place))
        });
        let (rows, places): (Vec<_>, Vec<u64>) = differ.unzip();
        Ok(Self {
            column: self.column,
            rows,
            before: pick(&self.before, &places)?,
            after: pick(&self.after, &places)?,
        })
    }

    fn into_batch(self) -> Result<RecordBatch> {
        let number = |row: usize| i64::try_from(row).unwrap_or(i64::MAX);
        let rows = self.rows.iter();
        let (old, new): (Vec<i64>, Vec<i64>) =
            rows.map(|(old, new)| (number(*old), number(*new))).unzip();
        let names = std::iter::repeat_n(&self.column, self.rows.len());
        let value = |name| Field::new(name, self.before.data_type().clone(), true);
        let fields = vec![
            Field::new("column", DataType::Utf8, false),
            Field::new("row", DataType::Int64, false),
            Field::new("row_after", DataType::Int64, false),
            value("before"),
            value("after"),
        ];
        let arrays: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from_iter_values(names)),
            Arc::new(Int64Array::from(old)),
            Arc::new(Int64Array::from(new)),
            self.before,
            self.after,
        ];
        RecordBatch::try_new(Arc::new(ArrowSchema::new(fields)), arrays)
            .map_err(|source| Error::arrow("a batch of differences", source))
    }
}

/// Columns of one type that are described in another way.
fn described(before: &Table, after: &Table) -> Vec<String> {
    let others = before.schema().columns().iter().filter(|column| {
        let other = after.schema().column(&column.name);
        is_comparable(before, after, &column.name) && other != Some(column)
    });
    others.map(|column| column.name.clone()).collect()
}

/// Whether both tables have a column of this name and type.
fn is_comparable(one: &Table, other: &Table, name: &str) -> bool {
    let value = |table: &Table| {
        table
            .schema()
            .column(name)
            .map(|column| column.value.to_arrow())
    };
    value(one).is_some() && value(one) == value(other)
}

/// The files that hold a column, of the first segments, and its name in them.
fn layers<'a>(overlay: &'a Overlay, segments: usize, column: &str) -> Vec<(&'a str, Vec<&'a str>)> {
    let shown = |layer: &'a Layer| {
        let stored = layer.columns.iter().find(|shown| shown.name == column)?;
        let urls = layer.parts.iter().map(|part| part.url.as_str());
        Some((stored.stored.as_str(), urls.collect()))
    };
    let segments = overlay.segments.iter().take(segments);
    segments
        .flat_map(|segment| &segment.layers)
        .filter_map(shown)
        .collect()
}

/// The files that hold the changed cells of a column.
fn cells<'a>(overlay: &'a Overlay, column: &str) -> Option<Vec<&'a str>> {
    let cells = overlay.cells.iter().find(|cells| cells.column == column)?;
    let urls = |cells: &'a ChangedCells| cells.parts.iter().map(|part| part.url.as_str());
    Some(urls(cells).collect())
}
