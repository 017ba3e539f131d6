//! The commit of a table whose parts are those of version 1.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tlc_fuzz::{Project, read_table, tell_panics};

const TABLES: &str = "demo/datasets/samples/tables";

fuzz_target!(init: tell_panics(), |line: &[u8]| {
    let project = Project::of_fixtures(&format!("{TABLES}/two parts"), |name| name.ends_with(".parquet"));
    let table = format!("{TABLES}/two parts");
    project.put_sealed(&format!("{table}/commits/00000000000000000000.json"), line);
    let _ = read_table(&project.url(&table));
});
