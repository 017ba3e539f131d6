//! Findings, by the button.

use crate::page::Page;
use crate::world::World;
use serde_json::json;
use tlc_core::Run;

#[test]
fn label_issues_are_found_by_the_button_and_are_the_labels_that_are_wrong() {
    let world = World::new();
    let (serving, said) = (world.serve(), world.said(1));
    let Some(mut page) = Page::sized(&serving.link(), 1600, 1200) else {
        return;
    };
    page.click("text=Open samples");
    page.click("button:has-text(\"Compute\")");
    page.wait("button.finding:has-text(\"Label issues\")");
    let card = page.texts("button.finding:has-text(\"Label issues\") .number");
    page.click("button.finding:has-text(\"Label issues\")");
    page.until("location.hash.includes('is_label_issue')");
    page.as_table();
    // Those first that are wrong, and whatever else the model doubts after them.
    let rows = page.rows();
    assert_eq!(card, [rows.len().to_string()]);
    let is_wrong = |row: &usize| said[*row].is_mislabelled;
    let wrong = said.iter().filter(|each| each.is_mislabelled).count();
    assert!(rows[..wrong].iter().all(is_wrong), "{rows:?}");
    assert!(rows.len() < wrong + wrong / 5, "{} of {wrong}", rows.len());
    assert_eq!(page.parameter("o")[0]["column"], json!("label_rank"));

    // It is kept in the run: whoever opens it has it.
    let run = Run::from_url(world.run.url()).unwrap();
    let findings = run.metrics().unwrap().findings();
    let streams: Vec<&str> = findings.iter().map(|metrics| metrics.stream()).collect();
    assert!(streams.contains(&"label_issues"), "{streams:?}");
    page.is_clean();
}
