//! Documents within all limits on bytes that would take much more memory or time.

use super::alloc;
use std::path::Path;
use std::time::Duration;
use tlc_core::{Error, Result, Run, RunOptions, Table, Url, verify};

const LONGEST: Duration = Duration::from_secs(1);
const CREATE: &str = r#"{"action":"create","id":"R","created_micros":1}"#;

fn sealed(line: &str) -> Vec<u8> {
    let line = format!("{line}\n");
    let seal = crc32c::crc32c(line.as_bytes());
    format!("{line}{{\"crc32c\":\"{seal:08x}\"}}\n").into_bytes()
}

fn write(root: &Path, name: &str, bytes: &[u8]) {
    let file = root.join(name);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, bytes).unwrap();
}

/// Reads a place of a project in two ways, each within bounds; gives what the first said.
#[track_caller]
fn bounded<T>(name: &str, root: &Path, read: impl FnOnce(&Url) -> Result<T>) -> Result<T> {
    let root = Url::from_path(root).unwrap();
    let (said, ()) = (
        within(name, || read(&root)),
        within(&format!("verify {name}"), || drop(verify(&root))),
    );
    said
}

/// What this thread has computed: other programs may be at work.
#[cfg(unix)]
fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

#[cfg(not(unix))]
fn cpu_time() -> Duration {
    static START: std::sync::LazyLock<std::time::Instant> =
        std::sync::LazyLock::new(std::time::Instant::now);
    START.elapsed()
}

#[track_caller]
fn within<T>(name: &str, work: impl FnOnce() -> T) -> T {
    let start = cpu_time();
    let (done, taken) = alloc::measured(work);
    let took = cpu_time() - start;
    println!("{name}: {} MiB, {took:?}", taken.peak >> 20);
    assert!(
        taken.peak < alloc::LIMIT_BYTES,
        "{name}: {} MiB",
        taken.peak >> 20
    );
    // This is not optimised.
    assert!(took < 10 * LONGEST, "{name}: {took:?}");
    done
}

#[track_caller]
fn run(name: &str, actions: &str, more: &str) -> Result<Run> {
    let folder = tempfile::tempdir().unwrap();
    let line = format!(
        r#"{{"format":"tlc-run-commit","version":2,"run":"R","number":0,"id":"i","actions":[{CREATE}{actions}]{more}}}"#
    );
    let commit = format!("p/runs/r/commits/{:020}.json", 0);
    write(folder.path(), &commit, &sealed(&line));
    drop(line);
    bounded(name, folder.path(), |root| {
        Run::from_url(root.join("p/runs/r")?)
    })
}

#[track_caller]
fn table(name: &str, fields: &str) -> Result<Table> {
    let folder = tempfile::tempdir().unwrap();
    let line = format!(
        r#"{{"format":"tlc-table","version":2,"table":"T","number":0,"id":"T","created":"2026-01-01T00:00:00Z","description":"","rows":0,{fields}}}"#
    );
    let commit = format!("p/datasets/d/tables/t/commits/{:020}.json", 0);
    write(folder.path(), &commit, &sealed(&line));
    drop(line);
    bounded(name, folder.path(), |root| {
        Table::from_url(root.join("p/datasets/d/tables/t")?)
    })
}

fn listed(count: usize, item: impl Fn(usize) -> String) -> String {
    (0..count).map(item).collect::<Vec<_>>().join(",")
}

#[test]
fn parameters_are_refused_by_what_they_take_in_memory() {
    let _alone = super::alone();
    let parameters =
        |fields: &str| format!(r#",{{"action":"parameters","parameters":{{{fields}}}}}"#);
    let list = |item: &str| parameters(&format!(r#""a":[{}]"#, vec![item; 600_000].join(",")));
    for item in [r#"{"":0}"#, r#"{"":{}}"#, "[0]", "[]", "{}", r#""\n""#] {
        assert!(run(item, &list(item), "").is_err(), "{item}");
    }
    let names = parameters(&listed(1_900_000, |name| format!(r#""{name:x}":0"#)));
    assert!(run("names", &names, "").is_err());
    let many: String = (0..20)
        .map(|at| {
            let name = |name| format!(r#""{at}_{name}":{{"":0}}"#);
            parameters(&listed(20_000, name))
        })
        .collect();
    assert!(run("in many actions", &many, "").is_err());
    let enough = parameters(&listed(100_000, |name| format!(r#""{name}":0.5"#)));
    let read = run("enough", &enough, "").unwrap();
    assert_eq!(read.parameters().len(), 100_000);
}

#[test]
fn whoever_sets_parameters_that_no_reader_would_take_is_told_at_once() {
    let _alone = super::alone();
    let root = Url::parse("memory://heavy-parameters/").unwrap();
    let run = Run::create(RunOptions::new("p").root(&root)).unwrap();
    let many = |from: i64| (from..from + 100_000).map(|at| (at.to_string(), at));
    run.set_parameters(many(0)).unwrap();
    // The same names again take no more.
    run.set_parameters(many(0).map(|(name, value)| (name, value + 1)))
        .unwrap();
    run.set_parameters(many(100_000)).unwrap();
    let refused = run.set_parameters(many(200_000));
    assert!(
        matches!(refused, Err(Error::TooLarge { .. })),
        "{refused:?}"
    );
    let objects = vec![serde_json::json!({"": 0}); 100_000];
    let refused = run.set_parameters([("objects", objects.clone())]);
    assert!(
        matches!(refused, Err(Error::TooLarge { .. })),
        "{refused:?}"
    );
    let created = Run::create(
        RunOptions::new("p")
            .parameter("objects", objects)
            .root(&root),
    );
    assert!(
        matches!(created, Err(Error::TooLarge { .. })),
        "{created:?}"
    );
    run.set_parameters([("small", 1)]).unwrap();
    let read = Run::from_url(run.url()).unwrap();
    assert_eq!(read.parameters().len(), 200_001);
}

#[test]
fn many_actions_are_refused_or_take_little() {
    let _alone = super::alone();
    let repeated = |action: &str, count: usize| format!(",{action}").repeat(count);
    let delete = repeated(r#"{"action":"delete"}"#, 900_000);
    assert!(run("delete", &delete, "").is_err());
    let status = repeated(r#"{"action":"status","status":"empty"}"#, 650_000);
    assert!(run("status", &status, "").is_err());
    let enough = repeated(r#"{"action":"status","status":"empty"}"#, 200_000);
    run("enough actions", &enough, "").unwrap();
}

#[test]
fn fields_that_nobody_knows_take_no_memory_wherever_they_are() {
    let _alone = super::alone();
    let junk = format!(r#","junk":[{}]"#, vec![r#"{"":0}"#; 900_000].join(","));
    run("in a commit", "", &junk).unwrap();
    let action = format!(r#",{{"action":"describe","description":"d"{junk}}}"#);
    assert_eq!(run("in an action", &action, "").unwrap().description(), "d");
    let none = r#""schema":{"columns":[]},"parts":[]"#;
    table("in a table", &format!("{none}{junk}")).unwrap();
    let (open, close) = (r#"{"type":"list","item":"#.repeat(29), "}".repeat(29));
    let deep = format!(
        r#""schema":{{"columns":[{{"name":"s","value":{open}{{"type":"int8"{junk}}}{close}}}]}},"parts":[]"#
    );
    table("in a type", &deep).unwrap();
}

#[test]
fn a_schema_of_too_many_fields_is_refused_however_they_are_spread() {
    let _alone = super::alone();
    let fields = |count| {
        listed(count, |name| {
            format!(r#"{{"name":"{name}","value":{{"type":"int8"}}}}"#)
        })
    };
    let schema = |columns: &str| format!(r#""schema":{{"columns":[{columns}]}},"parts":[]"#);
    assert!(table("columns", &schema(&fields(400_000))).is_err());
    let of_struct = |name: usize, count| {
        let fields = fields(count);
        format!(r#"{{"name":"s{name}","value":{{"type":"struct","fields":[{fields}]}}}}"#)
    };
    assert!(table("one struct", &schema(&of_struct(0, 400_000))).is_err());
    let many = listed(45, |name| of_struct(name, 9_000));
    assert!(table("structs", &schema(&many)).is_err());
    // The innermost fields stand in the Arrow field of each struct around them.
    let mut nested = fields(9_000);
    for depth in 0..30 {
        nested = format!(r#"{{"name":"{depth}","value":{{"type":"struct","fields":[{nested}]}}}}"#);
    }
    assert!(table("structs in structs", &schema(&nested)).is_err());
    table("enough", &schema(&listed(5, |name| of_struct(name, 9_000)))).unwrap();
}

#[test]
fn classes_are_refused_or_take_little_whatever_they_are_written_as() {
    let _alone = super::alone();
    let schema = |kind: &str, classes: &str| {
        format!(
            r#""schema":{{"columns":[{{"name":"x","value":{{"type":"{kind}","classes":[{classes}]}}}}]}}"#
        )
    };
    let objects = |count, id: fn(usize) -> usize| {
        listed(count, |at| format!(r#"{{"id":{},"name":""}}"#, id(at)))
    };
    let texts = listed(1_900_000, |_| r#""""#.to_owned());
    let colors = |count| {
        let class = |at| format!(r##"{{"id":{},"name":"x","color":"#00ff00"}}"##, at * 2);
        listed(count, class)
    };
    for (name, classes) in [
        ("texts", texts),
        ("objects", objects(680_000, |at| 1_000_000_000 - at)),
        ("colors", colors(500_000)),
        ("one id", objects(600_000, |_| 7)),
    ] {
        for kind in ["categorical_label", "segmentation_mask"] {
            let fields = schema(kind, &classes) + r#","parts":[]"#;
            assert!(table(name, &fields).is_err(), "{name}, {kind}");
        }
        let head = schema("categorical_label", &classes);
        let begin = format!(
            r#",{{"action":"begin_metrics","metrics":{{"name":"m","stream":"s",{head}}}}}"#
        );
        assert!(run(name, &begin, "").is_err(), "{name}");
    }
    let enough = schema("categorical_label", &colors(100_000)) + r#","parts":[]"#;
    let read = table("enough classes", &enough).unwrap();
    let classes = read.schema().class_map("x").unwrap();
    assert_eq!(classes.position(199_998), Some(99_999));
}

#[test]
fn many_input_tables_and_compactions_are_read_in_time_or_refused() {
    let _alone = super::alone();
    let inputs = (0..150_000).map(|at| {
        format!(r#",{{"action":"input_table","table":{{"url":"a","id":"{at}","rows":0}}}}"#)
    });
    let read = run("inputs", &inputs.collect::<String>(), "").unwrap();
    assert_eq!(read.input_tables().unwrap().len(), 150_000);
    let part = |at: usize| {
        format!(
            r#"{{"url":"{at:x}","row_groups":[],"decoded_bytes":0,"len_bytes":0,"block_bytes":1,"crc32c":""}}"#
        )
    };
    let mut actions: String = (0..85_000)
        .map(|at| format!(r#",{{"action":"aggregates","part":{}}}"#, part(at)))
        .collect();
    for at in 0..85_000 {
        actions += &format!(
            r#",{{"action":"compact","start":0,"count":1,"first":"{at:x}","last":"{at:x}","parts":[]}}"#
        );
    }
    assert!(run("compactions", &actions, "").is_err());
}

#[test]
fn a_checkpoint_of_much_text_is_read_or_passed_over() {
    let _alone = super::alone();
    for (name, text, times) in [
        ("text", "a", 60 << 20),
        ("escaped text", "\\n", 30 << 20),
        ("too much text", "a", 70 << 20),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let commit = |number: u64| {
            format!(
                r#"{{"format":"tlc-run-commit","version":2,"run":"R","number":{number},"id":"i","actions":[{CREATE}]}}"#
            )
        };
        let last = sealed(&commit(7));
        let seal = String::from_utf8_lossy(&last[last.len() - 11..last.len() - 3]).into_owned();
        write(
            folder.path(),
            &format!("p/runs/r/commits/{:020}.json", 7),
            &last,
        );
        let line = format!(
            r#"{{"format":"tlc-run-checkpoint","version":1,"run":"R","from":0,"to":8,"last":"{seal}","last_version":2,"actions":[{CREATE},{{"action":"describe","description":"{}"}}]}}"#,
            text.repeat(times)
        );
        let name_of_file = format!("p/runs/r/checkpoints/{:020}-{:020}.json", 0, 8);
        write(folder.path(), &name_of_file, &sealed(&line));
        drop(line);
        let read = bounded(name, folder.path(), |root| {
            Run::from_url(root.join("p/runs/r")?)
        });
        match read {
            Ok(_) => assert_ne!(name, "too much text"),
            // The commits that it stands for are not there.
            Err(Error::Corrupt { .. }) => assert_eq!(name, "too much text"),
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[test]
fn a_number_that_no_commit_has_is_no_commit_and_no_checkpoint() {
    for number in [
        u64::MAX,
        u64::MAX - 1,
        u64::MAX - 2,
        1 << 63,
        1_000_000_000_000_002,
    ] {
        let root = Url::from_path(tempfile::tempdir().unwrap().path()).unwrap();
        let run = Run::create(RunOptions::new("p").name("r").root(&root)).unwrap();
        let folder = run.url().to_path().unwrap();
        let line = format!(
            r#"{{"format":"tlc-run-checkpoint","version":1,"run":"R","from":0,"to":{number},"last":"00000000","last_version":2,"actions":[{CREATE}]}}"#
        );
        write(
            &folder,
            &format!("checkpoints/{:020}-{number:020}.json", 0),
            &sealed(&line),
        );
        write(&folder, &format!("commits/{:020}.json", number - 1), b"any");
        write(&folder, &format!("commits/{number:020}.json"), b"any");
        run.set_parameters([("a", 1)]).unwrap();
        let read = Run::from_url(run.url()).unwrap();
        assert_eq!(read.parameters()["a"], 1, "{number}");
        read.refresh().unwrap();
        assert_eq!(verify(&root).unwrap().problems.len(), 0, "{number}");
        std::fs::remove_dir_all(root.to_path().unwrap()).unwrap();
    }
}
