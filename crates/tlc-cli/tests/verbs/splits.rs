//! `tlc split`.

use crate::Place;
use crate::shape::shape;
use crate::world::{SAMPLES, TABLE, World};
use serde_json::Value;
use std::collections::BTreeSet;

fn rows(place: &Place, name: &str, column: &str) -> Vec<String> {
    let all = place.json(&["rows", name, "--columns", column, "--limit", "1000"]);
    let all = all["rows"].as_array().unwrap().iter();
    all.map(|row| row[column].as_str().unwrap().to_owned())
        .collect()
}

fn sizes(divided: &Value) -> Vec<(&str, u64)> {
    let parts = divided["parts"].as_array().unwrap().iter();
    let size = |part: &Value| part["rows"].as_u64().unwrap();
    parts
        .map(|part| (part["part"].as_str().unwrap(), size(part)))
        .collect()
}

#[test]
fn parts_are_tables_with_their_share_of_each_class() {
    let world = World::new();
    let arguments = [
        "split",
        TABLE,
        "train=0.75",
        "test=0.25",
        "--stratified-by",
        "label",
    ];
    let dry = world.place.json(&[&arguments[..], &["--dry-run"]].concat());
    assert_eq!(world.place.json(&["tables"]).as_array().unwrap().len(), 1);
    let divided = world.place.json(&arguments);
    assert_eq!(sizes(&divided), [("train", 150), ("test", 50)]);
    assert_eq!(
        (sizes(&dry), &dry["parts"][0]["table"]),
        (sizes(&divided), &Value::Null)
    );
    assert_eq!(
        shape(&divided),
        "{dry_run: flag, left_out: number, parts: [{part: text, rows: number, selection: null, \
         table: text}], table: text, with_column: null}"
    );
    let test = rows(&world.place, "fashion/clothes/initial_test", "label");
    let all = rows(&world.place, TABLE, "label");
    for class in all.iter().collect::<BTreeSet<_>>() {
        let of = |labels: &[String]| labels.iter().filter(|label| *label == class).count();
        assert!(of(&test).abs_diff(of(&all) / 4) < 2, "{class}");
    }
    // Given again it finds what it has made; with another seed it would be others.
    assert_eq!(world.place.json(&arguments), divided);
    let other = [&arguments[..], &["--seed", "7"]].concat();
    let (code, said) = world.place.refusal(&other);
    assert!(code == 1 && said.contains("another split"), "{said}");
    let called = world
        .place
        .said(&[&other[..], &["--called", "seed7"]].concat());
    assert!(called.contains("/seed7_train\n"), "{called}");
}

#[test]
fn a_column_or_selections_say_the_parts() {
    let world = World::new();
    let place = &world.place;
    let parts = ["train=rest", "test=40", "--hashed-by", "label"];
    let (code, said) = place.refusal(&[&["split", TABLE], &parts[..]].concat());
    assert!(
        code == 1 && said.contains("a hash does not count"),
        "{said}"
    );
    let marked = place.json(&["split", TABLE, "train=rest", "test=40", "--as", "column"]);
    assert!(
        marked["with_column"]
            .as_str()
            .unwrap()
            .ends_with("/initial_split")
    );
    let table = "fashion/clothes/initial_split";
    let counts = place.json(&["split", table, "--of-column", "split", "--dry-run"]);
    assert_eq!(
        sizes(&counts),
        [("train", SAMPLES as u64 - 40), ("test", 40)]
    );
    let kept = place.json(&["split", TABLE, "a=0.5", "b=0.5", "--as", "selections"]);
    assert_eq!(kept["parts"][1]["selection"], "b");
    let a = world.table.selection("a").unwrap();
    let b = world.table.selection("b").unwrap();
    assert_eq!((a.len(), b.len(), a.and(&b).unwrap().len()), (100, 100, 0));
}

#[test]
fn wrong_use_of_split_is_told() {
    let world = World::new();
    let place = &world.place;
    for (given, code, words) in [
        ("", 2, "PART=SHARE"),
        ("train", 2, "no PART=SHARE"),
        ("train=much", 2, "no fraction"),
        ("train=0.5 --of-column label", 2, "cannot be used"),
        (
            "a=0.5 b=0.5 --grouped-by label --hashed-by label",
            2,
            "cannot be used",
        ),
        ("a=0.5 b=0.4", 1, "the fractions sum to 0.9"),
        ("a=0.5 a=0.5", 1, "two parts are called `a`"),
        ("a=1.5", 1, "above 0 and at most 1"),
        ("a=0.5 b=nan", 1, "above 0 and at most 1"),
        ("a=0.5 b=0.5 --stratified-by lable", 1, "lable"),
        (
            "a=0.5 b=0.5 --as selections --called x",
            2,
            "leave --called out",
        ),
        ("a/b=0.5 c=0.5", 1, "a/b"),
    ] {
        let arguments: Vec<&str> = ["split", TABLE]
            .into_iter()
            .chain(given.split_whitespace())
            .collect();
        let (told, said) = place.refusal(&arguments);
        assert!(
            told == code && said.contains(words),
            "{given}: {told} {said}"
        );
    }
    assert_eq!(place.json(&["tables"]).as_array().unwrap().len(), 1);
}

#[test]
fn a_split_is_told_to_people() {
    let world = World::new();
    let said = world
        .place
        .said(&["split", TABLE, "train=150", "test=rest", "--dry-run"]);
    assert_eq!(
        said,
        "part\trows\ntrain\t150\ntest\t50\nNothing was made.\n"
    );
}
