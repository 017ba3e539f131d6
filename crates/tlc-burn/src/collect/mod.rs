//! Collectors: what is kept of a model's output, sample by sample.

mod classification;
mod collector;
mod detection;
mod embeddings;
mod functional;
mod host;
mod input;
mod list;
mod loss;
mod readback;
mod segmentation;
mod summary;
#[cfg(feature = "train")]
mod train;

pub use self::classification::Classification;
pub use self::collector::{MetricsCollector, Preprocess};
pub use self::detection::{
    BoxFormat, Detection, DetectionInput, GroundTruthBox, GroundTruthBoxes, PredictedBox,
    PredictedBoxes,
};
pub use self::embeddings::{Embeddings, Reduce};
pub use self::functional::{Functional, Values};
pub use self::host::HostBatch;
pub use self::input::{Adapt, ClassificationInput};
pub use self::list::{Collectors, IntoCollectors, kind};
pub(crate) use self::list::{HostPhase, Stage};
pub use self::loss::Loss;
pub use self::readback::Readback;
pub use self::segmentation::{Segmentation, SegmentationInput};
pub(crate) use self::summary::SummaryTable;
pub use self::summary::{Summarized, Summary};
