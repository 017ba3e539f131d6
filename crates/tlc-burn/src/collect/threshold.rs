//! From a probability to yes or no.

use crate::{Error, Result};

/// The probability above which the answer is yes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Threshold(pub(super) f32);

impl Default for Threshold {
    fn default() -> Self {
        Self(0.5)
    }
}

impl Threshold {
    /// Whether the answer is yes; to NaN it is no.
    pub(super) fn is_met(self, probability: f32) -> bool {
        probability > self.0
    }

    /// Refuses what is no probability.
    pub(super) fn check(self, collector: &str) -> Result<()> {
        if (0.0..=1.0).contains(&self.0) {
            return Ok(());
        }
        let reason = format!("the threshold is {}, but it must be 0 to 1", self.0);
        Err(Error::collector(collector, reason))
    }
}
