//! The rows that are computed at once: a block, or those of it that a step is asked for.

use std::cell::OnceCell;
use std::sync::Arc;
use tlc_core::arrow::array::{Array, ArrayRef, BooleanArray, Datum, UInt32Array};
use tlc_core::arrow::compute::{FilterBuilder, FilterPredicate, take};
use tlc_core::arrow::error::Result as Computed;

/// Values of the columns of an expression in some rows.
pub(super) struct Rows<'r> {
    of: Of<'r>,
    len: usize,
    columns: Vec<OnceCell<ArrayRef>>,
}

enum Of<'r> {
    /// A block of them, and where it begins.
    Columns(&'r [ArrayRef], usize),
    /// Some of those rows.
    Rows(&'r Rows<'r>, FilterPredicate),
}

/// One value a row, or one value for all.
pub(super) struct Value {
    pub(super) array: ArrayRef,
    pub(super) is_one: bool,
}

impl<'r> Rows<'r> {
    pub(super) fn block(columns: &'r [ArrayRef], start: usize, len: usize) -> Self {
        let count = columns.len();
        Self::new(Of::Columns(columns, start), len, count)
    }

    /// Those that are true.
    pub(super) fn filter(&'r self, wanted: &BooleanArray) -> Self {
        let filter = FilterBuilder::new(wanted).build();
        let len = filter.count();
        Self::new(Of::Rows(self, filter), len, self.columns.len())
    }

    fn new(of: Of<'r>, len: usize, columns: usize) -> Self {
        let columns = (0..columns).map(|_| OnceCell::new()).collect();
        Self { of, len, columns }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The values of a column.
    pub(super) fn column(&self, place: usize) -> Computed<ArrayRef> {
        let Some(known) = self.columns.get(place) else {
            return Err(no_column());
        };
        if let Some(column) = known.get() {
            return Ok(Arc::clone(column));
        }
        let column = match &self.of {
            Of::Columns(columns, start) => {
                let column = columns.get(place).ok_or_else(no_column)?;
                column.slice(*start, self.len)
            }
            Of::Rows(rows, filter) => filter.filter(&rows.column(place)?)?,
        };
        Ok(Arc::clone(known.get_or_init(|| column)))
    }
}

fn no_column() -> tlc_core::arrow::error::ArrowError {
    tlc_core::arrow::error::ArrowError::SchemaError("no such column".to_owned())
}

impl Value {
    pub(super) fn of(array: impl Array + 'static, is_one: bool) -> Self {
        let array: ArrayRef = Arc::new(array);
        Self { array, is_one }
    }

    /// One value a row.
    pub(super) fn spread(&self, rows: usize) -> Computed<ArrayRef> {
        match self.is_one {
            true => take(&self.array, &UInt32Array::from_value(0, rows), None),
            false => Ok(Arc::clone(&self.array)),
        }
    }
}

impl Datum for Value {
    fn get(&self) -> (&dyn Array, bool) {
        (self.array.as_ref(), self.is_one)
    }
}
