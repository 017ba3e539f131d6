//! Names, URLs and nothing at all where a run or table is asked for.

use crate::{ACTIVE_RUN, roots};
use std::process::Command;
use std::sync::PoisonError;
use tlc_core::{
    AddMetrics, Columns, DEFAULT_PROJECT, DEFAULT_TABLE, Error, IfExists, MetricsOptions,
    MetricsTableWriter, ROOT_VARIABLE, Result, Run, RunOptions, RunRef, Table, TableOptions,
    TableRef, TableWriter, Url, active_run, active_run_or_init, active_run_or_init_beside, close,
    init, set_active_run,
};

fn rows(writer: &mut TableWriter) -> Result<()> {
    writer.add_batch(Columns::new().column("label", vec![0, 1]))
}

fn losses() -> Columns {
    let ids = Columns::new().column("example_id", vec![0_i64, 1]);
    ids.column("loss", vec![0.5_f32, 0.25])
}

#[test]
fn names_are_those_of_the_project_of_the_active_run() {
    let _one = ACTIVE_RUN.lock().unwrap_or_else(PoisonError::into_inner);
    let (_folder, roots) = roots("names-active");
    for root in &roots {
        let run = init(RunOptions::new("project").name("baseline").root(root)).unwrap();
        let table = Table::create("train", rows).unwrap();
        let expected = root.join("project/datasets/train/tables/initial").unwrap();
        assert_eq!(*table.url(), expected);
        assert_eq!(table.name(), DEFAULT_TABLE);
        let cleaned = Table::create(("train", "cleaned"), rows).unwrap();
        let place = "project/datasets/train/tables/cleaned";
        assert_eq!(*cleaned.url(), root.join(place).unwrap());
        let elsewhere = TableOptions::from("train").root(root.join("other").unwrap());
        let elsewhere = Table::create(elsewhere, rows).unwrap();
        let place = "other/project/datasets/train/tables/initial";
        assert_eq!(*elsewhere.url(), root.join(place).unwrap());

        let opened = |reference: TableRef| reference.open().unwrap().id().to_owned();
        assert_eq!(opened("train".into()), table.id());
        assert_eq!(opened(("train", "cleaned").into()), cleaned.id());
        assert_eq!(opened(table.url().into()), table.id());
        assert_eq!(opened(table.url().to_string().into()), table.id());
        assert_eq!(opened((&&table).into()), table.id());
        let missing = TableRef::from("valid").open();
        assert!(matches!(missing, Err(Error::NotFound { .. })));
        let by_name = RunRef::from("baseline").open().unwrap();
        assert_eq!(by_name.id(), run.id());
        by_name.log([("loss", 0.5)]).unwrap();
        assert_eq!(
            run.aggregates().unwrap().len(),
            1,
            "the active run's own handle"
        );
        set_active_run(None);
    }
}

#[test]
fn metrics_take_runs_and_tables_by_name_or_url() {
    let _one = ACTIVE_RUN.lock().unwrap_or_else(PoisonError::into_inner);
    let (_folder, roots) = roots("names-metrics");
    for root in &roots {
        let run = Run::create(RunOptions::new("project").root(root)).unwrap();
        let table = TableOptions::new("project", "train", "initial").root(root);
        let table = Table::create(table, rows).unwrap();
        let url = run.url().to_string();
        let write = |options: MetricsOptions| {
            let mut writer = MetricsTableWriter::new(options)?;
            writer.add_batch(losses())?;
            writer.finish()
        };
        let by_name = MetricsOptions::new()
            .run(url.as_str())
            .foreign_table("train");
        assert!(write(by_name).unwrap().is_about(&table));
        let by_url = MetricsOptions::new()
            .run(run.url())
            .foreign_table(table.url());
        assert!(write(by_url).unwrap().is_about(&table));
        let by_handle = MetricsOptions::new().run(&run).foreign_table(&table);
        assert!(write(by_handle).unwrap().is_about(&table));
        let added = AddMetrics::new().foreign_table(("train", "initial"));
        let loss = Columns::new().column("loss", vec![0.5_f32, 0.25]);
        assert!(run.add_metrics(loss, added).unwrap().is_about(&table));
        run.refresh().unwrap();
        assert_eq!(run.metrics().unwrap().about(&table).len(), 4);

        let missing = MetricsOptions::new().run(&run).foreign_table("valid");
        assert!(matches!(write(missing), Err(Error::NotFound { .. })));
        let missing = MetricsOptions::new().run(root.join("project/runs/x").unwrap());
        assert!(matches!(write(missing), Err(Error::NotFound { .. })));
    }
}

#[test]
fn what_has_no_name_is_in_the_default_project() {
    const CHILD: &str = "TLC_TEST_DEFAULTS";
    if std::env::var_os(CHILD).is_none() {
        let folder = tempfile::tempdir().unwrap();
        let name = "names::what_has_no_name_is_in_the_default_project";
        let status = Command::new(std::env::current_exe().unwrap())
            .args([name, "--exact"])
            .env(ROOT_VARIABLE, folder.path())
            .env(CHILD, "1")
            .status();
        assert!(status.unwrap().success());
        let project = folder.path().join(DEFAULT_PROJECT);
        assert!(project.join("runs/run").is_dir());
        assert!(project.join("runs/run_0000").is_dir());
        assert!(project.join("datasets/train/tables/initial").is_dir());
        return;
    }
    assert!(active_run().is_none());
    let before = Table::create("train", rows).unwrap();
    let runs: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(active_run_or_init)).collect();
        let runs = threads.into_iter().map(|thread| thread.join().unwrap());
        runs.map(|run| run.unwrap().id()).collect()
    });
    assert!(runs.iter().all(|id| *id == runs[0]), "one for all");
    assert_eq!(active_run().unwrap().id(), runs[0]);
    let options = TableOptions::from(("train", "initial")).if_exists(IfExists::Reuse);
    assert_eq!(Table::create(options, rows).unwrap().id(), before.id());
    close().unwrap();
    assert_eq!(init(RunOptions::default()).unwrap().name(), "run_0000");
    close().unwrap();

    let elsewhere = Table::create(TableOptions::new("other", "train", "initial"), rows).unwrap();
    let runs: Vec<Url> = std::thread::scope(|scope| {
        let begin = || active_run_or_init_beside(&elsewhere).unwrap().url().clone();
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(begin)).collect();
        let runs = threads.into_iter().map(|thread| thread.join());
        runs.map(|run| run.unwrap()).collect()
    });
    assert!(runs.iter().all(|run| *run == runs[0]), "one for all");
    assert!(runs[0].to_string().ends_with("/other/runs/run"));
    close().unwrap();
}
