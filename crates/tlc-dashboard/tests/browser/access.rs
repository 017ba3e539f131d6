//! Whether everybody can use it: axe finds no serious fault on any page, in light and in dark.

use crate::page::Page;
use crate::world::{PROJECT, World};
use serde_json::{Value, json};
use tlc_core::{Run, RunOptions};

#[test]
fn axe_finds_no_serious_fault_on_any_page_in_either_theme() {
    let world = World::new();
    world.another_run("second", 2);
    let mut edit = world.table.edit().unwrap();
    edit.set_rows("label", 0..10, 1).unwrap();
    edit.commit("one label").unwrap();
    Run::create(RunOptions::new("another").root(&world.root)).unwrap();
    let serving = world.serve();
    let Some(mut page) = Page::open(&serving.link()) else {
        return;
    };
    page.wait("table.list tbody tr");
    let projects = page.api("projects");
    let mut projects = projects.as_array().unwrap().iter();
    let project = id(projects.find(|project| project["name"] == PROJECT).unwrap());
    let runs = page.api(&format!("projects/{project}/runs"));
    let (run, other) = (id(&runs[0]), id(&runs[1]));
    let tables = page.api(&format!("projects/{project}/tables"));
    let table = id(&tables[0]);
    let places = [
        (
            format!("/project/{project}/runs?run={run}&on={run},{other}"),
            ".chart canvas",
        ),
        (format!("/project/{project}/tables?table={table}"), ".diff"),
        (format!("/samples?runs={run}"), ".tile img"),
        (
            format!("/samples?runs={run}&m=table&row=3"),
            ".detail .values",
        ),
        (
            format!(
                "/samples?runs={run}&c=[{{\"kind\":\"points\",\"x\":\"across\",\"y\":\"up\",\"color\":\"label\"}},{{\"kind\":\"groups\",\"by\":\"label\",\"of\":\"loss\"}}]"
            ),
            ".points canvas",
        ),
        (format!("/review?runs={run}"), ".centre img"),
        (
            format!("/compare?before={other}&after={run}"),
            ".movedpane table",
        ),
        (
            format!("/samples?runs={run}&f=[{{\"type\":\"expression\",\"text\":\"loss > >\"}}]"),
            ".problem",
        ),
        (
            format!(
                "/samples?runs={run}&c=[{{\"kind\":\"points3\",\"x\":\"across\",\"y\":\"up\",\"z\":\"loss\",\"color\":\"loss\"}},{{\"kind\":\"boxes\",\"by\":\"label\",\"of\":\"loss\"}},{{\"kind\":\"history\"}}]"
            ),
            ".trends svg",
        ),
        (format!("/samples?runs={run},{other}"), ".pane .scale span"),
        ("/".to_owned(), "table.list"),
        ("/samples?runs=0123456789abcdef".to_owned(), ".failure"),
    ];
    let mut found = Vec::new();
    for theme in ["light", "dark"] {
        page.hand("theme", json!({ "theme": theme }));
        for (place, sign) in &places {
            page.go(place);
            page.wait(sign);
            page.until("![...document.querySelectorAll('[aria-busy=true]')].length");
            found.extend(serious(&mut page, &format!("{theme} {place}")));
        }
        page.go(&places[5].0);
        page.wait(".centre img");
        page.press(&["1", "Control+Enter"]);
        page.wait("dialog textarea");
        found.extend(serious(&mut page, &format!("{theme} the commit")));
        page.press(&["Escape", "?"]);
        page.wait("dialog .keys");
        found.extend(serious(&mut page, &format!("{theme} the keys")));
        page.press(&["Escape"]);
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    // What is refused, the browser says so.
    let faults = page.faults();
    assert_eq!(
        (&faults["thrown"], &faults["elsewhere"]),
        (&json!([]), &json!([])),
        "{faults}"
    );
}

fn id(of: &Value) -> String {
    of["id"].as_str().unwrap().to_owned()
}

/// What axe calls serious or critical.
fn serious(page: &mut Page, what: &str) -> Vec<String> {
    let found = page.hand("axe", json!({}));
    let found = found.as_array().unwrap().iter();
    let serious = found.filter(|each| each["impact"] == "serious" || each["impact"] == "critical");
    serious.map(|each| format!("{what}: {each:#}")).collect()
}
