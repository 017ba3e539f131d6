//! Semantic segmentation agrees with numpy, and what is kept of it can be read.

use crate::into_run;
use burn::data::dataloader::batcher::Batcher;
use burn::prelude::*;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tlc_burn::prelude::*;
use tlc_burn::{Collectors, Error, Shards, collect_metrics};
use tlc_core::arrow::array::{Array, AsArray};
use tlc_core::arrow::datatypes::{Float32Type, Float64Type, Int64Type};
use tlc_core::{ClassMap, MetricsTable, Role, Run, Table, TableOptions, ValueType};
use tlc_tests::shards::assert_same;
use tlc_tests::{column, cpu, floats, root, run_in, series};

const CLASSES: [&str; 5] = ["road", "car", "sky", "tree", "person"];
const BATCH: usize = 4;

#[derive(Deserialize)]
struct Golden {
    height: usize,
    width: usize,
    ignore_index: i64,
    samples: Vec<Scene>,
    pixel_accuracy: f64,
    mean_iou: f64,
    per_class: PerClass,
}

#[derive(Deserialize)]
struct PerClass {
    iou: Vec<f64>,
    precision: Vec<f64>,
    recall: Vec<f64>,
    support: Vec<i64>,
}

/// One sample and what is true of it.
#[derive(Clone, Deserialize)]
struct Scene {
    logits: Vec<f32>,
    targets: Vec<i32>,
    predicted: Vec<u8>,
    loss: Option<f32>,
    pixel_accuracy: Option<f32>,
    iou: Vec<Option<f32>>,
    mean_iou: Option<f32>,
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("../golden/segmentation/golden.json")).unwrap()
}

/// Which scene a row is about.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Row {
    scene: usize,
}

#[derive(Clone)]
struct Stack {
    scenes: Arc<Vec<Scene>>,
    /// Classes, height, width.
    size: [usize; 3],
}

impl Batcher<Row, SegmentationInput> for Stack {
    fn batch(&self, rows: Vec<Row>, device: &Device) -> SegmentationInput {
        let [classes, height, width] = self.size;
        let scenes = || rows.iter().map(|row| &self.scenes[row.scene]);
        let logits: Vec<f32> = scenes().flat_map(|scene| scene.logits.clone()).collect();
        let targets: Vec<i32> = scenes().flat_map(|scene| scene.targets.clone()).collect();
        let logits = TensorData::new(logits, [rows.len(), classes, height, width]);
        let targets = TensorData::new(targets, [rows.len(), height, width]);
        SegmentationInput::new(
            Tensor::from_data(logits, device),
            Tensor::from_data(targets, device),
        )
    }
}

/// A model whose batch is its output.
#[derive(Module, Debug)]
struct Echo {}

impl Predict for Echo {
    type Batch = SegmentationInput;
    type Output = SegmentationInput;

    fn predict(&self, batch: SegmentationInput, _: &mut impl Tap) -> SegmentationInput {
        batch
    }
}

/// Collects from scenes of a size, with padding and batches in flight.
fn collect(
    scenes: Vec<Scene>,
    size: [usize; 3],
    collector: impl MetricsCollector<Input = SegmentationInput> + 'static,
) -> (Result<MetricsTable, Error>, Run) {
    let (root, rows) = (root(), (0..scenes.len()).map(|scene| Row { scene }));
    let rows: Vec<Row> = rows.collect();
    let options = TableOptions::new("tests", "scenes", "train").root(&root);
    let table = Table::create(options, |writer| writer.add_rows(&rows)).unwrap();
    let run = run_in(&root);
    let scenes = Arc::new(scenes);
    let predictor = Predictor::new(&Echo {}, Stack { scenes, size })
        .device(&cpu())
        .batch_size(BATCH)
        .pad_last(true)
        .in_flight(2);
    let options = |options: CollectOptions| options.split("val").constant("epoch", 1);
    let mut list = Collectors::new();
    list.add(collector);
    let samples = table.samples::<Row>();
    let metrics = collect_metrics(&samples, list.clone(), &predictor, options(into_run(&run)));
    let shards = Shards::new(
        "echo",
        |table: &Table| table.samples::<Row>(),
        list,
        predictor,
    );
    assert_same(&shards.shard_rows(BATCH), &table, &metrics, &run, options);
    (metrics, run)
}

fn collect_golden(golden: &Golden) -> (MetricsTable, Run) {
    let collector = Segmentation::new(CLASSES).ignore_index(golden.ignore_index);
    let size = [CLASSES.len(), golden.height, golden.width];
    let (metrics, run) = collect(golden.samples.clone(), size, collector);
    (metrics.unwrap(), run)
}

fn optional(metrics: &MetricsTable, name: &str) -> Vec<Option<f32>> {
    let column = column(metrics, name);
    column.as_primitive::<Float32Type>().iter().collect()
}

fn assert_close(what: &str, found: &[Option<f32>], expected: &[Option<f32>]) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (at, pair) in found.iter().zip(expected).enumerate() {
        match pair {
            (Some(found), Some(expected)) => assert!(
                (found - expected).abs() <= 1e-6 * expected.abs().max(1.0),
                "{what} {at}: {found} and {expected}"
            ),
            (found, expected) => assert_eq!(found, expected, "{what} {at}"),
        }
    }
}

/// The table of classes that a run holds beside the samples.
fn per_class(run: &Run) -> MetricsTable {
    let tables = run.metrics().unwrap().into_iter();
    let mut found = tables.filter(|table| table.info().stream_name == "per_class_metrics");
    found.next().unwrap()
}

#[test]
fn loss_accuracy_and_overlap_of_each_sample_are_those_of_numpy() {
    let golden = golden();
    let (metrics, _) = collect_golden(&golden);
    let expected = |value: fn(&Scene) -> Option<f32>| -> Vec<Option<f32>> {
        golden.samples.iter().map(value).collect()
    };
    let found = |name: &str| optional(&metrics, name);
    assert_close("loss", &found("loss"), &expected(|scene| scene.loss));
    let accuracy = expected(|scene| scene.pixel_accuracy);
    assert_close("pixel_accuracy", &found("pixel_accuracy"), &accuracy);
    let mean_iou = expected(|scene| scene.mean_iou);
    assert_close("mean_iou", &found("mean_iou"), &mean_iou);

    let lists = column(&metrics, "iou");
    let lists = lists.as_fixed_size_list();
    for (at, scene) in golden.samples.iter().enumerate() {
        let list = lists.value(at);
        let iou: Vec<Option<f32>> = list.as_primitive::<Float32Type>().iter().collect();
        assert_close("iou", &iou, &scene.iou);
    }
    let absent = golden.samples.iter().flat_map(|scene| &scene.iou);
    assert!(absent.filter(|iou| iou.is_none()).count() > 5);
}

#[test]
fn what_is_said_of_all_pixels_is_what_numpy_says_of_them() {
    let golden = golden();
    let (_, run) = collect_golden(&golden);
    for (key, expected) in [
        ("val_dataset_pixel_accuracy", golden.pixel_accuracy),
        ("val_dataset_mean_iou", golden.mean_iou),
    ] {
        let [(epoch, value)] = series(&run, key)[..] else {
            panic!("more than one value of {key}")
        };
        assert_eq!(epoch, 1.0);
        assert!((value - expected).abs() < 1e-12, "{key}: {value}");
    }
    let table = per_class(&run);
    for (name, expected) in [
        ("iou", &golden.per_class.iou),
        ("precision", &golden.per_class.precision),
        ("recall", &golden.per_class.recall),
    ] {
        let found = column(&table, name);
        let found = found.as_primitive::<Float64Type>();
        assert_eq!(found.null_count(), 0);
        for (found, expected) in found.values().iter().zip(expected) {
            assert!((found - expected).abs() < 1e-12, "{name}: {found}");
        }
    }
    let support = column(&table, "support");
    let support = support.as_primitive::<Int64Type>().values().to_vec();
    assert_eq!(support, golden.per_class.support);
    let class = table.schema().column("class").unwrap();
    assert_eq!(
        *class.value.classes().unwrap(),
        tlc_core::ClassMap::new(CLASSES)
    );
    assert_eq!(tlc_tests::ints(&table, "class"), [0, 1, 2, 3, 4]);
    assert_eq!(tlc_tests::ints(&table, "epoch"), [1; 5]);
}

#[test]
fn a_predicted_mask_is_a_png_of_class_indices_and_its_column_names_them() {
    let golden = golden();
    let (metrics, _) = collect_golden(&golden);
    let masks = column(&metrics, "predicted_mask");
    for (mask, scene) in masks.as_binary::<i32>().iter().zip(&golden.samples) {
        let image = image::load_from_memory(mask.unwrap()).unwrap();
        let image::DynamicImage::ImageLuma8(image) = image else {
            panic!("not one channel of 8 bits")
        };
        assert_eq!(
            image.dimensions(),
            (golden.width as u32, golden.height as u32)
        );
        assert_eq!(image.into_raw(), scene.predicted);
    }
    let column = metrics.schema().column("predicted_mask").unwrap();
    assert_eq!(column.value, ValueType::segmentation_mask(CLASSES));
    assert_eq!(column.role, Some(Role::Prediction));
}

#[test]
fn more_than_256_classes_need_16_bits_a_pixel() {
    let classes = 300;
    let mut logits = vec![0.0; classes * 2];
    (logits[2 * 299], logits[2 * 258 + 1]) = (1.0, 1.0);
    let scene = scene(logits, vec![299, 0]);
    let names = (0..classes).map(|class| format!("class {class}"));
    let (metrics, _) = collect(vec![scene], [classes, 1, 2], Segmentation::new(names));
    let metrics = metrics.unwrap();
    let masks = column(&metrics, "predicted_mask");
    let image = image::load_from_memory(masks.as_binary::<i32>().value(0)).unwrap();
    let image::DynamicImage::ImageLuma16(image) = image else {
        panic!("not one channel of 16 bits")
    };
    assert_eq!(image.into_raw(), [299, 258]);
    assert_eq!(floats(&metrics, "pixel_accuracy"), [0.5]);
}

#[test]
fn masks_and_aggregates_can_be_left_out() {
    let golden = golden();
    let collector = Segmentation::new(CLASSES)
        .ignore_index(golden.ignore_index)
        .masks(false)
        .without_aggregates();
    let size = [CLASSES.len(), golden.height, golden.width];
    let (metrics, run) = collect(golden.samples, size, collector);
    let metrics = metrics.unwrap();
    let names: Vec<_> = metrics.schema().names().collect();
    let expected = [
        "example_id",
        "loss",
        "pixel_accuracy",
        "mean_iou",
        "iou",
        "split",
        "epoch",
    ];
    assert_eq!(names, expected);
    let logged = run
        .aggregates()
        .unwrap()
        .into_iter()
        .map(|series| series.key);
    assert_eq!(logged.collect::<Vec<_>>(), ["val_count"]);
    assert_eq!(run.metrics().unwrap().len(), 1);
}

/// A sample of two classes and three pixels, or what else fits the numbers.
fn scene(logits: Vec<f32>, targets: Vec<i32>) -> Scene {
    Scene {
        logits,
        targets,
        predicted: Vec::new(),
        loss: None,
        pixel_accuracy: None,
        iou: Vec::new(),
        mean_iou: None,
    }
}

const TWO: [&str; 2] = ["background", "object"];

#[test]
fn a_pixel_with_nan_makes_the_loss_nan_and_is_wrong_and_0_in_the_mask() {
    let nan = scene(vec![0.0, f32::NAN, 0.0, 1.0, 1.0, 0.5], vec![1, 1, 1]);
    let fine = scene(vec![1.0; 6], vec![0, 0, 0]);
    let (metrics, run) = collect(vec![nan, fine], [2, 1, 3], Segmentation::new(TWO));
    let metrics = metrics.unwrap();
    let loss = floats(&metrics, "loss");
    assert!(
        loss[0].is_nan() && (loss[1] - 2_f32.ln()).abs() < 1e-6,
        "{loss:?}"
    );
    assert_eq!(floats(&metrics, "pixel_accuracy"), [2.0 / 3.0, 1.0]);
    assert_eq!(floats(&metrics, "mean_iou"), [2.0 / 3.0, 1.0]);
    let masks = column(&metrics, "predicted_mask");
    let mask = image::load_from_memory(masks.as_binary::<i32>().value(0)).unwrap();
    assert_eq!(mask.into_bytes(), [1, 0, 1]);
    assert_eq!(series(&run, "val_dataset_pixel_accuracy")[0].1, 5.0 / 6.0);
}

#[test]
fn pixels_of_a_mask_are_ids_and_the_void_counts_nowhere() {
    let classes = ClassMap::from_ids([(7, "road"), (300, "car")]).unwrap();
    let classes = classes.with_void(255).unwrap();
    // Positions 0 and 1, and a pixel that is void.
    let logits = vec![1.0, 0.0, 1.0, f32::NAN, 0.0, 1.0, 0.0, 0.0];
    let scene = scene(logits, vec![0, 1, 255, 255]);
    let (metrics, run) = collect(vec![scene], [2, 1, 4], Segmentation::new(&classes));
    let metrics = metrics.unwrap();
    assert_eq!(floats(&metrics, "pixel_accuracy"), [1.0]);
    assert!(floats(&metrics, "loss")[0] < 0.5);
    let masks = column(&metrics, "predicted_mask");
    let mask = image::load_from_memory(masks.as_binary::<i32>().value(0)).unwrap();
    let image::DynamicImage::ImageLuma16(mask) = mask else {
        panic!("not one channel of 16 bits")
    };
    assert_eq!(
        mask.into_raw(),
        [7, 300, 7, 255],
        "nothing is predicted where NaN is"
    );
    let value = &metrics.schema().column("predicted_mask").unwrap().value;
    assert_eq!(value.classes(), Some(&classes));
    let tables = run.metrics().unwrap();
    let per_class = tables
        .iter()
        .find(|table| table.schema().column("support").is_some());
    let per_class = per_class.unwrap();
    assert_eq!(tlc_tests::ints(per_class, "class"), [7, 300]);
    assert_eq!(tlc_tests::ints(per_class, "support"), [1, 1]);
}

#[test]
fn a_void_that_is_a_position_of_a_class_is_not_taken_for_what_targets_leave_out() {
    let classes = ClassMap::from_ids([(1, "wall"), (2, "sky")]).unwrap();
    let classes = classes.with_void(0).unwrap();
    let pixels = || scene(vec![1.0, 0.0, 1.0, 0.0, 1.0, 0.0], vec![0, 1, 0]);
    let (metrics, _) = collect(vec![pixels()], [2, 1, 3], Segmentation::new(&classes));
    assert_eq!(
        floats(&metrics.unwrap(), "pixel_accuracy"),
        [1.0],
        "0 is the first class"
    );
    let mut void = pixels();
    void.targets[2] = 255;
    let collector = Segmentation::new(&classes).ignore_index(255);
    let (metrics, _) = collect(vec![void], [2, 1, 3], collector);
    let metrics = metrics.unwrap();
    let masks = column(&metrics, "predicted_mask");
    let mask = image::load_from_memory(masks.as_binary::<i32>().value(0)).unwrap();
    assert_eq!(mask.into_bytes(), [1, 2, 1]);
}

#[test]
fn ids_that_no_pixel_can_be_need_masks_to_be_left_out() {
    let classes = ClassMap::from_ids([(-1, "road"), (3, "car")]).unwrap();
    let pixels = || vec![scene(vec![1.0; 4], vec![0, 1])];
    let (refused, _) = collect(pixels(), [2, 1, 2], Segmentation::new(&classes));
    let said = refused.unwrap_err().to_string();
    assert!(
        said.contains("-1") && said.contains("masks(false)"),
        "{said}"
    );
    let collector = Segmentation::new(&classes).masks(false);
    let (metrics, _) = collect(pixels(), [2, 1, 2], collector);
    assert_eq!(metrics.unwrap().len(), 1);
}

#[test]
fn nan_at_a_pixel_that_is_ignored_changes_nothing() {
    let scene = scene(vec![0.0, f32::NAN, 0.0, 1.0, 1.0, 1.0], vec![1, -100, 1]);
    let collector = Segmentation::new(TWO).ignore_index(-100);
    let (metrics, _) = collect(vec![scene], [2, 1, 3], collector);
    let metrics = metrics.unwrap();
    let expected = (1.0 + (-1_f32).exp()).ln();
    assert!((floats(&metrics, "loss")[0] - expected).abs() < 1e-6);
    assert_eq!(floats(&metrics, "pixel_accuracy"), [1.0]);
}

#[test]
fn a_target_that_is_no_class_names_collector_column_example_and_shapes() {
    for label in [2, -1, 255] {
        let fine = scene(vec![0.0; 6], vec![0, 1, 0]);
        let bad = scene(vec![0.0; 6], vec![0, 1, label]);
        let scenes = vec![fine.clone(), fine.clone(), fine, bad];
        let (error, _) = collect(scenes, [2, 1, 3], Segmentation::new(TWO));
        let error = error.unwrap_err();
        assert!(
            matches!(&error, Error::Label { example_id: 3, label: found, .. }
                if *found == i64::from(label)),
            "{error}"
        );
        let text = error.to_string();
        for part in [
            "`segmentation`",
            "`loss`",
            "example 3",
            "0..2",
            "[4, 2, 1, 3]",
        ] {
            assert!(text.contains(part), "{part} is not in: {text}");
        }
    }
}

#[test]
fn logits_that_fit_neither_classes_nor_targets_name_the_shapes() {
    let (error, _) = collect(
        vec![scene(vec![0.0; 6], vec![0, 1, 0])],
        [2, 1, 3],
        Segmentation::new(CLASSES),
    );
    let text = error.unwrap_err().to_string();
    let expected = "collector `segmentation`: 5 class names for logits of shape [4, 2, 1, 3]";
    assert_eq!(text, expected);

    let input = |logits: [usize; 4], targets: [usize; 3]| SegmentationInput {
        logits: Tensor::zeros(logits, &cpu()),
        targets: Tensor::zeros(targets, &cpu()),
    };
    for (input, named) in [
        (
            input([4, 2, 3, 3], [4, 3, 2]),
            "[4, 3, 3] for targets of logits [4, 2, 3, 3]",
        ),
        (input([4, 2, 3, 3], [3, 3, 3]), "found [3, 3, 3]"),
    ] {
        let collector = Segmentation::new(TWO)
            .preprocess(move |_: &SegmentationInput, _: &SegmentationInput| input.clone());
        let text = error_of(collector);
        assert!(text.contains(named), "{named} is not in: {text}");
    }
}

fn error_of<K>(
    collector: impl tlc_burn::IntoCollectors<'static, SegmentationInput, SegmentationInput, K>,
) -> String {
    let root = root();
    let options = TableOptions::new("tests", "scenes", "train").root(&root);
    let rows = [Row { scene: 0 }; 4];
    let table = Table::create(options, |writer| writer.add_rows(&rows)).unwrap();
    let samples = table.samples::<Row>();
    let scenes = Arc::new(vec![scene(vec![0.0; 6], vec![0, 1, 0])]);
    let size = [2, 1, 3];
    let predictor = Predictor::new(&Echo {}, Stack { scenes, size }).device(&cpu());
    let run = run_in(&root);
    let error = collect_metrics(&samples, collector, &predictor, into_run(&run));
    error.unwrap_err().to_string()
}
