//! Which rows a question may need: what is known of them without reading them rules the others
//! out. First whole metrics tables by their constants, then groups of rows by the bounds that
//! their files tell, then runs of row numbers.

use crate::source::Source;
use datafusion::arrow::array::{
    Array, ArrayRef, BooleanArray, Int64Array, UInt64Array, new_null_array,
};
use datafusion::arrow::compute::concat;
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::common::pruning::PruningStatistics;
use datafusion::common::{Column, ScalarValue};
use datafusion::error::DataFusionError;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::utils::collect_columns;
use datafusion::physical_optimizer::pruning::{PruningPredicate, PruningPredicateBuilder};
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;
use tlc_core::EXAMPLE_ID;
use tokio::task::JoinSet;

type Result<T, E = DataFusionError> = std::result::Result<T, E>;

/// Rows that are decided on together by their numbers.
const NUMBERED_ROWS: usize = 1024;
/// Sources of which bounds are asked for at once.
const AT_ONCE: usize = 16;

/// Rows of one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) source: usize,
    pub(crate) rows: Range<usize>,
}

/// What is left to be read.
#[derive(Debug)]
pub(crate) struct Pruned {
    pub(crate) spans: Vec<Span>,
    /// What the question asks of the rows, in words.
    pub(crate) predicate: Option<String>,
}

impl Pruned {
    /// The rows that may be what is asked for, or the first of them if there is a limit and
    /// nothing is asked.
    pub(crate) async fn of(
        sources: &Arc<[Source]>,
        schema: &SchemaRef,
        predicate: Option<Arc<dyn PhysicalExpr>>,
        limit: Option<usize>,
    ) -> Result<Self> {
        let told = predicate.as_ref().map(|predicate| predicate.to_string());
        let pruning = predicate.map(|predicate| {
            let columns = collect_columns(&predicate);
            let names = columns.iter().map(|column| column.name().to_owned());
            let names = names.collect::<Vec<_>>();
            let builder = PruningPredicateBuilder::new().with_file_schema(Arc::clone(schema));
            let pruning = builder.try_build(predicate)?;
            Ok::<_, DataFusionError>((pruning, names))
        });
        let pruning = pruning.transpose()?;
        let pruning = pruning.filter(|(pruning, _)| !pruning.always_true());
        let spans = match pruning {
            None => first_rows(sources, limit.unwrap_or(usize::MAX))?,
            Some((pruning, names)) => by_bounds(sources, schema, pruning, names).await?,
        };
        Ok(Self {
            spans,
            predicate: told,
        })
    }
}

/// Groups from the first on, as many as have so many rows.
fn first_rows(sources: &[Source], limit: usize) -> Result<Vec<Span>> {
    let (mut spans, mut found) = (Vec::new(), 0_usize);
    for (place, source) in sources.iter().enumerate() {
        if found >= limit {
            break;
        }
        for rows in source.row_groups().map_err(read)? {
            if found < limit {
                found = found.saturating_add(rows.len());
                spans.push(Span {
                    source: place,
                    rows,
                });
            }
        }
    }
    Ok(spans)
}

async fn by_bounds(
    sources: &Arc<[Source]>,
    schema: &SchemaRef,
    pruning: PruningPredicate,
    names: Vec<String>,
) -> Result<Vec<Span>> {
    let columns = names.into_iter().filter_map(|name| {
        let field = schema.field_with_name(&name).ok()?;
        Some((name, field.data_type().clone()))
    });
    let columns: Arc<[(String, DataType)]> = columns.collect();
    let left = by_constants(sources, &pruning, &columns).await?;
    let mut asking = JoinSet::new();
    let mut known = Vec::new();
    for place in left {
        if asking.len() >= AT_ONCE {
            known.extend(asking.join_next().await);
        }
        let (sources, columns) = (Arc::clone(sources), Arc::clone(&columns));
        asking.spawn_blocking(move || Groups::of(&sources, place, &columns));
    }
    while let Some(done) = asking.join_next().await {
        known.push(done);
    }
    let mut groups = Vec::with_capacity(known.len());
    for known in known {
        let known = known.map_err(|error| DataFusionError::External(Box::new(error)))?;
        groups.push(known?);
    }
    groups.sort_by_key(|groups| groups.source);
    let mut spans = Vec::new();
    for groups in &groups {
        for span in groups.left(&pruning)? {
            match groups.is_numbered {
                true => spans.extend(by_numbers(&span, &pruning)?),
                false => spans.push(span),
            }
        }
    }
    Ok(spans)
}

/// The sources whose constants do not rule them out.
async fn by_constants(
    sources: &Arc<[Source]>,
    pruning: &PruningPredicate,
    columns: &Arc<[(String, DataType)]>,
) -> Result<Vec<usize>> {
    let (asked, names) = (Arc::clone(sources), Arc::clone(columns));
    let asking = move || {
        let known = names.iter().map(|(name, of)| {
            let values = asked.iter().map(|source| source.constant(name, of));
            let values = values.collect::<tlc_core::Result<Vec<_>>>().map_err(read)?;
            Ok((name.clone(), Bounds::exact(joined(&values)?)))
        });
        known.collect::<Result<HashMap<_, _>>>()
    };
    let known = tokio::task::spawn_blocking(asking).await;
    let bounds = known.map_err(|error| DataFusionError::External(Box::new(error)))??;
    let rows = sources.iter().map(|source| source.len() as u64);
    let known = Known {
        rows: rows.collect(),
        bounds,
    };
    let kept = pruning.prune(&known)?;
    Ok((0..sources.len())
        .zip(kept)
        .filter_map(|(place, is_kept)| is_kept.then_some(place))
        .collect())
}

/// Of a table whose rows are known by their numbers, those whose numbers are asked for.
fn by_numbers(span: &Span, pruning: &PruningPredicate) -> Result<Vec<Span>> {
    let starts = span.rows.clone().step_by(NUMBERED_ROWS);
    let spans = starts.map(|start| Span {
        source: span.source,
        rows: start..(start + NUMBERED_ROWS).min(span.rows.end),
    });
    let spans: Vec<Span> = spans.collect();
    let rows: Vec<Range<usize>> = spans.iter().map(|span| span.rows.clone()).collect();
    let known = Known {
        rows: rows.iter().map(|rows| rows.len() as u64).collect(),
        bounds: HashMap::from([(EXAMPLE_ID.to_owned(), Bounds::numbers(&rows))]),
    };
    let mut kept: Vec<Span> = Vec::new();
    for (span, is_kept) in spans.into_iter().zip(pruning.prune(&known)?) {
        match kept.last_mut() {
            _ if !is_kept => {}
            Some(last) if last.rows.end == span.rows.start => last.rows.end = span.rows.end,
            _ => kept.push(span),
        }
    }
    Ok(kept)
}

/// The groups of rows of a source, and what is known of them.
struct Groups {
    source: usize,
    rows: Vec<Range<usize>>,
    bounds: HashMap<String, Bounds>,
    /// Whether something is asked of the numbers of its rows.
    is_numbered: bool,
}

impl Groups {
    fn of(sources: &[Source], place: usize, columns: &[(String, DataType)]) -> Result<Self> {
        let source = sources
            .get(place)
            .ok_or_else(|| DataFusionError::Internal("no source is in this place".to_owned()))?;
        let rows = source.row_groups().map_err(read)?;
        let mut bounds = HashMap::new();
        let mut is_numbered = false;
        for (name, of) in columns {
            let known = match source.arrow_schema().field_with_name(name) {
                Err(_) => {
                    is_numbered = true;
                    Some(Bounds::numbers(&rows))
                }
                Ok(field) => {
                    let told = source.statistics(name).map_err(read)?;
                    told.filter(|_| field.data_type() == of).map(|told| Bounds {
                        least: told.least,
                        greatest: told.greatest,
                        nulls: Some(Arc::new(told.null_counts)),
                    })
                }
            };
            bounds.extend(known.map(|known| (name.clone(), known)));
        }
        Ok(Self {
            source: place,
            rows,
            bounds,
            is_numbered,
        })
    }

    fn left(&self, pruning: &PruningPredicate) -> Result<Vec<Span>> {
        let known = Known {
            rows: self.rows.iter().map(|rows| rows.len() as u64).collect(),
            bounds: self.bounds.clone(),
        };
        let kept = pruning.prune(&known)?;
        let kept = self.rows.iter().zip(kept);
        Ok(kept
            .filter(|(_, is_kept)| *is_kept)
            .map(|(rows, _)| Span {
                source: self.source,
                rows: rows.clone(),
            })
            .collect())
    }
}

/// What is known of a column in each of some groups.
#[derive(Clone)]
struct Bounds {
    least: ArrayRef,
    greatest: ArrayRef,
    nulls: Option<ArrayRef>,
}

impl Bounds {
    fn exact(values: ArrayRef) -> Self {
        Self {
            least: Arc::clone(&values),
            greatest: values,
            nulls: None,
        }
    }

    fn numbers(rows: &[Range<usize>]) -> Self {
        let number = |row: usize| i64::try_from(row).unwrap_or(i64::MAX);
        let least: Int64Array = rows.iter().map(|rows| Some(number(rows.start))).collect();
        let last = rows.iter().map(|rows| rows.end.saturating_sub(1));
        let greatest: Int64Array = last.map(|row| Some(number(row))).collect();
        let nulls: UInt64Array = rows.iter().map(|_| Some(0)).collect();
        Self {
            least: Arc::new(least),
            greatest: Arc::new(greatest),
            nulls: Some(Arc::new(nulls)),
        }
    }
}

/// What is known of groups of rows, as the engine asks for it.
struct Known {
    rows: Vec<u64>,
    bounds: HashMap<String, Bounds>,
}

impl PruningStatistics for Known {
    fn min_values(&self, column: &Column) -> Option<ArrayRef> {
        Some(Arc::clone(&self.bounds.get(column.name())?.least))
    }

    fn max_values(&self, column: &Column) -> Option<ArrayRef> {
        Some(Arc::clone(&self.bounds.get(column.name())?.greatest))
    }

    fn num_containers(&self) -> usize {
        self.rows.len()
    }

    fn null_counts(&self, column: &Column) -> Option<ArrayRef> {
        self.bounds.get(column.name())?.nulls.clone()
    }

    fn row_counts(&self) -> Option<ArrayRef> {
        Some(Arc::new(UInt64Array::from(self.rows.clone())))
    }

    fn contained(&self, _: &Column, _: &HashSet<ScalarValue>) -> Option<BooleanArray> {
        None
    }
}

fn joined(values: &[ArrayRef]) -> Result<ArrayRef> {
    let values: Vec<&dyn Array> = values.iter().map(AsRef::as_ref).collect();
    match values.is_empty() {
        true => Ok(new_null_array(&DataType::Null, 0)),
        false => Ok(concat(&values)?),
    }
}

fn read(error: tlc_core::Error) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}
