//! COCO in: what stands in the file stands in the table.

use crate::{Given, fields, png, rows};
use serde_json::{Value, json};
use tlc_core::arrow::array::AsArray;
use tlc_core::{ClassMap, Skeleton};
use tlc_formats::{At, Coco, Error, import};

/// Two images, the later id first, and annotations of all kinds before them.
pub(crate) const EVERYTHING: &str = r#"{
  "annotations": [
    {"id": 11, "image_id": 9, "category_id": 90, "bbox": [1.5, 2, 3.25, 4], "area": 13.0,
     "iscrowd": 0, "segmentation": [[1.5, 2, 4.75, 2, 4.75, 6], [0, 0, 1, 0, 1.1, 1, 0, 1]]},
    {"id": 12, "image_id": 4, "category_id": 1, "bbox": [0, 0, 5, 4], "area": 9.5, "iscrowd": 1,
     "segmentation": {"size": [4, 5], "counts": [4, 3, 13]}},
    {"id": 900100, "image_id": 9, "category_id": 1, "bbox": [0.1, 0.2, 2.3, 4.7], "area": 702.1057499999998,
     "iscrowd": 0, "keypoints": [0, 0, 0, 1.25, 2, 1, 3, 4.5, 2], "num_keypoints": 2},
    {"id": 14, "image_id": 4, "category_id": 1, "bbox": [1, 1, 2, 2],
     "segmentation": {"size": [4, 5], "counts": "53<"}}
  ],
  "info": {"description": "a \"quoted\" } ] text", "nested": [[{"a": [1, 2]}]]},
  "images": [
    {"id": 9, "file_name": "b/nine.png", "width": 10, "height": 8, "license": 1},
    {"id": 4, "file_name": "vier ü.png", "width": 5, "height": 4}
  ],
  "categories": [
    {"id": 90, "name": "toothbrush", "supercategory": "indoor"},
    {"id": 1, "name": "person", "keypoints": ["nose", "left", "right"], "skeleton": [[1, 2], [3, 1]]}
  ]
}"#;

#[test]
fn boxes_outlines_masks_and_keypoints_of_all_kinds_become_rows_by_image_id() {
    let given = Given::new();
    let table = given.coco(EVERYTHING).unwrap().table;
    let rows = rows(&table);
    let null = Value::Null;
    assert_eq!(rows.len(), 2);
    assert_eq!(
        (&rows[0]["image_id"], &rows[1]["image_id"]),
        (&json!(4), &json!(9))
    );
    assert_eq!(rows[0]["file"], json!("vier ü.png"));
    assert_eq!(
        (&rows[1]["width"], &rows[1]["height"]),
        (&json!(10), &json!(8))
    );
    let crowd = &rows[0]["boxes"][0];
    assert_eq!(crowd["rle"], json!({"size": [4, 5], "counts": "43="}));
    assert_eq!(
        (&crowd["is_crowd"], &crowd["polygons"]),
        (&json!(true), &null)
    );
    let plain = &rows[0]["boxes"][1];
    assert_eq!(plain["rle"], json!({"size": [4, 5], "counts": "53<"}));
    assert_eq!((&plain["is_crowd"], &plain["area"]), (&json!(false), &null));
    let outlined = &rows[1]["boxes"][0];
    let corners = ["x0", "y0", "x1", "y1"].map(|corner| outlined[corner].as_f64().unwrap());
    assert_eq!(corners, [1.5, 2.0, 4.75, 6.0]);
    assert_eq!(
        (&outlined["id"], &outlined["label"]),
        (&json!(11), &json!(90))
    );
    let parts = json!([
        [1.5, 2.0, 4.75, 2.0, 4.75, 6.0],
        [0.0, 0.0, 1.0, 0.0, 1.1, 1.0, 0.0, 1.0]
    ]);
    assert_eq!(outlined["polygons"], parts);
    let posed = &rows[1]["boxes"][1];
    assert_eq!(posed["area"], json!(702.1057499999998));
    let points = json!([
        {"x": 0.0, "y": 0.0, "visibility": 0},
        {"x": 1.25, "y": 2.0, "visibility": 1},
        {"x": 3.0, "y": 4.5, "visibility": 2}
    ]);
    assert_eq!((&posed["keypoints"], &posed["rle"]), (&points, &null));
}

#[test]
fn categories_with_gaps_are_classes_by_their_ids_and_keypoints_have_their_skeleton() {
    let given = Given::new();
    let table = given.coco(EVERYTHING).unwrap().table;
    let fields = fields(&table);
    let field = |name: &str| fields.iter().find(|field| field.name == name).unwrap();
    let classes = ClassMap::from_ids([(90, "toothbrush"), (1, "person")]).unwrap();
    assert_eq!(field("label").value.classes(), Some(&classes));
    let person = Skeleton::new(["nose", "left", "right"]).of_class(1);
    assert_eq!(
        field("keypoints").skeletons,
        [person.with_edges([[0, 1], [2, 0]])]
    );
    assert_eq!(field("x0").unit.as_deref(), Some("px"));
}

#[test]
fn boxes_have_no_fields_that_no_annotation_has() {
    let given = Given::new();
    let json = r#"{"images": [{"id": 1, "file_name": "a", "width": 9, "height": 9}],
        "annotations": [{"image_id": 1, "category_id": 0, "bbox": [1, 1, 2, 2], "segmentation": []}],
        "categories": [{"id": 0, "name": "a"}]}"#;
    let table = given.coco(json).unwrap().table;
    let fields = fields(&table);
    let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(names, ["x0", "y0", "x1", "y1", "label"]);
}

#[test]
fn images_are_embedded_or_named_from_the_folder_of_images() {
    let given = Given::new();
    let file = given.write("annotations/instances.json", EVERYTHING);
    given.write("val/b/nine.png", png(10, 8));
    given.write("val/vier ü.png", png(5, 4));
    let coco = Coco::new(&file).images(given.path("val"));
    let table = import(&coco, given.options("embedded")).unwrap().table;
    let images = table.column("image").unwrap();
    assert_eq!(images.as_binary::<i32>().value(0), png(5, 4));
    let table = import(&coco.clone().by_url(), given.options("named"))
        .unwrap()
        .table;
    let images = table.column("image").unwrap();
    assert!(
        images
            .as_string::<i32>()
            .value(1)
            .ends_with("/data/val/b/nine.png")
    );
    // Beside the file, where nothing else is said.
    given.write("annotations/b/nine.png", png(10, 8));
    given.write("annotations/vier ü.png", png(5, 4));
    assert_eq!(
        import(&Coco::new(&file), given.options("beside"))
            .unwrap()
            .table
            .len(),
        2
    );
}

#[test]
fn a_gzipped_file_is_read_like_any_other() {
    use std::io::Write;
    let given = Given::new();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(EVERYTHING.as_bytes()).unwrap();
    let file = given.write("coco.json.gz", packed.finish().unwrap());
    let table = import(&Coco::new(file).without_images(), given.options("gz"))
        .unwrap()
        .table;
    assert_eq!(rows(&table), rows(&given.coco(EVERYTHING).unwrap().table));
}

#[test]
fn a_file_without_annotations_has_images_without_boxes() {
    let given = Given::new();
    let json = r#"{"images": [{"id": 3, "file_name": "a.png", "width": 9, "height": 8}]}"#;
    let rows = rows(&given.coco(json).unwrap().table);
    assert_eq!((rows.len(), &rows[0]["boxes"]), (1, &json!([])));
    let none = given.write(
        "none.json",
        r#"{"images": [], "annotations": [], "categories": []}"#,
    );
    let table = import(&Coco::new(none).without_images(), given.options("none"))
        .unwrap()
        .table;
    assert_eq!((table.len(), table.schema().columns().len()), (0, 5));
}

/// A file of one image of 10 x 8 pixels, and these annotations.
fn with(annotations: &str) -> String {
    format!(
        r#"{{"images": [{{"id": 1, "file_name": "a.png", "width": 10, "height": 8}},
                       {{"id": 2, "file_name": "b.png", "width": 10, "height": 8}}],
            "annotations": [{annotations}, {{"id": 5, "image_id": 2, "category_id": 7, "bbox": [1, 1, 2, 2]}}],
            "categories": [{{"id": 7, "name": "a", "keypoints": ["x", "y"], "skeleton": []}}]}}"#
    )
}

/// Annotations that are none, and what is said of them.
const BAD: &[(&str, &str)] = &[
    (
        r#"{"id": 3, "image_id": 4, "category_id": 7, "bbox": [1, 1, 2, 2]}"#,
        "there is no image 4",
    ),
    (
        r#"{"id": 3, "image_id": 1, "category_id": 8, "bbox": [1, 1, 2, 2]}"#,
        "there is no category 8",
    ),
    (
        r#"{"id": 3, "image_id": 1, "category_id": 7, "bbox": [1, 1, 0, 2]}"#,
        "a box of no size",
    ),
    (
        r#"{"id": 3, "image_id": 1, "category_id": 7, "bbox": [1, 1, -2, 2]}"#,
        "a box of no size",
    ),
    (
        r#"{"id": 3, "image_id": 1, "category_id": 7, "bbox": [10, 1, 2, 2]}"#,
        "outside of its image of 10 x 8",
    ),
    (
        r#"{"id": 3, "image_id": 1, "category_id": 7, "bbox": [1, -3, 2, 2]}"#,
        "outside of its image of 10 x 8",
    ),
    (
        r#"{"id": 3, "image_id": 1, "category_id": 7, "bbox": [1, 1, 1e300, 2]}"#,
        "no number of 32 bits",
    ),
    (
        r#"{"id": 3, "image_id": 1, "category_id": 7}"#,
        "has no `bbox`",
    ),
    (
        r#"{"id": 3, "image_id": 1, "bbox": [1, 1, 2, 2]}"#,
        "has no `category_id`",
    ),
    (
        r#"{"id": 3, "image_id": 1, "category_id": 7, "bbox": [1, 1, 2, 2], "area": -1}"#,
        "-1 is no area",
    ),
    (
        r#"{"id": 3, "image_id": 1, "category_id": 7, "bbox": [1, 1, 2, 2], "keypoints": [1, 2, 2]}"#,
        "3 numbers of keypoints, not 6",
    ),
    (
        r#"{"id": 3, "image_id": 1, "category_id": 7, "bbox": [1, 1, 2, 2], "keypoints": [1, 2, 2, 1, 2, 3]}"#,
        "visibility",
    ),
    (
        r#"{"id": 3, "image_id": 1, "category_id": 7, "bbox": [1, 1, 2, 2], "segmentation": [[1, 2, 3, 4]]}"#,
        "a polygon of 4 numbers",
    ),
    (
        r#"{"id": 3, "image_id": 1, "category_id": 7, "bbox": [1, 1, 2, 2], "segmentation": [[1, 2, 3, 4, 5, 6, 7]]}"#,
        "a polygon of 7 numbers",
    ),
    (
        r#"{"id": 3, "image_id": 1, "category_id": 7, "bbox": [1, 1, 2, 2], "segmentation": {"size": [10, 8], "counts": [80]}}"#,
        "a mask of 8 x 10 pixels on an image of 10 x 8",
    ),
    (
        r#"{"id": 3, "image_id": 1, "category_id": 7, "bbox": [1, 1, 2, 2], "segmentation": {"size": [8, 10], "counts": [79]}}"#,
        "have 79 pixels in all, not 80",
    ),
    (
        r#"{"id": 3, "image_id": 1, "category_id": 7, "bbox": [1, 1, 2, 2], "segmentation": {"size": [8, 10], "counts": "Oé"}}"#,
        "no text of run lengths",
    ),
    (
        r#"{"id": 5, "image_id": 1, "category_id": 7, "bbox": [1, 1, 2, 2]}, {"id": 3, "image_id": 9}"#,
        "there is no image 9",
    ),
];

#[test]
fn a_bad_annotation_is_told_by_its_id_and_left_out_alone_where_bad_rows_are() {
    for (annotation, told) in BAD {
        let given = Given::new();
        let json = with(annotation);
        let Err(Error::Row(bad)) = given.coco(&json) else {
            panic!("accepted: {annotation}");
        };
        assert!(
            bad.to_string().contains(told) || annotation.contains("9}"),
            "{bad}: {annotation}"
        );
        let skipped = given.coco_skipping(&json).unwrap();
        assert_eq!(skipped.table.len(), 2, "{annotation}");
        let told_of = skipped
            .skipped
            .first()
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>();
        assert!(told_of.iter().any(|bad| bad.contains(told)), "{told_of:?}");
        assert!(
            told_of
                .iter()
                .any(|bad| bad.contains("annotation 3") || bad.contains("annotations[0]")),
            "{told_of:?}"
        );
    }
}

#[test]
fn of_annotations_with_one_id_the_first_in_the_file_stays() {
    let given = Given::new();
    let twice = r#"{"id": 5, "image_id": 2, "category_id": 7, "bbox": [3, 3, 2, 2]},
                   {"id": 5, "image_id": 1, "category_id": 7, "bbox": [4, 4, 2, 2]}"#;
    let skipped = given.coco_skipping(&with(twice)).unwrap();
    assert_eq!(skipped.skipped.len(), 2);
    assert!(
        skipped.skipped.first()[0]
            .to_string()
            .contains("annotation 5: an annotation before has this id")
    );
    let rows = rows(&skipped.table);
    assert_eq!(
        (&rows[0]["boxes"], &rows[1]["boxes"][0]["x0"]),
        (&json!([]), &json!(3.0))
    );
}

#[test]
fn an_image_that_is_none_is_left_out_with_all_that_is_in_it() {
    let given = Given::new();
    let file = given.write(
        "coco.json",
        with(r#"{"image_id": 1, "category_id": 7, "bbox": [1, 1, 2, 2]}"#),
    );
    given.write("b.png", png(10, 8));
    for (bytes, told) in [
        (None, "a.png"),
        (
            Some(png(8, 10)),
            "the image has 8 x 10 pixels, its annotation says 10 x 8",
        ),
        (Some(b"no image".to_vec()), "no image that is known"),
        (
            Some(png(10, 8)[..40].to_vec()),
            "the end of the file is missing",
        ),
    ] {
        if let Some(bytes) = bytes {
            given.write("a.png", bytes);
        }
        let refused = import(&Coco::new(&file), given.options("d"))
            .unwrap_err()
            .to_string();
        assert!(
            refused.contains("image 1") && refused.contains(told),
            "{refused}"
        );
        let options = given
            .options("d")
            .skip_bad_rows()
            .if_exists(tlc_core::IfExists::Overwrite);
        assert_eq!(import(&Coco::new(&file), options).unwrap().table.len(), 1);
    }
}

#[test]
fn images_with_one_id_are_one_image_and_the_others_are_told() {
    let given = Given::new();
    let json = r#"{"images": [{"id": 1, "file_name": "a", "width": 9, "height": 9},
                              {"id": 1, "file_name": "b", "width": 9, "height": 9},
                              {"id": 2, "width": 9, "height": 9},
                              {"id": 3, "file_name": "c", "width": 9},
                              {"id": 4, "file_name": "d", "width": 9, "height": -9}]}"#;
    let skipped = given.coco_skipping(json).unwrap();
    let files = rows(&skipped.table);
    assert_eq!((files.len(), &files[0]["file"]), (1, &json!("a")));
    let told: Vec<_> = skipped
        .skipped
        .first()
        .iter()
        .map(|bad| (&bad.place.at, &bad.reason))
        .collect();
    assert_eq!(told.len(), 4);
    assert_eq!(told[0].0, &At::Named("images[2]".to_owned()));
    assert!(told[0].1.contains("missing field `file_name`"), "{told:?}");
    assert!(
        told[1].1.contains("an image before has this id"),
        "{told:?}"
    );
}
