//! Collectors of one's own: closures, functionals and implementations of the trait.

use crate::{BATCH, echo, into_run, predictor};
use burn::tensor::Tensor;
use tlc_burn::prelude::*;
use tlc_burn::{Activations, Collectors, Error, Host, HostBatch, Readback, collect_metrics};
use tlc_core::arrow::array::{Array, AsArray};
use tlc_core::{Column, Columns, Role, ValueType};
use tlc_tests::{CLASSES, Images, column, floats, ints, samples};

const ROWS: usize = BATCH + 3;

fn largest(output: &ClassificationInput) -> Tensor<1> {
    output.logits.clone().max_dim(1).squeeze_dim::<1>(1)
}

#[test]
fn a_bare_closure_is_a_collector() {
    let (samples, run) = samples(ROWS);
    let largest = |output: &ClassificationInput| ("largest", largest(output));
    let metrics = collect_metrics(&samples, largest, &echo(), into_run(&run)).unwrap();
    let expected: Vec<f32> = (0..ROWS)
        .map(|row| {
            samples.collected(row).unwrap().item.values[..4]
                .iter()
                .copied()
                .fold(0.0, f32::max)
        })
        .collect();
    assert_eq!(floats(&metrics, "largest"), expected);
    assert_eq!(
        metrics.schema().column("largest").unwrap().role,
        Some(Role::Metric)
    );
}

#[test]
fn a_closure_may_see_the_batch_and_give_columns_of_several_types() {
    let (samples, run) = samples(ROWS);
    let collector = |batch: &Images, output: &ClassificationInput| {
        let brightness = batch
            .inputs
            .clone()
            .flatten::<2>(1, 3)
            .mean_dim(1)
            .squeeze_dim::<1>(1);
        let bright = brightness.clone().greater_scalar(0.5);
        let target = batch.targets.clone();
        (
            ("brightness", brightness),
            [("target", target)],
            (("bright", bright), ("largest", largest(output))),
        )
    };
    let metrics = collect_metrics(&samples, collector, &echo(), into_run(&run)).unwrap();
    let names: Vec<_> = metrics.schema().names().collect();
    assert_eq!(
        names,
        ["example_id", "brightness", "target", "bright", "largest"]
    );
    let value = |name: &str| metrics.schema().column(name).unwrap().value.clone();
    assert_eq!(
        (value("target"), value("bright")),
        (ValueType::Int64, ValueType::Bool)
    );
    let labels: Vec<i64> = (0..ROWS)
        .map(|row| samples.collected(row).unwrap().item.label.into())
        .collect();
    assert_eq!(ints(&metrics, "target"), labels);
}

#[test]
fn collectors_may_borrow_and_be_listed_at_run_time() {
    let (samples, run) = samples(ROWS);
    let factor = vec![2.0_f32];
    let mut collectors = Collectors::new();
    for name in ["once", "again"] {
        let factor = &factor;
        collectors
            .add(move |output: &ClassificationInput| (name, largest(output).mul_scalar(factor[0])));
    }
    let metrics = collect_metrics(&samples, collectors, &echo(), into_run(&run)).unwrap();
    assert_eq!(floats(&metrics, "once"), floats(&metrics, "again"));
}

#[test]
fn a_functional_describes_its_columns() {
    let (samples, run) = samples(ROWS);
    let column = Column::new("largest", ValueType::Float32)
        .unit("logits")
        .visible(false);
    let collector = Functional::new("mine", |output: &ClassificationInput| {
        ("largest", largest(output))
    })
    .column(column.clone());
    let metrics = collect_metrics(&samples, collector, &echo(), into_run(&run)).unwrap();
    assert_eq!(metrics.schema().column("largest"), Some(&column));
}

#[test]
fn a_loss_of_ones_own_stands_beside_other_collectors() {
    let (samples, run) = samples(ROWS);
    let loss = Loss::with(|output: &ClassificationInput| largest(output).neg());
    let collectors = (loss, Embeddings::of(["logits"]));
    let metrics = collect_metrics(&samples, collectors, &echo(), into_run(&run)).unwrap();
    assert!(floats(&metrics, "loss").iter().all(|loss| *loss <= 0.0));
}

#[test]
fn an_error_of_a_closure_is_returned_under_the_collectors_name() {
    let (samples, run) = samples(ROWS);
    let collector = Functional::new("mine", |_: &ClassificationInput| {
        Err::<(&str, Tensor<1>), _>("not today")
    });
    let error = collect_metrics(&samples, collector, &echo(), into_run(&run)).unwrap_err();
    assert_eq!(error.to_string(), "collector `mine`: not today");
}

#[test]
fn a_column_of_another_length_than_the_batch_names_collector_and_shapes() {
    let (samples, run) = samples(ROWS);
    let collector = Functional::new("mine", |output: &ClassificationInput| {
        ("mean", output.logits.clone().mean())
    });
    let error = collect_metrics(&samples, collector, &echo(), into_run(&run)).unwrap_err();
    let expected = "collector `mine`, column `mean`: expected shape [8], found [1]";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn two_collectors_of_one_column_are_named() {
    let (samples, run) = samples(ROWS);
    let collectors = (Classification::new(CLASSES), Loss::cross_entropy());
    let error = collect_metrics(&samples, collectors, &predictor(), into_run(&run)).unwrap_err();
    let expected = "column `loss` is made by collector `classification` and again by `loss`";
    assert_eq!(error.to_string(), expected);
}

/// Gives a column that is made on the host, of as many values as it is told.
struct OnHost {
    too_few: usize,
}

impl MetricsCollector for OnHost {
    type Input = ClassificationInput;

    fn name(&self) -> &str {
        "on host"
    }

    fn compute(
        &self,
        input: ClassificationInput,
        _: &Activations,
        readback: &mut Readback,
    ) -> tlc_burn::Result<()> {
        readback.register("logits", input.logits)
    }

    fn collect(&self, batch: &HostBatch) -> tlc_burn::Result<Columns> {
        let logits = batch.floats("logits")?;
        let ranges: Vec<String> = logits
            .chunks(4)
            .skip(self.too_few)
            .zip(batch.example_ids())
            .map(|(logits, id)| format!("{id}: {:.2}", logits.iter().copied().fold(0.0, f32::max)))
            .collect();
        Ok(Columns::new().column("text", ranges))
    }
}

#[test]
fn the_host_phase_of_a_collector_may_make_any_column() {
    let (samples, run) = samples(ROWS);
    let metrics =
        collect_metrics(&samples, OnHost { too_few: 0 }, &echo(), into_run(&run)).unwrap();
    let text = tlc_tests::column(&metrics, "text");
    let last = tlc_core::arrow::util::display::array_value_to_string(&text, ROWS - 1).unwrap();
    assert!(last.starts_with("10: "), "{last}");
    let error = collect_metrics(&samples, OnHost { too_few: 2 }, &echo(), into_run(&run));
    assert!(matches!(
        error,
        Err(Error::RowCount {
            rows: BATCH,
            found: 6,
            ..
        })
    ));
}

#[test]
fn a_closure_may_give_values_that_are_on_the_host() {
    let (samples, run) = samples(2 * BATCH + 3);
    let words = |output: &ClassificationInput| {
        let rows = output.logits.dims()[0];
        let names = (0..rows).map(|row| format!("row {row} of its batch"));
        ("word", Host(names.collect::<Vec<String>>()))
    };
    for pad in [false, true] {
        let predictor = predictor().pad_last(pad);
        let collectors = (words, Loss::cross_entropy());
        let metrics = collect_metrics(&samples, collectors, &predictor, into_run(&run)).unwrap();
        let words = column(&metrics, "word");
        let words = words.as_string::<i32>();
        assert_eq!(words.len(), 2 * BATCH + 3);
        assert_eq!(words.value(2 * BATCH + 2), "row 2 of its batch");
    }
    let few = |_: &ClassificationInput| ("few", Host(vec![1.0_f32]));
    let error = collect_metrics(&samples, few, &predictor(), into_run(&run)).unwrap_err();
    assert!(
        matches!(
            error,
            Error::BatchRows {
                items: 8,
                found: 1,
                ..
            }
        ),
        "{error}"
    );
}
