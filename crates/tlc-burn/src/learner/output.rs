//! Outputs of a step, with the rows of the table they belong to.

use crate::batch::ExampleIds;
use crate::collect::Adapt;
use burn::tensor::ExecutionError;
use burn::train::ItemLazy;
use burn::train::metric::{
    AccuracyInput, Adaptor, ConfusionStatsInput, HammingScoreInput, LossInput, PerplexityInput,
    TopKAccuracyInput,
};

/// What a validation step gives for [`SampleMetrics`](super::SampleMetrics): an
/// output and the rows it is about, which come from an
/// [`Indexed`](crate::Indexed) batch.
///
/// It adapts to Burn's metrics wherever the output does. A step with an output type
/// of its own implements `Adaptor<SampleOutput<..>>` and [`KeepsRows`] for it instead.
#[derive(Clone, Debug)]
pub struct SampleOutput<O> {
    /// The rows, `[batch]`.
    pub example_ids: ExampleIds,
    /// The output of the batch, such as burn-train's `ClassificationOutput`.
    pub output: O,
}

impl<O> SampleOutput<O> {
    /// The output of a batch and its rows, `[batch]`.
    pub fn new(example_ids: impl Into<ExampleIds>, output: O) -> Self {
        Self {
            example_ids: example_ids.into(),
            output,
        }
    }
}

impl<O: ItemLazy> ItemLazy for SampleOutput<O> {
    fn sync(self) -> Result<Self, ExecutionError> {
        Ok(Self {
            output: self.output.sync()?,
            ..self
        })
    }
}

impl<I, O: Adapt<I>> Adaptor<SampleOutput<I>> for SampleOutput<O> {
    fn adapt(&self) -> SampleOutput<I> {
        SampleOutput::new(self.example_ids.clone(), self.output.to_input())
    }
}

/// The output of a validation step that says which rows it is about: a [`SampleOutput`] whose
/// output collectors of `O` can collect from.
#[diagnostic::on_unimplemented(
    message = "the validation step's output `{Self}` does not say which rows it is about",
    label = "not a `SampleOutput`",
    note = "give `InferenceStep` an `Indexed` batch, which `DataLoaderBuilder::new(WithIds(batcher))` makes, and return `SampleOutput::new(batch.example_ids, output)`"
)]
pub trait KeepsRows<O>: Adaptor<SampleOutput<O>> {}

impl<I, O: Adapt<I>> KeepsRows<I> for SampleOutput<O> {}

macro_rules! as_the_output_does {
    ($($input:ident),+) => {
        $(impl<O: Adaptor<$input>> Adaptor<$input> for SampleOutput<O> {
            fn adapt(&self) -> $input {
                self.output.adapt()
            }
        })+
    };
}

// One by one, since Burn itself adapts every type to `()`.
as_the_output_does!(
    AccuracyInput,
    ConfusionStatsInput,
    HammingScoreInput,
    LossInput,
    PerplexityInput,
    TopKAccuracyInput
);
