//! Several changes of a run in one commit.

use super::{roots, table};
use tlc_core::{
    Axis, Columns, Error, MetricsOptions, MetricsTable, MetricsTableWriter, Run, RunOptions,
    Status, Url,
};

fn run(root: &Url) -> Run {
    Run::create(RunOptions::new("project").name("run").root(root)).unwrap()
}

fn loss<const N: usize>(ids: [i64; N], loss: [f32; N]) -> Columns {
    Columns::new()
        .column("example_id", ids)
        .column("loss", loss)
}

#[test]
fn several_changes_in_one_commit_are_visible_together() {
    let (_folder, roots) = roots("metrics-change");
    for root in &roots {
        let (run, table) = (run(root), table(root, 2));
        let watching = Run::from_url(run.url()).unwrap();
        let commits = |run: &Run| {
            run.store()
                .list(&run.url().join("commits").unwrap())
                .unwrap()
                .len()
        };
        let before = commits(&run);
        let options = MetricsOptions::new().run(&run).foreign_table(&table);
        let mut samples = MetricsTableWriter::new(options).unwrap();
        samples.add_batch(loss([0, 1], [0.5, 0.25])).unwrap();
        let mut classes = MetricsTableWriter::new(MetricsOptions::new().run(&run)).unwrap();
        classes
            .add_batch(Columns::new().column("recall", vec![0.5_f64]))
            .unwrap();
        let mut change = run.change();
        change
            .input_table(&table)
            .metrics(&mut samples)
            .metrics(&mut classes);
        change
            .log([("epoch", 1.0), ("loss", 0.375)])
            .status(Status::Completed);
        watching.refresh().unwrap();
        assert!(watching.metrics().unwrap().is_empty());
        let written = change.commit().unwrap();
        assert_eq!(commits(&run), before + 1);
        assert_eq!(
            written.iter().map(MetricsTable::len).collect::<Vec<_>>(),
            [2, 1]
        );
        watching.refresh().unwrap();
        let streams = watching
            .metrics()
            .unwrap()
            .into_iter()
            .map(|table| table.info().stream_name);
        assert_eq!(
            streams.collect::<Vec<_>>(),
            ["default_stream", "default_stream_2"]
        );
        assert_eq!(watching.aggregates().unwrap()[0].points, [(1.0, 0.375)]);
        assert_eq!(watching.input_tables().unwrap(), [table.url().clone()]);
        assert_eq!(watching.status().unwrap(), Status::Completed);
        assert!(matches!(
            samples.add_batch(loss([0], [0.5])),
            Err(Error::Finalized { .. })
        ));
    }
}

#[test]
fn a_change_that_is_committed_again_has_what_was_added_since() {
    let (_folder, roots) = roots("metrics-change-again");
    for root in &roots {
        let run = run(root);
        let other = Run::from_url(run.url()).unwrap();
        // A writer of another handle of the run.
        let mut writer = MetricsTableWriter::new(MetricsOptions::new().run(&other)).unwrap();
        writer
            .add_batch(Columns::new().column("x", vec![1_i64]))
            .unwrap();
        let mut change = run.change();
        change
            .log([("epoch", 1.0), ("loss", 0.5)])
            .metrics(&mut writer);
        assert_eq!(change.commit().unwrap()[0].len(), 1);
        change.log([("epoch", 2.0), ("loss", 0.25)]);
        change.commit().unwrap();
        change.commit().unwrap();
        let points = &Run::from_url(run.url()).unwrap().aggregates().unwrap()[0].points;
        assert_eq!(points, &[(1.0, 0.5), (2.0, 0.25)]);
    }
}

#[test]
fn each_call_of_log_in_a_change_has_its_own_place_on_the_axis() {
    let (_folder, roots) = roots("metrics-change-axes");
    for root in &roots {
        let run = run(root);
        let mut change = run.change();
        change.log([("epoch", 1.0), ("loss", 0.5)]);
        change
            .log([("epoch", 2.0), ("loss", 0.25)])
            .log([("lr", 0.1)]);
        change.commit().unwrap();
        let series = run.aggregates().unwrap();
        assert_eq!(series[0].points, [(1.0, 0.5), (2.0, 0.25)]);
        assert_eq!(series[1].axis, Axis::Time);
    }
}

#[test]
fn interrupted_is_told_and_never_set() {
    let (_folder, [root, _]) = roots("unused");
    let run = run(&root);
    let refused = |result: Result<(), Error>| {
        assert!(matches!(result, Err(Error::Parameter { .. })), "{result:?}");
    };
    refused(run.set_status(Status::Interrupted));
    refused(run.change().status(Status::Interrupted).commit().map(drop));
    assert_eq!(
        Run::from_url(run.url()).unwrap().status().unwrap(),
        Status::Empty
    );
}
