//! Rows kept under a name, and columns computed of others.

use crate::page::Page;
use crate::world::World;

#[test]
fn rows_are_kept_under_a_name_that_filters_and_that_programs_find() {
    let world = World::new();
    let (serving, said) = (world.serve(), world.said(1));
    let Some(mut page) = Page::sized(&serving.link(), 1600, 1200) else {
        return;
    };
    page.click("text=Open samples");
    page.wait(".tile");
    page.fill("[aria-label=\"filter by an expression\"]", "loss > 2");
    page.press(&["Enter"]);
    let hard: Vec<usize> = (0..said.len())
        .filter(|row| said[*row].loss > 2.0)
        .collect();
    page.counts(&hard.len().to_string());
    page.click(".kept button:has-text(\"as…\")");
    page.fill("[aria-label=\"name of these rows\"]", "../hard");
    page.press(&["Enter"]);
    page.wait(".kept [role=alert]:has-text(\"name\")");
    page.faults();
    page.fill("[aria-label=\"name of these rows\"]", "hard & 'rare'");
    page.press(&["Enter"]);
    page.wait(".keptrow:has-text(\"hard & 'rare'\")");
    let kept = world.table.selection("hard & 'rare'").unwrap();
    let mut samples: Vec<usize> = hard.iter().map(|row| said[*row].id).collect();
    samples.sort_unstable();
    assert_eq!(kept.rows().collect::<Vec<_>>(), samples);

    page.press(&["Escape", "x"]);
    page.counts("1,000");
    page.click(".keptrow .classbar");
    page.as_table();
    assert_eq!(page.sorted_rows(), hard);

    // It is there for whoever opens the page by this address.
    page.hand("reload", serde_json::json!({}));
    page.wait(".tableroom");
    assert_eq!(page.sorted_rows(), hard);
    page.click("[aria-label=\"forget the name hard & 'rare'\"]");
    page.wait(".toast:has-text(\"is forgotten\")");
    page.until("!document.querySelector('.keptrow')");
    page.counts("1,000");
    assert!(world.table.selection("hard & 'rare'").is_err());
    page.is_clean();
}

#[test]
fn a_column_is_computed_filtered_by_and_kept_in_the_address() {
    let world = World::new();
    let (serving, said) = (world.serve(), world.said(1));
    let Some(mut page) = Page::sized(&serving.link(), 1600, 1200) else {
        return;
    };
    page.click("text=Open samples");
    page.wait(".tile");
    let form = "[aria-label=\"a new column: name = expression\"]";
    page.click(".derived button");
    page.fill(form, "sum = loss + nothing");
    page.press(&["Enter"]);
    page.wait(".derived [role=alert]:has-text(\"nothing\")");
    page.fill(form, "sum = loss + confidence");
    page.press(&["Enter"]);
    page.wait(".derived .row:has-text(\"sum\")");
    page.fill("[aria-label=\"filter by an expression\"]", "sum > 3");
    page.press(&["Enter"]);
    page.as_table();
    let is_in = |row: &usize| said[*row].loss + said[*row].confidence > 3.0;
    let expected: Vec<usize> = (0..said.len()).filter(is_in).collect();
    page.counts(&expected.len().to_string());
    assert_eq!(page.sorted_rows(), expected);
    // It goes along to the review, and back.
    page.press(&["r"]);
    page.until(&format!(
        "document.querySelector('.reviewhead span')?.textContent === '1 of {}'",
        expected.len()
    ));
    page.press(&["Escape"]);
    page.wait(".tableroom");
    page.hand("reload", serde_json::json!({}));
    page.wait(".tableroom");
    assert_eq!(page.sorted_rows(), expected);
    page.click("[aria-label=\"take the column sum away\"]");
    page.wait(".filters [role=alert]:has-text(\"sum\")");
    // The filter that names it is refused, and said to be.
    let faults = page.faults().to_string();
    assert!(
        faults.contains("status of 400") && !faults.contains("status of 5"),
        "{faults}"
    );
}
