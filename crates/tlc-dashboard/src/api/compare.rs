//! Two sides, sample by sample.

use super::{Shared, answer, parsed};
use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tlc_view::{CompareBy, Compared, Comparison, Filter, Moved, Uncompared, Verdict};

const MOST_ROWS: usize = 1_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    before: Side,
    after: Side,
    by: CompareBy,
    verdict: Option<Verdict>,
    page: Option<Window>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Side {
    view: String,
    #[serde(default)]
    filters: Vec<Filter>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Window {
    start: usize,
    len: usize,
}

#[derive(Serialize)]
struct Told {
    counts: BTreeMap<Verdict, usize>,
    apart: Uncompared,
    moved: Vec<Moved>,
    samples: Vec<Sample>,
    total: usize,
}

#[derive(Serialize)]
struct Sample {
    before: u32,
    after: u32,
    verdict: Verdict,
    change: Option<f64>,
}

pub(super) async fn compare(State(app): Shared, body: Bytes) -> Response {
    answer(move || {
        let question: Question = parsed(&body)?;
        let before = app.views.require(&question.before.view)?;
        let after = app.views.require(&question.after.view)?;
        let before = before.filtered(&question.before.filters)?;
        let after = after.filtered(&question.after.filters)?;
        let comparison = Comparison::new(&before, &after, &question.by)?;
        let mut counts = BTreeMap::new();
        for sample in &comparison.samples {
            *counts.entry(sample.verdict).or_default() += 1;
        }
        let is_wanted = |sample: &&Compared| {
            let verdict = question.verdict;
            verdict.is_none_or(|verdict| verdict == sample.verdict)
        };
        let wanted = || comparison.samples.iter().filter(is_wanted);
        let (start, len) = question.page.map_or((0, 0), |page| (page.start, page.len));
        let page = wanted().skip(start).take(len.min(MOST_ROWS));
        Ok(Told {
            counts,
            apart: comparison.apart,
            total: wanted().count(),
            samples: page
                .map(|sample| Sample {
                    before: sample.before,
                    after: sample.after,
                    verdict: sample.verdict,
                    change: sample.change,
                })
                .collect(),
            moved: comparison.moved.clone(),
        })
    })
    .await
}
