//! Label issues of a file that any program can write: labels `[samples]` as little-endian
//! `i64`, then probabilities `[samples, classes]` as `f64`. Prints JSON with the rows of
//! two filters and the ranking of all samples.
//!
//! `cargo run -p tlc-findings --example rank_labels -- FILE CLASSES`

use std::error::Error;
use tlc_findings::label_issues::{Filter, LabelIssues, Score, Slices, find};

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
    let found = |filter| find(&predictions, filter, Score::SelfConfidence);
    let ids = |found: &LabelIssues| -> Vec<i64> {
        found.issues().map(|sample| sample.example_id).collect()
    };
    let by_noise_rate = found(Filter::PruneByNoiseRate)?;
    let samples = by_noise_rate.samples.iter();
    let found = serde_json::json!({
        "prune_by_noise_rate": ids(&by_noise_rate),
        "confident_learning": ids(&found(Filter::ConfidentLearning)?),
        "ranking": samples.map(|sample| sample.example_id).collect::<Vec<_>>(),
    });
    println!("{found}");
    Ok(())
}
