//! What ends a training before its last epoch.

use crate::write::CancellationToken;
use burn::train::{Interrupter, TrainingError};

/// Burn's interrupter, and the token that interrupts it.
#[derive(Clone)]
pub(super) struct Interrupt {
    interrupter: Interrupter,
    token: CancellationToken,
}

impl Interrupt {
    pub(super) fn new(interrupter: &Interrupter, token: &CancellationToken) -> Self {
        Self {
            interrupter: interrupter.clone(),
            token: token.clone(),
        }
    }

    pub(super) fn token(&self) -> &CancellationToken {
        &self.token
    }

    /// Whether the training is to stop.
    pub(super) fn should_stop(&self) -> bool {
        if self.token.is_cancelled() && !self.interrupter.should_stop() {
            self.stop("it was cancelled");
        }
        self.interrupter.should_stop()
    }

    /// Stops the training, which is no error.
    pub(super) fn stop(&self, reason: &str) {
        self.interrupter.stop(Some(reason));
    }

    pub(super) fn fail(&self, error: impl Into<TrainingError>) {
        self.interrupter.fail(error);
    }

    pub(super) fn fail_on_error<E: Into<TrainingError>>(&self, result: Result<(), E>) {
        self.interrupter.fail_on_error(result);
    }
}
