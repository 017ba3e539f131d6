//! Nearest neighbours of a file that any program can write: vectors `[samples, dim]` as
//! little-endian `f32`, by the Euclidean distance. Writes their rows `[samples, k]` as `u32`
//! and prints the seconds it took, the recall that the search tells, and the most memory that
//! the process has had in MiB, where the system tells.
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
    let (seconds, recall) = (start.elapsed().as_secs_f64(), found.recall());
    println!("{seconds:.2} {recall:.4} {:.0}", peak_mib());
    let all = (0..found.len()).flat_map(|row| found.rows(row));
    std::fs::write(
        rows,
        all.flat_map(|row| row.to_le_bytes()).collect::<Vec<u8>>(),
    )?;
    Ok(())
}

fn peak_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = peak.and_then(|peak| peak.split_whitespace().next());
    kib.and_then(|kib| kib.parse().ok())
        .map_or(f64::NAN, |kib: f64| kib / 1024.0)
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
