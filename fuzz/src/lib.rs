//! A project in memory with one file that the fuzzer has written.

use bytes::Bytes;
use std::path::Path;
use std::sync::Arc;
use tlc_core::storage::{self, MemoryStore, Mount, Store};
use tlc_core::{MetricsTable, Result, Run, Table, Url};

/// Tells where a panic was. One that the library catches is no finding, so this takes the
/// place of the fuzzer's hook, which ends the process; what escapes ends it all the same.
pub fn tell_panics() {
    std::panic::set_hook(Box::new(|info| eprintln!("{info}")));
}

/// A project root in memory, as long as it lives.
pub struct Project {
    store: Arc<MemoryStore>,
    root: Url,
    _mount: Mount,
}

impl Default for Project {
    fn default() -> Self {
        let (store, root) = (
            Arc::new(MemoryStore::default()),
            Url::parse("memory://fuzz/").unwrap(),
        );
        let mounted: Arc<dyn Store> = Arc::<MemoryStore>::clone(&store);
        let _mount = storage::mount(&root, mounted);
        Self {
            store,
            root,
            _mount,
        }
    }
}

impl Project {
    /// With the files of the fixtures below a folder whose names are wanted.
    pub fn of_fixtures(folder: &str, wanted: impl Fn(&str) -> bool) -> Self {
        let project = Self::default();
        let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates");
        let root = crates.join("tlc-core/tests/fixtures/v1/root");
        project.load(&root, &root.join(folder), &wanted);
        project
    }

    fn load(&self, root: &Path, folder: &Path, wanted: &dyn Fn(&str) -> bool) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap().to_str().unwrap();
            if path.is_dir() {
                self.load(root, &path, wanted);
            } else if wanted(name) {
                self.put(name, std::fs::read(&path).unwrap());
            }
        }
    }

    pub fn url(&self, path: &str) -> Url {
        self.root.join(path).unwrap()
    }

    pub fn put(&self, path: &str, bytes: Vec<u8>) {
        self.store
            .put_if_absent(&self.url(path), Bytes::from(bytes))
            .unwrap();
    }

    /// A document with this first line, and the checksum of it.
    pub fn put_sealed(&self, path: &str, line: &[u8]) {
        let mut bytes = line.to_vec();
        bytes.push(b'\n');
        let seal = format!("{{\"crc32c\":\"{:08x}\"}}\n", crc32c::crc32c(&bytes));
        bytes.extend_from_slice(seal.as_bytes());
        self.put(path, bytes);
    }
}

/// Everything that can be read of a table.
pub fn read_table(url: &Url) -> Result<()> {
    let table = Table::from_url(url)?;
    for batch in table.scan().batches()? {
        batch?;
    }
    let middle = table.len() / 2;
    for batch in table.scan().rows(middle..middle + 1).batches()? {
        batch?;
    }
    table.get(0)?;
    table.take(&[0, table.len() - 1, 0])?;
    for row in table.rows::<serde_json::Value>()?.take(1000) {
        row?;
    }
    for name in table.schema().names() {
        table.column(name)?;
        table.statistics(name)?;
        table.page_statistics(0, name)?;
    }
    Ok(())
}

/// Everything that can be read of a run.
pub fn read_run(url: &Url) -> Result<()> {
    let run = Run::from_url(url)?;
    run.status()?;
    let _ = (run.parameters(), run.input_tables(), run.aggregates());
    let tables = run.metrics()?.into_iter().chain(run.unfinished_metrics()?);
    for table in tables.take(100) {
        let _ = read_metrics(&table);
    }
    Ok(())
}

fn read_metrics(metrics: &MetricsTable) -> Result<()> {
    let _ = metrics.info();
    metrics.read()?;
    if let Some(table) = metrics.foreign_table()? {
        let names: Vec<&str> = table.schema().names().collect();
        for batch in metrics.join(&names)? {
            batch?;
        }
    }
    Ok(())
}
