//! Names of runs and tables, as people type them.

use crate::Place;
use crate::world::World;
use tlc_core::{Columns, Run, RunOptions, Table, TableOptions};

/// Runs `fashion/first`, `fashion/second`, `digits/first`, and tables of both projects.
fn place() -> Place {
    let place = Place::new();
    for (project, run) in [
        ("fashion", "first"),
        ("fashion", "second"),
        ("digits", "first"),
    ] {
        Run::create(RunOptions::new(project).root(&place.root).name(run)).unwrap();
    }
    let tables = [
        ("fashion", "clothes", "initial"),
        ("digits", "pixels", "scaled"),
        ("digits", "first", "initial"),
    ];
    for (project, dataset, table) in tables {
        let options = TableOptions::new(project, dataset, table).root(&place.root);
        let rows = Columns::new().column("label", vec![1, 2]);
        Table::create(options, |writer| writer.add_batch(rows)).unwrap();
    }
    place
}

fn url(place: &Place, name: &str) -> String {
    let url = place.json(&["show", name])["url"]
        .as_str()
        .unwrap()
        .to_owned();
    url.strip_prefix(&format!("{}/", place.root))
        .unwrap()
        .to_owned()
}

#[test]
fn a_name_means_what_is_called_so_and_a_unique_start_of_one_does_too() {
    let place = place();
    let means = |name: &str| url(&place, name);
    assert_eq!(means("fashion/first"), "fashion/runs/first");
    assert_eq!(
        means("fashion/clothes/initial"),
        "fashion/datasets/clothes/tables/initial"
    );
    assert_eq!(
        means("fashion/clothes"),
        "fashion/datasets/clothes/tables/initial"
    );
    assert_eq!(
        means("digits/pixels"),
        "digits/datasets/pixels/tables/scaled"
    );
    assert_eq!(means("sec"), "fashion/runs/second");
    assert_eq!(means("fash/se"), "fashion/runs/second");
    assert_eq!(means("clo"), "fashion/datasets/clothes/tables/initial");
    assert_eq!(means("pix/sc"), "digits/datasets/pixels/tables/scaled");
    // A run comes before a data set of the same name.
    assert_eq!(means("digits/first"), "digits/runs/first");
    assert_eq!(
        means("digits/first/initial"),
        "digits/datasets/first/tables/initial"
    );
}

#[test]
fn a_path_or_a_url_means_what_is_there() {
    let place = place();
    let run = place.root.join("fashion/runs/first").unwrap();
    for name in [
        run.to_string(),
        run.to_path().unwrap().display().to_string(),
        "./projects/fashion/runs/first".to_owned(),
        "projects/fashion/runs/first".to_owned(),
        "projects/fashion/../fashion/runs/first/".to_owned(),
    ] {
        assert_eq!(url(&place, &name), "fashion/runs/first", "{name}");
    }
}

#[test]
fn latest_is_the_latest_revision() {
    let place = place();
    let table = place
        .root
        .join("fashion/datasets/clothes/tables/initial")
        .unwrap();
    let mut editor = Table::from_url(&table).unwrap().edit().unwrap();
    editor.ignore_writable().set("label", 0, 2).unwrap();
    editor.commit("mend").unwrap();
    let latest = "fashion/datasets/clothes/tables/initial_0001";
    for name in [
        "fashion/clothes@latest",
        "fashion/clothes/initial@latest",
        "clo@latest",
    ] {
        assert_eq!(url(&place, name), latest, "{name}");
    }
    let by_path = "./projects/fashion/datasets/clothes/tables/initial@latest";
    assert_eq!(url(&place, by_path), latest);
    // A data set means its first table however many revisions there are.
    assert_eq!(
        url(&place, "fashion/clothes"),
        "fashion/datasets/clothes/tables/initial"
    );
    let (code, said) = place.refusal(&["show", "fashion/first@latest"]);
    assert!(code == 1 && said.contains("no run or table"), "{said}");
}

#[test]
fn what_is_not_there_or_not_unique_is_answered_by_names() {
    let place = place();
    let said = |name: &str| {
        let (code, said) = place.refusal(&["show", name]);
        assert_eq!(code, 1, "{said}");
        said
    };
    assert!(
        said("fashion/frist").contains("did you mean `fashion/first`"),
        "{}",
        said("fashion/frist")
    );
    assert!(said("secnd").contains("did you mean `fashion/second`?"));
    assert!(said("quite/another").contains("`tlc runs` and `tlc tables` list them"));
    let ambiguous = said("first");
    assert!(ambiguous.contains("`digits/first` or"), "{ambiguous}");
    assert!(ambiguous.contains("`fashion/first`"), "{ambiguous}");
    let (_, wrong) = place.refusal(&["log", "fashion/first"]);
    assert!(wrong.contains("`fashion/first` is a run"), "{wrong}");
    let (_, wrong) = place.refusal(&["worst", "fashion/clothes"]);
    assert!(wrong.contains("`fashion/clothes` is a table"), "{wrong}");
}

#[test]
fn hostile_names_are_refused_in_a_sentence() {
    let place = place();
    let long = "x".repeat(100_000);
    for name in [
        "",
        "/",
        "//",
        "a//b",
        "..",
        "../..",
        "fashion/../..",
        "@latest",
        "\u{202e}",
        "a\nb",
        "s3://",
        "ftp://x/y",
        "http://[",
        "fashion/first/",
        &long,
        "%2e%2e/x",
        "C:\\x",
    ] {
        let (code, said) = place.refusal(&["show", name]);
        assert!(code == 1 && said.starts_with("error: "), "{name}: {said}");
        assert!(
            !said.contains("panicked") && said.lines().count() < 3,
            "{name:?}: {said}"
        );
    }
}

#[test]
fn settings_for_all_verbs_stand_before_or_after_the_verb() {
    let world = World::new();
    let root = world.place.root.to_string();
    let mut elsewhere = world
        .place
        .command(&["--project-root", &root, "--json", "runs"]);
    let before = elsewhere
        .env("TLC_PROJECT_ROOT", "/nowhere")
        .output()
        .unwrap();
    let mut elsewhere = world
        .place
        .command(&["runs", "--json", "--project-root", &root]);
    let after = elsewhere
        .env("TLC_PROJECT_ROOT", "/nowhere")
        .output()
        .unwrap();
    assert!(before.status.success() && before.stdout == after.stdout);
    assert!(String::from_utf8(after.stdout).unwrap().contains("first"));
}
