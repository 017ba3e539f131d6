//! Two runs, sample by sample.

use crate::page::Page;
use crate::world::{CLASSES, World};
use std::collections::BTreeMap;

#[test]
fn two_runs_that_are_ticked_are_compared_sample_by_sample() {
    let world = World::new();
    world.another_run("second", 2);
    let (serving, one, other) = (world.serve(), world.said(1), world.said(2));
    let Some(mut page) = Page::sized(&serving.link(), 1600, 1200) else {
        return;
    };
    page.wait("[aria-label=\"draw second\"]");
    for run in ["first", "second"] {
        page.until(&format!("(() => {{ const box = document.querySelector('[aria-label=\"draw {run}\"]'); if (!box.checked) box.click(); return box.checked; }})()"));
    }
    page.until("document.querySelectorAll('.chart canvas').length > 0");
    page.click(".runtable tr:has-text(\"second\") .name");
    page.click("text=Compare…");
    page.wait(".verdicts .finding:has-text(\"Newly wrong\")");
    page.until("document.querySelector('.verdicts .number')?.textContent !== '…'");
    let mut verdicts = BTreeMap::new();
    let mut moved = 0;
    for (before, after) in one.iter().zip(&other) {
        let verdict = match (
            before.predicted == before.label,
            after.predicted == after.label,
        ) {
            (true, false) => "Newly wrong",
            (false, true) => "Newly right",
            (false, false) => "Stays wrong",
            (true, true) => "Stays right",
        };
        *verdicts.entry(verdict).or_insert(0) += 1;
        moved += usize::from(before.predicted != after.predicted);
    }
    assert_eq!(verdicts.len(), 4, "{verdicts:?}");
    for (verdict, samples) in &verdicts {
        let card = format!(".verdicts .finding:has-text(\"{verdict}\") .number");
        assert_eq!(page.texts(&card), [samples.to_string()], "{verdict}");
    }
    assert_eq!(
        page.texts(".movedpane figcaption .number"),
        [moved.to_string()]
    );
    matrix_is_right(&mut page, &world);

    page.click(".verdicts .finding:has-text(\"Newly wrong\")");
    page.click("text=Open in samples");
    page.as_table();
    let rows = page.sorted_rows();
    let pairs = one.iter().zip(&other).enumerate();
    let newly_wrong = pairs.filter(|(_, (before, after))| {
        before.predicted == before.label && after.predicted != after.label
    });
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
