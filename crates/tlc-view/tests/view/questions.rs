//! What is asked of a view, against the same computed row by row.

use crate::plain::{CLASSES, OTHERS, Row, filter, row, view};
use proptest::prelude::*;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use tlc_view::{Apart, Bins, Error, Filter, Filtered, OrderBy, Statistics};

fn passing<'r>(rows: &'r [Row], filters: &[Filter]) -> Vec<(usize, &'r Row)> {
    let all = rows.iter().enumerate();
    let passes =
        |(place, row): &(usize, &Row)| filters.iter().all(|filter| row.passes(*place, filter));
    all.filter(passes).collect()
}

fn others(filters: &[Filter], column: &str) -> Vec<Filter> {
    let is_of = |filter: &&Filter| filter.columns() != [column].into();
    filters.iter().filter(is_of).cloned().collect()
}

fn check_histogram(
    rows: &[Row],
    filters: &[Filter],
    filtered: &Filtered,
    column: &str,
    bins: Bins,
) {
    let histogram = filtered.histogram(column, bins).unwrap();
    let bin = |value: f64| {
        let last = histogram.edges.len().wrapping_sub(2);
        let mut bins = histogram.edges.windows(2).enumerate();
        bins.position(|(bin, edges)| {
            edges[0] <= value && (value < edges[1] || bin == last && value == edges[1])
        })
    };
    let count = |rows: Vec<(usize, &Row)>| {
        let mut counts = vec![0; histogram.all.len()];
        let mut apart = [0; 5];
        for (_, row) in rows {
            match row.number(column) {
                None => apart[0] += 1,
                Some(value) if value.is_nan() => apart[1] += 1,
                Some(f64::INFINITY) => apart[2] += 1,
                Some(f64::NEG_INFINITY) => apart[3] += 1,
                Some(value) => match bin(value) {
                    Some(bin) => counts[bin] += 1,
                    None => apart[4] += 1,
                },
            }
        }
        (counts, apart)
    };
    let told = |apart: Apart| {
        [
            apart.missing,
            apart.nan,
            apart.infinity,
            apart.minus_infinity,
            apart.outside,
        ]
    };
    let all = (histogram.all.clone(), told(histogram.all_apart));
    assert_eq!(
        all,
        count(passing(rows, &[])),
        "{column} {:?}",
        histogram.edges
    );
    let matching = (histogram.matching.clone(), told(histogram.matching_apart));
    assert_eq!(
        matching,
        count(passing(rows, &others(filters, column))),
        "{column}"
    );
    assert!(histogram.edges.is_sorted(), "{:?}", histogram.edges);
}

fn check_classes(rows: &[Row], filters: &[Filter], filtered: &Filtered, column: &str) {
    let counts = filtered.class_counts(column).unwrap();
    let other_filters = others(filters, column);
    let count = |filters: &[Filter], id: Option<i64>| {
        let of = passing(rows, filters).into_iter();
        of.filter(|(_, row)| row.id(column) == id).count() as u64
    };
    for class in &counts.classes {
        let id = Some(i64::from(class.class.id));
        assert_eq!(
            (class.all, class.matching),
            (count(&[], id), count(&other_filters, id)),
            "{column}"
        );
    }
    assert_eq!(
        counts.missing,
        [count(&[], None), count(&other_filters, None)]
    );
    assert_eq!(counts.others, [0, 0]);
}

fn close(one: f64, other: f64) -> bool {
    one == other || (one - other).abs() <= 1e-9 * one.abs().max(other.abs()).max(1.0)
}

fn check_statistics(values: Vec<Option<f64>>, found: &Statistics) {
    let mut finite: Vec<f64> = values
        .iter()
        .flatten()
        .copied()
        .filter(|value| value.is_finite())
        .collect();
    finite.sort_by(f64::total_cmp);
    assert_eq!(found.count, finite.len() as u64);
    assert_eq!(
        found.apart.missing,
        values.iter().filter(|value| value.is_none()).count() as u64
    );
    let (Some(min), Some(max)) = (finite.first(), finite.last()) else {
        assert_eq!((found.min, found.mean, found.quantiles), (None, None, None));
        return;
    };
    assert_eq!((found.min, found.max), (Some(*min), Some(*max)));
    let quantile = |share: f64| {
        let place = share * (finite.len() - 1) as f64;
        let (low, high) = (
            finite[place.floor() as usize],
            finite[place.ceil() as usize],
        );
        low * (1.0 - place.fract()) + high * place.fract()
    };
    let quantiles = found.quantiles.unwrap();
    assert!(close(quantiles.median, quantile(0.5)) && close(quantiles.p95, quantile(0.95)));
    assert!(close(quantiles.p05, quantile(0.05)) && close(quantiles.p25, quantile(0.25)));
    if max.abs().max(min.abs()) < 1e100 {
        let mean = finite.iter().sum::<f64>() / finite.len() as f64;
        let variance = finite
            .iter()
            .map(|value| (value - mean) * (value - mean))
            .sum::<f64>();
        assert!(close(found.mean.unwrap(), mean), "{found:?} {mean}");
        assert!(close(
            found.std.unwrap(),
            (variance / finite.len() as f64).sqrt()
        ));
    }
}

/// Numbers as they are ordered: those that are none, then missing ones, last either way.
fn compare(one: &Row, other: &Row, by: &OrderBy) -> Ordering {
    let last = |rank: (bool, bool), other: (bool, bool)| rank.cmp(&other);
    let turned = |order: Ordering| {
        if by.descending {
            order.reverse()
        } else {
            order
        }
    };
    match by.column.as_str() {
        "text" => {
            let missing = last((one.text.is_none(), false), (other.text.is_none(), false));
            missing.then_with(|| turned(one.text.cmp(&other.text)))
        }
        "n" => {
            let missing = last((one.n.is_none(), false), (other.n.is_none(), false));
            missing.then_with(|| turned(one.n.cmp(&other.n)))
        }
        column => {
            let (one, other) = (one.number(column), other.number(column));
            let rank = |value: Option<f64>| (value.is_none(), value.is_some_and(f64::is_nan));
            let both = one
                .zip(other)
                .and_then(|(one, other)| one.partial_cmp(&other));
            last(rank(one), rank(other)).then_with(|| turned(both.unwrap_or(Ordering::Equal)))
        }
    }
}

fn check_order(rows: &[Row], passing: &[(usize, &Row)], filtered: &Filtered, by: &[OrderBy]) {
    let mut expected: Vec<u32> = passing.iter().map(|(place, _)| *place as u32).collect();
    expected.sort_by(|one, other| {
        let (one, other) = (&rows[*one as usize], &rows[*other as usize]);
        let orders = by.iter().map(|by| compare(one, other, by));
        orders.fold(Ordering::Equal, Ordering::then)
    });
    let ordered = filtered.view().order(by).unwrap().under(filtered);
    assert_eq!(ordered.page(0, usize::MAX), expected, "{by:?}");
    assert_eq!(
        ordered.page(3, 2),
        expected.iter().copied().skip(3).take(2).collect::<Vec<_>>()
    );
    for (place, row) in expected.iter().enumerate() {
        assert_eq!(ordered.place(*row as usize), Some(place));
    }
    if let [by] = by {
        let top = filtered.top(by, 5).unwrap();
        assert_eq!(top, expected.iter().copied().take(5).collect::<Vec<_>>());
    }
}

fn check_groups(passing: &[(usize, &Row)], filtered: &Filtered, by: &str) {
    let mut expected: BTreeMap<Option<i64>, Vec<Option<f64>>> = BTreeMap::new();
    for (_, row) in passing {
        expected.entry(row.id(by)).or_default().push(row.x);
    }
    let groups = filtered.groups(by, Some("x")).unwrap();
    assert_eq!(groups.len(), expected.len());
    let keys: Vec<_> = groups
        .iter()
        .map(|group| (group.key.is_none(), group.key))
        .collect();
    assert!(keys.is_sorted(), "{keys:?}");
    for group in groups {
        let values = expected[&group.key].clone();
        assert_eq!(group.rows, values.len() as u64);
        check_statistics(values, &group.statistics.unwrap());
    }
}

fn check_confusion(passing: &[(usize, &Row)], filtered: &Filtered) {
    let mut expected: BTreeMap<(i64, i64), u64> = BTreeMap::new();
    let mut apart = 0;
    for (_, row) in passing {
        match row.id("label").zip(row.id("predicted")) {
            Some(pair) => *expected.entry(pair).or_default() += 1,
            None => apart += 1,
        }
    }
    let confusion = filtered.confusion("label", "predicted").unwrap();
    assert_eq!(confusion.apart, apart);
    let found = confusion
        .pairs
        .iter()
        .map(|pair| ((pair.given.into(), pair.predicted.into()), pair.rows));
    assert_eq!(found.collect::<BTreeMap<_, _>>(), expected);
    for pair in confusion.pairs {
        let names = (
            CLASSES[pair.given as usize],
            OTHERS[pair.predicted as usize],
        );
        assert_eq!(pair.is_right, names.0 == names.1);
    }
}

fn order_by() -> impl Strategy<Value = Vec<OrderBy>> {
    let column = proptest::sample::select(&["x", "y", "n", "label", "flag", "text"][..]);
    let by = (column, any::<bool>()).prop_map(|(column, descending)| OrderBy {
        column: column.to_owned(),
        descending,
    });
    proptest::collection::vec(by, 0..3)
}

fn bins() -> impl Strategy<Value = Bins> {
    let range = proptest::option::of((-1.5..0.0_f64, 0.0..1.5_f64));
    (1..20_usize, range).prop_map(|(count, range)| match range {
        Some((min, max)) => Bins::new(count).between(min, max),
        None => Bins::new(count),
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_question_has_the_answer_of_a_plain_computation(
        rows in proptest::collection::vec(row(), 0..40),
        filters in proptest::collection::vec(filter(), 0..4),
        by in order_by(),
        bins in bins(),
    ) {
        let view = view(&rows);
        let filtered = Filtered::new(&view, &filters).unwrap();
        let expected = passing(&rows, &filters);
        let places: Vec<usize> = expected.iter().map(|(place, _)| *place).collect();
        prop_assert_eq!(filtered.mask().iter().collect::<Vec<_>>(), places);
        prop_assert_eq!(filtered.count(), expected.len());
        for column in ["x", "y", "n", "flag"] {
            check_histogram(&rows, &filters, &filtered, column, bins);
            let values = expected.iter().map(|(_, row)| row.number(column)).collect();
            check_statistics(values, &filtered.statistics(column).unwrap());
        }
        for column in ["label", "predicted", "flag"] {
            check_classes(&rows, &filters, &filtered, column);
        }
        for column in ["label", "flag", "n"] {
            check_groups(&expected, &filtered, column);
        }
        check_order(&rows, &expected, &filtered, &by);
        check_confusion(&expected, &filtered);
    }

    #[test]
    fn answers_under_filters_are_those_of_the_rows_alone(
        rows in proptest::collection::vec(row(), 0..40),
        filters in proptest::collection::vec(filter(), 1..4),
        by in order_by(),
    ) {
        let under = Filtered::new(&view(&rows), &filters).unwrap();
        let left: Vec<Row> = passing(&rows, &filters).into_iter().map(|(_, row)| row.clone()).collect();
        let alone = Filtered::new(&view(&left), &[]).unwrap();
        let places: Vec<usize> = under.mask().iter().collect();
        prop_assert_eq!(under.statistics("x").unwrap(), alone.statistics("x").unwrap());
        prop_assert_eq!(under.groups("label", Some("y")).unwrap(), alone.groups("label", Some("y")).unwrap());
        prop_assert_eq!(
            under.confusion("label", "predicted").unwrap(),
            alone.confusion("label", "predicted").unwrap()
        );
        let pages = |filtered: &Filtered| filtered.view().order(&by).unwrap().under(filtered).page(0, 100).to_vec();
        let of_left: Vec<u32> = pages(&alone).iter().map(|row| places[*row as usize] as u32).collect();
        prop_assert_eq!(pages(&under), of_left);
    }
}

#[test]
fn filters_that_stay_give_the_same_under_others() {
    let rows: Vec<Row> = (0..200)
        .map(|place| Row {
            x: Some(f64::from(place)),
            y: None,
            n: Some(i64::from(place % 7)),
            label: Some(place % 3),
            predicted: Some(place % 4),
            flag: Some(place % 2 == 0),
            text: None,
        })
        .collect();
    let view = view(&rows);
    let range = |min| Filter::Range {
        column: "x".to_owned(),
        min: Some(min),
        max: None,
    };
    let classes = Filter::Classes {
        column: "label".to_owned(),
        ids: vec![1],
        missing: false,
    };
    let first = Filtered::new(&view, &[range(50.0), classes.clone()]).unwrap();
    let second = first.refine(&[classes.clone(), range(150.0)]).unwrap();
    let fresh = Filtered::new(&view, &[range(150.0), classes]).unwrap();
    assert_eq!(second.mask(), fresh.mask());
    assert_eq!(
        second.histogram("n", Bins::default()).unwrap(),
        fresh.histogram("n", Bins::default()).unwrap()
    );
}

#[test]
fn a_question_that_does_not_fit_a_column_says_so() {
    let view = view(&[]);
    let filtered = Filtered::new(&view, &[]).unwrap();
    let kind = |error: Error| matches!(error, Error::ColumnKind { .. });
    assert!(kind(
        filtered.histogram("text", Bins::default()).unwrap_err()
    ));
    assert!(kind(filtered.class_counts("x").unwrap_err()));
    assert!(kind(filtered.groups("x", None).unwrap_err()));
    assert!(kind(filtered.confusion("label", "text").unwrap_err()));
    let setting = |bins| matches!(filtered.histogram("x", bins), Err(Error::Setting { .. }));
    assert!(setting(Bins::new(0)) && setting(Bins::new(1_000_000)));
    assert!(
        setting(Bins::new(3).between(1.0, f64::NAN)) && setting(Bins::new(3).between(1.0, 0.0))
    );
    let deep = (0..100).fold(Filter::Rows { rows: vec![] }, |filter, _| Filter::Not {
        filter: Box::new(filter),
    });
    assert!(matches!(
        Filtered::new(&view, &[deep]),
        Err(Error::Setting { .. })
    ));
}
