//! What a user says of a sampler.

/// Which rows an epoch reads; see [`Samples::sampled`](crate::Samples::sampled). Rows of
/// weight 0 are never read; what a weight is otherwise is up to the sampler.
///
/// ```
/// use tlc_burn::Sampler;
///
/// let twice_as_likely = Sampler::weighted().seed(7);
/// let twice_an_epoch = Sampler::repeat_by_weight();
/// let hard_ones_more_often = Sampler::weighted().column("loss").rows_per_epoch(10_000);
/// let each_once = Sampler::random();
/// let in_order = Sampler::sequential();
/// # let _ = (twice_as_likely, twice_an_epoch, hard_ones_more_often, each_once, in_order);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sampler {
    pub(super) order: Order,
    pub(super) column: Option<String>,
    pub(super) rows_per_epoch: Option<usize>,
    pub(super) seed: u64,
}

/// Which rows, and how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Weighted,
    Repeated,
    Random,
    Sequential,
}

impl Sampler {
    /// Draws rows with replacement, each with a chance in proportion to its weight: one of
    /// weight 2 is read twice as often as one of weight 1. An epoch has as many draws as there
    /// are rows, those of weight 0 counted.
    #[must_use]
    pub fn weighted() -> Self {
        Self::new(Order::Weighted)
    }

    /// Reads each row as often as its weight says, in a random order: one of weight 2 twice an
    /// epoch, one of weight 2.25 twice, and in every fourth epoch once more, by chance. All
    /// epochs have the same number of rows, the sum of the weights rounded up, and what that is
    /// more than the sum is drawn by weight: counts are in proportion to the weights on average.
    #[must_use]
    pub fn repeat_by_weight() -> Self {
        Self::new(Order::Repeated)
    }

    /// Reads each row whose weight is not 0 once an epoch, in a random order.
    #[must_use]
    pub fn random() -> Self {
        Self::new(Order::Random)
    }

    /// Reads each row whose weight is not 0 once an epoch, in the order that the rows have.
    #[must_use]
    pub fn sequential() -> Self {
        Self::new(Order::Sequential)
    }

    fn new(order: Order) -> Self {
        Self {
            order,
            column: None,
            rows_per_epoch: None,
            seed: 0,
        }
    }

    /// Takes the weights from this column of numbers, not from the first that is a
    /// [`SampleWeight`](tlc_core::ValueType::SampleWeight).
    #[must_use]
    pub fn column(self, column: impl Into<String>) -> Self {
        Self {
            column: Some(column.into()),
            ..self
        }
    }

    /// Sets how many rows an epoch has: the draws of [`weighted`](Self::weighted). With another
    /// sampler that is an error, since its rows are counted by their weights.
    #[must_use]
    pub fn rows_per_epoch(self, rows: usize) -> Self {
        Self {
            rows_per_epoch: Some(rows),
            ..self
        }
    }

    /// Sets the seed, 0 without one: the same seed gives the same epochs in one version of this
    /// crate, whatever the batches and the threads of the loader.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }
}
