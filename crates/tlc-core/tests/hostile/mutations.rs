//! Thousands of changes whose checksums are right.
//!
//! Child processes do the work, so that an abort or a hang is found, too: each tells the
//! number of a trial before it begins. `TLC_HOSTILE_TRIALS` sets the number of trials,
//! `TLC_HOSTILE_FIRST` that of the first.

use super::alloc::{LIMIT_BYTES, measured};
use super::files::Files;
use super::json::{self, Node};
use super::random::Random;
use super::{child, parts};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{Child, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

const TRIALS: u64 = 6_000;
const LONGEST: Duration = Duration::from_secs(1);
/// A trial that tells nothing for so long is ended from outside.
const HANGS: Duration = Duration::from_secs(60);
const ROLE: &str = "TLC_HOSTILE_RANGE";

/// A trial's kind, what it changed, and the changed project.
struct Trial {
    kind: &'static str,
    what: String,
    owner: String,
    files: Files,
}

/// Trial `number` of the projects; the same number is the same change.
fn trial(projects: &[Files], number: u64) -> Trial {
    let mut random = Random::new(number.wrapping_mul(0xa076_1d64_78bd_642f));
    let mut files = random.one_of(projects).clone();
    if random.below(2) == 0 {
        files.remove_checkpoints();
    }
    match random.below(5) {
        0 | 1 => fields(&mut files, &mut random),
        2 => text(&mut files, &mut random),
        _ => part(&mut files, &mut random),
    }
    .with(files)
}

struct Change(&'static str, String, String);

impl Change {
    fn with(self, files: Files) -> Trial {
        let Self(kind, what, owner) = self;
        Trial {
            kind,
            what,
            owner,
            files,
        }
    }
}

/// A document, each kind as often as the others.
fn document(files: &Files, random: &mut Random) -> String {
    let kinds = ["/tables/", "/commits/", "/checkpoints/"];
    let kind = *random.one_of(&kinds);
    let all = files.documents();
    let of_kind: Vec<&String> = all.iter().filter(|name| name.contains(kind)).collect();
    match of_kind.is_empty() {
        true => random.one_of(&all).clone(),
        false => (*random.one_of(&of_kind)).clone(),
    }
}

fn fields(files: &mut Files, random: &mut Random) -> Change {
    let name = document(files, random);
    let mut document = Node::parse(&files.line(&name));
    let count = 1 + random.below(2);
    let changes: Vec<_> = (0..count)
        .map(|_| json::mutate(&mut document, random))
        .collect();
    let mut line = String::new();
    document.write(&mut line);
    files.reseal(&name, line.as_bytes());
    let kind = match () {
        () if name.contains("/revisions/") => "announcement",
        () if name.contains("/datasets/") => "manifest",
        () if name.contains("/checkpoints/") => "checkpoint",
        () => "run commit",
    };
    Change(
        kind,
        format!("{name}: {}", changes.join(", ")),
        Files::owner(&name),
    )
}

fn text(files: &mut Files, random: &mut Random) -> Change {
    let name = document(files, random);
    let mut line = files.line(&name);
    let at = random.below(line.len());
    let done = match random.below(4) {
        0 | 1 => {
            let bit = random.below(8);
            line[at] ^= 1 << bit;
            format!("bit {bit} of byte {at} flips")
        }
        2 => {
            line.truncate(at);
            format!("cut at {at}")
        }
        _ => {
            let end = line.len().min(at + 1 + random.below(40));
            line.drain(at..end);
            format!("without {at}..{end}")
        }
    };
    files.reseal(&name, &line);
    Change(
        "text of a document",
        format!("{name}: {done}"),
        Files::owner(&name),
    )
}

fn part(files: &mut Files, random: &mut Random) -> Change {
    let name = random.one_of(&files.parts()).clone();
    let mut bytes = files.0[&name].to_vec();
    let done = parts::mutate(&mut bytes, random);
    let groups = if random.below(2) == 0 {
        parts::row_groups(&bytes)
    } else {
        None
    };
    let claimed = groups.as_ref().map_or("", |_| ", and the document agrees");
    files.replace_part(&name, bytes, groups);
    Change(
        "part",
        format!("{name}: {done}{claimed}"),
        Files::owner(&name),
    )
}

/// Where the last panic was, and what it said.
static PANIC: Mutex<String> = Mutex::new(String::new());

fn note_panics() {
    std::panic::set_hook(Box::new(|info| {
        let place = info
            .location()
            .map_or_else(String::new, ToString::to_string);
        // From the registry, the crate and its file are enough.
        let place = place
            .split("/src/index.crates.io-")
            .last()
            .unwrap_or_default();
        let place =
            place.split_once('/').map_or(
                place,
                |(hash, rest)| {
                    if hash.len() == 16 { rest } else { place }
                },
            );
        let said = info.payload_as_str().unwrap_or("").chars().take(100);
        let noted = format!("{place}\t{}", said.collect::<String>().replace('\n', " "));
        eprintln!("panic at {noted}");
        *PANIC.lock().unwrap_or_else(PoisonError::into_inner) = noted;
    }));
}

/// How a read fails its promise, if it does: a key for what is the same, and the details.
pub(super) fn broken_promise(files: &Files, owner: &str) -> Option<String> {
    read(files, owner).err()
}

/// Reads all there is. Whether that was refused, or how it failed its promise.
fn read(files: &Files, owner: &str) -> Result<bool, String> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    note_panics();
    let mut slow = Duration::MAX;
    // Slow is what is slow each time: others use the machine.
    for _ in 0..3 {
        let start = Instant::now();
        let read = || catch_unwind(AssertUnwindSafe(|| files.read(owner).is_err()));
        let (refused, taken) = measured(read);
        slow = slow.min(start.elapsed());
        let Ok(refused) = refused else {
            let panic = PANIC.lock().unwrap_or_else(PoisonError::into_inner);
            return Err(format!("panic at {panic}"));
        };
        if taken.peak > LIMIT_BYTES {
            let (peak, largest) = (taken.peak >> 20, taken.largest >> 20);
            let culprit = taken.culprit.unwrap_or_else(|| "many pieces".to_owned());
            return Err(format!(
                "memory: {culprit}\t{peak} MiB, {largest} in one piece"
            ));
        }
        if slow <= LONGEST {
            return Ok(refused);
        }
    }
    Err(format!("slow\t{slow:?}"))
}

/// The child's side.
#[test]
fn trials_of_a_child() {
    let Ok(range) = std::env::var(ROLE) else {
        return;
    };
    let (start, end) = range.split_once("..").unwrap();
    let projects = [
        Files::new(),
        Files::of_fixtures("v1"),
        Files::of_revisions(),
    ];
    for number in start.parse::<u64>().unwrap()..end.parse().unwrap() {
        println!("\n@begin {number}");
        let trial = trial(&projects, number);
        println!("@trial {}\t{}", trial.kind, trial.what);
        match read(&trial.files, &trial.owner) {
            Ok(false) => {}
            Ok(true) => println!("@refused {}", trial.kind),
            Err(broken) => println!("@broken {broken}"),
        }
    }
    println!("\n@end of all");
}

#[derive(Debug, Default)]
struct Report {
    /// By kind: how many, and how many of them were refused.
    trials: BTreeMap<String, (u64, u64)>,
    /// By what is the same about them: how many, and the first of them.
    broken: BTreeMap<String, (u64, String)>,
}

impl Report {
    fn add(&mut self, broken: &str, number: u64, what: &str) {
        let (key, details) = broken.split_once('\t').unwrap_or((broken, ""));
        let first = || (0, format!("{details}, first in trial {number}, {what}"));
        self.broken.entry(key.to_owned()).or_insert_with(first).0 += 1;
    }

    fn merge(&mut self, other: Self) {
        for (kind, (count, refused)) in other.trials {
            let known = self.trials.entry(kind).or_default();
            *known = (known.0 + count, known.1 + refused);
        }
        for (key, (count, first)) in other.broken {
            self.broken.entry(key).or_insert((0, first)).0 += count;
        }
    }
}

/// All trials of a range, in as many children as it takes.
fn run(mut start: u64, end: u64) -> Report {
    let mut report = Report::default();
    while start < end {
        start = run_child(start, end, &mut report);
    }
    report
}

/// What a child is at, by what it has printed.
#[derive(Debug, Default)]
struct Progress {
    number: u64,
    what: String,
    /// The last panic, or demand of memory.
    telling: String,
    done: bool,
}

impl Progress {
    fn hear(&mut self, line: &str, report: &mut Report) {
        match line.split_once(' ') {
            Some(("@begin", number)) => {
                self.number = number.parse().unwrap();
                self.what = "while it was made".to_owned();
                self.telling = "nothing said".to_owned();
            }
            Some(("@trial", trial)) => {
                let (kind, change) = trial.split_once('\t').unwrap();
                change.clone_into(&mut self.what);
                report.trials.entry(kind.to_owned()).or_default().0 += 1;
            }
            Some(("@refused", kind)) => {
                report.trials.entry(kind.to_owned()).or_default().1 += 1;
            }
            Some(("@broken", broken)) => report.add(broken, self.number, &self.what),
            Some(("@end", _)) => self.done = true,
            _ if line.starts_with("asked for") || line.starts_with("panic at") => {
                line.clone_into(&mut self.telling);
            }
            _ => {}
        }
    }
}

/// Trials of one child; the number of the trial to go on with.
fn run_child(start: u64, end: u64, report: &mut Report) -> u64 {
    let mut child = limited(&format!("{start}..{end}"));
    let (sender, lines) = channel();
    let stdout = BufReader::new(child.stdout.take().unwrap());
    let reader = std::thread::spawn(move || {
        for line in stdout.lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    let mut progress = Progress {
        number: start,
        ..Progress::default()
    };
    let ended = loop {
        match lines.recv_timeout(HANGS) {
            Ok(line) => progress.hear(&line, report),
            Err(RecvTimeoutError::Timeout) => break "hang",
            Err(RecvTimeoutError::Disconnected) => break "abort",
        }
    };
    let _ = child.kill();
    child.wait().unwrap();
    reader.join().unwrap();
    if progress.done {
        return end;
    }
    let telling = &progress.telling;
    let culprit = telling
        .split_once(" bytes: ")
        .map_or(&**telling, |(_, culprit)| culprit);
    let broken = format!("{ended}: {culprit}\t{telling}");
    report.add(&broken, progress.number, &progress.what);
    progress.number + 1
}

/// A child that has 8 GiB of address space, so that the machine survives.
fn limited(range: &str) -> Child {
    let child = child("mutations::trials_of_a_child", ROLE, range);
    let mut limited = std::process::Command::new("sh");
    limited.args(["-c", "ulimit -v 8388608; exec \"$@\" 2>&1", "sh"]);
    limited
        .arg(child.get_program())
        .args(child.get_args())
        .env(ROLE, range);
    limited.stdout(Stdio::piped()).stdin(Stdio::null());
    limited.spawn().unwrap()
}

#[test]
fn no_change_with_a_repaired_checksum_panics_hangs_or_takes_memory_without_bound() {
    let number = |name: &str| {
        std::env::var(name)
            .ok()
            .and_then(|text| text.parse::<u64>().ok())
    };
    let start = number("TLC_HOSTILE_FIRST").unwrap_or(0);
    let trials = number("TLC_HOSTILE_TRIALS").unwrap_or(TRIALS);
    let begun = Instant::now();
    let mut report = Report::default();
    let processes = std::thread::available_parallelism()
        .map_or(1, |n| n.get() as u64)
        .min(trials);
    let bound = |process: u64| start + trials * process / processes;
    std::thread::scope(|scope| {
        let work = |process| scope.spawn(move || run(bound(process), bound(process + 1)));
        let threads: Vec<_> = (0..processes).map(work).collect();
        for thread in threads {
            report.merge(thread.join().unwrap());
        }
    });
    for (kind, (count, refused)) in &report.trials {
        println!("{kind}: {count} trials, {refused} refused");
    }
    println!("in {:.0?}", begun.elapsed());
    for (broken, (count, first)) in &report.broken {
        println!("  {count} times {broken}: {first}");
    }
    assert!(
        report.broken.is_empty(),
        "{} kinds of failure",
        report.broken.len()
    );
    // A checkpoint that is damaged is passed over.
    let idle = |(kind, (count, refused)): (&String, &(u64, u64))| {
        (kind != "checkpoint" && *refused < count / 4).then(|| kind.clone())
    };
    let idle: Vec<String> = report.trials.iter().filter_map(idle).collect();
    assert!(
        idle.is_empty() || trials < TRIALS,
        "changes of {idle:?} do nothing"
    );
}
