//! What is shown of samples, whatever they are; and that a link shows it to others.

use crate::page::Page;
use crate::world::{CLASSES, World};
use serde::Serialize;
use serde_json::{Value, json};
use tlc_core::{AddMetrics, Columns, Run, RunOptions, Status, Table, TableOptions};

/// What is selected, what is open, which panels there are, and how large the tiles.
const SHOWN: &str = "(() => {
  const selected = [...document.querySelectorAll('.tile.is-selected img')].map((image) => image.alt).sort();
  if (selected.length !== 2 || document.querySelector('[aria-busy=true]')) return null;
  const has = (selector) => document.querySelector(selector) !== null;
  return JSON.stringify([selected, document.querySelector('.detail header b').textContent, has('.filters'), has('.findings'), has('.chartpane'), document.querySelector('.tile').clientWidth]);
})()";

#[test]
fn a_link_shows_the_same_to_whoever_gets_it() {
    let world = World::new();
    let serving = world.serve();
    let Some(mut page) = Page::open(&serving.link()) else {
        return;
    };
    page.click("text=Open samples");
    page.wait(".tile.is-cursor img");
    page.press(&["ArrowRight", "Space", "ArrowRight", "Space", "Enter"]);
    page.wait(".detail");
    page.press(&["Shift+f", "f", "c", "+"]);
    let seen = page.until(SHOWN);
    let link = page.run("location.hash.slice(1)");
    page.is_clean();

    let opened = json!({ "link": serving.link(), "width": 1280, "height": 720 });
    page.hand("open", opened);
    page.wait(".runtable");
    page.go(link.as_str().unwrap());
    page.wait(".detail");
    assert_eq!(page.until(SHOWN), seen);
    page.press(&["Escape", "x"]);
    page.until("!document.querySelector('.detail') && !document.querySelector('.tile.is-selected') && !location.hash.includes('sel=')");
    page.is_clean();
}

#[test]
fn probabilities_are_the_largest_classes_by_their_names() {
    let world = World::new();
    let (serving, said) = (world.serve(), world.said(1));
    let Some(mut page) = Page::open(&serving.link()) else {
        return;
    };
    let run = the_run(&mut page);
    page.go(&format!("/samples?runs={run}&row=0"));
    page.wait(".classbars");
    let names = page.texts(".classbars li .cut");
    assert_eq!(names[0], CLASSES[said[0].predicted as usize]);
    assert_eq!(names.len(), 5, "{names:?}");
    assert_eq!(
        page.texts(".classbars li .number")[0],
        format!("{:.0} %", said[0].confidence * 100.0)
    );
    page.is_clean();
}

/// The id of the only run of the only project.
fn the_run(page: &mut Page) -> String {
    let projects = page.api("projects");
    let runs = page.api(&format!("projects/{}/runs", text(&projects[0]["id"])));
    text(&runs[0]["id"])
}

/// The id of the only table of the only project.
fn the_table(page: &mut Page) -> String {
    let projects = page.api("projects");
    let tables = page.api(&format!("projects/{}/tables", text(&projects[0]["id"])));
    text(&tables[0]["id"])
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

#[derive(Serialize)]
struct Sequence {
    tokens: Vec<String>,
    token_loss: Vec<f32>,
}

#[test]
fn tokens_are_coloured_by_what_each_cost() {
    let folder = tempfile::tempdir().unwrap();
    let root = tlc_core::Url::from_path(folder.path()).unwrap();
    let tokens = ["an", "unlikely", "quokka"].map(str::to_owned).to_vec();
    let token_loss = vec![0.0, 1.0, 4.0];
    let rows = [Sequence { tokens, token_loss }];
    let options = TableOptions::new("words", "train", "initial").root(&root);
    Table::create(options, |writer| writer.add_rows(&rows)).unwrap();
    let dashboard = tlc_dashboard::Dashboard::new().root(&root).port(0);
    let serving = dashboard.start().unwrap();
    let Some(mut page) = Page::open(&serving.link()) else {
        return;
    };
    let table = the_table(&mut page);
    page.go(&format!("/samples?tables={table}&m=grid"));
    page.wait(".tile .sequence");
    assert_eq!(
        page.texts(".tile .sequence span"),
        ["an", "unlikely", "quokka"]
    );
    let titles = page.run(
        "[...document.querySelectorAll('.tile .sequence span')].map((token) => token.title).join()",
    );
    assert_eq!(titles, json!("loss 0,loss 1,loss 4"));
    page.is_clean();
}

#[test]
fn each_stream_of_a_run_has_a_tab_with_its_own_columns() {
    let folder = tempfile::tempdir().unwrap();
    let root = tlc_core::Url::from_path(folder.path()).unwrap();
    let run = Run::create(RunOptions::new("streams").root(&root)).unwrap();
    let samples = Columns::new()
        .column("example_id", vec![0_i64, 1, 2])
        .column("loss", vec![0.5, 0.25, 1.5]);
    let of = |stream: &str| AddMetrics::new().stream(stream).constant("epoch", 1_i64);
    run.add_metrics(samples, of("samples")).unwrap();
    let classes = Columns::new()
        .column("class", vec!["cat", "dog"])
        .column("recall", vec![0.5, 0.75]);
    run.add_metrics(classes, of("classes")).unwrap();
    run.change().status(Status::Completed).commit().unwrap();
    let dashboard = tlc_dashboard::Dashboard::new().root(&root).port(0);
    let serving = dashboard.start().unwrap();
    let Some(mut page) = Page::open(&serving.link()) else {
        return;
    };
    page.click("text=Open samples");
    page.wait("[role=tab][aria-selected=true]:has-text(\"samples\")");
    assert_eq!(page.rows(), [2, 0, 1]);
    page.run("document.querySelector('[role=tab][aria-selected=true]').focus()");
    page.press(&["ArrowRight"]);
    page.wait("[role=tab][aria-selected=true]:has-text(\"classes\")");
    page.wait("[role=columnheader]:has-text(\"recall\")");
    assert_eq!(page.rows(), [0, 1]);
    page.is_clean();
}
