//! Label issues of a file that any program can write: labels `[samples]` as little-endian
//! `i64`, then probabilities `[samples, classes]` of each epoch as `f64`. Prints JSON with the
//! samples of two filters, those of the last epoch, and rankings of all samples.
//!
//! `cargo run -p tlc-findings --example rank_labels -- FILE CLASSES [EPOCHS]`

use serde::Serialize;
use std::error::Error;
use std::sync::Arc;
use tlc_core::arrow::array::{ArrayRef, FixedSizeListArray, Float64Array};
use tlc_core::arrow::datatypes::{DataType, Field};
use tlc_core::{AddMetrics, Columns, Run, RunOptions, Table, TableOptions, Url};
use tlc_findings::consensus;
use tlc_findings::label_issues::{
    Filter, LabelIssues, MetricsPredictions, Score, Slices, find, rank,
};

#[derive(Serialize)]
struct Sample {
    label: i64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (file, classes, epochs) = match &arguments[..] {
        [file, classes] => (file, classes.parse::<usize>()?, 1),
        [file, classes, epochs] => (file, classes.parse()?, epochs.parse::<usize>()?),
        _ => return Err("expected FILE CLASSES [EPOCHS]".into()),
    };
    let bytes = std::fs::read(file)?;
    let (words, rest) = bytes.as_chunks::<8>();
    let samples = words.len() / (classes * epochs + 1);
    if !rest.is_empty() || samples * (classes * epochs + 1) != words.len() || epochs == 0 {
        let bytes = bytes.len();
        return Err(format!("{bytes} bytes are no samples of {classes} classes").into());
    }
    let (labels, probabilities) = words.split_at(samples);
    let labels: Vec<i64> = labels
        .iter()
        .map(|word| i64::from_le_bytes(*word))
        .collect();
    let probabilities = probabilities.iter().map(|word| f64::from_le_bytes(*word));
    let probabilities: Vec<f64> = probabilities.collect();
    let epochs: Vec<&[f64]> = probabilities.chunks(samples * classes).collect();
    let last = Slices::new(&labels, epochs[epochs.len() - 1], classes)?;
    let found = |filter| find(&last, filter, Score::SelfConfidence);
    let run = run(&labels, &epochs, classes)?;
    let of_epochs = MetricsPredictions::new(&run.metrics()?, "probabilities", "label")?;
    let all = find(&of_epochs, Filter::default(), Score::default())?;
    let each = of_epochs.each_epoch()?;
    let each = each.iter().map(|epoch| rank(epoch, Score::default()));
    let each = each.collect::<Result<Vec<_>, _>>()?;
    let found = serde_json::json!({
        "prune_by_noise_rate": issues(&found(Filter::PruneByNoiseRate)?),
        "confident_learning": issues(&found(Filter::ConfidentLearning)?),
        "ranking": rank(&last, Score::SelfConfidence)?.ranked(),
        "by_margin": rank(&last, Score::NormalizedMargin)?.ranked(),
        "of_all_epochs": all.samples.iter().map(|sample| sample.example_id).collect::<Vec<_>>(),
        "consensus": consensus(each)?.ranked(),
        "memorization": all.memorization.to_string(),
    });
    println!("{found}");
    Ok(())
}

fn issues(found: &LabelIssues) -> Vec<i64> {
    found.issues().map(|sample| sample.example_id).collect()
}

/// A run in memory that has collected these epochs.
fn run(labels: &[i64], epochs: &[&[f64]], classes: usize) -> Result<Run, Box<dyn Error>> {
    let root = Url::parse("memory://rank-labels/")?;
    let options = TableOptions::new("labels", "samples", "given").root(&root);
    let rows: Vec<Sample> = labels
        .iter()
        .map(|label| Sample { label: *label })
        .collect();
    let table = Table::create(options, |writer| writer.add_rows(&rows))?;
    let run = Run::create(RunOptions::new("labels").root(&root))?;
    let item = Arc::new(Field::new_list_field(DataType::Float64, false));
    let len = i32::try_from(classes)?;
    for (epoch, probabilities) in epochs.iter().enumerate() {
        let values = Arc::new(Float64Array::from(probabilities.to_vec()));
        let lists = FixedSizeListArray::new(Arc::clone(&item), len, values, None);
        let columns = Columns::new().column("probabilities", Arc::new(lists) as ArrayRef);
        let about = AddMetrics::new().foreign_table(&table);
        run.add_metrics(columns, about.constant("epoch", epoch))?;
    }
    Ok(run)
}
