//! What a metrics table is, settled by its first batch, and whether later ones fit.

use super::check::{EXAMPLE_ID, check_same_columns, checked_ids};
use super::options::MetricsOptions;
use crate::arrow::array::RecordBatch;
use crate::arrow::datatypes::Fields;
use crate::run::MetricsHead;
use crate::schema::conform;
use crate::{Columns, Error, Result, Run, Schema, Table};

/// Takes batches as they are given, and makes rows of them as the table has them.
#[derive(Debug)]
pub(super) struct Fitting {
    options: MetricsOptions,
    foreign_table: Option<Table>,
    settled: Option<Settled>,
}

/// What the first batch was, and what it made of the table.
#[derive(Clone, Debug)]
struct Settled {
    given: Fields,
    schema: Schema,
}

impl Fitting {
    pub(super) fn new(options: MetricsOptions, foreign_table: Option<Table>) -> Self {
        Self {
            options,
            foreign_table,
            settled: None,
        }
    }

    /// What the columns are, once there was a batch.
    pub(super) fn schema(&self) -> Option<&Schema> {
        self.settled.as_ref().map(|settled| &settled.schema)
    }

    /// The rows as the table has them, once they are known to fit.
    pub(super) fn fit(&mut self, mut batch: Columns) -> Result<RecordBatch> {
        batch.check()?;
        if batch.names().next().is_none() {
            return Err(Error::Rows {
                reason: "a batch without columns holds no rows".to_owned(),
            });
        }
        if let Some(table) = &self.foreign_table {
            let ids = checked_ids(&batch, table)?;
            batch.replace(EXAMPLE_ID, ids);
        }
        if let Some(settled) = &self.settled {
            check_same_columns(&settled.given, &batch)?;
        }
        let names: Vec<String> = match self.settled {
            Some(_) => Vec::new(),
            None => batch.names().map(str::to_owned).collect(),
        };
        let rows = batch.len();
        let batch = self
            .options
            .with_constants(batch, rows)?
            .into_plain_batch()?;
        if let Some(settled) = &self.settled {
            return conform(&batch, &settled.schema, &self.options.columns);
        }
        let schema = self.options.schema_of(&batch)?;
        let fitting = conform(&batch, &schema, &self.options.columns)?;
        schema.check_document()?;
        let schema_of_batch = batch.schema();
        let fields = schema_of_batch.fields().iter();
        let given = fields.filter(|field| names.contains(field.name())).cloned();
        let given = given.collect();
        self.settled = Some(Settled { given, schema });
        Ok(fitting)
    }

    /// What a run says of the table.
    pub(super) fn head(&self, run: &Run, name: &str) -> Result<MetricsHead> {
        let schema = match self.schema() {
            Some(schema) => schema.clone(),
            None => self.options.schema_without_rows()?,
        };
        let table = self.foreign_table.as_ref();
        Ok(self.options.head(run, table, name, schema))
    }
}
