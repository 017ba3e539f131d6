//! Sealed reducers in another's place: each is what was once saved, but not there.
#![allow(clippy::unwrap_used, clippy::panic)] // a test stops at the first surprise

use std::path::{Path, PathBuf};
use tlc_core::{Run, RunOptions, Url};
use tlc_findings::Embeddings;
use tlc_findings::reduce::{Pca, Umap, UmapOptions, load, save};

/// Runs `a` and `b`, each with reducers of its own under the same names; the folder of `a`.
fn project(folder: &Path) -> (Run, PathBuf) {
    let root = Url::from_path(folder).unwrap();
    let run = |name: &str, shift: usize| {
        let run = Run::create(RunOptions::new("p").name(name).root(&root)).unwrap();
        for (at, number) in ["one", "two"].iter().enumerate() {
            let value = |row: usize| ((row + shift + at) as f32 * 1.7).sin();
            let embeddings = Embeddings::new((0..60).map(value).collect(), 3).unwrap();
            save(
                Pca::fit(&embeddings, 2).unwrap(),
                &run,
                &format!("pca {number}"),
            )
            .unwrap();
            let options = UmapOptions::new().neighbors(4).epochs(5);
            let umap = Umap::fit(&embeddings, &options).unwrap();
            save(umap, &run, &format!("umap {number}")).unwrap();
        }
        run
    };
    run("b", 7);
    (run("a", 0), folder.join("p/runs/a/models"))
}

fn put(from: &Path, to: &Path) {
    let bytes = std::fs::read(from).unwrap();
    std::fs::remove_file(to).unwrap();
    std::fs::write(to, bytes).unwrap();
}

/// Loads a reducer; what is wrong with the answer, if it is no error that names the file.
fn complaint(run: &Run, name: &str, what: &str) -> Option<String> {
    match load(run, name) {
        Ok(_) => Some(format!("{what} as `{name}`: nobody notices")),
        Err(error) if error.to_string().contains("models/") => None,
        Err(error) => Some(format!("{what} as `{name}`: {error}")),
    }
}

#[test]
fn reducers_in_anothers_place_are_noticed() {
    let mut complaints = Vec::new();
    for (name, others) in [
        (
            "pca one",
            ["a/models/pca two", "a/models/umap two", "b/models/pca one"],
        ),
        (
            "umap one",
            ["a/models/umap two", "a/models/pca two", "b/models/umap one"],
        ),
    ] {
        for other in others {
            let folder = tempfile::tempdir().unwrap();
            let (run, models) = project(folder.path());
            let from = folder.path().join(format!("p/runs/{other}.json"));
            put(&from, &models.join(format!("{name}.json")));
            complaints.extend(complaint(&run, name, other));
        }
    }
    assert!(complaints.is_empty(), "{complaints:#?}");
}

#[test]
fn fitted_rows_in_anothers_place_are_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let (run, models) = project(folder.path());
    let entries = std::fs::read_dir(&models).unwrap();
    let mut rows: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    rows.retain(|path| path.extension().is_some_and(|ending| ending == "arrow"));
    rows.sort();
    put(&rows[1], &rows[0]);
    assert_eq!(complaint(&run, "umap one", "rows of another"), None);
}
