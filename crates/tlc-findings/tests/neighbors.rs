//! Nearest neighbours: against scikit-learn, cleanlab and brute force.
#![allow(clippy::unwrap_used, clippy::panic)] // a test stops at the first surprise

use serde::Deserialize;
use tlc_findings::neighbors::{
    DUPLICATE_THRESHOLD, Metric, near_duplicates, nearest, nearest_to, outliers,
};
use tlc_findings::{Embeddings, Error};

#[derive(Deserialize)]
struct Case {
    values: Vec<f32>,
    dim: usize,
    k: usize,
    cosine: Expected,
    euclidean: Expected,
}

#[derive(Deserialize)]
struct Expected {
    distances: Vec<Vec<f64>>,
    outlier_scores: Vec<f64>,
    duplicate_pairs: Vec<(i64, i64)>,
}

/// Values between -1 and 1 by formula, those of every seventh row those of the row before.
fn embeddings(rows: usize, dim: usize) -> Embeddings {
    let value = |at: usize| {
        let (row, column) = (at / dim, at % dim);
        let row = if row % 7 == 6 { row - 1 } else { row };
        ((row * 97 + column * 31 + row * column) as f32 * 0.37).sin()
    };
    Embeddings::new((0..rows * dim).map(value).collect(), dim).unwrap()
}

fn distance(a: &[f32], b: &[f32], metric: Metric) -> f64 {
    let wide = |row: &[f32]| {
        row.iter()
            .map(|value| f64::from(*value))
            .collect::<Vec<_>>()
    };
    let (a, b) = (wide(a), wide(b));
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    match metric {
        Metric::Cosine => 1.0 - dot(&a, &b) / (dot(&a, &a) * dot(&b, &b)).sqrt(),
        Metric::Euclidean => {
            let difference: Vec<f64> = a.iter().zip(&b).map(|(a, b)| a - b).collect();
            dot(&difference, &difference).sqrt()
        }
    }
}

#[test]
fn neighbours_are_those_of_brute_force_over_several_blocks() {
    let embeddings = embeddings(1_300, 16); // more than one block of rows and of queries
    for metric in [Metric::Cosine, Metric::Euclidean] {
        let found = nearest(&embeddings, 6, metric).unwrap();
        assert_eq!((found.len(), found.k()), (1_300, 6));
        for query in (0..1_300).step_by(13) {
            let others = (0..1_300).filter(|row| *row != query);
            let mut all: Vec<(f64, usize)> = others
                .map(|row| {
                    (
                        distance(embeddings.row(query), embeddings.row(row), metric),
                        row,
                    )
                })
                .collect();
            all.sort_by(|a, b| a.0.total_cmp(&b.0));
            for (at, (row, found)) in found
                .rows(query)
                .iter()
                .zip(found.distances(query))
                .enumerate()
            {
                assert!(
                    (found - all[at].0).abs() < 1e-7,
                    "{query} {at}: {found} {}",
                    all[at].0
                );
                let own = distance(embeddings.row(query), embeddings.row(*row as usize), metric);
                assert!((found - own).abs() < 1e-7);
                assert_ne!(*row as usize, query);
            }
        }
    }
}

#[test]
fn very_small_and_very_large_vectors_have_the_neighbours_of_brute_force() {
    let plain = embeddings(600, 8);
    for scale in [1e-30_f32, 1e30] {
        let scaled = plain.values().iter().map(|value| value * scale).collect();
        let scaled = Embeddings::new(scaled, 8).unwrap();
        for metric in [Metric::Cosine, Metric::Euclidean] {
            let found = nearest(&scaled, 4, metric).unwrap();
            for query in (0..600).step_by(7) {
                let others = (0..600).filter(|row| *row != query);
                let distances =
                    others.map(|row| distance(scaled.row(query), scaled.row(row), metric));
                let mut expected: Vec<f64> = distances.collect();
                expected.sort_by(f64::total_cmp);
                let unit = match metric {
                    Metric::Cosine => 1.0,
                    Metric::Euclidean => f64::from(scale),
                };
                for (found, expected) in found.distances(query).iter().zip(&expected) {
                    assert!(
                        (found - expected).abs() < 1e-7 * unit,
                        "{metric:?} {scale} {query}"
                    );
                }
            }
        }
    }
}

#[test]
fn duplicates_have_distance_zero_and_equal_distances_are_ordered_by_row() {
    let far = 1e4_f32; // a product of f32 alone would put these apart
    let mut values = vec![far; 40 * 3];
    values.extend([far + 1.0, far, far]);
    let embeddings = Embeddings::new(values, 3).unwrap();
    let found = nearest(&embeddings, 3, Metric::Euclidean).unwrap();
    assert_eq!(found.rows(0), [1, 2, 3]);
    assert_eq!(found.rows(2), [0, 1, 3]);
    assert_eq!(found.distances(39), [0.0; 3]);
    assert_eq!(
        (found.rows(40), found.distances(40)),
        (&[0, 1, 2][..], &[1.0; 3][..])
    );
}

#[test]
fn neighbours_duplicates_and_outliers_are_those_of_the_python_packages() {
    let case: Case = serde_json::from_str(include_str!("golden/neighbors/case.json")).unwrap();
    let embeddings = Embeddings::new(case.values.clone(), case.dim).unwrap();
    for (metric, expected) in [
        (Metric::Cosine, &case.cosine),
        (Metric::Euclidean, &case.euclidean),
    ] {
        let found = nearest(&embeddings, case.k, metric).unwrap();
        for (row, expected) in expected.distances.iter().enumerate() {
            for (found, expected) in found.distances(row).iter().zip(expected) {
                assert!((found - expected).abs() < 1e-9, "{metric:?} {row}");
            }
        }
        let scores = outliers(&found, 1.0);
        for (found, expected) in scores.scores.iter().zip(&expected.outlier_scores) {
            assert!((found - expected).abs() < 1e-9, "{metric:?}");
        }
        let duplicates = near_duplicates(&found, DUPLICATE_THRESHOLD);
        let mut pairs: Vec<_> = duplicates.pairs.iter().map(|(a, b, _)| (*a, *b)).collect();
        pairs.sort_unstable();
        assert_eq!(pairs, expected.duplicate_pairs);
        assert!(duplicates.sets.contains(&vec![3, 51, 58]));
        assert_eq!(duplicates.similarity[58], 1.0);
        if metric == Metric::Euclidean {
            assert_eq!(scores.ranked()[0], 59);
        }
    }
}

#[test]
fn queries_of_another_table_may_find_themselves() {
    let embeddings = embeddings(50, 4);
    let queries = Embeddings::new(embeddings.row(20).to_vec(), 4).unwrap();
    let found = nearest_to(&queries, &embeddings, 2, Metric::Euclidean).unwrap();
    assert_eq!((found.len(), found.distances(0)), (1, &[0.0, 0.0][..]));
    assert_eq!(found.rows(0), [19, 20]);
}

#[test]
fn too_few_rows_and_bad_values_are_refused() {
    let embeddings = embeddings(3, 2);
    for k in [0, 3] {
        assert!(matches!(
            nearest(&embeddings, k, Metric::Cosine),
            Err(Error::TooFew { .. })
        ));
    }
    let queries = Embeddings::new(vec![0.0; 3], 3).unwrap();
    assert!(matches!(
        nearest_to(&queries, &embeddings, 1, Metric::Cosine),
        Err(Error::Shape { .. })
    ));
    assert!(matches!(
        Embeddings::new(vec![0.0, 1.0, f32::NAN, 0.0], 2),
        Err(Error::NotFinite {
            row: 1,
            dimension: 0
        })
    ));
    assert!(Embeddings::new(vec![0.0; 3], 2).is_err() && Embeddings::new(vec![], 0).is_err());
}
