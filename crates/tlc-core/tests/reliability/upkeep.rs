//! Looking after a project deletes nothing that anybody may need.

use super::{numbers, writer};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tlc_core::{
    AddMetrics, Columns, Error, IfExists, Run, RunOptions, Status, Table, TableOptions,
    TableWriter, Url, VacuumOptions, delete, vacuum, verify,
};

#[derive(serde::Serialize)]
struct Row {
    number: i64,
}

pub(crate) fn root(folder: &tempfile::TempDir) -> Url {
    Url::from_path(folder.path()).unwrap()
}

fn options(root: &Url) -> RunOptions {
    RunOptions::new("p").name("r").root(root)
}

fn table(root: &Url, name: &str, rows: i64) -> Table {
    let options = TableOptions::new("p", "d", name).root(root);
    Table::create(options.if_exists(IfExists::Overwrite), |writer| {
        writer.add_rows(&(0..rows).map(|number| Row { number }).collect::<Vec<_>>())
    })
    .unwrap()
}

fn at_once() -> VacuumOptions {
    VacuumOptions::new().untouched_for(Duration::ZERO)
}

/// A run with a table and a few segments, that no handle holds any more.
pub(crate) fn project(root: &Url) -> Url {
    let table = table(root, "t", 10);
    let run = Run::create(options(root)).unwrap();
    let loss = Columns::new().column("loss", vec![0.5_f32; 10]);
    run.add_metrics(loss, AddMetrics::new().foreign_table(&table))
        .unwrap();
    run.log([("loss", 0.5)]).unwrap();
    run.close().unwrap();
    run.url().clone()
}

pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        match entry.file_type().unwrap().is_dir() {
            true => found.extend(files(&entry.path())),
            false => found.push(entry.path()),
        }
    }
    found.sort();
    found
}

const UUID: &str = "01a21490-53c0-73a2-b055-caf5982add62";

#[test]
fn nothing_is_deleted_by_opening_and_writing_and_vacuum_finds_only_what_is_ours() {
    let (folder, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let root = root(&folder);
    let url = project(&root);
    let run = url.to_path().unwrap();
    let part = format!("{UUID}.parquet");
    let metrics = std::fs::read_dir(run.join("metrics"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    // A user's own files, in places that look like ours; and what others' links lead to.
    let theirs = [
        run.join("metrics/x").join(&part),
        run.join("metrics/mine.parquet"),
        metrics.join("notes.parquet"),
        metrics.join("notes.txt"),
        run.join("aggregates/theirs.parquet.tmp"),
        run.join("commits/notes.json"),
        outside.path().join("metrics").join(&part),
    ];
    for file in &theirs {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, "theirs").unwrap();
    }
    let link = run.join(format!("metrics/metrics_{UUID}"));
    std::os::unix::fs::symlink(outside.path().join("metrics"), &link).unwrap();
    let linked = metrics.join("01a21490-53c0-73a2-b055-caf5982add63.parquet");
    std::os::unix::fs::symlink(outside.path().join("metrics").join(&part), &linked).unwrap();
    // A folder where a file should be.
    std::fs::create_dir(run.join("aggregates/01a21490-53c0-73a2-b055-caf5982add64.parquet"))
        .unwrap();
    let before = files(folder.path());

    Run::from_url(&url)
        .unwrap()
        .set_description("opened and written")
        .unwrap();
    let mut writer = writer(&Run::from_url(&url).unwrap());
    writer.add_batch(numbers(0, 2)).unwrap();
    writer.finalize().unwrap();
    drop(writer);
    let after = files(folder.path());
    assert!(before.iter().all(|file| after.contains(file)));

    // One of ours that no commit names: young, it is left alone.
    let stray = metrics.join(&part);
    std::fs::write(&stray, "a part of a writer that died").unwrap();
    assert_eq!(vacuum(&root, VacuumOptions::new()).unwrap().files(), []);
    let found = vacuum(&root, at_once()).unwrap();
    let paths: Vec<_> = found
        .files()
        .iter()
        .map(|file| file.url.to_path().unwrap())
        .collect();
    assert_eq!(paths, std::slice::from_ref(&stray));
    assert_eq!(found.len_bytes(), 28);
    assert!(stray.exists(), "looking deletes nothing");
    assert_eq!(found.delete().unwrap(), 28);
    assert_eq!(files(folder.path()), after);
    assert!(files(outside.path()).len() == 1);
    assert!(verify(&root).unwrap().problems.is_empty());
}

#[test]
fn parts_whose_commits_have_not_arrived_yet_stay() {
    let folder = tempfile::tempdir().unwrap();
    let url = project(&root(&folder));
    let copy = tempfile::tempdir().unwrap();
    // A copy in progress that keeps the times of the files: parts first.
    let from = url.to_path().unwrap();
    let copy_file = |file: &Path| {
        let to = copy
            .path()
            .join("p/runs/r")
            .join(file.strip_prefix(&from).unwrap());
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::copy(file, &to).unwrap();
        to
    };
    for file in files(&from) {
        if file
            .extension()
            .is_some_and(|extension| extension == "parquet")
        {
            let to = copy_file(&file);
            let copied = std::fs::File::options().append(true).open(&to).unwrap();
            let long_ago = std::time::SystemTime::now() - Duration::from_secs(90 * 24 * 3600);
            copied.set_modified(long_ago).unwrap();
        }
    }
    let before = files(copy.path());
    assert_eq!(before.len(), 2);
    vacuum(&root(&copy), VacuumOptions::new())
        .unwrap()
        .delete()
        .unwrap();
    assert_eq!(files(copy.path()), before);
    for file in files(&from) {
        copy_file(&file);
    }
    let copied = Run::from_url(root(&copy).join("p/runs/r").unwrap()).unwrap();
    assert_eq!(copied.metrics().unwrap()[0].len(), 10);
    assert_eq!(copied.aggregates().unwrap().len(), 1);
}

#[test]
fn what_a_living_writer_has_published_stays() {
    let folder = tempfile::tempdir().unwrap();
    let root = root(&folder);
    let options = TableOptions::new("p", "d", "t").root(&root);
    let mut writer = TableWriter::new(options).unwrap();
    let noise = |at: usize| (at.wrapping_mul(2_654_435_761) >> 7) as u8;
    let bytes: Vec<Vec<u8>> = (0..35)
        .map(|row| (0..2_200_000).map(|at| noise(row * 7919 + at)).collect())
        .collect();
    let batch = tlc_core::arrow::array::RecordBatch::try_from_iter([(
        "bytes",
        std::sync::Arc::new(tlc_core::arrow::array::BinaryArray::from_iter_values(bytes)) as _,
    )]);
    let batch = batch.unwrap();
    writer.add_batch(&batch).unwrap();
    let parts = folder.path().join("p/datasets/d/tables/t/parts");
    assert_eq!(files(&parts).len(), 1);
    let found = vacuum(&root, at_once()).unwrap();
    assert!(found.files().is_empty() && found.in_use().len() == 1);
    found.delete().unwrap();
    assert_eq!(
        writer.finalize().unwrap().column("bytes").unwrap().len(),
        35
    );
    // A writer that is dropped takes its parts with it.
    let second = TableOptions::new("p", "d", "second").root(&root);
    let mut writer = TableWriter::new(second).unwrap();
    writer.add_batch(&batch).unwrap();
    let parts = folder.path().join("p/datasets/d/tables/second/parts");
    assert_eq!(files(&parts).len(), 1);
    drop(writer);
    assert_eq!(files(&parts).len(), 0);
    assert_eq!(
        tlc_core::Table::from_url(root.join("p/datasets/d/tables/t").unwrap())
            .unwrap()
            .len(),
        35
    );
}

#[test]
fn old_contents_go_when_asked_but_for_those_that_a_run_refers_to() {
    let folder = tempfile::tempdir().unwrap();
    let root = root(&folder);
    table(&root, "t", 3);
    let referred = table(&root, "t", 5);
    table(&root, "t", 7);
    let newest = table(&root, "t", 9);
    let run = Run::create(options(&root)).unwrap();
    let loss = Columns::new().column("loss", vec![0.5_f32; 5]);
    let metrics = run
        .add_metrics(loss, AddMetrics::new().foreign_table(&referred))
        .unwrap();
    let found = vacuum(&root, at_once()).unwrap();
    assert!(found.files().is_empty());
    let found = vacuum(&root, at_once().old_contents(true)).unwrap();
    assert_eq!(found.files().len(), 2);
    found.delete().unwrap();
    assert_eq!(
        Table::from_url(newest.url())
            .unwrap()
            .column("number")
            .unwrap()
            .len(),
        9
    );
    let foreign = metrics.foreign_table().unwrap().unwrap();
    assert_eq!(foreign.column("number").unwrap().len(), 5);
    assert!(verify(&root).unwrap().problems.is_empty());
}

#[test]
fn a_table_or_run_in_use_is_not_deleted_and_what_is_deleted_is_gone_wholly() {
    let folder = tempfile::tempdir().unwrap();
    let root = root(&folder);
    let url = project(&root);
    let table = root.join("p/datasets/d/tables/t").unwrap();
    match delete(&table) {
        Err(Error::InUse { by, .. }) => assert!(by.contains("p/runs/r"), "{by}"),
        other => panic!("{other:?}"),
    }
    let held = Run::from_url(&url).unwrap();
    held.set_status(Status::Running).unwrap();
    assert!(matches!(delete(&url), Err(Error::InUse { .. })));
    drop(held);
    let reader = Run::from_url(&url).unwrap();
    delete(&url).unwrap();
    assert!(matches!(Run::from_url(&url), Err(Error::NotFound { .. })));
    assert!(tlc_core::runs(&root, "p").unwrap().is_empty());
    // A handle that was opened before leaves nothing behind when it is used.
    assert!(reader.set_status(Status::Failed).is_err());
    assert!(tlc_core::runs(&root, "p").unwrap().is_empty());
    let overwriting = TableOptions::new("p", "d", "t").root(&root);
    let overwriting = overwriting.if_exists(IfExists::Overwrite);
    let mut late = TableWriter::new(overwriting).unwrap();
    late.add_rows(&[Row { number: 1 }]).unwrap();
    delete(&table).unwrap();
    assert!(matches!(
        Table::from_url(&table),
        Err(Error::NotFound { .. })
    ));
    assert!(matches!(delete(&table), Err(Error::NotFound { .. })));
    assert!(matches!(late.finalize(), Err(Error::Conflict { .. })));
    drop(late);
    for nothing in ["p/datasets/d/tables/t", "p/runs/r", "p/runs/typo", "typo"] {
        let verified = verify(&root.join(nothing).unwrap());
        assert!(matches!(verified, Err(Error::NotFound { .. })), "{nothing}");
    }
    assert!(files(&folder.path().join("p/datasets")).is_empty());
    // The names are free.
    project(&root);
}

#[test]
fn verifying_lists_every_damage_and_where_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let root = root(&folder);
    let url = project(&root);
    assert!(verify(&root).unwrap().problems.is_empty());
    let all = files(folder.path());
    let mut told = 0;
    for file in &all {
        let good = std::fs::read(file).unwrap();
        if good.is_empty() {
            continue; // the lock
        }
        let mut bad = good.clone();
        bad[good.len() / 2] ^= 1;
        std::fs::write(file, bad).unwrap();
        let problems = verify(&root).unwrap().problems;
        let name = file.file_name().unwrap().to_str().unwrap();
        assert!(
            problems
                .iter()
                .any(|problem| problem.error.to_string().contains(name)),
            "{name}: {problems:?}"
        );
        told += 1;
        std::fs::write(file, good).unwrap();
    }
    assert!(told >= 6, "{told}");
    // What cannot be read keeps its files, and nobody else from being looked after.
    let commit = folder
        .path()
        .join("p/runs/r/commits/00000000000000000000.json");
    let good = std::fs::read(&commit).unwrap();
    std::fs::write(&commit, "damaged").unwrap();
    let found = vacuum(&root, at_once().old_contents(true)).unwrap();
    assert!(found.files().is_empty() && found.problems().len() == 1);
    found.delete().unwrap();
    std::fs::write(&commit, good).unwrap();
    let verified = verify(&url).unwrap();
    assert_eq!((verified.tables, verified.runs, verified.parts), (0, 1, 2));
    // One part that cannot be read makes its rows an error, not the run.
    let part = all
        .iter()
        .find(|file| file.to_string_lossy().contains("/metrics/"));
    std::fs::remove_file(part.unwrap()).unwrap();
    let run = Run::from_url(&url).unwrap();
    assert!(run.metrics().unwrap()[0].read().is_err());
    assert_eq!(run.aggregates().unwrap().len(), 1);
    assert_eq!(verify(&root).unwrap().problems.len(), 1);
}

#[test]
fn deleting_takes_nothing_that_is_not_ours() {
    let folder = tempfile::tempdir().unwrap();
    let root = root(&folder);
    // A folder that only looks like a run.
    let mine = folder.path().join("p/runs/mine");
    for file in ["commits/notes.txt", "src/deep/thesis.tex", "data.bin"] {
        let file = mine.join(file);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, "mine").unwrap();
    }
    let refused = delete(&root.join("p/runs/mine").unwrap());
    assert!(
        matches!(refused, Err(Error::NotFound { .. })),
        "{refused:?}"
    );
    assert_eq!(files(&mine).len(), 3);
    // Own files in the folder of a run.
    let url = project(&root);
    let run = url.to_path().unwrap();
    let theirs = [
        "notes.md",
        "commits/notes.txt",
        "metrics/x/a.parquet",
        "models/mine.json",
    ];
    for file in theirs {
        let file = run.join(file);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, "mine").unwrap();
    }
    delete(&url).unwrap();
    assert_eq!(files(&run).len(), theirs.len());
    assert!(matches!(Run::from_url(&url), Err(Error::NotFound { .. })));
}

#[test]
fn what_is_linked_is_verified_and_kept_in_mind_but_never_deleted_from() {
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (root, other) = (root(&folder), root(&elsewhere));
    // A whole project, and a run of a project, on another disk.
    project(&other);
    project(&root);
    std::os::unix::fs::symlink(elsewhere.path().join("p"), folder.path().join("linked")).unwrap();
    let run = folder.path().join("p/runs/r");
    std::fs::rename(&run, elsewhere.path().join("moved")).unwrap();
    std::os::unix::fs::symlink(elsewhere.path().join("moved"), &run).unwrap();
    let verified = verify(&root).unwrap();
    assert_eq!((verified.tables, verified.runs), (2, 2));
    let manifest = elsewhere
        .path()
        .join("p/datasets/d/tables/t/commits/00000000000000000000.json");
    let good = std::fs::read(&manifest).unwrap();
    std::fs::write(&manifest, "damaged").unwrap();
    assert!(!verify(&root).unwrap().problems.is_empty());
    std::fs::write(&manifest, good).unwrap();
    // The linked run refers to the table, which nobody may delete or empty.
    let table_url = root.join("p/datasets/d/tables/t").unwrap();
    assert!(matches!(delete(&table_url), Err(Error::InUse { .. })));
    table(&root, "t", 3);
    let found = vacuum(&root, at_once().old_contents(true)).unwrap();
    assert!(found.files().is_empty(), "{:?}", found.files());
    let links: Vec<_> = found.links().iter().map(Url::name).collect();
    assert_eq!(links, ["linked", "r"]);
}

/// Puts a link to the folder of another place where that of a place is.
fn link(place: &Path, folder: &str, other: &Path) {
    let own = place.join(folder);
    if folder == "checkpoints" {
        // Those of another run would be damage.
        std::fs::remove_dir_all(other.join(folder)).unwrap();
        std::fs::rename(&own, other.join(folder)).unwrap();
    }
    let _ = std::fs::remove_dir_all(&own);
    std::os::unix::fs::symlink(other.join(folder), own).unwrap();
}

#[test]
fn nothing_is_deleted_through_a_folder_of_a_table_or_run_that_is_a_link() {
    let folders = ["parts", "metrics", "aggregates", "checkpoints", "commits"];
    for linked in folders {
        let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (root, other) = (root(&folder), root(&elsewhere));
        for root in [&root, &other] {
            let run = Run::from_url(project(root)).unwrap();
            for number in 0..10 {
                run.set_parameters([("n", number)]).unwrap();
            }
        }
        let place = match linked {
            "parts" => "p/datasets/d/tables/t",
            _ => "p/runs/r",
        };
        if linked == "parts" {
            delete(&root.join("p/runs/r").unwrap()).unwrap();
        }
        link(
            &folder.path().join(place),
            linked,
            &elsewhere.path().join(place),
        );
        let before = files(elsewhere.path());
        let url = root.join(place).unwrap();
        for at in [&root, &url] {
            let found = vacuum(at, at_once().old_contents(true)).unwrap();
            let links: Vec<_> = found.links().iter().map(Url::name).collect();
            assert_eq!(links, [linked]);
            found.delete().unwrap();
            assert_eq!(files(elsewhere.path()), before, "{linked}");
        }
        match linked {
            "commits" => assert!(matches!(delete(&url), Err(Error::InvalidUrl { .. }))),
            _ => delete(&url).unwrap(),
        }
        assert_eq!(files(elsewhere.path()), before, "{linked}");
        let is_sound = verify(&other).unwrap().problems.is_empty();
        assert!(is_sound || linked == "checkpoints", "{linked}");
    }
}

#[test]
fn a_table_or_run_that_is_a_link_is_told_and_not_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let root = root(&folder);
    let url = project(&root);
    let before = files(folder.path());
    let linked = folder.path().join("p/runs/linked");
    std::os::unix::fs::symlink(url.to_path().unwrap(), &linked).unwrap();
    let linked = root.join("p/runs/linked").unwrap();
    assert!(matches!(delete(&linked), Err(Error::InvalidUrl { .. })));
    let found = vacuum(&linked, at_once()).unwrap();
    assert_eq!(found.links(), std::slice::from_ref(&linked));
    found.delete().unwrap();
    std::fs::remove_file(linked.to_path().unwrap()).unwrap();
    assert_eq!(files(folder.path()), before);
}

#[test]
fn in_memory_too_vacuum_waits_for_nobody_and_takes_nothing_from_a_living_writer() {
    let root = Url::parse("memory://upkeep-living/").unwrap();
    let run = Run::create(options(&root)).unwrap();
    let part = format!("aggregates/{UUID}.parquet");
    let part = run.url().join(&part).unwrap();
    run.store().put_if_absent(&part, "ours".into()).unwrap();
    let url = run.url().clone();
    let (store, found) = {
        let store = std::sync::Arc::clone(run.store());
        drop(run);
        (store, vacuum(&root, at_once()).unwrap())
    };
    assert_eq!(found.files().len(), 1);
    let living = Run::from_url(&url).unwrap();
    living.set_description("at work").unwrap();
    assert_eq!(found.delete().unwrap(), 0);
    assert!(store.stat(&part).is_ok());
    drop(living);
    assert_eq!(found.delete().unwrap(), 4);
}

#[test]
fn a_run_whose_commits_are_gone_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let root = root(&folder);
    let run = project(&root).to_path().unwrap();
    for gone in ["commits", "checkpoints"] {
        let _ = std::fs::remove_dir_all(run.join(gone));
    }
    let [problem] = &verify(&root).unwrap().problems[..] else {
        panic!("it is not told")
    };
    assert!(
        problem.error.to_string().contains("runs/r/commits"),
        "{}",
        problem.error
    );
}
