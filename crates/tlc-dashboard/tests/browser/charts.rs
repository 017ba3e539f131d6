//! The charts over the rows: as many as one wants, and what each of them shows.

use crate::compare::{both_ticked, verdicts};
use crate::page::Page;
use crate::world::{CLASSES, EPOCHS, World};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const BOXES: &str = r#"[{"kind":"boxes","by":"label","of":"loss"}]"#;
const AROUND: &str =
    r#"[{"kind":"points3","x":"across","y":"up","z":"confidence","color":"label","size":"loss"}]"#;
const HISTORY: &str = r#"[{"kind":"history"}]"#;
const CONFUSION: &str = r#"[{"kind":"confusion","given":"label","predicted":"predicted"}]"#;
const DRAWN: &str =
    "[...document.querySelectorAll('.chartpane > .pane .title b')].map((each) => each.textContent)";

/// The page at the samples of the newest run, as a table beside these charts.
fn beside(link: &str, charts: &str) -> Option<Page> {
    let mut page = Page::sized(link, 1600, 1200)?;
    page.click("text=Open samples");
    page.wait(".tile");
    page.run(&format!(
        "location.hash += `&m=table&c=${{encodeURIComponent({})}}`",
        json!(charts)
    ));
    page.wait(".tableroom");
    Some(page)
}

#[test]
fn charts_are_added_and_taken_away_and_the_address_holds_them() {
    let world = World::new();
    let serving = world.serve();
    let Some(mut page) = Page::open(&serving.link()) else {
        return;
    };
    page.click("text=Open samples");
    page.wait(".chartpane .pane");
    let at_first: Vec<String> = serde_json::from_value(page.run(DRAWN)).unwrap();
    assert_eq!(at_first.len(), 2, "{at_first:?}");
    let mut drawn = at_first.clone();
    for kind in ["Boxes", "One sample", "Points in 3D"] {
        page.click(".ends summary");
        page.click(&format!(".ends .sheet button:has-text(\"{kind}\")"));
        drawn.push(kind.to_owned());
        page.until(&format!("{DRAWN}.join() === {}", json!(drawn.join(","))));
    }
    // What was added is in sight, however many there are.
    let last = "(() => { const pane = document.querySelector('.chartpane').getBoundingClientRect(); const last = document.querySelector('.chartpane > .pane:last-child').getBoundingClientRect(); return last.top < pane.bottom - 100 && last.bottom > pane.top + 100; })()";
    page.until(last);
    assert_eq!(page.parameter("c").as_array().unwrap().len(), 5);

    page.click(".chartpane > .pane:nth-child(3) .ends > button");
    drawn.remove(2);
    page.until(&format!("{DRAWN}.join() === {}", json!(drawn.join(","))));
    page.hand("reload", json!({}));
    page.until(&format!("{DRAWN}.join() === {}", json!(drawn.join(","))));

    for left in (0..drawn.len()).rev() {
        page.click(".chartpane > .pane:first-child .ends > button");
        page.until(&format!("{DRAWN}.length === {left}"));
    }
    page.press(&["c"]);
    page.until(&format!("{DRAWN}.join() === {}", json!(at_first.join(","))));
    page.is_clean();
}

#[test]
fn boxes_stand_by_their_medians_and_choose_their_class() {
    let world = World::new();
    let (serving, said) = (world.serve(), world.said(1));
    let Some(mut page) = beside(&serving.link(), BOXES) else {
        return;
    };
    page.until("document.querySelectorAll('.groups button').length === 10");
    let script = "[...document.querySelectorAll('.groups button')].map((line) => line.title.split(' rows')[0])";
    let shown: Vec<String> = serde_json::from_value(page.run(script)).unwrap();
    let mut losses: BTreeMap<usize, Vec<f32>> = BTreeMap::new();
    for each in &said {
        let class = losses.entry(each.label as usize).or_default();
        class.push(each.loss);
    }
    let medians = losses.into_iter().map(|(class, mut losses)| {
        losses.sort_by(f32::total_cmp);
        let middle = |at: usize| losses[at.min(losses.len() - 1)];
        let half = losses.len() / 2;
        let median = match losses.len() % 2 {
            0 => (middle(half - 1) + middle(half)) / 2.0,
            _ => middle(half),
        };
        (class, median, losses.len())
    });
    let mut medians: Vec<_> = medians.collect();
    medians.sort_by(|(_, a, _), (_, b, _)| b.total_cmp(a));
    let line = |(class, _, rows): &(usize, f32, usize)| format!("{}: {rows}", CLASSES[*class]);
    assert_eq!(shown, medians.iter().map(line).collect::<Vec<_>>());

    let worst = medians[0].0;
    page.click(".groups button >> nth=0");
    page.until("location.hash.includes('classes')");
    let rows = said.iter().enumerate();
    let of_class = rows.filter(|(_, each)| each.label as usize == worst);
    assert_eq!(
        page.sorted_rows(),
        of_class.map(|(row, _)| row).collect::<Vec<_>>()
    );
    // The others stay, to be compared with; a second click lets all through.
    assert_eq!(
        page.run("document.querySelectorAll('.groups button.is-off').length"),
        json!(9)
    );
    page.click(".groups button >> nth=0");
    page.until("!location.hash.includes('classes')");
    assert_eq!(page.rows().len(), said.len());
    page.is_clean();
}

/// Points at places all over the chart until there is a sample, and clicks it.
const OPEN_ONE: &str = "(async () => { const chart = document.querySelector('.points.orbit'); const { left, top, width, height } = chart.getBoundingClientRect(); for (let y = 0.1; y < 0.95; y += 0.04) for (let x = 0.1; x < 0.95; x += 0.02) { const at = { clientX: left + x * width, clientY: top + y * height, bubbles: true, pointerId: 1 }; chart.dispatchEvent(new PointerEvent('pointermove', at)); await new Promise(requestAnimationFrame); await new Promise(requestAnimationFrame); if (document.querySelector('.tip.hover')) return at; } return null; })()";

#[test]
fn one_goes_around_points_and_opens_only_those_that_match() {
    let world = World::new();
    let (serving, said) = (world.serve(), world.said(1));
    let Some(mut page) = beside(&serving.link(), AROUND) else {
        return;
    };
    page.wait(".points.orbit canvas");
    page.click(".filters .classbar[title^=\"Bag:\"] >> nth=0");
    page.until("location.hash.includes('classes')");
    page.until("document.querySelector('.chartpane .number')?.textContent.includes(' of 1,000')");
    // The cube turns with the pointer and with the keys, and comes back.
    let cube = "document.querySelector('.points.orbit canvas').toDataURL()";
    let at_first = page.run(cube);
    let [left, top, width, height] = page.bounds(".points.orbit");
    let at = |x: f64, y: f64| (left + x * width, top + y * height);
    page.drag(&[at(0.5, 0.5), at(0.6, 0.55)]);
    page.until(&format!("{cube} !== {at_first}"));
    page.run("document.querySelector('.points.orbit').focus()");
    page.press(&["ArrowLeft", "+", "0"]);
    page.until(&format!("{cube} === {at_first}"));

    let place = page.until(OPEN_ONE);
    let place = ["clientX", "clientY"].map(|side| place[side].as_f64().unwrap());
    page.drag(&[(place[0], place[1]), (place[0], place[1])]);
    let row = page.until("location.hash.match(/[?&]row=(\\d+)/)?.[1]");
    let row: usize = row.as_str().unwrap().parse().unwrap();
    assert_eq!(said[row].label, 8, "{:?}", said[row]);
    page.is_clean();
}

#[test]
fn one_sample_is_read_over_the_epochs() {
    let world = World::new();
    let (serving, said) = (world.serve(), world.said(1));
    let Some(mut page) = beside(&serving.link(), HISTORY) else {
        return;
    };
    let row = said.iter().position(|each| each.loss > 1.0).unwrap();
    page.run(&format!("location.hash += '&row={row}'"));
    let read = "[...document.querySelectorAll('.trends figure')].map((each) => each.querySelector('figcaption').innerText.split('\\n'))";
    page.until(&format!(
        "document.querySelector('.pane .link')?.textContent === 'row {row}' && {read}.length > 0"
    ));
    let shown = page.run(read);
    let of = |name: &str| {
        let mut all = shown.as_array().unwrap().iter();
        let found = all.find(|each| each[0] == name);
        found.unwrap_or_else(|| panic!("{name}: {shown}"))[1].clone()
    };
    let loss: f32 = of("loss").as_str().unwrap().parse().unwrap();
    assert!((loss - said[row].loss).abs() < 0.01 * loss, "{shown}");
    assert_eq!(of("predicted"), CLASSES[said[row].predicted as usize]);

    page.run("document.querySelector('.trends').focus()");
    page.press(&["ArrowLeft"]);
    let told = format!("epoch {}", EPOCHS - 1);
    page.until(&format!(
        "document.querySelector('.trends [role=status]').textContent === {}",
        json!(told)
    ));
    page.press(&["Enter"]);
    page.until(&format!("location.hash.includes('epoch={}')", EPOCHS - 1));
    page.is_clean();
}

#[test]
fn two_runs_stand_against_one_another_as_points() {
    let world = World::new();
    world.another_run("second", 2);
    let (serving, one, other) = (world.serve(), world.said(1), world.said(2));
    let Some(mut page) = both_ticked(&serving.link()) else {
        return;
    };
    page.click("text=Samples of both");
    page.wait(".pane .scale span");
    let shown = page.texts(".pane .scale span");
    let shown = shown.iter().map(|each| each.trim().to_owned());
    let mut shown: Vec<String> = shown.collect();
    shown.sort();
    let counts = verdicts(&one, &other);
    let expected = counts.iter().map(|(name, many)| format!("{name} {many}"));
    assert_eq!(shown, expected.collect::<Vec<_>>());

    // Over the epochs one sample is told of by both runs, and beside the rows by its own.
    page.run(&format!(
        "location.hash += `&row=0&c=${{encodeURIComponent({})}}`",
        json!(HISTORY)
    ));
    page.until("document.querySelectorAll('.runsaid .row').length === 2");
    let mut runs = page.texts(".runsaid .row");
    runs.sort();
    assert_eq!(runs, ["first", "second"]);
    page.until(&format!(
        "document.querySelector('.detail .trend title')?.textContent.split('\\n').length === {EPOCHS}"
    ));
    page.is_clean();
}

#[test]
fn every_class_of_a_confusion_is_read() {
    let world = World::new();
    let serving = world.serve();
    let Some(mut page) = Page::open(&serving.link()) else {
        return;
    };
    page.click("text=Open samples");
    page.wait(".chartpane .pane");
    page.run(&format!(
        "location.hash += `&c=${{encodeURIComponent({})}}`",
        json!(CONFUSION.replace(']', &format!(",{}", &CONFUSION[1..])))
    ));
    page.until("document.querySelectorAll('.matrix').length === 2");
    let heads = "[...document.querySelectorAll('.matrix')].map((matrix) => [...matrix.querySelectorAll('th[scope=col] button')].map((head) => head.scrollWidth <= head.clientWidth + 1 ? head.textContent : `${head.textContent} is cut`))";
    let expected: Value = json!([CLASSES, CLASSES]);
    assert_eq!(page.run(heads), expected);
    page.is_clean();
}

#[test]
fn curves_are_read_and_zoomed_by_keys() {
    let world = World::new();
    let serving = world.serve();
    let Some(mut page) = Page::open(&serving.link()) else {
        return;
    };
    page.wait(".chart canvas");
    page.run("document.querySelector('.chart .lines').focus()");
    page.press(&["ArrowRight"]);
    page.wait(".chart .tip");
    assert_eq!(page.texts(".chart .tip .dim"), ["epoch 1"]);
    page.press(&["ArrowRight", "+"]);
    page.wait(".chart .whole");
    assert_eq!(page.texts(".chart .tip .dim"), ["epoch 2"]);
    page.press(&["0", "Escape"]);
    page.until("!document.querySelector('.chart .whole, .chart .tip')");
    page.is_clean();
}
