//! What the run is: its name and status, its parameters, its tables.

use super::tag::{Tag, tag};
use super::{of, scrolling};
use crate::export::figures::{count, many};
use crate::export::report::{Facts, Report, TableFacts};

/// Parameters that are shown without unfolding.
const SOME: usize = 16;

pub(super) fn header(report: &Report, nav: Tag) -> Tag {
    let run = &report.run;
    tag("header")
        .put(
            tag("p")
                .is("place")
                .put(tag("b").put("tlc"))
                .put(tag("bdi").put(&run.project)),
        )
        .put(tag("h1").put(tag("bdi").put(&run.name)))
        .put(status(report))
        .all(text("", &run.description))
        .all(run.failure.as_ref().and_then(|why| text("wrong", why)))
        .all(
            report
                .notes
                .iter()
                .map(|note| tag("p").is("note").put(note)),
        )
        .put(nav)
        .all(parameters(run))
        .all(tables(&report.tables))
}

fn text(class: &str, text: &str) -> Option<Tag> {
    let words = tag("p").is(class).with("dir", "auto").put(text);
    (!text.is_empty()).then_some(words)
}

fn status(report: &Report) -> Tag {
    let run = &report.run;
    let dot = tag("i").is(&format!("status {}", run.status));
    let since = format!("{}, created {} UTC", run.status, run.created);
    let line = tag("p").is("told").put(dot).put(since);
    match &report.samples {
        Some(samples) => line.put(format!(" · {}", samples.which)),
        None => line.put(" · nothing was collected from samples yet"),
    }
}

fn parameters(run: &Facts) -> Option<Tag> {
    let count = run.parameters.len();
    let facts = run.parameters.iter().map(|(name, value)| {
        let name = tag("dt").with("title", name).put(name);
        tag("div")
            .put(name)
            .put(tag("dd").with("title", value).put(value))
    });
    let list = tag("dl").is("facts").all(facts);
    match count {
        0 => None,
        1..=SOME => Some(list),
        count => {
            let summary = tag("summary").put(many(count as u64, "parameter"));
            Some(tag("details").put(summary).put(list))
        }
    }
}

/// A column of the list of tables: its name, its class, and what it says of a table.
type Column = (&'static str, &'static str, fn(&TableFacts) -> String);

const COLUMNS: [Column; 7] = [
    ("data set", "", |table| table.dataset.clone()),
    ("revision", "", |table| table.name.clone()),
    ("rows", "number", |table| count(table.rows as u64)),
    ("created (UTC)", "moment", |table| table.created.clone()),
    ("changed", "number", changed),
    ("by", "", |table| table.author.clone()),
    ("what it is", "wide", |table| table.description.clone()),
];

fn changed(table: &TableFacts) -> String {
    match table.cells_changed {
        0 => String::new(),
        cells => many(cells, "cell"),
    }
}

fn tables(tables: &[TableFacts]) -> Option<Tag> {
    let says = |(.., told): &&Column| tables.iter().any(|table| !told(table).is_empty());
    let columns: Vec<&Column> = COLUMNS.iter().filter(says).collect();
    let heads = columns
        .iter()
        .map(|(name, class, _)| tag("th").is(class).put(*name));
    let lines = tables.iter().map(|table| {
        let cells = columns.iter();
        let cells =
            cells.map(|(_, class, told)| tag("td").is(class).with("dir", "auto").put(told(table)));
        let line = tag("tr").all(cells);
        match table.is_used {
            true => line,
            false => line
                .is("dim")
                .with("title", "what the one below was made of"),
        }
    });
    let list = tag("table")
        .is("list narrow")
        .put(tag("thead").put(tag("tr").all(heads)))
        .put(tag("tbody").all(lines));
    (!tables.is_empty()).then(|| scrolling("tables", list))
}

/// How many are right, in words.
pub(super) fn share(right: u64, all: u64) -> String {
    match all {
        0 => "no rows".to_owned(),
        all => format!(
            "{} right, {}",
            of(right, all),
            crate::export::figures::percent(right as f64 / all as f64)
        ),
    }
}
