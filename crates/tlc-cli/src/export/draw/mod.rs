//! A report as one page of HTML, without scripts: it opens from a disk, offline, for good.

mod confusion;
mod curves;
mod face;
mod findings;
mod head;
mod layers;
mod plot;
mod tag;
mod worst;

use self::tag::{Tag, tag};
use super::figures::{count, many};
use super::report::{MOST_IMAGE_BYTES, Report, SHRUNK_SIDE};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

const STYLE: &str = include_str!("style.css");

/// The whole page.
pub(super) fn page(report: &Report) -> String {
    let mut page =
        String::from("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    for meta in [
        // First, so that it holds for all that follows.
        tag("meta")
            .with("http-equiv", "Content-Security-Policy")
            .with("content", policy()),
        tag("meta")
            .with("name", "viewport")
            .with("content", "width=device-width, initial-scale=1"),
        tag("meta")
            .with("name", "referrer")
            .with("content", "no-referrer"),
        tag("meta")
            .with("name", "color-scheme")
            .with("content", "light dark"),
        tag("title").put(format!("{} / {}", report.run.project, report.run.name)),
    ] {
        meta.write(&mut page);
        page.push('\n');
    }
    page.push_str("<style>");
    page.push_str(STYLE);
    page.push_str("</style>\n</head>\n");
    body(report).write(&mut page);
    page.push_str("\n</html>\n");
    page
}

/// Nothing but this style and images that stand in the page.
fn policy() -> String {
    let hash = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    format!(
        "default-src 'none'; img-src data:; style-src 'sha256-{hash}'; base-uri 'none'; \
         form-action 'none'"
    )
}

fn body(report: &Report) -> Tag {
    let samples = report.samples.as_ref();
    let sections = [
        samples.map(|samples| findings::section(&samples.findings, &samples.worst)),
        Some(curves::section(&report.charts)),
        samples.and_then(|samples| Some(confusion::section(samples.confusion.as_ref()?))),
        samples.map(|samples| worst::section(&samples.worst)),
    ];
    let sections: Vec<Section> = sections.into_iter().flatten().collect();
    let links = sections.iter().map(Section::link);
    let nav = tag("nav").with("aria-label", "sections").all(links);
    tag("body")
        .put(head::header(report, nav))
        .put(tag("main").all(sections.into_iter().map(Section::drawn)))
        .put(footer(report))
}

/// A part of the page that can be folded.
struct Section {
    id: &'static str,
    title: String,
    /// What it says in a few words, beside its title.
    told: String,
    inside: Vec<Tag>,
}

impl Section {
    fn link(&self) -> Tag {
        tag("a")
            .with("href", format!("#{}", self.id))
            .put(&self.title)
    }

    fn drawn(self) -> Tag {
        let title = tag("h2").put(self.title);
        let told = tag("span").is("dim").put(self.told);
        tag("details")
            .with("id", self.id)
            .with("open", "")
            .put(tag("summary").put(title).put(told))
            .all(self.inside)
    }
}

fn footer(report: &Report) -> Tag {
    let version = env!("CARGO_PKG_VERSION");
    let written = format!("Written by tlc {version} on {} UTC. ", report.written);
    let kept = format!(
        "Everything is in this file, and nothing in it runs. Images are as they are kept; those of \
         more than {} kB are shrunk to {SHRUNK_SIDE} pixels or, where that cannot be, named.",
        MOST_IMAGE_BYTES / 1000
    );
    tag("footer").is("dim").put(written).put(kept)
}

/// A table that may be wider than the page; `name` says what it is of.
fn scrolling(name: &str, table: Tag) -> Tag {
    // Whoever has but a keyboard scrolls it, too.
    let room = tag("div").is("scroll").with("tabindex", 0);
    room.with("role", "region")
        .with("aria-label", name)
        .put(table)
}

fn empty(text: impl Into<tag::Node>) -> Tag {
    tag("p").is("dim").put(text)
}

fn rows(value: u64) -> String {
    many(value, "row")
}

/// Whose rows these are, for people who point at a number.
fn of(part: u64, all: u64) -> String {
    format!("{} of {}", count(part), count(all))
}
