//! Filters, by each way that a person has to set them.

use crate::page::Page;
use crate::world::{CLASSES, Said, World};
use serde_json::{Value, json};

const LOSS: &str = ".filters .histogram[aria-label^=\"loss:\"]";
const CHARTS: &str = r#"[{"kind":"points","x":"across","y":"up","color":"label"},{"kind":"confusion","given":"label","predicted":"predicted"}]"#;

/// The page at the samples of the only run, as a table beside a chart of points.
fn at_the_samples(world: &World, link: &str) -> Option<Page> {
    let mut page = Page::sized(link, 1600, 1300)?;
    page.click("text=Open samples");
    page.wait(".tile");
    let charts = format!("&m=table&c=${{encodeURIComponent({})}}", json!(CHARTS));
    page.run(&format!("location.hash += `{charts}`"));
    page.wait(".tableroom");
    assert_eq!(
        page.sorted_rows(),
        (0..world.said(1).len()).collect::<Vec<_>>()
    );
    Some(page)
}

/// The rows of what a model said that pass, one after the other.
fn passing(said: &[Said], passes: impl Fn(&Said) -> bool) -> Vec<usize> {
    let rows = said.iter().enumerate();
    let rows: Vec<usize> = rows
        .filter(|(_, each)| passes(each))
        .map(|(row, _)| row)
        .collect();
    assert!(
        !rows.is_empty() && rows.len() < said.len(),
        "{}",
        rows.len()
    );
    rows
}

fn number(value: &Value) -> Option<f64> {
    value.as_f64()
}

#[test]
fn a_brush_shows_exactly_the_rows_in_its_range() {
    let world = World::new();
    let (serving, said) = (world.serve(), world.said(1));
    let Some(mut page) = at_the_samples(&world, &serving.link()) else {
        return;
    };
    let [left, top, width, height] = page.bounds(LOSS);
    let at = |part: f64| (left + part * width, top + height / 2.0);
    page.drag(&[at(0.2), at(0.4), at(0.7)]);
    page.until("location.hash.includes('range')");
    let filters = page.parameter("f");
    let (min, max) = (number(&filters[0]["min"]), number(&filters[0]["max"]));
    let (min, max) = (min.unwrap(), max.unwrap());
    let losses = said.iter().map(|each| f64::from(each.loss));
    let (low, high) = losses.fold((f64::MAX, f64::MIN), |(low, high), loss| {
        (low.min(loss), high.max(loss))
    });
    let span = high - low;
    assert!((min - (low + 0.2 * span)).abs() < 0.01 * span, "{filters}");
    assert!((max - (low + 0.7 * span)).abs() < 0.01 * span, "{filters}");
    let is_in = |each: &Said| (min..=max).contains(&f64::from(each.loss));
    assert_eq!(page.sorted_rows(), passing(&said, is_in));
    counts_classes(&mut page, &said, is_in);
    page.press(&["x"]);
    assert_eq!(page.rows().len(), said.len());
    page.is_clean();
}

/// Each class of the label with how many of its rows match, of how many.
fn counts_classes(page: &mut Page, said: &[Said], is_in: impl Fn(&Said) -> bool) {
    let script = "(() => { const section = [...document.querySelectorAll('.filters section.column')].find((each) => each.querySelector('.head span').textContent === 'label'); return [...section.querySelectorAll('.classbar')].map((bar) => bar.title.split('\\n')[0]); })()";
    let shown: Vec<String> = serde_json::from_value(page.run(script)).unwrap();
    let classes = CLASSES.iter().enumerate();
    let expected = classes.map(|(id, name)| {
        let of_class = said.iter().filter(|each| each.label == id as i32);
        let (all, matching) = of_class.fold((0, 0), |(all, matching), each| {
            (all + 1, matching + usize::from(is_in(each)))
        });
        format!("{name}: {matching} of {all} match")
    });
    assert_eq!(shown, expected.collect::<Vec<_>>());
}

/// Whether a point is in a polygon, by how often a ray from it crosses the outline.
fn is_inside(polygon: &[(f64, f64)], (x, y): (f64, f64)) -> bool {
    let edges = polygon.iter().zip(polygon.iter().cycle().skip(1));
    let crossed = edges.filter(|((ax, ay), (bx, by))| {
        (*ay > y) != (*by > y) && x < (bx - ax) * (y - ay) / (by - ay) + ax
    });
    crossed.count() % 2 == 1
}

#[test]
fn a_lasso_shows_exactly_the_rows_inside_of_it() {
    let world = World::new();
    let (serving, said) = (world.serve(), world.said(1));
    let Some(mut page) = at_the_samples(&world, &serving.link()) else {
        return;
    };
    page.wait(".points canvas");
    let [left, top, width, height] = page.bounds(".points");
    // A crescent, so that a hull would be another answer.
    let outline = [
        (0.50, 0.05),
        (0.97, 0.10),
        (0.97, 0.90),
        (0.50, 0.95),
        (0.75, 0.70),
        (0.75, 0.30),
    ];
    let path = outline.map(|(x, y)| (left + x * width, top + y * height));
    page.drag(&[&path[..], &path[..1]].concat());
    page.until("location.hash.includes('lasso')");
    let filters = page.parameter("f");
    assert_eq!(
        (&filters[0]["x"], &filters[0]["y"]),
        (&json!("across"), &json!("up"))
    );
    let polygon: Vec<(f64, f64)> = serde_json::from_value(filters[0]["polygon"].clone()).unwrap();
    follows_the_pointer(&polygon, &said, &outline);
    let place = |each: &Said| (f64::from(each.across), f64::from(each.up));
    let is_in = |each: &Said| is_inside(&polygon, place(each));
    assert_eq!(page.sorted_rows(), passing(&said, is_in));
    page.is_clean();
}

/// The polygon of the filter is where the pointer went: all points are in sight, with a margin
/// of 4 % at each side.
fn follows_the_pointer(polygon: &[(f64, f64)], said: &[Said], outline: &[(f64, f64)]) {
    let extent = |of: fn(&Said) -> f32| {
        let values = said.iter().map(of);
        let (low, high) = values.fold((f32::MAX, f32::MIN), |(low, high), value| {
            (low.min(value), high.max(value))
        });
        let margin = 0.04 * f64::from(high - low);
        (f64::from(low) - margin, f64::from(high) + margin)
    };
    let ((left, right), (bottom, top)) = (extent(|each| each.across), extent(|each| each.up));
    for (x, y) in outline {
        let (x, y) = (left + x * (right - left), top - y * (top - bottom));
        let near = polygon
            .iter()
            .map(|(a, b)| (a - x).hypot(b - y))
            .fold(f64::MAX, f64::min);
        assert!(near < 0.02 * (right - left), "{x} {y}: {near}");
    }
}

#[test]
fn a_class_an_expression_and_a_special_value_show_exactly_their_rows() {
    let world = World::new();
    let (serving, said) = (world.serve(), world.said(1));
    let Some(mut page) = at_the_samples(&world, &serving.link()) else {
        return;
    };
    page.click(".filters .classbar[title^=\"Shirt:\"] >> nth=0");
    page.until("location.hash.includes('classes')");
    let is_shirt = |each: &Said| each.label == 6;
    assert_eq!(page.sorted_rows(), passing(&said, is_shirt));

    page.press(&["/"]);
    page.fill(
        "[aria-label=\"filter by an expression\"]",
        "predicted != label and (confidence < 0.5 or loss >= 4)",
    );
    page.press(&["Enter"]);
    page.until("location.hash.includes('expression')");
    let is_wrong = |each: &Said| {
        each.predicted != each.label
            && (f64::from(each.confidence) < 0.5 || f64::from(each.loss) >= 4.0)
    };
    let both = passing(&said, |each| is_shirt(each) && is_wrong(each));
    assert_eq!(page.sorted_rows(), both);
    // Without the class, the expression alone.
    page.click(".filters .classbar[title^=\"Shirt:\"] >> nth=0");
    page.until("!location.hash.includes('classes')");
    assert_eq!(page.sorted_rows(), passing(&said, is_wrong));

    // What it does not understand it says, where it is, and the rows stay as without it.
    page.fill("[aria-label=\"filter by an expression\"]", "loss > > 2");
    page.hand("click", json!({ "at": ".rowshead .count" }));
    page.wait(".problem");
    let problem = page.texts(".problem mark").concat();
    assert_eq!(problem, ">");
    assert_eq!(page.rows().len(), said.len());
    let refused = page.faults();
    assert_eq!(refused["thrown"], json!([]), "{refused}");
    page.click("[aria-label=\"clear the expression\"]");

    page.click(".filters .under >> text=NaN");
    page.until("location.hash.includes('special')");
    assert_eq!(
        page.sorted_rows(),
        passing(&said, |each| each.margin.is_nan())
    );
    page.is_clean();
}
