//! YOLO in and out is equal in meaning, and is read by its documented rules.

use crate::{Given, png, python, rows};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::path::Path;
use tlc_formats::{Rows, ToYolo, Yolo, YoloTask, export, import};

const CLASSES: usize = 3;

/// Fractions of as many digits as annotation tools write, a little from the edges.
fn fraction() -> impl Strategy<Value = f64> {
    (1..=999_999_i64).prop_map(|millionths| millionths as f64 / 1e6)
}

/// A box inside of the image, and its class.
fn boxed() -> impl Strategy<Value = (usize, [f64; 4])> {
    (
        0..CLASSES,
        fraction(),
        fraction(),
        10_000..400_000_i64,
        10_000..400_000_i64,
    )
        .prop_map(|(class, x, y, width, height)| {
            let (width, height) = (width as f64 / 1e6, height as f64 / 1e6);
            let inside = |centre: f64, len: f64| {
                let hundredths = centre.clamp(len / 2.0, 1.0 - len / 2.0) * 1e6;
                hundredths.round() / 1e6
            };
            (class, [inside(x, width), inside(y, height), width, height])
        })
}

fn line(class: usize, numbers: &[f64]) -> String {
    let numbers: Vec<String> = numbers.iter().map(f64::to_string).collect();
    format!("{class} {}", numbers.join(" "))
}

/// A line of each task.
fn lines(task: YoloTask) -> BoxedStrategy<Vec<String>> {
    let points = |least, most| proptest::collection::vec(fraction(), least..=most);
    let one = match task {
        YoloTask::Segment => (0..CLASSES, points(3, 9), points(3, 9))
            .prop_map(|(class, xs, ys)| {
                let corners: Vec<f64> = xs.iter().zip(&ys).flat_map(|(x, y)| [*x, *y]).collect();
                line(class, &corners)
            })
            .boxed(),
        YoloTask::Oriented => (0..CLASSES, points(8, 8))
            .prop_map(|(class, corners)| line(class, &corners))
            .boxed(),
        YoloTask::Pose => (boxed(), points(4, 4), 0..=2_i32, 0..=2_i32)
            .prop_map(|((class, centre), points, first, second)| {
                let [x0, y0, x1, y1] = points[..] else {
                    panic!()
                };
                let points = [x0, y0, f64::from(first), x1, y1, f64::from(second)];
                line(class, &[&centre[..], &points].concat())
            })
            .boxed(),
        _ => boxed()
            .prop_map(|(class, centre)| line(class, &centre))
            .boxed(),
    };
    proptest::collection::vec(one, 1..6).boxed()
}

fn case() -> impl Strategy<Value = (YoloTask, Vec<Vec<String>>)> {
    let tasks = [
        YoloTask::Detect,
        YoloTask::Segment,
        YoloTask::Pose,
        YoloTask::Oriented,
    ];
    prop::sample::select(tasks.to_vec())
        .prop_flat_map(|task| (Just(task), proptest::collection::vec(lines(task), 1..4)))
}

/// A data set of these lines, an image after another in training and validation.
fn given(task: YoloTask, images: &[Vec<String>]) -> Given {
    let given = Given::new();
    let points = match task {
        YoloTask::Pose => {
            "kpt_shape: [2, 3]\nflip_idx: [1, 0]\nkpt_names: {0: [a, b], 1: [a, b], 2: [c, d]}\n"
        }
        _ => "",
    };
    let data =
        format!("train: images/train\nval: images/val\nnames: [a, 'b \"c\": #', ü]\n{points}");
    given.write("data.yaml", data);
    given.write("images/val/empty.png", png(64, 48));
    for (at, lines) in images.iter().enumerate() {
        let split = ["train", "val"][at % 2];
        given.write(
            &format!("images/{split}/{at}.png"),
            png(333, 1000 + at as u32),
        );
        given.write(&format!("labels/{split}/{at}.txt"), lines.join("\n"));
    }
    given
}

fn numbers(line: &str) -> Vec<f64> {
    line.split(' ')
        .map(|number| number.parse().unwrap())
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_data_set_that_is_imported_and_exported_says_the_same((task, images) in case()) {
        let given = given(task, &images);
        let yolo = Yolo::new(given.path("data.yaml")).task(task);
        let imported = import(&yolo, given.options("d").skip_bad_rows()).unwrap();
        let copy = given.path("copy");
        let written = export(&ToYolo::new(&copy), &Rows::of(&imported.table)).unwrap();
        prop_assert_eq!(written.rows as usize, imported.table.len());
        // Outlines of no height are no objects; all others have the lines that they had.
        let mut kept = 0;
        for (at, lines) in images.iter().enumerate() {
            let split = ["train", "val"][at % 2];
            let file = copy.join(format!("labels/{split}/{at}.txt"));
            let text = std::fs::read_to_string(file).unwrap();
            let mut before = lines.iter();
            for after in text.lines() {
                let near = |before: &&String| {
                    let (before, after) = (numbers(before), numbers(after));
                    let mut pairs = before.iter().zip(&after);
                    before.len() == after.len() && pairs.all(|(one, other)| (one - other).abs() < 1e-6)
                };
                prop_assert!(before.any(|line| near(&line)), "{}: {:?}", after, lines);
                kept += 1;
            }
        }
        let all: usize = images.iter().map(Vec::len).sum();
        prop_assert_eq!(kept + imported.skipped.len() as usize, all);

        let again = Yolo::new(copy.join("data.yaml")).task(task);
        let again = import(&again, given.options("again")).unwrap().table;
        let told = |table| rows(table).into_iter().map(|mut row| {
            row.as_object_mut().unwrap().remove("file");
            row
        }).collect::<Vec<Value>>();
        prop_assert_eq!(told(&imported.table), told(&again));
        prop_assert_eq!(imported.table.schema(), again.schema());
    }
}

#[test]
fn the_documented_rules_find_in_our_files_what_is_in_the_table() {
    for (task, line) in [
        (YoloTask::Detect, "1 0.5 0.5 0.25 0.5"),
        (YoloTask::Segment, "2 0.1 0.1 0.9 0.1 0.5 0.7"),
        (YoloTask::Pose, "0 0.5 0.5 0.25 0.5 0.4 0.5 2 0 0 0"),
        (YoloTask::Oriented, "1 0.5 0.1 0.9 0.5 0.5 0.9 0.1 0.5"),
    ] {
        let given = given(task, &[vec![line.to_owned()], vec![]]);
        let yolo = Yolo::new(given.path("data.yaml")).task(task);
        let table = import(&yolo, given.options("d")).unwrap().table;
        let copy = given.path("copy");
        export(&ToYolo::new(&copy), &Rows::of(&table)).unwrap();
        let Some(seen) = seen(&copy.join("data.yaml")) else {
            return;
        };
        assert_eq!(seen["names"], json!(["a", "b \"c\": #", "ü"]));
        let images = seen["images"].as_array().unwrap();
        assert_eq!(images.len(), 3);
        assert_eq!(images[0]["objects"], json!([numbers(line)]));
        assert_eq!(images[1]["objects"], json!([]));
        assert_eq!(images[0]["split"], json!("train"));
    }
}

/// What a reader sees that was written from the format's documentation.
fn seen(data: &Path) -> Option<Value> {
    python(&["yaml"], include_str!("read_yolo.py"), &[data])
}

#[test]
fn boxes_of_coco_become_yolo_and_what_that_cannot_say_is_refused() {
    let given = Given::new();
    let table = given.coco(crate::coco::EVERYTHING).unwrap().table;
    let write = |format: ToYolo| export(&format.without_images(), &Rows::of(&table));
    let keypoints = write(ToYolo::new(given.path("pose"))).unwrap();
    assert_eq!(keypoints.files.len(), 3);
    let refused = write(ToYolo::new(given.path("masks")).task(YoloTask::Segment)).unwrap_err();
    assert!(
        refused.to_string().contains("row 1") && refused.to_string().contains("run lengths"),
        "{refused}"
    );
    assert!(!given.path("masks").exists());
    write(
        ToYolo::new(given.path("boxes"))
            .task(YoloTask::Detect)
            .skip_crowds(),
    )
    .unwrap();
    let labels = std::fs::read_to_string(given.path("boxes/labels/train/vier ü.txt")).unwrap();
    assert_eq!(labels, "1 0.4 0.5 0.4 0.5\n");
    // Parts of an object are one outline, with a line between them.
    let only = Rows::of(&table).only(vec![1]);
    let segments = ToYolo::new(given.path("parts"))
        .task(YoloTask::Segment)
        .without_images();
    export(&segments, &only).unwrap();
    let labels = std::fs::read_to_string(given.path("parts/labels/train/nine.txt")).unwrap();
    let first = numbers(labels.lines().next().unwrap());
    assert_eq!((first.len(), first[0]), (1 + 2 * (3 + 4 + 2), 0.0));
    let taken = export(&ToYolo::new(given.path("parts")).without_images(), &only).unwrap_err();
    assert!(matches!(
        taken,
        tlc_formats::Error::Core(tlc_core::Error::AlreadyExists { .. })
    ));
}
