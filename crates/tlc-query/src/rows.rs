//! Rows of a table, or of metrics tables with the same columns, as a table of DataFusion.

use crate::prune::Pruned;
use crate::scan::ScanRows;
use crate::source::Source;
use crate::{Error, Result};
use async_trait::async_trait;
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::stats::Precision;
use datafusion::common::{DFSchema, Statistics};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_plan::ExecutionPlan;
use std::sync::Arc;
use tlc_core::{EXAMPLE_ID, MetricsTable, Table};

/// Rows as DataFusion sees them: for a context of your own, or beside other tables in one.
///
/// ```
/// use std::sync::Arc;
/// use tlc_core::{Columns, Table, TableOptions, Url};
/// use tlc_query::Rows;
/// use tlc_query::datafusion::prelude::SessionContext;
///
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// let options = TableOptions::new("demo", "train", "initial");
/// let table = Table::create(options.root(Url::parse("memory://docs-rows/")?), |writer| {
///     writer.add_batch(Columns::new().column("label", vec![3, 1]))
/// })?;
/// let session = SessionContext::new();
/// session.register_table("train", Arc::new(Rows::of_table(&table)))?;
/// let labels = session.sql("SELECT label FROM train WHERE example_id = 1").await?;
/// assert_eq!(labels.count().await?, 1);
/// # Ok::<(), tlc_query::Error>(())
/// # })?;
/// # Ok::<(), tlc_query::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Rows {
    sources: Arc<[Source]>,
    schema: SchemaRef,
}

impl Rows {
    /// Rows of a table or revision, with the number of each as the last column, `example_id`,
    /// unless the table has one of this name.
    #[must_use]
    pub fn of_table(table: &Table) -> Self {
        let own = table.arrow_schema();
        let schema = match own.field_with_name(EXAMPLE_ID) {
            Ok(_) => Arc::clone(own),
            Err(_) => {
                let number = Arc::new(Field::new(EXAMPLE_ID, DataType::Int64, false));
                let fields = own.fields().iter().cloned().chain([number]);
                Arc::new(Schema::new_with_metadata(
                    fields.collect::<Vec<_>>(),
                    own.metadata().clone(),
                ))
            }
        };
        Self {
            sources: Arc::new([Source::Table(table.clone())]),
            schema,
        }
    }

    /// Rows of metrics tables, one after another: those of one stream of a run have the same
    /// columns, and those of runs that were collected alike.
    ///
    /// # Errors
    /// [`Error::OtherColumns`] if they have not; [`Error::NoSuch`] if there are none.
    pub fn of_metrics(tables: impl IntoIterator<Item = MetricsTable>) -> Result<Self> {
        let sources: Vec<MetricsTable> = tables.into_iter().collect();
        let Some(first) = sources.first() else {
            return Err(Error::NoSuch {
                what: "metrics table",
                name: "to ask".to_owned(),
                known: Vec::new(),
            });
        };
        let mut fields = first.arrow_schema().fields().to_vec();
        for other in &sources {
            let others = other.arrow_schema().fields();
            let is_same = |(own, other): (&Arc<Field>, &Arc<Field>)| {
                own.name() == other.name() && own.data_type() == other.data_type()
            };
            if fields.len() != others.len() || !fields.iter().zip(others).all(is_same) {
                return Err(Error::OtherColumns {
                    first: first.url().to_string(),
                    other: other.url().to_string(),
                });
            }
            for (own, other) in fields.iter_mut().zip(others) {
                if other.is_nullable() && !own.is_nullable() {
                    *own = Arc::new(own.as_ref().clone().with_nullable(true));
                }
            }
        }
        let metadata = first.arrow_schema().metadata().clone();
        Ok(Self {
            schema: Arc::new(Schema::new_with_metadata(fields, metadata)),
            sources: sources
                .into_iter()
                .map(|table| Source::Metrics(Box::new(table)))
                .collect(),
        })
    }

    fn len(&self) -> usize {
        let rows = self.sources.iter().map(Source::len);
        rows.fold(0, usize::saturating_add)
    }
}

#[async_trait]
impl TableProvider for Rows {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
        // What is filtered later may need more rows than are asked for.
        let limit = limit.filter(|_| filters.is_empty());
        let predicate = conjunction(filters.to_vec());
        let predicate = predicate.map(|filter| {
            let schema = DFSchema::try_from(Arc::clone(&self.schema))?;
            state.create_physical_expr(filter, &schema)
        });
        let predicate = predicate.transpose()?;
        let pruned = Pruned::of(&self.sources, &self.schema, predicate, limit).await?;
        let partitions = state.config().target_partitions();
        let scan = ScanRows::new(&self.sources, &self.schema, projection, pruned, partitions)?;
        Ok(Arc::new(scan.fetching(limit)))
    }

    /// Groups of rows are left out by what is known of them, and the rest is filtered by the
    /// engine.
    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>, DataFusionError> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    fn statistics(&self) -> Option<Statistics> {
        let unknown = Statistics::new_unknown(&self.schema);
        Some(unknown.with_num_rows(Precision::Exact(self.len())))
    }
}
