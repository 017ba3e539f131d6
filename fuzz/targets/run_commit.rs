//! A commit after the first of a run, which may name the files of a run of version 1.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tlc_fuzz::{Project, read_run, tell_panics};

const RUN: &str = "demo/runs/overwritten";

fuzz_target!(init: tell_panics(), |line: &[u8]| {
    let first = format!("{RUN}/commits/00000000000000000000.json");
    let project = Project::of_fixtures(RUN, |name| name == first || name.ends_with(".parquet"));
    project.put_sealed(&format!("{RUN}/commits/00000000000000000001.json"), line);
    let _ = read_run(&project.url(RUN));
});
