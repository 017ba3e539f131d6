//! Coresets: against brute force, by their own definition, on real digits, and on what nothing
//! can be chosen from.
#![allow(clippy::unwrap_used, clippy::panic)] // a test stops at the first surprise

use proptest::prelude::*;
use serde::Deserialize;
use std::io::Cursor;
use std::path::Path;
use tlc_core::{AddMetrics, Columns, IfExists, Run, RunOptions, Table, TableOptions, Url};
use tlc_findings::coreset::{Coreset, KCenter, k_center, k_center_with};
use tlc_findings::neighbors::Metric;
use tlc_findings::{Embeddings, Error, Progress};

const METRICS: [Metric; 2] = [Metric::Cosine, Metric::Euclidean];

fn distance(a: &[f32], b: &[f32], metric: Metric) -> f64 {
    let length = |v: &[f32]| v.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt();
    let scale = |v: &[f32]| match metric {
        Metric::Cosine => length(v),
        Metric::Euclidean => 1.0,
    };
    if scale(a) == 0.0 || scale(b) == 0.0 {
        return 1.0;
    }
    let pairs = a.iter().zip(b);
    let square = pairs.map(|(x, y)| (f64::from(*x) / scale(a) - f64::from(*y) / scale(b)).powi(2));
    match metric {
        Metric::Cosine => square.sum::<f64>() / 2.0,
        Metric::Euclidean => square.sum::<f64>().sqrt(),
    }
}

/// How far the farthest sample is from the nearest of these.
fn radius(embeddings: &Embeddings, centres: &[usize], metric: Metric) -> f64 {
    let rows = (0..embeddings.len()).filter(|row| !centres.contains(row));
    let nearest = rows.map(|row| {
        let distances = centres
            .iter()
            .map(|centre| distance(embeddings.row(row), embeddings.row(*centre), metric));
        distances.fold(f64::INFINITY, f64::min)
    });
    nearest.fold(0.0, f64::max)
}

fn rows(coreset: &Coreset) -> Vec<usize> {
    coreset.rows().collect()
}

/// All choices of `count` of so many rows.
fn choices(rows: usize, count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![Vec::new()];
    }
    let with_last = (count - 1..rows).flat_map(|last| {
        let before = choices(last, count - 1).into_iter();
        before.map(move |rows| [rows, vec![last]].concat())
    });
    with_last.collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn the_radius_is_at_most_twice_the_smallest_that_there_is(
        values in prop::collection::vec(prop_oneof![-1.0_f32..1.0, Just(0.0)], 2 * 5..2 * 10),
        count in 1_usize..4,
        seed in any::<u64>(),
    ) {
        let values = values[..values.len() / 2 * 2].to_vec();
        let embeddings = Embeddings::new(values, 2).unwrap();
        for (metric, factor) in [(Metric::Euclidean, 2.0), (Metric::Cosine, 4.0)] {
            let found = k_center(&embeddings, &KCenter::new(count).metric(metric).seed(seed)).unwrap();
            let all = choices(embeddings.len(), count).into_iter();
            let smallest = all.map(|rows| radius(&embeddings, &rows, metric)).fold(f64::INFINITY, f64::min);
            prop_assert!(found.radius() <= factor * smallest + 1e-9, "{} {}", found.radius(), smallest);
        }
    }

    #[test]
    fn each_choice_is_the_farthest_from_those_before_and_the_radii_are_true(
        values in prop::collection::vec(prop_oneof![4 => -1e3_f32..1e3, 1 => Just(0.0)], 3 * 12..3 * 60),
        given in prop::collection::btree_set(0_i64..12, 0..4),
        seed in any::<u64>(),
    ) {
        let values = values[..values.len() / 3 * 3].to_vec();
        let embeddings = Embeddings::new(values, 3).unwrap();
        for metric in METRICS {
            let options = KCenter::new(8).metric(metric).seed(seed).given(given.clone());
            let found = k_center(&embeddings, &options).unwrap();
            let mut centres: Vec<usize> = given.iter().map(|id| *id as usize).collect();
            for (row, told) in rows(&found).into_iter().zip(found.radii()) {
                let before = radius(&embeddings, &centres, metric);
                let nearest = centres.iter().map(|centre| distance(embeddings.row(row), embeddings.row(*centre), metric));
                let own = nearest.fold(f64::INFINITY, f64::min);
                prop_assert!(!centres.contains(&row));
                prop_assert!(centres.is_empty() || (own - before).abs() <= 1e-9 * (1.0 + before));
                centres.push(row);
                let after = radius(&embeddings, &centres, metric);
                prop_assert!((told - after).abs() <= 1e-9 * (1.0 + after), "{} {}", told, after);
            }
            prop_assert!(found.radii().is_sorted_by(|one, next| one >= next));
            let fewer = k_center(&embeddings, &KCenter::new(3).metric(metric).seed(seed).given(given.clone())).unwrap();
            prop_assert_eq!(fewer.example_ids(), &found.example_ids()[..3]);
        }
    }
}

#[derive(Deserialize)]
struct Digit {
    image: Vec<u8>,
}

/// The pixels of the first of the project's digits.
fn digits() -> Embeddings {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/digits8x8.parquet");
    let root = Url::parse("memory://coreset-digits").unwrap();
    let options = TableOptions::new("project", "digits", "initial").root(&root);
    let table = Table::from_parquet(path, options.if_exists(IfExists::Reuse)).unwrap();
    let mut pixels = Vec::new();
    for row in table.rows::<Digit>().unwrap().take(500) {
        let image = Cursor::new(row.unwrap().image);
        let mut reader = png::Decoder::new(image).read_info().unwrap();
        let mut grey = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut grey).unwrap();
        pixels.extend(grey.iter().map(|grey| f32::from(*grey)));
    }
    Embeddings::new(pixels, 64).unwrap()
}

#[test]
fn samples_are_chosen_by_the_embeddings_of_a_run_and_become_a_table() {
    let root = Url::parse("memory://coreset-run").unwrap();
    let options = TableOptions::new("demo", "points", "train").root(&root);
    let rows = Columns::new().column("name", vec!["a", "b", "c", "d"]);
    let table = Table::create(options, |writer| writer.add_batch(rows)).unwrap();
    let run = Run::create(RunOptions::new("demo").root(&root)).unwrap();
    let add = |ids: Vec<i64>| {
        let vectors: Vec<[f32; 2]> = ids.iter().map(|id| [*id as f32, 0.0]).collect();
        let values = Columns::new()
            .column("example_id", ids)
            .column("hidden", vectors);
        run.add_metrics(values, AddMetrics::new().foreign_table(&table))
            .unwrap()
    };
    let euclidean = |samples| KCenter::new(samples).metric(Metric::Euclidean);
    let embeddings = Embeddings::of_metrics(&add(vec![3, 0, 2]), "hidden").unwrap();
    let coreset = k_center(&embeddings, &euclidean(2).given([2])).unwrap();
    assert_eq!(coreset.example_ids(), [0, 3]);
    let mut chosen = table.derive().unwrap();
    let chosen = chosen
        .rows(coreset.rows())
        .unwrap()
        .commit("a coreset")
        .unwrap();
    assert_eq!(chosen.row::<(String,)>(1).unwrap().0, "d");
    let twice = Embeddings::of_metrics(&add(vec![1, 0, 1]), "hidden").unwrap();
    let error = k_center(&twice, &euclidean(2)).unwrap_err();
    assert!(
        matches!(error, Error::Repeated { example_id: 1, .. }),
        "{error}"
    );
}

#[test]
fn a_coreset_of_digits_covers_them_better_than_as_many_by_chance() {
    let digits = digits();
    for metric in METRICS {
        let found = k_center(&digits, &KCenter::new(50).metric(metric)).unwrap();
        let chosen = rows(&found);
        let told = radius(&digits, &chosen, metric);
        assert!((found.radius() - told).abs() < 1e-9, "{told}");
        let spread: Vec<usize> = (0..50).map(|at| at * digits.len() / 50).collect();
        let by_chance = radius(&digits, &spread, metric);
        assert!(
            found.radius() < 0.9 * by_chance,
            "{} {by_chance}",
            found.radius()
        );
        let one_thread = rayon::ThreadPoolBuilder::new()
            .num_threads(1)
            .build()
            .unwrap();
        let alone = one_thread.install(|| k_center(&digits, &KCenter::new(50).metric(metric)));
        assert_eq!(alone.unwrap(), found);
    }
}

#[test]
fn a_seed_says_the_first_sample_and_those_given_leave_nothing_to_chance() {
    let digits = digits();
    let first = |options: KCenter| k_center(&digits, &options).unwrap().example_ids()[0];
    assert_eq!(
        first(KCenter::new(2).seed(1)),
        first(KCenter::new(5).seed(1))
    );
    assert_ne!(
        first(KCenter::new(2).seed(1)),
        first(KCenter::new(2).seed(2))
    );
    let given = || KCenter::new(4).given([3, 9, 3]);
    assert_eq!(first(given().seed(1)), first(given().seed(2)));
    let all = k_center(&digits, &given()).unwrap();
    assert!(!all.example_ids().contains(&3) && !all.example_ids().contains(&9));
}

#[test]
fn duplicates_are_chosen_last_and_all_samples_once() {
    let embeddings = Embeddings::new(vec![2.0, 2.0, 0.0, 0.0, 7.0, 2.0], 1).unwrap();
    let options = KCenter::new(6).metric(Metric::Euclidean).seed(3);
    let found = k_center(&embeddings, &options).unwrap();
    let mut first: Vec<f32> = rows(&found)[..3]
        .iter()
        .map(|row| embeddings.row(*row)[0])
        .collect();
    first.sort_by(f32::total_cmp);
    assert_eq!(first, [0.0, 2.0, 7.0]);
    assert_eq!(found.radii()[2..], [0.0; 4]);
    let mut all = rows(&found);
    assert!(all[3..].is_sorted());
    all.sort_unstable();
    assert_eq!(all, [0, 1, 2, 3, 4, 5]);
}

#[test]
fn values_as_large_and_as_small_as_there_are_have_distances() {
    for scale in [f32::MAX, f32::MIN_POSITIVE, 1e-45] {
        let values = [0.0, 1.0, -1.0, 0.5].map(|value| value * scale);
        let embeddings = Embeddings::new(values.to_vec(), 1).unwrap();
        let options = KCenter::new(3).metric(Metric::Euclidean).given([0]);
        let found = k_center(&embeddings, &options).unwrap();
        assert_eq!(found.example_ids()[..2], [1, 2]);
        assert_eq!(found.radii()[0], f64::from(scale));
        let found = k_center(&embeddings, &KCenter::new(1).given([1])).unwrap();
        assert_eq!((found.example_ids(), found.radius()), (&[2_i64][..], 1.0));
    }
}

#[test]
fn what_nothing_can_be_chosen_from_is_refused() {
    let embeddings = Embeddings::new(vec![0.0, 1.0, 2.0], 1).unwrap();
    for options in [
        KCenter::new(0),
        KCenter::new(4),
        KCenter::new(2).given([0, 2]),
    ] {
        let error = k_center(&embeddings, &options).unwrap_err();
        assert!(matches!(error, Error::TooFew { .. }), "{error}");
    }
    let none = Embeddings::new(Vec::new(), 4).unwrap();
    let error = k_center(&none, &KCenter::new(1)).unwrap_err();
    assert_eq!(error.to_string(), "too few for a coreset: 0, needed are 1");
    let error = k_center(&embeddings, &KCenter::new(1).given([0, 3])).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`given` is 3, expected samples that have an embedding"
    );
    let error = k_center(&embeddings, &KCenter::new(1).given([-1])).unwrap_err();
    assert!(matches!(error, Error::Setting { .. }), "{error}");
}

#[test]
fn a_choice_is_followed_and_can_be_ended() {
    let digits = digits();
    let progress = Progress::new();
    k_center_with(&digits, &KCenter::new(5).given([1]), &progress).unwrap();
    assert_eq!((progress.stage(), progress.part()), ("coreset", 1.0));
    progress.cancel();
    let ended = k_center_with(&digits, &KCenter::new(5), &progress);
    assert!(matches!(ended, Err(Error::Cancelled)));
}
