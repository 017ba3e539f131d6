//! UMAP of a file that any program can write: vectors `[samples, dim]` as little-endian
//! `f32`. Writes the points `[samples, 2]` likewise and prints the seconds it took.
//!
//! `cargo run --release -p tlc-findings --example umap -- VECTORS DIM POINTS [SEED]`

use std::error::Error;
use std::time::Instant;
use tlc_findings::Embeddings;
use tlc_findings::reduce::{Umap, UmapOptions};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [vectors, dim, points, seed @ ..] = arguments.as_slice() else {
        return Err("expected VECTORS DIM POINTS [SEED]".into());
    };
    let seed = seed.first().map_or(Ok(0), |seed| seed.parse())?;
    let bytes = std::fs::read(vectors)?;
    let values = bytes.as_chunks::<4>().0.iter();
    let values = values.map(|value| f32::from_le_bytes(*value)).collect();
    let embeddings = Embeddings::new(values, dim.parse()?)?;
    let start = Instant::now();
    let umap = Umap::fit(&embeddings, &UmapOptions::new().seed(seed))?;
    println!("{:.2}", start.elapsed().as_secs_f64());
    let values = umap.points().values().iter();
    let bytes: Vec<u8> = values.flat_map(|value| value.to_le_bytes()).collect();
    std::fs::write(points, bytes)?;
    Ok(())
}
