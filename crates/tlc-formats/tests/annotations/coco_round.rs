//! COCO in and out is equal in meaning.

use crate::{Given, rows};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tlc_formats::{Coco, Rows, ToCoco, export, import};

const WIDTH: i64 = 640;
const HEIGHT: i64 = 480;

/// Centimal fractions, as annotation tools write them.
fn number(most: i64) -> impl Strategy<Value = f64> {
    (1..most * 100).prop_map(|hundredths| hundredths as f64 / 100.0)
}

fn polygons() -> impl Strategy<Value = Value> {
    let point = (number(WIDTH), number(HEIGHT)).prop_map(|(x, y)| [x, y]);
    let polygon = proptest::collection::vec(point, 3..6).prop_map(|points| points.concat());
    proptest::collection::vec(polygon, 1..3).prop_map(|polygons| json!(polygons))
}

fn runs() -> impl Strategy<Value = Value> {
    proptest::collection::vec(0..40_000_i64, 0..8).prop_map(|mut counts| {
        let rest = WIDTH * HEIGHT - counts.iter().sum::<i64>();
        counts.push(rest);
        json!({"size": [HEIGHT, WIDTH], "counts": counts})
    })
}

prop_compose! {
    fn annotation()(
        (x, y) in (number(WIDTH - 1), number(HEIGHT - 1)),
        (width, height) in (number(200), number(200)),
        category in prop::sample::select(vec![1, 3, 90]),
        image in 0..4_i64,
        is_crowd in 0..2,
        area in number(5000),
        mask in prop::option::of(prop_oneof![polygons(), runs()]),
        points in proptest::collection::vec((number(WIDTH), number(HEIGHT), 0..3), 2),
    ) -> Value {
        let mut annotation = json!({
            "image_id": image, "category_id": category, "iscrowd": is_crowd, "area": area,
            "bbox": [x, y, width, height],
        });
        if let Some(mask) = mask {
            annotation["segmentation"] = mask;
        }
        if category == 1 {
            let points = points.iter().flat_map(|(x, y, v)| [*x, *y, f64::from(*v)]);
            annotation["keypoints"] = json!(points.collect::<Vec<_>>());
        }
        annotation
    }
}

/// What a file says, by ids, and run lengths as text.
fn meaning(file: &Value) -> BTreeMap<i64, Value> {
    let annotations = file["annotations"].as_array().unwrap().iter();
    let annotations = annotations.map(|one| {
        let mut one = one.clone();
        let fields = one.as_object_mut().unwrap();
        fields.remove("num_keypoints");
        fields.retain(|_, value| *value != json!([]));
        fields.entry("iscrowd").or_insert(json!(0));
        (one["id"].as_i64().unwrap(), floats(&one))
    });
    annotations.collect()
}

/// All numbers as floats, so that 1 and 1.0 are the same.
pub(crate) fn floats(value: &Value) -> Value {
    match value {
        Value::Number(number) => json!(number.as_f64()),
        Value::Array(items) => items.iter().map(floats).collect(),
        Value::Object(fields) => Value::Object(
            fields
                .iter()
                .map(|(name, value)| (name.clone(), floats(value)))
                .collect(),
        ),
        other => other.clone(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_file_that_is_imported_and_exported_says_the_same(
        annotations in proptest::collection::vec(annotation(), 1..12),
        seed in 0..1000_i64,
    ) {
        let given = Given::new();
        let annotations: Vec<Value> = (0..).zip(annotations).map(|(place, mut annotation)| {
            annotation["id"] = json!(seed * 7 - 500 + place * 13);
            annotation
        }).collect();
        let images: Vec<Value> = [3, 0, 2, 1].map(|id| {
            json!({"id": id, "file_name": format!("{id}.jpg"), "width": WIDTH, "height": HEIGHT})
        }).to_vec();
        let file = json!({"annotations": annotations, "images": images, "categories": [
            {"id": 1, "name": "person", "keypoints": ["a", "b"], "skeleton": [[1, 2]]},
            {"id": 90, "name": "x"}, {"id": 3, "name": "y"},
        ]});
        let table = given.coco(&file.to_string()).unwrap().table;
        let copy = given.path("copy.json");
        export(&ToCoco::new(&copy), &Rows::of(&table)).unwrap();
        let written: Value = serde_json::from_slice(&std::fs::read(&copy).unwrap()).unwrap();

        let (before, mut after) = (meaning(&file), meaning(&written));
        for (id, before) in &before {
            let after = after.get_mut(id).unwrap();
            // Run lengths become text, which pycocotools reads in another test.
            if before["segmentation"]["counts"].is_array() {
                after["segmentation"] = before["segmentation"].clone();
            }
            prop_assert_eq!(before, &*after);
        }
        prop_assert_eq!(before.len(), after.len());
        let by_id = |file: &Value| {
            let images = file["images"].as_array().unwrap().iter();
            images.map(|image| (image["id"].as_i64(), image.clone())).collect::<BTreeMap<_, _>>()
        };
        prop_assert_eq!(by_id(&file), by_id(&written));
        prop_assert_eq!(&file["categories"], &written["categories"]);

        // And what is imported again is the same table.
        let again = import(&Coco::new(&copy).without_images(), given.options("again")).unwrap();
        prop_assert_eq!(rows(&table), rows(&again.table));
    }
}

#[test]
fn images_without_categories_are_written_and_read_again() {
    let given = Given::new();
    let json = r#"{"images": [{"id": 3, "file_name": "a.png", "width": 9, "height": 8}]}"#;
    let table = given.coco(json).unwrap().table;
    let copy = given.path("copy.json");
    export(&ToCoco::new(&copy), &Rows::of(&table)).unwrap();
    let again = import(&Coco::new(&copy).without_images(), given.options("again")).unwrap();
    assert_eq!(rows(&table), rows(&again.table));
    let yolo = given.path("yolo");
    export(
        &tlc_formats::ToYolo::new(&yolo).without_images(),
        &Rows::of(&table),
    )
    .unwrap();
    assert_eq!(
        std::fs::read_to_string(yolo.join("labels/train/a.txt")).unwrap(),
        ""
    );
}
