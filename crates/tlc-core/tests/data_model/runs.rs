//! Runs: parameters, status and aggregate values.

use super::{ACTIVE_RUN, roots, table};
use std::sync::PoisonError;
use tlc_core::{Axis, Error, IfExists, Run, RunOptions, Status};

#[test]
fn what_is_set_is_read_back_by_another_handle() {
    let (_folder, roots) = roots("runs-read-back");
    for root in &roots {
        let options = RunOptions::new("p")
            .name("r")
            .description("first")
            .parameter("lr", 0.1)
            .root(root);
        let run = Run::create(options).unwrap();
        run.set_parameters([("epochs", 3)]).unwrap();
        run.set_description("second").unwrap();
        let input = table(root, 3);
        run.add_input_table(&input).unwrap();
        run.add_input_table(&input).unwrap();

        let other = Run::from_url(run.url()).unwrap();
        assert_eq!((other.name(), other.project().as_str()), ("r", "p"));
        assert_eq!(other.description(), "second");
        assert_eq!(other.parameters()["lr"], 0.1);
        assert_eq!(other.parameters()["epochs"], 3);
        assert_eq!(other.input_tables().unwrap(), [input.url().clone()]);
        assert_eq!(other.status().unwrap(), Status::Empty);
        assert_eq!(tlc_core::projects(root).unwrap(), ["p", "project"]);
        assert_eq!(tlc_core::runs(root, "p").unwrap(), [run.url().clone()]);
    }
}

#[test]
fn a_taken_name_is_reused_refused_renamed_or_overwritten_as_asked() {
    let (_folder, roots) = roots("runs-if-exists");
    for root in &roots {
        let create = |if_exists| {
            Run::create(
                RunOptions::new("p")
                    .name("r")
                    .root(root)
                    .if_exists(if_exists),
            )
        };
        let first = create(IfExists::Raise).unwrap();
        first.set_parameters([("kept", true)]).unwrap();
        assert!(matches!(
            create(IfExists::Raise),
            Err(Error::AlreadyExists { .. })
        ));
        assert_eq!(create(IfExists::Rename).unwrap().name(), "r_0000");
        let reused = create(IfExists::Reuse).unwrap();
        assert_eq!((reused.id(), reused.parameters().len()), (first.id(), 1));
        let fresh = create(IfExists::Overwrite).unwrap();
        assert_eq!((fresh.name(), fresh.parameters().len()), ("r", 0));
    }
}

#[test]
fn logged_values_form_series_over_the_axis_they_name() {
    let (_folder, roots) = roots("runs-log");
    for root in &roots {
        let run = Run::create(RunOptions::new("p").name("r").root(root)).unwrap();
        for epoch in 1..=3 {
            run.log([
                ("epoch", f64::from(epoch)),
                ("loss", 1.0 / f64::from(epoch)),
            ])
            .unwrap();
            run.flush().unwrap();
        }
        run.log([("iteration", 10.0), ("loss", 0.5)]).unwrap();
        run.log([("seconds", 4.0)]).unwrap();
        run.log([("loss", f64::NAN), ("epoch", 4.0)]).unwrap();

        let series = run.aggregates().unwrap();
        let find = |key: &str, axis| {
            series
                .iter()
                .find(|s| s.key == key && s.axis == axis)
                .unwrap()
        };
        let by_epoch = &find("loss", Axis::Epoch).points;
        assert_eq!(by_epoch[..3], [(1.0, 1.0), (2.0, 0.5), (3.0, 1.0 / 3.0)]);
        assert!(by_epoch[3].0 == 4.0 && by_epoch[3].1.is_nan());
        assert_eq!(find("loss", Axis::Iteration).points, [(10.0, 0.5)]);
        assert_eq!(find("seconds", Axis::Time).points[0].1, 4.0);
        assert_eq!(
            Run::from_url(run.url())
                .unwrap()
                .aggregates()
                .unwrap()
                .len(),
            series.len()
        );
        assert_eq!(run.status().unwrap(), Status::Running);
    }
}

#[test]
fn a_hundred_thousand_calls_of_log_make_few_files() {
    let (folder, [root, _]) = roots("unused");
    let run = Run::create(RunOptions::new("p").name("r").root(&root)).unwrap();
    for step in 0..100_000 {
        run.log([("step", f64::from(step)), ("loss", 0.5)]).unwrap();
    }
    run.flush().unwrap();
    let files = std::fs::read_dir(folder.path().join("p/runs/r/aggregates"))
        .unwrap()
        .count();
    assert!(files < 10, "{files} files");
    assert_eq!(run.aggregates().unwrap()[0].points.len(), 100_000);
}

#[test]
fn a_run_is_interrupted_only_when_no_process_holds_it() {
    let (_folder, roots) = roots("runs-status");
    for root in &roots {
        let run = Run::create(RunOptions::new("p").name("r").root(root)).unwrap();
        run.set_status(Status::Collecting).unwrap();
        let observer = Run::from_url(run.url()).unwrap();
        assert_eq!(observer.status().unwrap(), Status::Collecting);
        drop(run);
        assert_eq!(observer.status().unwrap(), Status::Interrupted);
        observer.close().unwrap();
        assert_eq!(observer.status().unwrap(), Status::Completed);
    }
}

#[test]
fn a_run_that_failed_says_why_to_everybody_and_stays_failed_when_it_is_closed() {
    let (_folder, roots) = roots("runs-failed");
    for root in &roots {
        let run = Run::create(RunOptions::new("p").name("r").root(root)).unwrap();
        assert_eq!(run.failure(), None);
        run.fail("the disk is full").unwrap();
        run.close().unwrap();
        let read = Run::from_url(run.url()).unwrap();
        assert_eq!(read.status().unwrap(), Status::Failed);
        assert_eq!(read.failure().as_deref(), Some("the disk is full"));
        for _ in 0..20 {
            read.log([("loss", 1.0)]).unwrap();
            read.flush().unwrap();
        }
        // By a checkpoint, too.
        let read = Run::from_url(run.url()).unwrap();
        assert_eq!(read.failure().as_deref(), Some("the disk is full"));
        read.set_status(Status::Running).unwrap();
        assert_eq!(read.failure(), None);
    }
}

#[test]
fn the_active_run_is_what_free_functions_write_to() {
    let _alone = ACTIVE_RUN.lock().unwrap_or_else(PoisonError::into_inner);
    let (_folder, [root, _]) = roots("unused");
    assert!(matches!(
        tlc_core::log([("loss", 1.0)]),
        Err(Error::NoActiveRun)
    ));
    let run = tlc_core::init(RunOptions::new("p").root(&root)).unwrap();
    tlc_core::log([("epoch", 1.0), ("loss", 2.0)]).unwrap();
    assert_eq!(tlc_core::active_run().unwrap().id(), run.id());
    tlc_core::close().unwrap();
    assert!(tlc_core::active_run().is_none());
    assert_eq!(run.status().unwrap(), Status::Completed);
    assert_eq!(run.aggregates().unwrap()[0].points, [(1.0, 2.0)]);
}

#[test]
fn a_parameter_that_could_not_be_read_again_is_refused_where_it_is_set() {
    let (_folder, roots) = roots("runs-parameters");
    let nested = |depth: usize| {
        (0..depth).fold(serde_json::Value::from(1), |value, _| {
            serde_json::json!([value])
        })
    };
    for root in &roots {
        let options = || RunOptions::new("p").name("r").root(root);
        let refused = Run::create(options().parameter("lr", f64::NAN));
        assert!(matches!(refused, Err(Error::Parameter { name, .. }) if name == "lr"));
        let run = Run::create(options().parameter("deep", nested(32))).unwrap();
        for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let refused = run.set_parameters([("clip", number)]);
            assert!(
                matches!(refused, Err(Error::Parameter { .. })),
                "{refused:?}"
            );
            let refused = run.set_parameters([("list", vec![1.0, number])]);
            assert!(
                matches!(refused, Err(Error::Parameter { .. })),
                "{refused:?}"
            );
        }
        for depth in [33, 127, 128, 1000] {
            let refused = run.set_parameters([("deep", nested(depth))]);
            assert!(
                matches!(refused, Err(Error::Parameter { .. })),
                "{refused:?}"
            );
        }
        run.set_parameters([("some", Some(0.5)), ("none", None)])
            .unwrap();
        let read = Run::from_url(run.url()).unwrap().parameters();
        assert_eq!(read["deep"], nested(32));
        assert_eq!(
            (&read["some"], &read["none"]),
            (&0.5.into(), &serde_json::Value::Null)
        );
        assert_eq!(read.len(), 3);
    }
}

#[test]
fn a_name_that_a_thousand_runs_have_is_found_by_one_listing() {
    use std::sync::Arc;
    use tlc_core::storage::testing::CountingStore;
    use tlc_core::storage::{MemoryStore, Store, mount};
    let root = tlc_core::Url::parse("memory://runs-thousand/").unwrap();
    let store = Arc::new(CountingStore::new(Arc::new(MemoryStore::default())));
    let _mount = mount(&root, Arc::clone(&store) as Arc<dyn Store>);
    let mut most = 0;
    for number in 0..300 {
        store.take_reads();
        let run = Run::create(RunOptions::new("p").root(&root)).unwrap();
        most = most.max(store.take_reads());
        let name = if number == 0 {
            "run".to_owned()
        } else {
            format!("run_{:04}", number - 1)
        };
        assert_eq!(run.name(), name);
    }
    assert!(most <= 4, "{most} reads to find a name");
}

#[test]
fn a_name_that_is_as_long_as_can_be_gives_way_to_its_number() {
    let (_folder, roots) = roots("runs-long");
    let name = "ü".repeat(127) + "x";
    for root in &roots {
        let create = || Run::create(RunOptions::new("p").name(&name).root(root)).unwrap();
        assert_eq!(create().name(), name);
        for number in 0..3 {
            let run = create();
            assert!(run.name().ends_with(&format!("ü_{number:04}")) && run.name().len() <= 255);
            assert_eq!(Run::from_url(run.url()).unwrap().id(), run.id());
        }
    }
}

#[test]
fn of_many_who_create_a_run_at_once_all_have_it_if_they_are_to_reuse_or_overwrite() {
    let (_folder, roots) = roots("runs-race");
    for root in &roots {
        for if_exists in [IfExists::Reuse, IfExists::Overwrite] {
            for name in 0..10 {
                let options = RunOptions::new("p")
                    .name(format!("{if_exists:?} {name}"))
                    .root(root);
                let options = options.if_exists(if_exists);
                std::thread::scope(|scope| {
                    let create = || scope.spawn(|| Run::create(options.clone()).unwrap().id());
                    let threads: Vec<_> = (0..8).map(|_| create()).collect();
                    let ids = threads.into_iter().map(|thread| thread.join().unwrap());
                    let ids: std::collections::HashSet<String> = ids.collect();
                    assert!(
                        if_exists == IfExists::Overwrite || ids.len() == 1,
                        "{ids:?}"
                    );
                });
            }
        }
    }
}
