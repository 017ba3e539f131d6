//! Two epochs sample by sample, and all that was ever said of one sample.

use std::sync::Arc;
use tlc_core::{AddMetrics, Column, Columns, Run, RunOptions, Table, TableOptions, Url, ValueType};
use tlc_view::{
    CompareBy, Comparison, Epochs, Error, Filter, Filtered, Right, Verdict, View, ViewOptions,
};

const NAMES: [&str; 3] = ["cat", "dog", "owl"];

fn project(name: &str) -> (Url, Table, Run) {
    let root = Url::parse(&format!("memory://compare-{name}/")).unwrap();
    let label = Column::new("label", ValueType::labels(NAMES));
    let options = TableOptions::new("demo", "animals", "train")
        .root(&root)
        .columns([label]);
    let rows = Columns::new().column("label", vec![0, 1, 2, 0, 1]);
    let table = Table::create(options, |writer| writer.add_batch(rows)).unwrap();
    let run = Run::create(RunOptions::new("demo").root(&root)).unwrap();
    (root, table, run)
}

fn collect(run: &Run, table: &Table, epoch: i64, rows: &[(i64, f32, i32)]) {
    let ids: Vec<i64> = rows.iter().map(|row| row.0).collect();
    let losses: Vec<f32> = rows.iter().map(|row| row.1).collect();
    let predicted: Vec<i32> = rows.iter().map(|row| row.2).collect();
    let values = Columns::new()
        .column("example_id", ids)
        .column("loss", losses);
    let values = values.column("predicted", predicted);
    let options = AddMetrics::new()
        .foreign_table(table)
        .constant("epoch", epoch);
    let predicted = Column::new("predicted", ValueType::labels(NAMES));
    run.add_metrics(values, options.column(predicted)).unwrap();
}

fn view(run: &Run, epochs: Epochs) -> Arc<View> {
    Arc::new(ViewOptions::new().run(run).epochs(epochs).open().unwrap())
}

fn by() -> CompareBy {
    let (given, predicted) = ("label".to_owned(), "predicted".to_owned());
    CompareBy {
        value: "loss".to_owned(),
        right: Right::Same { given, predicted },
    }
}

#[test]
fn samples_of_two_epochs_are_compared_whatever_their_order() {
    let (_, table, run) = project("epochs");
    collect(
        &run,
        &table,
        1,
        &[(0, 1.0, 1), (1, 0.5, 1), (2, 0.25, 2), (3, f32::NAN, 0)],
    );
    collect(
        &run,
        &table,
        2,
        &[
            (3, 0.5, 0),
            (2, 2.25, 0),
            (1, 0.25, 1),
            (0, 0.5, 0),
            (4, 9.0, 1),
        ],
    );
    let all = |epoch| Filtered::new(&view(&run, Epochs::One(epoch)), &[]).unwrap();
    let comparison = Comparison::new(&all(1), &all(2), &by()).unwrap();
    let told: Vec<_> = comparison
        .samples
        .iter()
        .map(|sample| (sample.before, sample.after, sample.verdict))
        .collect();
    assert_eq!(
        told,
        [
            (2, 1, Verdict::NewlyWrong),
            (1, 2, Verdict::StaysRight),
            (0, 3, Verdict::NewlyRight),
            (3, 0, Verdict::StaysRight),
        ]
    );
    assert_eq!(comparison.samples[0].change, Some(2.0));
    assert_eq!(
        (
            comparison.apart.only_before,
            comparison.apart.only_after,
            comparison.apart.repeated
        ),
        (0, 1, 0)
    );
    assert_eq!(comparison.count(Verdict::StaysRight), 2);
    let moved: Vec<_> = comparison
        .moved
        .iter()
        .map(|moved| {
            (
                moved.before.as_str(),
                moved.after.as_str(),
                moved.newly_right,
                moved.newly_wrong,
            )
        })
        .collect();
    assert_eq!(moved, [("dog", "cat", 1, 0), ("owl", "cat", 0, 1)]);
}

#[test]
fn only_what_passes_on_both_sides_is_compared() {
    let (_, table, run) = project("filters");
    collect(&run, &table, 1, &[(0, 1.0, 1), (1, 0.5, 1)]);
    collect(&run, &table, 2, &[(0, 0.5, 0), (1, 0.25, 1)]);
    let all = view(&run, Epochs::All);
    let of = |epoch: f64, filters: &[Filter]| {
        let epoch = Filter::Range {
            column: "epoch".to_owned(),
            min: Some(epoch),
            max: Some(epoch),
        };
        Filtered::new(&all, &[filters, &[epoch]].concat()).unwrap()
    };
    let cats = Filter::Classes {
        column: "label".to_owned(),
        ids: vec![0],
        missing: false,
    };
    let comparison = Comparison::new(&of(1.0, &[cats]), &of(2.0, &[]), &by()).unwrap();
    assert_eq!(
        (comparison.samples.len(), comparison.apart.only_after),
        (1, 1)
    );
    assert_eq!(comparison.samples[0].verdict, Verdict::NewlyRight);
    let both = Filtered::new(&all, &[]).unwrap();
    let repeated = Comparison::new(&both, &of(2.0, &[]), &by()).unwrap();
    assert_eq!(repeated.apart.repeated, 2);
}

#[test]
fn metrics_of_other_tables_are_not_compared_by_chance() {
    let (root, table, run) = project("tables");
    let other = Table::create(
        TableOptions::new("demo", "animals", "other").root(&root),
        |writer| writer.add_batch(Columns::new().column("label", vec![0, 1])),
    );
    let other = other.unwrap();
    collect(&run, &table, 1, &[(0, 1.0, 1)]);
    let second = Run::create(RunOptions::new("demo").root(&root)).unwrap();
    collect(&second, &other, 1, &[(0, 1.0, 1)]);
    let all = |run| Filtered::new(&view(run, Epochs::All), &[]).unwrap();
    let flag = Right::Flag {
        column: "loss".to_owned(),
    };
    let by = CompareBy {
        value: "loss".to_owned(),
        right: flag,
    };
    let error = Comparison::new(&all(&run), &all(&second), &by).unwrap_err();
    assert!(matches!(error, Error::Empty { .. }), "{error}");
}

#[test]
fn all_that_was_said_of_a_sample_is_found_in_a_view_of_all_epochs() {
    let (_, table, run) = project("history");
    collect(&run, &table, 1, &[(0, 1.0, 1), (4, 0.5, 1)]);
    collect(&run, &table, 2, &[(4, 0.25, 0), (0, 0.5, 0)]);
    let (last, all) = (view(&run, Epochs::Last), view(&run, Epochs::All));
    let rows = all.rows_like(&last, 0).unwrap();
    assert_eq!(rows, [1, 2]);
    let losses = all.column("loss").unwrap();
    assert_eq!(
        rows.iter()
            .map(|row| losses.number(*row))
            .collect::<Vec<_>>(),
        [Some(0.5), Some(0.25)]
    );
    let alone = ViewOptions::new().table(&table).open().unwrap();
    assert_eq!(alone.rows_like(&last, 0).unwrap(), [4]);
    assert!(matches!(
        all.rows_like(&last, 9),
        Err(Error::NoSuchRow { .. })
    ));
}

#[test]
fn where_nothing_tells_who_is_right_the_change_is_told_all_the_same() {
    let (_, table, run) = project("numbers");
    collect(&run, &table, 1, &[(0, 1.0, 1), (1, 0.5, 1)]);
    collect(&run, &table, 2, &[(1, 0.75, 1), (0, 0.5, 0)]);
    let of = |epoch| Filtered::new(&view(&run, Epochs::One(epoch)), &[]).unwrap();
    let by = CompareBy {
        right: Right::Change,
        ..by()
    };
    let comparison = Comparison::new(&of(1), &of(2), &by).unwrap();
    let told = comparison.samples.iter();
    let told: Vec<_> = told.map(|told| (told.verdict, told.change)).collect();
    let (grew, fell) = (Verdict::Grew, Verdict::Fell);
    assert_eq!(told, [(grew, Some(0.25)), (fell, Some(-0.5))]);
    assert!(comparison.moved.is_empty());
}
