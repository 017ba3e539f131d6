//! The expressions of the dashboard and of `tlc rows` mean in SQL what they mean there: those of
//! the tests of `tlc-view`, known and random, are asked of both.

use super::{block_on, root};
use made::conditions::condition;
use made::meaning::flag;
use made::rows::{Made, Row, Tape, row};
use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, any};
use proptest::test_runner::TestRunner;
use std::cell::Cell;
use std::sync::Arc;
use tlc_core::{Column, Columns, Table, TableOptions};
use tlc_query::datafusion::arrow::array::AsArray;
use tlc_query::datafusion::arrow::datatypes::Int64Type;
use tlc_query::datafusion::prelude::SessionContext;
use tlc_query::{Rows, context};

#[path = "../../../tlc-view/tests/view/expressions/known.rs"]
mod known;
#[path = "../../../tlc-view/tests/view/expressions/made/mod.rs"]
mod made;

/// Labels are numbers in SQL; where a view takes their names, so does this.
const NAMED: &str = r#"SELECT example_id, loss, n, class_name(label) AS label,
    class_name(predicted) AS predicted, class_name(other) AS other, class_name(nothing) AS nothing,
    note, flag, "column with spaces", "Weight" AS weight, key FROM numbered"#;
/// Conditions of the numbers of classes.
const OF_NUMBERS: [&str; 2] = ["label = 1", "label in (0, 7)"];
/// What SQL has not, or means otherwise: another escape than `\\`; zeros and NaNs that are
/// computed have signs there.
const OTHERWISE: [&str; 2] = ["note like '100!%' escape '!'", "Weight / 0 > 0"];
/// A division that a condition guards is an error in SQL where it is computed of all rows, and
/// never in a view.
const GUARDED: [&str; 3] = [
    "n is not null and n <> 0 and 100 / n = 1",
    "n = 0 or 100 / n < 0",
    "case when n = 0 then false else 100 / n > 20 end",
];

fn table(columns: Vec<Column>, rows: Columns) -> Table {
    let root = root();
    let options = TableOptions::new("p", "d", "t")
        .root(&root)
        .columns(columns);
    Table::create(options, |writer| writer.add_batch(rows)).unwrap()
}

fn session(table: &Table) -> SessionContext {
    let session = context(table.url()).unwrap().session().clone();
    session
        .register_table("numbered", Arc::new(Rows::of_table(table)))
        .unwrap();
    session
}

/// The rows in which a condition is true.
async fn rows_of(
    session: &SessionContext,
    from: &str,
    condition: &str,
) -> Result<Vec<usize>, String> {
    let sql = format!("SELECT example_id FROM ({from}) AS rows WHERE {condition}\n ORDER BY 1");
    let told = |error: tlc_query::datafusion::error::DataFusionError| error.to_string();
    let batches = session
        .sql(&sql)
        .await
        .map_err(told)?
        .collect()
        .await
        .map_err(told)?;
    let rows = batches
        .iter()
        .flat_map(|batch| batch.column(0).as_primitive::<Int64Type>().values());
    Ok(rows.map(|row| *row as usize).collect())
}

#[test]
fn known_conditions_match_the_same_rows() {
    let (columns, rows) = known::animals();
    let table = table(columns, rows);
    let session = session(&table);
    block_on(async {
        let mut differ = Vec::new();
        for (condition, expected) in known::CONDITIONS {
            let from = match OF_NUMBERS.contains(condition) {
                true => "SELECT * FROM numbered",
                false => NAMED,
            };
            match rows_of(&session, from, condition).await {
                Ok(rows) if rows == *expected => {}
                Err(error) if GUARDED.contains(condition) && error.contains("ivide by zero") => {}
                _ if OTHERWISE.contains(condition) => {}
                found => differ.push(format!("{condition}: {found:?}, {expected:?}")),
            }
        }
        assert!(differ.is_empty(), "{}", differ.join("\n"));
    });
}

/// Whether it means the same: labels are named in a view and numbers in SQL, and zeros and NaNs
/// that SQL computes have signs.
fn is_common(condition: &str) -> bool {
    let others = ["label", "guess", "kind", "nothing", "escape"];
    let computing = [
        " + ", " - ", " * ", " / ", " % ", "(-", "sqrt", "ln(", "log10", "pow", "exp", "round",
        "ceil", "floor",
    ];
    let condition = condition.to_lowercase();
    let mut different = others.iter().chain(&computing);
    !different.any(|text| condition.contains(text))
}

#[test]
fn random_conditions_match_the_same_rows() {
    const CASES: u32 = 60;
    let (asked, compared) = (Cell::new(0), Cell::new(0));
    let check = |seeds: Vec<u16>| {
        let mut tape = Tape(seeds.into_iter());
        let count = tape.pick(&[0, 1, 2, 7, 20, 70]);
        let conditions: Vec<Made> = (0..24)
            .map(|depth| condition(&mut tape, depth % 4))
            .collect();
        let rows: Vec<Row> = (0..count).map(|_| row(&mut tape)).collect();
        let (columns, values) = made::rows::table(&rows);
        let session = session(&table(columns, values));
        for condition in conditions.iter().filter(|made| is_common(&made.text)) {
            asked.set(asked.get() + 1);
            if is_compared(&session, &rows, condition) {
                compared.set(compared.get() + 1);
            }
        }
        Ok(())
    };
    let seeds = vec(any::<u16>(), 100..2_500);
    let mut runner = TestRunner::new(ProptestConfig::with_cases(CASES));
    runner.run(&seeds, check).unwrap();
    let (asked, compared) = (asked.get(), compared.get());
    println!("{compared} of {asked} conditions compared");
    assert!(
        compared > 2 * CASES && compared * 2 > asked,
        "{compared} of {asked}"
    );
}

/// Whether SQL says of the rows what an interpreter says of each, as it does of a view; false
/// if one of the two has no answer that the other could have.
fn is_compared(session: &SessionContext, rows: &[Row], made: &Made) -> bool {
    let expected = rows.iter().map(|row| flag((made.of)(row)));
    // An error in one row, of which SQL may know that nobody asks.
    let Ok(expected) = expected.collect::<Result<Vec<_>, ()>>() else {
        return false;
    };
    let expected = expected.iter().enumerate();
    let expected: Vec<usize> = expected
        .filter_map(|(row, flag)| (*flag == Some(true)).then_some(row))
        .collect();
    let condition = &made.text;
    match block_on(rows_of(session, "SELECT * FROM numbered", condition)) {
        Ok(found) => assert_eq!(found, expected, "{condition} of {rows:?}"),
        // SQL refuses some mixtures of types, and divides in rows that nobody asks for.
        Err(error) => {
            let known = ["during planning", "ivide by zero", "verflow"];
            assert!(
                known.iter().any(|known| error.contains(known)),
                "{condition}: {error}"
            );
            return false;
        }
    }
    true
}
