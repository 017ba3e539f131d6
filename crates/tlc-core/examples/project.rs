//! A project of two Parquet files that any program can write: samples with a `label` and, if
//! there is one, an encoded `image`, and what a model said of each, with an `example_id`.
//!
//! `cargo run --release -p tlc-core --example project -- SAMPLES METRICS PROJECT_ROOT`

use std::error::Error;
use std::path::Path;
use tlc_core::{
    Column, MetricsOptions, MetricsTableWriter, Role, Run, RunOptions, Status, Table, TableOptions,
    Url, ValueType,
};

const CLASSES: [&str; 10] = [
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
];
const BATCH_ROWS: usize = 1 << 16;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [samples, metrics, root] = arguments.as_slice() else {
        return Err("expected SAMPLES METRICS PROJECT_ROOT".into());
    };
    std::fs::create_dir_all(root)?;
    let root = Url::from_path(Path::new(root))?;
    let table = imported(samples, &root)?;
    let run = Run::create(RunOptions::new("peers").root(&root).name("first"))?;
    run.change().input_table(&table).commit()?;
    say(metrics, &table, &run)?;
    run.change().status(Status::Completed).commit()?;
    println!("{} rows", table.len());
    Ok(())
}

fn imported(samples: &str, root: &Url) -> Result<Table, tlc_core::Error> {
    let options = TableOptions::new("peers", "train", "initial").root(root);
    let label = Column::new("label", ValueType::labels(CLASSES)).writable(true);
    let has_images = Path::new(samples).with_file_name("images").is_dir();
    let image = has_images.then(|| Column::new("image", ValueType::image_bytes()));
    Table::from_parquet(samples, options.column(label).columns(image))
}

fn say(metrics: &str, table: &Table, run: &Run) -> Result<(), tlc_core::Error> {
    let aside = Url::parse("memory://aside/")?;
    let options = TableOptions::new("aside", "metrics", "initial").root(aside);
    let said = Table::from_parquet(metrics, options)?;
    let classes = Column::new("predicted", ValueType::labels(CLASSES));
    let about = MetricsOptions::new()
        .run(run)
        .foreign_table(table)
        .constant("epoch", 1_i64)
        .column(classes.role(Role::Prediction))
        .column(Column::new("confidence", ValueType::Confidence));
    let mut writer = MetricsTableWriter::new(about)?;
    for batch in said.scan().batch_size(BATCH_ROWS).batches()? {
        writer.add_batch(batch?)?;
    }
    writer.finish()?;
    Ok(())
}
