//! The trait of collectors, for those who write one.

use super::host::HostBatch;
use super::readback::Readback;
use super::summary::Summary;
use crate::Result;
use crate::tap::Activations;
use tlc_core::{Column, Columns};

/// Makes columns of metrics from a model's output, batch by batch, in two phases.
///
/// `compute` runs where the model runs and must not wait for the device: it
/// registers tensors, and those of all collectors come back together. `collect`
/// then runs on another thread, on host memory, while the next batch computes. An example
/// with its test is at [`collect_batch`](super::collect_batch).
///
/// ```
/// use tlc_burn::{Activations, ClassificationInput, MetricsCollector, Readback, Result};
/// use tlc_core::{Column, ValueType};
///
/// /// How much more the model likes its first choice than its second.
/// struct Margin;
///
/// impl MetricsCollector for Margin {
///     type Input = ClassificationInput;
///
///     fn name(&self) -> &str {
///         "margin"
///     }
///
///     fn columns(&self) -> Vec<Column> {
///         vec![Column::new("margin", ValueType::Float32).description("first choice over second")]
///     }
///
///     fn compute(&self, input: Self::Input, _: &Activations, readback: &mut Readback) -> Result<()> {
///         let best = input.logits.topk(2, 1); // [batch, 2]
///         let margin = best.clone().narrow(1, 0, 1) - best.narrow(1, 1, 1);
///         readback.register("margin", margin.squeeze_dim::<1>(1))
///     }
/// }
/// ```
pub trait MetricsCollector: Send + Sync {
    /// What it needs of the model's output, which offers it through
    /// [`Adapt`](super::Adapt); `()` for nothing.
    type Input;

    /// Name in errors.
    fn name(&self) -> &str;

    /// What its columns mean. A column that is not listed gets the type of its values.
    fn columns(&self) -> Vec<Column> {
        Vec::new()
    }

    /// Names of the activations it needs.
    fn activations(&self) -> Vec<String> {
        Vec::new()
    }

    /// The device phase: registers tensors to be read back, without waiting.
    ///
    /// # Errors
    /// What makes the output unusable, naming collector, column and shapes.
    fn compute(
        &self,
        input: Self::Input,
        activations: &Activations,
        readback: &mut Readback,
    ) -> Result<()>;

    /// The host phase: columns of the batch's rows. By default each registered
    /// tensor is a column of its name.
    ///
    /// # Errors
    /// What makes the values unusable, naming collector, column and example.
    fn collect(&self, batch: &HostBatch) -> Result<Columns> {
        batch.to_columns()
    }

    /// Whether means of its numeric columns and its summary are logged to the run; see
    /// [`without_aggregates`](Self::without_aggregates).
    fn compute_aggregates(&self) -> bool {
        true
    }

    /// A fresh sum over all samples of a collection, where means of columns say too
    /// little. It is not asked for where aggregates are off.
    fn summary(&self) -> Option<Box<dyn Summary>> {
        None
    }

    /// The same without means of its columns and without its summary: only the rows of
    /// samples are kept.
    ///
    /// ```
    /// use tlc_burn::{Classification, MetricsCollector};
    ///
    /// let collector = Classification::new(["cat", "dog"]).without_aggregates();
    /// assert!(!collector.compute_aggregates());
    /// ```
    fn without_aggregates(self) -> WithoutAggregates<Self>
    where
        Self: Sized,
    {
        WithoutAggregates(self)
    }

    /// Makes the input from batch and output by a closure instead of
    /// [`Adapt`](super::Adapt), for what the output alone does not have.
    ///
    /// ```
    /// # use burn::tensor::{Int, Tensor};
    /// use tlc_burn::{Classification, ClassificationInput, MetricsCollector};
    ///
    /// # #[derive(Clone)]
    /// struct Batch { images: Tensor<4>, labels: Tensor<1, Int> }
    ///
    /// let collector = Classification::new(["cat", "dog"]).preprocess(
    ///     |batch: &Batch, logits: &Tensor<2>| {
    ///         ClassificationInput::new(logits.clone(), batch.labels.clone())
    ///     },
    /// );
    /// ```
    fn preprocess<F>(self, closure: F) -> Preprocess<Self, F>
    where
        Self: Sized,
    {
        Preprocess {
            collector: self,
            closure,
        }
    }
}

/// A collector of which nothing is logged to the run; see
/// [`MetricsCollector::without_aggregates`].
#[derive(Clone, Debug)]
pub struct WithoutAggregates<C>(C);

impl<C: MetricsCollector> MetricsCollector for WithoutAggregates<C> {
    type Input = C::Input;

    fn name(&self) -> &str {
        self.0.name()
    }

    fn columns(&self) -> Vec<Column> {
        self.0.columns()
    }

    fn activations(&self) -> Vec<String> {
        self.0.activations()
    }

    fn compute(
        &self,
        input: C::Input,
        activations: &Activations,
        readback: &mut Readback,
    ) -> Result<()> {
        self.0.compute(input, activations, readback)
    }

    fn collect(&self, batch: &HostBatch) -> Result<Columns> {
        self.0.collect(batch)
    }

    fn compute_aggregates(&self) -> bool {
        false
    }
}

/// A collector whose input a closure makes; see [`MetricsCollector::preprocess`].
/// The batch type must be `Clone`, since the model consumes the batch.
#[derive(Clone, Debug)]
pub struct Preprocess<C, F> {
    pub(super) collector: C,
    pub(super) closure: F,
}
