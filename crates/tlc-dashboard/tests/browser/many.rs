//! More rows than an element of a page can be tall.

use crate::page::Page;
use serde_json::json;
use std::time::Instant;
use tlc_core::{Columns, Table, TableOptions, Url};
use tlc_dashboard::Dashboard;

const ROWS: u64 = 10_000_000;

/// A value for each row that no other row has, in no order.
fn value(row: u64) -> f64 {
    ((row * 2_654_435_761 + 1_234_567) % (1 << 32)) as f64
}

fn table(root: &Url) -> Table {
    const BATCH: u64 = 1_000_000;
    let options = TableOptions::new("many", "rows", "initial").root(root);
    Table::create(options, |writer| {
        for first in (0..ROWS).step_by(BATCH as usize) {
            let batch = first..(first + BATCH).min(ROWS);
            let kinds = batch.clone().map(|row| (row % 7) as i32);
            writer.add_batch(
                Columns::new()
                    .column("value", batch.map(value).collect::<Vec<_>>())
                    .column("kind", kinds.collect::<Vec<_>>()),
            )?;
        }
        Ok(())
    })
    .unwrap()
}

/// A number as the page writes it.
fn written(number: u64) -> String {
    let digits = number.to_string();
    let from_end = digits.chars().rev().enumerate();
    let mut text = String::new();
    for (at, digit) in from_end {
        if at > 0 && at % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text.chars().rev().collect()
}

#[test]
fn the_last_of_many_rows_is_reached_in_the_order_of_a_column() {
    let folder = tempfile::tempdir().unwrap();
    let root = Url::from_path(folder.path()).unwrap();
    table(&root);
    let serving = Dashboard::new().root(&root).port(0).start().unwrap();
    let Some(mut page) = Page::open(&serving.link()) else {
        return;
    };
    let projects = page.api("projects");
    let project = projects[0]["id"].as_str().unwrap();
    let tables = page.api(&format!("projects/{project}/tables"));
    let start = Instant::now();
    page.go(&format!(
        "/samples?tables={}&m=table&charts=off",
        tables[0]["id"].as_str().unwrap()
    ));
    page.counts(&written(ROWS));
    println!(
        "{} rows are open after {:?}",
        written(ROWS),
        start.elapsed()
    );

    let by_value = |a: &u64, b: &u64| value(*a).total_cmp(&value(*b));
    let most = (0..ROWS).max_by(by_value).unwrap();
    let least = (0..ROWS).min_by(by_value).unwrap();
    let line = |place: &str, row: u64| {
        format!(
            "[...document.querySelectorAll('.tableroom .line:not(.head) .cell:first-child')].at({place})?.textContent === '{}'",
            written(row)
        )
    };
    let start = Instant::now();
    page.click(".tableroom [role=columnheader] button:has-text(\"value\")");
    page.until(&line("0", most));
    println!("sorted after {:?}", start.elapsed());
    let start = Instant::now();
    page.press(&["End"]);
    page.until(&line("-1", least));
    println!("the last is shown after {:?}", start.elapsed());
    page.press(&["Home"]);
    page.until(&line("0", most));
    // The same by the scroll bar, to its end.
    page.run("(() => { const list = document.querySelector('.tableroom .virtual'); list.scrollTop = list.scrollHeight; })()");
    page.until(&line("-1", least));
    // By the wheel one comes to the row before.
    let before = (0..ROWS)
        .filter(|row| *row != least)
        .min_by(by_value)
        .unwrap();
    page.until(&line("-2", before));

    let start = Instant::now();
    page.press(&["/"]);
    page.fill(
        "[aria-label=\"filter by an expression\"]",
        "kind = 3 and value < 1000000",
    );
    page.press(&["Enter"]);
    let passes = (0..ROWS).filter(|row| row % 7 == 3 && value(*row) < 1e6);
    let passes: Vec<u64> = passes.collect();
    let few = format!(
        "document.querySelector('.rowshead .count b')?.textContent === '{}' && document.querySelector('section.rows').getAttribute('aria-busy') === 'false'",
        written(passes.len() as u64)
    );
    page.until(&few);
    println!("filtered after {:?}", start.elapsed());
    let mut expected: Vec<usize> = passes.iter().map(|row| *row as usize).collect();
    expected.sort_by(|a, b| value(*b as u64).total_cmp(&value(*a as u64)));
    assert_eq!(json!(page.rows()), json!(expected));
    page.is_clean();
}
