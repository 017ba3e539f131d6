//! Findings: what the metrics of a run say about the data.
//!
//! | module | question | follows |
//! |---|---|---|
//! | [`label_issues`] | which labels are wrong? | confident learning, as `cleanlab` computes it |
//! | [`dynamics`] | which samples are hard, or forgotten? | dataset cartography, forgetting events, area under the margin |
//! | [`neighbors`] | which samples are near-duplicates or outliers? | nearest neighbours, exact or with a recall that is told, thresholds of `cleanlab` |
//! | [`coreset`] | which samples stand for all? | k centres, greedily, as for core-sets |
//! | [`probe`] | what would a model say that has not seen the sample? | logistic regression on embeddings, out of fold |
//! | [`reduce`] | what do the embeddings look like? | principal components, UMAP |
//! | [`sheet`] | what do the samples look like that were found? | |
//!
//! [`Findings::of`] asks all of them about one table of a run, and says what the run's data do
//! not allow; [`consensus`] brings several rankings of samples together. Findings say which
//! samples they are about by `example_id`, the row of the table.
//!
//! ```
//! # use serde::Serialize;
//! # use tlc_core::{AddMetrics, Columns, Run, RunOptions, Table, TableOptions, Url};
//! use tlc_findings::Findings;
//!
//! # #[derive(Serialize)] struct Row { label: i32 }
//! # let root = Url::parse("memory://docs-of-findings/")?;
//! # let options = TableOptions::new("demo", "points", "train").root(&root);
//! # let train = Table::create(options, |writer| writer.add_rows(&[Row { label: 1 }, Row { label: 0 }]))?;
//! # let run = Run::create(RunOptions::new("demo").root(&root))?;
//! # let values = Columns::new().column("probabilities", vec![[0.9_f32, 0.1], [0.8, 0.2]]);
//! # run.add_metrics(values, AddMetrics::new().foreign_table(&train))?;
//! let findings = Findings::of(&run, &train)?;
//! println!("{findings}");
//! findings.write(&run)?;
//! # Ok::<(), tlc_findings::Error>(())
//! ```
//!
//! Everything works on what `tlc-core` keeps, or on plain slices: no model, no Burn.

mod beside;
mod column;
pub mod coreset;
pub mod dynamics;
mod embeddings;
mod error;
mod findings;
pub mod label_issues;
mod labels;
pub mod neighbors;
pub mod probe;
mod progress;
mod random;
mod ranking;
pub mod reduce;
pub mod sheet;

pub use self::embeddings::Embeddings;
pub use self::error::{Error, Result};
pub use self::findings::{Finding, Findings, LeftOut};
pub use self::progress::Progress;
pub use self::ranking::{Ranking, consensus};
