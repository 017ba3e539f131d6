//! Looking after tables that others were made of.

use super::{labels, numbers, roots, table};
use std::time::Duration;
use tlc_core::{
    AddMetrics, Columns, Error, IfExists, Run, RunOptions, Table, TableOptions, Url, VacuumOptions,
    delete, vacuum, verify,
};

fn edited(table: &Table, row: usize, label: i32) -> Table {
    table
        .edit()
        .unwrap()
        .set("label", row, label)
        .unwrap()
        .commit("edited")
        .unwrap()
}

fn swept(root: &Url) -> usize {
    let options = VacuumOptions::new()
        .untouched_for(Duration::ZERO)
        .old_contents(true);
    let found = vacuum(root, options).unwrap();
    assert!(found.problems().is_empty(), "{:?}", found.problems());
    found.delete().unwrap();
    found.files().len()
}

#[test]
fn a_base_cannot_be_deleted_while_something_has_its_rows() {
    let (_folder, roots) = roots("upkeep-base");
    for root in &roots {
        let base = table(root, 6);
        let one = edited(&base, 0, 1);
        let two = edited(&one, 1, 0);
        let refused = delete(base.url()).unwrap_err();
        assert!(
            matches!(&refused, Error::InUse { by, .. } if by.contains("train_000")),
            "{refused}"
        );
        // A revision that others were made of can.
        delete(one.url()).unwrap();
        assert_eq!(
            labels(&Table::from_url(two.url()).unwrap()),
            [1, 0, 2, 0, 1, 2]
        );
        assert!(verify(root).unwrap().problems.is_empty());
        // Its cells are nobody's now; those of the other stay.
        assert_eq!(swept(root), 1);
        assert_eq!(
            labels(&Table::from_url(two.url()).unwrap()),
            [1, 0, 2, 0, 1, 2]
        );
        let copy = two.squash("copy").unwrap();
        delete(two.url()).unwrap();
        delete(base.url()).unwrap();
        assert!(matches!(
            Table::from_url(base.url()),
            Err(Error::NotFound { .. })
        ));
        let copy = Table::from_url(copy.url()).unwrap();
        assert_eq!(numbers(&copy), (0..6).collect::<Vec<_>>());
        assert_eq!(copy.lineage().unwrap().revisions().len(), 1);
        assert!(verify(root).unwrap().problems.is_empty());
        // The name is free again, and nothing of the old history is there.
        let again = table(root, 6);
        assert_eq!(again.name(), "train");
        assert!(again.children().unwrap().is_empty());
    }
}

#[test]
fn an_overwritten_base_keeps_what_its_revisions_have_of_it() {
    let (_folder, roots) = roots("upkeep-overwritten");
    for root in &roots {
        let base = table(root, 6);
        let one = edited(&base, 0, 1);
        let options = TableOptions::new("p", "pets", "train")
            .root(root)
            .if_exists(IfExists::Overwrite);
        let other = Table::create(options, |writer| {
            writer.add_batch(Columns::new().column("label", vec![7]))
        })
        .unwrap();
        assert_eq!(other.url(), base.url());
        assert!(other.children().unwrap().is_empty());
        assert_eq!(other.latest().unwrap().id(), other.id());
        assert_eq!(swept(root), 0);
        assert_eq!(
            labels(&Table::from_url(one.url()).unwrap()),
            [1, 1, 2, 0, 1, 2]
        );
        assert_eq!(base.latest().unwrap().id(), one.id());
        // Both contents have revisions in one log.
        let of_other = other
            .edit()
            .unwrap()
            .ignore_writable()
            .set("label", 0, 8)
            .unwrap()
            .commit("8")
            .unwrap();
        assert_eq!(other.latest().unwrap().id(), of_other.id());
        let two = edited(&one, 1, 0);
        assert_eq!(base.latest().unwrap().id(), two.id());
        assert_eq!(other.latest().unwrap().id(), of_other.id());
        assert!(matches!(one.diff(&of_other), Err(Error::OtherBase { .. })));
        // Once nothing has its rows the old content can go.
        delete(one.url()).unwrap();
        delete(two.url()).unwrap();
        assert!(swept(root) >= 1);
        assert_eq!(labels(&Table::from_url(of_other.url()).unwrap()), [8]);
    }
}

#[test]
fn a_run_holds_the_revision_that_it_was_collected_on() {
    let root = Url::parse("memory://upkeep-run").unwrap();
    let base = table(&root, 6);
    let one = edited(&base, 0, 1);
    let run = Run::create(RunOptions::new("p").root(&root)).unwrap();
    let values = Columns::new()
        .column("example_id", vec![0_i64])
        .column("loss", vec![0.5_f32]);
    run.add_metrics(values, AddMetrics::new().foreign_table(&one))
        .unwrap();
    assert!(matches!(delete(one.url()), Err(Error::InUse { .. })));
    let options = TableOptions::new("p", "pets", "train_0001")
        .root(&root)
        .if_exists(IfExists::Overwrite);
    Table::create(options, |writer| {
        writer.add_batch(Columns::new().column("label", vec![7]))
    })
    .unwrap();
    swept(&root);
    let run = Run::from_url(run.url()).unwrap();
    let of_run = run.metrics().unwrap()[0].foreign_table().unwrap().unwrap();
    assert_eq!(labels(&of_run), [1, 1, 2, 0, 1, 2]);
}

#[test]
fn damage_of_anything_that_a_revision_is_made_of_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let root = Url::from_path(folder.path()).unwrap();
    let base = table(&root, 6);
    let mut editor = base.edit().unwrap();
    editor.set("label", 0, 2).unwrap().drop_rows([3]).unwrap();
    let one = editor.commit("one").unwrap();
    let mut files = Vec::new();
    let mut folders = vec![base.url().to_path().unwrap(), one.url().to_path().unwrap()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            match entry.path().is_dir() {
                true => folders.push(entry.path()),
                false if entry.file_name() != "lock" => files.push(entry.path()),
                false => {}
            }
        }
    }
    assert_eq!(files.len(), 6, "{files:?}"); // two commits, rows, cells, an order, one announcement
    for file in files {
        let sound = std::fs::read(&file).unwrap();
        for bit in (0..sound.len() * 8).step_by(37) {
            let mut damaged = sound.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            std::fs::write(&file, &damaged).unwrap();
            assert!(
                !verify(&root).unwrap().problems.is_empty(),
                "{file:?}, bit {bit}"
            );
            let read = || {
                let table = Table::from_url(one.url())?;
                table.scan().batches()?.collect::<Result<Vec<_>, _>>()
            };
            if let Ok(batches) = read() {
                let rows: usize = batches.iter().map(|batch| batch.num_rows()).sum();
                assert_eq!(rows, 5);
                assert_eq!(
                    labels(&Table::from_url(one.url()).unwrap()),
                    [2, 1, 2, 1, 2]
                );
            }
        }
        for len in [0, sound.len() / 2, sound.len() - 1] {
            std::fs::write(&file, &sound[..len]).unwrap();
            assert!(
                !verify(&root).unwrap().problems.is_empty(),
                "{file:?} of {len} bytes"
            );
        }
        std::fs::remove_file(&file).unwrap();
        let told = verify(&root).map_or(true, |verified| {
            !verified.problems.is_empty() || verified.tables < 2
        });
        assert!(told, "{file:?} is gone");
        std::fs::write(&file, &sound).unwrap();
    }
    assert!(verify(&root).unwrap().problems.is_empty());
}
