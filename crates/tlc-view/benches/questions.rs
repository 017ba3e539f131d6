//! What a person's steps cost: a brush that moves over a histogram while eight others and the
//! mask follow, an order, a page of it, groups, a confusion matrix, the next sample.
//!
//! `TLC_BENCH_ROWS` rows, 1,000,000 by default, of six numbers, a label and a prediction.

#![allow(clippy::unwrap_used)]

use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;
use std::sync::Arc;
use tlc_core::{Column, Columns, Table, TableOptions, Url, ValueType};
use tlc_view::{Bins, Filter, Filtered, OrderBy, View, ViewOptions};

const NUMBERS: [&str; 6] = ["loss", "confidence", "margin", "entropy", "x", "y"];
const PART: usize = 1 << 18;

fn rows() -> usize {
    let rows = std::env::var("TLC_BENCH_ROWS").ok();
    rows.map_or(1_000_000, |rows| rows.parse().unwrap())
}

/// Numbers that look random and are the same each time.
fn noise(seed: u64, row: usize) -> f32 {
    let mut bits = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ row as u64;
    for _ in 0..3 {
        bits = (bits ^ (bits >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    }
    (bits >> 40) as f32 / 16_777_216.0
}

fn view() -> (tempfile::TempDir, Arc<View>) {
    let folder = tempfile::tempdir().unwrap();
    let root = Url::parse(folder.path().to_str().unwrap()).unwrap();
    let names = (0..10).map(|class| format!("class {class}"));
    let names: Vec<String> = names.collect();
    let classes = |name: &str| Column::new(name, ValueType::labels(names.clone()));
    let options = TableOptions::new("bench", "rows", "initial").root(root);
    let options = options.columns([classes("label"), classes("predicted")]);
    let table = Table::create(options, |writer| {
        for start in (0..rows()).step_by(PART) {
            let part = start..rows().min(start + PART);
            let label = |row: usize| (noise(9, row) * 10.0) as i32;
            let says = |row| {
                if noise(8, row) < 0.9 {
                    label(row)
                } else {
                    label(row + 1)
                }
            };
            let mut columns = Columns::new()
                .column("label", part.clone().map(label).collect::<Vec<_>>())
                .column("predicted", part.clone().map(says).collect::<Vec<_>>());
            for (seed, name) in (0..).zip(NUMBERS) {
                let values = part.clone().map(|row| noise(seed, row).powi(3));
                columns = columns.column(name, values.collect::<Vec<f32>>());
            }
            writer.add_batch(columns)?;
        }
        Ok(())
    });
    let view = ViewOptions::new().table(&table.unwrap()).open().unwrap();
    for name in NUMBERS.iter().chain(&["label", "predicted"]) {
        view.column(name).unwrap();
    }
    (folder, Arc::new(view))
}

fn range(column: &str, min: f64, max: f64) -> Filter {
    let column = column.to_owned();
    Filter::Range {
        column,
        min: Some(min),
        max: Some(max),
    }
}

/// All that is on the screen under some filters.
fn screen(filtered: &Filtered) -> u64 {
    let numbers = NUMBERS.iter().map(|name| {
        let histogram = filtered.histogram(name, Bins::new(60)).unwrap();
        histogram.matching.iter().sum::<u64>()
    });
    let classes = ["label", "predicted"].iter().map(|name| {
        let counts = filtered.class_counts(name).unwrap();
        counts
            .classes
            .iter()
            .map(|counted| counted.matching)
            .sum::<u64>()
    });
    numbers.sum::<u64>() + classes.sum::<u64>()
}

fn questions(criterion: &mut Criterion) {
    let (_folder, view) = view();
    let memory: usize = view.memory().iter().map(|(_, bytes)| bytes).sum();
    println!("{} rows, {} MB in memory", view.len(), memory / 1_000_000);
    let name = |what: &str| format!("{what}, {} rows", view.len());
    let others = [range("confidence", 0.0, 0.5), range("y", 0.1, 0.9)];
    let all = Filtered::new(&view, &[]).unwrap();
    screen(&all);
    let mut step = 0;
    criterion.bench_function(
        &name("a brush moves, 8 charts and the mask follow"),
        |bench| {
            bench.iter(|| {
                step = (step + 1) % 50;
                let brush = range("loss", 0.0, 0.1 + f64::from(step) / 100.0);
                let under = all.refine(&[&others[..], &[brush]].concat()).unwrap();
                black_box(screen(&under))
            });
        },
    );
    let text = "loss > 0.2 and label != predicted".to_owned();
    criterion.bench_function(&name("an expression filters"), |bench| {
        bench.iter(|| Filtered::new(&view, &[Filter::Expression { text: text.clone() }]).unwrap());
    });
    let by = [OrderBy::descending("loss")];
    criterion.bench_function(&name("order by loss"), |bench| {
        bench.iter(|| view.order(&by).unwrap())
    });
    let order = view.order(&by).unwrap();
    let under = all.refine(&others).unwrap();
    criterion.bench_function(
        &name("that order under filters, and its first page"),
        |bench| {
            bench.iter(|| order.under(&under).page(0, 60).to_vec());
        },
    );
    let ordered = order.under(&under);
    let last = *ordered.page(ordered.len() - 1, 1).first().unwrap();
    criterion.bench_function(&name("the place of the last sample of it"), |bench| {
        bench.iter(|| ordered.place(last as usize).unwrap());
    });
    criterion.bench_function(&name("loss by label with quantiles"), |bench| {
        bench.iter(|| under.groups("label", Some("loss")).unwrap());
    });
    criterion.bench_function(&name("confusion"), |bench| {
        bench.iter(|| under.confusion("label", "predicted").unwrap());
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10);
    targets = questions
}
criterion_main!(benches);
