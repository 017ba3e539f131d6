//! Milliseconds and bytes of one 512x512 mask as PNG, by the settings of the encoder,
//! on one thread and over Rayon. `Segmentation` encodes with `Fast` and `Up`.

#![allow(clippy::panic, clippy::unwrap_used)]

use png::{BitDepth, ColorType, Compression, Encoder, Filter};
use rayon::prelude::*;
use std::time::Instant;

const SIDE: usize = 512;
const MASKS: usize = 32;
const ROUNDS: usize = 7;

fn main() {
    for (name, grain) in [("regions", 48.0), ("regions with ragged edges", 12.0)] {
        let masks: Vec<Vec<u8>> = (0..MASKS).map(|mask| regions(mask, grain)).collect();
        println!("| {name} | ms | ms, Rayon | KiB |");
        println!("|---|---|---|---|");
        for (compression, filter) in settings() {
            let encode = |mask: &Vec<u8>| encode(mask, compression, filter).len();
            let bytes: usize = masks.iter().map(encode).sum();
            let one = millis(|| masks.iter().map(encode).sum());
            let many = millis(|| masks.par_iter().map(encode).sum());
            let kib = bytes as f64 / MASKS as f64 / 1024.0;
            println!("| {compression:?}, {filter:?} | {one:.2} | {many:.2} | {kib:.1} |");
        }
    }
}

fn settings() -> Vec<(Compression, Filter)> {
    use Compression::{Balanced, Fast, Fastest};
    let compressions = [Fastest, Fast, Balanced];
    let filters = [Filter::NoFilter, Filter::Up, Filter::Adaptive];
    compressions
        .into_iter()
        .flat_map(|compression| filters.map(|filter| (compression, filter)))
        .collect()
}

/// The median time of a mask.
fn millis(work: impl Fn() -> usize) -> f64 {
    let mut rounds: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let started = Instant::now();
            assert!(work() > 0);
            started.elapsed().as_secs_f64() * 1e3 / MASKS as f64
        })
        .collect();
    rounds.sort_by(f64::total_cmp);
    rounds[ROUNDS / 2]
}

/// The nearest of 24 points decides the class; a wave of `grain` pixels frays the edges.
fn regions(mask: usize, grain: f64) -> Vec<u8> {
    let noise = |at: usize| ((at + mask * 97).wrapping_mul(2_654_435_761) >> 7) % SIDE;
    let points: Vec<(f64, f64)> = (0..24)
        .map(|point| (noise(2 * point) as f64, noise(2 * point + 1) as f64))
        .collect();
    let class = |at: usize| {
        let (x, y) = ((at % SIDE) as f64, (at / SIDE) as f64);
        let (x, y) = (
            x + 6.0 * (y / grain).sin(),
            y + 6.0 * (x / grain * 1.7).cos(),
        );
        let distance = |point: &(f64, f64)| (point.0 - x).powi(2) + (point.1 - y).powi(2);
        let nearest = (0..points.len())
            .min_by(|a, b| distance(&points[*a]).total_cmp(&distance(&points[*b])));
        (nearest.unwrap() % 21) as u8
    };
    (0..SIDE * SIDE).map(class).collect()
}

fn encode(mask: &[u8], compression: Compression, filter: Filter) -> Vec<u8> {
    let mut png = Vec::new();
    let mut encoder = Encoder::new(&mut png, SIDE as u32, SIDE as u32);
    encoder.set_color(ColorType::Grayscale);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(compression);
    encoder.set_filter(filter);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(mask).unwrap();
    writer.finish().unwrap();
    png
}
