//! A small project as files in memory, which tests change, and all that can be read of it.

use super::every_type;
use bytes::Bytes;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tlc_core::storage::{self, FileInfo, MemoryStore, Store};
use tlc_core::{
    AddMetrics, ClassMap, Column, Columns, Error, IfExists, MetricsOptions, MetricsTable,
    MetricsTableWriter, Result, Run, RunOptions, Scan, Table, TableOptions, Url, ValueType,
};

/// A place in memory of its own.
fn place() -> Url {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    Url::parse(&format!("memory://hostile-{number}/")).unwrap()
}

/// The files of a project root by their paths under it.
#[derive(Clone, Debug)]
pub(crate) struct Files(pub(crate) BTreeMap<String, Bytes>);

impl Files {
    /// A project of today: two contents of a table, and a run with every action.
    pub(crate) fn new() -> Self {
        Self::written(write)
    }

    /// A table and what was made of it, in every way there is.
    pub(crate) fn of_revisions() -> Self {
        Self::written(write_revisions)
    }

    /// What is written to a root.
    pub(crate) fn written(write: impl FnOnce(&Url)) -> Self {
        let store = Arc::new(MemoryStore::default());
        let root = place();
        let _mount = storage::mount(&root, Arc::<MemoryStore>::clone(&store));
        write(&root);
        let mut files = BTreeMap::new();
        collect(&*store, &root, &root, &mut files);
        Self(files)
    }

    /// Some tables and runs of the fixtures of a version.
    pub(crate) fn of_fixtures(version: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
        let root = folder.join(version).join("root");
        let mut files = BTreeMap::new();
        for kept in [
            "demo/datasets/samples/tables/two parts",
            "demo/datasets/samples/tables/empty",
            "demo/datasets/samples/tables/overwritten",
            "demo/runs/overwritten",
            "demo/runs/läuft noch",
        ] {
            load(&root, &root.join(kept), &mut files);
        }
        Self(files)
    }

    pub(crate) fn named(&self, wanted: impl Fn(&str) -> bool) -> Vec<String> {
        self.0.keys().filter(|name| wanted(name)).cloned().collect()
    }

    /// The documents.
    pub(crate) fn documents(&self) -> Vec<String> {
        self.named(|name| name.ends_with(".json"))
    }

    /// Without what stands in for many commits, so that each commit is read.
    pub(crate) fn remove_checkpoints(&mut self) {
        self.0.retain(|name, _| !name.contains("/checkpoints/"));
    }

    /// The parts that a document names, and so are read.
    pub(crate) fn parts(&self) -> Vec<String> {
        let documents = self.documents();
        let documents = documents.iter().map(|name| &self.0[name]);
        let text: String = documents
            .map(|bytes| String::from_utf8_lossy(bytes))
            .collect();
        self.named(|name| {
            name.ends_with(".parquet") && text.contains(name.rsplit('/').next().unwrap())
        })
    }

    /// Replaces the first line of a document, and makes its checksum right.
    pub(crate) fn reseal(&mut self, name: &str, line: &[u8]) {
        let mut bytes = line.to_vec();
        bytes.push(b'\n');
        let seal = format!("{{\"crc32c\":\"{:08x}\"}}\n", crc32c::crc32c(&bytes));
        bytes.extend_from_slice(seal.as_bytes());
        self.0.insert(name.to_owned(), bytes.into());
    }

    pub(crate) fn line(&self, name: &str) -> Vec<u8> {
        let bytes = &self.0[name];
        bytes.split(|byte| *byte == b'\n').next().unwrap().to_vec()
    }

    /// Replaces a part, and makes right what documents say of its bytes and, if asked for,
    /// its row groups.
    pub(crate) fn replace_part(
        &mut self,
        name: &str,
        bytes: Vec<u8>,
        row_groups: Option<Vec<i64>>,
    ) {
        let file = name.rsplit('/').next().unwrap();
        let info = serde_json::to_value(FileInfo::of(&bytes)).unwrap();
        for document in self.documents() {
            let line = self.line(&document);
            if !String::from_utf8_lossy(&line).contains(file) {
                continue;
            }
            let mut value = serde_json::from_slice(&line).unwrap();
            describe(&mut value, file, &info, row_groups.as_deref());
            self.reseal(&document, value.to_string().as_bytes());
        }
        self.0.insert(name.to_owned(), bytes.into());
    }

    /// The table or run that a file belongs to.
    pub(crate) fn owner(name: &str) -> String {
        let depth = if name.contains("/datasets/") { 5 } else { 3 };
        name.split('/').take(depth).collect::<Vec<_>>().join("/")
    }

    /// What is wrong with the table or run at a path, for who looks at every file.
    pub(crate) fn verify(&self, owner: &str) -> Vec<Error> {
        self.mounted(|root| {
            let verified = tlc_core::verify(&root.join(owner).unwrap()).unwrap();
            verified
                .problems
                .into_iter()
                .map(|problem| problem.error)
                .collect()
        })
    }

    /// Reads all there is of the table or run at a path; the first error, if any.
    pub(crate) fn read(&self, owner: &str) -> Result<()> {
        self.mounted(|root| {
            let url = root.join(owner).unwrap();
            match owner.contains("/datasets/") {
                true => {
                    let table = Table::from_url(url)?;
                    read_table(&table)?;
                    read_revisions(&table)
                }
                false => read_run(&Run::from_url(url)?),
            }
        })
    }

    pub(crate) fn mounted<T>(&self, work: impl FnOnce(&Url) -> T) -> T {
        let store = MemoryStore::default();
        let root = place();
        for (name, bytes) in &self.0 {
            store
                .put_if_absent(&root.join(name).unwrap(), bytes.clone())
                .unwrap();
        }
        let _mount = storage::mount(&root, Arc::new(store));
        work(&root)
    }
}

/// Corrects what a document says of a file.
fn describe(
    value: &mut serde_json::Value,
    file: &str,
    info: &serde_json::Value,
    groups: Option<&[i64]>,
) {
    use serde_json::Value;
    match value {
        Value::Array(items) => {
            items
                .iter_mut()
                .for_each(|item| describe(item, file, info, groups));
        }
        Value::Object(fields) => {
            if fields
                .get("url")
                .and_then(Value::as_str)
                .is_some_and(|url| url.ends_with(file))
            {
                fields.extend(info.as_object().unwrap().clone());
                if let Some(groups) = groups {
                    fields.insert("row_groups".to_owned(), groups.into());
                }
            }
            for value in fields.values_mut() {
                describe(value, file, info, groups);
            }
            // The number of rows of a table is that of its parts.
            let is_table = fields.contains_key("rows");
            if let (Some(_), Some(parts), true) = (groups, fields.get("parts"), is_table) {
                let parts = parts.as_array().unwrap().iter();
                let groups = parts.flat_map(|part| part["row_groups"].as_array().unwrap());
                let rows = groups.fold(0_i64, |sum, rows| {
                    sum.wrapping_add(rows.as_i64().unwrap_or_default())
                });
                fields.insert("rows".to_owned(), rows.into());
            }
        }
        _ => {}
    }
}

fn collect(store: &dyn Store, root: &Url, folder: &Url, files: &mut BTreeMap<String, Bytes>) {
    for entry in store.list(folder).unwrap() {
        let url = folder.join(&entry.name).unwrap();
        if entry.is_folder {
            collect(store, root, &url, files);
        } else {
            files.insert(
                url.relative_to(root).unwrap(),
                store.get(&url, 1 << 30).unwrap(),
            );
        }
    }
}

fn load(root: &Path, folder: &Path, files: &mut BTreeMap<String, Bytes>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            load(root, &path, files);
        } else if path.file_name().unwrap() != "lock" {
            let name = path
                .strip_prefix(root)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned();
            files.insert(name, std::fs::read(&path).unwrap().into());
        }
    }
}

/// A project of today in a root.
pub(crate) fn write(root: &Url) {
    let options = || {
        let options = TableOptions::new("p", "d", "t").root(root);
        options.if_exists(IfExists::Overwrite)
    };
    let all = every_type::batch();
    let some = all.project(&[0, 4, 9, 12, 13, 14, 15]).unwrap();
    Table::create(options(), |writer| writer.add_batch(&some)).unwrap();
    let rest = all
        .project(&[1, 10, 16, 17, 18, 19, 20, 21, 24, 26, 28])
        .unwrap();
    let table = Table::create(options(), |writer| writer.add_batch(&rest)).unwrap();
    let options = RunOptions::new("p").name("r").description("d").root(root);
    let run = Run::create(options.parameter("lr", 0.1)).unwrap();
    run.add_input_table(&table).unwrap();
    run.log([("epoch", 1.0), ("loss", 0.5)]).unwrap();
    run.flush().unwrap();
    let about = MetricsOptions::new()
        .run(&run)
        .foreign_table(&table)
        .constant("epoch", 1);
    let mut writer = MetricsTableWriter::new(about).unwrap();
    for ids in [[5_i64, 0], [3, 3]] {
        writer.add_batch(metrics(ids)).unwrap();
        writer.flush().unwrap();
    }
    let table = writer.finalize().unwrap();
    run.update_metrics(&[table.info()]).unwrap();
    run.add_metrics(
        Columns::new().column("x", vec!["a", "b"]),
        AddMetrics::new(),
    )
    .unwrap();
    run.close().unwrap();
}

/// A table and what was made of it in a root.
fn write_revisions(root: &Url) {
    let classes = ClassMap::from_ids([(0, "a"), (1, "b"), (2, "c"), (90, "d")]).unwrap();
    let classes = classes.with_color(90, [255, 0, 16]).unwrap();
    let classes = classes.with_background(0).unwrap().with_void(255).unwrap();
    let label = Column::new("label", ValueType::labels(classes)).nullable(true);
    let options = TableOptions::new("p", "d", "t").root(root).column(label);
    let columns = Columns::new()
        .column("label", vec![0, 1, 2, 0, 1])
        .column("text", vec!["v", "w", "x", "y", "z"])
        .column("points", vec![[0.5_f32, 1.0]; 5]);
    let base = Table::create(options, |writer| writer.add_batch(columns)).unwrap();
    let mut editor = base.edit().unwrap();
    editor.ignore_writable();
    editor
        .set("label", 1, 2)
        .unwrap()
        .set("text", 3, "changed")
        .unwrap();
    editor
        .add_constant(Column::new("fold", ValueType::Int64), 3_i64)
        .unwrap();
    editor
        .rename_column("points", "places")
        .unwrap()
        .drop_rows([2])
        .unwrap();
    let more = Columns::new()
        .column("label", vec![2])
        .column("text", vec!["new"])
        .column("places", vec![[7.0_f32, 8.0]])
        .column("fold", vec![4_i64]);
    let edited = editor.append(more).unwrap().commit("edited").unwrap();
    let again = edited
        .edit()
        .unwrap()
        .set("label", 0, None::<i32>)
        .unwrap()
        .commit("again")
        .unwrap();
    again
        .derive()
        .unwrap()
        .rows([3, 0, 4])
        .unwrap()
        .commit("chosen")
        .unwrap();
    let copy = again.squash("copied").unwrap();
    copy.edit()
        .unwrap()
        .set("label", 0, 1)
        .unwrap()
        .commit("of the copy")
        .unwrap();
    edited.revert(&base, "as it was").unwrap();
}

fn metrics(ids: [i64; 2]) -> Columns {
    Columns::new()
        .column("example_id", ids.to_vec())
        .column("loss", vec![0.5_f32, f32::NAN])
        .column("hidden", vec![[1.0_f32, 2.0], [3.0, 4.0]])
}

pub(crate) fn read_table(table: &Table) -> Result<()> {
    read_scan(table.scan())?;
    let last = table.len().saturating_sub(1);
    table.get(0).map(drop)?;
    table.take(&[0, last, 0])?;
    table.row::<serde_json::Value>(last).map(drop)?;
    for row in table.rows::<serde_json::Value>()?.take(10_000) {
        row?;
    }
    for name in table.schema().names() {
        table.column(name)?;
    }
    Ok(())
}

/// All that was made of a table, and what is different in it.
fn read_revisions(table: &Table) -> Result<()> {
    let mut results = vec![table.lineage().map(|lineage| drop(lineage.to_string()))];
    results.push(table.parent().map(drop));
    let latest = table.latest();
    results.push(latest.and_then(|latest| read_differences(table, &latest)));
    match table.children() {
        Err(error) => results.push(Err(error)),
        Ok(children) => results.extend(children.iter().map(|child| {
            read_table(child)?;
            read_differences(table, child)
        })),
    }
    results.into_iter().collect()
}

fn read_differences(table: &Table, other: &Table) -> Result<()> {
    let diff = table.diff(other)?;
    std::hint::black_box((diff.rows_dropped().count(), diff.rows_added().count()));
    for batch in diff {
        batch?;
    }
    Ok(())
}

pub(crate) fn read_run(run: &Run) -> Result<()> {
    run.status()?;
    std::hint::black_box((run.id(), run.description(), run.parameters()));
    let inputs = run.input_tables().map(drop);
    let aggregates = run.aggregates().map(drop);
    let mut results = vec![inputs, aggregates];
    let tables = run.metrics()?.into_iter().chain(run.unfinished_metrics()?);
    results.extend(tables.take(100).map(|table| read_metrics(&table)));
    results.into_iter().collect()
}

fn read_metrics(metrics: &MetricsTable) -> Result<()> {
    std::hint::black_box(metrics.info());
    read_scan(metrics.scan())?;
    metrics.read()?;
    if let Some(table) = metrics.foreign_table()? {
        let columns: Vec<&str> = table.schema().names().collect();
        for batch in metrics.join(&columns)? {
            batch?;
        }
    }
    Ok(())
}

fn read_scan(scan: Scan) -> Result<()> {
    for batch in scan.batches()? {
        let batch = batch?;
        for column in batch.columns() {
            for row in 0..column.len().min(20) {
                let shown = tlc_core::arrow::util::display::array_value_to_string(column, row);
                std::hint::black_box(shown.ok());
            }
        }
    }
    Ok(())
}
