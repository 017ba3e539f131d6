//! The curves, and the last value of each.

use super::plot::{Hues, plot};
use super::tag::{Tag, tag};
use super::{Section, empty, scrolling};
use crate::export::figures::{count, digits, many};
use crate::export::report::{Chart, Charts, Line};
use crate::export::texts::{NAME, cut};

pub(super) fn section(charts: &Charts) -> Section {
    let drawn = charts.charts.len() as u64;
    match drawn {
        0 => Section {
            id: "curves",
            title: "Values".to_owned(),
            told: match charts.last.is_empty() {
                true => "none is logged".to_owned(),
                false => "the last of each: none moved, so there is no curve".to_owned(),
            },
            inside: match charts.last.is_empty() {
                true => vec![empty(
                    "Values that the run logs will be here, and their curves.",
                )],
                false => vec![last(charts)],
            },
        },
        drawn => Section {
            id: "curves",
            title: "Curves".to_owned(),
            told: many(drawn, "chart"),
            inside: curves(charts),
        },
    }
}

fn curves(charts: &Charts) -> Vec<Tag> {
    let hues = Hues::of(&charts.charts);
    let figures = charts.charts.iter().map(|chart| figure(chart, &hues));
    let left_out = (charts.left_out > 0).then(|| {
        let more = many(charts.left_out as u64, "chart");
        empty(format!(
            "{more} more are left out: the values below are all there is."
        ))
    });
    let summary = format!("Last values of {} series", count(charts.last.len() as u64));
    let fold = tag("details")
        .put(tag("summary").put(summary))
        .put(last(charts));
    let figures = tag("div").is("charts").all(figures);
    [figures]
        .into_iter()
        .chain(left_out)
        .chain([fold])
        .collect()
}

fn figure(chart: &Chart, hues: &Hues<'_>) -> Tag {
    let legend = chart.lines.iter().map(|line| {
        let swatch = tag("i").is(&format!("swatch hue-{}", hues.get(line)));
        let name = tag("span")
            .put(swatch)
            .put(tag("bdi").put(cut(&line.name, NAME)));
        name.put(tag("b").put(digits(line.last)))
    });
    let title = tag("span").put(tag("b").put(cut(&chart.title, NAME))).put(
        tag("span")
            .is("dim")
            .put(format!(" by {}", axis(chart.axis))),
    );
    tag("figure")
        .put(
            tag("figcaption")
                .put(title)
                .put(tag("span").is("legend").all(legend)),
        )
        .put(plot(chart, hues).with("aria-label", told(chart)))
}

fn axis(axis: &'static str) -> &'static str {
    match axis {
        "time" => "seconds",
        axis => axis,
    }
}

/// The chart in words.
fn told(chart: &Chart) -> String {
    let line = |line: &Line| {
        let first = line.points.first().map_or(f64::NAN, |point| point.1);
        format!(
            "{} from {} to {}",
            line.name,
            digits(first),
            digits(line.last)
        )
    };
    let lines: Vec<String> = chart.lines.iter().map(line).collect();
    format!(
        "{} by {}: {}",
        chart.title,
        axis(chart.axis),
        lines.join(", ")
    )
}

fn last(charts: &Charts) -> Tag {
    let lines = charts.last.iter().map(|(key, value)| {
        let shown = tag("td").is("number").with("title", value);
        tag("tr")
            .put(tag("td").put(key))
            .put(shown.put(digits(*value)))
    });
    scrolling(
        "last values",
        tag("table").is("list narrow").put(tag("tbody").all(lines)),
    )
}
