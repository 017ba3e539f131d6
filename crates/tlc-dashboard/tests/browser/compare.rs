//! Two runs, sample by sample.

use crate::page::Page;
use crate::world::{CLASSES, Said, World};
use std::collections::BTreeMap;
use tlc_core::{AddMetrics, Columns, Run, RunOptions, Table, TableOptions, Url};
use tlc_dashboard::Dashboard;

/// The page of the runs `first` and `second`, both of them ticked, at the second.
pub(crate) fn both_ticked(link: &str) -> Option<Page> {
    let mut page = Page::sized(link, 1600, 1200)?;
    page.wait("[aria-label=\"draw second\"]");
    for run in ["first", "second"] {
        page.until(&format!("(() => {{ const box = document.querySelector('[aria-label=\"draw {run}\"]'); if (!box.checked) box.click(); return box.checked; }})()"));
    }
    page.click(".runtable tr:has-text(\"second\") .name");
    Some(page)
}

/// How many samples became what from one run to another.
pub(crate) fn verdicts(one: &[Said], other: &[Said]) -> BTreeMap<&'static str, usize> {
    let mut verdicts = BTreeMap::new();
    for (before, after) in one.iter().zip(other) {
        let verdict = match (before.is_right(), after.is_right()) {
            (true, false) => "newly wrong",
            (false, true) => "newly right",
            (false, false) => "stays wrong",
            (true, true) => "stays right",
        };
        *verdicts.entry(verdict).or_default() += 1;
    }
    verdicts
}

#[test]
fn two_runs_that_are_ticked_are_compared_sample_by_sample() {
    let world = World::new();
    world.another_run("second", 2);
    let (serving, one, other) = (world.serve(), world.said(1), world.said(2));
    let Some(mut page) = both_ticked(&serving.link()) else {
        return;
    };
    page.until("document.querySelectorAll('.chart canvas').length > 0");
    page.click("text=Compare…");
    page.wait(".verdicts .finding:has-text(\"Newly wrong\")");
    page.until("document.querySelector('.verdicts .number')?.textContent !== '…'");
    let verdicts = verdicts(&one, &other);
    let pairs = one.iter().zip(&other);
    let moved = pairs.filter(|(before, after)| before.predicted != after.predicted);
    assert_eq!(verdicts.len(), 4, "{verdicts:?}");
    for (verdict, samples) in &verdicts {
        let card = format!(".verdicts .finding:has-text(\"{verdict}\") .number");
        assert_eq!(page.texts(&card), [samples.to_string()], "{verdict}");
    }
    assert_eq!(
        page.texts(".movedpane figcaption .number"),
        [moved.count().to_string()]
    );
    matrix_is_right(&mut page, &world);

    page.click(".verdicts .finding:has-text(\"Newly wrong\")");
    page.click("text=Open in samples");
    page.as_table();
    let rows = page.sorted_rows();
    let pairs = one.iter().zip(&other).enumerate();
    let newly_wrong = pairs.filter(|(_, (before, after))| before.is_right() && !after.is_right());
    assert_eq!(rows, newly_wrong.map(|(row, _)| row).collect::<Vec<_>>());
    page.is_clean();
}

/// Each cell says how many samples went from one class to another.
fn matrix_is_right(page: &mut Page, world: &World) {
    let script = "[...document.querySelectorAll('.movedpane .moved[title]')].map((cell) => cell.title.split(' samples')[0]).sort()";
    let shown: Vec<String> = serde_json::from_value(page.run(script)).unwrap();
    let (one, other) = (world.said(1), world.said(2));
    let mut moves = BTreeMap::new();
    for (before, after) in one.iter().zip(&other) {
        if before.predicted != after.predicted {
            let pair = (before.predicted as usize, after.predicted as usize);
            *moves.entry(pair).or_insert(0) += 1;
        }
    }
    let expected = moves.iter().map(|((before, after), samples)| {
        format!("{} → {}: {samples}", CLASSES[*before], CLASSES[*after])
    });
    let mut expected: Vec<String> = expected.collect();
    expected.sort();
    assert_eq!(shown, expected);
}

#[test]
fn runs_that_predict_numbers_are_compared_by_how_far_their_error_moved() {
    let folder = tempfile::tempdir().unwrap();
    let root = Url::from_path(folder.path()).unwrap();
    let targets: Vec<f32> = (0..40_i16).map(|row| f32::from(row) / 8.0).collect();
    let options = TableOptions::new("houses", "train", "initial").root(&root);
    let rows = Columns::new().column("target", targets);
    let table = Table::create(options, |writer| writer.add_batch(rows)).unwrap();
    // The first run errs by 1 of every row; the second by less of some, by more of others.
    let error = |row: i16| match row % 4 {
        0 => 0.5,
        1 => 1.25 + f32::from(row) / 8.0,
        _ => 1.0,
    };
    regression(&root, "first", &table, |_| 1.0);
    regression(&root, "second", &table, error);
    let serving = Dashboard::new().root(&root).port(0).start().unwrap();
    let Some(mut page) = both_ticked(&serving.link()) else {
        return;
    };
    page.click("text=Compare…");
    page.until("document.querySelector('.verdicts .number')?.textContent === '10'");
    assert_eq!(
        page.texts(".verdicts b"),
        ["Grew", "10", "Fell", "10", "Unchanged", "20"]
    );
    assert!(page.texts(".movedpane").is_empty());
    page.until("document.querySelectorAll('.changed .tile').length === 10");
    let first = page.texts(".changed .tile .says")[0].clone();
    assert_eq!(first.split_whitespace().collect::<String>(), "1→5.88");
    page.click(".verdicts .finding:has-text(\"Fell\")");
    page.until("document.querySelector('.changed .tile .value')?.textContent === '−0.500'");
    page.is_clean();
}

fn regression(root: &Url, name: &str, table: &Table, error: impl Fn(i16) -> f32) {
    let run = Run::create(RunOptions::new("houses").root(root).name(name)).unwrap();
    let rows = 0..40_i16;
    let values = Columns::new()
        .column(
            "example_id",
            rows.clone().map(i64::from).collect::<Vec<_>>(),
        )
        .column("absolute_error", rows.map(error).collect::<Vec<_>>());
    let about = AddMetrics::new().foreign_table(table).constant("epoch", 1);
    run.add_metrics(values, about).unwrap();
}
