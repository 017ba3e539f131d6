//! `tlc edit` and `tlc diff`.

use crate::shape::shape;
use crate::world::{RUN, SAMPLES, TABLE, World, predicted};
use crate::{Place, told};
use std::io::Write;
use std::process::Stdio;
use tlc_core::{AddMetrics, Column, Columns, Run, RunOptions, Table, TableOptions, ValueType};

const LATEST: &str = "fashion/clothes@latest";

fn labels(world: &World, name: &str) -> Vec<String> {
    let rows = world
        .place
        .json(&["rows", name, "--columns", "label", "--limit", "1000"]);
    let rows = rows["rows"].as_array().unwrap().iter();
    rows.map(|row| row["label"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn an_edit_is_a_revision_that_says_what_changed() {
    let world = World::new();
    let before = labels(&world, TABLE);
    let edited = world.place.json(&[
        "edit",
        LATEST,
        "--set",
        "label=Bag",
        "--where",
        "label = 'Shirt'",
        "-m",
        "no shirts",
        "--author",
        "Kim",
    ]);
    let shirts = before.iter().filter(|label| *label == "Shirt").count();
    assert!(shirts > 5);
    assert_eq!(edited["cells"], shirts);
    assert_eq!(
        shape(&edited),
        "{asked: number, cells: number, changes: [{after: text, before: text, column: text, row: \
         number}], columns: [{cells: number, column: text}], dry_run: flag, revision: text, table: text}"
    );
    assert!(
        edited["revision"]
            .as_str()
            .unwrap()
            .ends_with("/initial_0001")
    );
    let after = labels(&world, LATEST);
    assert!(
        after
            .iter()
            .zip(&before)
            .all(|(after, before)| match before.as_str() {
                "Shirt" => after == "Bag",
                before => after == before,
            })
    );
    assert_eq!(labels(&world, TABLE), before);
    let log = world.place.json(&["log", TABLE]);
    assert_eq!(
        (&log[1]["author"], &log[1]["description"]),
        (&"Kim".into(), &"no shirts".into())
    );
    let said = world.place.said(&[
        "edit",
        LATEST,
        "--set",
        "label=Bag",
        "--where",
        "label = 'Bag'",
    ]);
    assert!(said.contains("Nothing is different"), "{said}");
    assert_eq!(
        world.place.json(&["log", TABLE]).as_array().unwrap().len(),
        2
    );
    let none = ["edit", LATEST, "--set", "label=Bag", "--where", "false"];
    assert!(world.place.said(&none).contains("No row is meant"));
}

#[test]
fn a_dry_run_says_the_same_and_changes_nothing() {
    let world = World::new();
    let arguments = ["edit", TABLE, "--set", "label=Bag", "--rows", "3,5,3"];
    let dry = world.place.json(&[&arguments[..], &["--dry-run"]].concat());
    assert_eq!((&dry["asked"], &dry["cells"]), (&2.into(), &2.into()));
    assert_eq!(dry["revision"], serde_json::Value::Null);
    assert_eq!(
        world.place.json(&["log", TABLE]).as_array().unwrap().len(),
        1
    );
    let real = world.place.json(&arguments);
    assert_eq!(dry["changes"], real["changes"]);
    let said = world.place.said(&[
        "edit",
        LATEST,
        "--set",
        "label=Coat",
        "--rows",
        "3",
        "--dry-run",
    ]);
    assert!(said.contains("1 cell would change: 1 of `label`"), "{said}");
}

#[test]
fn a_condition_may_be_about_the_metrics_of_a_run() {
    let world = World::new();
    let edited = world.place.json(&[
        "edit",
        TABLE,
        "--run",
        RUN,
        "--where",
        "predicted <> label",
        "--set",
        "label=Bag",
        "--dry-run",
    ]);
    let wrong = world.pictures.iter().enumerate().filter(|(id, picture)| {
        predicted(*id, picture.label, 0) != picture.label && picture.label != 8
    });
    assert_eq!(edited["cells"], wrong.count());
}

#[test]
fn rows_that_were_written_are_read_back_and_only_what_differs_is_changed() {
    let world = World::new();
    let file = world.place.file("edits.tsv");
    let rows = world.place.said(&["rows", TABLE, "--limit", "1000"]);
    assert_eq!(rows.lines().count(), SAMPLES + 1);
    std::fs::write(&file, &rows).unwrap();
    let path = file.to_str().unwrap();
    // The images in it are not editable, and are as they were.
    let said = world.place.said(&["edit", LATEST, "--from", path]);
    assert!(said.contains("Nothing is different"), "{said}");
    let label = world.place.json(&["head", TABLE, "-n", "1"])["rows"][0]["label"].clone();
    let edited = rows.replacen(label.as_str().unwrap(), "Coat", 1);
    std::fs::write(&file, edited).unwrap();
    let edited = world
        .place
        .json(&["edit", LATEST, "--from", path, "-m", "one"]);
    assert_eq!(
        (&edited["cells"], &edited["changes"][0]["after"]),
        (&1.into(), &"Coat".into())
    );
}

#[test]
fn edits_come_from_csv_of_any_kind_and_from_a_pipe() {
    let world = World::new();
    let texts = [
        "row,label\n3,Bag\n5,Sandal\n",
        "\u{feff}row,label\r\n3,Bag\r\n5,Sandal\r\n",
        "label, row\nBag,3\n\"Sandal\", 5\n",
        "example_id,label\n5,5\n3,8\n4,\n",
        "row\tlabel\n3\tBag\n5\tSandal",
    ];
    for (number, text) in texts.iter().enumerate() {
        let name = format!("way_{number}");
        let arguments = ["edit", TABLE, "--from", "-", "--branch", "--as", &name];
        let mut child = world
            .place
            .command(&arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(text.as_bytes())
            .unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{text:?}: {}", told(&output));
        let after = labels(&world, &format!("fashion/clothes/{name}"));
        assert_eq!(
            (after[3].as_str(), after[5].as_str()),
            ("Bag", "Sandal"),
            "{text:?}"
        );
    }
}

#[test]
fn bad_files_are_refused_by_line_and_column_and_nothing_is_made() {
    let world = World::new();
    let file = world.place.file("edits.csv");
    let path = file.to_str().unwrap();
    let cases: [(&[u8], &str); 14] = [
        (b"", "no column `row`"),
        (b"label\nBag\n", "no column `row`"),
        (b"row\n1\n", "nothing to set"),
        (b"row,lable\n1,Bag\n", "no column `lable`"),
        (b"row,label,label\n1,Bag,Bag\n", "there twice"),
        (b"row,label\n1,Bag\nx,Bag\n", "line 3: the row is `x`"),
        (b"row,label\n-1,Bag\n", "line 2: the row is `-1`"),
        (
            b"row,label\n1,Bag\n200,Bag\n",
            "line 3: row 200 is past the end",
        ),
        (
            b"row,label\n1,Bag\n2,Bagg\n",
            "line 3: column `label`, row 2: no class of this name",
        ),
        (
            b"row,label\n1,Bag\n1,Coat\n",
            "line 3: row 1 is there twice, in line 2",
        ),
        (b"row,label\n1,Bag,7\n", "3 fields"),
        (b"row,label\n1,null\n", "no value may be missing"),
        (b"row,label\n1,\xff\n", "UTF-8"),
        (b"row,image\n1,picture.png\n", "leave the column out"),
    ];
    for (text, expected) in cases {
        std::fs::write(&file, text).unwrap();
        let (code, said) = world.place.refusal(&["edit", TABLE, "--from", path]);
        let text = String::from_utf8_lossy(text);
        assert_eq!(code, 1, "{text}: {said}");
        assert!(
            said.contains(expected) && said.contains("edits.csv"),
            "{text}: {said}"
        );
    }
    let (code, said) = world
        .place
        .refusal(&["edit", TABLE, "--from", "no/such.csv"]);
    assert!(
        code == 1 && said.contains("no/such.csv: No such file"),
        "{said}"
    );
    assert_eq!(
        world.place.json(&["log", TABLE]).as_array().unwrap().len(),
        1
    );
}

#[test]
fn what_cannot_be_meant_is_wrong_use() {
    let world = World::new();
    for arguments in [
        &["edit", TABLE][..],
        &["edit", TABLE, "--set", "label=Bag"],
        &["edit", TABLE, "--set", "label", "--all"],
        &["edit", TABLE, "--set", "label=Bag", "--all", "--rows", "1"],
        &["edit", TABLE, "--set", "label=Bag", "--where", "label ="],
        &["edit", TABLE, "--set", "label=Bag", "--rows", "-1"],
    ] {
        let (code, said) = world.place.refusal(arguments);
        assert_eq!(code, 2, "{arguments:?}: {said}");
    }
    for (arguments, expected) in [
        (&["--set", "lable=Bag", "--all"], "no column `lable`"),
        (&["--set", "label=Bags", "--all"], "no class of this name"),
        (&["--set", "label=Bag", "--rows=7000"], "past the end"),
    ] {
        let (code, said) = world
            .place
            .refusal(&[&["edit", TABLE], &arguments[..]].concat());
        assert!(code == 1 && said.contains(expected), "{said}");
    }
}

#[test]
fn an_edit_of_what_is_not_the_latest_is_refused_with_a_way_on() {
    let world = World::new();
    world
        .place
        .said(&["edit", TABLE, "--set", "label=Bag", "--rows", "3,5"]);
    let again = ["edit", TABLE, "--set", "label=Coat", "--rows", "3,9"];
    let (code, said) = world.place.refusal(&again);
    assert_eq!(code, 1);
    for part in [
        "after `initial` came `initial_0001`",
        "`label` of row 3",
        "clothes/initial_0001",
        "--branch",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    world
        .place
        .said(&[&again[..], &["--branch", "--as", "other"]].concat());
    assert_eq!(
        world.place.json(&["log", TABLE]).as_array().unwrap().len(),
        3
    );
}

/// A table of a row, whose columns are of every type that a text says.
fn table_of_every_type() -> Place {
    let place = Place::new();
    let options = TableOptions::new("p", "d", "initial").root(&place.root);
    let nullable =
        |name: &str, value: ValueType| Column::new(name, value).nullable(true).writable(true);
    let options = options
        .column(nullable("flag", ValueType::Bool))
        .column(nullable("whole", ValueType::Int64))
        .column(nullable("small", ValueType::UInt8))
        .column(nullable("single", ValueType::Float32))
        .column(nullable("double", ValueType::Float64))
        .column(nullable("text", ValueType::String))
        .column(nullable("a=b", ValueType::Int32));
    let rows = Columns::new()
        .column("flag", vec![true])
        .column("whole", vec![1_i64])
        .column("small", vec![1_u8])
        .column("single", vec![1.0_f32])
        .column("double", vec![1.0])
        .column("text", vec!["x"])
        .column("a=b", vec![1]);
    Table::create(options, |writer| writer.add_batch(rows)).unwrap();
    place
}

#[test]
fn values_of_every_type_are_read_from_texts() {
    let place = table_of_every_type();
    let set = |value: &str| {
        let arguments = ["edit", "p/d@latest", "--rows", "0", "--set", value];
        match place.output(&arguments) {
            output if output.status.success() => Ok(()),
            output => Err(told(&output)),
        }
    };
    let good = [
        "flag=FALSE",
        "whole=9223372036854775807",
        "small=255",
        "single=0.1",
        "double=-1e300",
        "text=null = nothing",
        "a=b=7",
        "whole=null",
        "flag=",
    ];
    for value in good {
        set(value).unwrap();
    }
    let row = place.json(&["head", "p/d@latest"])["rows"][0].clone();
    assert_eq!(
        row,
        serde_json::json!({ "row": 0, "flag": null, "whole": null, "small": 255, "single": 0.1,
            "double": -1e300, "text": "null = nothing", "a=b": 7 })
    );
    for value in [
        "flag=yes",
        "whole=1.5",
        "whole=9223372036854775808",
        "small=256",
        "small=-1",
        "single=one",
        "double=1,5",
        "a=b=2147483648",
        "single=1e39",
    ] {
        let said = set(value).unwrap_err();
        assert!(
            said.contains("column `") && !said.contains("panicked"),
            "{value}: {said}"
        );
    }
}

#[test]
fn columns_that_are_not_writable_want_force() {
    let place = Place::new();
    let options = TableOptions::new("p", "d", "initial").root(&place.root);
    let rows = Columns::new().column("score", vec![1.0, 2.0]);
    Table::create(options, |writer| writer.add_batch(rows)).unwrap();
    let arguments = ["edit", "p/d", "--set", "score=5", "--all"];
    let (code, said) = place.refusal(&arguments);
    assert!(
        code == 1 && said.contains("not writable") && said.contains("--force"),
        "{said}"
    );
    place.said(&[&arguments[..], &["--force"]].concat());
}

#[test]
fn diff_tells_cells_rows_and_columns() {
    let world = World::new();
    let mut editor = world.table.edit().unwrap();
    editor
        .set("label", 3, "Bag")
        .unwrap()
        .drop_rows([7])
        .unwrap();
    editor
        .add_constant(Column::new("weight", ValueType::SampleWeight), 1.0_f32)
        .unwrap();
    editor.commit("three changes").unwrap();
    let diff = world.place.json(&["diff", TABLE, LATEST]);
    assert_eq!(
        (&diff["cells"], &diff["rows_dropped"]),
        (&1.into(), &serde_json::json!([7]))
    );
    assert_eq!(diff["columns_added"], serde_json::json!(["weight"]));
    assert_eq!(diff["changes"][0]["after"], "Bag");
    assert_eq!(
        shape(&diff),
        "{after: text, before: text, cells: number, changes: [{after: text, before: text, column: \
         text, row: number}], columns: [{cells: number, column: text}], columns_added: [text], \
         columns_described: [], columns_dropped: [], rows_added: [], rows_dropped: [number]}"
    );
    let same = world.place.said(&["diff", TABLE, TABLE]);
    assert!(same.contains("Nothing is different"), "{same}");
    let options = TableOptions::new("fashion", "others", "initial").root(&world.place.root);
    let rows = Columns::new().column("x", vec![1]);
    Table::create(options, |writer| writer.add_batch(rows)).unwrap();
    let (code, said) = world.place.refusal(&["diff", TABLE, "fashion/others"]);
    assert!(
        code == 1 && said.contains("rows of one are no rows of the other"),
        "{said}"
    );
}

#[test]
fn rows_of_several_tables_say_of_which_and_are_no_edits_of_one() {
    let world = World::new();
    let options = TableOptions::new("fashion", "others", "initial").root(&world.place.root);
    let label = Column::new("label", ValueType::labels(["cat", "dog"]));
    let rows = Columns::new().column("label", vec![1, 0]);
    let others = Table::create(options.column(label), |writer| writer.add_batch(rows)).unwrap();
    let run = RunOptions::new("fashion")
        .root(&world.place.root)
        .name("both");
    let run = Run::create(run).unwrap();
    for table in [&world.table, &others] {
        let about = AddMetrics::new().foreign_table(table);
        let values = Columns::new().column("example_id", vec![1_i64, 0]);
        run.add_metrics(values.column("loss", vec![0.5_f32, 0.7]), about)
            .unwrap();
    }
    let rows = world.place.said(&["rows", "both", "--columns", "label"]);
    assert!(
        rows.starts_with("row\ttable\tlabel\n1\tclothes/initial\t"),
        "{rows}"
    );
    assert!(rows.ends_with("\n0\tothers/initial\tdog\n"), "{rows}");
    let file = world.place.file("both.tsv");
    std::fs::write(&file, rows).unwrap();
    let arguments = ["edit", "fashion/others", "--from", file.to_str().unwrap()];
    let (code, said) = world.place.refusal(&arguments);
    assert!(
        code == 1 && said.contains("rows are of several tables"),
        "{said}"
    );
}
