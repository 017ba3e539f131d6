//! Lists of what there is, and `tlc` alone.

use crate::shape::shape;
use crate::world::World;
use crate::{Place, told};
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use tlc_core::{Columns, Run, RunOptions, Table, TableOptions};

#[test]
fn nothing_yet_is_said_and_is_no_failure() {
    let place = Place::new();
    for verb in ["projects", "runs", "tables"] {
        assert!(
            place.said(&[verb]).contains("a training makes one"),
            "{verb}"
        );
        assert_eq!(place.json(&[verb]), serde_json::json!([]));
    }
    assert!(place.said(&[]).contains("tlc --help"));
}

#[test]
fn lists_have_one_schema_each() {
    let world = World::new();
    let shapes = [
        (
            "projects",
            "[{project: text, runs: number, tables: number}]",
        ),
        (
            "runs",
            "[{created: text, metrics: number, project: text, run: text, status: text, url: text}]",
        ),
        (
            "tables",
            "[{created: text, dataset: text, description: text, project: text, rows: number, \
             table: text, url: text}]",
        ),
    ];
    for (verb, expected) in shapes {
        assert_eq!(shape(&world.place.json(&[verb])), expected, "{verb}");
    }
    assert_eq!(
        shape(&world.place.json(&[])),
        "{newest_runs: [{created: text, metrics: number, project: text, run: text, status: text, \
         url: text}], next: [{command: text, does: text}], projects: [{project: text, runs: \
         number, tables: number}], root: text}"
    );
}

#[test]
fn the_newest_comes_first_and_a_project_narrows() {
    let place = Place::new();
    for (project, name) in [("a", "one"), ("b", "two"), ("a", "three")] {
        Run::create(RunOptions::new(project).root(&place.root).name(name)).unwrap();
    }
    let names = |arguments: &[&str]| {
        let runs = place.json(arguments);
        let runs = runs.as_array().unwrap().iter();
        runs.map(|run| run["run"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&["runs"]), ["three", "two", "one"]);
    assert_eq!(names(&["runs", "a"]), ["three", "one"]);
    let (code, said) = place.refusal(&["runs", "c"]);
    assert!(code == 1 && said.contains("there is a, b"), "{said}");
}

#[test]
fn what_cannot_be_read_is_told_and_the_others_are_listed() {
    let world = World::new();
    let broken = world.run("broken", 0);
    let commits = broken.url().to_path().unwrap().join("commits");
    drop(broken);
    let newest = std::fs::read_dir(&commits)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let newest = newest.max().unwrap();
    std::fs::write(newest, "{").unwrap();
    let output = world.place.output(&["runs", "--json"]);
    assert!(output.status.success());
    assert!(told(&output).contains("runs/broken"), "{}", told(&output));
    let listed = String::from_utf8(output.stdout).unwrap();
    assert!(
        listed.contains("first") && !listed.contains("broken"),
        "{listed}"
    );
}

#[test]
fn tlc_alone_says_what_to_do_next() {
    let world = World::new();
    let said = world.place.said(&[]);
    for line in [
        "tlc issues fashion/first",
        "tlc worst fashion/first",
        "tlc dashboard --open",
    ] {
        assert!(said.contains(line), "{said}");
    }
}

#[test]
fn a_pipe_that_closes_ends_it_quietly() {
    let place = Place::new();
    let options = TableOptions::new("p", "numbers", "initial").root(&place.root);
    let many: Vec<i64> = (0..100_000).collect();
    Table::create(options, |writer| {
        writer.add_batch(Columns::new().column("x", many))
    })
    .unwrap();
    let mut command = place.command(&["rows", "p/numbers", "--limit", "100000"]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = [0; 10];
    std::io::Read::read_exact(&mut child.stdout.take().unwrap(), &mut first).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert_eq!(told(&output), "");
}

#[test]
fn texts_of_others_do_not_steer_the_terminal() {
    let place = Place::new();
    let options = TableOptions::new("p", "d", "initial").root(&place.root);
    let options = options.description("red \u{1b}[31m\u{202e}\r\nnext\t");
    let texts = Columns::new().column("text", vec!["a\tb\nc\u{7}"]);
    Table::create(options, |writer| writer.add_batch(texts)).unwrap();
    for arguments in [
        &["tables"][..],
        &["show", "p/d"],
        &["head", "p/d"],
        &["log", "p/d"],
    ] {
        let said = place.said(arguments);
        let is_steering = |char: char| char.is_control() && char != '\n' && char != '\t';
        assert!(
            !said.contains(is_steering) && !said.contains('\u{202e}'),
            "{said:?}"
        );
    }
    assert_eq!(place.said(&["head", "p/d"]), "row\ttext\n0\ta b c \n");
    assert_eq!(
        place.json(&["head", "p/d"])["rows"][0]["text"],
        "a\tb\nc\u{7}"
    );
}

#[test]
fn the_dashboard_says_its_link_to_programs() {
    let place = Place::new();
    let mut command = place.command(&["dashboard", "--port", "0", "--json"]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut said = String::new();
    while !said.ends_with('}') {
        said += &lines.next().unwrap().unwrap();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(shape(&said), "{link: text}");
    assert!(
        said["link"]
            .as_str()
            .unwrap()
            .starts_with("http://127.0.0.1:")
    );
}
