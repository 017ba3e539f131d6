//! Boxes and masks by `tlc import`.

use crate::{INTO, Place, names};
use image::{GrayImage, Luma};
use serde_json::json;

const COCO: &str = r#"{
    "images": [{"id": 7, "file_name": "7.png", "width": 4, "height": 2}],
    "annotations": [{"id": 1, "image_id": 7, "category_id": 3, "bbox": [1, 0, 2, 2]},
                    {"id": 2, "image_id": 8, "category_id": 3, "bbox": [1, 0, 2, 2]}],
    "categories": [{"id": 3, "name": "car"}]
}"#;

/// An image of 4 x 2 pixels of one value.
fn image(place: &Place, name: &str, value: u8) {
    let image = GrayImage::from_pixel(4, 2, Luma([value]));
    image.save(place.path(name)).unwrap();
}

#[test]
fn a_file_of_coco_becomes_a_table_with_its_images_or_without() {
    let place = Place::new();
    place.file("coco.json", COCO);
    image(&place, "val/7.png", 9);
    let coco = ["import", "coco", "coco.json", "--images", "val"];
    let (code, refused) = place.refused(&[&coco[..], &INTO].concat());
    assert!(
        code != 0 && refused.contains("annotation 2: there is no image 8"),
        "{refused}"
    );
    let made = place.json(&[&coco[..], &INTO, &["--skip-bad-rows"]].concat());
    assert_eq!((&made["rows"], &made["skipped"]), (&json!(1), &json!(1)));
    assert_eq!(
        names(&made),
        ["image", "boxes", "width", "height", "image_id", "file"]
    );
    let bare = [
        "import",
        "coco",
        "coco.json",
        "--no-images",
        "--table",
        "bare",
    ];
    let made = place.json(&[&bare[..], &INTO, &["--skip-bad-rows"]].concat());
    assert_eq!(names(&made)[0], "boxes");
}

#[test]
fn a_data_yaml_becomes_a_table_by_task_and_split() {
    let place = Place::new();
    place.file(
        "data.yaml",
        "train: images/train\nval: images/val\nnames: [cat]\n",
    );
    image(&place, "images/train/1.png", 1);
    image(&place, "images/val/2.png", 2);
    place.file("labels/train/1.txt", "0 0.5 0 1 0.5 0.5 1 0 0.5\n");
    let yolo = ["import", "yolo", "data.yaml"];
    let made = place.json(&[&yolo[..], &INTO, &["--task", "obb"]].concat());
    assert_eq!((&made["rows"], names(&made).len()), (&json!(2), 6));
    let val = ["--table", "val", "--split", "val", "--by-url"];
    let made = place.json(&[&yolo[..], &INTO, &val].concat());
    assert_eq!((&made["rows"], names(&made).len()), (&json!(1), 5));
    let (code, refused) = place.refused(&[&yolo[..], &INTO, &["--task", "detect"]].concat());
    assert!(code != 0 && refused.contains("1.txt, line 1"), "{refused}");
}

#[test]
fn folders_of_images_and_masks_become_a_table_of_classes_by_id() {
    let place = Place::new();
    image(&place, "images/1.png", 200);
    image(&place, "masks/1_mask.png", 7);
    let masks = ["import", "masks", "images", "masks", "--suffix", "_mask"];
    let classes = [
        "--classes",
        "0=nothing,7=road",
        "--background",
        "0",
        "--void",
        "255",
    ];
    let made = place.json(&[&masks[..], &INTO, &classes].concat());
    assert_eq!(names(&made), ["image", "mask", "width", "height", "file"]);
    assert_eq!(
        made["columns"][1]["type"],
        json!("segmentation_mask of 2 classes")
    );
    let (code, refused) = place.refused(&[&masks[..], &INTO, &["--classes", "a,b"]].concat());
    assert!(
        code != 0 && refused.contains("the pixel 0, 0 is 7"),
        "{refused}"
    );
}
