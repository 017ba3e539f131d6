//! A file that is written here opens in pycocotools, with the same boxes, areas and masks; and
//! the table's masks are what it decodes.

use crate::coco_round::floats;
use crate::{Given, python};
use serde_json::{Value, json};
use std::path::Path;
use tlc_formats::{Rows, ToCoco, export};

/// What pycocotools sees of a file.
fn seen(file: &Path) -> Option<Value> {
    python(
        &["pycocotools", "numpy"],
        include_str!("read_coco.py"),
        &[file],
    )
}

#[test]
fn pycocotools_sees_in_our_file_what_it_sees_in_the_one_that_was_imported() {
    let given = Given::new();
    let table = given.coco(crate::coco::EVERYTHING).unwrap().table;
    let copy = given.path("copy.json");
    export(&ToCoco::new(&copy), &Rows::of(&table)).unwrap();
    let (Some(before), Some(after)) = (seen(&given.path("coco.json")), seen(&copy)) else {
        return;
    };
    assert_eq!(before["masks"].as_object().unwrap().len(), 3);
    assert_eq!(before["masks"]["12"]["area"], json!(3));
    for (id, annotation) in before["annotations"].as_object().unwrap() {
        let after = &after["annotations"][id];
        for field in [
            "bbox",
            "image_id",
            "category_id",
            "iscrowd",
            "keypoints",
            "area",
        ] {
            // What is not given is worked out.
            if !annotation[field].is_null() {
                assert_eq!(
                    floats(&annotation[field]),
                    floats(&after[field]),
                    "{id}: {field}"
                );
            }
        }
    }
    for part in ["masks", "images", "categories"] {
        assert_eq!(before[part], after[part]);
    }
}

#[test]
fn a_mask_of_a_table_is_what_pycocotools_decodes() {
    let given = Given::new();
    let table = given.coco(crate::coco::EVERYTHING).unwrap().table;
    let parts = table.url().to_path().unwrap().join("parts");
    let part = std::fs::read_dir(parts)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let script = "
import json, sys
import pyarrow.parquet as parquet
from pycocotools import mask
boxes = parquet.read_table(sys.argv[1])['boxes'].to_pylist()
print(json.dumps([int(mask.decode(box['rle']).sum()) for row in boxes for box in row if box['rle']]))
";
    if let Some(sums) = python(&["pycocotools", "pyarrow"], script, &[&part]) {
        assert_eq!(sums, json!([3, 3]));
    }
}
