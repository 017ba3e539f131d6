//! Two sides, sample by sample.

use super::columns::bytes;
use super::{Shared, answer, parsed, respond};
use crate::app::App;
use crate::refusal::Answer;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tlc_view::{CompareBy, Compared, Comparison, Error, Filter, Moved, Uncompared, Verdict};

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
        let comparison = compared(&app, &question.before, &question.after, &question.by)??;
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Paired {
    before: Side,
    after: Side,
    by: CompareBy,
}

/// The samples of both sides as bytes: the rows before, the rows after, the verdicts.
pub(super) async fn pairs(State(app): Shared, body: Bytes) -> Response {
    respond(move || {
        let asked: Paired = parsed(&body)?;
        let samples = match compared(&app, &asked.before, &asked.after, &asked.by)? {
            // Beside other tables no sample is in both.
            Err(Error::Empty { .. }) => Vec::new(),
            comparison => comparison?.samples,
        };
        let before = samples.iter().flat_map(|pair| pair.before.to_le_bytes());
        let after = samples.iter().flat_map(|pair| pair.after.to_le_bytes());
        let verdicts = samples.iter().map(|pair| pair.verdict as u8);
        Ok(bytes(before.chain(after).chain(verdicts).collect()))
    })
    .await
}

fn compared(
    app: &App,
    before: &Side,
    after: &Side,
    by: &CompareBy,
) -> Answer<tlc_view::Result<Comparison>> {
    let filtered = |side: &Side| app.views.require(&side.view)?.filtered(&side.filters);
    let (before, after) = (filtered(before)?, filtered(after)?);
    Ok(Comparison::new(&before, &after, by))
}
