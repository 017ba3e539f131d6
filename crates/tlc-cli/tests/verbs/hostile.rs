//! Tables and runs that nobody would make by mistake.

use crate::Place;
use crate::world::{RUN, World};
use tlc_core::{Column, Columns, Run, RunOptions, Table, TableOptions, Url, ValueType};

fn table(place: &Place, name: &str, columns: Vec<Column>, rows: Columns) -> Table {
    let options = TableOptions::new("p", name, "initial").root(&place.root);
    let options = columns.into_iter().fold(options, TableOptions::column);
    Table::create(options, |writer| writer.add_batch(rows)).unwrap()
}

#[test]
fn a_table_without_rows_or_without_columns_to_show_is_told() {
    let place = Place::new();
    let none: Vec<i64> = Vec::new();
    table(&place, "none", Vec::new(), Columns::new().column("x", none));
    assert!(place.said(&["head", "p/none"]).contains("no rows"));
    assert!(
        place
            .said(&["rows", "p/none", "--where", "x > 1"])
            .contains("none of 0 rows")
    );
    assert_eq!(
        place.json(&["rows", "p/none"])["rows"],
        serde_json::json!([])
    );
    place.said(&["show", "p/none"]);
    let hidden = Column::new("v", ValueType::Embedding { dim: 2 });
    let rows = Columns::new().column("v", vec![[1.0_f32, 2.0], [3.0, 4.0]]);
    table(&place, "hidden", vec![hidden], rows);
    assert_eq!(place.said(&["head", "p/hidden"]), "row\n0\n1\n");
    let shown = place.json(&["head", "p/hidden", "--columns", "v"]);
    assert_eq!(shown["rows"][1]["v"], serde_json::json!([3.0, 4.0]));
}

#[test]
fn columns_with_any_name_have_a_place_each() {
    let place = Place::new();
    let rows = Columns::new()
        .column("row", vec![70, 80])
        .column("a,b", vec!["x", "y"])
        .column("c desc", vec![1, 2])
        .column("example_id", vec![7, 8]);
    table(&place, "odd", Vec::new(), rows);
    let all = place.json(&["rows", "p/odd", "--sort", "c desc desc"]);
    assert_eq!(
        all["rows"][0],
        serde_json::json!({ "table_row": 1, "row": 80, "a,b": "y", "c desc": 2, "example_id": 8 })
    );
    let some = place.said(&["head", "p/odd", "--columns", "a,b", "--columns", "row,row"]);
    assert!(
        some.starts_with("example_id\ta,b\trow\n0\tx\t70\n"),
        "{some}"
    );
    // What was written is read back: the first column says the row.
    let file = place.file("odd.tsv");
    std::fs::write(&file, some.replace("\t70", "\t71")).unwrap();
    let edited = place.json(&["edit", "p/odd", "--force", "--from", file.to_str().unwrap()]);
    assert_eq!(
        (&edited["cells"], &edited["changes"][0]["after"]),
        (&1.into(), &71.into())
    );
}

#[test]
fn numbers_that_json_has_not_are_named() {
    let place = Place::new();
    let values = vec![
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        -0.0,
        5e-324,
        1e300,
    ];
    table(
        &place,
        "numbers",
        Vec::new(),
        Columns::new().column("x", values),
    );
    let rows = place.json(&["head", "p/numbers"]);
    let x = |row: usize| rows["rows"][row]["x"].clone();
    assert_eq!(
        [x(0), x(1), x(2)],
        ["NaN", "inf", "-inf"].map(serde_json::Value::from)
    );
    assert_eq!([x(4), x(5)], [5e-324, 1e300].map(serde_json::Value::from));
    let whole = Columns::new().column("x", vec![u64::MAX, 0]);
    table(&place, "whole", Vec::new(), whole);
    assert_eq!(place.json(&["head", "p/whole"])["rows"][0]["x"], u64::MAX);
    place.said(&["show", "p/numbers"]);
    place.said(&["rows", "p/numbers", "--sort", "x desc"]);
}

#[test]
fn a_damaged_image_is_told_and_the_others_are_drawn() {
    let place = Place::new();
    let world = World::new();
    let images = [
        world.pictures[0].image.clone(),
        b"no image".to_vec(),
        Vec::new(),
    ];
    let column = Column::new("image", ValueType::image_bytes());
    let rows = Columns::new().column("image", images.to_vec());
    let table = table(&place, "images", vec![column], rows);
    let run = Run::create(RunOptions::new("p").root(&place.root).name("run")).unwrap();
    let values = Columns::new().column("loss", vec![0.1_f32, 0.2, 0.3]);
    let about = tlc_core::AddMetrics::new().foreign_table(&table);
    run.add_metrics(values, about).unwrap();
    let output = place.output(&["worst", "p/run", "--sheet", "out.png", "--json"]);
    let said = crate::told(&output);
    assert!(
        output.status.success() && said.contains("row 1 is not drawn"),
        "{said}"
    );
    let worst: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(worst["drawn"], 1);
    let images: Vec<&str> = worst["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["image"].as_str().unwrap())
        .collect();
    assert_eq!(images, ["0 bytes", "8 bytes", "28x28 png"]);
    let (code, said) = place.refusal(&["worst", "p/run", "--sheet", "no/such/out.png"]);
    assert!(code == 1 && said.contains("there is no folder"), "{said}");
}

#[test]
fn damage_is_an_error_that_names_the_file() {
    let world = World::new();
    let run = world.place.root.join("fashion/runs/first").unwrap();
    let metrics = run.to_path().unwrap().join("metrics");
    let parts = std::fs::read_dir(metrics).unwrap().flat_map(|folder| {
        std::fs::read_dir(folder.unwrap().path())
            .unwrap()
            .map(|part| part.unwrap().path())
    });
    for part in parts {
        std::fs::write(part, "PAR1").unwrap();
    }
    for verb in ["head", "rows", "worst", "issues"] {
        let (code, said) = world.place.refusal(&[verb, RUN]);
        assert!(
            code == 1 && said.contains("damaged") && said.contains(".parquet"),
            "{said}"
        );
    }
    world.place.said(&["show", RUN]);
}

#[cfg(target_os = "linux")]
#[test]
fn folders_whose_names_are_no_text_are_passed_over() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let world = World::new();
    let root = world.place.root.to_path().unwrap();
    for folder in ["fashion/runs", "fashion/datasets", "."] {
        std::fs::create_dir(root.join(folder).join(OsStr::from_bytes(b"\xff\xfe"))).unwrap();
        std::fs::write(root.join(folder).join("a file"), "").unwrap();
    }
    for arguments in [
        &["runs"][..],
        &["tables"],
        &["projects"],
        &[],
        &["verify"],
        &["vacuum"],
        &["show", "fir"],
    ] {
        world.place.said(arguments);
    }
}

#[test]
fn an_image_by_url_is_told_by_its_name_and_leads_nowhere() {
    let place = Place::new();
    std::fs::write(place.file("secret.png"), "secret").unwrap();
    let column = Column::new("image", ValueType::image_url());
    let secret = Url::from_path(&place.file("secret.png"))
        .unwrap()
        .to_string();
    let rows = Columns::new().column("image", vec![secret.clone()]);
    let table = table(&place, "linked", vec![column], rows);
    assert_eq!(
        place.json(&["head", "p/linked"])["rows"][0]["image"],
        secret
    );
    let run = Run::create(RunOptions::new("p").root(&place.root).name("run")).unwrap();
    let about = tlc_core::AddMetrics::new().foreign_table(&table);
    run.add_metrics(Columns::new().column("loss", vec![0.1_f32]), about)
        .unwrap();
    let (code, said) = place.refusal(&["worst", "p/run", "--sheet", "out.png"]);
    assert!(
        code == 1 && said.contains("no image could be drawn"),
        "{said}"
    );
    assert!(!place.file("out.png").exists());
}

#[test]
fn a_table_that_is_gone_is_told_and_what_was_said_of_it_is_shown() {
    let world = World::new();
    let folder = world.table.url().to_path().unwrap();
    std::fs::remove_dir_all(folder).unwrap();
    let output = world.place.output(&["rows", RUN, "--limit", "2"]);
    assert!(output.status.success());
    let (said, told) = (
        String::from_utf8(output.stdout.clone()).unwrap(),
        crate::told(&output),
    );
    assert_eq!(said.lines().count(), 3, "{said}");
    assert!(told.contains("tables/initial is gone"), "{told}");
    assert!(
        world
            .place
            .said(&["show", RUN])
            .contains("fashion/clothes/initial\tgone")
    );
    assert_eq!(world.place.output(&["verify"]).status.code(), Some(1));
}
