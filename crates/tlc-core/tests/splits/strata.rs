//! Parts that have their share of each class.

use crate::{counts, parts, sizes, table_of};
use proptest::prelude::*;
use tlc_core::{Parts, Table};

fn asked() -> Parts {
    Parts::new([("train", 0.8), ("valid", 0.1), ("test", 0.1)]).stratified_by("label")
}

#[test]
fn each_part_has_its_share_of_each_class() {
    let labels: Vec<i32> = (0..1_000)
        .map(|row| [0, 0, 0, 1, 1, 2, 0, 0, 0, 1][row % 10])
        .collect();
    let split = table_of("label", labels.clone())
        .split(asked().seed(3))
        .unwrap();
    let counts = counts(&split, &labels);
    assert_eq!(counts[&0], [480, 60, 60]);
    assert_eq!(counts[&1], [240, 30, 30]);
    assert_eq!(counts[&2], [80, 10, 10]);
}

#[test]
fn classes_of_one_row_are_dealt_in_the_shares_of_the_parts() {
    let labels: Vec<i64> = (0..200).collect();
    let split = table_of("label", labels).split(asked()).unwrap();
    assert_eq!(sizes(&split), [160, 20, 20]);
    // And not the first classes to the first part.
    let test: usize = split.rows("test").unwrap().sum();
    assert!((1_000..3_000).contains(&test), "{test} / 20");
}

#[test]
fn rows_without_a_label_are_a_class_of_their_own() {
    let label = |row| (row % 4 > 0).then_some(row % 4);
    let labels: Vec<Option<i32>> = (0..400).map(label).collect();
    let split = table_of("label", labels.clone()).split(asked()).unwrap();
    for (label, counts) in counts(&split, &labels) {
        assert_eq!(counts, [80, 10, 10], "{label:?}");
    }
}

#[test]
fn values_of_any_kind_that_can_be_told_apart_are_classes() {
    let rows = 0..60_i64;
    let rows = || rows.clone();
    let columns: [Table; 6] = [
        table_of("label", rows().map(|row| row % 3 == 0).collect::<Vec<_>>()),
        table_of(
            "label",
            rows()
                .map(|row| format!("class {}", row % 3))
                .collect::<Vec<_>>(),
        ),
        table_of(
            "label",
            rows()
                .map(|row| (row % 3) as u8 as f32 / 3.0)
                .collect::<Vec<_>>(),
        ),
        table_of(
            "label",
            rows()
                .map(|row| (row % 3) as u64 + u64::MAX / 2)
                .collect::<Vec<_>>(),
        ),
        table_of(
            "label",
            rows()
                .map(|row| vec![(row % 3) as u8; 2])
                .collect::<Vec<Vec<u8>>>(),
        ),
        table_of(
            "label",
            rows()
                .map(|row| [f64::NAN, -0.0, 0.0][(row % 3) as usize])
                .collect::<Vec<_>>(),
        ),
    ];
    for table in columns {
        let split = table
            .split(Parts::new([("a", 0.5), ("b", 0.5)]).stratified_by("label"))
            .unwrap();
        let parts = parts(&split);
        let of_class = |class: usize| {
            (class..60)
                .step_by(3)
                .filter(|row| parts[*row] == "a")
                .count()
        };
        assert_eq!([of_class(0)], [10]);
        assert_eq!(of_class(1) + of_class(2), 20);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn sizes_are_to_the_row_and_classes_to_less_than_two(
        labels in prop::collection::vec(prop_oneof![0_i32..4, 0_i32..300], 30..600),
        train in 0.3_f64..0.7,
        seed in any::<u64>(),
    ) {
        let rest = [("b", 0.1), ("c", 0.05), ("d", 0.06), ("e", 0.79 - train)];
        let asked = Parts::new(std::iter::once(("a", train)).chain(rest));
        let table = table_of("label", labels.clone());
        let split = table.split(asked.clone().stratified_by("label").seed(seed)).unwrap();
        let wanted = sizes(&table.split(asked).unwrap());
        prop_assert_eq!(sizes(&split), wanted.clone());
        for (label, counts) in counts(&split, &labels) {
            let of_class = labels.iter().filter(|other| **other == label).count();
            for (count, size) in counts.iter().zip(&wanted) {
                let exact = (of_class * size) as f64 / labels.len() as f64;
                prop_assert!((*count as f64 - exact).abs() < 2.0, "{} for {}", count, exact);
            }
        }
    }
}
