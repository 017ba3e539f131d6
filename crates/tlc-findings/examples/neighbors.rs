//! Nearest neighbours of a file that any program can write: vectors `[samples, dim]` as
//! little-endian `f32`, by the Euclidean distance. Writes their rows `[samples, k]` as `u32`
//! and prints the seconds it took and the recall that the search tells.
//!
//! `cargo run --release -p tlc-findings --example neighbors -- VECTORS DIM K ROWS [RECALL]`

use std::error::Error;
use std::time::Instant;
use tlc_findings::Embeddings;
use tlc_findings::neighbors::{Metric, Search, nearest_by};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [vectors, dim, k, rows, recall @ ..] = arguments.as_slice() else {
        return Err("expected VECTORS DIM K ROWS [RECALL]".into());
    };
    let search = match recall {
        [recall, ..] => Search::Approximate {
            recall: recall.parse()?,
            seed: 0,
        },
        [] => Search::Exact,
    };
    let embeddings = Embeddings::new(read(vectors)?, dim.parse()?)?;
    let start = Instant::now();
    let found = nearest_by(search, &embeddings, k.parse()?, Metric::Euclidean)?;
    println!("{:.2} {:.4}", start.elapsed().as_secs_f64(), found.recall());
    let all = (0..found.len()).flat_map(|row| found.rows(row));
    std::fs::write(
        rows,
        all.flat_map(|row| row.to_le_bytes()).collect::<Vec<u8>>(),
    )?;
    Ok(())
}

/// The values of a file, a part at a time.
fn read(path: &str) -> Result<Vec<f32>, Box<dyn Error>> {
    use std::io::Read;
    let mut file = std::fs::File::open(path)?;
    let len = usize::try_from(file.metadata()?.len())? / size_of::<f32>();
    let (mut values, mut part) = (Vec::with_capacity(len), vec![0; 1 << 20]);
    while values.len() < len {
        let bytes = part.len().min((len - values.len()) * size_of::<f32>());
        file.read_exact(&mut part[..bytes])?;
        let read = part[..bytes].as_chunks::<4>().0.iter();
        values.extend(read.map(|value| f32::from_le_bytes(*value)));
    }
    Ok(values)
}
