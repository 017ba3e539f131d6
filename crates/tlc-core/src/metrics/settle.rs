//! What a metrics table is: settled by its first batch, or by the options alone.

use super::check::EXAMPLE_ID;
use super::constant::recorded;
use super::options::{DEFAULT_STREAM, MetricsOptions};
use crate::arrow::array::{Array, RecordBatch, UInt32Array};
use crate::arrow::compute::take;
use crate::run::MetricsHead;
use crate::{Column, Columns, Error, Result, Run, Schema, Table, ValueType};

impl MetricsOptions {
    /// What the columns of the first batch are, constants included.
    pub(super) fn schema_of(&self, batch: &RecordBatch) -> Result<Schema> {
        let inferred = Schema::settled(&batch.schema(), &self.columns)?;
        for column in &self.columns {
            inferred.require(&column.name)?;
        }
        let known = known_columns(&inferred);
        inferred.overridden(&known)?.overridden(&self.columns)
    }

    /// The columns of a table that never got a row, as far as they are known.
    pub(super) fn schema_without_rows(&self) -> Result<Schema> {
        let mut columns = self.columns.clone();
        let missing =
            |columns: &[Column], name: &str| columns.iter().all(|column| column.name != name);
        if self.foreign_table.is_some() && missing(&columns, EXAMPLE_ID) {
            columns.insert(0, Column::new(EXAMPLE_ID, ValueType::ExampleId));
        }
        let constants = self.with_constants(Columns::new(), 0)?.into_plain_batch()?;
        for column in Schema::from_arrow(&constants.schema())?.columns() {
            if missing(&columns, &column.name) {
                columns.push(column.clone());
            }
        }
        let schema = Schema::new(columns)?;
        let known = known_columns(&schema);
        schema.overridden(&known)?.overridden(&self.columns)
    }

    /// The columns with a constant one for each constant.
    pub(super) fn with_constants(&self, mut columns: Columns, rows: usize) -> Result<Columns> {
        let repeat = UInt32Array::from(vec![0; rows]);
        for (name, value) in &self.constants {
            if columns.get(name).is_some() {
                let reason = "is a constant of the writer and a column of the batch";
                return Err(Error::column(name, reason));
            }
            if value.len() != 1 {
                let reason = format!("a constant is one value, not {}", value.len());
                return Err(Error::column(name, reason));
            }
            let values = take(value, &repeat, None)
                .map_err(|source| Error::arrow("repeat a constant", source))?;
            columns.push(name, values);
        }
        Ok(columns)
    }

    /// What a run says of the table.
    pub(super) fn head(
        &self,
        run: &Run,
        table: Option<&Table>,
        name: &str,
        schema: Schema,
    ) -> MetricsHead {
        let stream = self.stream.as_deref().unwrap_or(DEFAULT_STREAM);
        MetricsHead {
            name: name.to_owned(),
            stream: stream.to_owned(),
            schema,
            foreign_table: table.map(|table| run.reference(table)),
            foreign_table_display_name: self.display_name.clone(),
            constants: self
                .constants
                .iter()
                .map(|(name, _)| name.clone())
                .collect(),
            constant_values: self
                .constants
                .iter()
                .filter_map(|(name, value)| Some((name.clone(), recorded(value)?)))
                .collect(),
            finding: self.finding,
        }
    }
}

/// What names that every run shares mean, where the data are of that type.
fn known_columns(schema: &Schema) -> Vec<Column> {
    let known = [
        (EXAMPLE_ID, ValueType::ExampleId),
        ("epoch", ValueType::Epoch),
        ("iteration", ValueType::Iteration),
        ("step", ValueType::Step),
        ("confidence", ValueType::Confidence),
    ];
    let fitting = known.into_iter().filter(|(name, value)| {
        schema
            .column(name)
            .is_some_and(|column| column.value.to_arrow() == value.to_arrow())
    });
    fitting
        .map(|(name, value)| Column::new(name, value))
        .collect()
}
