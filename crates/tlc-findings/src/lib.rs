//! Findings: what the metrics of a run say about the data.
//!
//! | module | question | follows |
//! |---|---|---|
//! | [`label_issues`] | which labels are wrong? | confident learning, as `cleanlab` computes it |
//! | [`dynamics`] | which samples are hard, or forgotten? | dataset cartography, forgetting events, area under the margin |
//! | [`neighbors`] | which samples are near-duplicates or outliers? | nearest neighbours, exact or with a recall that is told, thresholds of `cleanlab` |
//! | [`probe`] | what would a model say that has not seen the sample? | logistic regression on embeddings, out of fold |
//! | [`reduce`] | what do the embeddings look like? | principal components, UMAP |
//!
//! Everything works on what `tlc-core` keeps, or on plain slices: no model, no Burn.

mod beside;
mod column;
pub mod dynamics;
mod embeddings;
mod error;
mod findings;
pub mod label_issues;
mod labels;
pub mod neighbors;
pub mod probe;
mod random;
mod ranking;
pub mod reduce;

pub use self::embeddings::Embeddings;
pub use self::error::{Error, Result};
pub use self::findings::{Finding, Findings, LeftOut};
pub use self::ranking::{Ranking, consensus};
