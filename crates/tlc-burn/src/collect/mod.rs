//! Collectors: what is kept of a model's output, sample by sample.

mod binary;
mod classes;
mod classification;
mod collector;
mod confusion;
mod detection;
mod difficulty;
mod embeddings;
mod functional;
mod goodness;
mod host;
mod input;
mod list;
mod lists;
mod loss;
mod multi_label;
mod once;
mod per_class;
mod readback;
mod reduce;
mod regression;
mod segmentation;
mod sequence;
mod summary;
mod targets;
#[cfg(test)]
mod tests;
mod threshold;
mod tokens;
mod top_k;
#[cfg(feature = "train")]
mod train;

pub use self::binary::{BinaryClassification, BinaryClassificationInput};
pub use self::classes::Classes;
pub use self::classification::Classification;
pub use self::collector::{MetricsCollector, Preprocess, WithoutAggregates};
pub use self::detection::{
    BoxFormat, Detection, DetectionInput, GroundTruthBox, GroundTruthBoxes, PredictedBox,
    PredictedBoxes,
};
pub use self::difficulty::Difficulty;
pub use self::embeddings::Embeddings;
pub use self::functional::{Functional, Host, Values};
pub use self::host::HostBatch;
pub use self::input::{Adapt, ClassificationInput, CollectorInput};
pub(crate) use self::list::{AnyCollector, HostPhase};
pub use self::list::{Collectors, IntoCollectors, kind};
pub use self::loss::Loss;
pub use self::multi_label::{MultiLabel, MultiLabelInput};
pub use self::once::collect_batch;
pub use self::readback::Readback;
pub use self::reduce::Reduce;
pub use self::regression::{Regression, RegressionInput};
pub use self::segmentation::{Segmentation, SegmentationInput};
pub use self::sequence::{Sequence, SequenceInput};
pub(crate) use self::summary::SummaryTable;
pub use self::summary::{Summarized, Summary};
pub use self::top_k::TopK;
