//! The samples whose label looks most wrong.

use tlc::MetricsTable;
use tlc::arrow::array::{AsArray, RecordBatch};
use tlc::arrow::datatypes::{Float32Type, Int32Type, Int64Type};

/// A sample, what it is labelled, and what the model says.
#[derive(Debug)]
pub struct Sample {
    pub example_id: i64,
    pub label: usize,
    pub predicted: usize,
    /// Of the prediction.
    pub confidence: f32,
    /// `-ln` of the probability of the label.
    pub loss: f32,
    /// PNG.
    pub image: Vec<u8>,
}

/// The `count` samples of the highest loss, worst first.
pub fn find(metrics: &MetricsTable, count: usize) -> Result<Vec<Sample>, tlc::Error> {
    let mut worst = Vec::new();
    for batch in metrics.join(&["label", "image"])? {
        worst.extend(samples(&batch?));
        worst.sort_by(|a, b| b.loss.total_cmp(&a.loss));
        worst.truncate(count);
    }
    Ok(worst)
}

fn samples(batch: &RecordBatch) -> Vec<Sample> {
    let floats = |name: &str| batch[name].as_primitive::<Float32Type>().values();
    let classes = |name: &str| batch[name].as_primitive::<Int32Type>().values();
    let ids = batch["example_id"].as_primitive::<Int64Type>().values();
    let sample = |row: usize| Sample {
        example_id: ids[row],
        label: classes("label")[row] as usize,
        predicted: classes("predicted")[row] as usize,
        confidence: floats("confidence")[row],
        loss: floats("loss")[row],
        image: batch["image"].as_binary::<i32>().value(row).to_vec(),
    };
    (0..batch.num_rows()).map(sample).collect()
}
