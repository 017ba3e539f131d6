//! Collection inside Burn's own `Learner`: at epochs, from the validation pass that is
//! made anyway, and of the aggregates it computes.

mod epoch;
mod extension;
mod failure;
mod interrupt;
mod logger;
mod output;
mod pass;
mod samples;
mod schedule;
mod strategy;
mod training;

pub use self::extension::CollectInTraining;
pub use self::failure::{FailedTraining, OnFailure};
pub use self::logger::RunLogger;
pub use self::output::{KeepsRows, SampleOutput};
pub use self::samples::SampleMetrics;
pub use self::schedule::Schedule;
pub use self::training::CollectingTraining;
