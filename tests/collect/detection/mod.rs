//! Detection agrees with pycocotools, and what is kept of it can be read.

mod refused;

use crate::into_run;
use burn::data::dataloader::batcher::Batcher;
use burn::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use tlc_burn::prelude::*;
use tlc_burn::{Collectors, Error, Shards, collect_metrics};
use tlc_core::arrow::array::{Array, ArrayRef, AsArray};
use tlc_core::arrow::datatypes::{Float32Type, Float64Type, Int32Type};
use tlc_core::{MetricsTable, Role, Run, Table, TableOptions, ValueType};
use tlc_tests::shards::assert_same;
use tlc_tests::{column, cpu, ints, root, run_in, series};

const CLASSES: [&str; 5] = ["person", "car", "dog", "boat", "ghost"];
const BATCH: usize = 5;

#[derive(Deserialize)]
struct Golden {
    images: Vec<GoldenImage>,
    values: BTreeMap<String, f64>,
    per_class: PerClass,
}

#[derive(Deserialize)]
struct GoldenImage {
    predicted: Vec<GoldenPrediction>,
    truths: Vec<GoldenTruth>,
    /// Right, wrong, missed.
    counts: [i64; 3],
}

#[derive(Deserialize)]
struct GoldenPrediction {
    bounds: [f32; 4],
    score: f32,
    label: i32,
}

#[derive(Deserialize)]
struct GoldenTruth {
    bounds: [f32; 4],
    label: i32,
    is_crowd: bool,
    area: Option<f32>,
}

#[derive(Deserialize)]
struct PerClass {
    ap: Vec<Option<f64>>,
    ap_50: Vec<Option<f64>>,
    num_images: Vec<i64>,
    num_instances: Vec<i64>,
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("../../golden/detection/golden.json")).unwrap()
}

/// The boxes of one image.
type Scene = (Vec<PredictedBox>, Vec<GroundTruthBox>);

/// The golden images, their boxes changed from left, top, width, height.
fn scenes(golden: &Golden, bounds: fn([f32; 4]) -> [f32; 4]) -> Vec<Scene> {
    let predicted =
        |one: &GoldenPrediction| PredictedBox::new(bounds(one.bounds), one.score, one.label);
    let truth = |one: &GoldenTruth| GroundTruthBox {
        area: one.area,
        ..GroundTruthBox::new(bounds(one.bounds), one.label).crowd(one.is_crowd)
    };
    let scene = |image: &GoldenImage| {
        (
            image.predicted.iter().map(predicted).collect(),
            image.truths.iter().map(truth).collect(),
        )
    };
    golden.images.iter().map(scene).collect()
}

/// Which scene a row is about.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Row {
    scene: usize,
}

#[derive(Clone)]
struct Stack(Arc<Vec<Scene>>);

impl Batcher<Row, DetectionInput> for Stack {
    fn batch(&self, rows: Vec<Row>, device: &Device) -> DetectionInput {
        let (predicted, truths): (Vec<_>, Vec<_>) =
            rows.iter().map(|row| self.0[row.scene].clone()).unzip();
        DetectionInput::new(
            PredictedBoxes::from_lists(&predicted, device),
            GroundTruthBoxes::from_lists(&truths, device),
        )
    }
}

/// A model whose batch is its output.
#[derive(Module, Debug)]
struct Echo {}

impl Predict for Echo {
    type Batch = DetectionInput;
    type Output = DetectionInput;

    fn predict(&self, batch: DetectionInput, _: &mut impl Tap) -> DetectionInput {
        batch
    }
}

/// Collects from scenes, with padding and batches in flight.
fn collect<K>(
    scenes: Vec<Scene>,
    collector: impl tlc_burn::IntoCollectors<'static, DetectionInput, DetectionInput, K>,
) -> (Result<MetricsTable, Error>, Run) {
    let root = root();
    let rows: Vec<Row> = (0..scenes.len()).map(|scene| Row { scene }).collect();
    let options = TableOptions::new("tests", "scenes", "train").root(&root);
    let table = Table::create(options, |writer| writer.add_rows(&rows)).unwrap();
    let run = run_in(&root);
    let predictor = Predictor::new(&Echo {}, Stack(Arc::new(scenes)))
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

fn detection() -> Detection {
    Detection::new(CLASSES).format(BoxFormat::Xywh)
}

/// The table of classes that a run holds beside the samples.
fn per_class(run: &Run) -> MetricsTable {
    let tables = run.metrics().unwrap().into_iter();
    let mut found = tables.filter(|table| table.info().stream_name == "per_class_metrics");
    found.next().unwrap()
}

/// The fields of all boxes of a table, and the number of boxes of each image.
fn boxes(metrics: &MetricsTable) -> (tlc_core::arrow::array::StructArray, Vec<usize>) {
    let lists = column(metrics, "predicted_boxes");
    let lists = lists.as_list::<i32>();
    let lens = lists.offsets().lengths().collect();
    (lists.values().as_struct().clone(), lens)
}

fn numbers(boxes: &tlc_core::arrow::array::StructArray, field: &str) -> Vec<f32> {
    let values: &ArrayRef = boxes.column_by_name(field).unwrap();
    values.as_primitive::<Float32Type>().values().to_vec()
}

fn assert_values(run: &Run, golden: &Golden, tolerance: f64) {
    for (name, expected) in &golden.values {
        let [(epoch, value)] = series(run, &format!("val_{name}"))[..] else {
            panic!("not one value of {name}")
        };
        assert_eq!(epoch, 1.0);
        let close = (value - expected).abs() <= tolerance;
        assert!(close, "{name}: {value}, pycocotools: {expected}");
    }
    assert_eq!(golden.values.len(), 12);
}

#[test]
fn the_averages_of_a_collection_are_those_of_pycocotools() {
    let golden = golden();
    let (metrics, run) = collect(scenes(&golden, |bounds| bounds), detection());
    assert_eq!(metrics.unwrap().len(), golden.images.len());
    assert_values(&run, &golden, 1e-12);
}

#[test]
fn the_averages_of_a_class_are_those_of_pycocotools() {
    let golden = golden();
    let (_, run) = collect(scenes(&golden, |bounds| bounds), detection());
    let table = per_class(&run);
    for (name, expected) in [
        ("ap", &golden.per_class.ap),
        ("ap_50", &golden.per_class.ap_50),
    ] {
        let found = column(&table, name);
        let found: Vec<_> = found.as_primitive::<Float64Type>().iter().collect();
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            let (found, expected) = (found.unwrap_or(-1.0), expected.unwrap_or(-1.0));
            assert!(
                (found - expected).abs() < 1e-12,
                "{name}: {found}, {expected}"
            );
        }
    }
    assert_eq!(
        column(&table, "ap").null_count(),
        1,
        "nobody can find a ghost"
    );
    assert_eq!(ints(&table, "num_images"), golden.per_class.num_images);
    assert_eq!(
        ints(&table, "num_instances"),
        golden.per_class.num_instances
    );
    let class = table.schema().column("class").unwrap();
    assert_eq!(
        *class.value.classes().unwrap(),
        tlc_core::ClassMap::new(CLASSES)
    );
}

#[test]
fn right_wrong_and_missed_boxes_of_each_image_are_those_of_pycocotools() {
    let golden = golden();
    let collector = detection().score_threshold(0.0);
    let (metrics, _) = collect(scenes(&golden, |bounds| bounds), collector);
    let metrics = metrics.unwrap();
    // pycocotools looks at the first 100 boxes of a class.
    let few = |at: &usize| golden.images[*at].predicted.len() <= 100;
    let compared: Vec<usize> = (0..golden.images.len()).filter(few).collect();
    assert_eq!(compared.len(), golden.images.len() - 1);
    for (index, name) in ["tp", "fp", "fn"].into_iter().enumerate() {
        let found = ints(&metrics, name);
        for at in &compared {
            let expected = golden.images[*at].counts[index];
            assert_eq!(found[*at], expected, "{name} of image {at}");
        }
    }
}

#[test]
fn each_format_of_a_box_gives_the_same_averages() {
    let golden = golden();
    let corners = |[x, y, w, h]: [f32; 4]| [x, y, x + w, y + h];
    let centre = |[x, y, w, h]: [f32; 4]| [x + w / 2.0, y + h / 2.0, w, h];
    for (format, bounds) in [
        (BoxFormat::Xyxy, corners as fn([f32; 4]) -> [f32; 4]),
        (BoxFormat::Cxcywh, centre),
    ] {
        let (_, run) = collect(scenes(&golden, bounds), detection().format(format));
        assert_values(&run, &golden, 1e-12);
    }
}

#[test]
fn predicted_boxes_are_structs_by_falling_confidence_with_what_they_found() {
    let found = vec![
        PredictedBox::new([0.0, 0.0, 10.0, 10.0], 0.5, 1),
        PredictedBox::new([0.0, 0.0, 10.0, 5.0], 0.75, 1),
        PredictedBox::new([50.0, 50.0, 4.0, 2.0], 0.75, 0),
        PredictedBox::new([20.0, 20.0, 2.0, 2.0], 0.25, 2),
        PredictedBox::new([0.0, 0.0, 10.0, 10.0], 0.01, 1),
    ];
    let truths = vec![
        GroundTruthBox::new([0.0, 0.0, 10.0, 10.0], 1),
        GroundTruthBox::new([0.0, 0.0, 1.0, 1.0], 3),
        GroundTruthBox::new([0.0, 0.0, 40.0, 40.0], 2).crowd(true),
    ];
    let scenes = vec![(Vec::new(), truths.clone()), (found, truths)];
    let (metrics, _) = collect(scenes, detection());
    let metrics = metrics.unwrap();

    let (boxes, lens) = boxes(&metrics);
    assert_eq!(lens, [0, 4], "a box of score 0.01 is below the threshold");
    assert_eq!(numbers(&boxes, "confidence"), [0.75, 0.75, 0.5, 0.25]);
    assert_eq!(numbers(&boxes, "iou"), [0.5, 0.0, 0.0, 1.0]);
    assert_eq!(numbers(&boxes, "x0"), [0.0, 50.0, 0.0, 20.0]);
    assert_eq!(numbers(&boxes, "y0"), [0.0, 50.0, 0.0, 20.0]);
    assert_eq!(numbers(&boxes, "x1"), [10.0, 54.0, 10.0, 22.0]);
    assert_eq!(numbers(&boxes, "y1"), [5.0, 52.0, 10.0, 22.0]);
    let labels = boxes.column_by_name("label").unwrap();
    assert_eq!(labels.as_primitive::<Int32Type>().values(), &[1, 0, 1, 2]);
    assert_eq!(ints(&metrics, "tp"), [0, 1]);
    assert_eq!(ints(&metrics, "fp"), [0, 2], "finding a crowd is no error");
    assert_eq!(ints(&metrics, "fn"), [2, 1], "a crowd need not be found");

    let column = metrics.schema().column("predicted_boxes").unwrap();
    assert_eq!(column.role, Some(Role::Prediction));
    let ValueType::List { item, .. } = &column.value else {
        panic!("{column:?}")
    };
    let ValueType::Struct { fields } = &**item else {
        panic!("{item:?}")
    };
    let field = |name: &str| fields.iter().find(|field| field.name == name).unwrap();
    assert_eq!(
        *field("label").value.classes().unwrap(),
        tlc_core::ClassMap::new(CLASSES)
    );
    assert_eq!(field("x0").unit.as_deref(), Some("px"));
}

#[test]
fn boxes_and_classes_are_told_by_their_ids() {
    let golden = golden();
    let ids = [1, 3, 44, 0, -2];
    let classes = tlc_core::ClassMap::from_ids(ids.into_iter().zip(CLASSES)).unwrap();
    let collector = Detection::new(&classes).format(BoxFormat::Xywh);
    let (with_ids, run) = collect(scenes(&golden, |bounds| bounds), collector);
    let (named, _) = collect(scenes(&golden, |bounds| bounds), detection());
    let labels = |metrics: MetricsTable| {
        let labels = boxes(&metrics).0.column_by_name("label").unwrap().clone();
        labels.as_primitive::<Int32Type>().values().to_vec()
    };
    let expected = labels(named.unwrap());
    let expected: Vec<i32> = expected.iter().map(|at| ids[*at as usize]).collect();
    assert_eq!(labels(with_ids.unwrap()), expected);
    assert_values(&run, &golden, 1e-12);
    let table = per_class(&run);
    assert_eq!(ints(&table, "class"), ids.map(i64::from));
    assert_eq!(ints(&table, "num_images"), golden.per_class.num_images);
}

#[test]
fn thresholds_of_the_columns_can_be_set() {
    let scene = (
        vec![
            PredictedBox::new([0.0, 0.0, 10.0, 6.0], 0.9, 0),
            PredictedBox::new([0.0, 0.0, 10.0, 10.0], 0.3, 0),
        ],
        vec![GroundTruthBox::new([0.0, 0.0, 10.0, 10.0], 0)],
    );
    for (iou, score, expected) in [
        (0.5, 0.05, [1, 1, 0]),
        (0.7, 0.05, [1, 1, 0]),
        (0.7, 0.5, [0, 1, 1]),
        (0.6, 0.5, [1, 0, 0]),
    ] {
        let collector = detection().iou_threshold(iou).score_threshold(score);
        let (metrics, _) = collect(vec![scene.clone()], collector);
        let metrics = metrics.unwrap();
        let found = ["tp", "fp", "fn"].map(|name| ints(&metrics, name)[0]);
        assert_eq!(found, expected, "IoU {iou}, score {score}");
    }
}

#[test]
fn boxes_in_fractions_have_no_averages_by_area() {
    let scene = (
        vec![PredictedBox::new([0.5, 0.5, 0.25, 0.25], 0.9, 0)],
        vec![GroundTruthBox::new([0.5, 0.5, 0.25, 0.25], 0)],
    );
    let (metrics, run) = collect(vec![scene], detection().relative(true));
    let schema = metrics.unwrap().schema().clone();
    let json = serde_json::to_string(schema.column("predicted_boxes").unwrap()).unwrap();
    assert!(json.contains(r#""unit":"fraction""#), "{json}");
    assert!((series(&run, "val_map")[0].1 - 1.0).abs() < 1e-12);
    let logged = run.aggregates().unwrap().into_iter();
    let by_area: Vec<_> = logged
        .map(|series| series.key)
        .filter(|key| {
            ["small", "medium", "large"]
                .iter()
                .any(|area| key.contains(area))
        })
        .collect();
    assert!(by_area.is_empty(), "{by_area:?}");
}

#[test]
fn without_any_ground_truth_no_average_is_logged() {
    let scene = (
        vec![PredictedBox::new([0.0, 0.0, 9.0, 9.0], 0.9, 0)],
        Vec::new(),
    );
    let (metrics, run) = collect(vec![scene], detection());
    assert_eq!(ints(&metrics.unwrap(), "fp"), [1]);
    let logged = run.aggregates().unwrap().into_iter();
    let mut keys: Vec<_> = logged.map(|series| series.key).collect();
    keys.sort();
    assert_eq!(keys, ["val_count", "val_fn", "val_fp", "val_tp"]);
    assert_eq!(column(&per_class(&run), "ap").null_count(), CLASSES.len());
}

#[test]
fn aggregates_can_be_left_out() {
    let golden = golden();
    let collector = detection().without_aggregates();
    let (metrics, run) = collect(scenes(&golden, |bounds| bounds), collector);
    assert_eq!(metrics.unwrap().len(), golden.images.len());
    let logged = run.aggregates().unwrap().into_iter();
    assert_eq!(
        logged.map(|series| series.key).collect::<Vec<_>>(),
        ["val_count"]
    );
    assert_eq!(run.metrics().unwrap().len(), 1);
}
