//! The samples that the model is worst at: tiles of images, lines of texts, or a table.

use super::face::whole_face;
use super::tag::{Tag, tag};
use super::{Section, empty, of, scrolling};
use crate::export::figures::{digits, percent};
use crate::export::report::{Face, Sample, Title, Worst};

const LEGEND: &str = "Under each: its label; what the model says, red where that is another class, \
                      and how sure it is; its row in the table.";

pub(super) fn section(worst: &Worst) -> Section {
    let shown = worst.samples.len();
    let told = of(shown as u64, worst.of as u64);
    let (title, told) = match &worst.by {
        Some((by, first)) => (format!("Worst {shown}"), format!("{told} by {by}, {first}")),
        None => (
            format!("First {shown}"),
            format!("{told}: nothing says which are the worst"),
        ),
    };
    let has_images = worst.samples.iter().any(|sample| is_image(&sample.face));
    let samples = match (worst.samples.is_empty(), has_images) {
        (true, _) => vec![empty("No sample is shown.")],
        (_, true) => vec![
            empty(LEGEND),
            tag("ol").is("tiles").all(worst.samples.iter().map(tile)),
        ],
        (_, false) => vec![scrolling("samples", table(worst))],
    };
    Section {
        id: "worst",
        title,
        told,
        inside: samples,
    }
}

fn is_image(face: &Face) -> bool {
    matches!(face, Face::Image { .. } | Face::LeftOut(_))
}

/// A sample with its face, what it is called, and what the model says.
fn tile(sample: &Sample) -> Tag {
    let class = if sample.is_wrong() {
        "tile is-wrong"
    } else {
        "tile"
    };
    let shown = tag("div")
        .is("face")
        .put(whole_face(&sample.face, &name(sample)));
    tag("li")
        .with("id", format!("row-{}", sample.row))
        .is(class)
        .put(shown)
        .put(
            tag("div")
                .is("says")
                .all(sample.label.as_ref().map(label))
                .all(model(sample))
                .put(foot(sample)),
        )
}

/// For those who do not see it.
fn name(sample: &Sample) -> String {
    let label = sample.label.iter().map(|label| format!(", label {label}"));
    let predicted = sample
        .predicted
        .iter()
        .map(|said| format!(", predicted {said}"));
    let told = label.chain(predicted).collect::<String>();
    format!("sample {}{told}", place(sample))
}

fn label(label: &String) -> Tag {
    tag("div")
        .is("cut")
        .with("title", label)
        .put(tag("bdi").put(label))
}

fn model(sample: &Sample) -> Option<Tag> {
    let class = if sample.is_wrong() {
        "cut wrong"
    } else {
        "cut dim"
    };
    let said = sample.predicted.as_ref();
    let said = said.map(|said| {
        tag("span")
            .is(class)
            .with("title", said)
            .put(tag("bdi").put(said))
    });
    let sure = sample
        .confidence
        .map(|sure| tag("span").is("dim").put(percent(sure)));
    let is_there = said.is_some() || sure.is_some();
    is_there.then(|| tag("div").is("pair").all(said).all(sure))
}

fn foot(sample: &Sample) -> Tag {
    let score = sample.score.as_ref().map(|(name, value)| {
        let value = format!("{name} {}", digits(*value));
        tag("span").is("cut").with("title", &value).put(value)
    });
    let place = tag("span")
        .with("title", "row of the table")
        .put(place(sample));
    tag("div").is("pair foot dim").all(score).put(place)
}

fn place(sample: &Sample) -> String {
    let split = sample.split.iter().map(|split| format!("{split} "));
    split.chain([format!("#{}", sample.place)]).collect()
}

fn table(worst: &Worst) -> Tag {
    let text = worst.text.as_ref().map(|name| tag("th").put(name));
    let heads = worst.columns.iter();
    let heads = heads.map(|title| tag("th").is(class(title)).put(&title.text));
    let heads = tag("tr").put(tag("th").put("row")).all(text).all(heads);
    tag("table").is("list").put(tag("thead").put(heads)).put(
        tag("tbody").all(
            worst
                .samples
                .iter()
                .map(|sample| line(sample, &worst.columns)),
        ),
    )
}

fn line(sample: &Sample, columns: &[Title]) -> Tag {
    let values = columns.iter().zip(&sample.values).map(|(title, value)| {
        let wrong = if title.is_said && sample.is_wrong() {
            " wrong"
        } else {
            ""
        };
        let class = format!("{}{wrong}", class(title));
        tag("td")
            .is(&class)
            .with("title", value)
            .with("dir", "auto")
            .put(value)
    });
    let text = match &sample.face {
        Face::Text(text) => Some(tag("td").is("wide").with("dir", "auto").put(text)),
        _ => None,
    };
    tag("tr")
        .with("id", format!("row-{}", sample.row))
        .put(tag("td").is("moment dim").put(place(sample)))
        .all(text)
        .all(values)
}

fn class(title: &Title) -> &'static str {
    if title.is_number { "number" } else { "cut" }
}
