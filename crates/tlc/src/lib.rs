//! See training data through a model's eyes: per-sample loss, prediction, confidence and
//! embeddings of a [Burn](https://burn.dev) model, joined to the samples, in plain Parquet on
//! your own disk. No account, no server, no upload.
//!
//! This is the crate to depend on. It has all of [`tlc_core`] (tables, runs and metrics
//! tables) and of [`tlc_burn`] (collection from Burn models) at its top, and what the metrics
//! say about the data in [`findings`].
//!
//! ```
//! # use burn::data::dataloader::batcher::Batcher;
//! # use burn::data::dataset::InMemDataset;
//! # use burn::nn::{Linear, LinearConfig};
//! # use burn::prelude::*;
//! # use serde::{Deserialize, Serialize};
//! # #[derive(Clone, Debug, Serialize, Deserialize)]
//! # struct House { area: f32, price: f32 }
//! # #[derive(Clone, Debug)]
//! # struct Houses { areas: Tensor<2>, prices: Tensor<1> }
//! # struct HouseBatcher;
//! # impl Batcher<House, Houses> for HouseBatcher {
//! #     fn batch(&self, houses: Vec<House>, device: &Device) -> Houses {
//! #         let areas: Vec<f32> = houses.iter().map(|house| house.area).collect();
//! #         let prices: Vec<f32> = houses.iter().map(|house| house.price).collect();
//! #         Houses {
//! #             areas: Tensor::<1>::from_floats(areas.as_slice(), device).unsqueeze_dim(1),
//! #             prices: Tensor::from_floats(prices.as_slice(), device),
//! #         }
//! #     }
//! # }
//! # let houses = InMemDataset::new((1..=8).map(|at| House { area: at as f32, price: 2.0 * at as f32 }).collect());
//! # let model: Linear = LinearConfig::new(1, 1).init(&tlc::device("cpu")?);
//! # let train_an_epoch = |model: Linear| model;
//! # let root = tlc::Url::parse("memory://docs-tlc/")?;
//! use tlc::prelude::*;
//!
//! # let mut model = model;
//! let run = tlc::init(RunOptions::new("houses").root(&root))?;
//! let train = houses.to_samples(TableOptions::new("houses", "houses", "train").root(&root))?;
//! for epoch in 1..=3 {
//!     model = train_an_epoch(model);
//!     let predictor = Predictor::by(&model, HouseBatcher, |model, batch: Houses| {
//!         RegressionInput::new(model.forward(batch.areas), batch.prices)
//!     });
//!     let options = CollectOptions::new().split("train").epoch(epoch);
//!     collect_metrics(&train, Regression::new(), &predictor, options)?;
//! }
//! tlc::close()?;
//! # assert_eq!(run.metrics()?.len(), 3);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Features
//! `flex` (default), `ndarray` and `wgpu` are devices; `findings` (default) is the module of
//! that name, and `jpeg` shows JPEGs on its contact sheets; `formats` is the module that takes
//! data sets in and gives them out; `train` is for Burn's own `Learner`: `.collect(..)` on its
//! training.

pub use tlc_burn::*;
#[doc(no_inline)]
pub use tlc_burn::{Error, Result};
/// Tables, runs and metrics tables, with the errors that are theirs alone.
#[doc(no_inline)]
pub use tlc_core as core;
pub use tlc_core::*;
#[cfg(feature = "findings")]
#[doc(inline)]
pub use tlc_findings as findings;
#[cfg(feature = "formats")]
#[doc(inline)]
pub use tlc_formats as formats;

/// What a training program needs: `use tlc::prelude::*;`. It goes together with Burn's own
/// preludes.
pub mod prelude {
    pub use tlc_burn::prelude::*;
    pub use tlc_core::{IfExists, MetricsTable, Run, RunOptions, Table, TableOptions, Url};
}
