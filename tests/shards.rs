//! A collection once more, in shards: it gives what it gives in one process.

use std::collections::BTreeMap;
use tlc_burn::{CollectOptions, CollectShards, Error, Result};
use tlc_core::{MetricsTable, Run, RunOptions, Table, Url};

/// Collects in shards, the last of them first, into a run beside, and asserts that all tables and aggregates are those
/// of the run, or the error that one.
pub fn assert_same(
    shards: &dyn CollectShards,
    table: &Table,
    collected: &Result<MetricsTable>,
    run: &Run,
    options: impl Fn(CollectOptions) -> CollectOptions,
) {
    // <root>/<project>/runs/<run>
    let root = std::iter::successors(run.url().parent(), Url::parent)
        .nth(2)
        .unwrap();
    let other = Run::create(RunOptions::new("tests").root(root)).unwrap();
    let into_other = options(CollectOptions::new().run(&other).progress(false));
    match (
        collected,
        in_shards(shards, table, into_other, collected.is_ok()),
    ) {
        (Ok(_), Ok(metrics)) => {
            assert_eq!(metrics.len(), table.len());
            assert_same_tables(run, &other);
            assert_same_aggregates(run, &other);
            assert_eq!(run.status().unwrap(), other.status().unwrap());
        }
        (Err(expected), Err(Error::Shard { source, .. })) => {
            assert_eq!(source.to_string(), expected.to_string());
        }
        (Err(expected), Err(error)) => assert_eq!(error.to_string(), expected.to_string()),
        (collected, in_shards) => panic!("{collected:?}, and in shards {in_shards:?}"),
    }
}

fn in_shards(
    shards: &dyn CollectShards,
    table: &Table,
    options: CollectOptions,
    last_first: bool,
) -> Result<MetricsTable> {
    let begun = shards.begin(table, options)?;
    let mut order = begun.shards().to_vec();
    if last_first {
        order.reverse();
    }
    for rows in order {
        shards.collect(begun.metrics(), rows)?;
    }
    shards.finish(begun)
}

fn assert_same_tables(run: &Run, other: &Run) {
    let (tables, others) = (run.metrics().unwrap(), other.metrics().unwrap());
    assert_eq!(tables.len(), others.len());
    for (table, other) in tables.iter().zip(&others) {
        assert_eq!(table.info().stream_name, other.info().stream_name);
        assert_eq!(table.schema(), other.schema());
        assert_eq!(table.read().unwrap(), other.read().unwrap());
    }
}

/// Sums of sums differ in their last bits.
fn assert_same_aggregates(run: &Run, other: &Run) {
    let (values, others) = (values(run), values(other));
    assert_eq!(Vec::from_iter(values.keys()), Vec::from_iter(others.keys()));
    for ((key, values), others) in values.iter().zip(others.values()) {
        assert_eq!(values.len(), others.len(), "{key}");
        for (value, other) in values.iter().zip(others) {
            let is_close = (value - other).abs() <= 1e-12 * value.abs().max(1.0);
            let is_same = is_close || value.is_nan() && other.is_nan();
            assert!(is_same, "{key}: {value} and {other}");
        }
    }
}

/// What was logged under each key.
fn values(run: &Run) -> BTreeMap<String, Vec<f64>> {
    let series = run.aggregates().unwrap().into_iter();
    series
        .map(|series| {
            let values = series.points.iter().map(|(_, value)| *value);
            (series.key, values.collect())
        })
        .collect()
}
