//! Label issues of a file that any program can write: labels `[samples]` as little-endian
//! `i64`, then probabilities `[samples, classes]` as `f64`. Prints JSON with the rows of
//! two filters and the ranking of all samples.
//!
//! `cargo run -p tlc-findings --example rank_labels -- FILE CLASSES`

use std::error::Error;
use tlc_findings::label_issues::{Filter, Score, Slices, find};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(file), Some(classes)) = (arguments.next(), arguments.next()) else {
        return Err("expected FILE CLASSES".into());
    };
    let (bytes, classes) = (std::fs::read(file)?, classes.parse::<usize>()?);
    let (words, rest) = bytes.as_chunks::<8>();
    let samples = words.len() / (classes + 1);
    if !rest.is_empty() || samples * (classes + 1) != words.len() {
        return Err(format!("{} bytes are no samples of {classes} classes", bytes.len()).into());
    }
    let (labels, probabilities) = words.split_at(samples);
    let labels: Vec<i64> = labels
        .iter()
        .map(|word| i64::from_le_bytes(*word))
        .collect();
    let probabilities = probabilities.iter().map(|word| f64::from_le_bytes(*word));
    let probabilities: Vec<f64> = probabilities.collect();
    let predictions = Slices::new(&labels, &probabilities, classes)?;
    let rows = |filter| find(&predictions, filter, Score::SelfConfidence);
    let by_noise_rate = rows(Filter::PruneByNoiseRate)?;
    let mut ranking: Vec<usize> = (0..samples).collect();
    let scores = &by_noise_rate.scores;
    ranking.sort_by(|a, b| scores[*a].total_cmp(&scores[*b]));
    let found = serde_json::json!({
        "prune_by_noise_rate": by_noise_rate.rows,
        "confident_learning": rows(Filter::ConfidentLearning)?.rows,
        "ranking": ranking,
    });
    println!("{found}");
    Ok(())
}
