//! Files of arrays that others may have written: `.npy`, `.npz`, IDX, CIFAR; the first byte
//! says which.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tlc_formats::{Cifar, Format, Idx, ImportOptions, NumPy, import};
use tlc_fuzz::{Project, tell_panics};

fuzz_target!(init: tell_panics(), |bytes: &[u8]| {
    let Some((kind, bytes)) = bytes.split_first() else {
        return;
    };
    let name = match kind {
        b'n' => "x.npy",
        b'z' => "x.npz",
        b'c' => "test_batch.bin",
        _ => "x-idx",
    };
    let project = Project::default();
    project.put(&format!("data/{name}"), bytes.to_vec());
    let (folder, file) = (project.url("data"), project.url(&format!("data/{name}")));
    let format: Box<dyn Format> = match kind {
        b'n' | b'z' => Box::new(NumPy::new(file)),
        b'c' => Box::new(Cifar::new(folder)),
        b't' => Box::new(Idx::new(file).tensors()),
        _ => Box::new(Idx::new(file)),
    };
    let options = ImportOptions::new("p", "d").root(project.url("projects"));
    let _ = import(&*format, options);
});
