//! A run that was flushed at every step: opening and refreshing it, and what compaction
//! makes of it; then the costs that once grew with their number: names, keys, slices.

#![allow(clippy::panic, clippy::unwrap_used)]
#![allow(missing_docs)] // criterion's macros

use criterion::{Criterion, criterion_group, criterion_main};
use std::path::Path;
use std::sync::Arc;
use tlc_benches::{folder, run};
use tlc_core::arrow::array::{ArrayRef, Float64Array, RecordBatch, StringArray};
use tlc_core::storage::{MemoryStore, Store, mount};
use tlc_core::{
    Columns, MetricsOptions, MetricsTableWriter, Run, RunOptions, Table, TableOptions, Url,
};

const COMMITS: usize = 100_000;
const KEYS: usize = 10_000;
const ROWS: usize = 100_000;

/// Writes the commits in memory, where none is synced, and copies them to a disk.
fn long_run(folder: &Path) -> Url {
    let root = Url::parse("memory://history/").unwrap();
    let store: Arc<dyn Store> = Arc::new(MemoryStore::default());
    let _mount = mount(&root, Arc::clone(&store));
    let run = Run::create(RunOptions::new("p").name("r").root(&root)).unwrap();
    let mut writer = MetricsTableWriter::new(MetricsOptions::new().run(&run)).unwrap();
    for step in 1..COMMITS {
        let loss = Columns::new().column("loss", vec![step as f32]);
        writer.add_batch(loss).unwrap();
        writer.flush().unwrap();
    }
    for part in ["commits", "checkpoints"] {
        let (from, to) = (
            run.url().join(part).unwrap(),
            folder.join("p/runs/r").join(part),
        );
        std::fs::create_dir_all(&to).unwrap();
        for entry in store.list(&from).unwrap() {
            let bytes = store.get(&from.join(&entry.name).unwrap(), u64::MAX);
            std::fs::write(to.join(entry.name), bytes.unwrap()).unwrap();
        }
    }
    Url::from_path(&folder.join("p/runs/r")).unwrap()
}

fn history(criterion: &mut Criterion) {
    let (folder, _) = folder();
    let url = long_run(folder.path());
    let mut group = criterion.benchmark_group("100,000 commits");
    group.sample_size(10);
    group.bench_function("open", |bench| bench.iter(|| Run::from_url(&url).unwrap()));
    let opened = Run::from_url(&url).unwrap();
    group.bench_function("refresh", |bench| bench.iter(|| opened.refresh().unwrap()));
    group.finish();
}

fn numbers(criterion: &mut Criterion) {
    let (_folder, root) = folder();
    let mut group = criterion.benchmark_group("numbers");
    group.sample_size(10);
    for _ in 0..1000 {
        run(&root);
    }
    group.bench_function("a run whose name 1,000 have", |bench| {
        bench.iter(|| run(&root))
    });
    let logged = run(&root);
    for epoch in 0..5 {
        for key in 0..KEYS {
            let values = [
                ("epoch".to_owned(), f64::from(epoch)),
                (format!("key {key}"), 0.5),
            ];
            logged.log(values).unwrap();
        }
    }
    logged.flush().unwrap();
    group.bench_function("aggregates of 10,000 keys", |bench| {
        bench.iter(|| logged.aggregates().unwrap());
    });
    let large = RecordBatch::try_from_iter([
        (
            "x",
            Arc::new(Float64Array::from(vec![0.5; ROWS])) as ArrayRef,
        ),
        (
            "text",
            Arc::new(StringArray::from(vec!["text"; ROWS])) as ArrayRef,
        ),
    ]);
    let (large, memory) = (
        large.unwrap(),
        Url::parse("memory://history-slices/").unwrap(),
    );
    group.bench_function(
        "a table of a batch of 100,000 rows in slices of 100",
        |bench| {
            bench.iter(|| {
                let options = TableOptions::new("p", "d", "t").root(&memory);
                let options = options.if_exists(tlc_core::IfExists::Overwrite);
                Table::create(options, |writer| {
                    (0..ROWS)
                        .step_by(100)
                        .try_for_each(|first| writer.add_batch(large.slice(first, 100)))
                })
                .unwrap()
            });
        },
    );
    group.finish();
}

criterion_group!(groups, history, numbers);
criterion_main!(groups);
