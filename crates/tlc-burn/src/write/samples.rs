//! Collection in one call, for a training loop written by hand.

use super::{CollectOptions, collect_metrics};
use crate::Result;
use crate::collect::IntoCollectors;
use crate::map::Samples;
use crate::predict::Predictor;
use burn::data::dataloader::batcher::Batcher;
use burn::module::Module;
use serde::de::DeserializeOwned;
use tlc_core::{IntoConstant, MetricsTable};

impl<R: DeserializeOwned, I: Clone + Send> Samples<R, I> {
    /// Collects from these samples with the model as it is after an epoch, into the active
    /// run: [`collect_metrics`] with a [`Predictor::by`] of this forward pass, the data set
    /// of the table as the split, and everything else by default.
    ///
    /// ```
    /// # use burn::data::dataloader::batcher::Batcher;
    /// # use burn::nn::{Linear, LinearConfig};
    /// # use burn::prelude::*;
    /// # use serde::{Deserialize, Serialize};
    /// # use tlc_core::{RunOptions, Table, TableOptions, Url};
    /// use tlc_burn::prelude::*;
    /// # #[derive(Clone, Serialize, Deserialize)]
    /// # struct House { area: f32, price: f32 }
    /// # struct Houses { areas: Tensor<2>, prices: Tensor<1> }
    /// # struct HouseBatcher;
    /// # impl Batcher<House, Houses> for HouseBatcher {
    /// #     fn batch(&self, houses: Vec<House>, device: &Device) -> Houses {
    /// #         let areas: Vec<f32> = houses.iter().map(|house| house.area).collect();
    /// #         let prices: Vec<f32> = houses.iter().map(|house| house.price).collect();
    /// #         let areas = Tensor::<1>::from_floats(areas.as_slice(), device).unsqueeze_dim(1);
    /// #         Houses { areas, prices: Tensor::from_floats(prices.as_slice(), device) }
    /// #     }
    /// # }
    /// # let root = Url::parse("memory://docs-samples-collect/")?;
    /// # let run = tlc_core::init(RunOptions::new("houses").root(&root))?;
    /// # let options = TableOptions::new("houses", "train", "initial").root(&root);
    /// # let houses = Table::create(options, |writer| writer.add_row(&House { area: 1.0, price: 2.0 }))?;
    /// # let houses = houses.samples::<House>();
    /// # let model: Linear = LinearConfig::new(1, 1).init(&tlc_burn::device("cpu")?);
    ///
    /// for epoch in 1..=3 {
    ///     // ..train the model..
    ///     let forward = |model: &Linear, x: Houses| (model.forward(x.areas), x.prices);
    ///     houses.collect(epoch, &model, HouseBatcher, Regression::new(), forward)?;
    /// }
    /// assert_eq!(run.metrics()?.split("train").len(), 3);
    /// # tlc_core::close()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`collect_metrics`].
    pub fn collect<'c, M, B, T, O, K>(
        &self,
        epoch: impl IntoConstant,
        model: &M,
        batcher: B,
        collectors: impl IntoCollectors<'c, T, O, K>,
        forward: impl Fn(&M, T) -> O + Send + Sync + 'static,
    ) -> Result<MetricsTable>
    where
        M: Module + Sync,
        B: Batcher<I, T>,
    {
        let predictor = Predictor::by(model, batcher, forward);
        let options = CollectOptions::new().epoch(epoch).split_or(self.table());
        collect_metrics(self, collectors, &predictor, options)
    }
}
