//! Which rows a question may need: what is known of them without reading them rules the others
//! out. First whole metrics tables by their constants, then groups of rows by the bounds that
//! their files tell, then the pages at both ends of a group, or runs of row numbers.

use crate::source::Source;
use datafusion::arrow::array::{
    Array, ArrayRef, BooleanArray, Int64Array, UInt64Array, new_null_array,
};
use datafusion::arrow::compute::{concat, take};
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::common::pruning::PruningStatistics;
use datafusion::common::{Column, ScalarValue};
use datafusion::error::DataFusionError;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::utils::collect_columns;
use datafusion::physical_optimizer::pruning::{PruningPredicate, PruningPredicateBuilder};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;
use tlc_core::{EXAMPLE_ID, PageStatistics, Statistics};
use tokio::task::JoinSet;

type Result<T, E = DataFusionError> = std::result::Result<T, E>;

/// Rows that are decided on together by their numbers.
const NUMBERED_ROWS: usize = 1024;
/// Rows that stand in one page at most.
const PAGE_ROWS: usize = 20_000;
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
    let pruning = Arc::new(pruning);
    let mut asking = JoinSet::new();
    let mut asked = Vec::new();
    for place in left {
        if asking.len() >= AT_ONCE {
            asked.extend(asking.join_next().await);
        }
        let (sources, columns) = (Arc::clone(sources), Arc::clone(&columns));
        let pruning = Arc::clone(&pruning);
        asking.spawn_blocking(move || match sources.get(place) {
            Some(source) => Groups::of(source, place, &columns)?.needed(&pruning),
            None => Ok(Vec::new()),
        });
    }
    while let Some(done) = asking.join_next().await {
        asked.push(done);
    }
    let mut spans = Vec::new();
    for needed in asked {
        spans.extend(needed.map_err(|error| DataFusionError::External(Box::new(error)))??);
    }
    spans.sort_by_key(|span: &Span| (span.source, span.rows.start));
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

/// The groups of rows of a source, and what is known of them.
struct Groups<'s> {
    source: &'s Source,
    place: usize,
    columns: &'s [(String, DataType)],
    rows: Vec<Range<usize>>,
    bounds: HashMap<String, Bounds>,
    /// Whether something is asked of the numbers of its rows.
    is_numbered: bool,
}

impl<'s> Groups<'s> {
    fn of(source: &'s Source, place: usize, columns: &'s [(String, DataType)]) -> Result<Self> {
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
                    let told = told.filter(|_| field.data_type() == of);
                    told.map(Bounds::of_groups)
                }
            };
            bounds.extend(known.map(|known| (name.clone(), known)));
        }
        Ok(Self {
            source,
            place,
            columns,
            rows,
            bounds,
            is_numbered,
        })
    }

    /// The rows that may be what is asked for.
    fn needed(&self, pruning: &PruningPredicate) -> Result<Vec<Span>> {
        let kept = Known::new(&self.rows, self.bounds.clone()).kept(pruning)?;
        let mut spans = Vec::new();
        for (group, rows) in self.rows.iter().enumerate() {
            if !kept.get(group).is_some_and(|is_kept| *is_kept) {
                continue;
            }
            let Some(rows) = self.by_pages(group, rows, pruning)? else {
                continue;
            };
            let within = match self.is_numbered {
                true => by_numbers(&rows, pruning)?,
                false => vec![rows],
            };
            spans.extend(within.into_iter().map(|rows| Span {
                source: self.place,
                rows,
            }));
        }
        Ok(spans)
    }

    /// Of a group, the rows from the first page that may have what is asked for to the last: what
    /// lies between is read at once with them.
    fn by_pages(
        &self,
        group: usize,
        rows: &Range<usize>,
        pruning: &PruningPredicate,
    ) -> Result<Option<Range<usize>>> {
        let mut told = Vec::new();
        let bounded = self.columns.iter();
        let stored = self.source.arrow_schema();
        let bounded = bounded.filter(|(name, _)| {
            self.bounds.contains_key(name) && stored.field_with_name(name).is_ok()
        });
        for (name, _) in bounded.filter(|_| rows.len() > PAGE_ROWS) {
            let pages = self.source.page_statistics(group, name).map_err(read)?;
            told.extend(pages.map(|pages| (name, pages)));
        }
        if told.is_empty() {
            return Ok(Some(rows.clone()));
        }
        let pieces = pieces(told.iter().map(|(_, pages)| pages), rows.end);
        let bounds = told.iter().map(|(name, pages)| {
            let bounds = Bounds::of_pages(pages, &pieces)?;
            Ok(((*name).clone(), bounds))
        });
        let bounds = bounds.collect::<Result<HashMap<_, _>>>()?;
        let kept = Known::new(&pieces, bounds).kept(pruning)?;
        let mut kept = pieces.iter().zip(kept).filter(|(_, is_kept)| *is_kept);
        let first = kept.next().map(|(rows, _)| rows.clone());
        Ok(first.map(|first| {
            let last = kept.next_back();
            first.start..last.map_or(first.end, |(rows, _)| rows.end)
        }))
    }
}

/// Runs of rows within which each column has one page: pages of columns end in other rows.
fn pieces<'p>(columns: impl Iterator<Item = &'p PageStatistics>, end: usize) -> Vec<Range<usize>> {
    let starts = columns.flat_map(|pages| pages.rows.iter().map(|rows| rows.start));
    let starts = Vec::from_iter(BTreeSet::from_iter(starts));
    let ends = starts.iter().skip(1).copied().chain([end]);
    starts
        .iter()
        .zip(ends)
        .map(|(start, end)| *start..end)
        .collect()
}

/// Of rows that are known by their numbers, those whose numbers are asked for.
fn by_numbers(rows: &Range<usize>, pruning: &PruningPredicate) -> Result<Vec<Range<usize>>> {
    let starts = rows.clone().step_by(NUMBERED_ROWS);
    let pieces = starts.map(|start| start..(start + NUMBERED_ROWS).min(rows.end));
    let pieces: Vec<Range<usize>> = pieces.collect();
    let bounds = HashMap::from([(EXAMPLE_ID.to_owned(), Bounds::numbers(&pieces))]);
    let is_kept = Known::new(&pieces, bounds).kept(pruning)?;
    let mut kept: Vec<Range<usize>> = Vec::new();
    for (rows, is_kept) in pieces.into_iter().zip(is_kept) {
        match kept.last_mut() {
            _ if !is_kept => {}
            Some(last) if last.end == rows.start => last.end = rows.end,
            _ => kept.push(rows),
        }
    }
    Ok(kept)
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

    fn of_groups(told: Statistics) -> Self {
        Self {
            least: told.least,
            greatest: told.greatest,
            nulls: Some(Arc::new(told.null_counts)),
        }
    }

    /// In runs of rows that lie in one page each.
    fn of_pages(pages: &PageStatistics, pieces: &[Range<usize>]) -> Result<Self> {
        let page_of = |rows: &Range<usize>| {
            let begun = pages.rows.partition_point(|page| page.start <= rows.start);
            begun.saturating_sub(1)
        };
        let places: Vec<usize> = pieces.iter().map(page_of).collect();
        let nulls = pieces.iter().zip(&places).map(|(rows, place)| {
            let counts = &pages.bounds.null_counts;
            let count = counts.is_valid(*place).then(|| counts.value(*place))?;
            let page = pages.rows.get(*place)?;
            // Of a page with some nulls it is not known where they are.
            match count {
                0 => Some(0),
                all if all == page.len() as u64 => Some(rows.len() as u64),
                _ => None,
            }
        });
        let nulls: UInt64Array = nulls.collect();
        let places = places.iter().map(|place| *place as u64);
        let places = UInt64Array::from_iter_values(places);
        Ok(Self {
            least: take(&pages.bounds.least, &places, None)?,
            greatest: take(&pages.bounds.greatest, &places, None)?,
            nulls: Some(Arc::new(nulls)),
        })
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

impl Known {
    fn new(rows: &[Range<usize>], bounds: HashMap<String, Bounds>) -> Self {
        let rows = rows.iter().map(|rows| rows.len() as u64).collect();
        Self { rows, bounds }
    }

    /// Of each group whether it may have what is asked for.
    fn kept(&self, pruning: &PruningPredicate) -> Result<Vec<bool>> {
        pruning.prune(self)
    }
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
