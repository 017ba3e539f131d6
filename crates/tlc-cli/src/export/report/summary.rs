//! What is in a file, in numbers.

use super::{Face, Report, Samples};
use crate::export::figures::{count, many};
use serde::Serialize;

#[derive(Serialize)]
pub(crate) struct Summary {
    run: String,
    status: String,
    findings: usize,
    charts: usize,
    /// Rows in the confusion matrix; nothing without one.
    confusion_rows: Option<u64>,
    samples: usize,
    of_rows: usize,
    by: Option<String>,
    images: usize,
    images_shrunk: usize,
    images_left_out: usize,
}

impl Summary {
    pub(super) fn of(report: &Report) -> Self {
        let samples = report.samples.as_ref();
        let images = |is_it: fn(&Face) -> bool| {
            samples.map_or(0, |samples| {
                faces(samples).filter(|face| is_it(face)).count()
            })
        };
        let confusion = samples.and_then(|samples| samples.confusion.as_ref());
        let worst = samples.map(|samples| &samples.worst);
        let by = worst.and_then(|worst| worst.by.as_ref());
        Self {
            run: format!("{}/{}", report.run.project, report.run.name),
            status: report.run.status.clone(),
            findings: samples.map_or(0, |samples| samples.findings.shown.len()),
            charts: report.charts.charts.len(),
            confusion_rows: confusion.map(|confusion| confusion.rows),
            samples: worst.map_or(0, |worst| worst.samples.len()),
            of_rows: samples.map_or(0, |samples| samples.rows),
            by: by.map(|(by, _)| by.clone()),
            images: images(|face| matches!(face, Face::Image { .. })),
            images_shrunk: images(|face| {
                matches!(
                    face,
                    Face::Image {
                        is_shrunk: true,
                        ..
                    }
                )
            }),
            images_left_out: images(|face| matches!(face, Face::LeftOut(_))),
        }
    }

    /// The same for people: what, and how much of it.
    pub(crate) fn told(&self) -> Vec<(&'static str, String)> {
        let none = || "none".to_owned();
        let shown = |count: usize, name: &str| match count {
            0 => none(),
            count => many(count as u64, name),
        };
        let by = self
            .by
            .as_ref()
            .map_or_else(String::new, |by| format!(" by {by}"));
        let worst = match self.samples {
            0 => none(),
            shown => format!(
                "{} of {} samples{by}",
                count(shown as u64),
                count(self.of_rows as u64)
            ),
        };
        let mut images = vec![shown(self.images, "image")];
        if self.images_shrunk > 0 {
            images.push(format!("{} made smaller", count(self.images_shrunk as u64)));
        }
        if self.images_left_out > 0 {
            images.push(format!("{} left out", count(self.images_left_out as u64)));
        }
        vec![
            (
                "run",
                format!("{}, {}", crate::print::plain(&self.run), self.status),
            ),
            ("findings", shown(self.findings, "card")),
            ("curves", shown(self.charts, "chart")),
            (
                "confusion",
                self.confusion_rows
                    .map_or_else(none, |rows| many(rows, "row")),
            ),
            ("worst", worst),
            ("images", images.join(", ")),
        ]
    }
}

/// All that is shown of samples.
fn faces(samples: &Samples) -> impl Iterator<Item = &Face> {
    let found = samples.findings.shown.iter().flat_map(|shown| &shown.faces);
    let worst = samples.worst.samples.iter();
    found
        .map(|(_, face)| face)
        .chain(worst.map(|sample| &sample.face))
}
