//! Per-sample metrics of [Burn](https://burn.dev) models, collected while training
//! goes on.
//!
//! One call, [`collect_metrics`], takes a table and a model, runs one inference pass
//! without augmentation, and leaves loss, prediction, confidence, accuracy and
//! embeddings of every sample in the run, joined to the samples by `example_id`.
//!
//! ```text
//!  map ──────────▶ batch ─────────▶ predict ──▶ collect ────────────▶ write
//!  row ▸ sample    samples ▸ batch  forward,    device phase,         segments of the
//!  rayon, host     caller's thread  taps        then host ▸ Arrow     metrics table
//! ```
//!
//! What a training program adds is about a dozen lines: `map_collect_metrics` beside
//! its `map`, [`Predict`] for its model, and the call.
//!
//! - A [`Samples`] is a Burn `Dataset`: training that reads it gets `map`, collection
//!   gets `map_collect_metrics`. Who asks decides.
//! - Batches, targets and outputs are the user's own types. A [`MetricsCollector`]
//!   names the input it needs and the output offers it through [`Adapt`].
//! - Embeddings come from activations that the model names with a [`Tap`].
//! - No error is lost and no thread outlives the call: the first error of any stage,
//!   a panic of the user's code included, is what the call returns.
//!
//! # Features
//! `flex` (default), `ndarray` and `wgpu` build the devices that [`device`] knows as
//! `cpu`, `ndarray` and `wgpu`; `train` lets burn-train's `ClassificationOutput` be
//! collected from as it stands.

mod batch;
mod collect;
mod device;
mod error;
mod map;
mod predict;
mod tap;
mod write;

pub use self::batch::{Indexed, WithIds};
pub use self::collect::{
    Adapt, BoxFormat, Classification, ClassificationInput, Collectors, Detection, DetectionInput,
    Embeddings, Functional, GroundTruthBox, GroundTruthBoxes, HostBatch, IntoCollectors, Loss,
    MetricsCollector, PredictedBox, PredictedBoxes, Preprocess, Readback, Reduce, Segmentation,
    SegmentationInput, Summarized, Summary, Values, kind,
};
pub use self::device::device;
pub use self::error::{BoxError, Error, Result};
pub use self::map::{ExampleId, Rows, Sample, Samples, TableSamples};
pub use self::predict::{Predict, Predictor};
pub use self::tap::{Activation, Activations, Tap};
pub use self::write::{CancellationToken, CollectOptions, collect_metrics};

/// What a training program needs: `use tlc_burn::prelude::*;`.
pub mod prelude {
    pub use crate::{
        Adapt, BoxFormat, Classification, ClassificationInput, CollectOptions, Detection,
        DetectionInput, Embeddings, Functional, GroundTruthBox, GroundTruthBoxes, Loss,
        MetricsCollector, Predict, PredictedBox, PredictedBoxes, Predictor, Reduce, Sample,
        Samples, Segmentation, SegmentationInput, TableSamples, Tap, WithIds, collect_metrics,
    };
}
