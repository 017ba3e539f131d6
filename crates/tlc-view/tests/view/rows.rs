//! Which rows and columns a view has.

use tlc_core::{
    AddMetrics, ClassMap, Column, Columns, Run, RunOptions, Table, TableOptions, Url, ValueType,
};
use tlc_view::{Epochs, Error, Kind, View, ViewOptions};

fn root(name: &str) -> Url {
    Url::parse(&format!("memory://view-{name}/")).unwrap()
}

fn table(root: &Url, name: &str, labels: Vec<i32>) -> Table {
    let label = Column::new("label", ValueType::labels(["cat", "dog", "owl"]));
    let note = Column::new("note", ValueType::String).nullable(true);
    let notes = (0..labels.len()).map(|row| (row % 2 == 0).then(|| format!("n{row}")));
    let notes: Vec<Option<String>> = notes.collect();
    let options = TableOptions::new("demo", "animals", name)
        .root(root)
        .columns([label, note]);
    let rows = Columns::new().column("label", labels).column("note", notes);
    Table::create(options, |writer| writer.add_batch(rows)).unwrap()
}

fn run(root: &Url, name: &str) -> Run {
    Run::create(RunOptions::new("demo").root(root).name(name)).unwrap()
}

fn collect(run: &Run, table: &Table, split: &str, epoch: i64, ids: Vec<i64>, losses: Vec<f32>) {
    let values = Columns::new()
        .column("example_id", ids)
        .column("loss", losses);
    let options = AddMetrics::new().foreign_table(table);
    let options = options.constant("epoch", epoch).constant("split", split);
    run.add_metrics(values, options).unwrap();
}

fn numbers(view: &View, column: &str) -> Vec<Option<f64>> {
    let column = view.column(column).unwrap();
    (0..column.len()).map(|row| column.number(row)).collect()
}

fn texts(view: &View, column: &str) -> Vec<Option<String>> {
    let column = view.column(column).unwrap();
    let text = |row| column.text(row).map(str::to_owned);
    (0..column.len()).map(text).collect()
}

#[test]
fn metrics_of_the_last_epoch_of_each_split_stand_beside_their_samples() {
    let root = root("last");
    let (train, valid) = (
        table(&root, "train", vec![0, 1, 2]),
        table(&root, "valid", vec![2, 2]),
    );
    let run = run(&root, "first");
    collect(&run, &train, "train", 1, vec![0, 1, 2], vec![9.0, 9.0, 9.0]);
    collect(&run, &train, "train", 2, vec![2, 0, 1], vec![0.2, 0.0, 0.1]);
    collect(&run, &valid, "valid", 1, vec![0, 1], vec![1.0, f32::NAN]);
    let view = ViewOptions::new().run(&run).open().unwrap();
    let loss = numbers(&view, "loss");
    assert_eq!(
        loss[..4],
        [
            Some(f64::from(0.2_f32)),
            Some(0.0),
            Some(f64::from(0.1_f32)),
            Some(1.0)
        ]
    );
    assert!(loss[4].unwrap().is_nan());
    assert_eq!(
        texts(&view, "label"),
        ["owl", "cat", "dog", "owl", "owl"].map(|name| Some(name.to_owned()))
    );
    assert_eq!(numbers(&view, "epoch"), [2.0, 2.0, 2.0, 1.0, 1.0].map(Some));
    assert_eq!(
        texts(&view, "split")[2..4],
        [Some("train".to_owned()), Some("valid".to_owned())]
    );
    assert_eq!(
        texts(&view, "note")[..3],
        [Some("n2".to_owned()), Some("n0".to_owned()), None]
    );
    assert_eq!(
        numbers(&view, "table_row"),
        [2.0, 0.0, 1.0, 0.0, 1.0].map(Some)
    );
    assert_eq!(view.meaning("split").unwrap().kind, Kind::Class);
    let origin = view.origin(3).unwrap();
    assert_eq!((origin.example_id, origin.table_row), (Some(0), Some(0)));
    assert_eq!(origin.table.unwrap().name(), "valid");
    assert!(matches!(
        view.origin(5),
        Err(Error::NoSuchRow { row: 5, rows: 5 })
    ));
}

#[test]
fn all_epochs_and_one_are_what_they_say() {
    let root = root("epochs");
    let train = table(&root, "train", vec![0, 1]);
    let run = run(&root, "first");
    for epoch in 1..=3 {
        collect(&run, &train, "train", epoch, vec![0, 1], vec![1.0, 2.0]);
    }
    let open = |epochs| ViewOptions::new().run(&run).epochs(epochs).open();
    assert_eq!(open(Epochs::All).unwrap().len(), 6);
    assert_eq!(
        numbers(&open(Epochs::One(2)).unwrap(), "epoch"),
        [Some(2.0); 2]
    );
    let none = open(Epochs::One(7)).unwrap_err().to_string();
    assert!(none.contains("epoch 7"), "{none}");
}

#[test]
fn another_revision_shows_what_it_changed_and_what_it_dropped() {
    let root = root("revision");
    let train = table(&root, "train", vec![0, 1, 2]);
    let run = run(&root, "first");
    collect(&run, &train, "train", 1, vec![0, 1, 2], vec![0.0, 0.1, 0.2]);
    let mut edit = train.edit().unwrap();
    edit.set("label", 2, 0).unwrap().drop_rows([0]).unwrap();
    let fixed = edit.commit("fixed").unwrap();
    let view = ViewOptions::new().run(&run).table(&fixed).open().unwrap();
    assert_eq!(numbers(&view, "label"), [None, Some(1.0), Some(0.0)]);
    assert_eq!(numbers(&view, "table_row"), [None, Some(0.0), Some(1.0)]);
    assert_eq!(view.origin(0).unwrap().table_row, None);
    let other = table(&root, "other", vec![1, 1, 1]);
    let error = ViewOptions::new()
        .run(&run)
        .table(&other)
        .open()
        .unwrap_err();
    assert!(
        matches!(error, Error::Core(tlc_core::Error::OtherBase { .. })),
        "{error}"
    );
}

#[test]
fn a_table_alone_is_a_view() {
    let root = root("alone");
    let view = ViewOptions::new()
        .table(&table(&root, "train", vec![2, 1]))
        .open()
        .unwrap();
    assert_eq!(
        texts(&view, "label"),
        [Some("owl".to_owned()), Some("dog".to_owned())]
    );
    assert_eq!(view.origin(1).unwrap().table_row, Some(1));
    let error = view.column("labels").unwrap_err().to_string();
    assert!(
        error.contains("`labels`") && error.contains("`label`"),
        "{error}"
    );
    assert!(matches!(
        ViewOptions::new().open(),
        Err(Error::Empty { .. })
    ));
}

#[test]
fn a_refresh_has_the_new_rows_and_keeps_the_old_ones() {
    let root = root("refresh");
    let train = table(&root, "train", vec![0, 1]);
    let run = run(&root, "first");
    collect(&run, &train, "train", 1, vec![0, 1], vec![1.0, 2.0]);
    let view = ViewOptions::new()
        .run(&run)
        .epochs(Epochs::All)
        .open()
        .unwrap();
    assert_eq!(numbers(&view, "loss").len(), 2);
    assert!(view.refresh().unwrap().is_none());
    collect(&run, &train, "train", 2, vec![0, 1], vec![3.0, 4.0]);
    let fresh = view.refresh().unwrap().unwrap();
    assert_eq!(numbers(&fresh, "loss"), [1.0, 2.0, 3.0, 4.0].map(Some));
    assert_eq!(texts(&fresh, "label").len(), 4);
    assert_eq!(view.len(), 2);
}

#[test]
fn columns_make_room_for_others_and_too_large_ones_are_refused() {
    let root = root("budget");
    let train = table(&root, "train", (0..3).cycle().take(10_000).collect());
    let view = ViewOptions::new()
        .table(&train)
        .budget_bytes(15_000)
        .open()
        .unwrap();
    view.column("label").unwrap();
    assert_eq!(view.memory().len(), 1);
    let error = view.column("table_row").unwrap_err().to_string();
    assert!(error.contains("budget"), "{error}");
}

#[test]
fn columns_of_several_runs_go_together_or_say_why_not() {
    let root = root("runs");
    let train = table(&root, "train", vec![0, 1]);
    let (one, two) = (run(&root, "one"), run(&root, "two"));
    collect(&one, &train, "train", 1, vec![0], vec![1.0]);
    let values = Columns::new()
        .column("example_id", vec![1_i64])
        .column("loss", vec!["high"]);
    let values = values.column("extra", vec![true]);
    two.add_metrics(values, AddMetrics::new().foreign_table(&train))
        .unwrap();
    let view = ViewOptions::new().run(&one).run(&two).open().unwrap();
    assert_eq!(
        texts(&view, "run"),
        [Some("one".to_owned()), Some("two".to_owned())]
    );
    assert_eq!(numbers(&view, "extra"), [None, Some(1.0)]);
    let error = view.column("loss").unwrap_err().to_string();
    assert!(
        error.contains("numbers") && error.contains("texts"),
        "{error}"
    );
}

#[test]
fn classes_of_several_tables_are_one_list_by_name() {
    let root = root("classes");
    let with_classes = |name: &str, classes: ClassMap, labels: Vec<i32>| {
        let label = Column::new("label", ValueType::labels(classes));
        let options = TableOptions::new("demo", "animals", name).root(&root);
        let rows = Columns::new().column("label", labels);
        Table::create(options.column(label), |writer| writer.add_batch(rows)).unwrap()
    };
    let one = ClassMap::new(["cat", "dog"]);
    let other = ClassMap::from_ids([(1, "owl"), (7, "cat"), (255, "hen")]).unwrap();
    let third = ClassMap::new(["dog"]).with_void(255).unwrap();
    let tables = [
        with_classes("one", one, vec![0, 1]),
        with_classes("other", other, vec![1, 7, 255]),
        with_classes("third", third, vec![0, 255]),
    ];
    let view = tables
        .iter()
        .fold(ViewOptions::new(), |view, table| view.table(table));
    let view = view.open().unwrap();
    let names = [
        Some("cat"),
        Some("dog"),
        Some("owl"),
        Some("cat"),
        Some("hen"),
        Some("dog"),
        None,
    ];
    assert_eq!(
        texts(&view, "label"),
        names.map(|name| name.map(str::to_owned))
    );
    let classes = view.meaning("label").unwrap().classes.clone().unwrap();
    assert_eq!(
        classes.names().collect::<Vec<_>>(),
        ["cat", "dog", "owl", "hen"]
    );
    assert_eq!(classes.ids().collect::<Vec<_>>(), [0, 1, 2, 255]);
    assert_eq!(
        numbers(&view, "label")[6],
        None,
        "what was void is no class now"
    );
}
