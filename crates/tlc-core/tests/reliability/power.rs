//! The power goes while metrics are written.

use super::{child_under, numbers, ran, seed, writer};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use tlc_core::arrow::array::AsArray;
use tlc_core::arrow::datatypes::{Float64Type, Int64Type};
use tlc_core::storage::testing::{LossyStore, Syncs};
use tlc_core::storage::{Store, mount};
use tlc_core::{Error, IfExists, Result, Run, RunOptions, Url};

const ROLE: &str = "TLC_TEST_POWER";
/// States tried for each step; all combinations of ten unsynced names fit.
const STATES: u64 = 1024;
const ROWS: i64 = 64;
/// First of the rows written after the power is back.
const LATER: i64 = 1_000_000;

/// What a caller was told is durable, and after how many steps.
#[derive(Clone, Debug, PartialEq)]
enum Ack {
    Created,
    Rows(i64),
    Logged(f64),
    Registered,
}

#[derive(Debug)]
struct History {
    store: Arc<LossyStore>,
    acks: Mutex<Vec<(usize, Ack)>>,
}

impl History {
    fn new(syncs: Syncs) -> Self {
        Self {
            store: Arc::new(LossyStore::new(syncs)),
            acks: Mutex::default(),
        }
    }

    fn acknowledge(&self, ack: Ack) {
        let steps = self.store.steps();
        self.acks.lock().unwrap().push((steps, ack));
    }

    fn acknowledged(&self, steps: usize) -> Vec<Ack> {
        let acks = self.acks.lock().unwrap();
        let known = acks.iter().filter(|(after, _)| *after <= steps);
        known.map(|(_, ack)| ack.clone()).collect()
    }
}

fn options(root: &Url) -> RunOptions {
    RunOptions::new("p")
        .name("r")
        .root(root)
        .if_exists(IfExists::Reuse)
}

fn flush_rows(history: &History, run: &Run, first: i64, flushes: i64) -> tlc_core::MetricsTable {
    let mut writer = writer(run);
    for first in (first..).step_by(ROWS as usize).take(flushes as usize) {
        writer.add_batch(numbers(first, ROWS)).unwrap();
        writer.flush().unwrap();
        history.acknowledge(Ack::Rows(first));
    }
    writer.finalize().unwrap();
    run.update_metrics(&writer.get_written_metrics_infos())
        .unwrap();
    history.acknowledge(Ack::Registered);
    writer.finalize().unwrap()
}

/// One writer, then a second table, aggregate values in between.
fn write_alone(history: &History, root: &Url) {
    let run = Run::create(options(root)).unwrap();
    history.acknowledge(Ack::Created);
    for table in 0..2 {
        flush_rows(history, &run, table * 10 * ROWS, 4);
        run.log([("epoch", table as f64), ("loss", 0.5)]).unwrap();
        run.flush().unwrap();
        history.acknowledge(Ack::Logged(table as f64));
    }
    run.close().unwrap();
}

/// Writers with handles of their own, at the same time.
fn write_together(history: &History, root: &Url) {
    let run = Run::create(options(root)).unwrap();
    history.acknowledge(Ack::Created);
    std::thread::scope(|scope| {
        for thread in 0..3 {
            let own = Run::from_url(run.url()).unwrap();
            scope.spawn(move || flush_rows(history, &own, thread * 10 * ROWS, 3));
        }
    });
}

/// What a run holds, once its values are known to be those written.
fn read(run: &Run) -> Result<Vec<i64>> {
    let mut tables = Vec::from(run.metrics()?);
    tables.extend(run.unfinished_metrics()?);
    let mut found = Vec::new();
    for table in tables {
        let rows = table.read()?;
        let numbers = rows["number"].as_primitive::<Int64Type>().values().to_vec();
        let halves = rows["half"].as_primitive::<Float64Type>().values().to_vec();
        let expected: Vec<f64> = numbers.iter().map(|number| *number as f64 / 2.0).collect();
        assert_eq!(halves, expected, "silent damage");
        found.extend(numbers);
    }
    Ok(found)
}

type Verdict = std::result::Result<(), String>;

fn ensure(holds: bool, what: impl FnOnce() -> String) -> Verdict {
    holds.then_some(()).ok_or_else(what)
}

/// Whether a disk holds all that was acknowledged, and can be written on.
fn survives(disk: Arc<LossyStore>, root: &Url, acks: &[Ack]) -> Verdict {
    let _mount = mount(root, disk as Arc<dyn Store>);
    let url = root.join("p/runs/r").unwrap();
    match Run::from_url(&url) {
        Ok(run) => holds_all(&run, acks)?,
        Err(Error::NotFound { .. }) => {
            ensure(acks.is_empty(), || "the run was lost".to_owned())?;
        }
        Err(error) => return Err(format!("the run cannot be opened: {error}")),
    }
    goes_on(root).map_err(|error| format!("the run cannot be written on: {error}"))?
}

fn holds_all(run: &Run, acks: &[Ack]) -> Verdict {
    let found = read(run).map_err(|error| format!("rows cannot be read: {error}"))?;
    let distinct: BTreeSet<i64> = found.iter().copied().collect();
    ensure(distinct.len() == found.len(), || {
        "a row is doubled".to_owned()
    })?;
    ensure(found.len() % ROWS as usize == 0, || {
        "a segment is partly visible".to_owned()
    })?;
    let points: Vec<(f64, f64)> = match run.aggregates() {
        Ok(series) => series.into_iter().flat_map(|one| one.points).collect(),
        Err(error) => return Err(format!("values cannot be read: {error}")),
    };
    for ack in acks {
        let holds = match ack {
            Ack::Created => true,
            Ack::Rows(first) => (*first..first + ROWS).all(|row| distinct.contains(&row)),
            Ack::Logged(epoch) => points.contains(&(*epoch, 0.5)),
            Ack::Registered => true,
        };
        ensure(holds, || format!("{ack:?} was lost"))?;
    }
    let registered = acks.iter().filter(|ack| **ack == Ack::Registered).count();
    let tables = run.metrics().map_or(0, |tables| tables.len());
    ensure(tables >= registered, || {
        "a registration was lost".to_owned()
    })
}

/// Recovers a run and writes on it.
fn goes_on(root: &Url) -> Result<Verdict> {
    let run = Run::create(options(root))?;
    let before = read(&run)?.len();
    let mut writer = writer(&run);
    writer.add_batch(numbers(LATER, ROWS))?;
    writer.finalize()?;
    let after = read(&Run::from_url(run.url())?)?;
    Ok(ensure(
        after.len() == before + ROWS as usize && after.contains(&LATER),
        || "a later row was lost".to_owned(),
    ))
}

#[derive(Debug, Default)]
struct Figures {
    crashes: usize,
    states: usize,
    sampled: usize,
    failures: Vec<String>,
}

/// Cuts the power after every step of a history, in every way or `limit` ways each.
fn cut_everywhere(history: &History, root: &Url, limit: u64) -> Figures {
    let mut figures = Figures::default();
    let seed = seed();
    for steps in 0..=history.store.steps() {
        let crash = history
            .store
            .crash(steps, limit, seed ^ steps as u64)
            .unwrap();
        figures.crashes += 1;
        figures.sampled += usize::from(!crash.is_exhaustive);
        let acks = history.acknowledged(steps);
        for disk in crash.states {
            figures.states += 1;
            if let Err(what) = survives(Arc::new(disk), root, &acks) {
                figures.failures.push(format!("after step {steps}: {what}"));
            }
        }
    }
    figures
}

fn try_with(syncs: Syncs, write: fn(&History, &Url), name: &str, limit: u64) -> Figures {
    let root = Url::parse(&format!("memory://power-{name}")).unwrap();
    let history = History::new(syncs);
    let mounted = mount(&root, Arc::clone(&history.store) as Arc<dyn Store>);
    write(&history, &root);
    drop(mounted);
    let figures = cut_everywhere(&history, &root, limit);
    println!(
        "{name}: power cut after each of {} steps, {} states ({} steps sampled), {} failures",
        figures.crashes,
        figures.states,
        figures.sampled,
        figures.failures.len()
    );
    figures
}

#[test]
fn a_loss_of_power_after_any_step_loses_and_damages_nothing_acknowledged() {
    let figures = try_with(Syncs::All, write_alone, "alone", STATES);
    assert_eq!(figures.failures, Vec::<String>::new());
    assert_eq!(figures.sampled, 0, "all combinations are tried");
    assert!(figures.crashes > 100 && figures.states > figures.crashes);
}

#[test]
fn a_loss_of_power_while_three_write_loses_and_damages_nothing_acknowledged() {
    let figures = try_with(Syncs::All, write_together, "together", STATES);
    assert_eq!(figures.failures, Vec::<String>::new());
    assert_eq!(figures.sampled, 0, "all combinations are tried");
    assert!(figures.crashes > 100 && figures.states > figures.crashes);
}

#[test]
fn a_store_that_skips_or_misplaces_a_sync_is_caught_losing() {
    for (syncs, name) in [
        (Syncs::NoFile, "no-file-sync"),
        (Syncs::NoFolder, "no-folder-sync"),
        (Syncs::FileAfterLink, "sync-after-link"),
    ] {
        let figures = try_with(syncs, write_alone, name, 4);
        assert!(!figures.failures.is_empty(), "{syncs:?} is not caught");
        println!("such as: {}", figures.failures[figures.failures.len() / 2]);
    }
}

/// Writes and says what has become durable.
fn flush_and_tell(root: &Url, flushes: i64) {
    let run = Run::create(options(root)).unwrap();
    let mut writer = writer(&run);
    for flush in 0..flushes {
        writer.add_batch(numbers(flush * ROWS, ROWS)).unwrap();
        writer.flush().unwrap();
        println!("durable {flush}");
    }
    writer.finalize().unwrap();
    run.update_metrics(&writer.get_written_metrics_infos())
        .unwrap();
}

/// A system call that succeeded.
#[derive(Clone, Debug)]
struct Call {
    name: String,
    arguments: String,
    result: String,
}

/// The calls of a trace, those that were cut in two by others put together.
fn calls(trace: &str) -> Vec<Call> {
    let mut unfinished = std::collections::HashMap::new();
    let mut calls = Vec::new();
    for line in trace.lines() {
        let Some((process, rest)) = line.split_once(char::is_whitespace) else {
            continue;
        };
        let rest = rest.trim_start();
        let whole = if let Some(start) = rest.strip_suffix(" <unfinished ...>") {
            unfinished.insert(process.to_owned(), start.to_owned());
            continue;
        } else if rest.starts_with("<... ") {
            let end = rest.split_once("resumed>").map_or("", |(_, end)| end);
            unfinished.remove(process).unwrap_or_default() + end
        } else {
            rest.to_owned()
        };
        let parsed = whole.rsplit_once(" = ").and_then(|(call, result)| {
            let (name, arguments) = call.split_once('(')?;
            Some((name.to_owned(), arguments.to_owned(), result.to_owned()))
        });
        if let Some((name, arguments, result)) = parsed.filter(|call| !call.2.starts_with('-')) {
            calls.push(Call {
                name,
                arguments,
                result,
            });
        }
    }
    calls
}

fn quoted(text: &str) -> Vec<&str> {
    text.split('"').skip(1).step_by(2).collect()
}

fn is_open(call: &Call) -> bool {
    matches!(call.name.as_str(), "open" | "openat")
}

fn is_sync_of(call: &Call, handle: &str) -> bool {
    let synced = call.arguments.trim_end().strip_suffix(')');
    matches!(call.name.as_str(), "fsync" | "fdatasync") && synced == Some(handle)
}

/// Whether the file that gets its name at `at` was synced after its last write, and
/// its folder before the caller was told or the next file got its name.
fn is_ordered(calls: &[Call], at: usize) -> bool {
    let names = quoted(&calls[at].arguments);
    let [source, target] = names[..] else {
        return false;
    };
    let before = &calls[..at];
    let opened = |call: &Call| is_open(call) && quoted(&call.arguments) == [source];
    let handle = match source.strip_prefix("/proc/self/fd/") {
        Some(handle) => handle.to_owned(),
        None => match before.iter().rev().find(|call| opened(call)) {
            Some(call) => call.result.clone(),
            None => return false,
        },
    };
    let start = before
        .iter()
        .rposition(|call| is_open(call) && call.result == handle);
    let of_file = &before[start.unwrap_or(at)..];
    let writes = format!("{handle},");
    let last_write = of_file
        .iter()
        .rposition(|call| call.name == "write" && call.arguments.starts_with(&writes));
    let synced = of_file.iter().rposition(|call| is_sync_of(call, &handle));
    let is_file_synced = last_write.is_some() && synced > last_write;
    is_file_synced && is_folder_synced(before, &calls[at + 1..], target)
}

/// The folder is opened before the name is given: without a handle nothing is.
fn is_folder_synced(before: &[Call], after: &[Call], target: &str) -> bool {
    let folder = Path::new(target).parent().unwrap().to_str().unwrap();
    let opened = |call: &&Call| {
        is_open(call) && quoted(&call.arguments) == [folder] && !call.arguments.contains("TMPFILE")
    };
    let handle = before.iter().rev().find(opened).map(|call| &call.result);
    for call in after {
        match (call.name.as_str(), &handle) {
            (_, Some(handle)) if is_sync_of(call, handle) => return true,
            ("linkat" | "rename" | "renameat" | "renameat2", _) => return false,
            ("write", _) if call.arguments.contains("durable") => return false,
            _ => {}
        }
    }
    false
}

/// Number of published files, and of those whose syncs are out of order.
fn judge(calls: &[Call]) -> (usize, usize) {
    let gives_name = |call: &Call| call.name == "linkat" || call.name.starts_with("rename");
    let published: Vec<usize> = (0..calls.len())
        .filter(|at| gives_name(&calls[*at]))
        .collect();
    let bad = published.iter().filter(|at| !is_ordered(calls, **at));
    (published.len(), bad.count())
}

#[test]
fn every_file_is_synced_before_it_gets_its_name_and_its_folder_after() {
    if let Ok(root) = std::env::var(ROLE) {
        return flush_and_tell(&Url::parse(&root).unwrap(), 20);
    }
    if !ran(Command::new("strace").arg("-V"), "strace is not installed") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let root = Url::from_path(&folder.path().join("root")).unwrap();
    let trace = folder.path().join("trace");
    let mut strace = Command::new("strace");
    strace
        .args(["-f", "-s", "200", "-e"])
        .arg("trace=?open,openat,write,fsync,fdatasync,linkat,?rename,?renameat,renameat2")
        .arg("-o")
        .arg(&trace);
    let name = "power::every_file_is_synced_before_it_gets_its_name_and_its_folder_after";
    let output = child_under(strace, name, ROLE, &root.to_string())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let calls = calls(&std::fs::read_to_string(&trace).unwrap());
    let (published, bad) = judge(&calls);
    println!("{published} files published under strace, {bad} out of order");
    assert!(published >= 42, "only {published} files were seen");
    assert_eq!(bad, 0);
    // The judge can say no.
    let unsynced: Vec<Call> = calls
        .into_iter()
        .filter(|call| !call.name.ends_with("sync"))
        .collect();
    assert_eq!(judge(&unsynced), (published, published));
}
