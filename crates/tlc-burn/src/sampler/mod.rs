//! Samplers: which rows an epoch of training reads, how often and in which order, by their
//! weights. What is sampled is a Burn `Dataset` that any data loader takes.

mod chosen;
mod epochs;
mod plan;
mod sampled;
mod weights;

pub use self::chosen::Sampler;
pub use self::sampled::Sampled;
pub(crate) use self::weights::weight_column;
