//! Random expressions over random rows: what the engine says of all rows at once is what a
//! plain interpreter, which knows nothing of it, says of one after the other.

use super::made::conditions::condition;
use super::made::meaning::*;
use super::made::rows::*;
use super::made::values::any;
use super::view;
use proptest::prelude::{ProptestConfig, proptest};
use tlc_view::{Expression, View};

fn check_condition(view: &View, rows: &[Row], made: &Made) {
    let expression = Expression::parse(&made.text);
    let expression = expression.unwrap_or_else(|error| panic!("{}: {error}", made.text));
    let expected: Result<Vec<Option<bool>>, ()> =
        rows.iter().map(|row| flag((made.of)(row))).collect();
    match (view.matching(&expression), expected) {
        (Ok(mask), Ok(expected)) => {
            for (row, expected) in expected.iter().enumerate() {
                let is_match = *expected == Some(true);
                assert_eq!(
                    mask.contains(row),
                    is_match,
                    "{} of {:?}",
                    made.text,
                    rows[row]
                );
            }
        }
        (Err(tlc_view::Error::Expression { position, .. }), Err(())) => assert!(position > 0),
        (found, expected) => panic!("{}: {found:?}, {expected:?} of {rows:?}", made.text),
    }
}

fn check_values(view: &View, rows: &[Row], made: &Made) {
    let expression = Expression::parse(&made.text).unwrap();
    let expected: Result<Vec<Option<Value>>, ()> = rows.iter().map(|row| (made.of)(row)).collect();
    let view = match view.derive("derived", &expression) {
        Ok(view) => view,
        Err(error) => {
            let is_null = |expected: Vec<Option<Value>>| expected.iter().all(Option::is_none);
            assert!(expected.is_ok_and(is_null), "{}: {error}", made.text);
            return assert!(error.to_string().contains("null in all rows"), "{error}");
        }
    };
    match (view.column("derived"), expected) {
        (Ok(column), Ok(expected)) => {
            for (row, expected) in expected.into_iter().enumerate() {
                let found = match made.kind {
                    Type::Text => column.text(row).map(|text| Text(text.to_owned())),
                    Type::Whole => column.id(row).map(Whole),
                    _ => column.number(row).map(Double),
                };
                let expected = expected.map(|value| match value {
                    Flag(flag) => Double(flag.into()),
                    Single(number) => Double(number.into()),
                    other => other,
                });
                let is_same = match (&found, &expected) {
                    (Some(found), Some(expected)) => order(found, expected).is_eq(),
                    (found, expected) => found == expected,
                };
                let text = &made.text;
                assert!(
                    is_same,
                    "{text}: {found:?}, {expected:?} of {:?}",
                    rows[row]
                );
            }
        }
        (Err(tlc_view::Error::Expression { .. }), Err(())) => {}
        (found, expected) => panic!("{}: {found:?}, {expected:?} of {rows:?}", made.text),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn expressions_say_of_all_rows_what_an_interpreter_says_of_each(
        seeds in proptest::collection::vec(proptest::prelude::any::<u16>(), 100..2_500),
    ) {
        let mut tape = Tape(seeds.into_iter());
        let count = tape.pick(&[0, 1, 2, 7, 20, 70]);
        let mut made = |depth| (condition(&mut tape, depth), any(&mut tape, depth));
        let made = [made(1), made(2), made(3), made(4)];
        let rows: Vec<Row> = (0..count).map(|_| row(&mut tape)).collect();
        let (columns, values) = table(&rows);
        let view = view("random", columns, values);
        for (condition, value) in &made {
            check_condition(&view, &rows, condition);
            check_values(&view, &rows, value);
        }
    }
}
