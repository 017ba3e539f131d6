//! Parts that rows are dealt to at random.

use crate::{halves, parts, sizes, table};
use proptest::prelude::*;
use std::collections::BTreeMap;
use tlc_core::{Parts, Share};

#[test]
fn parts_have_the_sizes_that_were_asked_for_and_all_rows_are_in_one() {
    let table = table(1_000);
    let asked: [(Parts, Vec<usize>); 6] = [
        (
            Parts::new([("a", 0.8), ("b", 0.1), ("c", 0.1)]),
            vec![800, 100, 100],
        ),
        (
            Parts::new([("a", 1.0 / 3.0), ("b", 1.0 / 3.0), ("c", 1.0 / 3.0)]),
            vec![333, 334, 333],
        ),
        (Parts::new([("a", 999), ("b", 1)]), vec![999, 1]),
        (
            Parts::new([("a", Share::Rest), ("b", Share::Rows(17))]),
            vec![983, 17],
        ),
        (
            Parts::new([
                ("a", Share::Fraction(0.25)),
                ("b", Share::Rest),
                ("c", Share::Rows(1)),
            ]),
            vec![250, 749, 1],
        ),
        (Parts::new([("all", 1.0)]), vec![1_000]),
    ];
    for (asked, expected) in asked {
        let split = table.split(asked).unwrap();
        assert_eq!(sizes(&split), expected);
        assert_eq!(split.left_out().count(), 0);
        for name in split.names() {
            let rows: Vec<usize> = split.rows(name).unwrap().collect();
            assert!(rows.is_sorted());
            assert!(rows.iter().all(|row| split.part_of(*row) == Some(name)));
        }
        assert_eq!(split.part_of(1_000), None);
    }
}

#[test]
fn the_same_seed_gives_the_same_parts_and_another_one_others() {
    let (one, other) = (table(500), table(500));
    let first = parts(&one.split(halves().seed(7)).unwrap());
    assert_eq!(first, parts(&other.split(halves().seed(7)).unwrap()));
    let second = parts(&one.split(halves().seed(8)).unwrap());
    let same = first
        .iter()
        .zip(&second)
        .filter(|(one, other)| one == other)
        .count();
    assert!(
        (200..300).contains(&same),
        "{same} of 500 rows in the same part"
    );
}

/// Drawn once more in Python, from the package `xxhash`.
#[test]
fn a_seed_means_the_same_for_ever() {
    let split = table(40)
        .split(Parts::new([("a", 0.5), ("b", 0.5)]).seed(7))
        .unwrap();
    assert_eq!(
        parts(&split).concat(),
        "bbaaaaaabbbaaabbaabbbaabbbababaababababb"
    );
}

#[test]
fn each_division_into_parts_of_these_sizes_is_equally_likely() {
    let table = table(5);
    let mut found: BTreeMap<String, u32> = BTreeMap::new();
    let trials = 30_000;
    for seed in 0..trials {
        let asked = Parts::new([("a", 2), ("b", 2), ("c", 1)]).seed(seed);
        *found
            .entry(parts(&table.split(asked).unwrap()).concat())
            .or_default() += 1;
    }
    assert_eq!(found.len(), 30); // 5! / (2! 2! 1!)
    let expected = trials as f64 / 30.0;
    let chi_square: f64 = found
        .values()
        .map(|found| (f64::from(*found) - expected).powi(2) / expected)
        .sum();
    // 29 degrees of freedom: above 58.3 once in a thousand.
    assert!(chi_square < 58.3, "{chi_square}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_shares_that_are_a_whole_are_met_to_a_row(
        weights in prop::collection::vec(1_u32..1000, 1..9),
        rows in 500_usize..3_000,
        seed in any::<u64>(),
    ) {
        let sum: u32 = weights.iter().sum();
        let fractions: Vec<f64> = weights.iter().map(|w| f64::from(*w) / f64::from(sum)).collect();
        let named = fractions.iter().enumerate().map(|(at, share)| (at.to_string(), *share));
        match table(rows).split(Parts::new(named).seed(seed)) {
            Ok(split) => {
                prop_assert_eq!(sizes(&split).iter().sum::<usize>(), rows);
                for (size, fraction) in sizes(&split).iter().zip(&fractions) {
                    prop_assert!((*size as f64 - fraction * rows as f64).abs() < 1.0 + 1e-6);
                    prop_assert!(*size > 0);
                }
            }
            Err(error) => {
                prop_assert!(error.to_string().contains("would get none"), "{}", error);
                prop_assert!(fractions.iter().any(|fraction| fraction * (rows as f64) < 1.0));
            }
        }
    }
}
