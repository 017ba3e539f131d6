//! From PNG bytes in a table to per-sample loss, prediction, confidence and a 128-d
//! embedding on disk, against a bare forward pass over the same images, decoded and
//! stacked before; on the CPU.
//!
//! With `TLC_BENCH_WEIGHTS` (safetensors, as PyTorch writes them) and
//! `TLC_BENCH_ROOT` (a folder) it serves `benches/peers/collect`: for each line of
//! standard input, `collect` or `forward`, it does that once and answers with the
//! seconds and the folder of the run, until one says `end`.

#![allow(clippy::panic, clippy::unwrap_used)]

use burn::data::dataloader::batcher::Batcher;
use burn::prelude::*;
use burn_store::{ModuleSnapshot, PyTorchToBurnAdapter, SafetensorsStore};
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Instant;
use tlc_benches::nets::{Cnn, forward};
use tlc_benches::samples::{Batch, CLASSES, GREY, Images, Row};
use tlc_benches::{folder, print_ratio, run, setting};
use tlc_burn::prelude::*;
use tlc_core::{Column, Run, RunOptions, Table, TableOptions, Url, ValueType};

#[derive(Clone, serde::Deserialize)]
struct Encoded {
    image: Vec<u8>,
    label: i32,
}

fn main() {
    let device = tlc_burn::device("cpu").unwrap();
    let Ok(weights) = std::env::var("TLC_BENCH_WEIGHTS") else {
        let (_folder, root) = folder();
        let bench = Bench::new(&Cnn::new(&device), &root, &device);
        let run = run(&root);
        let rounds = setting("TLC_BENCH_ROUNDS", 7);
        let what = "end to end over a bare forward pass";
        return print_ratio(what, rounds, || bench.collect(&run), || bench.forward());
    };
    let root = PathBuf::from(std::env::var("TLC_BENCH_ROOT").unwrap());
    let root = Url::from_path(&root).unwrap();
    let mut model = Cnn::new(&device);
    let store = SafetensorsStore::from_file(weights);
    let mut store = store.with_from_adapter(PyTorchToBurnAdapter);
    model.load_from(&mut store).unwrap();
    serve(&Bench::new(&model, &root, &device), &root);
}

fn serve(bench: &Bench, root: &Url) {
    for line in std::io::stdin().lines() {
        let run = Run::create(RunOptions::new("benches").root(root)).unwrap();
        let started = Instant::now();
        match line.unwrap().as_str() {
            "collect" => bench.collect(&run),
            "forward" => bench.forward(),
            "end" => return,
            other => panic!("`{other}` is none of collect, forward and end"),
        }
        let seconds = started.elapsed().as_secs_f64();
        println!("{seconds} {}", run.url().to_path().unwrap().display());
    }
}

struct Bench {
    samples: Samples<Encoded, Row>,
    predictor: Predictor<Cnn, Images>,
    batches: Vec<Batch>,
}

impl Bench {
    fn new(model: &Cnn, root: &Url, device: &Device) -> Self {
        let batch = setting("TLC_BENCH_BATCH", 256);
        let samples = table(root).samples::<Encoded>().try_map(decode);
        let rows: Vec<Row> = (0..samples.len())
            .map(|row| samples.collected(row).unwrap().item)
            .collect();
        let batches = rows.chunks(batch);
        Self {
            predictor: Predictor::new(model, GREY).batch_size(batch),
            batches: batches
                .map(|rows| GREY.batch(rows.to_vec(), device))
                .collect(),
            samples,
        }
    }

    fn collect(&self, run: &Run) {
        let collectors = (Classification::new(CLASSES), Embeddings::of(["hidden"]));
        let options = CollectOptions::new().run(run).progress(false);
        black_box(collect_metrics(&self.samples, collectors, &self.predictor, options).unwrap());
    }

    fn forward(&self) {
        forward(self.predictor.model(), &self.batches);
    }
}

fn decode(row: Encoded) -> Result<Row, image::ImageError> {
    let pixels = image::load_from_memory(&row.image)?.to_luma8().into_raw();
    Ok(Row {
        pixels,
        label: row.label,
    })
}

fn table(root: &Url) -> Table {
    let file = "../data/fashion_mnist_train_5k.parquet";
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let options = TableOptions::new("benches", "fashion-mnist", "train")
        .root(root)
        .column(Column::new("image", ValueType::image_bytes()))
        .column(Column::new("label", ValueType::labels(CLASSES)));
    Table::from_parquet(file, options).unwrap()
}
