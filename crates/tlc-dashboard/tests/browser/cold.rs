//! The first minute: the link, the runs, the samples of one.

use crate::page::Page;
use crate::world::{PROJECT, SAMPLES, World};
use serde_json::json;
use std::time::Instant;
use tlc_dashboard::Dashboard;
use tlc_findings::sheet::Image;

#[test]
fn the_link_opens_the_page_cold_and_a_click_leads_to_the_samples() {
    let world = World::new();
    let serving = world.serve();
    let link = serving.link();
    let bare = link.split('?').next().unwrap();
    let Some(mut page) = Page::open(bare) else {
        return;
    };
    // Without the token there is an answer that says what to do, and nothing else.
    let said = page.texts("body").concat();
    assert!(said.contains("open the link"), "{said}");
    let refused = page.faults().to_string();
    assert!(refused.contains("401"), "{refused}");

    let start = Instant::now();
    page.hand("go", json!({ "link": link }));
    page.wait(".runtable tbody tr");
    println!("runs are listed after {:?}", start.elapsed());
    let address = page.run("location.href").to_string();
    assert!(!address.contains("token"), "{address}");
    assert!(
        page.texts(".runtable tbody tr")
            .concat()
            .contains(world.run.name())
    );
    assert_eq!(
        page.run("document.title"),
        json!(format!("{PROJECT} · tlc"))
    );
    page.until("document.querySelectorAll('.chart canvas').length > 0");

    let start = Instant::now();
    page.click("text=Open samples");
    page.until("[...document.querySelectorAll('.tile img')].filter((image) => image.naturalWidth === 28).length > 8");
    println!("samples are shown after {:?}", start.elapsed());
    assert_eq!(page.texts(".rowshead .count b"), ["1,000"]);
    assert_eq!(SAMPLES, 1000);
    // Nothing to scroll sideways, and no picture that is not one.
    assert_eq!(
        page.run("document.documentElement.scrollWidth <= innerWidth"),
        json!(true)
    );
    shows_the_right_pictures(&mut page, &world);
    page.is_clean();
}

/// The first tile is of the sample with the largest loss.
fn shows_the_right_pictures(page: &mut Page, world: &World) {
    let script = "(() => {
      const canvas = Object.assign(document.createElement('canvas'), { width: 28, height: 28 }).getContext('2d');
      canvas.drawImage(document.querySelector('.tile img'), 0, 0);
      return [...canvas.getImageData(0, 0, 28, 28).data];
    })()";
    let shown: Vec<u8> = serde_json::from_value(page.run(script)).unwrap();
    let shown = Image::from_pixels(28, 28, 4, &shown).unwrap();
    #[derive(serde::Deserialize)]
    struct Picture {
        image: Vec<u8>,
    }
    let said = world.said(1);
    let worst = said
        .iter()
        .max_by(|a, b| a.loss.total_cmp(&b.loss))
        .unwrap();
    let kept: Picture = world.table.row(worst.id).unwrap();
    let kept = Image::decode(&kept.image).unwrap();
    let [shown, kept] = [shown, kept].map(|image| image.fitted(28, [0; 3]).to_png().unwrap());
    assert!(shown == kept, "another picture than of {}", worst.id);
}

/// The runs that the examples made, where `TLC_EXAMPLE_PROJECTS` says that they are.
#[test]
fn the_real_runs_of_the_examples_open_with_pictures_and_without_a_fault() {
    let Some(root) = std::env::var_os("TLC_EXAMPLE_PROJECTS") else {
        println!("SKIPPED: TLC_EXAMPLE_PROJECTS names no folder");
        return;
    };
    let root = tlc_core::Url::from_path(root.as_ref()).unwrap();
    let serving = Dashboard::new()
        .root(root)
        .port(0)
        .read_only(true)
        .start()
        .unwrap();
    let Some(mut page) = Page::open(&serving.link()) else {
        return;
    };
    let projects = page.api("projects");
    let mut opened = 0;
    for project in projects.as_array().unwrap() {
        let runs = page.api(&format!(
            "projects/{}/runs",
            project["id"].as_str().unwrap()
        ));
        for run in runs.as_array().unwrap() {
            let name = format!("{} {}", project["name"], run["name"]);
            let place = format!(
                "/project/{}/runs?run={}",
                project["id"].as_str().unwrap(),
                run["id"].as_str().unwrap()
            );
            page.go(&place);
            page.wait(".runcard");
            let streams = run["streams"].as_array().unwrap();
            if streams
                .iter()
                .any(|each| each["is_finding"] == false && each["rows"].as_u64() > Some(0))
            {
                page.go(&format!("/samples?runs={}", run["id"].as_str().unwrap()));
                page.until("document.querySelector('section.rows')?.getAttribute('aria-busy') === 'false' && /[1-9]/.test(document.querySelector('.rowshead .count b')?.textContent)");
                page.until("[...document.querySelectorAll('.tile img')].every((image) => image.complete && image.naturalWidth > 0)");
                opened += 1;
            }
            assert_eq!(
                page.run("document.querySelectorAll('.failure, [role=alert]').length"),
                json!(0),
                "{name}"
            );
        }
    }
    assert!(opened > 0, "{projects}");
    page.is_clean();
}
