//! What it costs to find the rows of a condition among 10,000,000.
//!
//! `cargo bench -p tlc-view --bench expression`

#![allow(clippy::unwrap_used)]
#![allow(missing_docs)] // criterion's macros

use criterion::{Criterion, criterion_group, criterion_main};
use tlc_core::{Column, Columns, Table, TableOptions, Url, ValueType};
use tlc_view::{Expression, View, ViewOptions};

const ROWS: u64 = 10_000_000;
const CONDITIONS: [&str; 9] = [
    "loss > 2",
    "loss > 2 and label != predicted",
    "label = 'owl'",
    "label in ('cat', 'owl') or loss between 0.2 and 0.4",
    "abs(loss - 0.5) * 2 > 1",
    "n % 7 = 3",
    "case when loss > 1 then label else predicted end = 'dog'",
    "note like '%9%'",
    "loss > 3 and 100 / n < 1",
];

fn view() -> View {
    let root = Url::parse("memory://bench-expression/").unwrap();
    let classes = || ValueType::labels(["cat", "dog", "owl"]);
    let columns = [
        Column::new("loss", ValueType::Float32),
        Column::new("label", classes()),
        Column::new("predicted", classes()),
        Column::new("n", ValueType::Int64),
        Column::new("note", ValueType::String),
    ];
    let options = TableOptions::new("bench", "rows", "initial");
    let options = options.root(root).columns(columns);
    let table = Table::create(options, |writer| {
        let all: Vec<u64> = (0..ROWS).collect();
        all.chunks(1 << 20).try_for_each(|rows| {
            let mixed = |row: &u64| row.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
            let loss = rows.iter().map(|row| mixed(row) as f32 / (1 << 22) as f32);
            let class = |shift: u64| move |row: &u64| (mixed(row) >> shift) as i32 % 3;
            let values = Columns::new()
                .column("loss", loss.collect::<Vec<f32>>())
                .column("label", rows.iter().map(class(3)).collect::<Vec<i32>>())
                .column("predicted", rows.iter().map(class(9)).collect::<Vec<i32>>())
                .column(
                    "n",
                    rows.iter().map(|row| *row as i64 + 1).collect::<Vec<i64>>(),
                )
                .column(
                    "note",
                    rows.iter()
                        .map(|row| format!("n{}", row % 1_000))
                        .collect::<Vec<_>>(),
                );
            writer.add_batch(values)
        })
    });
    ViewOptions::new().table(&table.unwrap()).open().unwrap()
}

fn conditions(criterion: &mut Criterion) {
    let view = view();
    let mut group = criterion.benchmark_group("matching/10000000");
    group.sample_size(10);
    for text in CONDITIONS {
        let condition = Expression::parse(text).unwrap();
        let count = view.matching(&condition).unwrap().count();
        group.bench_function(format!("{text} ({count})"), |bencher| {
            bencher.iter(|| view.matching(&condition).unwrap());
        });
    }
    group.finish();
}

criterion_group!(benches, conditions);
criterion_main!(benches);
