//! Changed cells of a column, laid over what is stored.

use crate::arrow::array::{Array, ArrayRef, AsArray, MutableArrayData, make_array};
use crate::arrow::compute::concat;
use crate::arrow::datatypes::{
    ArrowPrimitiveType, DataType, Float32Type, Float64Type, Int32Type, Int64Type,
};
use crate::part::PartReader;
use crate::storage::Store;
use crate::table::overlay::{CELLS, ChangedCells};
use crate::{Column, Error, Result, Url};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// The changed cells of a column, read when they are first needed.
#[derive(Debug)]
pub(super) struct Patch {
    column: String,
    readers: Vec<Arc<PartReader>>,
    positions: usize,
    cells: OnceLock<Cells>,
}

/// Positions, ascending, and the value at each.
#[derive(Debug)]
struct Cells {
    rows: Vec<usize>,
    values: ArrayRef,
}

impl Patch {
    pub(super) fn open(
        folder: &Url,
        store: &Arc<dyn Store>,
        column: &Column,
        cells: &ChangedCells,
        positions: usize,
    ) -> Result<Self> {
        let schema = ChangedCells::schema(column)?.to_arrow();
        let reader = |part| PartReader::new(Arc::clone(store), folder, part, &schema).map(Arc::new);
        Ok(Self {
            column: column.name.clone(),
            readers: cells.parts.iter().map(reader).collect::<Result<_>>()?,
            positions,
            cells: OnceLock::new(),
        })
    }

    pub(super) fn column(&self) -> &str {
        &self.column
    }

    pub(super) fn readers(&self) -> impl Iterator<Item = &Arc<PartReader>> {
        self.readers.iter()
    }

    /// The values of positions from `first` on, with the changed ones in their place.
    pub(super) fn apply(&self, values: ArrayRef, first: usize) -> Result<ArrayRef> {
        let cells = self.cells()?;
        lay_over(values, first, (&cells.rows, &cells.values))
    }

    /// The changed positions, ascending, and their values.
    pub(super) fn read(&self) -> Result<(&[usize], &ArrayRef)> {
        let cells = self.cells()?;
        Ok((&cells.rows, &cells.values))
    }

    fn cells(&self) -> Result<&Cells> {
        if let Some(cells) = self.cells.get() {
            return Ok(cells);
        }
        let cells = self.load()?;
        Ok(self.cells.get_or_init(|| cells))
    }

    fn load(&self) -> Result<Cells> {
        let [row, value] = CELLS;
        let (mut rows, mut values) = (Vec::new(), Vec::new());
        for reader in &self.readers {
            for batch in reader.read_all() {
                let batch = batch?;
                let numbers = batch
                    .column_by_name(row)
                    .and_then(|rows| rows.as_primitive_opt::<Int64Type>());
                let numbers = numbers.map(|numbers| numbers.values().iter());
                for number in numbers.into_iter().flatten() {
                    let row = usize::try_from(*number)
                        .ok()
                        .filter(|row| *row < self.positions);
                    let is_next = |row: &usize| rows.last().is_none_or(|last| last < row);
                    let row = row.filter(is_next).ok_or_else(|| {
                        reader.corrupt(format!("a cell at row {number}, out of order or range"))
                    })?;
                    rows.push(row);
                }
                values.extend(batch.column_by_name(value).cloned());
            }
        }
        let values: Vec<&dyn Array> = values.iter().map(AsRef::as_ref).collect();
        let values =
            concat(&values).map_err(|source| Error::arrow("join changed cells", source))?;
        Ok(Cells { rows, values })
    }
}

/// The values of rows from `first` on, with others in the place of some; those rows ascend.
pub(crate) fn lay_over(
    values: ArrayRef,
    first: usize,
    (rows, changed): (&[usize], &ArrayRef),
) -> Result<ArrayRef> {
    let start = rows.partition_point(|row| *row < first);
    let end = rows.partition_point(|row| *row < first + values.len());
    let Some(rows) = rows.get(start..end).filter(|rows| !rows.is_empty()) else {
        return Ok(values);
    };
    let places = start..end;
    let patched = match values.data_type() {
        DataType::Int32 => in_place::<Int32Type>(values, first, rows, (changed, &places)),
        DataType::Int64 => in_place::<Int64Type>(values, first, rows, (changed, &places)),
        DataType::Float32 => in_place::<Float32Type>(values, first, rows, (changed, &places)),
        DataType::Float64 => in_place::<Float64Type>(values, first, rows, (changed, &places)),
        _ => Err(values),
    };
    patched.or_else(|values| pieced(&values, first, rows, &changed.slice(start, rows.len())))
}

/// Numbers with others in their place, if nobody else has them and none is missing.
fn in_place<T: ArrowPrimitiveType>(
    values: ArrayRef,
    first: usize,
    rows: &[usize],
    (changed, places): (&ArrayRef, &Range<usize>),
) -> Result<ArrayRef, ArrayRef> {
    let (Some(numbers), Some(changed)) = (
        values.as_primitive_opt::<T>(),
        changed.as_primitive_opt::<T>(),
    ) else {
        return Err(values);
    };
    if numbers.null_count() > 0 || changed.null_count() > 0 {
        return Err(values);
    }
    let numbers = numbers.clone();
    drop(values);
    let changed = changed.values().get(places.clone()).unwrap_or_default();
    match numbers.into_builder() {
        Ok(mut builder) => {
            let slice = builder.values_slice_mut();
            for (row, value) in rows.iter().zip(changed) {
                if let Some(cell) = slice.get_mut(row - first) {
                    *cell = *value;
                }
            }
            Ok(Arc::new(builder.finish()))
        }
        Err(numbers) => Err(Arc::new(numbers)),
    }
}

/// Values put together from runs of both.
fn pieced(values: &ArrayRef, first: usize, rows: &[usize], changed: &ArrayRef) -> Result<ArrayRef> {
    let (stored, changed) = (values.to_data(), changed.to_data());
    let mut patched = MutableArrayData::new(vec![&stored, &changed], false, values.len());
    let mut next = 0;
    for (place, row) in rows.iter().enumerate() {
        let row = row - first;
        extend(&mut patched, 0, next, row)?;
        extend(&mut patched, 1, place, place + 1)?;
        next = row + 1;
    }
    extend(&mut patched, 0, next, values.len())?;
    Ok(make_array(patched.freeze()))
}

fn extend(to: &mut MutableArrayData<'_>, from: usize, start: usize, end: usize) -> Result<()> {
    to.try_extend(from, start, end)
        .map_err(|source| Error::arrow("change cells", source))
}
