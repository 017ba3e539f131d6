//! Rows of a table become samples: with augmentation for training, without for
//! collection. Who asks decides which.

mod columns;
mod dataset;
mod folds;
mod samples;
mod selection;

pub use self::dataset::ToSamples;
pub use self::folds::Folds;
pub(crate) use self::samples::Purpose;
pub use self::samples::{ExampleId, Sample, Samples, TableSamples};
pub use self::selection::RowSelection;
