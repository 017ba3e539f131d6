//! Review by keys, and the revision that comes of it.

use crate::page::Page;
use crate::world::{CLASSES, Said, World};
use serde_json::json;
use tlc_core::Table;
use tlc_core::arrow::array::AsArray;
use tlc_core::arrow::datatypes::{Float32Type, Int32Type};

pub(crate) const WRONG: &str = r#"f=[{"type":"expression","text":"predicted != label"}]&o=[{"column":"loss","descending":true}]"#;

/// Labels of a table, by its rows.
pub(crate) fn labels(table: &Table) -> Vec<i32> {
    let labels = table.column("label").unwrap();
    labels.as_primitive::<Int32Type>().values().to_vec()
}

fn weights(table: &Table) -> Vec<f32> {
    let weights = table.column("weight").unwrap();
    weights.as_primitive::<Float32Type>().values().to_vec()
}

/// Rows of wrong predictions, those with the largest loss first.
pub(crate) fn queue(said: &[Said]) -> Vec<usize> {
    let rows = said.iter().enumerate();
    let wrong = rows.filter(|(_, each)| each.predicted != each.label);
    let mut rows: Vec<usize> = wrong.map(|(row, _)| row).collect();
    rows.sort_by(|a, b| said[*b].loss.total_cmp(&said[*a].loss));
    rows
}

/// Opens the samples of the only run in this order, and gives the address that does.
pub(crate) fn open_samples(page: &mut Page, query: &str) -> String {
    page.click("text=Open samples");
    page.wait(".tile");
    let query = query.split('&').map(|part| {
        let (name, value) = part.split_once('=').unwrap();
        format!("&{name}=${{encodeURIComponent({})}}", json!(value))
    });
    let query: String = query.collect();
    page.run(&format!("location.hash += `{query}`"));
    page.run("location.hash.split('?')[1]")
        .as_str()
        .unwrap()
        .to_owned()
}

/// Presses a key, and waits until the review is at this place.
fn decide(page: &mut Page, key: &str, place: usize) {
    page.press(&[key]);
    is_at(page, place);
}

fn is_at(page: &mut Page, place: usize) {
    page.until(&format!(
        "document.querySelector('.reviewhead span')?.textContent.startsWith('{place} of ')"
    ));
}

fn pending(page: &mut Page, cells: usize) {
    let script = match cells {
        0 => "!document.querySelector('.pending')".to_owned(),
        cells => format!("document.querySelector('.pending')?.textContent === '{cells} pending'"),
    };
    page.until(&script);
}

/// Commits what is pending under this name.
fn commit(page: &mut Page, name: &str) {
    page.press(&["Control+Enter"]);
    page.fill("dialog textarea", "Labels that the model disagreed with");
    page.fill("dialog input >> nth=0", name);
    page.press(&["Control+Enter"]);
}

#[test]
fn ten_samples_are_reviewed_by_keys_and_the_revision_has_what_was_decided() {
    let world = World::new();
    let (serving, said) = (world.serve(), world.said(1));
    let Some(mut page) = Page::open(&serving.link()) else {
        return;
    };
    let query = open_samples(&mut page, WRONG);
    page.as_table();
    let queue = queue(&said);
    assert_eq!(page.rows(), queue);
    page.press(&["r"]);
    is_at(&mut page, 1);
    shows(&mut page, &said[queue[0]], None);
    let keys = ["a", "a", "3", "k", "w", "a", "0", "s", "a", "a"];
    for (place, key) in keys.iter().enumerate() {
        decide(&mut page, key, place + 2);
    }
    pending(&mut page, 8);
    // Twice back: to the tenth, and to the ninth.
    for place in [10, 9] {
        decide(&mut page, "u", place);
        shows(&mut page, &said[queue[place - 1]], None);
    }
    pending(&mut page, 6);

    page.hand("reload", json!({}));
    is_at(&mut page, 9);
    pending(&mut page, 6);
    // Whoever comes back later goes on at the one that was skipped.
    page.go("/");
    page.wait(".runtable");
    page.go(&format!("/review?{query}"));
    is_at(&mut page, 8);
    page.press(&["ArrowLeft"]);
    is_at(&mut page, 7);
    shows(&mut page, &said[queue[6]], Some(9));

    commit(&mut page, "mended");
    page.wait("dialog:has-text(\"Committed: mended\")");
    pending(&mut page, 0);
    let mended = world.table.latest().unwrap();
    assert_eq!(mended.name(), "mended");
    page.click("text=See the revision");
    page.wait(".diff:has-text(\"6 cells\")");
    assert_eq!(page.texts(".diff tbody tr").len(), 6);
    assert_eq!(mended.description(), "Labels that the model disagreed with");
    let (mut label, mut weight) = (labels(&world.table), weights(&world.table));
    for place in [0, 1, 5] {
        label[said[queue[place]].id] = said[queue[place]].predicted;
    }
    label[said[queue[2]].id] = 2;
    label[said[queue[6]].id] = 9;
    weight[said[queue[4]].id] = 0.0;
    assert!((labels(&mended), weights(&mended)) == (label, weight));
    page.is_clean();
}

/// The sample that is looked at, with the label that it has now.
fn shows(page: &mut Page, said: &Said, new_label: Option<i32>) {
    let label = CLASSES[new_label.unwrap_or(said.label) as usize];
    let expected = format!("{label} {}", CLASSES[said.predicted as usize]);
    page.until(&format!(
        "[...document.querySelectorAll('.centre .verdict b')].map((each) => each.textContent).join(' ') === {}",
        json!(expected)
    ));
    let is_struck = page.run("document.querySelectorAll('.centre .verdict s').length");
    assert_eq!(is_struck, json!(usize::from(new_label.is_some())));
}

#[test]
fn who_was_slower_is_offered_to_put_their_edits_on_top() {
    let world = World::new();
    let (serving, said) = (world.serve(), world.said(1));
    let Some(mut page) = Page::open(&serving.link()) else {
        return;
    };
    open_samples(&mut page, WRONG);
    let queue = queue(&said);
    page.press(&["r"]);
    decide(&mut page, "a", 2);
    decide(&mut page, "a", 3);
    let ids: Vec<usize> = queue[..3].iter().map(|row| said[*row].id).collect();
    let mut theirs = world.table.edit().unwrap();
    let other = (said[queue[0]].predicted + 1) % 10;
    theirs.set("label", ids[0], other).unwrap();
    theirs.set("label", ids[2], 8).unwrap();
    let theirs = theirs.commit("theirs").unwrap();

    commit(&mut page, "mine");
    page.wait(".conflict");
    let offer = page.texts(".conflict").concat();
    assert!(offer.contains(theirs.name()), "{offer}");
    assert!(offer.contains("1 cell changed by both"), "{offer}");
    let cells = page.texts(".conflict tbody td");
    let mine = CLASSES[said[queue[0]].predicted as usize];
    assert_eq!(
        cells,
        [&ids[0].to_string(), "label", mine, CLASSES[other as usize]]
    );
    // The browser itself says of the answer that it is no success.
    let refused = page.faults();
    assert_eq!(refused["thrown"], json!([]), "{refused}");

    page.click("text=Put mine on top");
    page.wait("dialog:has-text(\"Committed: mine\")");
    let mut label = labels(&world.table);
    label[ids[0]] = said[queue[0]].predicted;
    label[ids[1]] = said[queue[1]].predicted;
    label[ids[2]] = 8;
    assert!(labels(&world.table.latest().unwrap()) == label);
    page.is_clean();
}
