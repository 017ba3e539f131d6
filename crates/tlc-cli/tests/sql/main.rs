//! `tlc sql` as people and programs call it.

#![allow(clippy::panic, clippy::unwrap_used)] // a test stops at the first surprise

#[path = "../shared/place.rs"]
mod place;

use self::place::{Place, told};
use serde_json::{Value, json};
use std::process::{Command, Output};
use tlc_core::{AddMetrics, Column, Columns, Run, RunOptions, Table, TableOptions, ValueType};

impl Place {
    fn output(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tlc"));
        command.args(arguments).current_dir(self.folder.path());
        command.env("TLC_PROJECT_ROOT", self.root.to_string());
        command.output().unwrap()
    }

    fn said(&self, arguments: &[&str]) -> String {
        let output = self.output(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", told(&output));
        String::from_utf8(output.stdout).unwrap()
    }
}

/// A project with a table of pets, and a run over it.
fn pets(name: &str) -> Place {
    let place = Place::new();
    let column = |name| Column::new(name, ValueType::labels(["cat", "dog"])).writable(true);
    let options = TableOptions::new(name, "pets", "initial").root(&place.root);
    let columns = Columns::new()
        .column("label", vec![0, 1, 0, 1])
        .column("weight", vec![1.0_f32; 4]);
    let weight = Column::new("weight", ValueType::SampleWeight).writable(true);
    let table = Table::create(options.columns([column("label"), weight]), |writer| {
        writer.add_batch(columns.clone())
    })
    .unwrap();
    let run = RunOptions::new(name).name("first-try").root(&place.root);
    let run = Run::create(run).unwrap();
    let values = Columns::new()
        .column("label", vec![0, 1, 0, 1])
        .column("loss", vec![0.5_f32, f32::NAN, 4.0, 0.25]);
    let options = AddMetrics::new().foreign_table(&table).example_ids(0..4);
    run.add_metrics(values, options.column(column("label")))
        .unwrap();
    place
}

const STREAM: &str = r#"runs."first-try".default_stream"#;

#[test]
fn a_question_is_answered_as_text_and_as_json() {
    let place = pets("p");
    let sql = format!(
        "SELECT class_name(label) AS class, count(*) AS n, avg(loss) AS mean FROM {STREAM} GROUP BY 1 ORDER BY 1"
    );
    assert_eq!(
        place.said(&["sql", &sql]),
        "class\tn\tmean\ncat\t2\t2.25\ndog\t2\tNaN\n"
    );
    let said = place.said(&["sql", "--json", &sql]);
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(
        said,
        json!([
            {"class": "cat", "n": 2, "mean": 2.25},
            {"class": "dog", "n": 2, "mean": "NaN"}
        ])
    );
    let labels = place.said(&[
        "sql",
        "SELECT label FROM tables.pets.initial WHERE example_id = 1",
    ]);
    assert_eq!(labels, "label\ndog\n", "a label is shown by its name");
    let nothing = place.said(&["sql", &format!("SELECT loss FROM {STREAM} WHERE loss < 0")]);
    assert_eq!(nothing, "no rows\n");
    assert_eq!(
        place
            .said(&["sql", "--json", "SELECT 1 AS one WHERE false"])
            .trim(),
        "[]"
    );
}

#[test]
fn types_that_no_table_has_are_shown_too() {
    let place = pets("p");
    let sql = "SELECT DATE '2024-02-29' AS day, CAST(1.5 AS decimal(5, 2)) AS price, \
               NULL AS none, [1, 2] AS list, INTERVAL '1 day' AS span, \
               arrow_cast('x', 'Utf8View') AS text";
    let said = place.said(&["sql", "--json", sql]);
    let said: Value = serde_json::from_str(&said).unwrap();
    let row = &said[0];
    assert!(
        row["day"].as_str().unwrap().starts_with("2024-02-29"),
        "{row}"
    );
    assert_eq!((&row["price"], &row["none"]), (&json!(1.5), &Value::Null));
    assert_eq!((&row["list"], &row["text"]), (&json!([1, 2]), &json!("x")));
}

#[test]
fn an_answer_goes_into_a_file_and_back_into_a_revision() {
    let place = pets("p");
    let sql = format!("SELECT example_id, 0.25 AS weight FROM {STREAM} WHERE loss > 1");
    place.said(&["sql", &sql, "--to", "weights.csv"]);
    place.said(&[
        "edit",
        "p/pets",
        "--from",
        "weights.csv",
        "-m",
        "less of the hopeless",
    ]);
    let weights = r#"SELECT weight FROM tables.pets."initial@latest" ORDER BY example_id"#;
    assert_eq!(place.said(&["sql", weights]), "weight\n1\n0.25\n0.25\n1\n");
    assert!(place.file("weights.csv").is_file());
    // A file is not overwritten unless it is said.
    let refused = place.output(&["sql", &sql, "--to", "weights.csv"]);
    assert!(told(&refused).contains("weights.csv"), "{}", told(&refused));
    place.said(&["sql", &sql, "--to", "weights.csv", "--force"]);
    for file in [
        "answer.parquet",
        "answer.arrow",
        "answer.jsonl",
        "answer.tsv",
    ] {
        let said = place.said(&["sql", &sql, "--to", file]);
        assert_eq!(said, format!("{file}: 2 rows\n"));
    }
    place.said(&[
        "import",
        "parquet",
        "answer.parquet",
        "--project",
        "again",
        "--dataset",
        "answer",
    ]);
    let sql = "SELECT sum(example_id) AS sum FROM again.tables.answer.initial";
    assert_eq!(place.said(&["sql", sql]), "sum\n3\n");
}

#[test]
fn what_is_read_is_told() {
    let place = pets("p");
    let sql = format!("SELECT loss FROM {STREAM} WHERE example_id = 3");
    let said = place.said(&["sql", "--explain", &sql]);
    assert!(
        said.contains("ScanRows: rows=4 of 4, columns=2 of 3"),
        "{said}"
    );
}

#[test]
fn a_mistake_is_told_with_what_there_is() {
    let place = pets("p");
    for (sql, told_of) in [
        (
            "SELECT * FROM runs.second.default_stream",
            "no run `second`, there are: first-try",
        ),
        (
            "SELECT lose FROM tables.pets.initial",
            "No field named lose",
        ),
        ("SELEC 1", "SELEC"),
        ("DROP TABLE tables.pets.initial", "not supported"),
        ("SELECT 1 AS a, 2 AS a", "a"),
    ] {
        let output = place.output(&["sql", sql]);
        assert_eq!(output.status.code(), Some(1), "{sql}: {}", told(&output));
        assert!(told(&output).contains(told_of), "{}", told(&output));
        assert!(!told(&output).contains("panicked"), "{}", told(&output));
    }
    // Of several projects one is named.
    let other = Table::create(
        TableOptions::new("q", "d", "initial").root(&place.root),
        |writer| writer.add_batch(Columns::new().column("x", vec![7])),
    );
    other.unwrap();
    let sql = "SELECT x FROM tables.d.initial";
    let unsaid = told(&place.output(&["sql", sql]));
    assert!(unsaid.contains("--project"), "{unsaid}");
    assert_eq!(place.said(&["sql", sql, "--project", "q"]), "x\n7\n");
}

#[test]
fn the_question_of_the_readme_is_answered() {
    let readme = include_str!("../../../../README.md");
    let (_, asked) = readme.split_once("-- sql \\\n  '").unwrap();
    let (sql, _) = asked.split_once("'\n").unwrap();
    let place = pets("fashion-mnist");
    let sql = sql
        .replace("train-classifier", "first-try")
        .replace("tables.train", "tables.pets");
    let said = place.said(&["sql", &sql]);
    assert_eq!(said, "class\tloss\ndog\tNaN\ncat\t2.25\n");
}
