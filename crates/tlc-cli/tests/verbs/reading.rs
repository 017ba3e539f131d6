//! `tlc show`, `head`, `rows`, `worst` and `log`.

use crate::fashion::CLASSES;
use crate::shape::shape;
use crate::world::{RUN, SAMPLES, TABLE, World, loss, predicted};
use tlc_core::RevisionOptions;

const ROW_OF_RUN: &str = "{accuracy: number, confidence: number, epoch: number, image: text, \
                          label: text, loss: number, predicted: text, row: number}";

#[test]
fn head_shows_the_first_rows_with_classes_by_name_and_images_by_size() {
    let world = World::new();
    let head = world.place.json(&["head", TABLE, "-n", "3"]);
    assert_eq!(
        shape(&head),
        "{all: number, rows: [{image: text, label: text, row: number}], url: text}"
    );
    assert_eq!(
        (&head["all"], head["rows"].as_array().unwrap().len()),
        (&SAMPLES.into(), 3)
    );
    for (row, picture) in head["rows"].as_array().unwrap().iter().zip(&world.pictures) {
        assert_eq!(row["label"], CLASSES[picture.label as usize]);
        assert_eq!(row["image"], "28x28 png");
    }
    let run = world.place.json(&["head", RUN]);
    assert_eq!(
        shape(&run),
        format!("{{all: number, rows: [{ROW_OF_RUN}], url: text}}")
    );
    assert_eq!(
        world.place.json(&["head", TABLE, "-n", "0"])["rows"],
        serde_json::json!([])
    );
    let all = world
        .place
        .json(&["head", TABLE, "-n", "18446744073709551615"]);
    assert_eq!(all["rows"].as_array().unwrap().len(), SAMPLES);
}

#[test]
fn vectors_are_told_by_their_length_and_whole_in_json() {
    let world = World::new();
    let arguments = [
        "head",
        RUN,
        "-n",
        "1",
        "--columns",
        "embedding,probabilities",
    ];
    let pipe = world.place.said(&arguments);
    assert!(pipe.ends_with("\t[10 numbers]\n"), "{pipe}");
    let json = world.place.json(&arguments);
    let row = &json["rows"][0];
    assert_eq!(row["probabilities"].as_array().unwrap().len(), 10);
    // As few digits as a number of 32 bits needs.
    assert_eq!(row["probabilities"][world.pictures[0].label as usize], 0.82);
}

#[test]
fn rows_are_those_of_the_condition_in_the_order() {
    let world = World::new();
    let condition = "predicted <> label and loss > 2.5";
    let found = world.place.json(&[
        "rows",
        RUN,
        "--where",
        condition,
        "--sort",
        "loss desc",
        "--limit",
        "5",
    ]);
    let mut expected: Vec<(usize, f32)> = world
        .pictures
        .iter()
        .enumerate()
        .filter(|(id, picture)| predicted(*id, picture.label, 0) != picture.label)
        .map(|(id, _)| (id, loss(id, true)))
        .filter(|(_, loss)| *loss > 2.5)
        .collect();
    expected.sort_by(|one, other| other.1.total_cmp(&one.1));
    assert_eq!(found["matching"], expected.len());
    assert_eq!(found["all"], SAMPLES);
    let rows: Vec<u64> = found["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["row"].as_u64().unwrap())
        .collect();
    let expected: Vec<u64> = expected.iter().take(5).map(|(id, _)| *id as u64).collect();
    assert_eq!(rows, expected);
    assert_eq!(
        shape(&found),
        format!("{{all: number, matching: number, rows: [{ROW_OF_RUN}], url: text}}")
    );
}

#[test]
fn columns_and_epochs_are_chosen() {
    let world = World::new();
    let rows = |epoch: &str| {
        world.place.said(&[
            "rows",
            RUN,
            "--epoch",
            epoch,
            "--sort",
            "epoch desc, loss",
            "--columns",
            "epoch, label",
            "--limit",
            "1000",
        ])
    };
    let all = rows("all");
    assert_eq!(all.lines().count(), 1 + 3 * SAMPLES);
    assert!(
        all.starts_with("row\tepoch\tlabel\n") && all.contains("\t1\t"),
        "{all}"
    );
    assert_eq!(all.lines().nth(1).unwrap().split('\t').nth(1), Some("3"));
    let second = rows("2");
    assert_eq!(second.lines().count(), 1 + SAMPLES);
    assert!(second.lines().skip(1).all(|line| line.contains("\t2\t")));
    let (code, said) = world.place.refusal(&["rows", RUN, "--epoch", "9"]);
    assert!(code == 1 && said.contains("epoch 9"), "{said}");
}

#[test]
fn what_is_no_condition_is_wrong_use_and_names_the_place() {
    let world = World::new();
    for condition in [
        "loss >",
        "los > 2",
        "label = 'Shrt'",
        "drop table x",
        "",
        "'",
        "loss + 1",
    ] {
        let (code, said) = world.place.refusal(&["rows", RUN, "--where", condition]);
        assert_eq!(code, 2, "{condition}: {said}");
        assert!(said.contains("at character"), "{condition}: {said}");
    }
    let (code, said) = world.place.refusal(&["rows", RUN, "--sort", "los"]);
    assert!(code == 1 && said.contains("no column `los`"), "{said}");
    let (code, said) = world
        .place
        .refusal(&["worst", RUN, "--by", "loss,confidence"]);
    assert!(code == 2 && said.contains("one column"), "{said}");
    let (code, said) = world.place.refusal(&["rows", TABLE, "--epoch", "1"]);
    assert!(code == 2 && said.contains("name a run"), "{said}");
    let (code, _) = world.place.refusal(&["rows", TABLE, "--limit", "-1"]);
    assert_eq!(code, 2);
}

#[test]
fn worst_is_by_the_loss_and_draws_what_it_shows() {
    let world = World::new();
    let file = world.place.file("worst.png");
    let path = file.to_str().unwrap();
    let worst = world
        .place
        .json(&["worst", RUN, "-n", "7", "--sheet", path]);
    assert_eq!(
        shape(&worst),
        format!(
            "{{by: {{column: text, descending: flag}}, drawn: number, of: number, rows: \
             [{ROW_OF_RUN}], sheet: text, url: text}}"
        )
    );
    assert_eq!(worst["by"]["column"], "loss");
    let losses: Vec<f64> = worst["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["loss"].as_f64().unwrap())
        .collect();
    assert!(
        losses.is_sorted_by(|one, other| one >= other) && losses[0] > 2.9,
        "{losses:?}"
    );
    let sheet = image::open(&file).unwrap();
    assert!(sheet.width() >= 7 * 112, "{}", sheet.width());
    let (code, said) = world.place.refusal(&["worst", RUN, "--sheet", path]);
    assert!(code == 1 && said.contains("--force"), "{said}");
    world
        .place
        .said(&["worst", RUN, "-n", "2", "--sheet", path, "--force"]);
    assert!(image::open(&file).unwrap().width() < 7 * 112);
    let best = world
        .place
        .json(&["worst", RUN, "--by", "loss asc", "-n", "1"]);
    assert!(best["rows"][0]["loss"].as_f64().unwrap() < 0.1);
}

#[test]
fn show_tells_the_parameters_curves_inputs_and_metrics_of_a_run() {
    let world = World::new();
    let said = world.place.said(&["show", RUN]);
    for part in [
        "run first: completed",
        "by a rule",
        "learning_rate\t0.003",
        "█",
        "3 values by epoch",
        "fashion/clothes/initial\t200\t200 of the test set",
        "\t1 to 3\t600\t",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let shown = world.place.json(&["show", RUN]);
    assert_eq!(shown["last"]["train_loss"], 1.0 / 3.0);
    assert_eq!(
        shape(&shown),
        "{created: text, description: text, failure: null, inputs: [{description: text, name: text, rows: \
         number, url: text}], last: {train_loss: number}, metrics: [{about: null, columns: \
         [text], epoch: number, finding: flag, finished: flag, name: text, rows: number, split: \
         null, stream: text}], parameters: {learning_rate: number, skill: number}, series: \
         [{axis: text, key: text, points: [[number]]}], status: text, url: text}"
    );
}

#[test]
fn show_tells_the_columns_and_the_lineage_of_a_table() {
    let world = World::new();
    let mut editor = world.table.edit().unwrap();
    editor.set("label", 3, "Bag").unwrap();
    editor
        .commit(RevisionOptions::new("a bag").author("Kim"))
        .unwrap();
    let said = world.place.said(&["show", TABLE]);
    for part in [
        "table clothes/initial: 200 rows",
        "categorical_label of 10 classes",
        "initial *",
        "↓ initial_0001",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let shown = world.place.json(&["show", TABLE]);
    assert_eq!(
        shape(&shown["columns"]),
        "[{holds: text, kind: text, name: text, values: text, writable: flag}]"
    );
    assert_eq!(shown["lineage"], world.place.json(&["log", TABLE]));
}

#[test]
fn log_is_a_tree_of_revisions() {
    let world = World::new();
    let edit = |table: &tlc_core::Table, row: usize, name: &str| {
        let mut editor = table.edit().unwrap();
        editor.set("label", row, "Bag").unwrap();
        editor
            .commit(RevisionOptions::new(name).name(name))
            .unwrap()
    };
    let one = edit(&world.table, 1, "one");
    edit(&one, 2, "two");
    edit(&world.table, 3, "three");
    let said = world.place.said(&["log", "fashion/clothes/two"]);
    let lines: Vec<&str> = said
        .lines()
        .map(|line| line.split("  ").next().unwrap())
        .collect();
    assert_eq!(lines, ["initial", "├─ one", "│", "└─ three"], "{said}");
    assert!(said.contains("│  ↓ two *"), "{said}");
    let log = world.place.json(&["log", TABLE]);
    assert_eq!(log.as_array().unwrap().len(), 4);
    assert_eq!(
        shape(&log[1]),
        "{author: null, changes: {cells: number, columns: number, rows_appended: number, \
         rows_dropped: number}, created: text, description: text, id: text, is_deleted: flag, \
         is_this: flag, kind: text, parent: text, rows: number, table: text, url: text}"
    );
}
