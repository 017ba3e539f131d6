//! One question after each step of a person: everything that is on the screen, at once.

use super::cells::{cell, in_column};
use super::views::ClassInfo;
use super::{Shared, answer, parsed};
use crate::refusal::{Answer, Refusal};
use crate::views::Opened;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::sync::Arc;
use std::time::Instant;
use tlc_view::{Bins, Filter, Filtered, Histogram, Kind, OrderBy, Statistics, View};

/// Rows of a page, and questions of one kind, that are answered at once.
const MOST_ROWS: usize = 1_000;
/// Rows of a page in columns that are not held in memory.
const MOST_READ: usize = 200;
const MOST_QUESTIONS: usize = 200;
const USUAL_BINS: usize = 40;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    #[serde(default)]
    filters: Vec<Filter>,
    #[serde(default)]
    histograms: Vec<Divided>,
    #[serde(default)]
    classes: Vec<String>,
    #[serde(default)]
    statistics: Vec<String>,
    confusion: Option<(String, String)>,
    #[serde(default)]
    groups: Vec<Grouping>,
    #[serde(default)]
    order: Vec<OrderBy>,
    page: Option<Window>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Divided {
    column: String,
    bins: Option<usize>,
    range: Option<(f64, f64)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Grouping {
    by: String,
    of: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Window {
    #[serde(default)]
    start: usize,
    len: usize,
    #[serde(default)]
    columns: Vec<String>,
}

#[derive(Serialize)]
struct Told {
    rows: usize,
    count: usize,
    histograms: Vec<HistogramOf>,
    classes: Vec<ClassesOf>,
    statistics: Vec<StatisticsOf>,
    confusion: Option<ConfusionOf>,
    groups: Vec<GroupsOf>,
    page: Option<Page>,
    took_micros: u64,
}

#[derive(Serialize)]
struct HistogramOf {
    column: String,
    #[serde(flatten)]
    histogram: Histogram,
}

#[derive(Serialize)]
struct StatisticsOf {
    column: String,
    #[serde(flatten)]
    statistics: Statistics,
}

#[derive(Serialize)]
struct ClassesOf {
    column: String,
    classes: Vec<Counted>,
    missing: [u64; 2],
    others: [u64; 2],
}

#[derive(Serialize)]
struct Counted {
    #[serde(flatten)]
    class: ClassInfo,
    all: u64,
    matching: u64,
}

#[derive(Serialize)]
struct ConfusionOf {
    classes: Vec<ClassInfo>,
    predicted: Vec<ClassInfo>,
    pairs: Vec<Pair>,
    apart: u64,
}

#[derive(Serialize)]
struct Pair {
    given: i32,
    predicted: i32,
    is_right: bool,
    rows: u64,
}

#[derive(Serialize)]
struct GroupsOf {
    by: String,
    of: Option<String>,
    groups: Vec<GroupOf>,
}

#[derive(Serialize)]
struct GroupOf {
    key: Option<i64>,
    name: String,
    rows: u64,
    statistics: Option<Statistics>,
}

#[derive(Serialize)]
struct Page {
    start: usize,
    rows: Vec<u32>,
    cells: Map<String, Value>,
}

pub(super) async fn query(State(app): Shared, Path(view): Path<String>, body: Bytes) -> Response {
    answer(move || {
        let started = Instant::now();
        let opened = app.views.require(&view)?;
        let question: Question = parsed(&body)?;
        let mut told = tell(&opened, question)?;
        told.took_micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        Ok(told)
    })
    .await
}

fn tell(opened: &Opened, question: Question) -> Answer<Told> {
    let asked = [
        question.histograms.len(),
        question.classes.len(),
        question.groups.len(),
    ];
    if asked.iter().any(|asked| *asked > MOST_QUESTIONS) {
        return Err(Refusal::bad("more than 200 questions of a kind"));
    }
    let filtered = opened.filtered(&question.filters)?;
    let histograms = question.histograms.into_iter();
    let classes = question.classes.into_iter();
    let statistics = question.statistics.into_iter();
    let groups = question.groups.into_iter();
    let confusion = question.confusion.map(|pair| confusion(&filtered, pair));
    let page = question
        .page
        .map(|window| page(opened, &filtered, &question.order, window));
    Ok(Told {
        rows: opened.view.len(),
        count: filtered.count(),
        histograms: histograms
            .map(|of| histogram(&filtered, of))
            .collect::<Answer<_>>()?,
        classes: classes
            .map(|of| class_counts(&filtered, of))
            .collect::<Answer<_>>()?,
        statistics: statistics
            .map(|column| {
                let statistics = filtered.statistics(&column)?;
                Ok(StatisticsOf { column, statistics })
            })
            .collect::<Answer<_>>()?,
        groups: groups
            .map(|of| grouped(&filtered, of))
            .collect::<Answer<_>>()?,
        confusion: confusion.transpose()?,
        page: page.transpose()?,
        took_micros: 0,
    })
}

fn histogram(filtered: &Filtered, of: Divided) -> Answer<HistogramOf> {
    let bins = Bins::new(of.bins.unwrap_or(USUAL_BINS));
    let bins = match of.range {
        Some((min, max)) => bins.between(min, max),
        None => bins,
    };
    let histogram = filtered.histogram(&of.column, bins)?;
    let column = of.column;
    Ok(HistogramOf { column, histogram })
}

fn class_counts(filtered: &Filtered, column: String) -> Answer<ClassesOf> {
    let counts = filtered.class_counts(&column)?;
    let map = filtered.view().meaning(&column)?.classes.as_deref();
    let classes = counts.classes.into_iter().map(|counted| Counted {
        class: ClassInfo::of(&counted.class, map),
        all: counted.all,
        matching: counted.matching,
    });
    Ok(ClassesOf {
        column,
        classes: classes.collect(),
        missing: counts.missing,
        others: counts.others,
    })
}

fn confusion(filtered: &Filtered, (given, predicted): (String, String)) -> Answer<ConfusionOf> {
    let confusion = filtered.confusion(&given, &predicted)?;
    let pairs = confusion.pairs.iter().map(|pair| Pair {
        given: pair.given,
        predicted: pair.predicted,
        is_right: pair.is_right,
        rows: pair.rows,
    });
    Ok(ConfusionOf {
        classes: ClassInfo::all(&confusion.classes),
        predicted: ClassInfo::all(&confusion.predicted),
        pairs: pairs.collect(),
        apart: confusion.apart,
    })
}

fn grouped(filtered: &Filtered, of: Grouping) -> Answer<GroupsOf> {
    let groups = filtered.groups(&of.by, of.of.as_deref())?;
    let groups = groups.into_iter().map(|group| GroupOf {
        key: group.key,
        name: group.name,
        rows: group.rows,
        statistics: group.statistics,
    });
    Ok(GroupsOf {
        by: of.by,
        of: of.of,
        groups: groups.collect(),
    })
}

fn page(
    opened: &Opened,
    filtered: &Arc<Filtered>,
    order: &[OrderBy],
    window: Window,
) -> Answer<Page> {
    let ordered = opened.ordered(filtered, order)?;
    let rows = ordered
        .page(window.start, window.len.min(MOST_ROWS))
        .to_vec();
    let mut cells = Map::new();
    for name in window.columns {
        let values = cells_of(&opened.view, &name, &rows)?;
        cells.insert(name, Value::Array(values));
    }
    Ok(Page {
        start: window.start,
        rows,
        cells,
    })
}

/// What rows have in a column, held in memory or not.
fn cells_of(view: &View, name: &str, rows: &[u32]) -> Answer<Vec<Value>> {
    if view.meaning(name)?.kind == Kind::Other {
        if rows.len() > MOST_READ {
            let reason = format!("`{name}` is read row by row: at most {MOST_READ} at once");
            return Err(Refusal::bad(reason));
        }
        let values = rows.iter().map(|row| cell(view, *row as usize, name));
        return Ok(values.collect::<tlc_view::Result<_>>()?);
    }
    let column = view.column(name)?;
    let values = rows.iter().map(|row| in_column(&column, *row as usize));
    Ok(values.collect())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    #[serde(default)]
    filters: Vec<Filter>,
    #[serde(default)]
    order: Vec<OrderBy>,
    row: Option<usize>,
    place: Option<usize>,
    #[serde(default)]
    by: i64,
}

#[derive(Serialize)]
struct Stepped {
    row: Option<u32>,
    place: Option<usize>,
    count: usize,
}

pub(super) async fn step(State(app): Shared, Path(view): Path<String>, body: Bytes) -> Response {
    answer(move || {
        let opened = app.views.require(&view)?;
        let step: Step = parsed(&body)?;
        let filtered = opened.filtered(&step.filters)?;
        let ordered = opened.ordered(&filtered, &step.order)?;
        // The place that the page knows saves looking for the row.
        let is_there = |place: &usize| {
            let row = ordered.page(*place, 1).first().map(|row| *row as usize);
            step.row.is_none() || row == step.row
        };
        let place = step.place.filter(is_there);
        let place = place.or_else(|| ordered.place(step.row?));
        let place = place.and_then(|place| i64::try_from(place).ok()?.checked_add(step.by));
        let place = place.and_then(|place| usize::try_from(place).ok());
        let row = place.and_then(|place| ordered.page(place, 1).first().copied());
        Ok(Stepped {
            place: place.filter(|_| row.is_some()),
            row,
            count: ordered.len(),
        })
    })
    .await
}
