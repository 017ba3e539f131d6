//! `tlc verify`, `recover`, `rm`, `vacuum` and `completions`.

use crate::Place;
use crate::shape::shape;
use crate::world::{RUN, TABLE, World};
use std::fs;
use std::path::PathBuf;
use tlc_core::{
    Columns, MetricsOptions, MetricsTableWriter, Run, RunOptions, Status, Table, TableOptions, Url,
};

/// The files of a run or table of a kind, wherever below it.
fn files(url: &Url, extension: &str) -> Vec<PathBuf> {
    let mut open = vec![url.to_path().unwrap()];
    let mut found = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => open.push(path),
                false if path.extension().is_some_and(|own| own == extension) => found.push(path),
                false => {}
            }
        }
    }
    found.sort();
    found
}

/// A run whose process has died: rows that were sealed and never registered, of which the
/// first are a finding.
fn interrupted(place: &Place, is_finding: bool) -> Url {
    let run = RunOptions::new("p").root(&place.root).name("died");
    let run = Run::create(run).unwrap();
    run.set_status(Status::Collecting).unwrap();
    let options = MetricsOptions::new().run(&run).constant("epoch", 3);
    let options = if is_finding {
        options.finding(true)
    } else {
        options
    };
    let mut writer = MetricsTableWriter::new(options).unwrap();
    let rows = Columns::new().column("loss", vec![0.5_f32, 0.7]);
    writer.add_batch(rows).unwrap();
    writer.flush().unwrap();
    run.url().clone()
}

#[test]
fn verify_reads_all_and_lists_what_is_damaged() {
    let world = World::new();
    let sound = world.place.json(&["verify"]);
    assert_eq!(
        shape(&sound),
        "{bytes: number, parts: number, problems: [], runs: number, tables: number, url: text}"
    );
    assert_eq!((&sound["runs"], &sound["tables"]), (&1.into(), &1.into()));
    assert!(
        world
            .place
            .said(&["verify", "fashion"])
            .contains("all as it was published")
    );
    // One bit of the pictures is turned.
    let part = files(world.table.url(), "parquet").remove(0);
    let mut bytes = fs::read(&part).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&part, bytes).unwrap();
    let output = world.place.output(&["verify", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stderr.is_empty());
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(shape(&found["problems"]), "[{error: text, url: text}]");
    assert!(
        found["problems"][0]["url"]
            .as_str()
            .unwrap()
            .ends_with("tables/initial")
    );
    let said = world.place.output(&["verify", TABLE]);
    assert_eq!(said.status.code(), Some(1));
    let said = String::from_utf8(said.stdout).unwrap();
    assert!(
        said.contains("damaged") && said.contains("1 problem"),
        "{said}"
    );
    assert!(world.place.output(&["verify", RUN]).status.success());
}

#[test]
fn an_empty_root_is_sound_and_has_nothing_left_over() {
    let place = Place::new();
    assert!(place.said(&["verify"]).contains("0 tables, 0 runs"));
    assert!(place.said(&["vacuum"]).contains("Nothing is left over"));
    assert!(
        place
            .said(&["recover"])
            .contains("Nothing is to be recovered")
    );
    let (code, said) = place.refusal(&["verify", "no/such"]);
    assert!(code == 1 && said.contains("no run or table"), "{said}");
}

#[test]
fn what_a_run_has_collected_before_it_died_becomes_part_of_it() {
    let place = Place::new();
    let url = interrupted(&place, false);
    assert!(place.said(&[]).contains("tlc recover p/died"));
    let found = place.json(&["recover"]);
    assert_eq!(
        shape(&found),
        "{bytes: number, files: [], in_use: [], metrics: [{epoch: number, name: text, rows: \
         number, run: text, split: null, stream: text}], problems: [], recovered: flag, url: text}"
    );
    assert_eq!(
        (&found["recovered"], &found["metrics"][0]["rows"]),
        (&false.into(), &2.into())
    );
    assert!(
        place
            .said(&["recover", "p/died"])
            .contains("Nothing was changed: --yes does")
    );
    let metrics = || Run::from_url(&url).unwrap().metrics().unwrap().len();
    assert_eq!(metrics(), 0);
    let done = place.json(&["recover", "p/died", "--yes"]);
    assert_eq!((&done["recovered"], metrics()), (&true.into(), 1));
    assert!(
        place
            .said(&["recover", "--yes"])
            .contains("Nothing is to be recovered")
    );
    assert_eq!(place.json(&["rows", "p/died"])["matching"], 2);
}

#[test]
fn findings_that_were_never_finished_and_runs_at_work_are_left_alone() {
    let place = Place::new();
    interrupted(&place, true);
    assert_eq!(place.json(&["recover"])["metrics"], serde_json::json!([]));
    let run = RunOptions::new("p").root(&place.root).name("lives");
    let run = Run::create(run).unwrap();
    let mut writer = MetricsTableWriter::new(MetricsOptions::new().run(&run)).unwrap();
    writer
        .add_batch(Columns::new().column("loss", vec![0.5_f32]))
        .unwrap();
    writer.flush().unwrap();
    let found = place.json(&["recover", "--yes"]);
    assert_eq!(shape(&found["in_use"]), "[text]");
    assert_eq!(found["metrics"], serde_json::json!([]));
    assert_eq!(run.unfinished_metrics().unwrap().len(), 1);
}

#[test]
fn strays_are_told_and_go_with_a_yes_alone() {
    let world = World::new();
    let run = world.place.root.join("fashion/runs/first").unwrap();
    let part = files(&run, "parquet").remove(0);
    let name = format!("{}-stray.parquet", "0".repeat(8));
    // A name that a writer gives, of a file that no commit names.
    let own = part.file_name().unwrap().to_str().unwrap().to_owned();
    let turned: String = own
        .chars()
        .map(|char| if char == '0' { '1' } else { char })
        .collect();
    let stray = part.with_file_name(if turned == own { name } else { turned });
    assert!(!stray.exists());
    fs::copy(&part, &stray).unwrap();
    let young = world.place.json(&["vacuum"]);
    assert_eq!(young["files"], serde_json::json!([]));
    let arguments = ["vacuum", "--untouched-for", "0s"];
    let found = world.place.json(&arguments);
    assert_eq!(
        shape(&found),
        "{bytes: number, deleted_bytes: null, files: [{bytes: number, is_old_content: flag, url: \
         text}], in_use: [], links: [], problems: [], url: text}"
    );
    let said = world.place.said(&arguments);
    assert!(
        said.contains("Nothing was deleted: --yes does") && stray.exists(),
        "{said}"
    );
    let said = world.place.said(&[&arguments[..], &["--yes"]].concat());
    assert!(said.contains("Deleted ") && !stray.exists(), "{said}");
    assert!(
        world
            .place
            .said(&["verify"])
            .contains("all as it was published")
    );
    for time in [
        "1",
        "d",
        "-1d",
        "1.5h",
        "99999999999999999999d",
        "18446744073709551615d",
        "",
    ] {
        let (code, said) = world.place.refusal(&["vacuum", "--untouched-for", time]);
        assert_eq!(code, 2, "{time}: {said}");
    }
}

#[test]
fn rm_wants_a_yes_and_deletes_what_nothing_refers_to() {
    let world = World::new();
    let second = world.run("second", 1);
    let url = second.url().clone();
    drop(second);
    let (code, said) = world.place.refusal(&["rm", "fashion/second"]);
    assert!(code == 2 && said.contains("--yes"), "{said}");
    assert!(Run::from_url(&url).is_ok());
    let removed = world
        .place
        .json(&["rm", "fashion/second", "second", "--yes"]);
    assert_eq!(shape(&removed), "{deleted: [text]}");
    assert_eq!(removed["deleted"].as_array().unwrap().len(), 1);
    assert!(Run::from_url(&url).is_err());
    // A run refers to the table.
    let (code, said) = world.place.refusal(&["rm", TABLE, "--yes"]);
    assert!(code == 1 && said.contains("in use by"), "{said}");
    assert!(Table::from_url(world.table.url()).is_ok());
    // A name that is wrong keeps all of them.
    let (code, _) = world
        .place
        .refusal(&["rm", TABLE, RUN, "fashion/nothing", "--yes"]);
    assert!(code == 1 && Table::from_url(world.table.url()).is_ok());
    // A run goes before its table, in whatever order they are named.
    let removed = world.place.json(&["rm", TABLE, RUN, "--yes"]);
    assert_eq!(removed["deleted"].as_array().unwrap().len(), 2);
    assert_eq!(world.place.json(&["tables"]), serde_json::json!([]));
    let (code, _) = world.place.refusal(&["rm", "fashion/nothing", "--yes"]);
    assert_eq!(code, 1);
    let (code, _) = world.place.refusal(&["rm"]);
    assert_eq!(code, 2);
}

#[cfg(unix)]
#[test]
fn rm_goes_through_no_link() {
    let world = World::new();
    let run = world
        .place
        .root
        .join("fashion/runs/first")
        .unwrap()
        .to_path()
        .unwrap();
    let link = world
        .place
        .root
        .join("fashion/runs/link")
        .unwrap()
        .to_path()
        .unwrap();
    std::os::unix::fs::symlink(&run, &link).unwrap();
    let (code, said) = world.place.refusal(&["rm", "fashion/link", "--yes"]);
    assert!(code == 1 && said.contains("a link"), "{said}");
    assert!(run.join("commits").exists());
}

#[cfg(unix)]
#[test]
fn on_a_terminal_it_is_asked_and_only_a_clear_yes_counts() {
    use crate::terminal::Terminal;
    let place = Place::new();
    let create = || {
        Run::create(RunOptions::new("p").root(&place.root).name("run"))
            .unwrap()
            .url()
            .clone()
    };
    let url = create();
    for (answer, is_deleted) in [
        ("\n", false),
        ("n\n", false),
        ("yep\n", false),
        ("y\n", true),
    ] {
        let mut terminal = Terminal::start(place.command(&["rm", "p/run"]), 80);
        terminal.wait_for("[y/N]");
        terminal.types(answer);
        let (code, said) = terminal.end();
        assert_eq!(code, 0, "{said}");
        assert_eq!(said.contains("Nothing was deleted"), !is_deleted, "{said}");
        assert_eq!(Run::from_url(&url).is_err(), is_deleted, "{answer}");
    }
    create();
    // A program that reads is not asked.
    let command = place.command(&["rm", "p/run", "--json"]);
    let (code, said) = Terminal::start(command, 80).end();
    assert!(code == 2 && said.contains("--yes"), "{said}");
}

#[test]
fn completions_are_written_for_each_shell() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = place.said(&["completions", shell]);
        assert!(
            script.contains("recover") && script.contains("untouched-for"),
            "{shell}"
        );
    }
    assert_eq!(place.refusal(&["completions", "tcsh"]).0, 2);
}

#[test]
fn help_teaches_by_example() {
    let place = Place::new();
    let all = place.said(&["--help"]);
    assert!(all.contains("Exit codes:") && all.contains("@latest"));
    let verbs = [
        "show",
        "head",
        "rows",
        "worst",
        "issues",
        "compare",
        "edit",
        "split",
        "diff",
        "log",
        "alias",
        "verify",
        "recover",
        "rm",
        "vacuum",
        "completions",
    ];
    for verb in verbs {
        let help = place.said(&[verb, "--help"]);
        assert!(
            help.contains("Examples:") && help.contains(&format!("tlc {verb}")),
            "{verb}"
        );
        assert!(help.contains("--json"), "{verb}");
    }
}

#[test]
fn a_table_with_revisions_is_not_deleted_under_them() {
    let place = Place::new();
    let options = TableOptions::new("p", "d", "initial").root(&place.root);
    let rows = Columns::new().column("x", vec![1]);
    Table::create(options, |writer| writer.add_batch(rows)).unwrap();
    place.said(&["edit", "p/d", "--set", "x=2", "--all", "--force"]);
    let (code, said) = place.refusal(&["rm", "p/d", "--yes"]);
    assert!(code == 1 && said.contains("initial_0001"), "{said}");
    place.said(&["rm", "p/d@latest", "--yes"]);
    place.said(&["rm", "p/d", "--yes"]);
    assert_eq!(place.json(&["tables"]), serde_json::json!([]));
}

#[test]
fn a_revision_goes_before_what_it_has_rows_of_whatever_it_is_called() {
    let place = Place::new();
    let options = TableOptions::new("p", "d", "initial").root(&place.root);
    let rows = Columns::new().column("x", vec![1]);
    Table::create(options, |writer| writer.add_batch(rows)).unwrap();
    let edit = ["edit", "p/d/initial", "--set", "x=2", "--all", "--force"];
    for name in ["another", "second"] {
        place.said(&[&edit[..], &["--branch", "--as", name]].concat());
    }
    let all = ["p/d/another", "p/d/initial", "p/d/second"];
    let removed = place.json(&[&["rm"], &all[..], &["--yes"]].concat());
    assert_eq!(removed["deleted"].as_array().unwrap().len(), 3);
    assert_eq!(place.json(&["tables"]), serde_json::json!([]));
}
