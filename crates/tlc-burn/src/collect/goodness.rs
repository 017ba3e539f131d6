//! Goodness of fit of a regression, over all samples.

use super::host::HostBatch;
use super::summary::{Summarized, Summary, of_state, to_state};
use crate::Result;
use tlc_core::Columns;

/// Sums up the tensors `predicted` and `targets`, `[batch, outputs]`.
pub(super) struct Goodness {
    outputs: Vec<Output>,
}

/// The sums of one output.
#[derive(Clone, Default)]
struct Output {
    samples: f64,
    absolute_errors: f64,
    squared_errors: f64,
    /// Mean of the targets so far.
    mean: f64,
    /// Squared deviations of the targets from their mean, by Welford's method: exactly
    /// 0 where all are the same.
    deviations: f64,
}

impl Goodness {
    pub(super) fn new(outputs: usize) -> Self {
        Self {
            outputs: vec![Output::default(); outputs],
        }
    }

    fn mean(&self, of: fn(&Output) -> f64) -> f64 {
        self.outputs.iter().map(of).sum::<f64>() / self.outputs.len() as f64
    }
}

impl Output {
    fn add(&mut self, predicted: f64, target: f64) {
        self.samples += 1.0;
        self.absolute_errors += (predicted - target).abs();
        self.squared_errors += (predicted - target).powi(2);
        let before = target - self.mean;
        self.mean += before / self.samples;
        self.deviations += before * (target - self.mean);
    }

    fn sums(&self) -> [f64; 5] {
        [
            self.samples,
            self.absolute_errors,
            self.squared_errors,
            self.mean,
            self.deviations,
        ]
    }

    /// Adds the sums of others, by the method of Chan, Golub and LeVeque.
    fn merge(&mut self, [samples, absolute, squared, mean, deviations]: [f64; 5]) {
        let all = self.samples + samples;
        if all == 0.0 {
            return;
        }
        let between = mean - self.mean;
        self.deviations += deviations + between * between * self.samples * (samples / all);
        self.mean += between * (samples / all);
        self.samples = all;
        self.absolute_errors += absolute;
        self.squared_errors += squared;
    }

    fn r2(&self) -> f64 {
        if self.deviations != 0.0 {
            return 1.0 - self.squared_errors / self.deviations;
        }
        f64::from(u8::from(self.squared_errors == 0.0))
    }
}

impl Summary for Goodness {
    fn add(&mut self, batch: &HostBatch, _: &Columns) -> Result<()> {
        let predicted = batch.floats("predicted")?;
        let targets = batch.floats("targets")?;
        let width = self.outputs.len().max(1);
        for (predicted, targets) in predicted.chunks(width).zip(targets.chunks(width)) {
            let values = predicted.iter().zip(targets);
            for (output, (predicted, target)) in self.outputs.iter_mut().zip(values) {
                output.add((*predicted).into(), (*target).into());
            }
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Summarized> {
        let samples = self.mean(|output| output.samples);
        let mut summarized = Summarized::new();
        if samples >= 1.0 {
            let mse = self.mean(|output| output.squared_errors) / samples;
            summarized = summarized
                .value("mae", self.mean(|output| output.absolute_errors) / samples)
                .value("mse", mse)
                .value("rmse", mse.sqrt());
        }
        if samples >= 2.0 {
            summarized = summarized.value("r2", self.mean(Output::r2));
        }
        Ok(summarized)
    }

    fn state(&self) -> Option<String> {
        let bits = self
            .outputs
            .iter()
            .map(|output| output.sums().map(f64::to_bits));
        to_state(&bits.collect::<Vec<_>>())
    }

    fn merge(&mut self, state: &str) -> Result<()> {
        let others = of_state::<Vec<[u64; 5]>>(state)?;
        for (output, bits) in self.outputs.iter_mut().zip(others) {
            output.merge(bits.map(f64::from_bits));
        }
        Ok(())
    }
}
