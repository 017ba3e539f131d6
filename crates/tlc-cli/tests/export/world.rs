//! A run over real pictures, of a model that is a rule: what it says of each sample is known.

use crate::Place;
use crate::fashion::{CLASSES, Picture, pictures};
use tlc_core::{
    AddMetrics, Column, Columns, Role, Run, RunOptions, Status, Table, TableOptions, ValueType,
};

pub(crate) const SAMPLES: usize = 300;
pub(crate) const EPOCHS: i64 = 3;
pub(crate) const RUN: &str = "fashion/first";

pub(crate) struct World {
    pub(crate) place: Place,
    pub(crate) pictures: Vec<Picture>,
}

/// What the model says of a sample after the last epoch.
pub(crate) fn predicted(id: usize, label: i32) -> i32 {
    if id % 7 == 3 { (label + 1) % 10 } else { label }
}

/// Another one for each sample.
pub(crate) fn loss(id: usize, label: i32) -> f32 {
    let wrong = predicted(id, label) != label;
    let part = (id * 37 % SAMPLES) as f32 / SAMPLES as f32;
    if wrong { 2.0 + part } else { part }
}

impl World {
    pub(crate) fn new() -> Self {
        let place = Place::new();
        let pictures = pictures(&place, SAMPLES);
        let options = TableOptions::new("fashion", "clothes", "initial")
            .root(&place.root)
            .description("300 of the test set")
            .column(Column::new("image", ValueType::image_bytes()))
            .column(Column::new("label", ValueType::labels(CLASSES)));
        let table = Table::create(options, |writer| writer.add_rows(&pictures)).unwrap();
        let run = RunOptions::new("fashion").root(&place.root).name("first");
        let run = run
            .parameter("learning_rate", 0.003)
            .description("by a rule");
        let run = Run::create(run).unwrap();
        run.change().input_table(&table).commit().unwrap();
        for epoch in 1..=EPOCHS {
            collect(&run, &table, &pictures, epoch);
            let now = epoch as f64;
            let values = [
                ("epoch", now),
                ("train_loss", 1.0 / now),
                ("test_loss", 2.0 / now),
            ];
            run.log(values).unwrap();
            run.log([("epoch", now), ("train_count", 300.0)]).unwrap();
        }
        run.flush().unwrap();
        run.change().status(Status::Completed).commit().unwrap();
        Self { place, pictures }
    }
}

fn collect(run: &Run, table: &Table, pictures: &[Picture], epoch: i64) {
    let about = AddMetrics::new()
        .foreign_table(table)
        .constant("epoch", epoch)
        .column(Column::new("predicted", ValueType::labels(CLASSES)).role(Role::Prediction))
        .column(Column::new("confidence", ValueType::Confidence));
    let each = || pictures.iter().enumerate();
    let ids = each().map(|(id, _)| id as i64);
    let said = each().map(|(id, picture)| predicted(id, picture.label));
    let losses = each().map(|(id, picture)| loss(id, picture.label));
    let values = Columns::new()
        .column("example_id", ids.collect::<Vec<_>>())
        .column("predicted", said.collect::<Vec<_>>())
        .column("confidence", vec![0.5_f32; pictures.len()])
        .column("loss", losses.collect::<Vec<_>>());
    run.add_metrics(values, about).unwrap();
}
