//! Parts that the value of a column says alone.

use crate::{parts, sizes, table_of};
use proptest::prelude::*;
use std::collections::BTreeMap;
use tlc_core::{Columns, Parts, Share, Table};

fn asked() -> Parts {
    Parts::new([("train", 0.8), ("valid", 0.1), ("test", 0.1)]).hashed_by("url")
}

fn urls(range: std::ops::Range<usize>) -> Vec<String> {
    range.map(|number| format!("img/{number}.png")).collect()
}

/// The part of each value.
fn by_value(table: &Table, asked: Parts) -> BTreeMap<String, String> {
    let split = table.split(asked).unwrap();
    let values = table.rows::<(String,)>().unwrap().map(|row| row.unwrap().0);
    values.zip(parts(&split)).collect()
}

#[test]
fn rows_stay_in_their_parts_when_rows_are_appended_dropped_and_shuffled() {
    let table = table_of("url", urls(0..500));
    let before = by_value(&table, asked());
    let mut editor = table.edit().unwrap();
    editor.drop_rows((0..500).step_by(7)).unwrap();
    editor
        .append(Columns::new().column("url", urls(500..900)))
        .unwrap();
    let other = editor.commit("other rows").unwrap();
    let other = other
        .derive()
        .unwrap()
        .shuffle(5)
        .unwrap()
        .commit("shuffled")
        .unwrap();
    let after = by_value(&other, asked());
    assert_eq!(after.len(), 900 - 72);
    for (value, part) in &after {
        assert!(
            before.get(value).is_none_or(|before| before == part),
            "{value}"
        );
    }
}

#[test]
fn sizes_are_near_to_what_was_asked_and_a_seed_gives_others() {
    let table = table_of("url", urls(0..10_000));
    let split = table.split(asked()).unwrap();
    // Five standard deviations of a binomial.
    for (size, (share, bound)) in
        sizes(&split)
            .iter()
            .zip([(0.8, 200.0), (0.1, 150.0), (0.1, 150.0)])
    {
        assert!((*size as f64 - share * 10_000.0).abs() < bound, "{size}");
    }
    assert_ne!(parts(&split), parts(&table.split(asked().seed(1)).unwrap()));
}

/// As `(xxhash.xxh3_128_intdigest(value, seed) >> 75) / 2**53` gives them in Python.
#[test]
fn the_hash_is_that_of_the_documentation() {
    let expected: [(u64, [f64; 4]); 2] = [
        (
            0,
            [
                0.899501825194405,
                0.4844966453331928,
                0.5550004570969498,
                0.0727799731901948,
            ],
        ),
        (
            7,
            [
                0.7961101069104286,
                0.7731616548830608,
                0.6649266832115863,
                0.9675082326054179,
            ],
        ),
    ];
    let texts = table_of("url", urls(0..4));
    for (seed, expected) in expected {
        agree(&texts, "url", seed, &expected);
    }
    let whole = [0.9799517882598382, 0.5032491797868247, 0.7526664339026872];
    agree(&table_of("url", vec![-1_i64, 0, 1]), "url", 7, &whole);
    agree(&table_of("url", vec![-1_i8, 0, 1]), "url", 7, &whole);
    agree(&table_of("url", vec![false, true]), "url", 7, &whole[1..]);
    agree(
        &table_of("url", vec![0.5_f32, -0.0]),
        "url",
        7,
        &[0.5580539533136117, 0.5032491797868247],
    );
}

/// Fails unless each row's hash is the number that is expected.
fn agree(table: &Table, column: &str, seed: u64, expected: &[f64]) {
    for (row, hash) in expected.iter().enumerate() {
        for (end, part) in [(*hash, "b"), (hash + 1e-12, "a")] {
            let ends = [("a", Share::Fraction(end)), ("b", Share::Rest)];
            let split = table
                .split(Parts::new(ends).hashed_by(column).seed(seed))
                .unwrap();
            assert_eq!(split.part_of(row), Some(part), "row {row}");
        }
    }
}

#[test]
fn a_part_may_be_empty_and_a_finer_split_of_the_last_part_moves_no_other_row() {
    let table = table_of("url", urls(0..3));
    let split = table
        .split(Parts::new([("a", 0.999_999), ("b", 0.000_001)]).hashed_by("url"))
        .unwrap();
    assert_eq!(sizes(&split), [3, 0]);
    assert_eq!(split.rows("b").unwrap().count(), 0);

    let table = table_of("url", urls(0..200));
    let coarse = parts(
        &table
            .split(Parts::new([("train", 0.8), ("test", 0.2)]).hashed_by("url"))
            .unwrap(),
    );
    let fine = parts(&table.split(asked()).unwrap());
    for (coarse, fine) in coarse.iter().zip(fine) {
        assert_eq!(coarse == "train", fine == "train");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn equal_values_are_in_one_part_whatever_stands_around_them(
        values in prop::collection::vec("[a-d\\PC]{0,3}", 1..80),
        seed in any::<u64>(),
    ) {
        let split = table_of("url", values.clone()).split(asked().seed(seed)).unwrap();
        let mut known: BTreeMap<String, String> = BTreeMap::new();
        for (value, part) in values.iter().zip(parts(&split)) {
            let first = known.entry(value.clone()).or_insert_with(|| part.clone());
            prop_assert_eq!(&*first, &part);
            let alone = table_of("url", vec![value.clone()]).split(asked().seed(seed)).unwrap();
            prop_assert_eq!(alone.part_of(0), Some(part.as_str()));
        }
    }
}
