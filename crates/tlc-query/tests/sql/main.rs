//! Questions in SQL about runs and tables.
#![allow(clippy::unwrap_used, clippy::panic)] // a test stops at the first surprise

mod examples;
mod expressions;
mod names;
mod pages;
mod plans;
mod rows;

use std::sync::atomic::{AtomicU64, Ordering};
use tlc_core::{Column, Columns, Run, RunOptions, Table, TableOptions, Url, ValueType};
use tlc_query::datafusion::arrow::array::RecordBatch;
use tlc_query::datafusion::arrow::util::pretty::pretty_format_batches;
use tlc_query::{Context, Error, context};

/// A root in memory that no other test has. Groups of rows have 500, but for those of
/// [`pages::root`].
fn root() -> Url {
    pages::root();
    tlc_core::set_row_group_rows(500);
    static ROOTS: AtomicU64 = AtomicU64::new(0);
    let number = ROOTS.fetch_add(1, Ordering::SeqCst);
    Url::parse(&format!("memory://query-{number}")).unwrap()
}

fn run(root: &Url, name: &str) -> Run {
    Run::create(RunOptions::new("p").name(name).root(root)).unwrap()
}

const CLASSES: [&str; 2] = ["cat", "dog"];

/// A table of rows with a label, which is the parity of their number, and a name.
fn pets(root: &Url, rows: i32) -> Table {
    let options = TableOptions::new("p", "pets", "initial")
        .root(root)
        .column(Column::new("label", ValueType::labels(CLASSES)).writable(true));
    let names: Vec<String> = (0..rows).map(|row| format!("n{row}")).collect();
    let labels: Vec<i32> = (0..rows).map(|row| row % 2).collect();
    let columns = Columns::new().column("label", labels).column("name", names);
    Table::create(options, |writer| writer.add_batch(columns.clone())).unwrap()
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build();
    runtime.unwrap().block_on(work)
}

async fn asked(context: &Context, sql: &str) -> Result<Vec<RecordBatch>, Error> {
    Ok(context.sql(sql).await?.collect().await?)
}

/// The answer as a drawn table, or the error in words.
fn answer(root: &Url, sql: &str) -> String {
    block_on(async {
        match asked(&context(root).unwrap(), sql).await {
            Ok(batches) => pretty_format_batches(&batches).unwrap().to_string(),
            Err(error) => error.to_string(),
        }
    })
}

/// The cells of an answer that has one column, as texts.
fn cells(root: &Url, sql: &str) -> Vec<String> {
    let drawn = answer(root, sql);
    let lines = drawn.lines().filter(|line| line.starts_with('|')).skip(1);
    lines
        .map(|line| line.trim_matches('|').trim().to_owned())
        .collect()
}
