//! What is made of a split: tables, a column, selections.

use crate::{halves, options, parts, sizes, table, table_of};
use std::collections::BTreeSet;
use std::sync::Arc;
use tlc_core::storage::testing::{Fault, FaultStore, When};
use tlc_core::storage::{MemoryStore, mount};
use tlc_core::{Columns, Error, Parts, RevisionKind, Role, Split, Table, TableOptions, Url};

fn numbers(table: &Table) -> Vec<i64> {
    let rows = table.rows::<(i64,)>().unwrap();
    rows.map(|row| row.unwrap().0).collect()
}

fn in_part(split: &Split, part: &str) -> Vec<i64> {
    split.rows(part).unwrap().map(|row| row as i64).collect()
}

#[test]
fn each_part_is_a_table_of_the_same_rows_that_is_there_when_asked_again() {
    let base = table(100);
    let split = base.split(halves().seed(2)).unwrap();
    let tables = split.revisions().unwrap();
    let names: Vec<&str> = tables.iter().map(Table::name).collect();
    assert_eq!(names, ["initial_train", "initial_test"]);
    for (table, part) in tables.iter().zip(["train", "test"]) {
        assert_eq!(numbers(table), in_part(&split, part));
        let said = format!("part `{part}` of initial, by chance, seed 2");
        assert_eq!(table.description(), said);
        assert_eq!(
            table.lineage().unwrap().get(table.id()).unwrap().kind,
            Some(RevisionKind::Derived)
        );
        assert!(table.rows_in(&base).unwrap().get(0).is_some());
    }
    let again = base.split(halves().seed(2)).unwrap().revisions().unwrap();
    let ids = |tables: &[Table]| {
        tables
            .iter()
            .map(|table| table.id().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(&again), ids(&tables));
    assert_eq!(base.children().unwrap().len(), 2);
}

#[test]
fn a_table_of_the_name_with_other_rows_is_an_error_and_stays() {
    let base = table(100);
    let tables = base.split(halves().seed(2)).unwrap().revisions().unwrap();
    let error = base
        .split(halves().seed(3))
        .unwrap()
        .revisions()
        .unwrap_err();
    assert!(matches!(error, Error::DataChanged { .. }), "{error}");
    assert_eq!(
        numbers(&Table::from_url(tables[0].url()).unwrap()),
        numbers(&tables[0])
    );
    let other = base.split(halves().seed(3)).unwrap().called("seed3");
    assert_eq!(other.revisions().unwrap()[1].name(), "seed3_test");
    // One of another base.
    let root = Url::parse("memory://splits-kept/p").unwrap();
    let of = |name: &str| {
        let rows = Columns::new().column("number", vec![1_i64, 2]);
        let options = TableOptions::new("demo", "pets", name).root(&root);
        Table::create(options, |writer| writer.add_batch(rows)).unwrap()
    };
    let (base, _) = (of("one"), of("one_train"));
    let error = base.split(halves()).unwrap().revisions().unwrap_err();
    assert!(matches!(error, Error::DataChanged { .. }), "{error}");
}

#[test]
fn the_parts_of_a_shuffled_and_edited_revision_keep_its_order() {
    let base = table(60);
    let shuffled = base
        .derive()
        .unwrap()
        .shuffle(4)
        .unwrap()
        .commit("shuffled")
        .unwrap();
    let fewer = shuffled
        .edit()
        .unwrap()
        .drop_rows([3, 4])
        .unwrap()
        .commit("fewer")
        .unwrap();
    let split = fewer.split(halves()).unwrap();
    let all = numbers(&fewer);
    for (table, part) in split.revisions().unwrap().iter().zip(["train", "test"]) {
        let expected: Vec<i64> = split.rows(part).unwrap().map(|row| all[row]).collect();
        assert_eq!(numbers(table), expected);
    }
}

#[test]
fn a_part_with_all_rows_is_the_table_and_one_with_none_a_table_without_rows() {
    let base = table_of("url", vec!["a", "b"]);
    let tables = base
        .split(Parts::new([("all", 1.0)]))
        .unwrap()
        .revisions()
        .unwrap();
    assert_eq!(tables[0].id(), base.id());
    let asked = Parts::new([("a", 0.999_999), ("b", 0.000_001)]).hashed_by("url");
    let split = base.split(asked).unwrap();
    for _ in 0..2 {
        let tables = split.revisions().unwrap();
        assert_eq!(tables.iter().map(Table::len).collect::<Vec<_>>(), [2, 0]);
        assert!(tables[1].rows::<(String,)>().unwrap().next().is_none());
    }
}

#[test]
fn a_column_says_the_part_of_each_row_and_splits_the_same_way() {
    let base = table(50);
    let split = base.split(halves().seed(5)).unwrap();
    let marked = split.column("split").unwrap();
    assert_eq!(marked.name(), "initial_split");
    let column = marked.schema().column("split").unwrap();
    assert_eq!((column.nullable, column.role), (false, None::<Role>));
    let again = marked.split(Parts::of_column("split")).unwrap();
    assert_eq!(parts(&again), parts(&split));
    assert_eq!(again.names().collect::<Vec<_>>(), ["train", "test"]);
    // The same program again, and another seed.
    assert_eq!(
        base.split(halves().seed(5))
            .unwrap()
            .column("split")
            .unwrap()
            .id(),
        marked.id()
    );
    let error = base
        .split(halves().seed(6))
        .unwrap()
        .column("split")
        .unwrap_err();
    assert!(matches!(error, Error::DataChanged { .. }), "{error}");
    let error = marked.split(halves()).unwrap().column("split").unwrap_err();
    assert!(matches!(error, Error::Column { .. }), "{error}");
}

#[test]
fn selections_of_the_parts_are_found_by_other_revisions() {
    let base = table(40);
    let split = base.split(halves()).unwrap();
    let kept = split.selections().unwrap();
    assert_eq!(
        kept.iter().map(|kept| kept.name()).collect::<Vec<_>>(),
        ["train", "test"]
    );
    split.selections().unwrap(); // nothing new
    assert_eq!(base.selection_versions("train").unwrap().len(), 1);
    let fewer = base
        .edit()
        .unwrap()
        .drop_rows([0, 39])
        .unwrap()
        .commit("fewer")
        .unwrap();
    let rows = |name| {
        fewer
            .selection(name)
            .unwrap()
            .rows()
            .map(|row| row as i64 + 1)
            .collect::<Vec<_>>()
    };
    let expected = |part| {
        in_part(&split, part)
            .into_iter()
            .filter(|row| (1..39).contains(row))
            .collect::<Vec<_>>()
    };
    assert_eq!(rows("train"), expected("train"));
    assert_eq!(rows("test"), expected("test"));
}

#[test]
fn a_name_that_no_table_can_have_is_refused_by_name() {
    let split = table(4)
        .split(Parts::new([("a/b", 0.5), ("c", 0.5)]))
        .unwrap();
    assert_eq!(sizes(&split), [2, 2]);
    for error in [
        split.revisions().unwrap_err(),
        split.selections().unwrap_err(),
    ] {
        assert!(matches!(error, Error::InvalidUrl { .. }), "{error}");
        assert!(error.to_string().contains("a/b"), "{error}");
    }
    assert!(split.column("split").is_ok());
    assert!(matches!(
        split.column("number").unwrap_err(),
        Error::Column { .. }
    ));
}

#[test]
fn a_table_of_some_columns_is_split_as_the_whole() {
    let columns = Columns::new().column("number", (0..20_i64).collect::<Vec<_>>());
    let columns = columns.column("label", (0..20_i32).map(|row| row % 2).collect::<Vec<_>>());
    let base = Table::create(options(), |writer| writer.add_batch(columns)).unwrap();
    let projected = base.select(&["number".to_owned()]).unwrap();
    let tables = projected.split(halves()).unwrap().revisions().unwrap();
    assert_eq!(tables[0].schema().names().count(), 2);
    let again = projected.split(halves()).unwrap().revisions().unwrap();
    assert_eq!(again[0].id(), tables[0].id());
    assert_eq!(
        base.split(halves()).unwrap().revisions().unwrap()[1].id(),
        tables[1].id()
    );
}

#[test]
fn parts_that_fail_to_be_made_at_any_write_are_made_by_the_next_call() {
    for fault in [Fault::Full, Fault::Ambiguous, Fault::Lost] {
        let mut fired = 0;
        for number in 1..=12 {
            let memory = Arc::new(MemoryStore::default());
            let root = Url::parse(&format!("memory://splits-{fault:?}-{number}/p")).unwrap();
            let _memory = mount(&root, memory.clone());
            let rows = Columns::new().column("number", (0..90_i64).collect::<Vec<_>>());
            let options = TableOptions::new("demo", "pets", "initial").root(&root);
            let base = Table::create(options, |writer| writer.add_batch(rows)).unwrap();
            let store = Arc::new(FaultStore::new(memory, fault, &When::Once(number)));
            let _mounted = mount(&root, store.clone());
            let make = || {
                let split = base.split(halves())?;
                let tables = split.revisions()?;
                Ok::<_, Error>((split.column("split")?, split.selections()?, tables))
            };
            let made = make().or_else(|_| {
                store.heal();
                make()
            });
            let (column, selections, tables) = made.unwrap();
            fired += store.fired();
            assert_eq!((column.len(), selections.len()), (90, 2));
            let numbers = [numbers(&tables[0]), numbers(&tables[1])].concat();
            assert_eq!(numbers.len(), 90);
            let lineage = base.lineage().unwrap();
            let names = lineage.revisions().iter();
            let names = names.map(|revision| revision.url.name().to_owned());
            let expected = ["initial", "initial_split", "initial_test", "initial_train"];
            assert_eq!(
                names.collect::<BTreeSet<_>>(),
                expected.map(String::from).into()
            );
        }
        assert!(fired > 6, "{fault:?} was met {fired} times");
    }
}

#[test]
fn programs_that_split_a_table_at_the_same_time_make_each_part_once() {
    let folder = tempfile::tempdir().unwrap();
    let root = Url::from_path(folder.path()).unwrap();
    let rows = Columns::new().column("number", (0..90_i64).collect::<Vec<_>>());
    let options = TableOptions::new("demo", "pets", "initial").root(&root);
    let base = Table::create(options, |writer| writer.add_batch(rows)).unwrap();
    let made = std::thread::scope(|scope| {
        let make = || {
            let base = Table::from_url(base.url()).unwrap();
            let split = base.split(halves()).unwrap();
            let column = split.column("split").unwrap();
            let tables = split.revisions().unwrap().into_iter().chain([column]);
            tables
                .map(|table| table.id().to_owned())
                .collect::<Vec<_>>()
        };
        let threads = [(); 4].map(|()| scope.spawn(make));
        threads.map(|thread| thread.join().unwrap())
    });
    assert!(made.iter().all(|ids| *ids == made[0]), "{made:?}");
    assert_eq!(base.children().unwrap().len(), 3);
}
