//! Parts that no group is in two of.

use crate::{counts, parts, sizes, table_of};
use proptest::prelude::*;
use tlc_core::{Parts, Table};

fn asked() -> Parts {
    Parts::new([("train", 0.7), ("valid", 0.2), ("test", 0.1)]).grouped_by("patient")
}

fn table(patients: &[i64]) -> Table {
    table_of(
        "patient",
        patients
            .iter()
            .map(|p| format!("patient {p}"))
            .collect::<Vec<_>>(),
    )
}

#[test]
fn groups_as_large_are_dealt_by_the_seed_and_sizes_are_met() {
    let patients: Vec<i64> = (0..1_000).map(|row| row % 100).collect();
    let table = table(&patients);
    let split = table.split(asked().seed(1)).unwrap();
    assert_eq!(sizes(&split), [700, 200, 100]);
    assert_eq!(parts(&split), parts(&table.split(asked().seed(1)).unwrap()));
    assert_ne!(parts(&split), parts(&table.split(asked().seed(2)).unwrap()));
}

#[test]
fn no_part_stays_empty_however_large_the_groups() {
    let patients: Vec<i64> = [vec![0; 90], vec![1; 5], vec![2; 5]].concat();
    let split = table(&patients).split(asked()).unwrap();
    let mut found = sizes(&split);
    assert_eq!(found[0], 90);
    found.sort_unstable();
    assert_eq!(found, [5, 5, 90]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_group_is_in_one_part_and_sizes_are_off_by_no_more_than_the_largest_group(
        patients in prop::collection::vec(prop_oneof![0_i64..5, 0_i64..200], 40..400),
        seed in any::<u64>(),
    ) {
        let known: std::collections::BTreeSet<_> = patients.iter().collect();
        let table = table(&patients);
        match table.split(asked().seed(seed)) {
            Err(error) => {
                prop_assert!(known.len() < 3, "{}", error);
            }
            Ok(split) => {
                let counts = counts(&split, &patients);
                for counts in counts.values() {
                    prop_assert_eq!(counts.iter().filter(|count| **count > 0).count(), 1);
                }
                let largest = counts.values().flatten().max().copied().unwrap_or_default();
                for (size, share) in sizes(&split).iter().zip([0.7, 0.2, 0.1]) {
                    let wanted = share * patients.len() as f64;
                    prop_assert!(*size > 0);
                    prop_assert!((*size as f64 - wanted).abs() <= largest as f64 + 1.0);
                }
            }
        }
    }
}
