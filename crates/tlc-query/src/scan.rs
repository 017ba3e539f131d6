//! Reading rows, as a step of a plan.

use crate::float::comparable;
use crate::prune::{Pruned, Span};
use crate::source::Source;
use datafusion::arrow::array::{ArrayRef, Int64Array, RecordBatch, RecordBatchOptions};
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::Statistics;
use datafusion::common::stats::Precision;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::DataFusionError;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::metrics::{BaselineMetrics, ExecutionPlanMetricsSet, MetricsSet};
use datafusion::physical_plan::statistics::StatisticsArgs;
use datafusion::physical_plan::stream::{
    RecordBatchReceiverStreamBuilder, RecordBatchStreamAdapter,
};
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties,
    ReplaceChildrenOptions,
};
use futures_util::stream;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use tlc_core::storage;

type Result<T, E = DataFusionError> = std::result::Result<T, E>;

type Batches = Box<dyn Iterator<Item = Result<RecordBatch>> + Send>;

/// Batches that wait to be taken.
const BATCHES_AHEAD: usize = 2;

/// Reads some columns of some rows, in parts that may be read side by side.
#[derive(Clone, Debug)]
pub(crate) struct ScanRows {
    sources: Arc<[Source]>,
    /// Of all columns that there are.
    width: usize,
    schema: SchemaRef,
    parts: Arc<[Vec<Span>]>,
    predicate: Option<String>,
    fetch: Option<usize>,
    properties: Arc<PlanProperties>,
    metrics: ExecutionPlanMetricsSet,
}

impl ScanRows {
    pub(crate) fn new(
        sources: &Arc<[Source]>,
        schema: &SchemaRef,
        projection: Option<&Vec<usize>>,
        pruned: Pruned,
        partitions: usize,
    ) -> Result<Self> {
        let width = schema.fields().len();
        let schema = match projection {
            Some(places) => Arc::new(schema.project(places)?),
            None => Arc::clone(schema),
        };
        let parts = divided(pruned.spans, partitions);
        let properties = PlanProperties::new(
            EquivalenceProperties::new(Arc::clone(&schema)),
            Partitioning::UnknownPartitioning(parts.len()),
            EmissionType::Incremental,
            Boundedness::Bounded,
        );
        Ok(Self {
            sources: Arc::clone(sources),
            width,
            schema,
            parts: parts.into(),
            predicate: pruned.predicate,
            fetch: None,
            properties: Arc::new(properties),
            metrics: ExecutionPlanMetricsSet::new(),
        })
    }

    /// The same, ended after so many rows of each part.
    pub(crate) fn fetching(self, fetch: Option<usize>) -> Self {
        Self { fetch, ..self }
    }

    fn rows(&self, part: Option<usize>) -> usize {
        let parts = match part {
            None => &self.parts[..],
            Some(part) => self.parts.get(part..=part).unwrap_or_default(),
        };
        let rows = parts.iter().map(|spans| {
            let rows = spans.iter().map(|span| span.rows.len()).sum::<usize>();
            rows.min(self.fetch.unwrap_or(usize::MAX))
        });
        rows.sum()
    }

    /// The batches of a part, read as they are asked for.
    fn read(self: Arc<Self>, part: usize, batch_rows: usize) -> Batches {
        let metrics = BaselineMetrics::new(&self.metrics, part);
        let spans = self.parts.get(part).cloned().unwrap_or_default();
        let mut left = self.fetch.unwrap_or(usize::MAX);
        let batches = spans.into_iter().flat_map(move |span| {
            let batches = Arc::clone(&self).read_span(span, batch_rows);
            batches.unwrap_or_else(|error| Box::new(std::iter::once(Err(error))))
        });
        Box::new(batches.map_while(move |batch| match (batch, left) {
            (_, 0) => None,
            (Err(error), _) => {
                left = 0;
                Some(Err(error))
            }
            (Ok(batch), _) => {
                let batch = batch.slice(0, batch.num_rows().min(left));
                left -= batch.num_rows();
                metrics.record_output(batch.num_rows());
                Some(Ok(batch))
            }
        }))
    }

    fn read_span(self: Arc<Self>, span: Span, batch_rows: usize) -> Result<Batches> {
        let Some(source) = self.sources.get(span.source) else {
            return Ok(Box::new(std::iter::empty()));
        };
        let fields = self.schema.fields().iter();
        let names = fields.map(|field| field.name().as_str());
        let stored = names.filter(|name| source.arrow_schema().field_with_name(name).is_ok());
        let stored: Vec<&str> = stored.collect();
        if stored.is_empty() {
            let (starts, end) = (span.rows.clone().step_by(batch_rows), span.rows.end);
            let ranges = starts.map(move |start| start..(start + batch_rows).min(end));
            return Ok(Box::new(
                ranges.map(move |rows| self.put_together(None, rows)),
            ));
        }
        let scan = source.scan().columns(stored).rows(span.rows.clone());
        let batches = scan.batch_size(batch_rows).batches().map_err(read)?;
        let mut next_row = span.rows.start;
        Ok(Box::new(batches.map(move |batch| {
            let batch = batch.map_err(read)?;
            let rows = next_row..next_row + batch.num_rows();
            next_row = rows.end;
            self.put_together(Some(&batch), rows)
        })))
    }

    /// Whether reading takes so long that no thread of the engine should wait for it.
    fn is_far(&self) -> bool {
        let stores = self
            .sources
            .first()
            .map(|source| storage::open(source.url()));
        stores.is_some_and(|store| store.is_ok_and(|store| store.parallel_reads() > 1))
    }

    /// The columns that are wanted: what was read, and the numbers of the rows.
    fn put_together(&self, read: Option<&RecordBatch>, rows: Range<usize>) -> Result<RecordBatch> {
        let fields = self.schema.fields().iter();
        let columns = fields.map(|field| {
            let stored = read.and_then(|read| read.column_by_name(field.name()));
            stored.map_or_else(|| numbers(&rows), comparable)
        });
        let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
        Ok(RecordBatch::try_new_with_options(
            Arc::clone(&self.schema),
            columns.collect(),
            &options,
        )?)
    }
}

impl ExecutionPlan for ScanRows {
    fn name(&self) -> &'static str {
        "ScanRows"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        Vec::new()
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn replace_children(
        self: Arc<Self>,
        _: Vec<Arc<dyn ExecutionPlan>>,
        _: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn with_new_children(
        self: Arc<Self>,
        _: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let schema = Arc::clone(&self.schema);
        let batch_rows = context.session_config().batch_size();
        let scan = Arc::new(self.clone());
        if !self.is_far() {
            let batches = stream::iter(scan.read(partition, batch_rows));
            return Ok(Box::pin(RecordBatchStreamAdapter::new(schema, batches)));
        }
        let mut builder = RecordBatchReceiverStreamBuilder::new(schema, BATCHES_AHEAD);
        let to = builder.tx();
        builder.spawn_blocking(move || {
            for batch in scan.read(partition, batch_rows) {
                if to.blocking_send(batch).is_err() {
                    break;
                }
            }
            Ok(())
        });
        Ok(builder.build())
    }

    fn metrics(&self) -> Option<MetricsSet> {
        Some(self.metrics.clone_inner())
    }

    fn statistics_from_inputs(
        &self,
        _: &[Arc<Statistics>],
        args: &StatisticsArgs,
    ) -> Result<Arc<Statistics>> {
        let rows = self.rows(args.partition());
        let rows = match self.predicate {
            // What is left may still be filtered: it is all that is read here, though.
            Some(_) => Precision::Inexact(rows),
            None => Precision::Exact(rows),
        };
        let unknown = Statistics::new_unknown(&self.schema);
        Ok(Arc::new(unknown.with_num_rows(rows)))
    }

    fn supports_limit_pushdown(&self) -> bool {
        false
    }

    fn with_fetch(&self, fetch: Option<usize>) -> Option<Arc<dyn ExecutionPlan>> {
        Some(Arc::new(self.clone().fetching(fetch)))
    }

    fn fetch(&self) -> Option<usize> {
        self.fetch
    }
}

impl DisplayAs for ScanRows {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.sources.iter().map(Source::len).sum::<usize>();
        let read = self.parts.iter().flatten().map(|span| span.rows.len());
        write!(
            f,
            "ScanRows: rows={} of {all}, columns={} of {}, parts={}",
            read.sum::<usize>(),
            self.schema.fields().len(),
            self.width,
            self.parts.len(),
        )?;
        if let Some(fetch) = self.fetch {
            write!(f, ", fetch={fetch}")?;
        }
        match &self.predicate {
            Some(predicate) => write!(f, ", predicate={predicate}"),
            None => Ok(()),
        }
    }
}

/// Spans in their order, in at most so many parts of about as many rows; at least one part.
fn divided(spans: Vec<Span>, parts: usize) -> Vec<Vec<Span>> {
    let all: usize = spans.iter().map(|span| span.rows.len()).sum();
    let rows = all.div_ceil(parts.max(1)).max(1);
    let mut divided: Vec<Vec<Span>> = vec![Vec::new()];
    let mut filled = 0;
    for span in spans {
        if filled >= rows && divided.len() < parts {
            divided.push(Vec::new());
            filled = 0;
        }
        filled += span.rows.len();
        let Some(part) = divided.last_mut() else {
            continue;
        };
        match part.last_mut() {
            Some(last) if last.source == span.source && last.rows.end == span.rows.start => {
                last.rows.end = span.rows.end;
            }
            _ => part.push(span),
        }
    }
    divided
}

fn numbers(rows: &Range<usize>) -> ArrayRef {
    let number = |row: usize| i64::try_from(row).unwrap_or(i64::MAX);
    Arc::new(Int64Array::from_iter_values(rows.clone().map(number)))
}

fn read(error: tlc_core::Error) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}
