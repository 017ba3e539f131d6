//! The collectors of every task, on outputs that are given.

use crate::compare::assert_same_runs;
use crate::gpu;
use burn::data::dataloader::batcher::Batcher;
use burn::prelude::*;
use serde::{Deserialize, Serialize};
use tlc_burn::prelude::*;
use tlc_burn::{Detection, Difficulty, GroundTruthBox, IntoCollectors, PredictedBox, TopK};
use tlc_core::{Run, Table, TableOptions};
use tlc_tests::given::{Given, Row, collect_on};
use tlc_tests::{cpu, root, run_in};

/// No multiple of the batch size.
const ROWS: usize = 19;
const CLASSES: [&str; 4] = ["a", "b", "c", "d"];

/// So many values between -3 and 3 and targets below `classes` in each row.
fn rows(values: usize, targets: usize, classes: usize) -> Vec<Row> {
    let value = |row: usize, at: usize| ((row * 31 + at * 17) as f32 * 0.37).sin() * 3.0;
    let row = |row: usize| Row {
        values: (0..values).map(|at| value(row, at)).collect(),
        targets: (0..targets)
            .map(|at| ((row * 7 + at * 3) % classes) as f32)
            .collect(),
    };
    (0..ROWS).map(row).collect()
}

/// The same collection on both devices.
fn assert_same<'c, K, C>(rows: &[Row], collectors: impl Fn() -> C)
where
    C: IntoCollectors<'c, Given, Given, K>,
{
    let Some(gpu) = gpu() else { return };
    let run = |device: &Device| {
        let (metrics, run) = collect_on(device, rows, collectors(), |options| options.split("val"));
        assert_eq!(metrics.unwrap().len(), ROWS);
        run
    };
    assert_same_runs(&run(&cpu()), &run(&gpu));
}

#[test]
fn classification_with_all_it_can_collect() {
    assert_same(&rows(4, 1, 4), || {
        (
            Classification::new(CLASSES)
                .per_class(true)
                .probabilities(true),
            TopK::new(CLASSES, 2),
            Difficulty::new(),
        )
    });
}

#[test]
fn binary_and_multi_label_classification() {
    assert_same(&rows(1, 1, 2), || {
        BinaryClassification::new(["no", "yes"]).per_class(true)
    });
    assert_same(&rows(4, 4, 2), || MultiLabel::new(CLASSES).per_class(true));
}

#[test]
fn regression_of_several_outputs() {
    assert_same(&rows(3, 3, 9), || Regression::new().outputs(3));
}

#[test]
fn sequences_with_padding() {
    assert_same(&rows(6 * 4, 6, 4), || Sequence::new().padding(3));
}

#[test]
fn segmentation_with_its_masks() {
    assert_same(&rows(4 * 36, 36, 4), || Segmentation::new(CLASSES));
}

#[derive(Clone, Copy, Serialize, Deserialize)]
struct Scene {
    scene: usize,
}

/// Boxes whose place and number depend on the scene.
struct Boxes;

impl Batcher<Scene, DetectionInput> for Boxes {
    fn batch(&self, scenes: Vec<Scene>, device: &Device) -> DetectionInput {
        let bounds = |scene: usize, at: usize, shift: f32| {
            let left = (scene * 13 + at * 29) as f32 % 50.0 + shift;
            [left, left / 2.0, left + 12.0, left / 2.0 + 9.0]
        };
        let truths = |scene: &Scene| -> Vec<GroundTruthBox> {
            let count = scene.scene % 4;
            let truth = |at| GroundTruthBox::new(bounds(scene.scene, at, 0.0), at as i32);
            (0..count).map(truth).collect()
        };
        let predicted = |scene: &Scene| -> Vec<PredictedBox> {
            let count = (scene.scene + 1) % 5;
            let predicted = |at| {
                let score = 1.0 / (scene.scene + at + 1) as f32;
                PredictedBox::new(bounds(scene.scene, at, 1.5), score, at as i32)
            };
            (0..count).map(predicted).collect()
        };
        let predicted: Vec<_> = scenes.iter().map(predicted).collect();
        let truths: Vec<_> = scenes.iter().map(truths).collect();
        DetectionInput::new(
            PredictedBoxes::from_lists(&predicted, device),
            GroundTruthBoxes::from_lists(&truths, device),
        )
    }
}

#[derive(Module, Debug)]
struct Says {}

impl Predict for Says {
    type Batch = DetectionInput;
    type Output = DetectionInput;

    fn predict(&self, batch: DetectionInput, _: &mut impl Tap) -> DetectionInput {
        batch
    }
}

#[test]
fn detection_with_its_boxes() {
    let Some(gpu) = gpu() else { return };
    let on = |device: &Device| -> Run {
        let root = root();
        let scenes: Vec<Scene> = (0..ROWS).map(|scene| Scene { scene }).collect();
        let options = TableOptions::new("tests", "scenes", "all").root(&root);
        let table = Table::create(options, |writer| writer.add_rows(&scenes)).unwrap();
        let samples = table.samples::<Scene>();
        let predictor = Predictor::new(&Says {}, Boxes).device(device).batch_size(8);
        let run = run_in(&root);
        let options = CollectOptions::new().run(&run).progress(false);
        collect_metrics(&samples, Detection::new(CLASSES), &predictor, options).unwrap();
        run
    };
    assert_same_runs(&on(&cpu()), &on(&gpu));
}
