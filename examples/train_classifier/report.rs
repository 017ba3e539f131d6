//! What the program prints: a row an epoch, the worst samples, and what to do next.

use crate::args::Args;
use crate::worst::Sample;
use serde::Serialize;
use serde_json::json;
use std::error::Error;
use std::path::PathBuf;
use std::time::Duration;
use tlc::{Table, Url};

const WORST: usize = 10;

/// What is known of an epoch.
#[derive(Debug, Serialize)]
pub struct Epoch {
    pub number: usize,
    /// Of the augmented samples, while the weights changed.
    pub train_loss: f64,
    pub train_accuracy: f64,
    pub test_loss: f64,
    pub test_accuracy: f64,
    pub train_secs: f64,
    pub collect_secs: f64,
}

pub struct Report {
    pub epochs: Vec<Epoch>,
    pub worst: Vec<Sample>,
    pub sheet: Option<PathBuf>,
    run: Url,
    /// The table that is trained on, by name, and how its author describes it.
    table: String,
    classes: Vec<String>,
}

impl Report {
    pub fn new(run: &Url, train: &Table, classes: &[String]) -> Self {
        let (run, classes) = (run.clone(), classes.to_vec());
        let table = format!(
            "{}/{}  {}",
            train.dataset(),
            train.name(),
            train.description()
        );
        Self {
            epochs: Vec::new(),
            worst: Vec::new(),
            sheet: None,
            run,
            table: table.trim_end().to_owned(),
            classes,
        }
    }

    /// Prints the row of the epoch that has just ended, under a heading if it is the
    /// first.
    pub fn show_last_epoch(&self, json: bool) {
        let Some(epoch) = self.epochs.last().filter(|_| !json) else {
            return;
        };
        if self.epochs.len() == 1 {
            println!("Trains on {}\n", self.table);
            println!("epoch  train loss  train acc  test loss  test acc  train s  collect s");
        }
        println!(
            "{:>5}  {:>10.4}  {:>9.4}  {:>9.4}  {:>8.4}  {:>7.1}  {:>9.1}",
            epoch.number,
            epoch.train_loss,
            epoch.train_accuracy,
            epoch.test_loss,
            epoch.test_accuracy,
            epoch.train_secs,
            epoch.collect_secs
        );
    }

    pub fn print(&self, args: &Args, took: Duration) -> Result<(), Box<dyn Error>> {
        if args.json {
            println!("{}", serde_json::to_string_pretty(&self.as_json(took))?);
            return Ok(());
        }
        println!("\nTraining samples whose label looks most wrong:");
        println!(
            "example_id  {:<12} {:<12} confidence    loss",
            "label", "predicted"
        );
        for sample in self.worst.iter().take(WORST) {
            println!(
                "{:>10}  {:<12} {:<12} {:>9.1}%  {:>6.2}",
                sample.example_id,
                self.class(sample.label),
                self.class(sample.predicted),
                sample.confidence * 100.0,
                sample.loss
            );
        }
        if let Some(sheet) = &self.sheet {
            println!("\nThe {} worst   {}", self.worst.len(), sheet.display());
        }
        println!("Run            {}", self.run);
        println!("Took           {:.0} s", took.as_secs_f64());
        println!("\nNext: look at all of it,");
        println!(
            "  cargo run --release -p tlc-cli -- dashboard{}",
            args.place()
        );
        println!("or ask the files,");
        println!("  duckdb -c \"{}\"", self.query());
        Ok(())
    }

    /// SQL that finds the most confident mistakes in the part files.
    fn query(&self) -> String {
        let run = self
            .run
            .to_path()
            .map_or_else(|| self.run.to_string(), |path| path.display().to_string());
        format!(
            "SELECT epoch, example_id, loss, confidence \
             FROM '{run}/metrics/*/*.parquet' WHERE accuracy = 0 ORDER BY loss DESC LIMIT 20"
        )
    }

    fn class(&self, index: usize) -> &str {
        self.classes.get(index).map_or("?", String::as_str)
    }

    fn as_json(&self, took: Duration) -> serde_json::Value {
        let worst = self.worst.iter().take(WORST).map(|sample| {
            json!({
                "example_id": sample.example_id,
                "label": self.class(sample.label),
                "predicted": self.class(sample.predicted),
                "confidence": sample.confidence,
                "loss": sample.loss,
            })
        });
        json!({
            "run": self.run.to_string(),
            "epochs": self.epochs,
            "worst": worst.collect::<Vec<_>>(),
            "contact_sheet": self.sheet,
            "took_secs": took.as_secs_f64(),
        })
    }
}
