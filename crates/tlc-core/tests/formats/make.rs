//! Writes everything that the format has, in the version that this code writes.

use super::{ELSEWHERE, every_type, plain, tell};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tlc_core::arrow::array::{ArrayRef, Int32Array, RecordBatch};
use tlc_core::storage::{self, json as sealed};
use tlc_core::{
    AddMetrics, ClassMap, Column, Columns, IfExists, MetricsOptions, MetricsTableWriter,
    RevisionOptions, Role, Run, RunOptions, Skeleton, Status, Table, TableOptions, Url, ValueType,
};

/// A project root of everything that the format has, in a folder, and what the API says of
/// it. What is in the tables elsewhere is put beside it.
pub(crate) fn project(folder: &Path, elsewhere: &str) -> Value {
    let root = Url::from_path(&folder.join("root")).unwrap();
    let elsewhere = Url::parse(elsewhere).unwrap();
    let outside = outside(&elsewhere);
    tables(&root);
    runs(&root, &outside);
    save_memory(&elsewhere, &folder.join("elsewhere"));
    let told = tell::root(&root);
    let every = &told["tables"]["demo/datasets/samples/tables/every type"]["columns"];
    let batch = every_type::batch();
    let schema = batch.schema();
    let names: Vec<&str> = schema.fields().iter().map(|f| f.name().as_str()).collect();
    assert_eq!(
        *every,
        Value::Object(plain::columns(&names, &[batch])),
        "as it was given"
    );
    told
}

/// The table in memory, one for all tests of a process.
fn outside(root: &Url) -> Table {
    let options = options(root, "draußen 1").if_exists(IfExists::Reuse);
    Table::create(options, |writer| writer.add_batch(numbers(0..3))).unwrap()
}

fn options(root: &Url, table: &str) -> TableOptions {
    TableOptions::new("demo", "samples", table)
        .root(root)
        .if_exists(IfExists::Raise)
}

fn numbers(values: impl IntoIterator<Item = i32>) -> RecordBatch {
    let values = Int32Array::from_iter_values(values);
    RecordBatch::try_from_iter([("n", Arc::new(values) as ArrayRef)]).unwrap()
}

fn tables(root: &Url) {
    let every = options(root, "every type").description("a row group of every value type");
    Table::create(every, |writer| writer.add_batch(every_type::batch())).unwrap();
    // More rows than a row group takes.
    let many = numbers((0..300_000).map(|row| row / 70_000));
    let many = Table::create(options(root, "many rows"), |writer| writer.add_batch(&many)).unwrap();
    let third = (0..900).filter(|row| row % 3 == 1);
    many.save_selection("every third", third, "bits").unwrap();
    many.save_selection("first", [0, 1, 70_000], "runs")
        .unwrap();
    many.save_selection("gone", 0..9, "").unwrap();
    many.delete_selection("gone").unwrap();
    many.save_selection("first", 5..100_000, "another version")
        .unwrap();
    let columns = [
        Column::new("label", ValueType::labels(["a", "b"])),
        Column::new("x", ValueType::Embedding { dim: 2 }).description("no row has it"),
    ];
    Table::create(options(root, "empty").columns(columns), |_| Ok(())).unwrap();
    Table::create(options(root, "no columns"), |_| Ok(())).unwrap();
    two_parts(root);
    made_of_others(root);
    any_classes(root);
}

/// As in COCO: ids with gaps, colours, a background and a void.
fn coco() -> ClassMap {
    let classes = [(1, "person"), (3, "größer"), (-7, "sky")];
    let classes = ClassMap::from_ids(classes).unwrap();
    let classes = classes.with_color(3, [255, 0, 16]).unwrap();
    let classes = classes.with_background(-7).unwrap();
    classes.with_void(255).unwrap()
}

/// Labels and masks of classes that are more than names, and what was made of them.
fn any_classes(root: &Url) {
    let ade = ClassMap::from_ids([(1, "wall"), (300, "flag")]).unwrap();
    let columns = [
        Column::new("label", ValueType::labels(coco())).nullable(true),
        Column::new(
            "mask",
            ValueType::segmentation_mask(ade.with_void(0).unwrap()),
        ),
        Column::new(
            "seen",
            ValueType::List {
                item: Box::new(ValueType::labels(coco())),
                len: None,
            },
        ),
    ];
    let face = Skeleton::new(["nose", "größer"]).of_class(3);
    let face = face.with_edges([[0, 1]]).with_mirrored([0, 1]);
    let points = ValueType::List {
        item: Box::new(ValueType::Float32),
        len: None,
    };
    let points = Column::new("points", points).skeletons([face, Skeleton::default()]);
    let columns = columns.into_iter().chain([points]);
    let rows = Columns::new()
        .column("points", vec![vec![0.5_f32]; 5])
        .column("label", vec![Some(3), None, Some(255), Some(-7), Some(1)])
        .column("mask", vec![vec![1_u8], vec![], vec![2], vec![3], vec![4]])
        .column("seen", vec![vec![3], vec![], vec![1, -7], vec![], vec![3]]);
    let options = options(root, "any classes").columns(columns);
    let table = Table::create(options, |writer| writer.add_batch(rows)).unwrap();
    let mut editor = table.edit().unwrap();
    editor.add_class("label", "cow").unwrap();
    editor.renumber_class("label", "person", 12).unwrap();
    editor.set("label", 1, "cow").unwrap();
    let edited = editor.commit(named("renumbered")).unwrap();
    let mut editor = edited.edit().unwrap();
    let names = ["person", "größer", "sky", "cow", "void"];
    editor.set("label", 2, "sky").unwrap();
    editor.set_classes("label", names).unwrap();
    editor.commit(named("names")).unwrap();
}

/// An edit of everything that can be edited, one of the edit, a choice, a copy and its edit,
/// and one that is as it was.
fn made_of_others(root: &Url) {
    let pets = options(root, "pets").column(Column::new("label", ValueType::labels(["a", "b"])));
    let columns = Columns::new()
        .column("label", vec![0, 1, 0, 1, 1])
        .column("note", vec!["", "é", "x", "y", "z"])
        .column(
            "points",
            vec![
                vec![0.5_f32],
                vec![],
                vec![1.0, 2.0],
                vec![],
                vec![f32::NAN],
            ],
        )
        .column("gone", vec![1_i64; 5]);
    let base = Table::create(pets, |writer| writer.add_batch(columns)).unwrap();
    let first = edit_everything(&base);
    edit_again(&base, &first);
}

fn named(name: &str) -> RevisionOptions {
    RevisionOptions::new(format!("made as {name}")).name(name)
}

fn edit_everything(base: &Table) -> Table {
    let mut editor = base.edit().unwrap();
    editor.ignore_writable();
    editor
        .set("label", 1, "a")
        .unwrap()
        .set("points", 1, vec![7.5_f32])
        .unwrap();
    editor.set_rows("note", 0..4, "all of them").unwrap();
    editor
        .add_class("label", "c")
        .unwrap()
        .rename_column("note", "remark")
        .unwrap();
    let seen = Column::new("seen", ValueType::Bool);
    editor
        .add_column(seen, vec![Some(true), None, Some(false), None, None])
        .unwrap();
    editor.drop_column("gone").unwrap().drop_rows([3]).unwrap();
    let more = Columns::new()
        .column("label", vec!["c", "b"])
        .column("remark", vec!["new", "newer"])
        .column("points", vec![vec![1.5_f32], vec![]])
        .column("seen", vec![None, Some(true)]);
    editor.append(more).unwrap();
    editor.commit(named("größer 1").author("Kim")).unwrap()
}

fn edit_again(base: &Table, first: &Table) {
    let mut editor = first.edit().unwrap();
    editor
        .set("label", 5, "a")
        .unwrap()
        .set("label", 0, "b")
        .unwrap();
    let unsure = first
        .schema()
        .column("label")
        .unwrap()
        .clone()
        .nullable(true);
    editor
        .describe(unsure)
        .unwrap()
        .set("label", 2, None::<i32>)
        .unwrap();
    let second = editor.commit(named("second")).unwrap();
    let mut chosen = second.derive().unwrap();
    chosen
        .rows([5, 0, 2, 4])
        .unwrap()
        .columns(["label", "seen"])
        .unwrap();
    chosen.commit(named("chosen")).unwrap();
    let copy = second.squash(named("copy")).unwrap();
    let mut editor = copy.edit().unwrap();
    editor.set("label", 1, "c").unwrap();
    editor.commit("of the copy").unwrap();
    second.revert(base, named("as it was")).unwrap();
}

const LIMIT: u64 = 1 << 20;

/// A writer closes a part at 64 MiB; so the parts of two small tables become one table.
fn two_parts(root: &Url) {
    let made = root.parent().unwrap();
    let made = Url::parse(&format!("memory://two-parts-{}/", made.name())).unwrap();
    let store = storage::open(&made).unwrap();
    let target = root.join("demo/datasets/samples/tables/two parts").unwrap();
    let mut manifests = Vec::new();
    for (name, rows) in [("first", 0..4), ("second", 4..7)] {
        let table = Table::create(options(&made, name), |w| w.add_batch(numbers(rows))).unwrap();
        let commits = table.url().join("commits").unwrap();
        let bytes = store.get(&storage::commit::numbered(&commits, 0).unwrap(), LIMIT);
        let line = bytes.unwrap();
        let line = line.split(|byte| *byte == b'\n').next().unwrap();
        let manifest: Value = serde_json::from_slice(line).unwrap();
        let part = manifest["parts"][0]["url"].as_str().unwrap();
        let bytes = store.get(&table.url().join(part).unwrap(), LIMIT).unwrap();
        let put = storage::open(root).unwrap();
        put.put_if_absent(&target.join(part).unwrap(), bytes)
            .unwrap();
        manifests.push(manifest);
    }
    let part = manifests[1]["parts"][0].clone();
    let whole = manifests[0].as_object_mut().unwrap();
    whole["parts"].as_array_mut().unwrap().push(part);
    whole["rows"] = 7.into();
    whole.remove("format");
    whole.remove("version");
    let bytes = sealed::seal("tlc-table", 2, &*whole).unwrap().0;
    let commit = storage::commit::numbered(&target.join("commits").unwrap(), 0).unwrap();
    storage::open(root)
        .unwrap()
        .put_if_absent(&commit, bytes)
        .unwrap();
}

fn runs(root: &Url, outside: &Table) {
    let run = |name: &str| RunOptions::new("demo").name(name).root(root);
    complete(&Run::create(run("complete")).unwrap(), root, outside);
    let overwritten = run("overwritten").parameter("life", 1);
    before(&Run::create(overwritten.clone()).unwrap());
    let second = overwritten.description("second life").parameter("life", 2);
    let second = Run::create(second.if_exists(IfExists::Overwrite)).unwrap();
    second.log([("step", 1.0), ("loss", 0.25)]).unwrap();
    add(&second, AddMetrics::new().constant("epoch", 9));
    second.close().unwrap();
    let running = Run::create(run("läuft noch")).unwrap();
    add(&running, AddMetrics::new());
    running.set_status(Status::Collecting).unwrap();
    let failed = Run::create(run("failed").description("ran out of luck")).unwrap();
    failed.set_status(Status::Failed).unwrap();
    Run::create(run("empty")).unwrap();
}

/// What an overwritten run has before.
fn before(run: &Run) {
    run.set_description("first life").unwrap();
    run.log([("step", 1.0), ("loss", 4.0)]).unwrap();
    add(run, AddMetrics::new().constant("epoch", 1));
    run.close().unwrap();
}

fn add(run: &Run, about: AddMetrics) {
    let columns = Columns::new().column("recall", vec![0.5_f32, f32::NAN]);
    run.add_metrics(columns, about).unwrap();
}

fn complete(run: &Run, root: &Url, outside: &Table) {
    run.set_description("each kind of commit, ünï").unwrap();
    run.set_parameters(parameters()).unwrap();
    let url = root
        .join("demo/datasets/samples/tables/every type")
        .unwrap();
    let every = Table::from_url(&url).unwrap();
    run.add_input_table(&every).unwrap();
    run.add_input_table(outside).unwrap();
    log(run);
    for epoch in 1..=2 {
        samples(run, &every, epoch);
    }
    let url = root.join("demo/datasets/samples/tables/second").unwrap();
    let about = AddMetrics::new().foreign_table(&Table::from_url(url).unwrap());
    let columns = Columns::new().column("example_id", vec![4_i64, 1]);
    let columns = columns.column("of a revision", vec![0.5_f32, 0.25]);
    run.add_metrics(columns, about.stream("of a revision"))
        .unwrap();
    for (revision, table) in revisions(root).iter().enumerate() {
        let ids = (0..table.len() as i64).rev().collect::<Vec<_>>();
        let columns = Columns::new().column("example_id", ids);
        let columns = columns.column("revision", vec![revision as u8; table.len()]);
        let about = AddMetrics::new().foreign_table(table).stream("revisions");
        run.add_metrics(columns, about).unwrap();
    }
    let about = AddMetrics::new().foreign_table(outside);
    let columns = Columns::new().column("example_id", vec![2_i64, 2]);
    // Other columns than the stream has: it becomes `default_stream_2`.
    run.add_metrics(columns.column("mæsure", vec![1_i64, 2]), about)
        .unwrap();
    no_rows(run, &every);
    let predicted = Column::new("predicted", ValueType::labels(coco()));
    let columns = Columns::new().column("example_id", vec![0_i64, 3]);
    let columns = columns.column("predicted", vec![3, -7]);
    let about = AddMetrics::new().foreign_table(&every).column(predicted);
    run.add_metrics(columns, about.stream("any classes"))
        .unwrap();
    unfinished(run, &every);
    run.set_status(Status::PostProcessing).unwrap();
    run.close().unwrap();
}

fn parameters() -> serde_json::Map<String, Value> {
    let parameters = json!({
        "null": null, "yes": true, "no": false, "zero": 0, "negative": i64::MIN,
        "large": u64::MAX, "small": 1e-300, "sum": 0.1 + 0.2, "third": 1.0 / 3.0,
        "text": "quotes \" \\ \u{1} 🦀", "": "no name", "list": [1, [2.5, []], {}],
        "object": { "b": 1, "a": { "deep": [null] } },
    });
    let Value::Object(parameters) = parameters else {
        unreachable!()
    };
    parameters
}

/// Two parts; a value over one axis, over two, over none, and values that are no numbers.
fn log(run: &Run) {
    run.log([("epoch", 1.0), ("loss", 0.1), ("accuracy", 0.5)])
        .unwrap();
    run.log([("epoch", 1.5), ("iteration", 10.0), ("loss", f64::NAN)])
        .unwrap();
    run.flush().unwrap();
    run.log([("step", 7.0), ("loss", f64::NEG_INFINITY)])
        .unwrap();
    run.log([("loss", -0.0)]).unwrap();
    run.log([("accuracy", 0.75), ("epoch", 2.0)]).unwrap();
    run.flush().unwrap();
}

/// Three segments.
fn samples(run: &Run, table: &Table, epoch: i32) {
    let options = MetricsOptions::new().run(run).foreign_table(table);
    let options = options
        .foreign_table_display_name("Training set")
        .column(
            Column::new("loss", ValueType::Float32)
                .unit("nats")
                .role(Role::Metric),
        )
        .constant("epoch", epoch)
        .constant("phase", "warm up");
    let mut writer = MetricsTableWriter::new(options).unwrap();
    for ids in [[5_i64, 0], [0, 3], [1, 4]] {
        let loss = ids.map(|id| {
            if id == 3 {
                f32::INFINITY
            } else {
                id as f32 / 10.0
            }
        });
        let columns = Columns::new()
            .column("example_id", ids.to_vec())
            .column("loss", loss.to_vec())
            .column("confidence", vec![0.5_f32, f32::from_bits(0x7fc0_1234)])
            .column(
                "hidden",
                vec![[1.0_f32, -0.0, f32::MIN_POSITIVE], [0.0, 2.0, 3.0]],
            );
        writer.add_batch(columns).unwrap();
        writer.flush().unwrap();
    }
    writer.finalize().unwrap();
    run.update_metrics(&writer.get_written_metrics_infos())
        .unwrap();
}

/// A table of three contents, as each was when it was the newest.
fn revisions(root: &Url) -> Vec<Table> {
    let revision = |rows: i32| {
        let options = TableOptions::new("demo", "samples", "overwritten").root(root);
        let options = options.description(format!("{rows} rows"));
        let rows = numbers((0..rows).map(|row| rows * 100 + row));
        let options = options.if_exists(IfExists::Overwrite);
        Table::create(options, |writer| writer.add_batch(&rows)).unwrap()
    };
    [3, 2, 4].map(revision).into()
}

fn no_rows(run: &Run, table: &Table) {
    let options = MetricsOptions::new()
        .run(run)
        .foreign_table(table)
        .stream("nothing");
    let mut writer = MetricsTableWriter::new(options.constant("epoch", 3)).unwrap();
    writer.finalize().unwrap();
    run.update_metrics(&writer.get_written_metrics_infos())
        .unwrap();
}

/// Sealed, but not among the results.
fn unfinished(run: &Run, table: &Table) {
    let options = MetricsOptions::new()
        .run(run)
        .foreign_table(table)
        .stream("half");
    let mut writer = MetricsTableWriter::new(options).unwrap();
    writer
        .add_batch(Columns::new().column("example_id", vec![1_i64]))
        .unwrap();
    writer.flush().unwrap();
}

/// Copies what a store in memory holds into a folder.
fn save_memory(url: &Url, folder: &Path) {
    std::fs::create_dir_all(folder).unwrap();
    let store = storage::open(url).unwrap();
    for entry in store.list(url).unwrap() {
        let (from, to) = (url.join(&entry.name).unwrap(), folder.join(&entry.name));
        match entry.is_folder {
            true => save_memory(&from, &to),
            false => std::fs::write(to, store.get(&from, LIMIT).unwrap()).unwrap(),
        }
    }
}

/// Puts the tables elsewhere where runs look for them.
pub(crate) fn put_elsewhere(from: &Path) {
    let to = Url::parse(ELSEWHERE).unwrap();
    let store = storage::open(&to).unwrap();
    for file in files(from) {
        let url = to.join(relative(from, &file).as_str()).unwrap();
        let bytes = std::fs::read(file).unwrap().into();
        // Another test of this process may have put it there.
        let _ = store.put_if_absent(&url, bytes);
    }
}

pub(crate) fn relative(folder: &Path, file: &Path) -> String {
    file.strip_prefix(folder)
        .unwrap()
        .to_str()
        .unwrap()
        .to_owned()
}

/// All files below a folder.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => found.push(path),
        }
    }
    found.sort();
    found
}
