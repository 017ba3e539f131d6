//! A linear classifier whose weights are the mean images of the classes: good enough to have
//! something to load.

use crate::fashion::{FASHION, Row, SIDE};
use crate::samples::{self, Batch, ImageSamples};
use burn::nn::{Linear, LinearConfig};
use burn::prelude::*;
use std::error::Error;
use std::path::Path;
use tlc::prelude::*;
use tlc::{Column, IfExists, Table, TableOptions, ValueType};

const PIXELS: usize = SIDE * SIDE;

#[derive(Module, Debug)]
pub struct Classifier {
    pub linear: Linear,
}

impl Classifier {
    pub fn new(device: &Device) -> Self {
        Self {
            linear: LinearConfig::new(PIXELS, FASHION.len()).init(device),
        }
    }
}

impl Predict for Classifier {
    type Batch = Batch;
    type Output = ClassificationInput;

    fn predict(&self, batch: Batch, _: &mut impl Tap) -> ClassificationInput {
        let pixels = batch.images.flatten::<2>(1, 3); // [batch, PIXELS]
        ClassificationInput::new(self.linear.forward(pixels), batch.targets)
    }
}

/// The table of a part of Fashion-MNIST.
pub fn table(part: &str) -> Result<Table, tlc::Error> {
    let file = format!("fashion_mnist_{part}.parquet");
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../data")
        .join(file);
    let options = TableOptions::new("fashion-mnist", "checkpoint", part)
        .if_exists(IfExists::Reuse)
        .column(Column::new("image", ValueType::image_bytes()))
        .column(Column::new("label", ValueType::labels(FASHION)));
    Ok(Table::from_parquet(file, options)?)
}

/// Its images, decoded when they are asked for.
pub fn images(table: &Table) -> ImageSamples {
    table.samples::<Row>().try_map(samples::decode)
}

/// A classifier that likes best the class whose mean image is nearest: `2 w.x - w.w`.
pub fn means(train: &ImageSamples, device: &Device) -> Result<Classifier, Box<dyn Error>> {
    let mut sums = vec![vec![0.0_f32; PIXELS]; FASHION.len()];
    let mut counts = vec![0.0_f32; FASHION.len()];
    for row in 0..train.len() {
        let item = train.collected(row)?.item;
        let class = usize::try_from(item.label)?;
        counts[class] += 1.0;
        let pixels = item.pixels.iter().map(samples::normalised);
        sums[class]
            .iter_mut()
            .zip(pixels)
            .for_each(|(sum, pixel)| *sum += pixel);
    }
    let mean = |class: usize, pixel: usize| sums[class][pixel] / counts[class].max(1.0);
    let classes = 0..FASHION.len();
    let weight: Vec<f32> = (0..PIXELS)
        .flat_map(|pixel| classes.clone().map(move |class| (class, pixel)))
        .map(|(class, pixel)| 2.0 * mean(class, pixel))
        .collect();
    let bias: Vec<f32> = classes
        .map(|class| {
            -(0..PIXELS)
                .map(|pixel| mean(class, pixel).powi(2))
                .sum::<f32>()
        })
        .collect();
    let mut model = Classifier::new(device);
    let weight = TensorData::new(weight, [PIXELS, FASHION.len()]);
    model.linear.weight = burn::module::Param::from_data(weight, device);
    let bias = TensorData::new(bias, [FASHION.len()]);
    model.linear.bias = Some(burn::module::Param::from_data(bias, device));
    Ok(model)
}
