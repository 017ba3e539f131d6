//! What names mean, and what is said of those that nothing has.

use super::{answer, block_on, cells, pets, root, run};
use tlc_core::{AddMetrics, Columns};
use tlc_query::{Error, context};

#[test]
fn tables_revisions_and_streams_are_found_by_their_names() {
    let root = root();
    let table = pets(&root, 4);
    let mut editor = table.edit().unwrap();
    editor.set("label", 0, 1).unwrap();
    let fixed = editor.commit("a is a dog").unwrap();
    let run = run(&root, "Größer 1");
    let values = Columns::new().column("loss", vec![0.5_f32, 1.5]);
    let about = AddMetrics::new().foreign_table(&table).example_ids(0..2);
    run.add_metrics(values, about.stream("test")).unwrap();
    let labels = |name: &str| {
        cells(
            &root,
            &format!("SELECT label FROM {name} ORDER BY example_id"),
        )
    };
    assert_eq!(labels("p.tables.pets.initial"), ["0", "1", "0", "1"]);
    assert_eq!(
        labels(r#"p.tables.pets."initial@latest""#),
        ["1", "1", "0", "1"]
    );
    let revision = format!(r#"p.tables.pets."{}""#, fixed.name());
    assert_eq!(labels(&revision), ["1", "1", "0", "1"]);
    let losses = r#"SELECT loss FROM "p".runs."Größer 1".test ORDER BY loss"#;
    assert_eq!(cells(&root, losses), ["0.5", "1.5"]);
    // As DataFusion's own parser takes it.
    let of_three = r#"SELECT loss FROM p.runs."Größer 1/test" ORDER BY loss"#;
    assert_eq!(cells(&root, of_three), ["0.5", "1.5"]);
}

#[test]
fn names_may_leave_out_the_project_that_is_set() {
    let root = root();
    pets(&root, 3);
    let count = block_on(async {
        let context = context(&root).unwrap().project("p");
        let asked = context.sql("SELECT * FROM tables.pets.initial t WHERE t.label = 0");
        asked.await.unwrap().count().await.unwrap()
    });
    assert_eq!(count, 2);
}

#[test]
fn a_name_that_nothing_has_is_told_with_those_that_there_are() {
    let root = root();
    pets(&root, 1);
    let run = run(&root, "first");
    let values = Columns::new().column("loss", vec![0.5_f32]);
    run.add_metrics(values, AddMetrics::new()).unwrap();
    for (name, told) in [
        ("q.tables.pets.initial", "no project `q`, there are: p"),
        (
            "p.tables.pets.x",
            "no table `pets/x`, there are: pets/initial",
        ),
        ("p.runs.second.test", "no run `second`, there are: first"),
        (
            "p.runs.first.test",
            "no stream `first/test`, there are: default_stream",
        ),
    ] {
        assert_eq!(answer(&root, &format!("SELECT * FROM {name}")), told);
    }
    for name in [
        r#""..".tables.pets.initial"#,
        r#"p.runs."..".test"#,
        r#"p.tables."a/b".x"#,
    ] {
        let told = answer(&root, &format!("SELECT * FROM {name}"));
        assert!(!told.contains('|'), "{told}");
    }
}

#[test]
fn what_is_there_is_listed() {
    let root = root();
    pets(&root, 1);
    let run = run(&root, "first");
    let values = Columns::new().column("loss", vec![0.5_f32]);
    run.add_metrics(values, AddMetrics::new()).unwrap();
    let listed = "SELECT concat(table_schema, ' ', table_name) FROM information_schema.tables \
                  WHERE table_catalog = 'p' AND table_schema <> 'information_schema' ORDER BY 1";
    assert_eq!(
        cells(&root, listed),
        ["runs first/default_stream", "tables pets/initial"]
    );
}

#[test]
fn a_question_changes_nothing() {
    let root = root();
    pets(&root, 1);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.csv");
    let writing = [
        format!("COPY (SELECT 1) TO '{}' STORED AS CSV", file.display()),
        format!(
            "CREATE EXTERNAL TABLE x STORED AS CSV LOCATION '{}'",
            file.display()
        ),
        "CREATE TABLE x AS SELECT 1".to_owned(),
        "INSERT INTO p.tables.pets.initial VALUES (1, 'x', 1)".to_owned(),
        "SET datafusion.execution.batch_size = 1".to_owned(),
        "DROP TABLE p.tables.pets.initial".to_owned(),
    ];
    for sql in writing {
        let refused = block_on(async { context(&root).unwrap().sql(&sql).await.map(drop) });
        assert!(matches!(refused, Err(Error::Sql(_))), "{sql}: {refused:?}");
    }
    assert!(!file.exists());
}
