//! What several rankings agree on.

use crate::given::{epoch, given};
use tlc_core::arrow::array::AsArray;
use tlc_core::arrow::datatypes::{Float64Type, Int64Type};
use tlc_findings::label_issues::{MetricsPredictions, Score, rank};
use tlc_findings::{Error, Ranking, consensus};

#[test]
fn the_consensus_is_the_mean_of_ranks_whatever_the_scores_and_the_order_of_ids() {
    let first = Ranking::new([3, 1, 2, 0], [0.3, 0.1, 0.2, 0.4]).unwrap();
    let second = Ranking::new([0, 1, 2, 3], [-1e9, 7.0, f64::INFINITY, -3.0]).unwrap();
    // Ranks of 0 to 3: 4, 1, 2, 3 and 1, 3, 4, 2, each less a half and of four.
    let found = consensus([first.clone(), second]).unwrap();
    assert_eq!(found.example_ids(), [0, 1, 2, 3]);
    assert_eq!(found.scores(), [0.5, 0.375, 0.625, 0.5]);
    assert_eq!(found.ranked(), [1, 0, 3, 2]);
    // One ranking is its own consensus.
    assert_eq!(consensus([first.clone()]).unwrap().ranked(), first.ranked());
}

#[test]
fn equal_scores_share_their_rank_and_a_missing_sample_has_the_mean_of_the_others() {
    let equal = Ranking::new([0, 1, 2, 3], [0.0, 0.5, 0.5, -0.0]).unwrap();
    let found = consensus([equal.clone()]).unwrap();
    assert_eq!(found.scores(), [0.25, 0.75, 0.75, 0.25]);
    let two = Ranking::new([2, 9], [0.1, 0.2]).unwrap();
    let found = consensus([equal, two]).unwrap();
    assert_eq!(found.example_ids(), [0, 1, 2, 3, 9]);
    assert_eq!(found.scores(), [0.25, 0.75, 0.5, 0.25, 0.75]);
}

#[test]
fn a_score_that_is_no_number_ranks_nothing_and_a_repeated_sample_is_refused() {
    let ranking = Ranking::new([0, 1, 2], [f64::NAN, 0.2, 0.1]).unwrap();
    assert_eq!(ranking.ranked(), [2, 1]);
    let repeated = Ranking::new([4, 1, 4], [0.0, 0.1, 0.2]).unwrap_err();
    assert!(matches!(
        repeated,
        Error::Repeated {
            example_id: 4,
            epoch: None
        }
    ));
    let uneven = Ranking::new([4, 1], [0.0]).unwrap_err();
    assert!(matches!(uneven, Error::Shape { .. }));
    let none = consensus([]).unwrap_err();
    assert!(matches!(none, Error::TooFew { found: 0, .. }));
    let empty = Ranking::new([], []).unwrap();
    assert_eq!(consensus([empty]).unwrap().ranked(), [0_i64; 0]);
}

#[test]
fn epochs_and_a_probe_are_brought_together_and_written_as_one_column() {
    let (run, table) = given("consensus", &[0, 1, 0]);
    epoch(
        &run,
        &table,
        1,
        &[(2, [0.9, 0.1]), (1, [0.9, 0.1]), (0, [0.2, 0.8])],
    );
    epoch(
        &run,
        &table,
        2,
        &[(0, [0.3, 0.7]), (1, [0.8, 0.2]), (2, [0.9, 0.1])],
    );
    let epochs = MetricsPredictions::of_run(&run, &table)
        .unwrap()
        .each_epoch()
        .unwrap();
    let rankings = epochs
        .iter()
        .map(|epoch| rank(epoch, Score::default()).unwrap());
    let probe = Ranking::new([0, 1, 2], [0.01, 0.5, 0.6]).unwrap();
    let found = consensus(rankings.chain([probe])).unwrap();
    assert_eq!(found.ranked(), [1, 0, 2]);
    let written = found.write(&run, &table, "label_consensus").unwrap();
    assert!(written.is_finding() && written.is_about(&table));
    assert_eq!(written.stream(), "label_consensus");
    let rows = written.read().unwrap();
    assert_eq!(
        rows["example_id"].as_primitive::<Int64Type>().values(),
        &[0, 1, 2]
    );
    let scores = rows["label_consensus"]
        .as_primitive::<Float64Type>()
        .values();
    assert_eq!(scores, found.scores());
    let past = Ranking::new([0, 3], [0.1, 0.2]).unwrap();
    assert!(past.write(&run, &table, "label_consensus").is_err());
}
