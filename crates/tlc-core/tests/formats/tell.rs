//! All that the public API says of a project root, as JSON.

use super::plain;
use serde_json::{Map, Value, json};
use tlc_core::arrow::array::RecordBatch;
use tlc_core::{Axis, MetricsTable, Result, Run, Scan, Table, Url};

/// Tables and runs of all projects, by their place under the root.
pub(crate) fn root(root: &Url) -> Value {
    let (mut tables, mut runs) = (Map::new(), Map::new());
    for project in tlc_core::projects(root).unwrap() {
        for url in tlc_core::tables(root, &project).unwrap() {
            let told = table(&Table::from_url(&url).unwrap());
            tables.insert(url.relative_to(root).unwrap(), told);
        }
        for url in tlc_core::runs(root, &project).unwrap() {
            let told = run(root, &Run::from_url(&url).unwrap());
            runs.insert(url.relative_to(root).unwrap(), told);
        }
    }
    json!({ "tables": tables, "runs": runs })
}

pub(crate) fn table(table: &Table) -> Value {
    let mut told = json!({
        "id": table.id(),
        "created": table.created(),
        "description": table.description(),
        "rows": table.len(),
        "schema": table.schema(),
        "columns": columns(&table.schema().names().collect::<Vec<_>>(), table.scan()),
    });
    // Programs of version 1 knew none.
    let selections = selections(table);
    if !selections.is_empty() && table.parent().is_ok_and(|parent| parent.is_none()) {
        told["selections"] = selections.into();
    }
    told
}

/// The rows of the selections of a base.
fn selections(table: &Table) -> Map<String, Value> {
    let names = table.selections().unwrap().into_iter();
    let told = names.map(|info| {
        let rows: Vec<usize> = table.selection(&info.name).unwrap().rows().collect();
        (info.name, json!(rows))
    });
    told.collect()
}

pub(crate) fn run(root: &Url, run: &Run) -> Value {
    let inputs = run.input_tables().unwrap();
    let inputs = inputs.iter().map(|url| place(root, url));
    json!({
        "id": run.id(),
        "description": run.description(),
        "parameters": run.parameters(),
        "status": run.status().unwrap(),
        "input_tables": inputs.collect::<Vec<_>>(),
        "metrics": each(&run.metrics().unwrap(), root),
        "unfinished_metrics": each(&run.unfinished_metrics().unwrap(), root),
        "series": series(run),
    })
}

fn each(tables: &[MetricsTable], root: &Url) -> Vec<Value> {
    tables.iter().map(|table| metrics(root, table)).collect()
}

fn metrics(root: &Url, metrics: &MetricsTable) -> Value {
    let foreign = metrics.foreign_table().unwrap();
    let table = foreign.as_ref().map(
        |table| json!({ "url": place(root, table.url()), "id": table.id(), "rows": table.len() }),
    );
    json!({
        "name": metrics.name(),
        "stream": metrics.info().stream_name,
        "schema": metrics.schema(),
        "constants": metrics.constants().collect::<Vec<_>>(),
        "foreign_table": table,
        "foreign_table_display_name": metrics.foreign_table_display_name(),
        "columns": columns(&metrics.schema().names().collect::<Vec<_>>(), metrics.scan()),
        "joined": foreign.map(|table| joined(metrics, &table)),
    })
}

/// The columns of the foreign table, at the rows that the metrics are about.
fn joined(metrics: &MetricsTable, table: &Table) -> Value {
    let wanted: Vec<&str> = table.schema().names().collect();
    let batches: Vec<RecordBatch> = metrics
        .join(&wanted)
        .unwrap()
        .collect::<Result<_>>()
        .unwrap();
    let names = wanted
        .iter()
        .map(|name| match metrics.schema().column(name) {
            Some(_) => format!("table.{name}"),
            None => (*name).to_owned(),
        });
    let names: Vec<String> = names.collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    plain::columns(&names, &batches).into()
}

fn columns(names: &[&str], scan: Scan) -> Map<String, Value> {
    let batches: Vec<RecordBatch> = scan.batches().unwrap().collect::<Result<_>>().unwrap();
    plain::columns(names, &batches)
}

fn series(run: &Run) -> Vec<Value> {
    let axis = |axis| match axis {
        Axis::Epoch => "epoch",
        Axis::Iteration => "iteration",
        Axis::Step => "step",
        Axis::Time => "time",
    };
    let point = |(at, value): &(f64, f64)| json!([plain::bits64(*at), plain::bits64(*value)]);
    let series = run.aggregates().unwrap().into_iter();
    let told = series.map(|series| {
        let points: Vec<Value> = series.points.iter().map(point).collect();
        json!({ "key": series.key, "axis": axis(series.axis), "points": points })
    });
    told.collect()
}

/// Under the root by its path there, else as an absolute URL.
fn place(root: &Url, url: &Url) -> String {
    match url.is_within(root) {
        true => url.relative_to(root).unwrap(),
        false => url.to_string(),
    }
}
