//! A collection ready to be measured: a table of raw pixels, a run, a predictor, and the
//! same batches on the device for a bare forward pass.

#![allow(clippy::unwrap_used)] // benchmarks' own

use crate::nets::forward;
use crate::samples::{Batch, CLASSES, Images, Row, table};
use crate::{folder, run};
use burn::data::dataloader::batcher::Batcher;
use burn::module::Module;
use std::hint::black_box;
use tempfile::TempDir;
use tlc_burn::prelude::*;
use tlc_core::{Run, Table};

/// See the module.
#[derive(Debug)]
pub struct Collection<M> {
    /// Of the rows.
    pub table: Table,
    /// Their batches on the device.
    pub batches: Vec<Batch>,
    predictor: Predictor<M, Images>,
    run: Run,
    _folder: TempDir,
}

impl<M> Collection<M>
where
    M: Predict<Batch = Batch, Output = ClassificationInput> + Module,
{
    /// From these rows of images, on the device the model is on.
    pub fn new(model: &M, images: Images, batch_size: usize, rows: &[Row]) -> Self {
        let (folder, root) = folder();
        let device = model.devices().into_iter().next().unwrap_or_default();
        let batches = rows.chunks(batch_size);
        Self {
            table: table(&root, rows),
            batches: batches
                .map(|rows| images.batch(rows.to_vec(), &device))
                .collect(),
            predictor: Predictor::new(model, images).batch_size(batch_size),
            run: run(&root),
            _folder: folder,
        }
    }

    /// The model in inference mode.
    pub fn model(&self) -> &M {
        self.predictor.model()
    }

    /// Classification and a 128-d embedding, with the predictor's batches in flight.
    pub fn collect(&self) {
        self.collect_by(&self.predictor);
    }

    /// The same with so many batches in flight.
    pub fn collect_in_flight(&self, batches: usize) {
        self.collect_by(&self.predictor.clone().in_flight(batches));
    }

    /// A bare forward pass, logits read back.
    pub fn forward(&self) {
        forward(self.model(), &self.batches);
    }

    fn collect_by(&self, predictor: &Predictor<M, Images>) {
        let samples = self.table.samples::<Row>();
        let collectors = (Classification::new(CLASSES), Embeddings::of(["hidden"]));
        let options = CollectOptions::new().run(&self.run).progress(false);
        black_box(collect_metrics(&samples, collectors, predictor, options).unwrap());
    }
}
