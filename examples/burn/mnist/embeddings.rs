//! A convolutional net on Fashion-MNIST with Burn's `Learner`, augmentation and evaluator.

#![allow(unreachable_pub)] // nothing is, in a program

mod images;

use burn::data::dataloader::DataLoaderBuilder;
use burn::data::dataloader::batcher::Batcher;
use burn::data::dataset::Dataset;
use burn::data::dataset::transform::{Mapper, MapperDataset, PartialDataset};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::loss::CrossEntropyLossConfig;
use burn::nn::pool::{MaxPool2d, MaxPool2dConfig};
use burn::nn::{Dropout, DropoutConfig, Linear, LinearConfig};
use burn::optim::AdamWConfig;
use burn::prelude::*;
use burn::tensor::activation::relu;
use burn::train::metric::{AccuracyMetric, LossMetric};
use burn::train::{
    ClassificationOutput, EvaluatorBuilder, InferenceStep, Learner, SupervisedTraining,
    TrainOutput, TrainStep,
};
use images::{Picture, SIDE};
use std::error::Error;
use std::sync::Arc;
use tlc::prelude::*;

const FOLDER: &str = "/tmp/fashion-mnist";
const CLASSES: [&str; 10] = [
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
];

#[derive(Clone, Debug)]
struct PictureBatch {
    images: Tensor<4>,
    targets: Tensor<1, Int>,
}

#[derive(Clone, Debug)]
struct PictureBatcher;

impl Batcher<Picture, PictureBatch> for PictureBatcher {
    fn batch(&self, pictures: Vec<Picture>, device: &Device) -> PictureBatch {
        let pixels = pictures.iter().flat_map(|picture| &picture.image);
        let pixels: Vec<f32> = pixels.map(|pixel| f32::from(*pixel) / 255.0).collect();
        let labels: Vec<i32> = pictures
            .iter()
            .map(|picture| picture.label.into())
            .collect();
        let shape = [pictures.len(), 1, SIDE, SIDE];
        PictureBatch {
            images: Tensor::from_data(TensorData::new(pixels, shape), device),
            targets: Tensor::from_data(TensorData::new(labels, [pictures.len()]), device),
        }
    }
}

/// Mirrors every other image.
#[derive(Clone, Debug)]
struct Mirror;

impl Mapper<Picture, Picture> for Mirror {
    fn map(&self, picture: &Picture) -> Picture {
        let mut picture = picture.clone();
        if rand::random() {
            picture.image.chunks_mut(SIDE).for_each(<[u8]>::reverse);
        }
        picture
    }
}

#[derive(Module, Debug)]
struct Model {
    conv1: Conv2d,
    conv2: Conv2d,
    pool: MaxPool2d,
    hidden: Linear,
    dropout: Dropout,
    head: Linear,
}

impl Model {
    fn new(device: &Device) -> Self {
        Self {
            conv1: Conv2dConfig::new([1, 8], [3, 3]).init(device),
            conv2: Conv2dConfig::new([8, 16], [3, 3]).init(device),
            pool: MaxPool2dConfig::new([2, 2]).with_strides([2, 2]).init(),
            hidden: LinearConfig::new(16 * 5 * 5, 64).init(device),
            dropout: DropoutConfig::new(0.3).init(),
            head: LinearConfig::new(64, CLASSES.len()).init(device),
        }
    }

    fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        let x = self.pool.forward(relu(self.conv1.forward(images)));
        let x = self.pool.forward(relu(self.conv2.forward(x)));
        let x = relu(self.hidden.forward(x.flatten::<2>(1, 3)));
        tap("hidden", &x);
        self.head.forward(self.dropout.forward(x))
    }

    fn classify(&self, batch: PictureBatch) -> ClassificationOutput {
        let logits = self.forward(batch.images);
        let loss = CrossEntropyLossConfig::new().init(&logits.device());
        let loss = loss.forward(logits.clone(), batch.targets.clone());
        ClassificationOutput::new(loss, logits, batch.targets)
    }
}

impl TrainStep for Model {
    type Input = PictureBatch;
    type Output = ClassificationOutput;

    fn step(&self, batch: PictureBatch) -> TrainOutput<ClassificationOutput> {
        let output = self.classify(batch);
        TrainOutput::new(self, output.loss.backward(), output)
    }
}

impl InferenceStep for Model {
    type Input = PictureBatch;
    type Output = ClassificationOutput;

    fn step(&self, batch: PictureBatch) -> ClassificationOutput {
        self.classify(batch)
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let epochs = std::env::args()
        .nth(1)
        .map_or(Ok(6), |epochs| epochs.parse())?;
    let device = Device::flex().autodiff();
    device.seed(7);
    let images = Arc::new(images::train()?);
    let train = PartialDataset::new(images.clone(), 0, 4_000);
    let valid = PartialDataset::new(images.clone(), 4_000, images.len());

    let run = tlc::init("fashion-cnn")?;
    let rows = [train.to_samples("train")?, valid.to_samples("valid")?];
    let batches = DataLoaderBuilder::new(PictureBatcher)
        .batch_size(64)
        .shuffle(7);
    let train_batches = batches.build(MapperDataset::new(train, Mirror));
    let batches = DataLoaderBuilder::new(PictureBatcher).batch_size(64);
    let valid_batches = batches.build(valid);
    let training = SupervisedTraining::new(FOLDER, train_batches, valid_batches)
        .metrics((AccuracyMetric::new(), LossMetric::new()))
        .num_epochs(epochs)
        .summary();
    let learner = Learner::new(Model::new(&device), AdamWConfig::new().init(), 1e-3);
    let collectors = (Classification::new(CLASSES), Embeddings::of(["hidden"]));
    let result = training
        .log_to(&run, FOLDER)?
        .collect(PictureBatcher, &rows, collectors)
        .launch(learner)?;
    println!("{}", run.metrics()?.split("train").worst("loss", 10, &[])?);

    let test = DataLoaderBuilder::new(PictureBatcher)
        .batch_size(64)
        .build(images::test()?);
    let evaluator = EvaluatorBuilder::new(FOLDER)
        .metrics((AccuracyMetric::new(), LossMetric::new()))
        .build(result.model);
    evaluator.eval("test", test);
    run.close()?;
    Ok(())
}
