//! Findings: what the metrics of a run say about the data.
//!
//! | module | question | follows |
//! |---|---|---|
//! | [`label_issues`] | which labels are wrong? | confident learning, as `cleanlab` computes it |
//! | [`dynamics`] | which samples are hard, or forgotten? | dataset cartography, forgetting events, area under the margin |
//! | [`neighbors`] | which samples are near-duplicates or outliers? | nearest neighbours, exact or with a recall that is told, thresholds of `cleanlab` |
//! | [`probe`] | what would a model say that has not seen the sample? | logistic regression on embeddings, out of fold |
//! | [`reduce`] | what do the embeddings look like? | principal components, UMAP |
//! | [`sheet`] | what do the samples look like that were found? | |
//!
//! Everything works on what `tlc-core` keeps, or on plain slices: no model, no Burn.

mod beside;
mod column;
pub mod dynamics;
mod embeddings;
mod error;
pub mod label_issues;
mod labels;
pub mod neighbors;
pub mod probe;
mod random;
pub mod reduce;
pub mod sheet;

pub use self::embeddings::Embeddings;
pub use self::error::{Error, Result};
