//! What splits promise: the rows of a table in named parts, by each way to divide them, and
//! what is made of the parts.
#![allow(clippy::unwrap_used, clippy::panic)] // a test stops at the first surprise

mod balance;
mod dealt;
mod groups;
mod hash;
mod kept;
mod named;
mod refused;
mod scale;
mod strata;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use tlc_core::{Columns, IntoArray, Parts, Split, Table, TableOptions, Url};

fn options() -> TableOptions {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let root = Url::parse(&format!("memory://splits-{number}/p")).unwrap();
    TableOptions::new("demo", "pets", "initial").root(root)
}

/// A table of one column.
fn table_of(name: &str, values: impl IntoArray) -> Table {
    let columns = Columns::new().column(name, values);
    Table::create(options(), |writer| writer.add_batch(columns)).unwrap()
}

fn table(rows: usize) -> Table {
    table_of("number", (0..rows as i64).collect::<Vec<_>>())
}

/// The part of each row.
fn parts(split: &Split) -> Vec<String> {
    let rows = 0..split.table().len();
    let part = |row| split.part_of(row).unwrap_or("none").to_owned();
    rows.map(part).collect()
}

fn sizes(split: &Split) -> Vec<usize> {
    let names = split.names();
    names.map(|name| split.len(name).unwrap()).collect()
}

/// How many rows of each value are in each part.
fn counts<V: Ord + Clone>(split: &Split, values: &[V]) -> BTreeMap<V, Vec<usize>> {
    let mut counts: BTreeMap<V, Vec<usize>> = BTreeMap::new();
    for (place, name) in split.names().enumerate() {
        for row in split.rows(name).unwrap() {
            let of_value = counts.entry(values[row].clone()).or_default();
            of_value.resize(split.names().len(), 0);
            of_value[place] += 1;
        }
    }
    counts
}

fn halves() -> Parts {
    Parts::new([("train", 0.5), ("test", 0.5)])
}
