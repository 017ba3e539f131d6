//! What the program prints: the ranked list, and how much of it is known to be wrong.

use crate::Found;
use crate::args::Args;
use crate::data::Data;
use crate::sheet::name;
use serde::Serialize;
use std::error::Error;
use tlc::findings::dynamics::Dynamics;
use tlc::findings::label_issues::RankedLabel;
use tlc::{Run, Url};

/// Samples of the list that are printed.
const SHOWN: usize = 15;

#[derive(Serialize)]
pub struct Report {
    run: String,
    label_issues: String,
    flips: usize,
    /// Samples that count as label issues, and how many of them were flipped.
    issues: usize,
    flipped_issues: usize,
    /// Of each ranking, the share of flips among its first `flips` samples.
    precision: Vec<(&'static str, f64)>,
    worst: Vec<Sample>,
    train_secs: f64,
    #[serde(skip)]
    overview: String,
}

#[derive(Serialize)]
struct Sample {
    example_id: i64,
    label: &'static str,
    suggested: &'static str,
    probability: f64,
    label_score: f64,
    was_flipped: bool,
}

impl Report {
    pub fn new(run: &Run, data: &Data, found: &Found, train_secs: f64) -> Self {
        let is_flipped = |id: &i64| data.is_flipped(*id as usize);
        let issues = found.issues.issues().map(|issue| &issue.example_id);
        let ranked = found.issues.samples.iter().map(|sample| sample.example_id);
        let mut rankings = vec![
            ("label score, mean of all epochs", ranked.collect()),
            ("label score of the last epoch", found.last.ranked()),
        ];
        if let Some(dynamics) = &found.dynamics {
            rankings.push(("area under the margin", by_margin(dynamics)));
        }
        let samples = found.issues.samples.iter();
        Self {
            run: run.url().to_string(),
            label_issues: folder(&found.issues_url),
            flips: data.flips(),
            issues: found.issues.count(),
            flipped_issues: issues.filter(|id| is_flipped(id)).count(),
            precision: rankings
                .iter()
                .map(|(name, ids)| (*name, precision(ids, data)))
                .collect(),
            worst: samples
                .take(SHOWN)
                .map(|sample| Sample::new(sample, data))
                .collect(),
            train_secs,
            overview: found.overview.clone(),
        }
    }
}

impl Sample {
    fn new(sample: &RankedLabel, data: &Data) -> Self {
        Self {
            example_id: sample.example_id,
            label: name(sample.label),
            suggested: name(sample.suggested),
            probability: sample.probability,
            label_score: sample.score,
            was_flipped: data.is_flipped(sample.example_id as usize),
        }
    }
}

impl Report {
    pub fn print(&self, args: &Args) -> Result<(), Box<dyn Error>> {
        if args.json {
            println!("{}", serde_json::to_string_pretty(self)?);
            return Ok(());
        }
        println!("\n{}", self.overview);
        println!("Training labels that are most likely wrong:");
        println!("example_id  label        suggested    probability   score  flipped");
        for sample in &self.worst {
            println!(
                "{:>10}  {:<12} {:<12} {:>10.1}%  {:>6.4}  {}",
                sample.example_id,
                sample.label,
                sample.suggested,
                sample.probability * 100.0,
                sample.label_score,
                if sample.was_flipped { "yes" } else { "" },
            );
        }
        println!(
            "\n{} label issues; {} of them are among the {} flipped labels",
            self.issues, self.flipped_issues, self.flips
        );
        println!(
            "Flipped labels among the first {} of a ranking:",
            self.flips
        );
        for (ranking, precision) in &self.precision {
            println!("  by {ranking:<31} {:>5.1} %", precision * 100.0);
        }
        println!("\nEmbeddings     {}", args.plot.display());
        println!("Label issues   {}", args.sheet.display());
        println!("Run            {}", self.run);
        println!(
            "Training took  {:.0} s, collection included",
            self.train_secs
        );
        println!("\nNext: look at all label issues with DuckDB,");
        println!(
            "  duckdb -c \"FROM '{}/*.parquet' WHERE is_label_issue ORDER BY label_rank\"",
            self.label_issues
        );
        Ok(())
    }
}

/// A path, where it is one.
fn folder(url: &Url) -> String {
    let path = url.to_path();
    path.map_or_else(|| url.to_string(), |path| path.display().to_string())
}

/// The smallest margins first.
fn by_margin(dynamics: &Dynamics) -> Vec<i64> {
    let margins = dynamics.area_under_margin.iter().flatten();
    let mut samples: Vec<_> = dynamics.example_ids.iter().zip(margins).collect();
    samples.sort_by(|a, b| a.1.total_cmp(b.1));
    samples.into_iter().map(|(id, _)| *id).collect()
}

/// The share of flips among as many samples, the first of a ranking.
fn precision(ranked: &[i64], data: &Data) -> f64 {
    let first = ranked.iter().take(data.flips());
    let flipped = first.filter(|id| data.is_flipped(**id as usize)).count();
    flipped as f64 / data.flips().max(1) as f64
}
