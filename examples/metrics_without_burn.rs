//! Per-sample metrics by hand, for any model in any framework.
//!
//! `cargo run -p tlc-examples --example metrics_without_burn`

use serde::Serialize;
use tlc::{
    AddMetrics, Columns, IfExists, MetricsOptions, MetricsTableWriter, Result, Table, TableOptions,
};

#[derive(Serialize)]
struct Review {
    text: &'static str,
    label: i32,
}

fn main() -> Result<()> {
    let options = TableOptions::new("reviews", "train", "initial").if_exists(IfExists::Reuse);
    let table = Table::create(options, |writer| {
        writer.add_rows(&[
            Review {
                text: "a joy to use",
                label: 1,
            },
            Review {
                text: "broke on day one",
                label: 0,
            },
            Review {
                text: "does what it says",
                label: 0,
            },
        ])
    })?;
    let run = tlc::init(("reviews", "by-hand"))?;

    let options = MetricsOptions::new()
        .foreign_table(&table)
        .constant("epoch", 1);
    let mut writer = MetricsTableWriter::new(options)?;
    for (example_id, loss) in [(0_i64, 0.1_f32), (1, 0.2), (2, 2.3)] {
        writer.add_batch(
            Columns::new()
                .column("example_id", vec![example_id])
                .column("loss", vec![loss]),
        )?;
    }
    writer.finalize()?;
    run.update_metrics(&writer.get_written_metrics_infos())?;

    let per_class = Columns::new()
        .column("class", vec!["bad", "good"])
        .column("recall", [0.5, 1.0]);
    run.add_metrics(per_class, AddMetrics::new().constant("epoch", 1))?;
    tlc::log([("epoch", 1.0), ("mean_loss", 0.87)])?;
    tlc::close()?;

    println!(
        "{} holds {} metrics tables",
        run.url(),
        run.metrics()?.len()
    );
    println!("look at one: duckdb -c \"FROM '<run folder>/metrics/*/*.parquet'\"");
    Ok(())
}
