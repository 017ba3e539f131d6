//! Samples become batches, with their ids beside them.

use crate::map::{ExampleId, Sample};
use burn::data::dataloader::batcher::Batcher;
use burn::tensor::Device;

/// A batch and the rows it was made of.
#[derive(Clone, Debug)]
pub struct Indexed<B> {
    /// The rows, in the order of the batch: `[batch]`.
    pub example_ids: Vec<ExampleId>,
    /// What the wrapped batcher made.
    pub batch: B,
}

/// Carries the ids of samples past any Burn [`Batcher`], which sees bare items.
///
/// ```
/// use burn::{data::dataloader::batcher::Batcher, tensor::{Device, Tensor}};
/// use tlc_burn::{ExampleId, Indexed, Sample, WithIds};
///
/// struct Stack;
/// impl Batcher<f32, Tensor<1>> for Stack {
///     fn batch(&self, items: Vec<f32>, device: &Device) -> Tensor<1> {
///         Tensor::from_floats(items.as_slice(), device)
///     }
/// }
///
/// let samples = [7, 3].map(|row| Sample { example_id: ExampleId(row), item: 0.5 });
/// let batch: Indexed<Tensor<1>> = WithIds(Stack).batch(samples.into(), &tlc_burn::device("cpu")?);
/// assert_eq!(batch.example_ids, [ExampleId(7), ExampleId(3)]);
/// # Ok::<(), tlc_burn::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct WithIds<B>(pub B);

impl<I, O, B: Batcher<I, O>> Batcher<Sample<I>, Indexed<O>> for WithIds<B> {
    fn batch(&self, samples: Vec<Sample<I>>, device: &Device) -> Indexed<O> {
        let (example_ids, items) = samples
            .into_iter()
            .map(|sample| (sample.example_id, sample.item))
            .unzip();
        Indexed {
            example_ids,
            batch: self.0.batch(items, device),
        }
    }
}
