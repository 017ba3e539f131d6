//! The weight of penguins from what was measured of them, in a training loop written by hand.

use burn::data::dataloader::DataLoaderBuilder;
use burn::data::dataloader::batcher::Batcher;
use burn::data::dataset::InMemDataset;
use burn::nn::loss::{MseLoss, Reduction};
use burn::nn::{Linear, LinearConfig};
use burn::optim::{AdamConfig, GradientsParams};
use burn::prelude::*;
use burn::tensor::activation::relu;
use serde::{Deserialize, Serialize};
use std::error::Error;
use tlc::prelude::*;

const PENGUINS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../data/penguins.csv");

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Penguin {
    species: String,
    island: String,
    bill_length_mm: f32,
    bill_depth_mm: f32,
    flipper_length_mm: f32,
    body_mass_g: f32,
}

/// What was measured, each scaled to about -1 to 1.
#[derive(Clone, Debug)]
struct Penguins {
    measures: Tensor<2>,
    /// In kilograms.
    weights: Tensor<2>,
}

#[derive(Clone, Debug)]
struct PenguinBatcher;

impl Batcher<Penguin, Penguins> for PenguinBatcher {
    fn batch(&self, penguins: Vec<Penguin>, device: &Device) -> Penguins {
        let measures = penguins.iter().flat_map(|penguin| {
            [
                (penguin.bill_length_mm - 44.0) / 10.0,
                (penguin.bill_depth_mm - 17.0) / 4.0,
                (penguin.flipper_length_mm - 200.0) / 30.0,
            ]
        });
        let measures: Vec<f32> = measures.collect();
        let weights = penguins.iter().map(|penguin| penguin.body_mass_g / 1_000.0);
        let weights: Vec<f32> = weights.collect();
        Penguins {
            measures: Tensor::from_data(TensorData::new(measures, [penguins.len(), 3]), device),
            weights: Tensor::from_data(TensorData::new(weights, [penguins.len(), 1]), device),
        }
    }
}

#[derive(Module, Debug)]
struct Model {
    hidden: Linear,
    head: Linear,
}

impl Model {
    fn new(device: &Device) -> Self {
        Self {
            hidden: LinearConfig::new(3, 16).init(device),
            head: LinearConfig::new(16, 1).init(device),
        }
    }

    fn forward(&self, measures: Tensor<2>) -> Tensor<2> {
        self.head.forward(relu(self.hidden.forward(measures)))
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let epochs = std::env::args()
        .nth(1)
        .map_or(Ok(60), |epochs| epochs.parse())?;
    let device = Device::flex().autodiff();
    device.seed(7);
    let penguins = InMemDataset::<Penguin>::from_csv(PENGUINS, &csv::ReaderBuilder::new())?;
    let run = tlc::init("penguins")?;
    let rows = penguins.to_samples("penguins")?;
    let batches = DataLoaderBuilder::new(PenguinBatcher)
        .batch_size(32)
        .shuffle(7);
    let batches = batches.build(penguins).to_device(&device);

    let mut model = Model::new(&device);
    let mut optimizer = AdamConfig::new().init();
    for epoch in 1..=epochs {
        let mut sum = 0.0;
        for batch in batches.iter() {
            let batch = batch?;
            let predicted = model.forward(batch.measures);
            let loss = MseLoss::new().forward(predicted, batch.weights, Reduction::Mean);
            sum += loss.clone().into_scalar::<f64>();
            let gradients = GradientsParams::from_grads(loss.backward(), &model);
            model = optimizer.step(1e-2, model, gradients);
        }
        let forward = |model: &Model, x: Penguins| (model.forward(x.measures), x.weights);
        rows.collect(epoch, &model, PenguinBatcher, Regression::new(), forward)?;
        println!(
            "epoch {epoch}: mean squared error of about {:.3} kg²",
            sum / 11.0
        );
    }
    let worst = run.metrics()?.worst("absolute_error", 10, &["species"])?;
    println!("{worst}");
    run.close()?;
    Ok(())
}
