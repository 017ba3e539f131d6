//! What lies over images: boxes, outlines, masks, keypoints.

use crate::page::Page;
use crate::rooms::text;
use crate::world::{CLASSES, World};
use serde::Serialize;
use serde_json::json;
use tlc_core::arrow::array::AsArray;
use tlc_core::{Column, Role, Table, TableOptions, ValueType};
use tlc_dashboard::Serving;
use tlc_formats::{Coco, ImportOptions, import};

#[derive(Clone, Serialize)]
struct Corners {
    x0: f32,
    y0: f32,
    x1: f32,
    y1: f32,
    label: i32,
}

#[derive(Serialize)]
struct Scene {
    image: Vec<u8>,
    mask: Vec<u8>,
    boxes: Vec<Corners>,
    found: Vec<Corners>,
}

fn boxes(name: &str, unit: &str) -> Column {
    let corners = ["x0", "y0", "x1", "y1"];
    let corners = corners.map(|name| Column::new(name, ValueType::Float32).unit(unit));
    let mut fields = corners.to_vec();
    fields.push(Column::new("label", ValueType::labels(CLASSES)));
    let item = Box::new(ValueType::Struct { fields });
    Column::new(name, ValueType::List { item, len: None })
}

/// A table with one picture of the world, boxes of both kinds, and itself as its mask.
fn scenes(world: &World) {
    let images = world.table.column("image").unwrap();
    let image = images.as_binary::<i32>().value(0).to_vec();
    let rows = [Scene {
        mask: image.clone(),
        image,
        boxes: vec![Corners {
            x0: 2.0,
            y0: 3.0,
            x1: 20.0,
            y1: 25.0,
            label: 1,
        }],
        found: vec![
            Corners {
                x0: 0.25,
                y0: 0.5,
                x1: 0.75,
                y1: 1.0,
                label: 2
            };
            2
        ],
    }];
    let columns = [
        Column::new("image", ValueType::image_bytes()).role(Role::Input),
        Column::new("mask", ValueType::segmentation_mask(CLASSES)),
        boxes("boxes", "px").role(Role::Label),
        boxes("found", "fraction").role(Role::Prediction),
    ];
    let options = TableOptions::new("scenes", "train", "initial").root(&world.root);
    Table::create(options.columns(columns), |writer| writer.add_rows(&rows)).unwrap();
}

/// The first sample of a project's table, with what is drawn over it.
fn first_sample(serving: &Serving, project: &str) -> Option<Page> {
    let mut page = Page::open(&serving.link())?;
    let projects = page.api("projects");
    let mut projects = projects.as_array().unwrap().iter();
    let project = text(&projects.find(|each| each["name"] == project).unwrap()["id"]);
    let tables = page.api(&format!("projects/{project}/tables"));
    page.go(&format!("/samples?tables={}&row=0", text(&tables[0]["id"])));
    page.wait(".detail .boxes :is(rect, polygon):not(.under)");
    Some(page)
}

const RECTS: &str = "JSON.stringify([...document.querySelectorAll('.detail .boxes g')].map((box) => [box.classList.contains('is-model'), ...['x', 'y', 'width', 'height'].map((side) => Number(box.lastElementChild.getAttribute(side)))]))";

#[test]
fn boxes_and_masks_lie_over_their_image_and_go_when_they_are_not_wanted() {
    let world = World::new();
    scenes(&world);
    let serving = world.serve();
    let Some(mut page) = first_sample(&serving, "scenes") else {
        return;
    };
    let (given, found) = ("[false,2,3,18,22]", "[true,7,14,14,14]");
    assert_eq!(page.run(RECTS), json!(format!("[{given},{found},{found}]")));
    page.until("document.querySelector('.detail img.mask')?.naturalWidth === 28");
    page.until("document.querySelectorAll('.tile .boxes g').length === 3");

    page.click("summary:has-text(\"over images\")");
    page.click(".sheet label:has-text(\"mask\")");
    page.click(".sheet label:has-text(\"found\")");
    page.press(&["Escape"]);
    page.until("!document.querySelector('img.mask')");
    assert_eq!(page.run(RECTS), json!(format!("[{given}]")));
    let address = text(&page.run("decodeURIComponent(location.hash)"));
    assert!(address.contains("off=mask,found"), "{address}");
    page.is_clean();
}

/// Of objects an outline with a hole's outline, a mask of three pixels, and three keypoints of
/// which one is not labeled.
fn coco(folder: &std::path::Path, image: &[u8]) -> Coco {
    std::fs::write(folder.join("0.png"), image).unwrap();
    std::fs::write(folder.join("all.json"), include_str!("objects.json")).unwrap();
    Coco::new(folder.join("all.json")).images(folder)
}

#[test]
fn outlines_masks_and_keypoints_of_coco_lie_over_their_image() {
    let world = World::new();
    let folder = tempfile::tempdir().unwrap();
    let images = world.table.column("image").unwrap();
    let coco = coco(folder.path(), images.as_binary::<i32>().value(0));
    let options = ImportOptions::new("objects", "train").root(&world.root);
    import(&coco, options).unwrap();
    let serving = world.serve();
    let Some(mut page) = first_sample(&serving, "objects") else {
        return;
    };
    let mut all = |of: &str, what: &str| {
        let script = format!(
            "[...document.querySelectorAll('.detail .boxes {of}')].map((each) => each.getAttribute('{what}'))"
        );
        page.run(&script)
    };
    let outlines = json!(["2 3 20 3 20 25", "5 5 6 5 6 7"]);
    assert_eq!(all(".area", "points"), outlines);
    assert_eq!(all(".runs", "d"), json!(["M1.5 1v3"]));
    assert_eq!(all(".joints", "d"), json!(["M5 6L9 8"]));
    assert_eq!(all(".points", "d"), json!(["M5 6h0M9 8h0"]));
    assert_eq!(all("rect:not(.under)", "width"), json!(["18", "1", "9"]));
    page.is_clean();
}

#[test]
fn an_oriented_box_is_drawn_as_it_lies() {
    #[derive(Serialize)]
    struct Oriented {
        #[serde(flatten)]
        around: Corners,
        corners: Vec<f32>,
    }
    #[derive(Serialize)]
    struct Ship {
        image: Vec<u8>,
        boxes: Vec<Oriented>,
    }
    let world = World::new();
    let images = world.table.column("image").unwrap();
    let around = Corners {
        x0: 0.25,
        y0: 0.25,
        x1: 0.75,
        y1: 0.75,
        label: 1,
    };
    let rows = [Ship {
        image: images.as_binary::<i32>().value(0).to_vec(),
        boxes: vec![Oriented {
            around,
            corners: vec![0.5, 0.25, 0.75, 0.5, 0.5, 0.75, 0.25, 0.5],
        }],
    }];
    let mut column = boxes("boxes", "fraction");
    if let ValueType::List { item, .. } = &mut column.value
        && let ValueType::Struct { fields } = &mut **item
    {
        let numbers = Box::new(ValueType::Float32);
        fields.push(Column::new(
            "corners",
            ValueType::List {
                item: numbers,
                len: None,
            },
        ));
    }
    let image = Column::new("image", ValueType::image_bytes());
    let options = TableOptions::new("ships", "train", "initial").root(&world.root);
    Table::create(options.columns([image, column]), |writer| {
        writer.add_rows(&rows)
    })
    .unwrap();
    let serving = world.serve();
    let Some(mut page) = first_sample(&serving, "ships") else {
        return;
    };
    let points = page
        .run("document.querySelector('.detail .boxes polygon:not(.under)').getAttribute('points')");
    assert_eq!(points, json!("14 7 21 14 14 21 7 14"));
    assert_eq!(
        page.run("document.querySelectorAll('.detail .boxes rect').length"),
        json!(0)
    );
    page.is_clean();
}

#[test]
fn what_is_no_shape_does_no_harm() {
    #[derive(Serialize)]
    struct Rle {
        size: Vec<i32>,
        counts: String,
    }
    #[derive(Serialize)]
    struct Odd {
        #[serde(flatten)]
        around: Corners,
        polygons: String,
        keypoints: Vec<f32>,
        rle: Rle,
    }
    #[derive(Serialize)]
    struct Row {
        image: Vec<u8>,
        boxes: Vec<Odd>,
    }
    let world = World::new();
    let images = world.table.column("image").unwrap();
    // A mask upside down, one of no height, one of more pixels than there is memory.
    let sizes = [vec![-5, 9], vec![0, 9], vec![1, i32::MAX], vec![]];
    let boxes_of = sizes.map(|size| Odd {
        around: Corners {
            x0: 1.0,
            y0: 1.0,
            x1: 9.0,
            y1: 9.0,
            label: 1,
        },
        polygons: "<svg onload=alert(1)>".to_owned(),
        keypoints: vec![1.0, 2.0],
        rle: Rle {
            size,
            counts: "0oooooo0oooooo0".to_owned(),
        },
    });
    let rows = [Row {
        image: images.as_binary::<i32>().value(0).to_vec(),
        boxes: boxes_of.into(),
    }];
    let image = Column::new("image", ValueType::image_bytes());
    let options = TableOptions::new("odd", "train", "initial").root(&world.root);
    Table::create(options.column(image), |writer| writer.add_rows(&rows)).unwrap();
    let serving = world.serve();
    let Some(mut page) = first_sample(&serving, "odd") else {
        return;
    };
    let shown = "document.querySelectorAll('.detail .boxes rect:not(.under)').length";
    assert_eq!(page.run(shown), json!(4));
    page.is_clean();
}
