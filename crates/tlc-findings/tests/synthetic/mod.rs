//! Predictions by formula, made batch by batch, and the peak memory of this process.

use tlc_findings::Error;
use tlc_findings::label_issues::{Batch, Predictions, Visit};

const BATCH_ROWS: usize = 8192;

pub(crate) struct Streamed {
    samples: usize,
    classes: usize,
}

impl Streamed {
    pub(crate) fn new(samples: usize, classes: usize) -> Self {
        Self { samples, classes }
    }

    /// A label, wrong in one of ten, and a row that leans to the true class.
    fn row(&self, sample: usize, row: &mut Vec<f32>) -> i64 {
        let random = |salt: usize| {
            let mut x = (sample * 2_654_435_761 + salt * 40_503) as u64 ^ 0x9e37_79b9;
            x = (x ^ (x >> 31)).wrapping_mul(0x7fb5_d329_728e_a185);
            x = (x ^ (x >> 27)).wrapping_mul(0x81da_def4_bc2d_d44d);
            ((x ^ (x >> 33)) >> 40) as usize
        };
        let (truth, sure) = (random(0) % self.classes, (random(1) % 1000) as f32 / 1000.0);
        let rest = (1.0 - sure) / self.classes as f32;
        row.extend((0..self.classes).map(|class| if class == truth { sure + rest } else { rest }));
        let wrong = random(2) % 10 == 0;
        let label = if wrong {
            random(3) % self.classes
        } else {
            truth
        };
        i64::try_from(label).unwrap()
    }
}

impl Predictions for Streamed {
    type Value = f32;

    fn classes(&self) -> usize {
        self.classes
    }

    fn for_each_batch(&self, visit: &mut Visit<'_, f32>) -> Result<(), Error> {
        for first in (0..self.samples).step_by(BATCH_ROWS) {
            let end = self.samples.min(first + BATCH_ROWS);
            let mut rows = Vec::with_capacity((end - first) * self.classes);
            let labels: Vec<i64> = (first..end)
                .map(|sample| self.row(sample, &mut rows))
                .collect();
            let ids: Vec<i64> = (first as i64..).take(labels.len()).collect();
            visit(Batch {
                example_ids: &ids,
                labels: &labels,
                probabilities: &rows,
                self_confidence: None,
            })?;
        }
        Ok(())
    }
}

/// The most memory this process has had, where the system tells.
pub(crate) fn peak_memory_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1024)
}
