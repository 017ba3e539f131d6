//! Whether a word is friendly, by its letters: a small transformer with Burn's `Learner`.

use burn::data::dataloader::DataLoaderBuilder;
use burn::data::dataloader::batcher::Batcher;
use burn::data::dataset::transform::{PartialDataset, SamplerDataset, ShuffledDataset};
use burn::data::dataset::{Dataset, InMemDataset};
use burn::nn::attention::generate_padding_mask;
use burn::nn::loss::CrossEntropyLossConfig;
use burn::nn::transformer::{
    TransformerEncoder, TransformerEncoderConfig, TransformerEncoderInput,
};
use burn::nn::{Embedding, EmbeddingConfig, Linear, LinearConfig};
use burn::optim::AdamConfig;
use burn::prelude::*;
use burn::train::metric::{AccuracyMetric, LossMetric};
use burn::train::{
    ClassificationOutput, InferenceStep, Learner, SupervisedTraining, TrainOutput, TrainStep,
};
use serde::{Deserialize, Serialize};
use std::error::Error;
use std::sync::Arc;

const WORDS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../data/sentiment_words.csv");
const FOLDER: &str = "/tmp/friendly-words";
const CLASSES: [&str; 2] = ["unfriendly", "friendly"];
/// `a` is 1.
const LETTERS: usize = 27;
const PADDING: usize = 0;
const LONGEST: usize = 16;

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Word {
    word: String,
    label: i32,
}

#[derive(Clone, Debug)]
struct Words {
    letters: Tensor<2, Int>,
    padding: Tensor<2, Bool>,
    labels: Tensor<1, Int>,
}

#[derive(Clone, Debug)]
struct WordBatcher;

impl Batcher<Word, Words> for WordBatcher {
    fn batch(&self, words: Vec<Word>, device: &Device) -> Words {
        let letters = |word: &Word| {
            word.word
                .bytes()
                .map(|byte| usize::from(byte - b'a') + 1)
                .collect()
        };
        let labels: Vec<i32> = words.iter().map(|word| word.label).collect();
        let letters = words.iter().map(letters).collect();
        let masked = generate_padding_mask(PADDING, letters, None, device);
        Words {
            letters: masked.tensor,
            padding: masked.mask,
            labels: Tensor::from_ints(labels.as_slice(), device),
        }
    }
}

#[derive(Module, Debug)]
struct Model {
    letters: Embedding,
    places: Embedding,
    encoder: TransformerEncoder,
    head: Linear,
}

impl Model {
    fn new(device: &Device) -> Self {
        Self {
            letters: EmbeddingConfig::new(LETTERS, 32).init(device),
            places: EmbeddingConfig::new(LONGEST, 32).init(device),
            encoder: TransformerEncoderConfig::new(32, 64, 4, 2).init(device),
            head: LinearConfig::new(32, CLASSES.len()).init(device),
        }
    }

    fn forward(&self, letters: Tensor<2, Int>, padding: Tensor<2, Bool>) -> Tensor<2> {
        let [words, len] = letters.dims();
        let places = Tensor::arange(0..len as i64, &letters.device()).reshape([1, len]);
        let x = self.letters.forward(letters) + self.places.forward(places.repeat_dim(0, words));
        let x = self
            .encoder
            .forward(TransformerEncoderInput::new(x).mask_pad(padding));
        let x = x.mean_dim(1).squeeze_dim::<2>(1); // [words, 32]
        self.head.forward(x)
    }

    fn classify(&self, words: Words) -> ClassificationOutput {
        let logits = self.forward(words.letters, words.padding);
        let loss = CrossEntropyLossConfig::new().init(&logits.device());
        let loss = loss.forward(logits.clone(), words.labels.clone());
        ClassificationOutput::new(loss, logits, words.labels)
    }
}

impl TrainStep for Model {
    type Input = Words;
    type Output = ClassificationOutput;

    fn step(&self, words: Words) -> TrainOutput<ClassificationOutput> {
        let output = self.classify(words);
        TrainOutput::new(self, output.loss.backward(), output)
    }
}

impl InferenceStep for Model {
    type Input = Words;
    type Output = ClassificationOutput;

    fn step(&self, words: Words) -> ClassificationOutput {
        self.classify(words)
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let epochs = std::env::args()
        .nth(1)
        .map_or(Ok(5), |epochs| epochs.parse())?;
    let device = Device::flex().autodiff();
    device.seed(7);
    let words = InMemDataset::<Word>::from_csv(WORDS, &csv::ReaderBuilder::new())?;
    let words = Arc::new(ShuffledDataset::new(words, 7));
    let train = PartialDataset::new(words.clone(), 0, 6_000);
    let valid = PartialDataset::new(words.clone(), 6_000, words.len());

    let batches = DataLoaderBuilder::new(WordBatcher).batch_size(64);
    let train_batches = batches.build(SamplerDataset::new(train, 4_000));
    let batches = DataLoaderBuilder::new(WordBatcher).batch_size(64);
    let valid_batches = batches.build(valid);
    let training = SupervisedTraining::new(FOLDER, train_batches, valid_batches)
        .metrics((AccuracyMetric::new(), LossMetric::new()))
        .num_epochs(epochs)
        .summary();
    let learner = Learner::new(Model::new(&device), AdamConfig::new().init(), 1e-3);
    let result = training.launch(learner);

    let model = result.model;
    println!("{model}");
    Ok(())
}
