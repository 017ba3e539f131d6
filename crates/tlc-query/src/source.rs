//! A table or a metrics table, whichever it is.

use datafusion::arrow::array::{Array, ArrayRef, new_null_array};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::scalar::ScalarValue;
use std::ops::Range;
use tlc_core::{MetricsTable, PageStatistics, Result, Scan, Statistics, Table, Url};

/// Rows that one commit names.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    Table(Table),
    Metrics(Box<MetricsTable>),
}

impl Source {
    pub(crate) fn url(&self) -> &Url {
        match self {
            Self::Table(table) => table.url(),
            Self::Metrics(table) => table.url(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Table(table) => table.len(),
            Self::Metrics(table) => table.len(),
        }
    }

    pub(crate) fn arrow_schema(&self) -> &SchemaRef {
        match self {
            Self::Table(table) => table.arrow_schema(),
            Self::Metrics(table) => table.arrow_schema(),
        }
    }

    pub(crate) fn scan(&self) -> Scan {
        match self {
            Self::Table(table) => table.scan(),
            Self::Metrics(table) => table.scan(),
        }
    }

    pub(crate) fn row_groups(&self) -> Result<Vec<Range<usize>>> {
        match self {
            Self::Table(table) => table.row_groups(),
            Self::Metrics(table) => table.row_groups(),
        }
    }

    pub(crate) fn statistics(&self, column: &str) -> Result<Option<Statistics>> {
        match self {
            Self::Table(table) => table.statistics(column),
            Self::Metrics(table) => table.statistics(column),
        }
    }

    pub(crate) fn page_statistics(
        &self,
        group: usize,
        column: &str,
    ) -> Result<Option<PageStatistics>> {
        match self {
            Self::Table(table) => table.page_statistics(group, column),
            Self::Metrics(table) => table.page_statistics(group, column),
        }
    }

    /// What all rows have in a column, if it is a constant, as an array of one value; else null.
    pub(crate) fn constant(&self, column: &str, of: &DataType) -> Result<ArrayRef> {
        let value = match self {
            Self::Table(_) => None,
            Self::Metrics(table) => table.constant(column)?,
        };
        let scalar = value.and_then(|value| match value {
            serde_json::Value::Bool(value) => Some(ScalarValue::from(value)),
            serde_json::Value::String(value) => Some(ScalarValue::from(value)),
            serde_json::Value::Number(value) => value
                .as_i64()
                .map(ScalarValue::from)
                .or_else(|| value.as_f64().map(ScalarValue::from)),
            _ => None,
        });
        let array = scalar.and_then(|scalar| scalar.to_array().ok());
        let array = array.and_then(|array| cast(&array, of).ok());
        Ok(array
            .filter(|array| array.len() == 1)
            .unwrap_or_else(|| new_null_array(of, 1)))
    }
}
