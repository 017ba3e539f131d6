//! New values for rows of a column, the last one for a row being the one that counts.

use crate::arrow::array::{Array, ArrayRef, UInt64Array};
use crate::arrow::compute::{concat, take};
use crate::{Error, Result};

/// Values and the rows that they are for, in the order in which they were given.
#[derive(Clone, Debug, Default)]
pub(super) struct Strokes {
    rows: Vec<usize>,
    values: Vec<ArrayRef>,
}

/// One value a row, the rows ascending.
#[derive(Clone, Debug)]
pub(super) struct Values {
    pub(super) rows: Vec<usize>,
    pub(super) values: ArrayRef,
}

impl Strokes {
    pub(super) fn push(&mut self, rows: Vec<usize>, values: ArrayRef) {
        self.rows.extend(rows);
        self.values.push(values);
    }

    pub(super) fn merged(&self) -> Result<Option<Values>> {
        if self.rows.is_empty() {
            return Ok(None);
        }
        let values: Vec<&dyn Array> = self.values.iter().map(AsRef::as_ref).collect();
        let values = concat(&values).map_err(|source| Error::arrow("join new values", source))?;
        let mut places: Vec<(usize, u64)> = self.rows.iter().copied().zip(0..).collect();
        // Stable: of equal rows the last one was given last.
        places.sort_by_key(|(row, _)| *row);
        let mut last: Vec<(usize, u64)> = Vec::with_capacity(places.len());
        for (row, place) in places {
            match last.last_mut().filter(|(known, _)| *known == row) {
                Some(known) => known.1 = place,
                None => last.push((row, place)),
            }
        }
        let (rows, places): (Vec<usize>, Vec<u64>) = last.into_iter().unzip();
        let values = pick(&values, &places)?;
        Ok(Some(Values { rows, values }))
    }
}

impl Values {
    /// These where `is_kept` says so of their place.
    pub(super) fn filtered(&self, is_kept: impl Fn(usize) -> bool) -> Result<Self> {
        let places: Vec<usize> = (0..self.rows.len())
            .filter(|place| is_kept(*place))
            .collect();
        let rows = places.iter().filter_map(|place| self.rows.get(*place));
        let rows = rows.copied().collect();
        let places: Vec<u64> = places.iter().map(|place| *place as u64).collect();
        let values = pick(&self.values, &places)?;
        Ok(Self { rows, values })
    }

    /// The same values for other rows.
    pub(super) fn moved(self, to: impl Fn(usize) -> Option<usize>) -> Result<Self> {
        let rows: Vec<Option<usize>> = self.rows.iter().map(|row| to(*row)).collect();
        let mut places: Vec<(usize, u64)> = rows
            .into_iter()
            .zip(0..)
            .filter_map(|(row, place)| Some((row?, place)))
            .collect();
        places.sort_unstable();
        let (rows, places): (Vec<usize>, Vec<u64>) = places.into_iter().unzip();
        let values = pick(&self.values, &places)?;
        Ok(Self { rows, values })
    }
}

/// Values by their places.
pub(super) fn pick(values: &ArrayRef, places: &[u64]) -> Result<ArrayRef> {
    let places = UInt64Array::from(places.to_vec());
    take(values, &places, None).map_err(|source| Error::arrow("choose values", source))
}

/// One value many times.
pub(super) fn repeated(value: &ArrayRef, times: usize) -> Result<ArrayRef> {
    pick(value, &vec![0; times])
}

/// Whether two cells hold the same, bit by bit; both missing is the same.
pub(super) fn is_same(left: &ArrayRef, right: &ArrayRef, row: usize) -> bool {
    left.slice(row, 1).as_ref() == right.slice(row, 1).as_ref()
}
