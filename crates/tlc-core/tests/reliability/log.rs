//! Logged values are sealed by a timer.

use super::child;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tlc_core::storage::testing::{Fault, FaultStore, When};
use tlc_core::storage::{Store, mount};
use tlc_core::{Error, Run, RunOptions, Status, Url};

const ROLE: &str = "TLC_TEST_LOG";
const INTERVAL: Duration = Duration::from_millis(50);
const FOR_EVER: Duration = Duration::from_secs(3600);

fn options(root: &Url) -> RunOptions {
    RunOptions::new("p").name("r").root(root)
}

/// What another handle to the run finds.
fn points(run: &Url) -> Vec<(f64, f64)> {
    let series = Run::from_url(run).unwrap().aggregates().unwrap();
    series.into_iter().flat_map(|one| one.points).collect()
}

/// Waits until something holds, as it must.
fn wait_until(mut holds: impl FnMut() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(started.elapsed() < Duration::from_secs(60), "waits in vain");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A run whose writes fail from now on.
fn on_full_disk(name: &str) -> (Run, Arc<FaultStore>, tlc_core::storage::Mount) {
    let root = Url::parse(&format!("memory://{name}")).unwrap();
    let url = Run::create(options(&root)).unwrap().url().clone();
    let inner = Arc::clone(Run::from_url(&url).unwrap().store());
    let store = Arc::new(FaultStore::new(inner, Fault::Full, &When::From(1)));
    let mounted = mount(&url, Arc::clone(&store) as Arc<dyn Store>);
    let run = Run::from_url(&url).unwrap();
    run.set_log_interval(INTERVAL);
    (run, store, mounted)
}

#[test]
fn values_become_durable_while_nobody_calls_and_again_after_that() {
    let folder = tempfile::tempdir().unwrap();
    let root = Url::from_path(folder.path()).unwrap();
    let run = Run::create(options(&root)).unwrap();
    run.set_log_interval(INTERVAL);
    for epoch in 0..3 {
        run.log([("epoch", f64::from(epoch)), ("loss", 0.5)])
            .unwrap();
        wait_until(|| points(run.url()).len() > epoch as usize);
    }
    run.close().unwrap();
    assert_eq!(points(run.url()), [(0.0, 0.5), (1.0, 0.5), (2.0, 0.5)]);
}

#[test]
fn an_error_between_calls_is_reported_by_the_next_call_whichever_it_is_and_nothing_is_lost() {
    type Call = fn(&Run) -> tlc_core::Result<()>;
    let calls: [(&str, Call); 3] = [
        ("log", |run| run.log([("epoch", 1.0), ("loss", 0.25)])),
        ("flush", Run::flush),
        ("close", Run::close),
    ];
    for (name, call) in calls {
        let (run, store, _mount) = on_full_disk(&format!("log-full-{name}"));
        run.log([("epoch", 0.0), ("loss", 0.5)]).unwrap();
        // By the second failure the first is known.
        wait_until(|| store.fired() >= 2);
        let reported = call(&run);
        assert!(
            matches!(reported, Err(Error::StorageFull { .. })),
            "{name}: {reported:?}"
        );
        store.heal();
        let first = run.close();
        println!("{name}: {} faults, then {first:?}", store.fired());
        run.close().unwrap();
        let logged: &[(f64, f64)] = match name {
            "log" => &[(0.0, 0.5), (1.0, 0.25)],
            _ => &[(0.0, 0.5)],
        };
        assert_eq!(points(run.url()), logged, "{name}");
        assert_eq!(run.status().unwrap(), Status::Completed);
    }
}

#[test]
fn an_error_that_is_over_before_the_next_call_is_reported_once_all_the_same() {
    let (run, store, _mount) = on_full_disk("log-healed");
    run.log([("epoch", 0.0), ("loss", 0.5)]).unwrap();
    wait_until(|| store.fired() >= 1);
    store.heal();
    wait_until(|| points(run.url()).len() == 1);
    let reported = run.close();
    assert!(
        matches!(reported, Err(Error::StorageFull { .. })),
        "{reported:?}"
    );
    assert_eq!(run.status().unwrap(), Status::Completed);
    run.close().unwrap();
    assert_eq!(points(run.url()), [(0.0, 0.5)]);
}

#[test]
fn values_logged_while_others_are_sealed_are_all_kept_once() {
    let root = Url::parse("memory://log-busy").unwrap();
    let run = Run::create(options(&root)).unwrap();
    run.set_log_interval(Duration::from_millis(1));
    let url = run.url().join("aggregates").unwrap();
    let parts = || run.store().list(&url).unwrap().len();
    // Until the timer has sealed in between, however busy the machine is.
    let mut epochs = 0;
    while epochs < 100_000 || parts() <= 3 {
        for epoch in epochs..epochs + 1_000 {
            run.log([("epoch", f64::from(epoch)), ("loss", 0.5)])
                .unwrap();
        }
        epochs += 1_000;
    }
    run.close().unwrap();
    let logged: Vec<f64> = points(run.url()).iter().map(|point| point.0).collect();
    assert_eq!(logged, (0..epochs).map(f64::from).collect::<Vec<_>>());
}

/// Names of the threads of this process.
#[cfg(target_os = "linux")]
fn threads() -> Vec<String> {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let names =
        tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok());
    names.map(|name| name.trim().to_owned()).collect()
}

/// Looks at the thread in a process where no other test logs.
#[cfg(target_os = "linux")]
fn watch_the_thread() {
    let sealers = || threads().iter().filter(|name| *name == "tlc-log").count();
    let create = |name: &str| {
        let root = Url::parse(&format!("memory://log-thread-{name}")).unwrap();
        Run::create(options(&root)).unwrap()
    };
    assert_eq!(sealers(), 0, "before the first value");
    let runs = ["closed", "dropped"].map(create);
    for run in &runs {
        run.set_log_interval(FOR_EVER);
        run.log([("loss", 0.5)]).unwrap();
    }
    wait_until(|| sealers() == 1);
    let [closed, dropped] = runs;
    closed.close().unwrap();
    drop(dropped);
    wait_until(|| sealers() == 0);
    closed.log([("loss", 0.5)]).unwrap();
    wait_until(|| sealers() == 1);
    // The process ends with the thread at work.
    std::mem::forget(closed);
    println!("\nwatched");
}

#[test]
#[cfg(target_os = "linux")]
fn one_thread_serves_all_runs_ends_with_the_last_and_holds_up_no_exit() {
    if std::env::var(ROLE).is_ok() {
        return watch_the_thread();
    }
    let name = "log::one_thread_serves_all_runs_ends_with_the_last_and_holds_up_no_exit";
    let started = Instant::now();
    let output = child(name, ROLE, "thread").output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("\nwatched"));
    assert!(started.elapsed() < FOR_EVER / 10, "{:?}", started.elapsed());
}
