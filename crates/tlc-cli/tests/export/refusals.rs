//! What is refused, and that nothing is left over then.

use crate::world::{RUN, World};
use crate::{Place, told};
use std::process::Command;
use tlc_core::{Columns, Run, RunOptions, Table, TableOptions};

#[test]
fn a_file_that_is_there_is_overwritten_only_by_force() {
    let world = World::new();
    let place = &world.place;
    let file = place.file("notes.txt");
    std::fs::write(&file, "mine").unwrap();
    let refused = place.command(RUN, &file).output().unwrap();
    assert!(!refused.status.success());
    assert!(told(&refused).contains("notes.txt is there already: --force overwrites it"));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
    let forced = place.command(RUN, &file).arg("--force").output().unwrap();
    assert!(forced.status.success(), "{}", told(&forced));
    assert!(
        std::fs::read_to_string(&file)
            .unwrap()
            .starts_with("<!doctype html>")
    );
    assert_eq!(place.files(), ["notes.txt"]);
}

#[test]
fn places_that_are_none_are_named() {
    let place = Place::new();
    Run::create(RunOptions::new("plain").root(&place.root).name("run")).unwrap();
    let folder = place
        .command("plain/run", place.folder.path())
        .output()
        .unwrap();
    assert!(
        told(&folder).contains("is a folder: name a file in it"),
        "{}",
        told(&folder)
    );
    let missing = place.file("no/such/run.html");
    let missing = place.command("plain/run", &missing).output().unwrap();
    assert!(
        told(&missing).contains("there is no folder"),
        "{}",
        told(&missing)
    );
    assert_eq!(place.files(), [""; 0]);
}

#[test]
fn a_run_that_is_not_there_is_answered_by_those_that_are_named_nearly_so() {
    let place = Place::new();
    let said = |name: &str| {
        let output = place
            .command(name, &place.file("run.html"))
            .output()
            .unwrap();
        assert!(!output.status.success());
        told(&output)
    };
    assert!(
        said("fashion/first").contains("there is none yet"),
        "{}",
        said("fashion/first")
    );
    for name in ["first", "second", "baseline"] {
        Run::create(RunOptions::new("fashion").root(&place.root).name(name)).unwrap();
    }
    assert!(said("fashion/frist").contains("did you mean `fashion/first`?"));
    assert!(said("Basline").contains("did you mean `fashion/baseline`?"));
    assert!(said("fashion").contains("`fashion/baseline` or `fashion/first`"));
    assert!(said("quite/another").contains("`tlc runs`"));
    let options = TableOptions::new("fashion", "clothes", "initial").root(&place.root);
    let rows = Columns::new().column("x", vec![1, 2]);
    Table::create(options, |writer| writer.add_batch(rows)).unwrap();
    assert!(said("fashion/clothes/initial").contains("is a table: name a run"));
    assert_eq!(place.files(), [""; 0]);
}

/// A limit on the size of files stands for a disk that is full.
#[cfg(unix)]
#[test]
fn a_full_disk_leaves_no_part_of_a_file() {
    let world = World::new();
    let file = world.place.file("run.html");
    let command = world.place.command(RUN, &file);
    let mut limited = Command::new("sh");
    limited.args(["-c", "trap '' XFSZ; ulimit -f 40; exec \"$0\" \"$@\""]);
    limited.arg(command.get_program()).args(command.get_args());
    let output = limited.output().unwrap();
    assert!(!output.status.success());
    assert!(
        told(&output).contains("run.html was not written: "),
        "{}",
        told(&output)
    );
    assert_eq!(world.place.files(), [""; 0]);
    // What was there before is there still.
    std::fs::write(&file, "before").unwrap();
    let output = limited.arg("--force").output().unwrap();
    assert!(!output.status.success());
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "before");
    assert_eq!(world.place.files(), ["run.html"]);
}
