//! Some rows, each with its values in some columns.

use super::value::Value;
use crate::{Failure, print};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use std::sync::Arc;
use tlc_core::arrow::array::ArrayRef;
use tlc_core::{EXAMPLE_ID, Table};
#[cfg(feature = "sql")]
use tlc_core::{Schema, arrow::array::RecordBatch};
use tlc_view::{Column, Kind, Meaning, View};

/// What the first column is called, that says which row it is of its table: the first of these
/// that is no other column.
pub(crate) const PLACES: [&str; 3] = ["row", EXAMPLE_ID, "table_row"];

/// The column of a view that says of which table a row is.
pub(crate) const TABLE: &str = "table";

/// Rows in an order: as JSON a list of objects.
#[derive(Debug)]
pub(crate) struct Listed {
    columns: Arc<[String]>,
    rows: Vec<Vec<Value>>,
}

impl Listed {
    /// Rows of a view. The first column says which row of its table a sample is, or of the
    /// view what is about none; the next one which table, if there are several.
    pub(crate) fn of_view(view: &View, rows: &[u32], columns: &[String]) -> Result<Self, Failure> {
        let columns = &with_table(view, columns);
        let sources = columns.iter().map(|name| Source::of(view, name));
        let sources = sources.collect::<Result<Vec<_>, _>>()?;
        let values = rows.iter().map(|row| {
            let row = *row as usize;
            let place = Value::count(place_in_table(view, row)?);
            let others = sources.iter().map(|source| source.value(view, row));
            [Ok(place)].into_iter().chain(others).collect()
        });
        Ok(Self {
            rows: values.collect::<Result<_, Failure>>()?,
            columns: named(columns),
        })
    }

    /// The first rows of a table. No more is read.
    pub(crate) fn first_of(
        table: &Table,
        count: usize,
        columns: &[String],
    ) -> Result<Self, Failure> {
        let mut rows = Vec::new();
        let schema = table.schema();
        let scan = table.scan().columns(columns.iter().map(String::as_str));
        for batch in scan.rows(0..count.min(table.len())).batches()? {
            let batch = batch?;
            for row in 0..batch.num_rows() {
                let place = Value::count(rows.len());
                // A scan has the columns in the order of the table.
                let values = columns.iter().map(|name| {
                    let column = schema.require(name)?;
                    let values = batch.column_by_name(name);
                    let value = values.map(|values| Value::of(values, row, &column.value, None));
                    Ok(value.unwrap_or_else(Value::missing))
                });
                let values = [Ok(place)].into_iter().chain(values);
                rows.push(values.collect::<Result<Vec<_>, Failure>>()?);
            }
        }
        Ok(Self {
            columns: named(columns),
            rows,
        })
    }

    /// Rows that are in no table.
    #[cfg(feature = "sql")]
    pub(crate) fn of_batch(batch: &RecordBatch, schema: &Schema) -> Self {
        let columns = batch.columns().iter().zip(schema.columns());
        let columns: Vec<_> = columns.collect();
        let value = |row| {
            let values = columns.iter();
            values
                .map(|(values, column)| Value::of(values, row, &column.value, None))
                .collect()
        };
        Self {
            columns: schema.names().map(str::to_owned).collect(),
            rows: (0..batch.num_rows()).map(value).collect(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn print(&self) -> Result<(), Failure> {
        let cells = |row: &Vec<Value>| row.iter().map(|value| value.shown().into()).collect();
        let table = print::Table::new(self.columns.iter().cloned());
        table.rows(self.rows.iter().map(cells)).print()
    }
}

impl Serialize for Listed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let rows = self.rows.iter().map(|row| Named {
            columns: &self.columns,
            row,
        });
        serializer.collect_seq(rows)
    }
}

/// A row under the names of its columns.
struct Named<'l> {
    columns: &'l [String],
    row: &'l [Value],
}

impl Serialize for Named<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.row.len()))?;
        for (name, value) in self.columns.iter().zip(self.row) {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// Where the values of a column come from: from memory, or one by one.
enum Source {
    Held(Arc<Column>),
    Apart(Box<Meaning>),
}

impl Source {
    fn of(view: &View, name: &str) -> Result<Self, Failure> {
        let meaning = view.meaning(name)?;
        Ok(match meaning.kind {
            Kind::Other => Self::Apart(Box::new(meaning.clone())),
            _ => Self::Held(view.column(name)?),
        })
    }

    fn value(&self, view: &View, row: usize) -> Result<Value, Failure> {
        let of = |values: &ArrayRef, row: usize, meaning: &Meaning| {
            Value::of(
                values,
                row,
                &meaning.column.value,
                meaning.classes.as_deref(),
            )
        };
        Ok(match self {
            Self::Held(column) => of(column.values(), row, column.meaning()),
            Self::Apart(meaning) => {
                let cell = view.cell(row, &meaning.name)?;
                cell.map_or_else(Value::missing, |cell| of(&cell, 0, meaning))
            }
        })
    }
}

/// Whether rows are of several tables, those that are gone among them.
pub(crate) fn has_several_tables(view: &View) -> bool {
    let meaning = view
        .meaning(TABLE)
        .ok()
        .filter(|meaning| !meaning.is_of_table);
    let tables = meaning.and_then(|meaning| Some(meaning.classes.as_ref()?.len()));
    tables.is_some_and(|tables| tables > 1)
}

/// A row means nothing where nobody knows of which table.
fn with_table(view: &View, columns: &[String]) -> Vec<String> {
    let is_told = columns.iter().any(|column| column == TABLE);
    let table = Some(TABLE.to_owned()).filter(|_| !is_told && has_several_tables(view));
    table.into_iter().chain(columns.iter().cloned()).collect()
}

/// Which row of its table a sample is; of the view what is about none.
pub(crate) fn place_in_table(view: &View, row: usize) -> Result<usize, Failure> {
    let origin = view.origin(row)?;
    let id = || origin.example_id.and_then(|id| usize::try_from(id).ok());
    Ok(origin.table_row.or_else(id).unwrap_or(row))
}

fn named(columns: &[String]) -> Arc<[String]> {
    let is_free = |name: &&&str| columns.iter().all(|column| column != **name);
    let place = PLACES.iter().find(is_free).map(|name| (*name).to_owned());
    place.iter().chain(columns).cloned().collect()
}
