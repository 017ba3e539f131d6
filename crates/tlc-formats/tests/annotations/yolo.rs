//! YOLO in: images by data.yaml, and a line for each object.

use crate::{Given, fields, png, rows};
use serde_json::{Value, json};
use tlc_core::{ClassMap, Skeleton};
use tlc_formats::{Error, Yolo, YoloTask, import};

/// A data set with a training image of 40 x 20 pixels, and these labels.
fn labelled(data: &str, labels: &str) -> Given {
    let given = Given::new();
    given.write(
        "data.yaml",
        format!("train: images/train\nnames: [cat, dog]\n{data}"),
    );
    given.write("images/train/1.png", png(40, 20));
    given.write("labels/train/1.txt", labels);
    given
}

impl Given {
    fn yolo(&self) -> Yolo {
        Yolo::new(self.path("data.yaml"))
    }

    fn boxes(&self, yolo: &Yolo) -> Vec<Value> {
        let table = import(yolo, self.options("d")).unwrap().table;
        rows(&table)[0]["boxes"].as_array().unwrap().clone()
    }
}

fn corners(one: &Value) -> [f64; 4] {
    ["x0", "y0", "x1", "y1"].map(|corner| one[corner].as_f64().unwrap())
}

#[test]
fn boxes_stand_in_pixels_with_their_classes() {
    let given = labelled("", "1 0.5 0.5 0.25 0.5\r\n\r\n0 .25 0.25 1e-1 0.1\n");
    let boxes = given.boxes(&given.yolo());
    assert_eq!(
        (boxes.len(), corners(&boxes[0])),
        (2, [15.0, 5.0, 25.0, 15.0])
    );
    assert_eq!(
        (&boxes[0]["label"], &boxes[1]["label"]),
        (&json!(1), &json!(0))
    );
    assert_eq!(boxes[0].as_object().unwrap().len(), 5);
}

#[test]
fn outlines_stand_beside_their_boxes() {
    let given = labelled("", "0 0.1 0.1 0.5 0.1 0.5 0.9\n1 0.5 0.5 0.5 0.5\n");
    let boxes = given.boxes(&given.yolo());
    assert_eq!(
        boxes[0]["polygons"],
        json!([[4.0, 2.0, 20.0, 2.0, 20.0, 18.0]])
    );
    assert_eq!(
        (corners(&boxes[0]), &boxes[1]["polygons"]),
        ([4.0, 2.0, 20.0, 18.0], &Value::Null)
    );
}

#[test]
fn keypoints_have_the_shape_and_names_that_data_yaml_says() {
    let data = "kpt_shape: [2, 3]\nflip_idx: [1, 0]\nkpt_names:\n  0: [left, right]\n  1: [a, b]\n";
    let given = labelled(data, "0 0.5 0.5 0.5 0.5 0.25 0.5 2 0 0 0\n");
    let table = import(&given.yolo(), given.options("d")).unwrap().table;
    let boxes = &rows(&table)[0]["boxes"];
    let points =
        json!([{"x": 10.0, "y": 10.0, "visibility": 2}, {"x": 0.0, "y": 0.0, "visibility": 0}]);
    assert_eq!(boxes[0]["keypoints"], points);
    let fields = fields(&table);
    let points = fields
        .iter()
        .find(|field| field.name == "keypoints")
        .unwrap();
    let cat = Skeleton::new(["left", "right"])
        .with_mirrored([1, 0])
        .of_class(0);
    assert_eq!(points.skeletons[0], cat);

    for (line, told) in [
        ("0 .5 .5 .5 .5 .2 .5 3 0 0 0", "`3` is no visibility"),
        ("0 .5 .5 .5 .5 .2 .5 .5 0 0 0", "`.5` is no visibility"),
        ("0 .5 .5 .5 .5 2 .5 2 0 0 0", "`2` is no fraction"),
    ] {
        let given = labelled(data, line);
        let refused = import(&given.yolo(), given.options("d")).unwrap_err();
        assert!(refused.to_string().contains(told), "{refused}");
    }
    let given = labelled("kpt_shape: [2, 2]\n", "0 0.5 0.5 0.5 0.5 0.25 0.5 1 1\n");
    let boxes = given.boxes(&given.yolo());
    assert_eq!(
        boxes[0]["keypoints"][1],
        json!({"x": 40.0, "y": 20.0, "visibility": 2})
    );
}

#[test]
fn four_corners_are_an_oriented_box_where_that_is_the_task() {
    let given = labelled("", "0 0.5 0.1 0.9 0.5 0.5 0.9 0.1 0.5\n");
    let boxes = given.boxes(&given.yolo().task(YoloTask::Oriented));
    assert_eq!(
        boxes[0]["corners"],
        json!([20.0, 2.0, 36.0, 10.0, 20.0, 18.0, 4.0, 10.0])
    );
    assert_eq!(corners(&boxes[0]), [4.0, 2.0, 36.0, 18.0]);
}

/// A folder for each way to name images: two folders, a list, and none.
fn all_ways() -> Given {
    let given = Given::new();
    let data = "# a comment\npath: .\ntrain:  # two\n  - images/a\n  - 'images/b'\nval: val.txt\n\
                test:\nnames:\n  0: \"a: b\"\n  1: größer\ndownload: |\n  import x\n  y = {\n";
    given.write("data.yaml", data);
    for image in ["a/2", "a/1", "b/deep/3", "c/4"] {
        given.write(&format!("images/{image}.png"), png(10, 10));
        let labels = if image == "c/4" { "1 .5 .5 .5 .5" } else { "" };
        given.write(&format!("labels/{image}.txt"), labels);
    }
    given.write("val.txt", "\u{feff}./images/c/4.png\r\n\n");
    given.write("images/a/notes.md", "");
    given
}

#[test]
fn splits_are_folders_lists_of_folders_or_files_that_list_images() {
    let given = all_ways();
    let table = import(&given.yolo(), given.options("d")).unwrap().table;
    let rows = rows(&table);
    let told = rows
        .iter()
        .map(|row| [&row["file"], &row["split"]].map(|cell| cell.as_str().unwrap()));
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            ["images/a/1.png", "train"],
            ["images/a/2.png", "train"],
            ["images/b/deep/3.png", "train"],
            ["images/c/4.png", "validation"],
        ]
    );
    assert_eq!(rows[3]["boxes"][0]["label"], json!(1));
    let classes = ClassMap::new(["a: b", "größer"]);
    assert_eq!(fields(&table)[4].value.classes(), Some(&classes));
}

#[test]
fn one_split_can_be_taken_alone() {
    let given = all_ways();
    assert_eq!(given.yolo().splits().unwrap(), ["train", "validation"]);
    let val = import(&given.yolo().split("val"), given.options("val"))
        .unwrap()
        .table;
    assert_eq!((val.len(), val.schema().column("split")), (1, None));
    let missing = import(&given.yolo().split("test"), given.options("test")).unwrap_err();
    assert!(
        missing
            .to_string()
            .contains("no split `test`, but train, validation"),
        "{missing}"
    );
}

#[test]
fn labels_stand_in_labels_where_the_last_images_is_or_else_beside_the_image() {
    let given = Given::new();
    given.write(
        "data.yaml",
        "train: images/old/images\nval: flat\nnames: [a]\n",
    );
    given.write("images/old/images/1.v2.png", png(10, 10));
    given.write("images/old/labels/1.v2.txt", "0 .5 .5 .5 .5\n");
    given.write("flat/2.png", png(10, 10));
    given.write("flat/2.txt", "0 .5 .5 .5 .5\n0 .5 .5 .2 .2\n");
    let table = import(&given.yolo(), given.options("d")).unwrap().table;
    let boxes: Vec<usize> = rows(&table)
        .iter()
        .map(|row| row["boxes"].as_array().unwrap().len())
        .collect();
    assert_eq!(boxes, [1, 2]);
}

#[test]
fn images_by_url_and_roots_that_are_said() {
    let given = labelled("path: /nowhere/at/all\n", "");
    let refused = import(&given.yolo(), given.options("d"))
        .unwrap_err()
        .to_string();
    assert!(refused.contains("`.root(folder)`"), "{refused}");
    let yolo = given.yolo().root(given.path("")).by_url();
    let table = import(&yolo, given.options("d")).unwrap().table;
    let image = rows(&table)[0]["image"].as_str().unwrap().to_owned();
    assert!(image.ends_with("/data/images/train/1.png"), "{image}");
}

#[test]
fn a_bad_line_is_told_by_file_and_line_and_left_out_alone_where_bad_rows_are() {
    for (line, told) in [
        ("2 .5 .5 .5 .5", "`2` is no class of data.yaml"),
        ("-1 .5 .5 .5 .5", "`-1` is no class"),
        ("0.5 .5 .5 .5 .5", "`0.5` is no class"),
        ("cat .5 .5 .5 .5", "`cat` is no class"),
        ("0 .5 .5 .5", "3 numbers after the class"),
        ("0 .5 .5 .5 .5 .9", "5 numbers after the class"),
        (
            "0 .1 .1 .5 .1 .5 .9",
            "`.task(YoloTask::Segment)` reads outlines",
        ),
        ("0 20 10 5 5", "`20` is no fraction"),
        ("0 .5 .5 2 2", "`2` is no fraction"),
        ("0 -.5 .5 .5 .5", "`-.5` is no fraction"),
        ("0 nan .5 .5 .5", "`nan` is no fraction"),
        ("0 inf .5 .5 .5", "`inf` is no fraction"),
        ("0 x .5 .5 .5", "`x` is no number"),
        ("0 .5 .5 0 .5", "a box of no size"),
        ("0 .5 .5 1e-30 .5", "a box of no size"),
    ] {
        let given = labelled("", &format!("1 .5 .5 .1 .1\n\n{line}\n"));
        let refused = import(&given.yolo(), given.options("d"))
            .unwrap_err()
            .to_string();
        assert!(
            refused.contains(told) && refused.contains("1.txt, line 3"),
            "{refused}"
        );
        let skipped = import(&given.yolo(), given.options("d").skip_bad_rows()).unwrap();
        assert_eq!(skipped.skipped.len(), 1);
        assert_eq!(
            rows(&skipped.table)[0]["boxes"].as_array().unwrap().len(),
            1
        );
    }
}

#[test]
fn an_image_that_is_none_is_left_out_with_its_labels() {
    for image in [&b""[..], b"no image", &png(40, 20)[..30]] {
        let given = labelled("", "");
        given.write("images/train/2.png", image);
        let refused = import(&given.yolo(), given.options("d"))
            .unwrap_err()
            .to_string();
        assert!(refused.contains("images/train/2.png"), "{refused}");
        let skipped = import(&given.yolo(), given.options("d").skip_bad_rows()).unwrap();
        assert_eq!((skipped.table.len(), skipped.skipped.len()), (1, 1));
    }
    let given = labelled("", "");
    given.write("labels/train/1.txt", b"0 .5 .5 \xff\n");
    let refused = import(&given.yolo(), given.options("d"))
        .unwrap_err()
        .to_string();
    assert!(refused.contains("not UTF-8"), "{refused}");
}

#[test]
fn more_lines_than_an_image_has_objects_are_one_bad_row() {
    let given = labelled("", &"x\n".repeat(100_001));
    given.write("images/train/2.png", png(9, 9));
    let skipped = import(&given.yolo(), given.options("d").skip_bad_rows()).unwrap();
    assert_eq!((skipped.table.len(), skipped.skipped.len()), (1, 1));
    let told = skipped.skipped.first()[0].to_string();
    assert!(told.contains("more than 100000 objects"), "{told}");
}

#[test]
fn what_is_no_data_yaml_is_refused_with_what_it_lacks() {
    refused(&[
        ("", "is no map"),
        ("- a\n", "is no map"),
        ("names: [a]\n", "none of `train`, `val` and `test`"),
        ("train: t\n", "no `names`"),
        ("train: t\nnames: 3\n", "`names` is no list and no map"),
        ("train: t\nnames: {a: b}\n", "`names` has `a`"),
        ("train: t\nnames: {0: a, 0: b}\n", "`0` comes twice"),
        ("train: t\nnames: {0: a, 00: b}\n", "the id 0 appears twice"),
        ("train: t\nnames: [[a]]\n", "what is no text"),
        ("train: {a: b}\nnames: [a]\n", "`train` is no path"),
        (
            "val: t\nvalidation: t\nnames: [a]\n",
            "comes twice, by two names",
        ),
        (
            "train: t\nnames: [a]\nkpt_shape: [17]\n",
            "`kpt_shape` is not",
        ),
        (
            "train: t\nnames: [a]\nkpt_shape: [4000000000, 3]\n",
            "`kpt_shape` is not",
        ),
        (
            "train: t\nnames: [a]\nkpt_shape: [2, 3]\nflip_idx: [0, 2]\n",
            "over 1",
        ),
        (
            "train: t\nnames: [a]\nkpt_shape: [2, 3]\nkpt_names: {0: [a]}\n",
            "`kpt_names`",
        ),
        ("train: 't\nnames: [a]\n", "line"),
        ("train: t\n\tnames: [a]\n", "line"),
        ("train: t\nnames: [a]\n---\ntrain: u\n", "a second document"),
    ]);
}

#[test]
fn a_data_yaml_that_asks_for_too_much_is_refused() {
    let bomb = format!(
        "a: &a [x, x]\n{}train: t\nnames: [a]\n",
        (0..40)
            .map(|at| format!("b{at}: [*a, *a]\n"))
            .collect::<String>()
    );
    let deep = |len| format!("train: {}", "[".repeat(len));
    let wide: String = (0..200_000).map(|id| format!("  {id}: a\n")).collect();
    let wide = format!("train: t\nnames:\n{wide}");
    let points = "a, ".repeat(10_000);
    let points =
        format!("train: t\nnc: 100000\nkpt_shape: [10000, 3]\nkpt_names: {{0: [{points}]}}\n");
    refused(&[
        (&bomb, "an alias"),
        (&wide, "more than 100000 classes"),
        (&points, "names of keypoints"),
        (&deep(100), "lists in one another"),
        (&deep(100_000), "recursion limit"),
    ]);
}

/// Each is refused as `data.yaml`, and this is told of it.
fn refused(cases: &[(&str, &str)]) {
    for (data, told) in cases {
        let given = Given::new();
        given.write("data.yaml", data);
        match import(&given.yolo(), given.options("d")) {
            Err(error @ Error::File { .. }) => {
                let error = error.to_string();
                let is_told = error.contains(told) && error.contains("data.yaml");
                assert!(is_told, "{data:.60}: {error}");
            }
            other => panic!("{data:.60}: {other:?}"),
        }
    }
}

#[test]
fn paths_lead_nowhere_but_into_the_data_set() {
    let given = Given::new();
    given.write("secret/1.png", png(9, 9));
    let outside = given.path("secret").display().to_string();
    for train in [
        "../secret",
        "images/../../secret",
        outside.as_str(),
        "list.txt",
        "nothing",
    ] {
        given.write("set/data.yaml", format!("train: {train}\nnames: [a]\n"));
        given.write("set/list.txt", "../secret/1.png\n");
        let refused = import(&Yolo::new(given.path("set/data.yaml")), given.options("d"));
        assert!(
            matches!(refused, Err(Error::File { .. })),
            "{train}: {refused:?}"
        );
    }
    given.write("set/data.yaml", "path: ..\ntrain: secret\nnames: [a]\n");
    let refused = import(&Yolo::new(given.path("set/data.yaml")), given.options("d"));
    assert!(matches!(refused, Err(Error::File { .. })), "{refused:?}");
    // As Roboflow writes it: `../train/images`, and the folder is beside the file.
    given.write("set/train/images/1.png", png(9, 9));
    given.write("set/data.yaml", "train: ../train/images\nnames: [a]\n");
    let table = import(&Yolo::new(given.path("set/data.yaml")), given.options("d"))
        .unwrap()
        .table;
    assert_eq!(table.len(), 1);
}

#[cfg(unix)]
#[test]
fn links_lead_nowhere_but_into_the_data_set() {
    use std::os::unix::fs::symlink;
    let given = labelled("", "");
    let secret = given.path("../secret.png");
    std::fs::write(&secret, png(9, 9)).unwrap();
    symlink(&secret, given.path("images/train/2.png")).unwrap();
    let refused = import(&given.yolo(), given.options("d"))
        .unwrap_err()
        .to_string();
    assert!(refused.contains("allow its folder"), "{refused}");
    std::fs::remove_file(given.path("images/train/2.png")).unwrap();
    std::fs::remove_file(given.path("labels/train/1.txt")).unwrap();
    symlink(&secret, given.path("labels/train/1.txt")).unwrap();
    let refused = import(&given.yolo(), given.options("d"))
        .unwrap_err()
        .to_string();
    assert!(refused.contains("allow its folder"), "{refused}");
}
