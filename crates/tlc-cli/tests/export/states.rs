//! Runs that are not as one would wish.

use crate::{Place, between};
use serde_json::json;
use tlc_core::{
    AddMetrics, Column, Columns, Role, Run, RunOptions, Status, Table, TableOptions, ValueType,
};

fn run(place: &Place, name: &str) -> Run {
    Run::create(RunOptions::new("plain").root(&place.root).name(name)).unwrap()
}

#[test]
fn a_run_without_samples_says_so() {
    let place = Place::new();
    run(&place, "empty");
    let (page, told) = place.exported("plain/empty", &[]);
    assert!(page.contains("nothing was collected from samples yet"));
    assert!(page.contains("none is logged"));
    assert_eq!(
        [&told["samples"], &told["findings"], &told["charts"]],
        [0, 0, 0]
    );
    assert_eq!(
        [&told["by"], &told["confusion_rows"]],
        [&json!(null), &json!(null)]
    );
}

#[test]
fn a_run_that_failed_says_why() {
    let place = Place::new();
    let run = run(&place, "failed");
    run.log([("epoch", 1.0), ("loss", 2.0)]).unwrap();
    run.log([("epoch", 2.0), ("loss", f64::NAN)]).unwrap();
    run.log([("epoch", 3.0), ("loss", f64::INFINITY)]).unwrap();
    run.flush().unwrap();
    run.fail("the loss is NaN").unwrap();
    let (page, told) = place.exported("plain/failed", &[]);
    assert!(page.contains("status failed"));
    assert!(page.contains(">the loss is NaN</p>"));
    let values = between(&page, "<td>loss</td>", "</tr>");
    assert_eq!(values, ["<td class=\"number\" title=\"inf\">∞</td>"]);
    assert_eq!(told["status"], "failed");
}

#[test]
fn a_run_that_still_collects_shows_what_is_there() {
    let place = Place::new();
    let run = run(&place, "live");
    let options = TableOptions::new("plain", "numbers", "initial").root(&place.root);
    let rows = Columns::new().column("x", vec![1.5_f32, 2.5, 3.5]);
    let table = Table::create(options, |writer| writer.add_batch(rows)).unwrap();
    let about = AddMetrics::new().foreign_table(&table).constant("epoch", 1);
    let values = Columns::new().column("example_id", vec![0_i64, 1, 2]);
    run.add_metrics(values.column("loss", vec![0.1_f32, 0.3, 0.2]), about)
        .unwrap();
    run.set_status(Status::Collecting).unwrap();
    let (page, told) = place.exported("plain/live", &["--worst", "2"]);
    assert!(page.contains("status collecting"));
    assert!(page.contains("3 rows, epoch 1"));
    assert_eq!(
        (&told["status"], &told["samples"]),
        (&json!("collecting"), &json!(2))
    );
    // Numbers are told as their row.
    let lines = between(&page, "<tr id=\"row-", "</tr>");
    assert!(
        lines[0].starts_with("1\"") && lines[0].contains(">2.50<"),
        "{lines:?}"
    );
    assert!(
        lines[1].starts_with("2\"") && lines[1].contains(">3.50<"),
        "{lines:?}"
    );
    assert!(!page.contains("<img"));
}

#[test]
fn texts_are_shown_beside_what_the_model_says() {
    let place = Place::new();
    let run = run(&place, "texts");
    let options = TableOptions::new("plain", "reviews", "initial")
        .root(&place.root)
        .column(Column::new("review", ValueType::String).role(Role::Input))
        .column(Column::new("label", ValueType::labels(["bad", "good"])));
    let long = "word ".repeat(400);
    let rows = Columns::new()
        .column("review", vec!["a joy to use", "broke on day one", &long])
        .column("label", vec![1, 1, 0]);
    let table = Table::create(options, |writer| writer.add_batch(rows)).unwrap();
    let predicted = Column::new("predicted", ValueType::labels(["bad", "good"]));
    let about = AddMetrics::new()
        .foreign_table(&table)
        .column(predicted.role(Role::Prediction));
    let values = Columns::new()
        .column("loss", vec![0.1_f32, 3.0, 0.2])
        .column("predicted", vec![1, 0, 0]);
    run.add_metrics(values, about).unwrap();
    let (page, _) = place.exported("plain/texts", &[]);
    let lines = between(&page, "<tr id=\"row-", "</tr>");
    assert!(lines[0].contains(">broke on day one</td>"), "{lines:?}");
    assert!(
        lines[0].contains("class=\"cut wrong\" title=\"bad\""),
        "{lines:?}"
    );
    assert!(lines[1].contains("word word") && lines[1].contains("…</td>"));
    assert!(lines[1].len() < 2000 && !lines[1].contains("wrong"));
}

#[test]
fn without_anything_to_order_by_the_first_are_shown() {
    let place = Place::new();
    let run = run(&place, "plain");
    let values = Columns::new().column("score", vec![3.0_f32, 1.0]);
    run.add_metrics(values, AddMetrics::new()).unwrap();
    let (page, told) = place.exported("plain/plain", &[]);
    assert!(page.contains(">First 2</h2>") && page.contains("nothing says which are the worst"));
    assert_eq!(told["by"], json!(null));
    let (page, _) = place.exported("plain/plain", &["--worst", "0"]);
    assert!(page.contains("No sample is shown."));
}

#[test]
fn many_rows_become_a_file_as_small() {
    const ROWS: u32 = 200_000;
    let place = Place::new();
    let run = run(&place, "large");
    let classes: Vec<String> = (0..100).map(|class| format!("class {class}")).collect();
    let options = TableOptions::new("plain", "large", "initial")
        .root(&place.root)
        .column(Column::new("image", ValueType::image_bytes()))
        .column(Column::new("label", ValueType::labels(classes.clone())));
    let labels = (0..ROWS).map(|row| (row % 100) as i32);
    let images = (0..ROWS).map(|row| [b"\x89PNG".as_slice(), &row.to_le_bytes()].concat());
    let rows = Columns::new()
        .column("image", images.collect::<Vec<_>>())
        .column("label", labels.collect::<Vec<_>>());
    let table = Table::create(options, |writer| writer.add_batch(rows)).unwrap();
    let predicted = Column::new("predicted", ValueType::labels(classes));
    let about = AddMetrics::new()
        .foreign_table(&table)
        .column(predicted.role(Role::Prediction));
    let losses = (0..ROWS).map(|row| (row.wrapping_mul(2_654_435_761) >> 8) as f32);
    let said = (0..ROWS).map(|row| (row % 103 % 100) as i32);
    let values = Columns::new()
        .column("loss", losses.collect::<Vec<_>>())
        .column("predicted", said.collect::<Vec<_>>());
    run.add_metrics(values, about).unwrap();
    for step in 0..ROWS {
        run.log([("step", f64::from(step)), ("loss", f64::from(step % 1000))])
            .unwrap();
    }
    run.flush().unwrap();
    let (page, told) = place.exported("plain/large", &[]);
    assert!(page.len() < 300_000, "{}", page.len());
    assert_eq!(
        (&told["samples"], &told["of_rows"]),
        (&json!(200), &json!(ROWS))
    );
    assert!(page.contains("A matrix of 100 classes has no room here"));
}
