//! Boxes that make no sense, and padding that is never looked at.

use super::*;

const FINE: [f32; 4] = [1.0, 1.0, 5.0, 5.0];

/// What is said of a scene that is the third of three.
fn refused(scene: Scene) -> String {
    let fine = || (vec![PredictedBox::new(FINE, 0.5, 0)], Vec::new());
    let (error, _) = collect(vec![fine(), fine(), scene], detection());
    let error = error.unwrap_err();
    assert!(
        matches!(&error, Error::Sample { example_id: 2, .. }),
        "{error}"
    );
    error.to_string()
}

#[test]
fn boxes_that_make_no_sense_name_collector_column_and_example() {
    let predicted = |bounds, score, label| {
        let found = PredictedBox::new(bounds, score, label);
        refused((vec![PredictedBox::new(FINE, 0.5, 0), found], Vec::new()))
    };
    let truth = |bounds, label| refused((Vec::new(), vec![GroundTruthBox::new(bounds, label)]));
    for (text, column, reason) in [
        (
            predicted([1.0, f32::NAN, 5.0, 5.0], 0.5, 0),
            "predicted boxes",
            "not finite",
        ),
        (
            predicted([1.0, 1.0, f32::INFINITY, 5.0], 0.5, 0),
            "predicted boxes",
            "not finite",
        ),
        (
            predicted([1.0, 1.0, -5.0, 5.0], 0.5, 0),
            "predicted boxes",
            "negative width",
        ),
        (predicted(FINE, f32::NAN, 0), "scores", "a score is NaN"),
        (
            predicted(FINE, 0.5, 5),
            "predicted labels",
            "label 5 is not in 0..5",
        ),
        (
            predicted(FINE, 0.5, -1),
            "predicted labels",
            "label -1 is not in 0..5",
        ),
        (
            truth([1.0, 1.0, 5.0, f32::NAN], 0),
            "true boxes",
            "not finite",
        ),
        (
            truth([1.0, 1.0, 5.0, -0.5], 0),
            "true boxes",
            "negative width or height",
        ),
        (truth(FINE, 9), "true labels", "label 9 is not in 0..5"),
    ] {
        let start = format!("collector `detection`, column `{column}`, example 2: ");
        assert!(text.starts_with(&start), "{start} does not start: {text}");
        assert!(text.contains(reason), "{reason} is not in: {text}");
    }
}

/// A detector that errs about its own output.
fn error_of(change: fn(DetectionInput) -> DetectionInput) -> Error {
    let scene = (
        vec![PredictedBox::new(FINE, 0.5, 0); 3],
        vec![GroundTruthBox::new(FINE, 0); 2],
    );
    let collector = detection()
        .preprocess(move |_: &DetectionInput, output: &DetectionInput| change(output.clone()));
    collect(vec![scene; BATCH], collector).0.unwrap_err()
}

#[test]
fn counts_beyond_the_padding_name_collector_column_and_example() {
    let predicted = error_of(|mut input| {
        input.predicted.counts = Tensor::from_data([3, 4, 3, 3, 3], &cpu());
        input
    });
    let expected = "collector `detection`, column `predicted counts`, example 1: \
                    4 boxes are not in 0..=3, the padding";
    assert_eq!(predicted.to_string(), expected);
    let truth = error_of(|mut input| {
        input.ground_truth.counts = Tensor::from_data([2, 2, 2, -1, 2], &cpu());
        input
    });
    let expected = "collector `detection`, column `true counts`, example 3: \
                    -1 boxes are not in 0..=2, the padding";
    assert_eq!(truth.to_string(), expected);
}

#[test]
fn tensors_that_do_not_fit_each_other_name_the_shapes() {
    let scores = error_of(|mut input| {
        input.predicted.scores = Tensor::zeros([BATCH, 2], &cpu());
        input
    });
    let boxes = error_of(|mut input| {
        input.predicted.boxes = Tensor::zeros([BATCH, 3, 5], &cpu());
        input
    });
    let crowds = error_of(|mut input| {
        input.ground_truth.crowds = Some(Tensor::<2>::zeros([BATCH, 7], &cpu()).equal_elem(1.0));
        input
    });
    let labels = error_of(|mut input| {
        input.ground_truth.labels = Tensor::zeros([BATCH - 1, 2], &cpu());
        input
    });
    for (error, column, expected, found) in [
        (
            scores,
            "scores",
            "[5, 3] for 3 boxes an image",
            [BATCH, 2].as_slice(),
        ),
        (boxes, "predicted boxes", "[5, 3, 4]", &[BATCH, 3, 5]),
        (crowds, "crowds", "[5, 2] for 2 boxes an image", &[BATCH, 7]),
    ] {
        let expected = format!(
            "collector `detection`, column `{column}`: expected shape {expected}, found {found:?}"
        );
        assert_eq!(error.to_string(), expected);
    }
    let expected = "collector `detection`, column `true labels`: 4 rows for a batch of 5 items";
    assert!(labels.to_string().starts_with(expected), "{labels}");
}

#[test]
fn what_stands_in_the_padding_is_never_looked_at() {
    let predicted = |filler: f32, label: i32| PredictedBoxes {
        boxes: Tensor::from_data(TensorData::new(padded(filler), [1, 2, 4]), &cpu()),
        scores: Tensor::from_data([[0.5, filler]], &cpu()),
        labels: Tensor::from_data([[0, label]], &cpu()),
        counts: Tensor::from_data([1], &cpu()),
    };
    let truth = |filler: f32, label: i32| GroundTruthBoxes {
        boxes: Tensor::from_data(TensorData::new(padded(filler), [1, 2, 4]), &cpu()),
        labels: Tensor::from_data([[0, label]], &cpu()),
        crowds: None,
        areas: None,
        counts: Tensor::from_data([1], &cpu()),
    };
    let collector = detection().preprocess(move |_: &DetectionInput, _: &DetectionInput| {
        DetectionInput::new(predicted(f32::NAN, -7), truth(f32::NAN, 99))
    });
    let root = root();
    let options = TableOptions::new("tests", "scenes", "train").root(&root);
    let table = Table::create(options, |writer| writer.add_rows(&[Row { scene: 0 }])).unwrap();
    let samples = table.samples::<Row>();
    let stack = Stack(Arc::new(vec![(Vec::new(), Vec::new())]));
    let predictor = Predictor::new(&Echo {}, stack).device(&cpu());
    let run = run_in(&root);
    let metrics = collect_metrics(&samples, collector, &predictor, into_run(&run)).unwrap();
    assert_eq!(
        ["tp", "fp", "fn"].map(|name| ints(&metrics, name)[0]),
        [1, 0, 0]
    );
    assert!((series(&run, "map")[0].1 - 1.0).abs() < 1e-12);
}

fn padded(filler: f32) -> Vec<f32> {
    [FINE, [filler; 4]].concat()
}
