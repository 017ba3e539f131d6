//! What lies over images: outlines, masks, keypoints, boxes, and masks of whole images.

use crate::browser::opens_well;
use crate::world::World;
use crate::{Place, between};
use serde::Serialize;
use tlc_core::{
    AddMetrics, Column, Columns, Role, Run, RunOptions, Table, TableOptions, ValueType,
};
use tlc_formats::{Coco, ImportOptions, import};

/// As the page is tested on.
const OBJECTS: &str = include_str!("../../../tlc-dashboard/tests/browser/objects.json");

/// A mask of three pixels down a column, two outlines, and keypoints of which one is not labeled.
fn objects(place: &Place, image: &[u8]) -> Table {
    std::fs::write(place.file("0.png"), image).unwrap();
    let path = place.file("all.json");
    std::fs::write(&path, OBJECTS).unwrap();
    let coco = Coco::new(path).images(place.folder.path());
    let options = ImportOptions::new("shapes", "train").root(&place.root);
    import(&coco, options).unwrap().table
}

fn run_on(table: &Table, name: &str, place: &Place) {
    let run = Run::create(RunOptions::new("shapes").root(&place.root).name(name)).unwrap();
    let losses = (0..table.len()).map(|row| -(row as f32));
    let losses = Columns::new().column("loss", losses.collect::<Vec<_>>());
    run.add_metrics(losses, AddMetrics::new().foreign_table(table))
        .unwrap();
}

#[test]
fn objects_of_coco_are_drawn_over_their_image() {
    let world = World::new();
    let place = &world.place;
    run_on(&objects(place, &world.pictures[0].image), "objects", place);
    let (page, _) = place.exported("shapes/objects", &[]);
    let all = |class: &str, what: &str| -> Vec<String> {
        let marked = between(&page, &format!("class=\"{class}\" "), ">");
        let values = marked
            .iter()
            .map(|tag| between(tag, &format!("{what}=\""), "\"")[0]);
        values.map(str::to_owned).collect()
    };
    assert_eq!(all("over", "viewBox"), ["0 0 28 28"]);
    assert_eq!(all("area", "points"), ["2,3 20,3 20,25", "5,5 6,5 6,7"]);
    assert_eq!(all("runs", "d"), ["M1.5 1v3"]);
    assert_eq!(all("joints", "d"), ["M5 6L9 8"]);
    assert_eq!(all("points", "d"), ["M5 6h0M9 8h0"]);
    assert_eq!(
        all("frame", "points"),
        [
            "2,3 20,3 20,25 2,25",
            "1,1 2,1 2,4 1,4",
            "4,4 13,4 13,13 4,13"
        ]
    );
    assert!(page.contains("<title>shirt&lt;b&gt;</title>"));
    opens_well(place, "shapes/objects");
}

#[derive(Serialize)]
struct Found {
    x0: f32,
    y0: f32,
    x1: f32,
    y1: f32,
    confidence: f32,
}

#[derive(Serialize)]
struct Sample {
    image: Vec<u8>,
    mask: Vec<u8>,
    found: Vec<Found>,
}

#[test]
fn masks_and_boxes_of_the_model_lie_over_their_image() {
    let world = World::new();
    let place = &world.place;
    let mask = {
        let mut bytes = std::io::Cursor::new(Vec::new());
        let mask = image::GrayImage::from_fn(28, 28, |x, _| image::Luma([u8::from(x > 13)]));
        mask.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
        bytes.into_inner()
    };
    let fields =
        ["x0", "y0", "x1", "y1"].map(|name| Column::new(name, ValueType::Float32).unit("fraction"));
    let sure = Column::new("confidence", ValueType::Confidence);
    let fields = [&fields[..], &[sure]].concat();
    let item = Box::new(ValueType::Struct { fields });
    let found = ValueType::List { item, len: None };
    let classes = ["floor", "wall"];
    let options = TableOptions::new("shapes", "masks", "initial")
        .root(&place.root)
        .column(Column::new("image", ValueType::image_bytes()))
        .column(Column::new("mask", ValueType::segmentation_mask(classes)))
        .column(Column::new("found", found).role(Role::Prediction));
    let sample = |picture: usize, mask: &[u8], x1: f32| Sample {
        image: world.pictures[picture].image.clone(),
        mask: mask.to_vec(),
        found: vec![Found {
            x0: 0.25,
            y0: 0.5,
            x1,
            y1: 1.0,
            confidence: 0.875,
        }],
    };
    let rows = [sample(0, &mask, 0.5), sample(1, b"no mask", f32::NAN)];
    let table = Table::create(options, |writer| writer.add_rows(&rows)).unwrap();
    run_on(&table, "masks", place);
    let (page, _) = place.exported("shapes/masks", &[]);
    let tiles = between(&page, "<li id=\"row-", "</li>");
    assert_eq!(tiles.len(), 2);
    assert!(tiles[0].contains("class=\"mask\"") && tiles[0].contains("class=\"over is-model\""));
    assert!(
        tiles[0].contains("points=\"7,14 14,14 14,28 7,28\""),
        "{}",
        tiles[0]
    );
    assert!(
        tiles[0].contains("aria-label=\"no class 88 %\""),
        "{}",
        tiles[0]
    );
    // What is no mask and no box is left out, and the sample is there.
    assert!(!tiles[1].contains("class=\"mask\"") && !tiles[1].contains("class=\"frame\""));
    opens_well(place, "shapes/masks");
}
