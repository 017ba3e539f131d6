//! Which epoch is being read.

use super::plan::Plan;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Burn's loaders say of no reading which epoch it is of, read the places of an epoch in any
/// order and from several threads, but each once: so a place that is read again is of the next.
#[derive(Debug)]
pub(super) struct Epochs {
    plan: Plan,
    current: Mutex<Current>,
}

/// The epoch that is being read.
#[derive(Debug)]
struct Current {
    number: u64,
    rows: Vec<usize>,
    is_read: Vec<bool>,
}

impl Epochs {
    pub(super) fn new(plan: Plan) -> Self {
        let current = Mutex::new(Current::new(&plan, 1));
        Self { plan, current }
    }

    pub(super) fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The row at a place of the epoch, read now.
    pub(super) fn read(&self, place: usize) -> Option<usize> {
        let mut current = self.current();
        if *current.is_read.get(place)? {
            *current = Current::new(&self.plan, current.number.wrapping_add(1));
        }
        if let Some(is_read) = current.is_read.get_mut(place) {
            *is_read = true;
        }
        current.rows.get(place).copied()
    }

    /// Makes what is read next the first of an epoch.
    pub(super) fn begin(&self, number: u64) {
        *self.current() = Current::new(&self.plan, number);
    }

    fn current(&self) -> MutexGuard<'_, Current> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Current {
    fn new(plan: &Plan, number: u64) -> Self {
        let rows = plan.epoch(number);
        Self {
            number,
            is_read: vec![false; rows.len()],
            rows,
        }
    }
}
