//! `tlc show`.

use crate::{Failure, Place, list, print};
use clap::Args;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Arc;
use tlc_core::{Error, MetricsTable, Run, Table, Url};
use tlc_view::{Filtered, Kind, ViewOptions};

#[derive(Args)]
pub(crate) struct Arguments {
    /// `project/run`, `project/dataset/table`, a path or a URL
    name: String,
    #[command(flatten)]
    place: Place,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let json = arguments.place.json;
    match found(&arguments.name, &arguments.place)? {
        Some(Found::Run(run)) => show_run(&run, json),
        Some(Found::Table(table)) => show_table(&table, json),
        None => {
            let (name, root) = (&arguments.name, arguments.place.root()?);
            let lists = "`tlc runs` and `tlc tables` list them";
            Err(format!("no run or table `{name}` under {root}: {lists}").into())
        }
    }
}

pub(crate) enum Found {
    Run(Run),
    Table(Table),
}

/// What a name or a URL means: of a name, what there is under the root.
pub(crate) fn found(name: &str, place: &Place) -> Result<Option<Found>, Failure> {
    let root = place.root()?;
    let parts: Vec<&str> = name.split('/').collect();
    let urls = match parts.as_slice() {
        [project, run] => vec![root.join(project)?.join("runs")?.join(run)?],
        [project, dataset, table] => {
            let datasets = root.join(project)?.join("datasets")?;
            vec![datasets.join(dataset)?.join("tables")?.join(table)?]
        }
        _ => Vec::new(),
    };
    for url in urls.into_iter().chain(Url::parse(name)) {
        let no_run = match Run::from_url::<Url>(url.clone()) {
            Ok(run) => return Ok(Some(Found::Run(run))),
            Err(error) => error,
        };
        match (Table::from_url::<Url>(url), no_run) {
            (Ok(table), _) => return Ok(Some(Found::Table(table))),
            (Err(Error::NotFound { .. }), Error::NotFound { .. }) => {}
            (Err(error), Error::NotFound { .. }) | (Err(_), error) => return Err(error.into()),
        }
    }
    Ok(None)
}

#[derive(Serialize)]
struct RunShown {
    url: String,
    status: String,
    created: String,
    description: String,
    failure: Option<String>,
    parameters: Map<String, Value>,
    last: BTreeMap<String, f64>,
    metrics: Vec<MetricsShown>,
}

#[derive(Serialize)]
struct MetricsShown {
    name: String,
    stream: String,
    about: Option<String>,
    epoch: Option<Value>,
    split: Option<Value>,
    rows: usize,
    columns: Vec<String>,
}

fn show_run(run: &Run, json: bool) -> Result<(), Failure> {
    let series = run.aggregates()?.into_iter();
    let last = series.filter_map(|series| Some((series.key, series.points.last()?.1)));
    let shown = RunShown {
        url: run.url().to_string(),
        status: run.status()?.to_string(),
        created: run.created(),
        description: run.description(),
        failure: run.failure(),
        parameters: run.parameters(),
        last: last.collect(),
        metrics: run
            .metrics()?
            .iter()
            .map(metrics_shown)
            .collect::<Result<_, _>>()?,
    };
    if json {
        return print::json(&shown);
    }
    print::line(&format!(
        "run {}: {}",
        print::plain(run.name()),
        shown.status
    ))?;
    print_run(&shown)
}

fn metrics_shown(table: &MetricsTable) -> Result<MetricsShown, Failure> {
    Ok(MetricsShown {
        name: table.name().to_owned(),
        stream: table.stream().to_owned(),
        about: table.foreign_table_display_name().map(str::to_owned),
        epoch: table.constant("epoch")?,
        split: table.constant("split")?,
        rows: table.len(),
        columns: table.schema().names().map(str::to_owned).collect(),
    })
}

fn print_run(shown: &RunShown) -> Result<(), Failure> {
    print::line(&format!("  {}", shown.url))?;
    print::line(&format!("  created {}", list::minutes(&shown.created)))?;
    for text in [Some(&shown.description), shown.failure.as_ref()]
        .into_iter()
        .flatten()
    {
        if !text.is_empty() {
            print::line(&format!("  {}", print::plain(text)))?;
        }
    }
    let named = |(name, value): (&String, String)| vec![format!("  {name}"), value];
    let parameters = shown.parameters.iter();
    let parameters = parameters.map(|(name, value)| named((name, value.to_string())));
    section(&["PARAMETER", "VALUE"], parameters.collect())?;
    let last = shown.last.iter();
    let last = last.map(|(name, value)| named((name, format!("{value:.4}"))));
    section(&["SERIES", "LAST"], last.collect())?;
    let metrics = shown.metrics.iter().map(|metrics| {
        vec![
            format!("  {}", metrics.stream),
            told(metrics.split.as_ref()),
            told(metrics.epoch.as_ref()),
            metrics.rows.to_string(),
            metrics.columns.join(", "),
        ]
    });
    section(
        &["METRICS", "SPLIT", "EPOCH", "ROWS", "COLUMNS"],
        metrics.collect(),
    )
}

fn told(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => print::plain(text),
        Some(value) => value.to_string(),
        None => String::new(),
    }
}

#[derive(Serialize)]
struct TableShown {
    url: String,
    rows: usize,
    created: String,
    description: String,
    columns: Vec<ColumnShown>,
}

#[derive(Serialize)]
struct ColumnShown {
    name: String,
    kind: Kind,
    writable: bool,
    values: String,
}

fn show_table(table: &Table, json: bool) -> Result<(), Failure> {
    let view = Arc::new(ViewOptions::new().table(table).open()?);
    let all = Filtered::new(&view, &[])?;
    let own = view.columns().filter(|meaning| meaning.is_of_table);
    let columns = own.map(|meaning| {
        Ok(ColumnShown {
            name: meaning.name.clone(),
            kind: meaning.kind,
            writable: meaning.column.writable,
            values: values(&all, &meaning.name, meaning.kind)?,
        })
    });
    let shown = TableShown {
        url: table.url().to_string(),
        rows: table.len(),
        created: table.created().to_owned(),
        description: table.description().to_owned(),
        columns: columns.collect::<Result<_, Failure>>()?,
    };
    if json {
        return print::json(&shown);
    }
    print::line(&format!(
        "table {}/{}: {} rows",
        table.dataset(),
        table.name(),
        shown.rows
    ))?;
    print::line(&format!("  {}", shown.url))?;
    print::line(&format!("  created {}", list::minutes(&shown.created)))?;
    if !shown.description.is_empty() {
        print::line(&format!("  {}", print::plain(&shown.description)))?;
    }
    let columns = shown.columns.iter().map(|column| {
        let kind = match column.kind {
            Kind::Other => "shown by sample".to_owned(),
            kind => kind.to_string(),
        };
        let writable = if column.writable { "yes" } else { "" };
        vec![
            format!("  {}", print::plain(&column.name)),
            kind,
            writable.to_owned(),
            column.values.clone(),
        ]
    });
    section(
        &["COLUMN", "HOLDS", "WRITABLE", "VALUES"],
        columns.collect(),
    )
}

/// What the values of a column are like, in a few words.
fn values(all: &Filtered, column: &str, kind: Kind) -> Result<String, Failure> {
    match kind {
        Kind::Number | Kind::Moment => {
            let found = all.statistics(column)?;
            let (Some(min), Some(max), Some(mean)) = (found.min, found.max, found.mean) else {
                return Ok(String::new());
            };
            Ok(format!("{min:.4} to {max:.4}, mean {mean:.4}"))
        }
        Kind::Class | Kind::Flag => {
            let counts = all.class_counts(column)?;
            let used = counts.classes.iter().filter(|counted| counted.all > 0);
            let shown = used
                .clone()
                .take(5)
                .map(|counted| format!("{} {}", print::plain(&counted.class.name), counted.all));
            let more = used.count().saturating_sub(5);
            let more = (more > 0).then(|| format!("{more} more"));
            Ok(shown.chain(more).collect::<Vec<_>>().join(", "))
        }
        Kind::Text | Kind::Other => Ok(String::new()),
    }
}

fn section(headings: &[&str], rows: Vec<Vec<String>>) -> Result<(), Failure> {
    if rows.is_empty() {
        return Ok(());
    }
    print::line("")?;
    let headings: Vec<String> = headings
        .iter()
        .enumerate()
        .map(|(place, heading)| {
            if place == 0 {
                format!("  {heading}")
            } else {
                (*heading).to_owned()
            }
        })
        .collect();
    let headings: Vec<&str> = headings.iter().map(String::as_str).collect();
    print::table(&headings, &rows)
}
