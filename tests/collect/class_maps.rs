//! What is predicted is told by the ids of classes, as the labels of the table are.

use crate::{BATCH, into_run, predictor};
use serde_json::Value;
use tlc_burn::collect_metrics;
use tlc_burn::prelude::*;
use tlc_core::arrow::array::AsArray;
use tlc_core::arrow::datatypes::{Float32Type, Int32Type};
use tlc_core::{ClassMap, Column, MetricsTable, Run, Table, TableOptions, ValueType};
use tlc_tests::given::{Given, Row, collect, collected, lists, of_stream, refused, rows};
use tlc_tests::{Image, Pixels, floats, ints, root, run_in};

/// Ids in another order than positions, with gaps, one of them negative.
const IDS: [i32; 6] = [90, 3, -7, 0, 1, 1000];
const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

/// So many classes.
fn classes(count: usize) -> ClassMap {
    let classes = IDS.into_iter().zip(NAMES).take(count);
    ClassMap::from_ids(classes).unwrap().with_void(255).unwrap()
}

/// The ids of positions.
fn ids(positions: &[i64]) -> Vec<i64> {
    let id = |position: &i64| i64::from(IDS[usize::try_from(*position).unwrap()]);
    positions.iter().map(id).collect()
}

fn ids_of_lists(lists: &[Vec<f32>]) -> Vec<Vec<f32>> {
    let id = |position: &f32| IDS[*position as usize] as f32;
    lists
        .iter()
        .map(|list| list.iter().map(id).collect())
        .collect()
}

fn golden(file: &str) -> Vec<Row> {
    let golden: Value = serde_json::from_str(file).unwrap();
    rows(&golden["logits"], &golden["targets"])
}

fn collected_in_run<K>(
    rows: &[Row],
    collectors: impl tlc_burn::IntoCollectors<'static, Given, Given, K>,
) -> (MetricsTable, Run) {
    let (metrics, run) = collect(rows, collectors, |options| options);
    (metrics.unwrap(), run)
}

fn classification() -> Vec<Row> {
    golden(include_str!("../golden/classification/classification.json"))
}

/// A table whose labels have ids with gaps, every seventh void.
fn table() -> Table {
    let label = Column::new("label", ValueType::labels(classes(4)));
    let options = TableOptions::new("tests", "images", "ids");
    let mut rows = tlc_tests::rows(3 * BATCH + 5);
    for (at, row) in rows.iter_mut().enumerate() {
        row.label = match at % 7 {
            6 => 255,
            _ => IDS[row.label as usize],
        };
    }
    let options = options.root(root()).column(label);
    Table::create(options, |writer| writer.add_rows(&rows)).unwrap()
}

#[test]
fn a_prediction_is_right_where_it_is_the_label_that_the_table_has() {
    let table = table();
    let classes = table.schema().class_map("label").unwrap().clone();
    let run = run_in(&root());
    let all = table.column("label").unwrap();
    let all = all.as_primitive::<Int32Type>().values().to_vec();
    let known: Vec<usize> = (0..all.len())
        .filter(|row| classes.contains(all[*row]))
        .collect();
    assert!(known.len() < all.len());
    let of_label = classes.clone();
    let samples = table.samples().try_map(move |row: Pixels| {
        let position = of_label.position(row.label).ok_or("void")?;
        let label = i32::try_from(position).map_err(|error| error.to_string())?;
        Ok::<Image, String>(Image {
            values: row
                .pixels
                .iter()
                .map(|pixel| f32::from(*pixel) / 255.0)
                .collect(),
            label,
        })
    });
    let collector = Classification::new(&classes).per_class(true);
    let options = into_run(&run).split("val").rows(known.clone());
    let metrics = collect_metrics(&samples, collector, &predictor(), options).unwrap();
    let value = &metrics.schema().column("predicted").unwrap().value;
    assert_eq!(value.classes(), Some(&classes));
    let mut right = 0;
    for batch in metrics.join(&["label"]).unwrap() {
        let batch = batch.unwrap();
        let label = batch["label"].as_primitive::<Int32Type>().values().clone();
        let predicted = batch["predicted"]
            .as_primitive::<Int32Type>()
            .values()
            .clone();
        let accuracy = batch["accuracy"].as_primitive::<Float32Type>().values();
        for ((label, predicted), accuracy) in label.iter().zip(predicted.iter()).zip(accuracy) {
            assert!(classes.contains(*predicted));
            assert_eq!(label == predicted, *accuracy == 1.0);
            right += usize::from(label == predicted);
        }
    }
    assert!((1..known.len()).contains(&right), "{right}");
    let confusion = of_stream(&run, "confusion_matrix");
    let counts = ints(&confusion, "count");
    let pairs = ints(&confusion, "label")
        .into_iter()
        .zip(ints(&confusion, "predicted"));
    let diagonal = pairs
        .zip(&counts)
        .filter(|((label, predicted), _)| label == predicted);
    assert_eq!(diagonal.map(|(_, count)| count).sum::<i64>(), right as i64);
    assert_eq!(counts.iter().sum::<i64>(), known.len() as i64);
    let per_class = of_stream(&run, "per_class_metrics");
    assert_eq!(ints(&per_class, "class"), ids(&[0, 1, 2, 3]));
}

#[test]
fn classification_says_the_same_of_classes_with_ids_as_of_names() {
    let rows = classification();
    let [(named, by_name), (with_ids, by_id)] =
        [Classification::new(NAMES), Classification::new(classes(6))].map(|collector| {
            collected_in_run(&rows, collector.per_class(true).probabilities(true))
        });
    assert_eq!(
        ints(&with_ids, "predicted"),
        ids(&ints(&named, "predicted"))
    );
    for name in ["loss", "accuracy", "confidence"] {
        assert_eq!(floats(&with_ids, name), floats(&named, name), "{name}");
    }
    let of = |run| of_stream(run, "confusion_matrix");
    for name in ["label", "predicted"] {
        assert_eq!(ints(&of(&by_id), name), ids(&ints(&of(&by_name), name)));
    }
    assert_eq!(ints(&of(&by_id), "count"), ints(&of(&by_name), "count"));
    let of = |run| of_stream(run, "per_class_metrics");
    assert_eq!(
        ints(&of(&by_id), "class"),
        ids(&ints(&of(&by_name), "class"))
    );
    assert_eq!(ints(&of(&by_id), "support"), ints(&of(&by_name), "support"));
}

#[test]
fn the_best_classes_and_several_labels_are_told_by_their_ids() {
    let rows = classification();
    let (named, with_ids) = (
        collected(&rows, TopK::new(NAMES, 3)),
        collected(&rows, TopK::new(classes(6), 3)),
    );
    let expected = ids_of_lists(&lists(&named, "top3_predicted"));
    assert_eq!(lists(&with_ids, "top3_predicted"), expected);
    let accuracy = |metrics| floats(metrics, "top3_accuracy");
    assert_eq!(accuracy(&with_ids), accuracy(&named));

    let rows = golden(include_str!("../golden/binary/binary.json"));
    let of =
        |collector: MultiLabel| collected_in_run(&rows, collector.threshold(0.4).per_class(true));
    let (named, with_ids) = (
        of(MultiLabel::new(NAMES.into_iter().take(4))),
        of(MultiLabel::new(classes(4))),
    );
    let expected = ids_of_lists(&lists(&named.0, "predicted"));
    assert_eq!(lists(&with_ids.0, "predicted"), expected);
    assert_eq!(floats(&with_ids.0, "hamming"), floats(&named.0, "hamming"));
    let classes = ints(&of_stream(&with_ids.1, "per_class_metrics"), "class");
    assert_eq!(classes, ids(&[0, 1, 2, 3]));
}

#[test]
fn tokens_are_told_by_the_ids_of_their_classes() {
    let rows = golden(include_str!("../golden/sequence/sequence.json"));
    let with_ids = collected(&rows, Sequence::new().padding(-100).classes(classes(5)));
    let named = collected(
        &rows,
        Sequence::new()
            .padding(-100)
            .classes(NAMES.into_iter().take(5)),
    );
    let expected = ids_of_lists(&lists(&named, "token_predicted"));
    assert_eq!(lists(&with_ids, "token_predicted"), expected);
    assert_eq!(ints(&with_ids, "tokens"), ints(&named, "tokens"));
}

#[test]
fn one_logit_tells_two_classes_apart_whatever_their_ids() {
    let rows: Vec<Row> = [(2.0, 1.0), (-1.0, 1.0), (-3.0, 0.0), (0.5, 0.0)]
        .map(|(logit, target)| Row {
            values: vec![logit],
            targets: vec![target],
        })
        .into();
    let pair = ClassMap::from_ids([(5, "ham"), (2, "spam")]).unwrap();
    let collector = BinaryClassification::new(pair).per_class(true);
    let (metrics, run) = collected_in_run(&rows, collector);
    assert_eq!(ints(&metrics, "predicted"), [2, 5, 5, 2]);
    assert_eq!(floats(&metrics, "accuracy"), [1.0, 0.0, 1.0, 0.0]);
    assert_eq!(ints(&of_stream(&run, "per_class_metrics"), "class"), [5, 2]);
    let three = refused(&rows, BinaryClassification::new(["a", "b", "c"]));
    assert!(three.contains("2 classes apart, not 3"), "{three}");
}
