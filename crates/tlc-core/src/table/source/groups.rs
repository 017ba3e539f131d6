//! Groups of rows as they are stored, and what their files say of them.

use super::Source;
use crate::arrow::array::{ArrayRef, UInt64Array};
use crate::arrow::compute::concat;
use crate::arrow::datatypes::DataType;
use crate::part::{PageStatistics, Statistics};
use crate::{Error, Result};
use std::ops::Range;

/// Rows of a group where rows are in another order than stored.
const GROUP_ROWS: usize = 128 << 10;

impl Source {
    /// Groups of rows that are best read as a whole, in the order of rows.
    pub(crate) fn row_groups(&self) -> Result<Vec<Range<usize>>> {
        if self.runs()?.is_none() {
            let chunks = self.chunks().iter();
            return Ok(chunks.map(|chunk| chunk.positions()).collect());
        }
        let starts = (0..self.len()).step_by(GROUP_ROWS);
        Ok(starts
            .map(|start| start..(start + GROUP_ROWS).min(self.len()))
            .collect())
    }

    /// Bounds of a column in each of the row groups, if its files tell them.
    pub(crate) fn statistics(&self, column: &str, of: &DataType) -> Result<Option<Statistics>> {
        if !self.is_bounded(column, of)? {
            return Ok(None);
        }
        let (mut least, mut greatest, mut nulls) = (Vec::new(), Vec::new(), Vec::new());
        for chunk in self.chunks() {
            let Some(found) = chunk.statistics(column, of)? else {
                return Ok(None);
            };
            least.push(found.least);
            greatest.push(found.greatest);
            nulls.extend(found.null_counts.iter());
        }
        let joined = |arrays: &[ArrayRef]| {
            let arrays: Vec<_> = arrays.iter().map(AsRef::as_ref).collect();
            concat(&arrays).map_err(|source| Error::arrow("join statistics", source))
        };
        if least.is_empty() {
            return Ok(None);
        }
        Ok(Some(Statistics {
            least: joined(&least)?,
            greatest: joined(&greatest)?,
            null_counts: UInt64Array::from(nulls),
        }))
    }

    /// Bounds of a column in each page of the row group in this place, if its file tells them.
    pub(crate) fn page_statistics(
        &self,
        group: usize,
        column: &str,
        of: &DataType,
    ) -> Result<Option<PageStatistics>> {
        if !self.is_bounded(column, of)? {
            return Ok(None);
        }
        let Some(chunk) = self.chunks().get(group) else {
            return Ok(None);
        };
        let first_row = chunk.positions().start;
        let found = chunk.page_statistics(column, of)?;
        Ok(found.map(|found| PageStatistics {
            rows: found
                .rows
                .iter()
                .map(|rows| first_row + rows.start..first_row + rows.end)
                .collect(),
            bounds: found.bounds,
        }))
    }

    /// Whether what the files say of a column holds of the rows here.
    fn is_bounded(&self, column: &str, of: &DataType) -> Result<bool> {
        // What is not less than the least may still be NaN, which no file tells.
        let is_ordered = of.is_integer()
            || matches!(
                of,
                DataType::Boolean | DataType::Utf8 | DataType::Timestamp(_, _)
            );
        Ok(is_ordered && self.runs()?.is_none() && !self.is_patched(column))
    }
}
