//! A folder of images, a class a folder below it, made a table by `tlc-formats` beside Burn's
//! `ImageFolderDataset`, in turns: `image-folder FOLDER SCRATCH`.
//!
//! Burn lists the files when it opens the folder, and reads and decodes each when it is asked
//! for, in every epoch. An import reads each once and decodes its header.

use burn_dataset::Dataset;
use burn_dataset::vision::ImageFolderDataset;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Instant;
use tlc_core::{IfExists, Url};
use tlc_formats::{ImageFolder, ImportOptions, import};

const ROUNDS: usize = 3;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [folder, scratch] = arguments.as_slice() else {
        return Err("image-folder FOLDER SCRATCH".into());
    };
    for _ in 0..ROUNDS {
        per_second("Burn lists", || burn(folder, 0))?;
        per_second("Burn lists, reads and decodes, one by one", || {
            burn(folder, usize::MAX)
        })?;
        per_second("tlc imports", || tlc(folder, scratch))?;
    }
    Ok(())
}

/// Opens the folder, and asks for so many images.
fn burn(folder: &Path, images: usize) -> Result<usize, Box<dyn Error>> {
    let opened = ImageFolderDataset::new_classification(folder)?;
    for index in 0..opened.len().min(images) {
        std::hint::black_box(opened.get(index)?);
    }
    Ok(opened.len())
}

fn tlc(folder: &Path, scratch: &Path) -> Result<usize, Box<dyn Error>> {
    let options = ImportOptions::new("bench", "images").root(Url::from_path(scratch)?);
    let options = options.if_exists(IfExists::Overwrite);
    Ok(import(&ImageFolder::new(folder), options)?.table.len())
}

fn per_second(
    what: &str,
    work: impl FnOnce() -> Result<usize, Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    let files = work()?;
    let secs = start.elapsed().as_secs_f64();
    println!(
        "{what}: {files} files in {secs:.2} s, {:.0} a second",
        files as f64 / secs
    );
    Ok(())
}
