//! The strip of findings.

use super::face::face;
use super::tag::{Tag, tag};
use super::{Section, empty};
use crate::export::figures::count;
use crate::export::report::{Face, Findings, Shown, Worst};
use crate::export::texts::{NAME, cut};
use std::collections::HashSet;

/// Texts on a card.
const TEXTS: usize = 3;

pub(super) fn section(findings: &Findings, worst: &Worst) -> Section {
    let linked: HashSet<u32> = worst.samples.iter().map(|sample| sample.row).collect();
    let cards = tag("div")
        .is("cards")
        .all(findings.shown.iter().map(|shown| card(shown, &linked)));
    let missing = (!findings.missing.is_empty()).then(|| {
        let names = findings.missing.join(", ");
        empty(format!(
            "Not looked for yet, which the dashboard does by a button: {names}."
        ))
    });
    let impossible = findings.impossible.iter().map(|(title, why)| {
        let why = match why.strip_suffix(" for it.") {
            Some(why) => format!(" would take more. {why}."),
            None => format!(": {why}"),
        };
        empty(tag("b").put(title)).put(why)
    });
    let none = findings
        .shown
        .is_empty()
        .then(|| empty("Nothing was found yet."));
    Section {
        id: "findings",
        title: "Findings".to_owned(),
        told: "what to look at first".to_owned(),
        inside: none
            .into_iter()
            .chain([cards])
            .chain(missing)
            .chain(impossible)
            .collect(),
    }
}

fn card(shown: &Shown, linked: &HashSet<u32>) -> Tag {
    let link = |row: &u32| link(*row, linked);
    let head = tag("h3")
        .put(tag("bdi").put(cut(&shown.title, NAME)))
        .put(tag("span").is("number").put(count(shown.count as u64)));
    let (images, others): (Vec<_>, Vec<_>) = shown
        .faces
        .iter()
        .partition(|(_, face)| matches!(face, Face::Image { .. }));
    let images = images
        .into_iter()
        .map(|(row, shown)| link(row).put(face(shown, "a sample of it")));
    let texts = others.into_iter().filter_map(|(row, face)| match face {
        Face::Text(text) => Some(
            tag("li")
                .with("dir", "auto")
                .put(link(row).put(cut(text, NAME))),
        ),
        _ => None,
    });
    let texts: Vec<Tag> = texts.take(TEXTS).collect();
    let images: Vec<Tag> = images.collect();
    tag("article")
        .is("card")
        .put(head)
        .all((!images.is_empty()).then(|| tag("p").is("thumbs").all(images)))
        .all((!texts.is_empty()).then(|| tag("ul").all(texts)))
        .put(tag("p").is("dim").put(&shown.explanation))
}

/// To the sample among the worst, if it is one of them.
fn link(row: u32, linked: &HashSet<u32>) -> Tag {
    match linked.contains(&row) {
        true => tag("a").with("href", format!("#row-{row}")),
        false => tag("span"),
    }
}
