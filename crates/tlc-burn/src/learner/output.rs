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
/// of its own implements `Adaptor<SampleOutput<..>>` for it instead.
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
