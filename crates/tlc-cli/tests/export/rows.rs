//! Rows as files that other programs read.

use crate::world::{RUN, SAMPLES, World, loss, predicted};
use crate::{Place, told};
use serde_json::Value;
use std::process::{Command, Output};
use tlc_core::{Table, Url, ValueType};
use tlc_formats::{Csv, ImportOptions, Parquet, import};

const TABLE: &str = "fashion/clothes";

impl Place {
    fn export(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tlc"));
        command.args(["export", "--json", "--project-root", &self.root.to_string()]);
        command.args(arguments).output().unwrap()
    }

    /// What the program says of rows that it wrote into a file.
    fn rows(&self, name: &str, file: &str, more: &[&str]) -> Value {
        let to = self.file(file).display().to_string();
        let output = self.export(&[&[name, "--to", &to][..], more].concat());
        assert!(output.status.success(), "{}", told(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn refused(&self, arguments: &[&str]) -> String {
        let output = self.export(arguments);
        assert_eq!(output.status.code(), Some(2), "{}", told(&output));
        told(&output)
    }
}

fn options(name: &str) -> ImportOptions {
    let root = Url::parse("memory://cli-export-rows/").unwrap();
    ImportOptions::new("back", name).root(root)
}

#[test]
fn a_table_comes_back_as_it_was_and_a_part_of_it_by_a_condition() {
    let World { place, pictures } = World::new();
    let written = place.rows(TABLE, "all.parquet", &[]);
    assert_eq!(
        (&written["rows"], &written["files"]),
        (&SAMPLES.into(), &1.into())
    );
    let parquet = Parquet::new(place.file("all.parquet"));
    let back: Table = import(&parquet, options("all")).unwrap().table;
    let rows: Vec<crate::fashion::Picture> = back.rows().unwrap().map(Result::unwrap).collect();
    assert_eq!(rows.len(), SAMPLES);
    assert!(
        rows.iter()
            .zip(&pictures)
            .all(|(one, other)| { (&one.image, one.label) == (&other.image, other.label) })
    );

    let written = place.rows(
        TABLE,
        "shirts.csv",
        &["--where", "label = 'Shirt'", "--columns", "label"],
    );
    let shirts = pictures.iter().filter(|picture| picture.label == 6).count();
    assert_eq!(written["rows"], shirts);
    let text = std::fs::read_to_string(place.file("shirts.csv")).unwrap();
    assert_eq!(text, format!("label\n{}", "Shirt\n".repeat(shirts)));
}

#[test]
fn rows_of_a_run_are_those_of_a_condition_in_an_order_beside_their_samples() {
    let World { place, pictures } = World::new();
    let arguments = ["--where", "predicted <> label", "--sort", "loss desc"];
    let written = place.rows(RUN, "wrong.csv", &arguments);
    let each = pictures.iter().enumerate();
    let wrong = each.filter(|(id, picture)| predicted(*id, picture.label) != picture.label);
    let mut wrong: Vec<(f32, i64)> = wrong
        .map(|(id, picture)| (loss(id, picture.label), id as i64))
        .collect();
    wrong.sort_by(|one, other| other.0.total_cmp(&one.0));
    assert_eq!(written["rows"], wrong.len());
    let columns = written["columns"].as_array().unwrap();
    assert!(
        columns.contains(&"label".into()) && !columns.contains(&"image".into()),
        "{written}"
    );
    let csv = Csv::new(place.file("wrong.csv"));
    let back = import(&csv, options("wrong")).unwrap().table;
    #[derive(serde::Deserialize)]
    struct Row {
        example_id: i64,
        loss: f64,
    }
    let rows: Vec<Row> = back.rows().unwrap().map(Result::unwrap).collect();
    let rows: Vec<(f32, i64)> = rows
        .iter()
        .map(|row| (row.loss as f32, row.example_id))
        .collect();
    assert_eq!(rows, wrong);

    // Images stand beside metrics where they are asked for, and in what holds them.
    place.rows(RUN, "three.parquet", &["--limit", "3", "--epoch", "1"]);
    let parquet = Parquet::new(place.file("three.parquet"));
    let back = import(&parquet, options("three")).unwrap().table;
    let images = back.schema().column("image").unwrap();
    assert_eq!((back.len(), &images.value), (3, &ValueType::image_bytes()));
    let bytes = back.column("image").unwrap();
    let bytes = tlc_core::arrow::array::AsArray::as_binary::<i32>(&bytes);
    assert!((0..3).all(|row| bytes.value(row) == pictures[row].image));
}

#[test]
fn images_become_a_folder_a_class() {
    let World { place, pictures } = World::new();
    let some = ["--as", "image-folder", "--limit", "20"];
    let written = place.rows(TABLE, "images", &some);
    assert_eq!(
        (&written["rows"], &written["files"]),
        (&20.into(), &20.into())
    );
    let folders = std::fs::read_dir(place.file("images")).unwrap().count();
    let mut labels: Vec<i32> = pictures
        .iter()
        .take(20)
        .map(|picture| picture.label)
        .collect();
    labels.sort_unstable();
    labels.dedup();
    assert_eq!(folders, labels.len());
}

#[test]
fn what_cannot_be_meant_is_refused_with_what_to_do() {
    let World { place, .. } = World::new();
    let file = |name: &str| place.file(name).display().to_string();
    let said = place.refused(&[TABLE, "--to", &file("rows.xyz")]);
    assert!(said.contains("say it with --as"), "{said}");
    let said = place.refused(&[TABLE]);
    assert!(said.contains("--html") && said.contains("--to"), "{said}");
    let said = place.refused(&[RUN, "--html", &file("a.html"), "--where", "loss > 1"]);
    assert!(said.contains("go with --to"), "{said}");
    let said = place.refused(&[RUN, "--html", &file("a.html"), "--columns", "loss"]);
    assert!(said.contains("cannot be used with"), "{said}");
    let said = place.refused(&[TABLE, "--to", &file("a.csv"), "--html", &file("a.html")]);
    assert!(said.contains("cannot be used with"), "{said}");

    std::fs::write(place.file("taken.csv"), "mine").unwrap();
    let output = place.export(&[TABLE, "--to", &file("taken.csv")]);
    assert!(!output.status.success());
    assert_eq!(std::fs::read(place.file("taken.csv")).unwrap(), b"mine");
    place.rows(TABLE, "taken.csv", &["--force"]);
}
