//! Metrics tables and series by what they are about.

use crate::{roots, table};
use std::collections::BTreeMap;
use tlc_core::{
    AddMetrics, Columns, Error, MetricsOptions, MetricsTable, MetricsTableWriter, Run, RunOptions,
    Table, Url,
};

fn run(root: &Url) -> Run {
    Run::create(RunOptions::new("project").root(root)).unwrap()
}

fn losses(losses: impl IntoIterator<Item = f32>) -> Columns {
    Columns::new().column("loss", losses.into_iter().collect::<Vec<_>>())
}

fn write(run: &Run, options: MetricsOptions, rows: Columns) -> MetricsTable {
    let mut writer = MetricsTableWriter::new(options.run(run)).unwrap();
    writer.add_batch(rows).unwrap();
    writer.finish().unwrap()
}

/// Of three epochs: two splits about tables of their own, and a finding about the first.
fn collected(root: &Url) -> (Run, [Table; 2]) {
    let run = run(root);
    let tables = [table(root, 3), table(root, 2)];
    for epoch in 1..=3 {
        for (split, table) in ["train", "valid"].into_iter().zip(&tables) {
            let ids: Vec<i64> = (0..2).collect();
            let options = MetricsOptions::new().foreign_table(table);
            let options = options.constant("split", split).constant("epoch", epoch);
            write(&run, options, losses([0.5, 0.25]).column("example_id", ids));
        }
        let options = MetricsOptions::new()
            .foreign_table(&tables[0])
            .stream("issues");
        let rows = Columns::new().column("example_id", vec![0_i64]);
        let rows = rows.column("is_issue", vec![true]);
        write(&run, options.finding(true).constant("epoch", epoch), rows);
    }
    (Run::from_url(run.url()).unwrap(), tables)
}

#[test]
fn metrics_are_found_by_table_split_epoch_stream_and_column() {
    let (_folder, roots) = roots("lookups");
    for root in &roots {
        let (run, [train, valid]) = collected(root);
        let all = || run.metrics().unwrap();
        assert_eq!(all().len(), 9, "a plain list has them all");
        assert_eq!(all().about(&train).len(), 3);
        assert_eq!(all().split("valid").len(), 3);
        assert_eq!(all().epoch(2_u8).len(), 2);
        assert_eq!(all().epoch(2_usize).split("train").len(), 1);
        assert_eq!(all().with_column("loss").len(), 6);
        assert!(all().epoch(u64::MAX).is_empty());
        let newest = all().about(&valid).newest().unwrap();
        assert_eq!(newest.constant("epoch").unwrap(), Some(3.into()));
        assert_eq!(newest.constant("split").unwrap(), Some("valid".into()));
        assert_eq!(newest.constant("loss").unwrap(), None);
        assert_eq!(newest.url(), all()[7].url());
        let names: Vec<String> = all().iter().map(|table| table.name().to_owned()).collect();
        let by_value = all().into_iter().map(|table| table.name().to_owned());
        assert_eq!(by_value.collect::<Vec<_>>(), names);
    }
}

#[test]
fn lookups_pass_over_findings_unless_they_are_asked_for() {
    let (_folder, roots) = roots("lookups-findings");
    for root in &roots {
        let (run, [train, _]) = collected(root);
        let all = || run.metrics().unwrap();
        assert!(!all().newest().unwrap().is_finding());
        assert!(!all().about(&train).newest().unwrap().is_finding());
        assert!(
            all()
                .findings()
                .about(&train)
                .epoch(2)
                .newest()
                .unwrap()
                .is_finding()
        );
        assert!(
            all()
                .about(&train)
                .epoch(2)
                .findings()
                .newest()
                .unwrap()
                .is_finding()
        );
        assert_eq!(all().about(&train).stream("issues").len(), 3);
        let newest = all().stream("issues").newest().unwrap();
        assert_eq!(newest.constant("epoch").unwrap(), Some(3.into()));
        let error = all()
            .with_column("is_issue")
            .newest()
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("3 findings are: ask for `findings()` first"),
            "{error}"
        );
    }
}

#[test]
fn what_is_not_found_is_told_with_what_there_is() {
    let (_folder, roots) = roots("lookups-missing");
    for root in &roots {
        let (run, [train, _]) = collected(root);
        let missing = run.metrics().unwrap().about(&train).split("test").epoch(9);
        let error = missing.newest().unwrap_err();
        assert!(matches!(error, Error::NoMetricsFound { .. }));
        let error = error.to_string();
        assert!(error.contains(&train.url().to_string()), "{error}");
        assert!(error.contains("of split test, of epoch 9"), "{error}");
        assert!(error.contains("split valid epoch 3"), "{error}");
        assert!(!error.contains("older"), "{error}");
        let empty = self::run(root).metrics().unwrap().newest().unwrap_err();
        assert!(empty.to_string().ends_with("there are: none"), "{empty}");
    }
}

#[test]
fn constants_are_known_whatever_their_type_is() {
    let root = Url::parse("memory://lookups-constants").unwrap();
    let run = run(&root);
    let long = "x".repeat(5000);
    let options = MetricsOptions::new()
        .constant("epoch", 2.0_f64)
        .constant("frozen", true)
        .constant("long", long.clone())
        .constant("nan", f32::NAN)
        .constant("rate", 0.5_f32);
    let written = write(&run, options, losses([1.0]));
    let reopened = MetricsTable::from_url(written.url()).unwrap();
    let constant = |name| reopened.constant(name).unwrap();
    assert_eq!(constant("frozen"), Some(true.into()));
    assert_eq!(constant("rate"), Some(0.5.into()));
    assert_eq!(
        constant("long"),
        Some(long.into()),
        "read from the first row"
    );
    assert_eq!(constant("nan"), None, "JSON has none");
    assert_eq!(
        run.metrics().unwrap().epoch(2).len(),
        1,
        "a float is an epoch, too"
    );
    let names: Vec<_> = reopened.constants().collect();
    assert_eq!(names, ["epoch", "frozen", "long", "nan", "rate"]);
}

#[test]
fn a_series_is_found_by_its_key() {
    let (_folder, roots) = roots("lookups-series");
    for root in &roots {
        let run = run(root);
        run.log([("iteration", 100.0), ("epoch", 1.0), ("valid_loss", 0.5)])
            .unwrap();
        run.log([("train_loss", 0.25)]).unwrap();
        assert_eq!(run.series("valid_loss").unwrap().points, [(1.0, 0.5)]);
        assert_eq!(run.series("train_loss").unwrap().points[0].1, 0.25);
        let error = run.series("loss").unwrap_err();
        assert!(matches!(error, Error::NoSuchSeries { .. }));
        assert!(
            error.to_string().ends_with("train_loss, valid_loss"),
            "{error}"
        );
    }
}

#[test]
fn finishing_registers_and_may_be_repeated() {
    let (_folder, roots) = roots("lookups-finish");
    for root in &roots {
        let run = run(root);
        let mut writer = MetricsTableWriter::new(MetricsOptions::new().run(&run)).unwrap();
        writer.add_batch(losses([0.5])).unwrap();
        let first = writer.finish().unwrap();
        assert_eq!((first.len(), run.metrics().unwrap().len()), (1, 1));
        assert_eq!(writer.finish().unwrap().url(), first.url());
        let refused = writer.add_batch(losses([0.5]));
        assert!(matches!(refused, Err(Error::Finalized { .. })));
        assert_eq!(
            Run::from_url(run.url()).unwrap().metrics().unwrap().len(),
            1
        );

        let mut finalized = MetricsTableWriter::new(MetricsOptions::new().run(&run)).unwrap();
        finalized.add_batch(losses([0.5])).unwrap();
        finalized.finalize().unwrap();
        assert_eq!(run.metrics().unwrap().len(), 1);
        finalized.finish().unwrap();
        assert_eq!(run.metrics().unwrap().len(), 2);
    }
}

#[test]
fn a_metrics_table_reads_like_a_table() {
    let (_folder, roots) = roots("lookups-read");
    for root in &roots {
        let run = run(root);
        let added = run
            .add_metrics(losses([0.5, 0.25, 2.0]), AddMetrics::new())
            .unwrap();
        let metrics = MetricsTable::from_url(added.url().clone()).unwrap();
        type Row = BTreeMap<String, f32>;
        assert_eq!(metrics.row::<Row>(1).unwrap()["loss"], 0.25);
        let rows = metrics
            .rows::<Row>()
            .unwrap()
            .map(|row| row.unwrap()["loss"]);
        assert_eq!(rows.collect::<Vec<_>>(), [0.5, 0.25, 2.0]);
        assert_eq!(metrics.column("loss").unwrap().len(), 3);
        assert_eq!(metrics.get(2).unwrap().num_rows(), 1);
        assert_eq!(metrics.take(&[2, 0, 2]).unwrap().num_rows(), 3);
        assert_eq!(metrics.arrow_schema().field(0).name(), "loss");
        assert!(matches!(metrics.get(3), Err(Error::RowOutOfRange { .. })));
        let other = run.url().join("metrics").unwrap().join("other").unwrap();
        assert!(matches!(
            MetricsTable::from_url(other),
            Err(Error::NoSuchMetrics { .. })
        ));
        let no_place = MetricsTable::from_url(run.url().clone());
        assert!(matches!(no_place, Err(Error::InvalidUrl { .. })));
    }
}
