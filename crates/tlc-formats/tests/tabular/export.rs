//! Rows written as files.

use crate::{Place, shown, texts};
use std::path::Path;
use tlc_core::{
    AddMetrics, Column, Columns, Run, RunOptions, Schema, Table, TableOptions, Url, ValueType,
    storage,
};
use tlc_formats::{
    Arrow, Csv, Error, ExportFormat, Exported, Format, JsonLines, Parquet, Rows, ToArrow, ToCsv,
    ToJsonLines, ToParquet, export, import,
};

/// A table with a column of each kind.
fn table(place: &Place) -> Table {
    let root = Url::from_path(&place.path("projects")).unwrap();
    let label = Column::new("label", ValueType::labels(["cat", "dog"]));
    let moment = Column::new("at", ValueType::Datetime);
    let options = TableOptions::new("p", "all", "initial").root(root);
    let columns = Columns::new()
        .column("n", vec![Some(i64::MAX), None, Some(-1)])
        .column("x", vec![0.1_f32, f32::MAX, -0.0])
        .column("y", vec![1e300, 0.1, -2.0])
        .column("t", vec![Some("a,\"b\"\nc"), Some(""), None])
        .column("label", vec![1, 0, 1])
        .column("ok", vec![true, false, true])
        .column("list", vec![vec![Some(1.5), None], vec![], vec![Some(2.0)]])
        .column("bytes", vec![vec![1_u8, 255], vec![], vec![7]]);
    let options = options.column(label).column(moment);
    let micros = tlc_core::arrow::array::TimestampMicrosecondArray::from(vec![
        1_709_209_800_123_456_i64,
        0,
        -1,
    ]);
    let micros: tlc_core::arrow::array::ArrayRef = std::sync::Arc::new(micros.with_timezone("UTC"));
    Table::create(options, |writer| {
        writer.add_batch(columns.column("at", micros))
    })
    .unwrap()
}

fn write(format: &dyn ExportFormat, rows: &Rows) -> Exported {
    export(format, rows).unwrap()
}

#[test]
fn parquet_and_arrow_bring_back_every_value_and_what_columns_mean() {
    let place = Place::new();
    let table = table(&place);
    let formats: [(&dyn ExportFormat, &dyn Format); 2] = [
        (
            &ToParquet::new(place.path("a.parquet")),
            &Parquet::new(place.path("a.parquet")),
        ),
        (
            &ToArrow::new(place.path("a.arrow")),
            &Arrow::new(place.path("a.arrow")),
        ),
    ];
    for (to, from) in formats {
        assert_eq!(write(to, &Rows::of(&table)).rows, 3);
        let options = place
            .options()
            .table(from.describe().chars().take(5).collect::<String>());
        let again = import(from, options).unwrap().table;
        assert_eq!(again.schema(), table.schema());
        assert_eq!(again.fingerprint().unwrap(), table.fingerprint().unwrap());
    }
}

#[test]
fn csv_is_as_people_and_programs_read_it() {
    let place = Place::new();
    let table = table(&place);
    let file = place.path("a.csv");
    let exported = write(&ToCsv::new(&file), &Rows::of(&table));
    assert_eq!((exported.rows, exported.not_finite), (3, 0));
    let written = std::fs::read_to_string(&file).unwrap();
    assert_eq!(
        written,
        "n,x,y,t,label,ok,list,bytes,at\n\
         9223372036854775807,0.1,1e300,\"a,\"\"b\"\"\nc\",dog,true,\"[1.5,null]\",Af8=,\
         2024-02-29T12:30:00.123456Z\n\
         ,3.4028235e38,0.1,\"\",cat,false,[],\"\",1970-01-01T00:00:00Z\n\
         -1,-0.0,-2.0,,dog,true,[2.0],Bw==,1969-12-31T23:59:59.999999Z\n"
    );
    let labels = Column::new("label", ValueType::labels(["cat", "dog"]));
    let again = import(&Csv::new(&file), place.options().column(labels))
        .unwrap()
        .table;
    for column in ["n", "y", "label", "ok", "at"] {
        assert_eq!(texts(&again, column), texts(&table, column), "{column}");
    }
    let ids = place.path("ids.tsv.gz");
    write(
        &ToCsv::new(&ids).label_ids(),
        &Rows::of(&table).columns(["label", "n"]),
    );
    let again = import(&Csv::new(&ids), place.options().table("ids"))
        .unwrap()
        .table;
    assert_eq!(shown(&again, "label"), ["1", "0", "1"]);
}

#[test]
fn json_lines_are_as_people_and_programs_read_them() {
    let place = Place::new();
    let table = table(&place);
    let file = place.path("a.jsonl");
    write(&ToJsonLines::new(&file), &Rows::of(&table));
    let written = std::fs::read_to_string(&file).unwrap();
    assert_eq!(
        written.lines().next().unwrap(),
        "{\"n\":9223372036854775807,\"x\":0.1,\"y\":1e300,\"t\":\"a,\\\"b\\\"\\nc\",\
         \"label\":\"dog\",\"ok\":true,\"list\":[1.5,null],\"bytes\":\"Af8=\",\
         \"at\":\"2024-02-29T12:30:00.123456Z\"}"
    );
    let columns = table.schema().columns().iter().cloned();
    let options = place.options().columns(columns);
    let again = import(&JsonLines::new(&file), options).unwrap().table;
    assert_eq!(again.fingerprint().unwrap(), table.fingerprint().unwrap());
}

#[test]
fn numbers_that_json_has_not_are_null_and_counted() {
    let place = Place::new();
    let root = Url::from_path(&place.path("projects")).unwrap();
    let options = TableOptions::new("p", "d", "odd").root(root);
    let table = Table::create(options, |writer| {
        let lists = vec![vec![f32::NAN, 1.0], vec![f32::INFINITY]];
        writer.add_batch(
            Columns::new()
                .column("x", vec![f64::NAN, 2.0])
                .column("l", lists),
        )
    })
    .unwrap();
    let json = write(&ToJsonLines::new(place.path("a.jsonl")), &Rows::of(&table));
    assert_eq!(json.not_finite, 3);
    let csv = write(&ToCsv::new(place.path("a.csv")), &Rows::of(&table));
    assert_eq!(csv.not_finite, 2); // in the lists, which are JSON
    let written = std::fs::read_to_string(place.path("a.csv")).unwrap();
    assert_eq!(written, "x,l\nNaN,\"[null,1.0]\"\n2.0,[null]\n");
}

#[test]
fn chosen_rows_and_columns_are_written_in_the_order_asked_for() {
    let place = Place::new();
    let table = table(&place);
    let rows = Rows::of(&table).columns(["ok", "n"]).only(vec![2, 0, 2]);
    assert_eq!(rows.len(), 3);
    let file = place.path("a.csv");
    write(&ToCsv::new(&file), &rows);
    let written = std::fs::read_to_string(&file).unwrap();
    assert_eq!(
        written,
        "ok,n\ntrue,-1\ntrue,9223372036854775807\ntrue,-1\n"
    );
    for rows in [
        Rows::of(&table).columns(["nm"]),
        Rows::of(&table).only(vec![3]),
    ] {
        let refused = export(&ToCsv::new(place.path("b.csv")), &rows);
        assert!(matches!(refused, Err(Error::Core(_))));
        assert_nothing_left(&place, "b.csv");
    }
}

/// Neither the file nor one that was begun.
fn assert_nothing_left(place: &Place, name: &str) {
    assert!(!place.path(name).exists());
    let names = std::fs::read_dir(place.path("")).unwrap();
    let names: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
    let is_begun = |name: &std::ffi::OsString| name.to_string_lossy().contains(".tlc-export-");
    assert!(!names.iter().any(is_begun), "{names:?}");
}

#[test]
fn a_revision_and_a_stream_of_a_run_are_written() {
    let place = Place::new();
    let table = table(&place);
    let root = Url::from_path(&place.path("projects")).unwrap();
    let run = Run::create(RunOptions::new("p").root(&root)).unwrap();
    for epoch in 0..3_i64 {
        let values = Columns::new()
            .column("example_id", vec![0_i64, 1, 2])
            .column("loss", vec![epoch as f32, 0.5, 0.25]);
        let options = AddMetrics::new()
            .foreign_table(&table)
            .constant("epoch", epoch);
        run.add_metrics(values, options).unwrap();
        let other = AddMetrics::new().foreign_table(&table).stream("other");
        let values = Columns::new().column("example_id", vec![0_i64]);
        run.add_metrics(values.column("note", vec![1]), other)
            .unwrap();
    }
    let stream = run.metrics().unwrap()[0].stream().to_owned();
    let rows = Rows::of_stream(&run, &stream).unwrap();
    assert_eq!(rows.len(), 9);
    let file = place.path("a.csv");
    write(
        &ToCsv::new(&file),
        &rows
            .clone()
            .columns(["epoch", "loss"])
            .only(vec![8, 0, 4, 3]),
    );
    let written = std::fs::read_to_string(&file).unwrap();
    assert_eq!(written, "epoch,loss\n2,0.25\n0,0.0\n1,0.5\n1,1.0\n");
    write(&ToParquet::new(place.path("a.parquet")), &rows);
    match Rows::of_stream(&run, "none") {
        Err(Error::NoStream { available, .. }) => {
            let mut streams = [stream, "other".to_owned()];
            streams.sort();
            assert_eq!(available, streams);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_file_that_is_there_is_kept_unless_it_is_to_be_overwritten() {
    let place = Place::new();
    let rows = Rows::of(&table(&place)).columns(["ok"]);
    let file = place.file("a.csv", "mine");
    let refused = export(&ToCsv::new(&file), &rows);
    assert!(matches!(
        refused,
        Err(Error::Core(tlc_core::Error::AlreadyExists { .. }))
    ));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
    write(&ToCsv::new(&file).overwrite(), &rows);
    assert_eq!(
        std::fs::read_to_string(&file).unwrap(),
        "ok\ntrue\nfalse\ntrue\n"
    );
    let missing = export(&ToCsv::new(place.path("no/folder.csv")), &rows);
    assert!(matches!(missing, Err(Error::Io { .. })));
}

#[test]
fn a_store_takes_files_by_url() {
    let place = Place::new();
    let rows = Rows::of(&table(&place)).columns(["ok"]);
    let url = "memory://formats-export/out/a.csv";
    assert_eq!(write(&ToCsv::new(url), &rows).files[0].to_string(), url);
    assert!(matches!(
        export(&ToCsv::new(url), &rows),
        Err(Error::Core(_))
    ));
    write(&ToCsv::new(url).overwrite(), &rows);
    let url = Url::parse(url).unwrap();
    let bytes = storage::open(&url).unwrap().get(&url, 100).unwrap();
    assert_eq!(bytes.as_ref(), b"ok\ntrue\nfalse\ntrue\n");
}

#[test]
fn a_column_of_missing_values_alone_keeps_its_rows_in_csv() {
    let place = Place::new();
    let root = Url::from_path(&place.path("projects")).unwrap();
    let options = TableOptions::new("p", "d", "lone").root(root);
    let table = Table::create(options, |writer| {
        writer.add_batch(Columns::new().column("x", vec![Some(1), None, None]))
    })
    .unwrap();
    let file = place.path("a.csv");
    write(&ToCsv::new(&file), &Rows::of(&table));
    let again = place.import(&Csv::new(Path::new(&file))).unwrap();
    assert_eq!(texts(&again, "x"), [Some("1".to_owned()), None, None]);
}

#[test]
fn a_table_without_rows_is_a_header() {
    let place = Place::new();
    let root = Url::from_path(&place.path("projects")).unwrap();
    let schema = Schema::new([Column::new("x", ValueType::Int8)]).unwrap();
    let options = TableOptions::new("p", "d", "none").root(root);
    let options = options.columns(schema.columns().to_vec());
    let table = Table::create(options, |_| Ok(())).unwrap();
    write(&ToCsv::new(place.path("a.csv")), &Rows::of(&table));
    assert_eq!(std::fs::read_to_string(place.path("a.csv")).unwrap(), "x\n");
    write(&ToParquet::new(place.path("a.parquet")), &Rows::of(&table));
    let again = place
        .import(&Parquet::new(place.path("a.parquet")))
        .unwrap();
    assert_eq!(again.schema(), table.schema());
}
