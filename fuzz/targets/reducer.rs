//! A saved reducer, used once.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tlc_core::Run;
use tlc_findings::{Embeddings, reduce};
use tlc_fuzz::{Project, tell_panics};

const RUN: &str = "demo/runs/empty";

fuzz_target!(init: tell_panics(), |line: &[u8]| {
    let project = Project::of_fixtures(RUN, |name| name.contains("/commits/"));
    project.put_sealed(&format!("{RUN}/models/x.json"), line);
    let run = Run::from_url(project.url(RUN)).unwrap();
    if let Ok(reducer) = reduce::load(&run, "x") {
        let embeddings = Embeddings::new(vec![0.5; 8], 4).unwrap();
        let _ = reducer.transform(&embeddings);
    }
});
