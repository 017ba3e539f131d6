//! A probe on a file that any program can write: labels `[samples]` as little-endian `i64`,
//! then embeddings `[samples, dim]` as `f32`. Writes the fold of each sample as `i64` and its
//! probabilities `[samples, classes]` as `f32`, and prints the seconds it took, the `C` it
//! chose and the loss of what was held out.
//!
//! `cargo run --release -p tlc-findings --example probe -- FILE DIM CLASSES RESULT [C]..`

use std::error::Error;
use std::time::Instant;
use tlc_findings::Embeddings;
use tlc_findings::probe::{Probe, ProbeOptions};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, dim, classes, result, grid @ ..] = arguments.as_slice() else {
        return Err("expected FILE DIM CLASSES RESULT [C]..".into());
    };
    let (bytes, dim) = (std::fs::read(file)?, dim.parse::<usize>()?);
    let samples = bytes.len() / (size_of::<i64>() + dim * size_of::<f32>());
    let (labels, values) = bytes.split_at(samples * size_of::<i64>());
    let labels = labels.as_chunks::<8>().0.iter();
    let labels: Vec<i64> = labels.map(|label| i64::from_le_bytes(*label)).collect();
    let values = values.as_chunks::<4>().0.iter();
    let values = values.map(|value| f32::from_le_bytes(*value)).collect();
    let embeddings = Embeddings::new(values, dim)?;
    drop(bytes);
    let mut options = ProbeOptions::new();
    if !grid.is_empty() {
        let grid: Result<Vec<f64>, _> = grid.iter().map(|c| c.parse()).collect();
        options = options.grid(grid?);
    }
    let start = Instant::now();
    let probe = Probe::fit(&embeddings, &labels, classes.parse()?, &options)?;
    println!(
        "{:.2} {} {:?}",
        start.elapsed().as_secs_f64(),
        probe.c,
        probe.losses
    );
    let folds = probe.folds.iter().map(|fold| *fold as i64);
    let folds = folds.flat_map(i64::to_le_bytes);
    let probabilities = probe.probabilities.iter();
    let probabilities = probabilities.flat_map(|p| p.to_le_bytes());
    std::fs::write(result, folds.chain(probabilities).collect::<Vec<u8>>())?;
    Ok(())
}
