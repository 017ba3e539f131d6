//! What the rows of a run amount to: read once for each of its commits, since it takes reading
//! all that was logged.

use crate::catalog::id_of;
use crate::refusal::Answer;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};
use tlc_core::{MetricsTable, Run};

/// The last value of each series, the streams of metrics, and the tables that went in.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Summary {
    last: BTreeMap<String, f64>,
    streams: Vec<Stream>,
    tables: Vec<About>,
}

#[derive(Clone, Debug, Serialize)]
struct Stream {
    name: String,
    is_finding: bool,
    rows: usize,
    epochs: Vec<i64>,
    splits: Vec<String>,
    tables: Vec<String>,
}

#[derive(Clone, Debug, Serialize)]
struct About {
    id: String,
    dataset: String,
    name: String,
}

/// Of each run, by its id, that of its last commit that was looked at.
#[derive(Debug, Default)]
pub(crate) struct Summaries(Mutex<HashMap<String, (u64, Summary)>>);

impl Summaries {
    pub(crate) fn of(&self, run: &Run) -> Answer<Summary> {
        let (id, commits) = (run.id(), run.commits());
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, summary)) = known().get(&id).filter(|(of, _)| *of == commits) {
            return Ok(summary.clone());
        }
        let summary = Summary::of(run)?;
        known().insert(id, (commits, summary.clone()));
        Ok(summary)
    }
}

impl Summary {
    fn of(run: &Run) -> Answer<Self> {
        let series = run.aggregates()?.into_iter();
        let last = series.filter_map(|series| Some((series.key, series.points.last()?.1)));
        let tables = run.input_tables()?.into_iter().map(|url| {
            let dataset = url.parent().and_then(|tables| tables.parent());
            About {
                id: id_of(&url),
                dataset: dataset.map_or_else(String::new, |dataset| dataset.name().to_owned()),
                name: url.name().to_owned(),
            }
        });
        Ok(Self {
            last: last.collect(),
            streams: streams(&run.metrics()?)?,
            tables: tables.collect(),
        })
    }
}

fn streams(metrics: &[MetricsTable]) -> Answer<Vec<Stream>> {
    let mut streams: Vec<Stream> = Vec::new();
    let mut known_tables: HashMap<String, Option<String>> = HashMap::new();
    for table in metrics {
        let known = streams
            .iter()
            .position(|stream| stream.name == table.stream());
        let place = known.unwrap_or(streams.len());
        if known.is_none() {
            streams.push(Stream {
                name: table.stream().to_owned(),
                is_finding: table.is_finding(),
                rows: 0,
                epochs: Vec::new(),
                splits: Vec::new(),
                tables: Vec::new(),
            });
        }
        let epoch = table.constant("epoch")?.and_then(|epoch| epoch.as_i64());
        let split = table.constant("split")?;
        let split = split.and_then(|split| split.as_str().map(str::to_owned));
        let about = table.foreign_table_id().and_then(|id| {
            let known = known_tables.entry(id.to_owned());
            known.or_insert_with(|| about(table)).clone()
        });
        if let Some(stream) = streams.get_mut(place) {
            stream.tables.extend(about);
            stream.rows += table.len();
            stream.epochs.extend(epoch);
            stream.splits.extend(split);
        }
    }
    for stream in &mut streams {
        stream.epochs.sort_unstable();
        stream.epochs.dedup();
        stream.splits.sort();
        stream.splits.dedup();
        stream.tables.sort();
        stream.tables.dedup();
    }
    Ok(streams)
}

/// The table that metrics are about; one that is gone has no id.
fn about(metrics: &MetricsTable) -> Option<String> {
    let table = metrics.foreign_table().ok().flatten()?;
    Some(id_of(table.url()))
}
