//! The samples that are trained on and tested with.

use crate::args::Args;
use crate::augment::augmented;
use crate::fashion::{FASHION, Row};
use crate::samples::{self, ImageSamples};
use crate::tables::packaged;
use tlc::Table;
use tlc::core::Error;
use tlc::prelude::*;

pub struct Data {
    /// Names of the classes, by index.
    pub classes: [&'static str; 10],
    /// Augmented for training, not for collection.
    pub train: ImageSamples,
    /// Never augmented.
    pub test: ImageSamples,
}

impl Data {
    /// The samples of a training table and those to test with.
    pub fn of(train: &Table, args: &Args) -> Result<Self, Error> {
        let train = train.samples::<Row>().try_map(augmented(args.seed));
        let test = packaged("test", "test_1k", args)?;
        Ok(Self {
            classes: FASHION,
            train: train.try_map_collect_metrics(samples::decode),
            test: test.samples::<Row>().try_map(samples::decode),
        })
    }
}
