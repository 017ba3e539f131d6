//! Choices of rows and columns.

use super::{labels, numbers, table};
use tlc_core::{Error, Table, Url};

fn memory(name: &str) -> Url {
    Url::parse(&format!("memory://choices-{name}")).unwrap()
}

#[test]
fn a_choice_of_rows_keeps_which_rows_they_are_and_is_not_the_latest() {
    let root = memory("derive");
    let table = table(&root, 9);
    let mut derivation = table.derive().unwrap();
    derivation
        .rows([8, 2, 5, 0])
        .unwrap()
        .slice(1..)
        .unwrap()
        .columns(["number", "label"])
        .unwrap();
    assert!(matches!(derivation.rows([0, 0]), Err(Error::Rows { .. })));
    assert!(matches!(
        derivation.rows([3]),
        Err(Error::RowOutOfRange { row: 3, len: 3, .. })
    ));
    assert!(matches!(derivation.mask(&[true]), Err(Error::Rows { .. })));
    let chosen = derivation.commit("some").unwrap();
    assert_eq!(numbers(&chosen), [2, 5, 0]);
    assert_eq!(table.latest().unwrap().id(), table.id());
    let edited = chosen
        .edit()
        .unwrap()
        .set("label", 1, 0)
        .unwrap()
        .commit("of the chosen")
        .unwrap();
    assert_eq!(labels(&edited), [2, 0, 0]);
    assert_eq!(chosen.latest().unwrap().id(), edited.id());
    assert_eq!(table.latest().unwrap().id(), table.id());
    // The same seed gives the same order, whoever else is there.
    let shuffled = |table: &Table| {
        numbers(
            &table
                .derive()
                .unwrap()
                .shuffle(5)
                .unwrap()
                .commit("shuffled")
                .unwrap(),
        )
    };
    let (all, some) = (shuffled(&table), shuffled(&chosen));
    let of_all: Vec<i64> = all
        .iter()
        .copied()
        .filter(|number| some.contains(number))
        .collect();
    assert_eq!(of_all, some);
    assert_ne!(all, (0..9).collect::<Vec<_>>());
    assert!(matches!(
        table.derive().unwrap().commit("all"),
        Err(Error::NothingChanged { .. })
    ));
}

#[test]
fn parts_of_a_table_come_together_again_as_rows_of_their_base() {
    let root = memory("parts");
    let base = table(&root, 9);
    let part = |rows: std::ops::Range<usize>| {
        let mut derivation = base.derive().unwrap();
        derivation.slice(rows).unwrap().commit("a part").unwrap()
    };
    let (one, other) = (part(5..9), part(1..4));
    let fixed = base
        .edit()
        .unwrap()
        .set("label", 2, 0)
        .unwrap()
        .commit("fixed")
        .unwrap();
    let mut both = fixed.derive().unwrap();
    let both = both
        .rows_of([&one, &other])
        .unwrap()
        .commit("both")
        .unwrap();
    assert_eq!(numbers(&both), [5, 6, 7, 8, 1, 2, 3]);
    assert_eq!(labels(&both)[5], 0, "as the table has them");
    let rows: Vec<usize> = base.diff(&both).unwrap().rows_dropped().collect();
    assert_eq!(rows, [0, 4]);
    let mut again = fixed.derive().unwrap();
    assert!(matches!(
        again.rows_of([&one, &one]),
        Err(Error::Rows { .. })
    ));
    let few = base
        .edit()
        .unwrap()
        .drop_rows([6])
        .unwrap()
        .commit("few")
        .unwrap();
    assert!(matches!(
        few.derive().unwrap().rows_of([&one]),
        Err(Error::Rows { .. })
    ));
    let copy = base.squash("copy").unwrap();
    let of_copy = copy
        .derive()
        .unwrap()
        .slice(..2)
        .unwrap()
        .commit("of the copy")
        .unwrap();
    let mut of_base = base.derive().unwrap();
    let of_base = of_base
        .rows_of([&of_copy, &one])
        .unwrap()
        .commit("of both")
        .unwrap();
    assert_eq!(numbers(&of_base), [0, 1, 5, 6, 7, 8]);
}
