//! `tlc import` as people and programs call it.

#![allow(clippy::panic, clippy::unwrap_used)] // a test stops at the first surprise

mod annotations;
mod images;

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tlc_core::{Table, Url, ValueType};

struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder }
    }

    /// Where a file is to be, in a folder that is there.
    fn path(&self, name: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        path
    }

    fn file(&self, name: &str, text: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), text).unwrap();
    }

    /// The program, in the folder of the files.
    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tlc"));
        command.args(arguments).current_dir(self.folder.path());
        command.env("TLC_PROJECT_ROOT", self.folder.path().join("projects"));
        command.output().unwrap()
    }

    fn said(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{}", text(&output.stderr));
        assert_eq!(text(&output.stderr), "", "a pipe sees no progress");
        text(&output.stdout)
    }

    fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.said(&[arguments, &["--json"]].concat())).unwrap()
    }

    fn refused(&self, arguments: &[&str]) -> (i32, String) {
        let output = self.run(arguments);
        (output.status.code().unwrap(), text(&output.stderr))
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The names of the columns that an import has made.
fn names(made: &Value) -> Vec<&str> {
    let columns = made["columns"].as_array().unwrap().iter();
    columns
        .map(|column| column["name"].as_str().unwrap())
        .collect()
}

fn data(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data");
    folder.join(name).to_str().unwrap().to_owned()
}

const INTO: [&str; 4] = ["--project", "zoo", "--dataset", "all"];

#[test]
fn csv_becomes_a_table_with_labels_and_says_the_next_step() {
    let place = Place::new();
    let penguins = data("penguins.csv");
    let csv = [
        &["import", "csv", &penguins][..],
        &INTO,
        &["--label", "species"],
    ]
    .concat();
    let said = place.said(&csv);
    assert!(said.starts_with("zoo/all imported 333 rows\n"), "{said}");
    assert!(
        said.contains("species\tcategorical_label of 3 classes\tno\n"),
        "{said}"
    );
    assert!(
        said.ends_with("Next: tlc head zoo/all, or look at it: tlc dashboard\n"),
        "{said}"
    );
    let again = place.said(&csv);
    assert!(
        again.starts_with("zoo/all was there already, with the same rows: 333 rows"),
        "{again}"
    );
}

#[test]
fn each_format_becomes_a_table_that_programs_are_told_of() {
    let place = Place::new();
    place.file("a.jsonl", "{\"x\":1,\"v\":[1.5]}\n{\"x\":null,\"v\":[]}\n");
    let digits = data("digits8x8.parquet");
    for (format, path, rows) in [("json", "*.jsonl", 2), ("parquet", digits.as_str(), 1797)] {
        let options = ["--table", format, "--weight", "--extra", "split=train"];
        let made = place.json(&[&["import", format, path][..], &INTO, &options].concat());
        assert_eq!(
            (&made["rows"], &made["is_new"]),
            (&rows.into(), &true.into())
        );
        assert_eq!(
            (&made["project"], &made["dataset"]),
            (&"zoo".into(), &"all".into())
        );
        assert_eq!(
            (&made["table"], &made["skipped"]),
            (&format.into(), &0.into())
        );
        let url = Url::parse(made["url"].as_str().unwrap()).unwrap();
        let table = Table::from_url(&url).unwrap();
        let columns = made["columns"].as_array().unwrap();
        assert_eq!(columns.len(), table.schema().columns().len());
        assert_eq!(columns[columns.len() - 2]["type"], "sample_weight");
        assert_eq!(table.schema().columns().last().unwrap().name, "split");
    }
}

#[test]
fn columns_are_what_the_caller_says() {
    let place = Place::new();
    place.file("a.txt", "1;0;cat\n2;1;dog\n");
    let columns = [
        "--column",
        "n=uint8",
        "--column",
        "b=bool",
        "--column",
        "l=label:dog|cat",
    ];
    let how = ["--delimiter", ";", "--names", "n,b,l", "--no-header"];
    let made = place.json(&[&["import", "csv", "a.txt"][..], &INTO, &columns, &how].concat());
    let table = Table::from_url(Url::parse(made["url"].as_str().unwrap()).unwrap()).unwrap();
    let value = |name: &str| table.schema().require(name).unwrap().value.clone();
    assert_eq!(
        (value("n"), value("b")),
        (ValueType::UInt8, ValueType::Bool)
    );
    assert_eq!(value("l"), ValueType::labels(["dog", "cat"]));
}

#[test]
fn bad_rows_fail_by_line_or_are_skipped_and_told() {
    let place = Place::new();
    place.file("a.csv", "n,t\n1,a\nx,b\n3\n4,d\n");
    let csv = [
        &["import", "csv", "a.csv"][..],
        &INTO,
        &["--column", "n=int8"],
    ]
    .concat();
    let (code, said) = place.refused(&csv);
    assert_eq!(code, 1);
    assert!(
        said.contains("a.csv, line 3, column `n`, value \"x\": is no whole number"),
        "{said}"
    );
    let skipping = [&csv[..], &["--skip-bad-rows"]].concat();
    let said = place.said(&skipping);
    assert!(
        said.contains("2 rows were skipped:\n") && said.contains("line 4: 1 fields"),
        "{said}"
    );
    let made = place.json(&skipping);
    assert_eq!((&made["rows"], &made["skipped"]), (&2.into(), &2.into()));
    assert_eq!(made["first_skipped"].as_array().unwrap().len(), 2);
}

#[test]
fn other_rows_under_the_same_name_are_refused_or_put_where_it_is_said() {
    let place = Place::new();
    place.file("a.csv", "n\n1\n");
    place.file("b.csv", "n\n2\n");
    place.said(&[&["import", "csv", "a.csv"][..], &INTO].concat());
    let other = [&["import", "csv", "b.csv"][..], &INTO].concat();
    let (code, said) = place.refused(&other);
    assert!(code == 1 && said.contains("the data changed"), "{said}");
    let renamed = place.json(&[&other[..], &["--if-exists", "rename"]].concat());
    assert_eq!(renamed["table"], "initial_0000");
    let over = place.json(&[&other[..], &["--if-exists", "overwrite"]].concat());
    assert_eq!(
        (&over["table"], &over["is_new"]),
        (&"initial".into(), &true.into())
    );
}

#[test]
fn wrong_use_is_told_apart() {
    let place = Place::new();
    place.file("a.csv", "n\n1\n");
    for arguments in [
        &["import", "csv", "none.csv", "--dataset", "d"][..],
        &["import", "csv", "a.csv"],
        &["import", "csv", "--dataset", "d"],
        &[
            "import",
            "csv",
            "a.csv",
            "--dataset",
            "d",
            "--column",
            "n=integer",
        ],
        &[
            "import",
            "csv",
            "a.csv",
            "--dataset",
            "d",
            "--column",
            "n=label",
        ],
        &[
            "import",
            "csv",
            "a.csv",
            "--dataset",
            "d",
            "--delimiter",
            "ab",
        ],
        &["import", "xml", "a.csv", "--dataset", "d"],
    ] {
        let (code, said) = place.refused(arguments);
        assert!(
            code == 2 && !said.is_empty(),
            "{arguments:?}: {code} {said}"
        );
    }
}
