//! A dashboard that is killed.

use crate::child;
use crate::page::Page;
use crate::review::{WRONG, labels, open_samples, queue, start};
use crate::world::World;
use serde_json::json;
use std::io::{BufRead, BufReader};
use std::process::Child;
use tlc_core::Url;
use tlc_dashboard::Dashboard;

const ROLE: &str = "TLC_BROWSER_SERVES";

/// Serves until it is killed, where it is told what and at which port.
#[test]
fn a_dashboard_in_a_process_of_its_own() {
    let Ok(what) = std::env::var(ROLE) else {
        return;
    };
    let (port, root) = what.split_once(' ').unwrap();
    let root = Url::parse(root).unwrap();
    let dashboard = Dashboard::new().root(root).port(port.parse().unwrap());
    let serving = dashboard.start().unwrap();
    println!("\nserves {}", serving.link());
    serving.wait();
}

struct Served {
    process: Child,
    link: String,
}

impl Served {
    fn start(world: &World, port: u16) -> Self {
        let name = "killed::a_dashboard_in_a_process_of_its_own";
        let mut process = child(name, ROLE, &format!("{port} {}", world.root))
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut lines = lines.map(|line| line.unwrap());
        let link = lines.find_map(|line| line.strip_prefix("serves ").map(str::to_owned));
        let link = link.unwrap();
        Self { process, link }
    }

    fn port(&self) -> u16 {
        let port = self.link.split([':', '/']).nth(4).unwrap();
        port.parse().unwrap()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn edits_outlive_a_server_that_is_killed_and_none_is_lost_without_a_word() {
    let world = World::new();
    let served = Served::start(&world, 0);
    let port = served.port();
    let Some(mut page) = Page::open(&served.link) else {
        return;
    };
    open_samples(&mut page, WRONG);
    start(&mut page);
    let at = |place: usize| {
        format!("document.querySelector('.reviewhead span')?.textContent.startsWith('{place} of ')")
    };
    for place in 1..=4 {
        page.until(&at(place));
        page.press(&["a"]);
    }
    page.until(&at(5));
    page.until("document.querySelector('.pending')?.textContent === '4 pending'");
    page.is_clean();

    drop(served);
    page.until("document.querySelector('.tools').textContent.includes('offline')");
    // What the server did not take is not passed over.
    page.press(&["a"]);
    page.wait(".failure");
    assert_eq!(page.run(&at(5)), json!(true));
    let faults = page.faults();
    assert_eq!(
        (&faults["thrown"], &faults["elsewhere"]),
        (&json!([]), &json!([])),
        "{faults}"
    );

    let served = Served::start(&world, port);
    let place = page.run("location.hash.slice(1)");
    page.hand("go", json!({ "link": served.link }));
    page.wait(".runtable");
    page.faults();
    page.go(place.as_str().unwrap());
    page.until(&at(5));
    page.until("document.querySelector('.pending')?.textContent === '4 pending'");
    page.press(&["a"]);
    page.until(&at(6));
    page.press(&["Control+Enter"]);
    page.fill("dialog textarea", "after the power was back");
    page.press(&["Control+Enter"]);
    page.wait("dialog:has-text(\"Committed\")");
    let said = world.said(1);
    let mut label = labels(&world.table);
    for row in &queue(&said)[..5] {
        label[said[*row].id] = said[*row].predicted;
    }
    assert!(labels(&world.table.latest().unwrap()) == label);
    page.is_clean();
}
