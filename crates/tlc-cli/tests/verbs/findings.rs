//! `tlc issues` and `tlc compare`.

use crate::shape::shape;
use crate::world::{RUN, SAMPLES, World, predicted};
use tlc_core::{Columns, Run, RunOptions, Table, TableOptions};

#[test]
fn issues_are_found_written_into_the_run_and_listed() {
    let world = World::new();
    let found = world.place.json(&["issues", RUN, "-n", "4"]);
    assert_eq!(found["computed"], true);
    let kinds: Vec<&str> = found["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["kind"].as_str().unwrap())
        .collect();
    for kind in [
        "label_issues",
        "near_duplicates",
        "outliers",
        "never_learned",
    ] {
        assert!(kinds.contains(&kind), "{kinds:?}");
    }
    let mut keys: Vec<&String> = found.as_object().unwrap().keys().collect();
    keys.sort();
    assert_eq!(
        keys,
        [
            "computed", "drawn", "findings", "left_out", "listed", "of", "rows", "sheet", "url"
        ]
    );
    assert_eq!(
        shape(&found["findings"][0]),
        "{count: number, explanation: text, kind: text, state: text, title: text}"
    );
    // They are in the run now, so that nobody looks again.
    let again = world.place.json(&["issues", RUN, "-n", "4"]);
    assert_eq!(again["computed"], false);
    assert_eq!(
        (&again["rows"], &again["findings"]),
        (&found["rows"], &found["findings"])
    );
    let run = Run::from_url(world.place.root.join("fashion/runs/first").unwrap()).unwrap();
    let findings = run.metrics().unwrap().findings();
    assert_eq!(findings.len(), 4);
    let rows = world.place.json(&["rows", RUN, "--where", "never_learned"]);
    let never = (0..SAMPLES).filter(|id| {
        let label = world.pictures[*id].label;
        predicted(*id, label, 0) != label
    });
    assert_eq!(rows["matching"], never.count());
    let anew = world.place.json(&["issues", RUN, "--again"]);
    assert_eq!(anew["computed"], true);
}

#[test]
fn a_finding_is_listed_and_drawn() {
    let world = World::new();
    let file = world.place.file("issues.png");
    let path = file.to_str().unwrap();
    let arguments = [
        "issues",
        RUN,
        "--of",
        "never-learned",
        "-n",
        "5",
        "--sheet",
        path,
    ];
    let found = world.place.json(&arguments);
    assert_eq!(
        (&found["listed"], &found["drawn"]),
        (&"never_learned".into(), &5.into())
    );
    assert_eq!(found["rows"].as_array().unwrap().len(), 5);
    assert!(image::open(&file).is_ok());
    let said = world.place.said(&["issues", RUN, "--of", "outliers"]);
    assert!(
        said.contains("FINDING\tSAMPLES\t") && said.contains("\nOutliers\n"),
        "{said}"
    );
}

#[test]
fn what_the_data_do_not_allow_is_said() {
    let world = World::new();
    let run = RunOptions::new("fashion")
        .root(&world.place.root)
        .name("bare");
    Run::create(run).unwrap();
    let (code, said) = world.place.refusal(&["issues", "fashion/bare"]);
    assert!(code == 1 && said.contains("has no metrics yet"), "{said}");
}

#[test]
fn compare_counts_what_got_right_and_wrong() {
    let world = World::new();
    world.run("second", 3);
    let compared = world
        .place
        .json(&["compare", RUN, "fashion/second", "-n", "1000"]);
    let verdicts = |before: bool, after: bool| {
        let samples = world.pictures.iter().enumerate();
        let is_it = |(id, picture): &(usize, &crate::fashion::Picture)| {
            let right = |skill| predicted(*id, picture.label, skill) == picture.label;
            (right(0), right(3)) == (before, after)
        };
        samples.filter(is_it).count()
    };
    let counts = &compared["counts"];
    assert_eq!(counts["newly_right"], verdicts(false, true));
    assert_eq!(counts["newly_wrong"], verdicts(true, false));
    assert_eq!(counts["stays_right"], verdicts(true, true));
    assert_eq!(counts["stays_wrong"], verdicts(false, false));
    assert_eq!(
        compared["parameters"],
        serde_json::json!({ "skill": [0, 3] })
    );
    assert_eq!(
        compared["rows"].as_array().unwrap().len(),
        verdicts(true, false)
    );
    let right = |skill| {
        let samples = world.pictures.iter().enumerate();
        samples
            .filter(|(id, picture)| predicted(*id, picture.label, skill) == picture.label)
            .count()
    };
    let share = compared["after"]["right"].as_f64().unwrap();
    assert!(
        (share - right(3) as f64 / SAMPLES as f64).abs() < 1e-9,
        "{share}"
    );
}

#[test]
fn a_comparison_has_one_schema_and_is_told_to_people() {
    let world = World::new();
    world.run("second", 3);
    let compared = world.place.json(&["compare", RUN, "fashion/second"]);
    assert_eq!(
        shape(&compared["apart"]),
        "{only_after: number, only_before: number, repeated: number}"
    );
    let mut keys: Vec<&String> = compared.as_object().unwrap().keys().collect();
    keys.sort();
    assert_eq!(
        keys,
        [
            "after",
            "apart",
            "before",
            "by",
            "counts",
            "listed",
            "mean_change",
            "moved",
            "parameters",
            "rows",
            "samples",
            "series"
        ]
    );
    let said = world.place.said(&["compare", RUN, "second"]);
    for part in [
        "first → second: 200 samples in both",
        "newly right\t",
        "skill\t0\t3",
        "SAID BEFORE",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[test]
fn runs_without_a_sample_in_common_are_not_compared() {
    let world = World::new();
    let options = TableOptions::new("fashion", "others", "initial").root(&world.place.root);
    let labels = Columns::new().column("label", vec![0, 1]);
    let table = Table::create(options, |writer| writer.add_batch(labels)).unwrap();
    let run = RunOptions::new("fashion")
        .root(&world.place.root)
        .name("other");
    let run = Run::create(run).unwrap();
    let values = Columns::new()
        .column("loss", vec![0.1_f32, 0.2])
        .column("accuracy", vec![1.0_f32, 0.0]);
    let about = tlc_core::AddMetrics::new().foreign_table(&table);
    run.add_metrics(values, about).unwrap();
    let (code, said) = world.place.refusal(&["compare", RUN, "other"]);
    assert_eq!(code, 1, "{said}");
    assert!(!said.contains("panicked"), "{said}");
}

#[test]
fn where_numbers_are_predicted_a_comparison_tells_whose_error_grew() {
    let world = World::new();
    let root = &world.place.root;
    let options = TableOptions::new("houses", "train", "initial").root(root);
    let rows = Columns::new().column("target", vec![1.0_f32, 2.0, 3.0, 4.0]);
    let table = Table::create(options, |writer| writer.add_batch(rows)).unwrap();
    for (name, errors) in [("early", [1.0_f32; 4]), ("late", [0.5, 1.5, 1.0, 0.25])] {
        let run = Run::create(RunOptions::new("houses").root(root).name(name)).unwrap();
        let errors = Columns::new().column("absolute_error", errors.to_vec());
        let about = tlc_core::AddMetrics::new().foreign_table(&table);
        run.add_metrics(errors, about).unwrap();
    }
    let compare = ["compare", "houses/early", "houses/late"];
    let compared = world.place.json(&compare);
    let counts = ["grew", "fell", "unchanged"].map(|verdict| &compared["counts"][verdict]);
    assert_eq!(counts, [1, 2, 1]);
    assert_eq!(
        (&compared["by"], &compared["listed"]),
        (&"absolute_error".into(), &"grew".into())
    );
    assert!(compared["after"]["right"].is_null(), "{compared}");
    let fell = world
        .place
        .json(&[&compare[..], &["--list", "fell"]].concat());
    let errors = fell["rows"].as_array().unwrap().iter();
    let errors: Vec<_> = errors.map(|row| row["absolute_error"].as_f64()).collect();
    assert_eq!(errors, [Some(0.25), Some(0.5)]);
}

/// The first signal ends the search in good order, whatever it is about.
#[cfg(unix)]
#[test]
fn ctrl_c_ends_the_search_and_nothing_is_written() {
    use crate::Place;
    use crate::terminal::Terminal;
    use tlc_core::{AddMetrics, Column, ValueType};
    const MANY: usize = 40_000;
    let place = Place::new();
    let options = TableOptions::new("p", "many", "initial").root(&place.root);
    let labels = (0..MANY as i32).map(|row| row % 10).collect::<Vec<_>>();
    let rows = Columns::new().column("label", labels);
    let table = Table::create(options, |writer| writer.add_batch(rows)).unwrap();
    let run = Run::create(RunOptions::new("p").root(&place.root).name("long")).unwrap();
    let vectors = (0..MANY).map(|row| {
        let turn = (row as f32) * 0.37;
        std::array::from_fn::<f32, 64, _>(|at| (turn * (at as f32 + 1.0)).sin())
    });
    let values = Columns::new().column("embedding", vectors.collect::<Vec<_>>());
    let about = AddMetrics::new().foreign_table(&table);
    let about = about.column(Column::new("embedding", ValueType::Embedding { dim: 64 }));
    run.add_metrics(values, about).unwrap();
    let commits = run.commits();
    drop(run);
    let mut terminal = Terminal::start(place.command(&["issues", "p/long"]), 100);
    terminal.wait_for("neighbours");
    let id = terminal.id();
    let pid = rustix::process::Pid::from_raw(id as i32).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let (code, said) = terminal.end();
    assert_eq!(code, 130, "{said}");
    assert!(said.contains("nothing was written"), "{said}");
    let run = Run::from_url(place.root.join("p/runs/long").unwrap()).unwrap();
    assert_eq!(run.commits(), commits);
}
