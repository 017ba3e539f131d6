//! What part files say of the values of a column, without reading them.

use super::guard::guarded;
use super::read::PartReader;
use crate::Result;
use crate::arrow::array::{ArrayRef, UInt64Array};
use crate::arrow::datatypes::DataType;
use parquet::arrow::arrow_reader::statistics::StatisticsConverter;
use parquet::errors::Result as ParquetResult;

/// Bounds of a column in each group of rows, see
/// [`Table::statistics`](crate::Table::statistics).
#[derive(Clone, Debug)]
pub struct Statistics {
    /// For each group a value that no value of it is less than; null where that is not known,
    /// and where all values are null.
    pub least: ArrayRef,
    /// For each group a value that no value of it is greater than, or null as above.
    pub greatest: ArrayRef,
    /// For each group how many of its values are null; null where that is not known.
    pub null_counts: UInt64Array,
}

impl PartReader {
    /// What the file says of a column of this type in a row group; nothing where it says nothing.
    pub(crate) fn statistics(
        &self,
        row_group: usize,
        column: &str,
        of: &DataType,
    ) -> Result<Option<Statistics>> {
        let metadata = self.metadata()?;
        let parquet = metadata.metadata();
        let (Some(group), Ok(field)) = (
            parquet.row_groups().get(row_group),
            metadata.schema().field_with_name(column),
        ) else {
            return Ok(None);
        };
        if field.data_type() != of {
            return Ok(None);
        }
        let schema = parquet.file_metadata().schema_descr();
        let found = guarded(self.url(), || {
            let told = || -> ParquetResult<_> {
                let told = StatisticsConverter::try_new(column, metadata.schema(), schema)?;
                Ok(Statistics {
                    least: told.row_group_mins([group])?,
                    greatest: told.row_group_maxes([group])?,
                    null_counts: told.row_group_null_counts([group])?,
                })
            };
            told().map_err(|error| self.malformed(&error))
        })?;
        Ok(Some(found))
    }
}
