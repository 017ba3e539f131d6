//! The curves of a run: one chart for each thing that was measured, with a line for each split.

use std::collections::BTreeSet;
use tlc_view::Curve;

/// What splits are called by habit, beside those of the run itself.
const SPLITS: [&str; 5] = ["train", "valid", "validation", "val", "test"];
const MOST_CHARTS: usize = 48;
/// More points than a line has pixels.
const MOST_POINTS: usize = 600;

/// Curves, and the last value of each.
pub(crate) struct Charts {
    pub(crate) charts: Vec<Chart>,
    /// Charts past the most that are drawn.
    pub(crate) left_out: usize,
    pub(crate) last: Vec<(String, f64)>,
}

pub(crate) struct Chart {
    pub(crate) title: String,
    pub(crate) axis: &'static str,
    pub(crate) lines: Vec<Line>,
}

pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) points: Vec<(f64, f64)>,
    pub(crate) last: f64,
}

impl Charts {
    pub(super) fn of(curves: Vec<Curve>, splits: &BTreeSet<String>) -> Self {
        let last = curves.iter();
        let last = last.filter_map(|curve| Some((curve.key.clone(), curve.points.last()?.1)));
        let last = last.collect();
        let mut charts: Vec<Chart> = Vec::new();
        for curve in curves.into_iter().filter(moves) {
            let (title, name) = parted(&curve.key, splits);
            let known = charts
                .iter()
                .position(|chart| chart.title == title && chart.axis == curve.axis);
            let line = Line::of(name, &curve.points);
            match known.and_then(|place| charts.get_mut(place)) {
                Some(chart) => chart.lines.push(line),
                None => charts.push(Chart {
                    title,
                    axis: curve.axis,
                    lines: vec![line],
                }),
            }
        }
        let left_out = charts.len().saturating_sub(MOST_CHARTS);
        charts.truncate(MOST_CHARTS);
        Self {
            charts,
            left_out,
            last,
        }
    }
}

impl Line {
    fn of(name: String, points: &[(f64, f64)]) -> Self {
        Self {
            name,
            last: points.last().map_or(f64::NAN, |point| point.1),
            points: thinned(points),
        }
    }
}

/// Whether there is something to see: a number of rows, say, stays what it is.
fn moves(curve: &Curve) -> bool {
    let mut finite = curve.points.iter().filter(|point| point.1.is_finite());
    let first = finite.next();
    first.is_some_and(|first| finite.any(|point| point.1 != first.1))
}

/// What was measured, and of which split: `burn_train_loss` is the `burn_loss` of `train`.
fn parted(key: &str, splits: &BTreeSet<String>) -> (String, String) {
    let parts: Vec<&str> = key.split('_').collect();
    let is_split = |part: &&str| SPLITS.contains(part) || splits.contains(*part);
    match parts.iter().position(is_split) {
        Some(place) if parts.len() > 1 => {
            let rest = parts.iter().enumerate().filter(|(at, _)| *at != place);
            let rest: Vec<&str> = rest.map(|(_, part)| *part).collect();
            let split = parts.get(place).copied().unwrap_or_default();
            (rest.join("_"), split.to_owned())
        }
        _ => (key.to_owned(), key.to_owned()),
    }
}

/// As many points as can be told apart, the least and the greatest of each stretch among them.
fn thinned(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    if points.len() <= MOST_POINTS {
        return points.to_vec();
    }
    let stretches = points.chunks(points.len().div_ceil(MOST_POINTS / 2));
    let ends = stretches.flat_map(|stretch| {
        let numbered = stretch.iter().enumerate();
        let least = numbered
            .clone()
            .min_by(|one, other| one.1.1.total_cmp(&other.1.1));
        let most = numbered.max_by(|one, other| one.1.1.total_cmp(&other.1.1));
        let mut ends: Vec<(usize, &(f64, f64))> = least.into_iter().chain(most).collect();
        ends.sort_by_key(|(at, _)| *at);
        ends.into_iter().map(|(_, point)| *point)
    });
    ends.collect()
}
