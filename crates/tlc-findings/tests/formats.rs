//! Reducers that were saved by every version open for ever: each has its fixtures in
//! `tests/fixtures/<version>`, a project root and, as JSON, what was saved into it.
#![allow(clippy::unwrap_used, clippy::panic)] // a test stops at the first surprise

use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use tlc_core::{AddMetrics, Columns, MetricsTable, Run, RunOptions, Url};
use tlc_findings::Embeddings;
use tlc_findings::reduce::{self, Pca, Reducer, Umap, UmapOptions};

const DIM: usize = 4;
const COLUMN: &str = "embeddings_hidden";
const NAMES: [&str; 3] = ["pca", "umap", "umap in 3-D"];

fn fixtures(version: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    folder.join(version)
}

/// A copy of a version's project root, and its run.
fn copy(version: &str) -> (tempfile::TempDir, Run) {
    let folder = tempfile::tempdir().unwrap();
    copy_files(&fixtures(version).join("root"), folder.path());
    let root = Url::from_path(folder.path()).unwrap();
    let run = Run::from_url(root.join("demo/runs/reduced").unwrap()).unwrap();
    (folder, run)
}

fn copy_files(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy_files(&entry.path(), &to),
            false => drop(std::fs::copy(entry.path(), to).unwrap()),
        }
    }
}

fn source(run: &Run) -> MetricsTable {
    run.metrics().unwrap()[0].clone()
}

/// What a reducer makes of the embeddings it was fitted on, as the bits of each number.
fn told(reducer: &Reducer, embeddings: &Embeddings) -> Value {
    let points = reducer.transform(embeddings).unwrap();
    let bits = |value: &f32| format!("{:08x}", value.to_bits());
    let points: Vec<Vec<String>> = points
        .rows()
        .map(|row| row.iter().map(bits).collect())
        .collect();
    let mut told = json!({ "components": reducer.components(), "points": points });
    if let Reducer::Pca(pca) = reducer {
        let bits = |value: &f64| format!("{:016x}", value.to_bits());
        let variance: Vec<String> = pca.explained_variance().iter().map(bits).collect();
        told["explained_variance"] = variance.into();
        let ratio = pca.explained_variance_ratio();
        told["explained_variance_ratio"] = ratio.iter().map(bits).collect::<Vec<_>>().into();
    }
    told
}

/// Writes the fixtures of the version that this code writes: `TLC_MAKE_FIXTURES=<folder>
/// cargo test -p tlc-findings --test formats make`. A version's fixtures are made once, by
/// the last program that wrote it, and never again.
#[test]
fn make() {
    let Ok(folder) = std::env::var("TLC_MAKE_FIXTURES") else {
        return;
    };
    let folder = Path::new(&folder);
    let root = Url::from_path(&folder.join("root")).unwrap();
    let run = Run::create(RunOptions::new("demo").name("reduced").root(&root)).unwrap();
    let vector = |row: usize| -> [f32; DIM] {
        std::array::from_fn(|at| ((row * row + at * 5) as f32).sin() + (row / 20) as f32)
    };
    let vectors: Vec<[f32; DIM]> = (0..40).map(vector).collect();
    let columns = Columns::new().column(COLUMN, vectors);
    run.add_metrics(columns, AddMetrics::new().constant("epoch", 3))
        .unwrap();
    let embeddings = Embeddings::of_metrics(&source(&run), COLUMN).unwrap();
    let options = UmapOptions::new().neighbors(5);
    let flat = Umap::fit(&embeddings, &options).unwrap();
    let cosine = options
        .metric(tlc_findings::neighbors::Metric::Cosine)
        .components(3);
    let solid = Umap::fit(&embeddings, &cosine).unwrap();
    let reducers: [Reducer; 3] = [
        Pca::fit(&embeddings, 2).unwrap().into(),
        flat.into(),
        solid.into(),
    ];
    let mut expected = serde_json::Map::new();
    for (name, reducer) in NAMES.iter().zip(reducers) {
        expected.insert((*name).to_owned(), told(&reducer, &embeddings));
        reduce::save(reducer, &run, name).unwrap();
    }
    run.close().unwrap();
    let text = serde_json::to_string(&expected)
        .unwrap()
        .replace("\"],[", "\"],\n[");
    std::fs::write(folder.join("expected.json"), text + "\n").unwrap();
}

#[test]
fn every_reducer_of_version_1_opens_and_reduces_as_it_did() {
    let (_folder, run) = copy("v1");
    let text = std::fs::read_to_string(fixtures("v1").join("expected.json")).unwrap();
    let expected: Value = serde_json::from_str(&text).unwrap();
    let embeddings = Embeddings::of_metrics(&source(&run), COLUMN).unwrap();
    for name in NAMES {
        let reducer = reduce::load(&run, name).unwrap();
        assert_eq!(told(&reducer, &embeddings), expected[name], "{name}");
    }
}

#[test]
fn a_run_of_version_1_takes_more_reducers_and_keeps_those_it_has() {
    let (_folder, run) = copy("v1");
    for name in NAMES {
        let loaded = reduce::load(&run, name).unwrap();
        let again = format!("{name} again");
        reduce::save(&loaded, &run, &again).unwrap();
        let reopened = Run::from_url(run.url()).unwrap();
        assert_eq!(reduce::load(&reopened, &again).unwrap(), loaded);
        assert_eq!(reduce::load(&reopened, name).unwrap(), loaded);
        reduce::apply(&loaded, &run, &source(&run), COLUMN).unwrap();
    }
    assert_eq!(
        Run::from_url(run.url()).unwrap().metrics().unwrap().len(),
        4
    );
}

#[test]
fn every_fixture_has_a_test() {
    let names = |folder: PathBuf| {
        let entries = std::fs::read_dir(folder).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.collect::<BTreeSet<String>>()
    };
    assert_eq!(names(fixtures("")), ["v1".to_owned()].into());
    let models = names(fixtures("v1").join("root/demo/runs/reduced/models"));
    let documents = models.iter().filter_map(|name| name.strip_suffix(".json"));
    assert_eq!(BTreeSet::from_iter(documents), BTreeSet::from(NAMES));
    assert_eq!(models.len(), 5, "each UMAP has a file of rows: {models:?}");
}
