//! Reduction: against scikit-learn, kept in a run, applied beside its source.
#![allow(clippy::unwrap_used, clippy::panic)] // a test stops at the first surprise

use serde::{Deserialize, Serialize};
use tlc_core::arrow::array::AsArray;
use tlc_core::arrow::datatypes::{Float32Type, Int64Type};
use tlc_core::{
    AddMetrics, Columns, Error as Core, MetricsTable, Run, RunOptions, Table, TableOptions, Url,
};
use tlc_findings::reduce::{Pca, apply, load, save};
use tlc_findings::{Embeddings, Error};

#[derive(Deserialize)]
struct Case {
    values: Vec<f32>,
    dim: usize,
    points: Vec<f32>,
    explained_variance: Vec<f64>,
    explained_variance_ratio: Vec<f64>,
}

fn case() -> Case {
    serde_json::from_str(include_str!("golden/pca/case.json")).unwrap()
}

#[derive(Serialize)]
struct Sample {
    label: i32,
}

/// A run with the embeddings of the case in epoch 4, the last sample first.
fn run(root: &Url, case: &Case) -> (Run, Table, MetricsTable) {
    let samples = case.values.len() / case.dim;
    let options = TableOptions::new("project", "data", "initial").root(root);
    let rows: Vec<Sample> = (0..samples).map(|_| Sample { label: 0 }).collect();
    let table = Table::create(options, |writer| writer.add_rows(&rows)).unwrap();
    let run = Run::create(RunOptions::new("project").root(root)).unwrap();
    let ids = (0..i64::try_from(samples).unwrap()).rev();
    let columns = Columns::new()
        .column("example_id", ids.collect::<Vec<_>>())
        .column("embeddings_hidden", case.values.as_chunks::<8>().0.to_vec());
    let about = AddMetrics::new()
        .foreign_table(&table)
        .foreign_table_display_name("train")
        .constant("epoch", 4)
        .constant("phase", "warm-up");
    let metrics = run.add_metrics(columns, about).unwrap();
    (run, table, metrics)
}

fn assert_close(found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-9, "{found} {expected}");
    }
}

#[test]
fn components_variances_and_signs_are_those_of_scikit_learn() {
    let case = case();
    let embeddings = Embeddings::new(case.values.clone(), case.dim).unwrap();
    let pca = Pca::fit(&embeddings, 3).unwrap();
    assert_close(pca.explained_variance(), &case.explained_variance);
    assert_close(
        &pca.explained_variance_ratio(),
        &case.explained_variance_ratio,
    );
    let points = pca.transform(&embeddings).unwrap();
    assert_eq!((points.len(), points.dim()), (50, 3));
    for (found, expected) in points.values().iter().zip(&case.points) {
        assert!((found - expected).abs() < 1e-5, "{found} {expected}");
    }
    assert_eq!(pca, Pca::fit(&embeddings, 3).unwrap());
}

#[test]
fn a_saved_reducer_comes_back_exactly_and_is_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let root = Url::from_path(folder.path()).unwrap();
    let case = case();
    let (run, _, metrics) = run(&root, &case);
    let embeddings = Embeddings::of_metrics(&metrics, "embeddings_hidden").unwrap();
    let pca = Pca::fit(&embeddings, 2).unwrap();
    let url = save(&pca, &run, "hidden").unwrap();
    save(&pca, &run, "hidden").unwrap(); // the same again changes nothing
    let other = Pca::fit(&embeddings, 3).unwrap();
    assert!(matches!(
        save(&other, &run, "hidden"),
        Err(Error::Core(Core::AlreadyExists { .. }))
    ));
    let reopened = Run::from_url(run.url()).unwrap();
    assert_eq!(load(&reopened, "hidden").unwrap(), (&pca).into());
    assert!(matches!(
        load(&reopened, "pooled"),
        Err(Error::Core(Core::NotFound { .. }))
    ));
    assert!(save(&pca, &run, "../hidden").is_err());

    let path = folder
        .path()
        .join("project/runs")
        .join(run.name())
        .join("models/hidden.json");
    assert!(url.to_string().ends_with("models/hidden.json"));
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::remove_file(&path).unwrap();
    std::fs::write(&path, bytes).unwrap();
    assert!(matches!(
        load(&reopened, "hidden"),
        Err(Error::Core(Core::Corrupt { .. }))
    ));
}

#[test]
fn the_reduced_table_stands_beside_its_source_with_ids_table_and_constants() {
    let root = Url::parse("memory://reduce-apply").unwrap();
    let case = case();
    let (run, table, source) = run(&root, &case);
    let pca = Pca::fit(
        &Embeddings::of_metrics(&source, "embeddings_hidden").unwrap(),
        3,
    )
    .unwrap();
    let before = source.read().unwrap();
    let reduced = apply(&pca, &run, &source, "embeddings_hidden").unwrap();
    assert_eq!(run.metrics().unwrap()[0].read().unwrap(), before);
    assert!(reduced.is_about(&table));
    assert_eq!(reduced.foreign_table_display_name(), Some("train"));
    assert_eq!(reduced.constants().collect::<Vec<_>>(), ["epoch", "phase"]);
    assert_eq!(
        reduced.schema().column("epoch"),
        source.schema().column("epoch")
    );
    let rows = reduced.read().unwrap();
    assert_eq!(rows["example_id"].as_ref(), before["example_id"].as_ref());
    assert_eq!(rows["epoch"].as_primitive::<Int64Type>().value(49), 4);
    assert_eq!(rows["phase"].as_string::<i32>().value(49), "warm-up");
    let lists = rows["embeddings_hidden_pca"].as_fixed_size_list();
    assert_eq!(lists.value_length(), 3);
    let points = lists.values().as_primitive::<Float32Type>().values();
    for (found, expected) in points.iter().zip(&case.points) {
        assert!((found - expected).abs() < 1e-5, "{found} {expected}");
    }
}

#[test]
fn what_cannot_be_fitted_or_reduced_is_refused() {
    let embeddings = Embeddings::new(vec![0.0, 1.0, 2.0, 4.0], 2).unwrap();
    for components in [0, 3] {
        assert!(matches!(
            Pca::fit(&embeddings, components),
            Err(Error::TooFew { .. })
        ));
    }
    let one = Embeddings::new(vec![0.0, 1.0], 2).unwrap();
    assert!(matches!(Pca::fit(&one, 1), Err(Error::TooFew { .. })));
    let pca = Pca::fit(&embeddings, 1).unwrap();
    let wider = Embeddings::new(vec![0.0; 3], 3).unwrap();
    assert!(matches!(pca.transform(&wider), Err(Error::Shape { .. })));
    let root = Url::parse("memory://reduce-refused").unwrap();
    let (run, _, source) = run(&root, &case());
    assert!(matches!(
        apply(&pca, &run, &source, "embeddings_pooled"),
        Err(Error::NotCollected { .. })
    ));
}
