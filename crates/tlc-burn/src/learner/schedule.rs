//! At which epochs of a training metrics are collected.

/// Epochs at which metrics are collected. The last epoch always is one: it is when
/// the model is done.
///
/// ```
/// use tlc_burn::Schedule;
///
/// let schedule = Schedule::every(3).starting_at(2);
/// let due: Vec<_> = (1..=10).filter(|epoch| schedule.is_due(*epoch, *epoch == 10)).collect();
/// assert_eq!(due, [2, 5, 8, 10]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    start: usize,
    interval: usize,
}

impl Schedule {
    /// Every epoch.
    #[must_use]
    pub fn every_epoch() -> Self {
        Self::every(1)
    }

    /// The first epoch and every so many after it.
    #[must_use]
    pub fn every(epochs: usize) -> Self {
        Self {
            start: 1,
            interval: epochs.max(1),
        }
    }

    /// The last epoch alone.
    #[must_use]
    pub fn last_epoch() -> Self {
        Self::every_epoch().starting_at(usize::MAX)
    }

    /// Sets the first epoch that is collected, counted from 1.
    #[must_use]
    pub fn starting_at(mut self, epoch: usize) -> Self {
        self.start = epoch.max(1);
        self
    }

    /// Whether an epoch, counted from 1, is one of them.
    #[must_use]
    pub fn is_due(&self, epoch: usize, is_last: bool) -> bool {
        let since_start = epoch.checked_sub(self.start);
        is_last || since_start.is_some_and(|epochs| epochs.is_multiple_of(self.interval))
    }
}

impl Default for Schedule {
    fn default() -> Self {
        Self::every_epoch()
    }
}
