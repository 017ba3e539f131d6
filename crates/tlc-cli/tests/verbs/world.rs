//! A run over real pictures, of a model that is a rule: what it says of each sample is known.

use crate::Place;
use crate::fashion::{CLASSES, Picture, pictures};
use tlc_core::{
    AddMetrics, Column, Columns, Role, Run, RunOptions, Status, Table, TableOptions, ValueType,
};

pub(crate) const SAMPLES: usize = 200;
pub(crate) const EPOCHS: i64 = 3;
pub(crate) const RUN: &str = "fashion/first";
pub(crate) const TABLE: &str = "fashion/clothes";

pub(crate) struct World {
    pub(crate) place: Place,
    pub(crate) pictures: Vec<Picture>,
    pub(crate) table: Table,
}

/// What the model says of a sample: a later one is right about more.
pub(crate) fn predicted(id: usize, label: i32, skill: usize) -> i32 {
    if id % (4 + skill) == 3 {
        (label + 1) % 10
    } else {
        label
    }
}

/// Another one for each sample.
pub(crate) fn loss(id: usize, is_wrong: bool) -> f32 {
    let part = (id * 37 % SAMPLES) as f32 / SAMPLES as f32;
    if is_wrong { 2.0 + part } else { part }
}

impl World {
    pub(crate) fn new() -> Self {
        let place = Place::new();
        let pictures = pictures(&place, SAMPLES);
        let options = TableOptions::new("fashion", "clothes", "initial")
            .root(&place.root)
            .description("200 of the test set")
            .column(Column::new("image", ValueType::image_bytes()))
            .column(Column::new("label", ValueType::labels(CLASSES)));
        let table = Table::create(options, |writer| writer.add_rows(&pictures)).unwrap();
        let world = Self {
            place,
            pictures,
            table,
        };
        world.run("first", 0);
        world
    }

    /// A run with metrics of some epochs, each model as skilled as the one before.
    pub(crate) fn run(&self, name: &str, skill: usize) -> Run {
        let run = RunOptions::new("fashion").root(&self.place.root).name(name);
        let run = run
            .parameter("learning_rate", 0.003)
            .parameter("skill", skill as i64);
        let run = Run::create(run.description("by a rule")).unwrap();
        run.change().input_table(&self.table).commit().unwrap();
        for epoch in 1..=EPOCHS {
            self.collect(&run, epoch, skill);
            let now = epoch as f64;
            run.log([("epoch", now), ("train_loss", 1.0 / now)])
                .unwrap();
        }
        run.flush().unwrap();
        run.change().status(Status::Completed).commit().unwrap();
        run
    }

    fn collect(&self, run: &Run, epoch: i64, skill: usize) {
        let about = AddMetrics::new()
            .foreign_table(&self.table)
            .constant("epoch", epoch)
            .column(Column::new("predicted", ValueType::labels(CLASSES)).role(Role::Prediction))
            .column(Column::new("confidence", ValueType::Confidence));
        let each = || self.pictures.iter().enumerate();
        let said = |(id, picture): (usize, &Picture)| predicted(id, picture.label, skill);
        let is_wrong = |(id, picture): (usize, &Picture)| said((id, picture)) != picture.label;
        let probabilities = each().map(|sample| {
            let mut all = [0.02_f32; 10];
            all[said(sample) as usize] = 0.82;
            all
        });
        let embeddings = each().map(|(id, _)| {
            let turn = (id * 7 % SAMPLES) as f32;
            [turn.sin(), turn.cos(), id as f32 / SAMPLES as f32, 1.0]
        });
        let embedding = Column::new("embedding", ValueType::Embedding { dim: 4 });
        let accuracy = each().map(|sample| if is_wrong(sample) { 0.0_f32 } else { 1.0 });
        let values = Columns::new()
            .column(
                "example_id",
                each().map(|(id, _)| id as i64).collect::<Vec<_>>(),
            )
            .column("predicted", each().map(said).collect::<Vec<_>>())
            .column("confidence", vec![0.5_f32; self.pictures.len()])
            .column(
                "loss",
                each()
                    .map(|sample| loss(sample.0, is_wrong(sample)))
                    .collect::<Vec<_>>(),
            )
            .column("accuracy", accuracy.collect::<Vec<_>>())
            .column("probabilities", probabilities.collect::<Vec<_>>())
            .column("embedding", embeddings.collect::<Vec<_>>());
        run.add_metrics(values, about.column(embedding)).unwrap();
    }
}
