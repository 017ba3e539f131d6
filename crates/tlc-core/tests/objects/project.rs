//! A project in a bucket: tables, revisions, runs, upkeep; and how often the store is asked.

use super::numbers::{numbers, sealed_numbers};
use super::python::python;
use super::server::Server;
use super::{mounted, run_at, writer};
use std::sync::Arc;
use std::time::Duration;
use tlc_core::arrow::array::AsArray;
use tlc_core::arrow::datatypes::Int64Type;
use tlc_core::storage::testing::CountingStore;
use tlc_core::storage::{RetryStore, Store};
use tlc_core::{
    Column, Error, Run, Table, TableOptions, Url, VacuumOptions, ValueType, delete, vacuum, verify,
};

/// Writes a table of a column of numbers, whose parts have several row groups.
fn table(root: &Url) -> Table {
    let options = TableOptions::new("p", "d", "t")
        .root(root)
        .column(Column::new("label", ValueType::Int64).writable(true));
    let columns = numbers(0, 1000).column("label", vec![1_i64; 1000]);
    Table::create(options, |writer| writer.add_batch(columns.clone())).unwrap()
}

/// How many requests were under way at once since the last call, at most.
fn peak(server: &Server) -> usize {
    server.ask("GET", "/_test/peak").parse().unwrap()
}

#[test]
fn a_project_is_written_changed_checked_and_deleted() {
    let Some(server) = Server::start() else {
        return;
    };
    let root = server.root();
    let _mounted = mounted(server.store(), &root);
    let table = table(&root);
    let mut editor = table.edit().unwrap();
    editor.set_rows("label", [3, 5], 0_i64).unwrap();
    let fixed = editor.commit("put right").unwrap();
    assert_eq!(table.latest().unwrap().id(), fixed.id());
    let labels = fixed.column("label").unwrap();
    assert_eq!(
        labels.as_primitive::<Int64Type>().values()[2..6],
        [1, 0, 1, 0]
    );
    let run = run_at(&root);
    let mut writer = writer(&run);
    writer.add_batch(numbers(0, 10)).unwrap();
    writer.finalize().unwrap();
    run.update_metrics(&writer.get_written_metrics_infos())
        .unwrap();
    run.close().unwrap();
    assert_eq!(sealed_numbers(run.url()), (0..10).collect::<Vec<_>>());
    let verified = verify(&root.join("p").unwrap()).unwrap();
    assert!(verified.problems.is_empty(), "{:?}", verified.problems);
    let left = vacuum(&root.join("p").unwrap(), VacuumOptions::new()).unwrap();
    assert_eq!(
        (left.files().len(), left.in_use()),
        (0, &[run.url().clone()][..])
    );
    // What somebody writes to is not deleted.
    let open = run.url().clone();
    let reopened = Run::from_url(&open).unwrap();
    reopened.set_parameters([("note", "again")]).unwrap();
    assert!(matches!(delete(&open), Err(Error::InUse { .. })));
    drop((reopened, run, writer));
    for url in [&open, fixed.url(), table.url()] {
        delete(url).unwrap();
    }
    let store = tlc_core::storage::open(&root).unwrap();
    assert_eq!(files_below(&*store, &root), Vec::<String>::new());
}

pub(crate) fn files_below(store: &dyn Store, folder: &Url) -> Vec<String> {
    let entries = store.list(folder).unwrap();
    let below = entries.into_iter().flat_map(|entry| {
        let url = folder.join(&entry.name).unwrap();
        match entry.is_folder {
            true => files_below(store, &url),
            false => vec![url.to_string()],
        }
    });
    below.collect()
}

#[test]
fn opening_and_reading_wait_for_the_store_a_few_times_whatever_there_is() {
    const COMMITS: u64 = 300;
    let Some(server) = Server::start() else {
        return;
    };
    let root = server.root();
    let counting = Arc::new(CountingStore::new(Arc::new(server.store())));
    let _mounted = tlc_core::storage::mount(&root, Arc::clone(&counting) as Arc<dyn Store>);
    let run = run_at(&root);
    for number in 0..COMMITS {
        run.set_parameters([("number", number)]).unwrap();
    }
    let table = table(&root);
    counting.take_waits();
    counting.take_reads();
    server.requests();
    let opened = Run::from_url(run.url()).unwrap();
    assert_eq!(opened.parameters()["number"], COMMITS - 1);
    let waits = counting.take_waits();
    assert!(waits <= 4, "opening a run waits {waits} times");
    // Each request is one of S3; signs of life come when they come.
    let asked = server.requests();
    let asked = asked.iter().filter(|line| !line.contains("/lock/"));
    assert_eq!(asked.count() as u64, counting.take_reads());
    let table = Table::from_url(table.url()).unwrap();
    assert_eq!(counting.take_waits(), 2, "opening a table");
    server.requests();
    table.column("label").unwrap();
    let asked = server.requests();
    assert_eq!(asked.len(), 2, "the footer, the column: {asked:?}");
    assert!(
        !asked.iter().any(|line| line.contains("list-type")),
        "{asked:?}"
    );
}

#[test]
fn many_parts_are_read_at_once_and_in_their_order() {
    const PARTS: i64 = 16;
    let Some(server) = Server::start() else {
        return;
    };
    let root = server.root();
    let _mounted = mounted(server.store(), &root);
    let run = run_at(&root);
    let mut writer = writer(&run);
    for part in 0..PARTS {
        writer.add_batch(numbers(part * 10, 10)).unwrap();
        writer.flush().unwrap();
    }
    writer.finalize().unwrap();
    run.update_metrics(&writer.get_written_metrics_infos())
        .unwrap();
    let table = Run::from_url(run.url()).unwrap().metrics().unwrap();
    server.go_wrong("slow", 1.0);
    peak(&server);
    let rows = table[0].read().unwrap();
    assert!(peak(&server) >= 4);
    let read = rows["number"].as_primitive::<Int64Type>().values();
    assert!(read.iter().copied().eq(0..PARTS * 10));
    server.go_wrong("busy", 1.0);
    let quick = Duration::from_millis(200);
    let store = RetryStore::new(Arc::new(server.store())).deadline(quick);
    let _quick = tlc_core::storage::mount(&root, Arc::new(store));
    server.go_wrong("none", 0.0);
    let table = Run::from_url(run.url()).unwrap().metrics().unwrap();
    server.go_wrong("busy", 1.0);
    let failed = table[0].read();
    assert!(
        matches!(failed, Err(Error::Unavailable { .. })),
        "{failed:?}"
    );
}

#[test]
fn pyarrow_reads_a_part_where_it_lies() {
    const SCRIPT: &str = "
import sys
import pyarrow.fs as fs
import pyarrow.parquet as parquet
store = fs.S3FileSystem(access_key='a', secret_key='b', endpoint_override=sys.argv[1], scheme='http')
files = store.get_file_info(fs.FileSelector(sys.argv[2], recursive=True))
parts = [file.path for file in files if file.path.endswith('.parquet')]
table = parquet.read_table(parts[0], filesystem=store)
print(len(parts), table.num_rows, sum(table['number'].to_pylist()))
";
    let Some(server) = Server::start() else {
        return;
    };
    let root = server.root();
    let _mounted = mounted(server.store(), &root);
    let table = table(&root);
    let folder = table.url().to_string().replace("s3://", "");
    let endpoint = server.endpoint().replace("http://", "");
    if let Some(seen) = python(&["pyarrow"], SCRIPT, &[&endpoint, &folder]) {
        assert_eq!(String::from_utf8_lossy(&seen).trim(), "1 1000 499500");
    }
}
