//! What the program prints: the ranked list, and how much of it is known to be wrong.

use crate::Findings;
use crate::args::Args;
use crate::data::Data;
use crate::samples::FASHION;
use serde::Serialize;
use std::error::Error;
use tlc::arrow::array::AsArray;
use tlc::arrow::datatypes::{Float32Type, Int32Type};
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
}

#[derive(Serialize)]
struct Sample {
    example_id: usize,
    label: &'static str,
    predicted: &'static str,
    confidence: f32,
    label_score: f64,
    was_flipped: bool,
}

impl Report {
    pub fn new(
        run: &Run,
        data: &Data,
        findings: &Findings,
        train_secs: f64,
    ) -> Result<Self, tlc::Error> {
        let issues = &findings.issues.rows;
        let scores = &findings.issues.scores;
        let (means, margins) = (
            findings.dynamics.mean_confidence.iter(),
            findings.dynamics.area_under_margin.iter().flatten(),
        );
        let rankings = [
            ("label score of the last epoch", scores.clone()),
            ("mean confidence of all epochs", means.map(wide).collect()),
            ("area under the margin", margins.map(wide).collect()),
        ];
        Ok(Self {
            run: run.url().to_string(),
            label_issues: folder(&findings.issues_url),
            flips: data.flips(),
            issues: issues.len(),
            flipped_issues: issues.iter().filter(|row| data.is_flipped(**row)).count(),
            precision: rankings
                .map(|(name, scores)| (name, precision(&scores, data)))
                .to_vec(),
            worst: worst(data, findings)?,
            train_secs,
        })
    }
}

impl Report {
    pub fn print(&self, args: &Args) -> Result<(), Box<dyn Error>> {
        if args.json {
            println!("{}", serde_json::to_string_pretty(self)?);
            return Ok(());
        }
        println!("\nTraining labels that are most likely wrong:");
        println!("example_id  label        predicted    confidence    score  flipped");
        for sample in &self.worst {
            println!(
                "{:>10}  {:<12} {:<12} {:>9.1}%  {:>7.1e}  {}",
                sample.example_id,
                sample.label,
                sample.predicted,
                sample.confidence * 100.0,
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
            println!("  by {ranking:<30} {:>5.1} %", precision * 100.0);
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
            "  duckdb -c \"FROM '{}/*.parquet' WHERE is_label_issue ORDER BY label_score\"",
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

fn wide(value: &f32) -> f64 {
    f64::from(*value)
}

/// The share of flips among as many samples, those with the lowest scores.
fn precision(scores: &[f64], data: &Data) -> f64 {
    let mut rows: Vec<usize> = (0..scores.len()).collect();
    rows.sort_by(|a, b| scores[*a].total_cmp(&scores[*b]));
    let first = rows.iter().take(data.flips());
    let flipped = first.filter(|row| data.is_flipped(**row)).count();
    flipped as f64 / data.flips().max(1) as f64
}

fn worst(data: &Data, findings: &Findings) -> Result<Vec<Sample>, tlc::Error> {
    let metrics = findings.metrics.read()?;
    let predicted = metrics["predicted"].as_primitive::<Int32Type>().values();
    let confidence = metrics["confidence"].as_primitive::<Float32Type>().values();
    let sample = |row: &usize| Sample {
        example_id: *row,
        label: FASHION[data.labels[*row][0] as usize],
        predicted: FASHION[predicted[*row] as usize],
        confidence: confidence[*row],
        label_score: findings.issues.scores[*row],
        was_flipped: data.is_flipped(*row),
    };
    let issues = findings.issues.rows.iter().take(SHOWN);
    Ok(issues.map(sample).collect())
}
