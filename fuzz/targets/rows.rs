//! Files of rows that others may have written: CSV, JSON lines, Arrow, Parquet; the first byte
//! says which.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tlc_formats::{Arrow, Csv, Format, ImportOptions, JsonLines, Parquet, import};
use tlc_fuzz::{Project, tell_panics};

fuzz_target!(init: tell_panics(), |bytes: &[u8]| {
    let Some((kind, bytes)) = bytes.split_first() else {
        return;
    };
    let project = Project::default();
    project.put("file", bytes.to_vec());
    let file = project.url("file");
    let format: Box<dyn Format> = match kind {
        b'c' => Box::new(Csv::new(file)),
        b't' => Box::new(Csv::new(file).delimiter(b'\t').no_header().no_quotes().trim()),
        b'j' => Box::new(JsonLines::new(file)),
        b'a' => Box::new(Arrow::new(file)),
        _ => Box::new(Parquet::new(file)),
    };
    let options = ImportOptions::new("p", "d").root(project.url("projects"));
    let options = if bytes.len() % 2 == 0 { options } else { options.skip_bad_rows() };
    let _ = import(&*format, options);
});
