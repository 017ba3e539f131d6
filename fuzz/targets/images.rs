//! An image that others may have written, in a folder or named by a row: it is taken as it is,
//! or told.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tlc_formats::{Csv, Format, ImageFolder, ImagePaths, ImportOptions, import};
use tlc_fuzz::{Project, tell_panics};

fuzz_target!(init: tell_panics(), |bytes: &[u8]| {
    let Some((kind, bytes)) = bytes.split_first() else {
        return;
    };
    let project = Project::default();
    let folder = project.url("data");
    let format: Box<dyn Format> = match kind {
        b'p' => {
            project.put("data/rows.csv", [b"path\n", bytes].concat());
            project.put("data/x.png", b"no image".to_vec());
            let rows = Csv::new(project.url("data/rows.csv"));
            Box::new(ImagePaths::new(rows, "path", folder))
        }
        b'u' => {
            project.put("data/x.png", bytes.to_vec());
            Box::new(ImageFolder::new(folder).by_url())
        }
        _ => {
            project.put("data/x.png", bytes.to_vec());
            Box::new(ImageFolder::new(folder))
        }
    };
    let options = ImportOptions::new("p", "d").root(project.url("projects"));
    let _ = import(&*format, options.skip_bad_rows());
});
