//! Samples become batches, with their ids beside them.

use crate::map::{ExampleId, Sample};
use burn::data::dataloader::batcher::Batcher;
use burn::tensor::Device;
use std::ops::Deref;
use std::sync::Arc;

/// A batch and the rows it was made of.
#[derive(Clone, Debug)]
pub struct Indexed<B> {
    /// The rows, in the order of the batch: `[batch]`.
    pub example_ids: ExampleIds,
    /// What the wrapped batcher made.
    pub batch: B,
}

/// The rows of a batch, `[batch]`, and which table they are rows of.
#[derive(Clone, Debug)]
pub struct ExampleIds {
    rows: Vec<ExampleId>,
    table_ids: Vec<Arc<str>>,
}

impl ExampleIds {
    /// Whether nothing says that a row is of another table than the one of this id.
    #[must_use]
    pub fn may_be_of(&self, table_id: &str) -> bool {
        self.table_ids.iter().all(|id| **id == *table_id)
    }
}

impl Deref for ExampleIds {
    type Target = [ExampleId];

    fn deref(&self) -> &[ExampleId] {
        &self.rows
    }
}

/// Rows of no table in particular.
impl From<Vec<ExampleId>> for ExampleIds {
    fn from(rows: Vec<ExampleId>) -> Self {
        Self {
            rows,
            table_ids: Vec::new(),
        }
    }
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
/// let samples = [7, 3].map(|row| Sample::new(ExampleId(row), 0.5));
/// let batch: Indexed<Tensor<1>> = WithIds(Stack).batch(samples.into(), &tlc_burn::device("cpu")?);
/// assert_eq!(*batch.example_ids, [ExampleId(7), ExampleId(3)]);
/// # Ok::<(), tlc_burn::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct WithIds<B>(pub B);

impl<I, O, B: Batcher<I, O>> Batcher<Sample<I>, Indexed<O>> for WithIds<B> {
    fn batch(&self, samples: Vec<Sample<I>>, device: &Device) -> Indexed<O> {
        let mut table_ids: Vec<Arc<str>> = Vec::new();
        let mut rows = Vec::with_capacity(samples.len());
        let mut items = Vec::with_capacity(samples.len());
        for sample in samples {
            rows.push(sample.example_id);
            items.push(sample.item);
            if let Some(id) = sample.table_id
                && !table_ids.contains(&id)
            {
                table_ids.push(id);
            }
        }
        Indexed {
            example_ids: ExampleIds { rows, table_ids },
            batch: self.0.batch(items, device),
        }
    }
}
