//! What cannot be divided as was asked, and what the error says.

use crate::{halves, table, table_of};
use tlc_core::{Error, Parts, Share, Table};

fn refused(table: &Table, parts: Parts, says: &str) {
    let error = table.split(parts).unwrap_err();
    assert!(matches!(error, Error::Split { .. }), "{error}");
    assert!(error.to_string().contains(says), "{error}");
    assert!(
        error.to_string().contains(&table.url().to_string()),
        "{error}"
    );
}

#[test]
fn shares_that_are_no_whole() {
    let table = table(10);
    for fraction in [0.0, -0.1, f64::NAN, f64::INFINITY, 1.5] {
        refused(
            &table,
            Parts::new([("a", 0.5), ("b", fraction)]),
            "part `b` is to have",
        );
    }
    refused(
        &table,
        Parts::new([("a", 0.5), ("b", 0.4)]),
        "the fractions sum to 0.9, not to 1",
    );
    refused(
        &table,
        Parts::new([("a", 0.7), ("b", 0.7)]),
        "the fractions sum to 1.4, not to 1",
    );
    refused(
        &table,
        Parts::new([("a", 4), ("b", 0)]),
        "part `b` is to have 0 rows",
    );
    refused(
        &table,
        Parts::new([("a", 4), ("b", 5)]),
        "the parts have 9 rows of 10",
    );
    refused(
        &table,
        Parts::new([("a", 4), ("b", 7)]),
        "the parts have 11 rows in all",
    );
    refused(
        &table,
        Parts::new([("a", usize::MAX), ("b", usize::MAX)]),
        "make them smaller",
    );
    let two = [("a", Share::Rest), ("b", Share::Rest)];
    refused(
        &table,
        Parts::new(two),
        "one part can have the rest, not two",
    );
    let all = [("a", Share::Rest), ("b", Share::Rows(10))];
    refused(
        &table,
        Parts::new(all),
        "part `a` would get none of 10 rows (the rest)",
    );
    let over = [
        ("a", Share::Rest),
        ("b", Share::Fraction(0.6)),
        ("c", Share::Fraction(0.6)),
    ];
    refused(&table, Parts::new(over), "the fractions sum to 1.2");
}

#[test]
fn parts_without_rows_or_names() {
    let few = table(6);
    refused(
        &few,
        Parts::new([("a", 0.99), ("b", 0.01)]),
        "part `b` would get none of 6 rows",
    );
    refused(&table(0), halves(), "would get none of 0 rows");
    refused(
        &few,
        Parts::new([("a", 0.5), ("a", 0.5)]),
        "two parts are called `a`",
    );
    refused(
        &few,
        Parts::new([("a", 0.5), ("", 0.5)]),
        "\"\" is no name of a part",
    );
    refused(
        &few,
        Parts::new([("a", 0.5), ("b\0", 0.5)]),
        "\"b\\0\" is no name",
    );
    refused(&few, Parts::new::<&str, f64>([]), "there is no part");
    let many = (0..256).map(|part| (part.to_string(), 1));
    refused(&few, Parts::new(many), "256 parts, there can be 255");
}

#[test]
fn rows_without_a_group_or_key_and_too_few_groups() {
    let some = table_of("owner", vec![Some("Kim"), None, Some("Bo")]);
    refused(&some, halves().grouped_by("owner"), "row 1 has no `owner`");
    refused(&some, halves().hashed_by("owner"), "row 1 has no `owner`");
    let one = table_of("owner", vec!["Kim", "Kim", "Kim"]);
    refused(
        &one,
        halves().grouped_by("owner"),
        "1 groups by `owner` are too few for 2 parts",
    );
    let counted = Parts::new([("a", 1), ("b", 2)]).hashed_by("owner");
    refused(
        &one,
        counted,
        "part `a` is to have 1 rows, but a hash does not count",
    );
    let empty = table_of("owner", vec!["Kim", ""]);
    refused(
        &empty,
        Parts::of_column("owner"),
        "`owner`, row 1: an empty text names no part",
    );
}

#[test]
fn columns_that_are_not_there_or_nothing_to_divide_by() {
    let lists = table_of("list", vec![vec![1, 2], vec![3]]);
    let numbers = table_of("list", vec![1.0, 2.0]);
    for parts in [
        halves().stratified_by("list"),
        halves().grouped_by("list"),
        halves().hashed_by("list"),
        Parts::of_column("list"),
    ] {
        let error = lists.split(parts).unwrap_err();
        assert!(
            matches!(&error, Error::Column { column, .. } if column == "list"),
            "{error}"
        );
    }
    let error = numbers.split(Parts::of_column("list")).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("integers and booleans name parts"),
        "{error}"
    );
    for parts in [
        halves().stratified_by("lable"),
        halves().grouped_by("lable"),
        halves().hashed_by("lable"),
        Parts::of_column("lable"),
    ] {
        let error = lists.split(parts).unwrap_err();
        assert!(matches!(error, Error::NoSuchColumn { .. }), "{error}");
    }
    let error = numbers
        .split(halves())
        .unwrap()
        .rows("valid")
        .map(drop)
        .unwrap_err();
    assert_eq!(error.to_string(), "no part `valid`, there are: train, test");
}
