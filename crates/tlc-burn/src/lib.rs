//! Per-sample metrics of [Burn](https://burn.dev) models, collected while training
//! goes on.
//!
//! One call, [`collect_metrics`], takes a table and a model, runs one inference pass
//! without augmentation, and leaves loss, prediction, confidence, accuracy and
//! embeddings of every sample in the run, joined to the samples by `example_id`.
//!
//! ```text
//!  map ──────────▶ predict ─────────────▶ collect ────────────▶ write
//!  row ▸ sample    samples ▸ batch ▸      device phase,         segments of the
//!  rayon, host     forward, taps;         then host ▸ Arrow     metrics table
//!                  CPU: several at once
//! ```
//!
//! What a training program adds is about a dozen lines: `map_collect_metrics` beside
//! its `map`, [`Predict`] for its model, and the call.
//!
//! - A [`Samples`] is a Burn `Dataset`: training that reads it gets `map`, collection
//!   gets `map_collect_metrics`. Who asks decides.
//! - A [`Sampler`] lets training read rows by their weights, through Burn's own loaders;
//!   metrics are of each row once all the same.
//! - Batches, targets and outputs are the user's own types. A [`MetricsCollector`]
//!   names the input it needs and the output offers it through [`Adapt`].
//! - Embeddings come from activations that the model names with a [`Tap`].
//! - No error is lost and no thread outlives the call: the first error of any stage,
//!   a panic of the user's code included, is what the call returns.
//!
//! # Features
//! `flex` (default), `ndarray` and `wgpu` build the devices that [`device`] knows as
//! `cpu`, `ndarray` and `wgpu`. `train` is for Burn's own `Learner`: collection at
//! epochs, from the validation pass, and of its aggregates; and burn-train's
//! `ClassificationOutput` can be collected from as it stands.

mod batch;
mod collect;
mod device;
mod error;
#[cfg(feature = "train")]
mod learner;
mod map;
mod predict;
mod sampler;
mod tap;
mod write;

pub use self::batch::{ExampleIds, Indexed, WithIds};
pub use self::collect::{
    Adapt, BinaryClassification, BinaryClassificationInput, BoxFormat, Classes, Classification,
    ClassificationInput, CollectorInput, Collectors, Detection, DetectionInput, Difficulty,
    Embeddings, Functional, GroundTruthBox, GroundTruthBoxes, Host, HostBatch, IntoCollectors,
    Loss, MetricsCollector, MultiLabel, MultiLabelInput, PredictedBox, PredictedBoxes, Preprocess,
    Readback, Reduce, Regression, RegressionInput, Segmentation, SegmentationInput, Sequence,
    SequenceInput, Summarized, Summary, TopK, Values, WithoutAggregates, collect_batch, kind,
};
pub use self::device::device;
pub use self::error::{BoxError, Error, Result};
#[cfg(feature = "train")]
pub use self::learner::{
    CollectInTraining, CollectingTraining, FailedTraining, KeepsRows, OnFailure, RunLogger,
    SampleMetrics, SampleOutput, Schedule,
};
pub use self::map::{ExampleId, Folds, RowSelection, Sample, Samples, TableSamples, ToSamples};
pub use self::predict::{ByClosure, OnDevice, Predict, Predictor};
pub use self::sampler::{Sampled, Sampler};
pub use self::tap::{Activation, Activations, Tap, tap, tap_tokens};
pub use self::write::{
    BackgroundCollector, CancellationToken, CollectOptions, CollectShards, DeviceCheck, Difference,
    ShardedCollection, Shards, collect_metrics, out_of_fold, verify_device,
};

/// What a training program needs: `use tlc_burn::prelude::*;`.
pub mod prelude {
    pub use crate::{
        Adapt, BinaryClassification, BinaryClassificationInput, BoxFormat, Classification,
        ClassificationInput, CollectOptions, Detection, DetectionInput, Difficulty, Embeddings,
        Functional, GroundTruthBox, GroundTruthBoxes, Loss, MetricsCollector, MultiLabel,
        MultiLabelInput, Predict, PredictedBox, PredictedBoxes, Predictor, Reduce, Regression,
        RegressionInput, Sample, Sampler, Samples, Segmentation, SegmentationInput, Sequence,
        SequenceInput, TableSamples, Tap, ToSamples, TopK, WithIds, collect_metrics, tap,
        tap_tokens,
    };
    #[cfg(feature = "train")]
    pub use crate::{CollectInTraining, OnFailure, Schedule};
}
