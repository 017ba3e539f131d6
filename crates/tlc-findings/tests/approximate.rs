//! Approximate neighbours: the recall that is asked for and told, held against exact search.
#![allow(clippy::unwrap_used, clippy::panic)] // a test stops at the first surprise

use tlc_findings::neighbors::{
    DUPLICATE_THRESHOLD, Metric, Neighbors, Search, near_duplicates, nearest, nearest_by,
    nearest_to_by, outliers,
};
use tlc_findings::{Embeddings, Error};

const DIM: usize = 12;

/// Numbers between -0.5 and 0.5 (splitmix64).
fn uniform(seed: usize) -> f32 {
    let mut x = (seed as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((x ^ (x >> 31)) >> 40) as f32 / (1 << 24) as f32 - 0.5
}

/// Points around fifty centres; each hundredth is that before it.
fn clusters(rows: usize) -> Embeddings {
    let value = |at: usize| {
        let (row, column) = (at / DIM, at % DIM);
        let row = if row % 100 == 99 { row - 1 } else { row };
        4.0 * uniform(column + 1_000 * (row % 50)) + uniform(1_000_000 + row * DIM + column)
    };
    Embeddings::new((0..rows * DIM).map(value).collect(), DIM).unwrap()
}

fn approximate(recall: f64, seed: u64) -> Search {
    Search::Approximate { recall, seed }
}

/// The share of the exact neighbours that were found.
fn recall(found: &Neighbors, exact: &Neighbors) -> f64 {
    let hits = (0..exact.len()).map(|query| {
        let found = found.rows(query);
        let hits = exact.rows(query).iter().filter(|row| found.contains(row));
        hits.count()
    });
    hits.sum::<usize>() as f64 / (exact.len() * exact.k()) as f64
}

#[test]
fn the_asked_recall_is_reached_and_the_told_one_is_true() {
    let embeddings = clusters(1_200);
    for metric in [Metric::Cosine, Metric::Euclidean] {
        let exact = nearest_by(Search::Exact, &embeddings, 10, metric).unwrap();
        assert_eq!(exact.recall(), 1.0);
        for asked in [0.5, 0.95] {
            let found = nearest_by(approximate(asked, 1), &embeddings, 10, metric).unwrap();
            let true_one = recall(&found, &exact);
            assert!(
                true_one >= asked,
                "{metric:?}: asked {asked}, found {true_one}"
            );
            let told = found.recall();
            assert!(
                (told - true_one).abs() < 0.03,
                "told {told}, found {true_one}"
            );
            assert_eq!((found.len(), found.k()), (1_200, 10));
        }
        let less = nearest_by(approximate(0.3, 1), &embeddings, 10, metric).unwrap();
        assert!(
            recall(&less, &exact) < 0.999,
            "it does not search everywhere"
        );
        let all = nearest_by(approximate(1.0, 1), &embeddings, 10, metric).unwrap();
        assert!(recall(&all, &exact) > 0.999);
    }
}

#[test]
fn distances_are_true_and_ascend_and_no_row_is_its_own_neighbour() {
    let embeddings = clusters(2_000);
    let found = nearest_by(approximate(0.9, 0), &embeddings, 7, Metric::Euclidean).unwrap();
    for query in 0..found.len() {
        let (rows, distances) = (found.rows(query), found.distances(query));
        assert!(distances.is_sorted());
        let mut seen = rows.to_vec();
        seen.sort_unstable();
        seen.dedup();
        assert!(seen.len() == 7 && !rows.contains(&u32::try_from(query).unwrap()));
        for (row, distance) in rows.iter().zip(distances) {
            let pairs = embeddings
                .row(query)
                .iter()
                .zip(embeddings.row(*row as usize));
            let squares = pairs.map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2));
            assert!((squares.sum::<f64>().sqrt() - distance).abs() < 1e-12);
        }
    }
}

#[test]
fn duplicates_are_found_whatever_the_recall() {
    let embeddings = clusters(1_500);
    let found = nearest_by(approximate(0.01, 0), &embeddings, 1, Metric::Euclidean).unwrap();
    let duplicates = near_duplicates(&found, 0.0001);
    let pairs: Vec<(i64, i64)> = (99..1_500).step_by(100).map(|row| (row - 1, row)).collect();
    let mut found: Vec<(i64, i64)> = duplicates.pairs.iter().map(|(a, b, _)| (*a, *b)).collect();
    found.sort_unstable();
    assert_eq!(found, pairs);
}

#[test]
fn the_same_seed_gives_the_same_neighbours_whatever_the_number_of_threads() {
    let embeddings = clusters(1_000);
    let with = |threads, seed| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        let search = || nearest_by(approximate(0.6, seed), &embeddings, 5, Metric::Cosine).unwrap();
        pool.build().unwrap().install(search)
    };
    assert_eq!(with(1, 3), with(3, 3));
    assert_ne!(with(1, 3), with(1, 4));
}

#[test]
fn queries_of_another_table_are_searched_likewise() {
    let (embeddings, queries) = (clusters(2_000), clusters(300));
    let by = |search| nearest_to_by(search, &queries, &embeddings, 4, Metric::Euclidean).unwrap();
    let (exact, found) = (by(Search::Exact), by(approximate(0.95, 0)));
    assert!(recall(&found, &exact) >= 0.95 && found.len() == 300);
    assert!((0..300).all(|query| found.distances(query)[0] == 0.0));
    let none = Embeddings::new(vec![], DIM).unwrap();
    let found = nearest_to_by(approximate(0.9, 0), &none, &embeddings, 4, Metric::Cosine);
    assert!(found.unwrap().is_empty());
}

#[test]
fn vectors_that_are_all_the_same_zero_or_few_are_searched() {
    let same = Embeddings::new(vec![0.25; 1_500 * 3], 3).unwrap();
    let zero = Embeddings::new(vec![0.0; 200 * 3], 3).unwrap();
    for (embeddings, metric, distance) in [
        (&same, Metric::Euclidean, 0.0),
        (&same, Metric::Cosine, 0.0),
        (&zero, Metric::Euclidean, 0.0),
        (&zero, Metric::Cosine, 1.0),
    ] {
        let found = nearest_by(approximate(0.9, 0), embeddings, 3, metric).unwrap();
        assert_eq!(
            (found.rows(0), found.rows(9)),
            (&[1, 2, 3][..], &[0, 1, 2][..])
        );
        assert_eq!(found.distances(7), [distance; 3]);
    }
    // As many neighbours as there are others: all cells are looked into.
    let few = clusters(30);
    let found = nearest_by(approximate(0.1, 0), &few, 29, Metric::Euclidean).unwrap();
    let exact = nearest(&few, 29, Metric::Euclidean).unwrap();
    assert!((0..30).all(|query| found.rows(query) == exact.rows(query)));
    let two = Embeddings::new(vec![1.0, 2.0], 1).unwrap();
    let found = nearest_by(approximate(0.5, 0), &two, 1, Metric::Euclidean).unwrap();
    assert_eq!((found.rows(0), found.rows(1)), (&[1][..], &[0][..]));
}

#[test]
fn findings_of_approximate_neighbours_are_those_of_exact_ones() {
    let embeddings = clusters(1_500);
    let by = |search| nearest_by(search, &embeddings, 10, Metric::Euclidean).unwrap();
    let (exact, found) = (by(Search::Exact), by(approximate(0.95, 0)));
    let scores = outliers(&exact, 1.0)
        .scores
        .into_iter()
        .zip(outliers(&found, 1.0).scores);
    let far = scores
        .filter(|(exact, found)| (exact - found).abs() > 0.05)
        .count();
    assert!(far < 15, "{far} of 1,500 outlier scores differ");
    let of = |neighbors| near_duplicates(neighbors, DUPLICATE_THRESHOLD).sets;
    assert_eq!(of(&found), of(&exact));
}

#[test]
fn a_recall_out_of_range_is_refused() {
    let embeddings = clusters(20);
    for recall in [0.0, -0.5, 1.01, f64::NAN, f64::INFINITY] {
        let refused = nearest_by(approximate(recall, 0), &embeddings, 2, Metric::Cosine);
        assert!(matches!(
            refused,
            Err(Error::Setting {
                setting: "recall",
                ..
            })
        ));
    }
    let refused = nearest_by(approximate(0.9, 0), &embeddings, 20, Metric::Cosine);
    assert!(matches!(refused, Err(Error::TooFew { .. })));
}
