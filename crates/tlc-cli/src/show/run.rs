//! What a run is: its parameters, what it logged, its inputs and metrics.

use super::print_head;
use crate::print::{self, Told, number, sparkline};
use crate::{Failure, list, name};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use tlc_core::{Error, MetricsTable, Run, Status, Table, Url};
use tlc_view::Curve;

#[derive(Serialize)]
pub(super) struct Shown {
    #[serde(skip)]
    name: String,
    url: String,
    status: Status,
    created: String,
    description: String,
    failure: Option<String>,
    parameters: Map<String, Value>,
    /// The last value of each series.
    last: BTreeMap<String, f64>,
    series: Vec<Curve>,
    inputs: Vec<Input>,
    metrics: Vec<Metrics>,
}

/// A table that the run reads.
#[derive(Serialize)]
struct Input {
    name: String,
    url: String,
    /// `None` of one that is gone.
    rows: Option<usize>,
    description: Option<String>,
}

#[derive(Serialize)]
struct Metrics {
    name: String,
    stream: String,
    about: Option<String>,
    epoch: Option<Value>,
    split: Option<Value>,
    rows: usize,
    columns: Vec<String>,
    /// Whether they were found in other metrics, rather than said by the model.
    finding: bool,
    /// Whether they are part of the results, or were never finished.
    finished: bool,
}

impl Shown {
    pub(super) fn of(run: &Run) -> Result<Self, Failure> {
        let series = Curve::all(run)?;
        let last = series.iter();
        let last = last.filter_map(|curve| Some((curve.key.clone(), curve.points.last()?.1)));
        let last = last.filter(|(_, value)| value.is_finite()).collect();
        let inputs = run.input_tables()?;
        let finished = run.metrics()?.to_vec();
        let finished = finished.iter().map(|table| Metrics::of(table, true));
        let unfinished = run.unfinished_metrics()?;
        let unfinished = unfinished.iter().map(|table| Metrics::of(table, false));
        Ok(Self {
            name: run.name().to_owned(),
            url: run.url().to_string(),
            status: run.status()?,
            created: run.created(),
            description: run.description(),
            failure: run.failure(),
            parameters: run.parameters(),
            last,
            series,
            inputs: inputs.iter().map(Input::of).collect::<Result<_, _>>()?,
            metrics: finished.chain(unfinished).collect::<Result<_, _>>()?,
        })
    }
}

impl Input {
    fn of(url: &Url) -> Result<Self, Failure> {
        let table = match Table::from_url(url) {
            Ok(table) => Some(table),
            Err(Error::NotFound { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        Ok(Self {
            name: name::of_url(url),
            url: url.to_string(),
            rows: table.as_ref().map(Table::len),
            description: table.map(|table| table.description().to_owned()),
        })
    }
}

impl Metrics {
    fn of(table: &MetricsTable, finished: bool) -> Result<Self, Failure> {
        Ok(Self {
            name: table.name().to_owned(),
            stream: table.stream().to_owned(),
            about: table.foreign_table_display_name().map(str::to_owned),
            epoch: table.constant("epoch")?,
            split: table.constant("split")?,
            rows: table.len(),
            columns: table.schema().names().map(str::to_owned).collect(),
            finding: table.is_finding(),
            finished,
        })
    }
}

impl Told for Shown {
    fn print(&self) -> Result<(), Failure> {
        let (name, status) = (print::plain(&self.name), list::status(self.status));
        print::line(&format!("run {name}: {}", status.tinted()))?;
        let failure = self.failure.as_deref().unwrap_or_default();
        print_head(&self.url, &self.created, &[&self.description, failure])?;
        self.print_parameters()?;
        self.print_series()?;
        self.print_inputs()?;
        self.print_metrics()
    }
}

impl Shown {
    fn print_parameters(&self) -> Result<(), Failure> {
        let parameters = self.parameters.iter();
        let rows =
            parameters.map(|(name, value)| vec![name.into(), print::value(Some(value)).into()]);
        print::Table::new(["PARAMETER", "VALUE"])
            .indented()
            .rows(rows)
            .print_section()
    }

    fn print_series(&self) -> Result<(), Failure> {
        let rows = self.series.iter().map(|curve| {
            let values: Vec<f64> = curve.points.iter().map(|(_, value)| *value).collect();
            let ends = [values.first(), values.last()];
            let [first, last] = ends.map(|value| value.map_or_else(String::new, |it| number(*it)));
            vec![
                curve.key.as_str().into(),
                first.into(),
                last.into(),
                sparkline(&values).into(),
                format!("{} by {}", print::many(values.len(), "value"), curve.axis).into(),
            ]
        });
        print::Table::new(["SERIES", "FIRST", "LAST", "CURVE", "POINTS"])
            .indented()
            .rows(rows)
            .print_section()
    }

    fn print_inputs(&self) -> Result<(), Failure> {
        let rows = self.inputs.iter().map(|input| {
            let rows = input
                .rows
                .map_or_else(|| "gone".to_owned(), |rows| rows.to_string());
            let description = input.description.clone().unwrap_or_default();
            vec![input.name.as_str().into(), rows.into(), description.into()]
        });
        print::Table::new(["INPUT", "ROWS", "DESCRIPTION"])
            .indented()
            .rows(rows)
            .print_section()
    }

    fn print_metrics(&self) -> Result<(), Failure> {
        let rows = self.alike().into_iter().map(|(metrics, others)| {
            let state = match (metrics.finding, metrics.finished) {
                (_, false) => "unfinished: tlc recover",
                (true, true) => "found",
                (false, true) => "",
            };
            let rows: usize = others.iter().map(|metrics| metrics.rows).sum();
            vec![
                metrics.stream.as_str().into(),
                print::value(metrics.split.as_ref()).into(),
                epochs(&others).into(),
                rows.to_string().into(),
                state.into(),
                metrics.columns.join(", ").into(),
            ]
        });
        print::Table::new(["METRICS", "SPLIT", "EPOCHS", "ROWS", "", "COLUMNS"])
            .indented()
            .rows(rows)
            .print_section()
    }

    /// Metrics that differ by their epochs, each with all that are like it.
    fn alike(&self) -> Vec<(&Metrics, Vec<&Metrics>)> {
        let mut groups: Vec<(&Metrics, Vec<&Metrics>)> = Vec::new();
        for metrics in &self.metrics {
            match groups.iter_mut().find(|(first, _)| metrics.is_like(first)) {
                Some((_, others)) => others.push(metrics),
                None => groups.push((metrics, vec![metrics])),
            }
        }
        groups
    }
}

impl Metrics {
    fn is_like(&self, other: &Self) -> bool {
        let what = |metrics: &Self| (metrics.finding, metrics.finished);
        self.stream == other.stream
            && self.split == other.split
            && self.columns == other.columns
            && what(self) == what(other)
    }
}

/// The epoch of metrics, or the first and the last.
fn epochs(alike: &[&Metrics]) -> String {
    let epochs = alike
        .iter()
        .map(|metrics| print::value(metrics.epoch.as_ref()));
    let epochs: Vec<String> = epochs.collect();
    match epochs.as_slice() {
        [first, .., last] if first != last => format!("{first} to {last}"),
        [first, ..] => first.clone(),
        [] => String::new(),
    }
}
