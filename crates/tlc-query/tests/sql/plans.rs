//! What is left unread: columns, groups of rows, whole metrics tables.

use super::{answer, asked, block_on, cells, pets, root, run};
use std::sync::Arc;
use tlc_core::storage::testing::CountingStore;
use tlc_core::storage::{MemoryStore, Store, mount};
use tlc_core::{AddMetrics, Columns, Table, TableOptions, Url};
use tlc_query::context;

/// What the plan of a question reads: the line of its scan.
fn scan(root: &Url, sql: &str) -> String {
    let plan = answer(root, &format!("EXPLAIN {sql}"));
    if plan.contains("EmptyRelation") {
        return "nothing".to_owned();
    }
    let line = plan.lines().find(|line| line.contains("ScanRows"));
    let (_, scan) = line
        .unwrap_or_else(|| panic!("{plan}"))
        .split_once("ScanRows: ")
        .unwrap();
    scan.to_owned()
}

/// A run with an epoch in each of ten metrics tables.
fn ten_epochs(root: &Url) {
    let run = run(root, "r");
    for epoch in 0..10_i64 {
        let values = Columns::new()
            .column("example_id", (0..100).collect::<Vec<i64>>())
            .column("loss", vec![epoch as f32; 100]);
        run.add_metrics(values, AddMetrics::new().constant("epoch", epoch))
            .unwrap();
    }
}

#[test]
fn metrics_tables_of_other_epochs_are_not_touched() {
    let root = root();
    let counting = Arc::new(CountingStore::new(Arc::new(MemoryStore::default())));
    let _mounted = mount(&root, Arc::clone(&counting) as Arc<dyn Store>);
    ten_epochs(&root);
    let few = "SELECT count(*), sum(loss) FROM p.runs.r.default_stream WHERE epoch = 3";
    assert!(
        scan(&root, few).starts_with("rows=100 of 1000, columns=2 of 3"),
        "{}",
        scan(&root, few)
    );
    let reads = |sql: &str| {
        block_on(async {
            let context = context(&root).unwrap();
            let planned = context.sql(sql).await.unwrap();
            counting.take_reads();
            planned.collect().await.unwrap();
            counting.take_reads()
        })
    };
    let (of_one, of_all) = (
        reads(few),
        reads("SELECT sum(loss) FROM p.runs.r.default_stream"),
    );
    assert!(of_one * 5 <= of_all, "{of_one} and {of_all} reads");
    for (asked, rows) in [
        ("epoch >= 8", 200),
        ("epoch IN (1, 5, 77)", 200),
        ("epoch BETWEEN 2 AND 4 AND loss > 2.5", 300),
        ("epoch = 3 OR loss > 5", 1000),
        ("NOT epoch = 3", 900),
        ("epoch + 1 = 3", 1000),
    ] {
        let sql = format!("SELECT loss FROM p.runs.r.default_stream WHERE {asked}");
        let scan = scan(&root, &sql);
        assert!(
            scan.starts_with(&format!("rows={rows} of 1000")),
            "{asked}: {scan}"
        );
    }
    let never = "SELECT loss FROM p.runs.r.default_stream WHERE epoch IS NULL";
    assert_eq!(scan(&root, never), "nothing");
}

/// A table of 4,000 rows in groups of 500, whose `number` ascends.
fn ascending(root: &Url) -> Table {
    let numbers: Vec<i32> = (0..4000).collect();
    let texts: Vec<String> = numbers
        .iter()
        .map(|number| format!("{number:05}"))
        .collect();
    let losses: Vec<f32> = numbers
        .iter()
        .map(|number| if *number == 7 { f32::NAN } else { 0.0 })
        .collect();
    let columns = Columns::new()
        .column("number", numbers)
        .column("text", texts)
        .column("loss", losses);
    let options = TableOptions::new("p", "d", "t").root(root);
    Table::create(options, |writer| writer.add_batch(columns.clone())).unwrap()
}

#[test]
fn groups_of_rows_are_left_out_by_what_their_files_tell() {
    let root = root();
    ascending(&root);
    for (asked, rows, found) in [
        ("number = 1234", 500, "1"),
        ("number > 3499", 500, "500"),
        ("number BETWEEN 400 AND 600", 1000, "201"),
        ("number = 99999", 0, "0"),
        ("text = '01234'", 500, "1"),
        ("text LIKE '039%'", 500, "100"),
        ("number = 3 AND text = '03999'", 0, "0"),
        // A NaN is greater than any number.
        ("loss > 1", 4000, "1"),
        ("loss < 0", 4000, "0"),
    ] {
        let sql = format!("SELECT count(*) FROM (SELECT text FROM p.tables.d.t WHERE {asked})");
        assert_eq!(cells(&root, &sql), [found], "{asked}");
        let scan = scan(
            &root,
            &format!("SELECT text FROM p.tables.d.t WHERE {asked}"),
        );
        assert!(
            scan.starts_with(&format!("rows={rows} of 4000")),
            "{asked}: {scan}"
        );
    }
}

#[test]
fn rows_are_found_by_their_numbers() {
    let root = root();
    let table = pets(&root, 10_000);
    for (asked, rows, found) in [
        ("example_id = 5000", 500, "n5000"),
        ("example_id IN (17, 9999)", 1000, "n17 n9999"),
        ("example_id > 9997", 500, "n9998 n9999"),
        ("example_id = 10000", 0, ""),
    ] {
        let sql =
            format!("SELECT name FROM p.tables.pets.initial WHERE {asked} ORDER BY example_id");
        assert_eq!(cells(&root, &sql).join(" "), found);
        let scan = scan(&root, &sql);
        assert!(
            scan.starts_with(&format!("rows={rows} of 10000")),
            "{asked}: {scan}"
        );
    }
    // Of a revision in another order, too.
    let mut backwards = table.derive().unwrap();
    backwards.rows((0..10_000).rev()).unwrap();
    let backwards = backwards.commit("backwards").unwrap();
    let sql = format!(
        r#"SELECT name FROM p.tables.pets."{}" WHERE example_id = 0"#,
        backwards.name()
    );
    assert_eq!(cells(&root, &sql), ["n9999"]);
}

#[test]
fn cells_that_a_revision_has_changed_are_found() {
    let root = root();
    let table = ascending(&root);
    let mut editor = table.edit().unwrap();
    editor.ignore_writable();
    editor.set("number", 0, 99_999).unwrap();
    let fixed = editor.commit("one more").unwrap();
    let sql = format!(
        r#"SELECT example_id FROM p.tables.d."{}" WHERE number = 99999"#,
        fixed.name()
    );
    assert_eq!(cells(&root, &sql), ["0"]);
}

#[test]
fn the_first_rows_are_read_and_no_more() {
    let root = root();
    ascending(&root);
    let sql = "SELECT number FROM p.tables.d.t LIMIT 10";
    assert_eq!(cells(&root, sql).len(), 10);
    assert!(
        scan(&root, sql).starts_with("rows=500 of 4000"),
        "{}",
        scan(&root, sql)
    );
    let filtered = "SELECT number FROM p.tables.d.t WHERE text LIKE '%99' LIMIT 30";
    assert_eq!(cells(&root, filtered).len(), 30);
}

#[test]
fn rows_are_counted_without_being_read() {
    let root = root();
    ten_epochs(&root);
    let plan = answer(
        &root,
        "EXPLAIN SELECT count(*) FROM p.runs.r.default_stream",
    );
    assert!(!plan.contains("ScanRows"), "{plan}");
    assert_eq!(
        cells(&root, "SELECT count(*) FROM p.runs.r.default_stream"),
        ["1000"]
    );
}

#[test]
fn damage_is_an_error_that_names_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let root = Url::from_path(folder.path()).unwrap();
    let table = ascending(&root);
    let parts = folder.path().join("p/datasets/d/tables/t/parts");
    let part = std::fs::read_dir(parts)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let mut bytes = std::fs::read(&part).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&part, bytes).unwrap();
    let sql = "SELECT max(number), max(text), sum(loss) FROM p.tables.d.t";
    let read = block_on(async { asked(&context(&root).unwrap(), sql).await });
    let told = read.unwrap_err();
    assert!(
        matches!(
            &told,
            tlc_query::Error::Read(tlc_core::Error::Corrupt { .. })
        ),
        "{told:?}"
    );
    assert!(told.to_string().contains(table.url().name()), "{told}");
}
