//! What part files say of the values of a column, without reading them.

use super::guard::guarded;
use super::offsets::{bounds_of, index_of, locations, places, rows_of};
use super::read::{Fetched, PartReader};
use super::thrift::{DEPTH, Reader, STRUCT};
use crate::Result;
use crate::arrow::array::{Array, ArrayRef, UInt64Array};
use crate::arrow::datatypes::DataType;
use parquet::arrow::arrow_reader::ArrowReaderMetadata;
use parquet::arrow::arrow_reader::statistics::StatisticsConverter;
use parquet::arrow::parquet_column;
use parquet::errors::{ParquetError, Result as ParquetResult};
use parquet::file::metadata::{
    PageIndexPolicy, ParquetMetaData, ParquetMetaDataBuilder, ParquetMetaDataReader,
    RowGroupMetaData,
};
use parquet::file::page_index::offset_index::PageLocation;
use std::ops::Range;

/// Bounds of a column in each group of rows, see
/// [`Table::statistics`](crate::Table::statistics), or in each page, see [`PageStatistics`].
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

/// Bounds of a column in each page of a group of rows, see
/// [`Table::page_statistics`](crate::Table::page_statistics).
#[derive(Clone, Debug)]
pub struct PageStatistics {
    /// The rows of each page, in their order.
    pub rows: Vec<Range<usize>>,
    /// What is known of the values of each page.
    pub bounds: Statistics,
}

impl Statistics {
    fn are_of(&self, groups: usize) -> bool {
        let lens = [
            self.least.len(),
            self.greatest.len(),
            self.null_counts.len(),
        ];
        lens == [groups; 3]
    }
}

/// A column in a row group of a file.
struct Told<'r> {
    metadata: &'r ArrowReaderMetadata,
    group: &'r RowGroupMetaData,
    column: &'r str,
}

impl PartReader {
    /// What the file says of a column of this type in a row group; nothing where it says nothing.
    pub(crate) fn statistics(
        &self,
        row_group: usize,
        column: &str,
        of: &DataType,
    ) -> Result<Option<Statistics>> {
        let Some(told) = self.told(row_group, column, of)? else {
            return Ok(None);
        };
        let found = guarded(self.url(), || {
            told.of_group().map_err(|error| self.malformed(&error))
        })?;
        Ok(Some(found))
    }

    /// What the file says of a column of this type in each page of a row group, its rows counted
    /// from its first; nothing where it says nothing, and where there is but one.
    pub(crate) fn page_statistics(
        &self,
        row_group: usize,
        column: &str,
        of: &DataType,
    ) -> Result<Option<PageStatistics>> {
        let Some(told) = self.told(row_group, column, of)? else {
            return Ok(None);
        };
        let Some(at) = guarded(self.url(), || Ok(told.indexes()))? else {
            return Ok(None);
        };
        let read = self.ranges(&[at.places.clone(), at.bounds.clone()])?;
        let [places, bounds] = &read[..] else {
            return Ok(None);
        };
        let pages = locations(places, &at.chunk, told.rows());
        // A list may claim to be longer than the bytes that it is in.
        let is_whole = Reader { rest: bounds }.skip(STRUCT, DEPTH).is_some();
        let Some(pages) = pages.filter(|pages| is_whole && pages.len() > 1) else {
            return Ok(None);
        };
        let rows = rows_of(&pages, told.rows());
        let file = self.fetched(at.bounds.start, bounds.clone());
        let bounds = guarded(self.url(), || {
            let found = told.of_pages(at.leaf, pages, &file);
            found.map_err(|error| self.malformed(&error))
        })?;
        Ok(bounds
            .are_of(rows.len())
            .then_some(PageStatistics { rows, bounds }))
    }

    fn told<'r>(
        &'r self,
        row_group: usize,
        column: &'r str,
        of: &DataType,
    ) -> Result<Option<Told<'r>>> {
        let metadata = self.metadata()?;
        let groups = metadata.metadata().row_groups();
        let field = metadata.schema().field_with_name(column);
        let is_of = field.is_ok_and(|field| field.data_type() == of);
        let group = groups.get(row_group).filter(|_| is_of);
        Ok(group.map(|group| Told {
            metadata,
            group,
            column,
        }))
    }
}

/// Where a file tells of the pages of a column.
struct Indexes {
    leaf: usize,
    /// The pages themselves.
    chunk: Range<u64>,
    places: Range<u64>,
    bounds: Range<u64>,
}

impl Told<'_> {
    fn rows(&self) -> usize {
        usize::try_from(self.group.num_rows()).unwrap_or_default()
    }

    fn indexes(&self) -> Option<Indexes> {
        let schema = self.metadata.metadata().file_metadata().schema_descr();
        let (leaf, _) = parquet_column(schema, self.metadata.schema(), self.column)?;
        let chunk = self.group.columns().get(leaf)?;
        let (start, len) = chunk.byte_range();
        Some(Indexes {
            leaf,
            chunk: start..start.saturating_add(len),
            places: index_of(chunk)?,
            bounds: bounds_of(chunk)?,
        })
    }

    fn converter(&self) -> ParquetResult<StatisticsConverter<'_>> {
        let schema = self.metadata.metadata().file_metadata().schema_descr();
        StatisticsConverter::try_new(self.column, self.metadata.schema(), schema)
    }

    fn of_group(&self) -> ParquetResult<Statistics> {
        let told = self.converter()?;
        Ok(Statistics {
            least: told.row_group_mins([self.group])?,
            greatest: told.row_group_maxes([self.group])?,
            null_counts: told.row_group_null_counts([self.group])?,
        })
    }

    fn of_pages(
        &self,
        leaf: usize,
        pages: Vec<PageLocation>,
        file: &Fetched,
    ) -> ParquetResult<Statistics> {
        let alone = ParquetMetaDataReader::new_with_metadata(self.alone(leaf)?);
        let mut alone = alone
            .with_column_index_policy(PageIndexPolicy::Optional)
            .with_offset_index_policy(PageIndexPolicy::Skip);
        alone.read_page_indexes(file)?;
        let alone = alone.finish()?;
        let bounds = alone.column_index();
        let bounds = bounds.ok_or_else(|| ParquetError::General("no column index".to_owned()))?;
        let mut index = vec![places(Vec::new()); self.group.columns().len()];
        if let Some(index) = index.get_mut(leaf) {
            *index = places(pages);
        }
        let (told, index, group) = (self.converter()?, vec![index], [&0]);
        Ok(Statistics {
            least: told.data_page_mins(bounds, &index, group)?,
            greatest: told.data_page_maxes(bounds, &index, group)?,
            null_counts: told.data_page_null_counts(bounds, &index, group)?,
        })
    }

    /// The row group as the only one, which says of this column alone where its bounds are.
    fn alone(&self, leaf: usize) -> ParquetResult<ParquetMetaData> {
        let columns = self.group.columns().iter().enumerate();
        let columns = columns.map(|(place, column)| match place == leaf {
            true => Ok(column.clone()),
            false => column
                .clone()
                .into_builder()
                .set_column_index_offset(None)
                .set_column_index_length(None)
                .build(),
        });
        let columns = columns.collect::<ParquetResult<Vec<_>>>()?;
        let group = self.group.clone().into_builder();
        let group = group.set_column_metadata(columns).build()?;
        let file = self.metadata.metadata().file_metadata().clone();
        Ok(ParquetMetaDataBuilder::new(file)
            .add_row_group(group)
            .build())
    }
}
