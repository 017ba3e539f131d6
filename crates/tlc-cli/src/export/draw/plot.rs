//! A line chart as SVG: a grid, the lines, and a point for each value where there are few.

use super::tag::{Tag, tag};
use crate::export::figures::digits;
use crate::export::report::{Chart, Line};
use crate::rows::once;
use std::fmt::Write;

const WIDTH: f64 = 360.0;
const HEIGHT: f64 = 180.0;
const TOP: f64 = 8.0;
const RIGHT: f64 = 12.0;
const BOTTOM: f64 = 20.0;
/// Of a letter at the axes.
const LETTER: f64 = 6.2;
const HUES: usize = 10;
/// Points that are shown one by one.
const FEW: usize = 60;
const X_TICKS: f64 = 6.0;
const Y_TICKS: f64 = 5.0;

/// The colours of lines: those of the same name look the same in each chart.
pub(super) struct Hues<'c>(Vec<&'c str>);

impl<'c> Hues<'c> {
    pub(super) fn of(charts: &'c [Chart]) -> Self {
        let lines = charts.iter().flat_map(|chart| &chart.lines);
        Self(once(lines.map(|line| line.name.as_str())))
    }

    /// Which of the colours a line has.
    pub(super) fn get(&self, line: &Line) -> usize {
        let place = self.0.iter().position(|name| *name == line.name);
        place.unwrap_or(0) % HUES
    }
}

pub(super) fn plot(chart: &Chart, hues: &Hues<'_>) -> Tag {
    let points = || {
        chart
            .lines
            .iter()
            .flat_map(|line| &line.points)
            .filter(is_finite)
    };
    let y = Scale::of(points().map(|point| point.1), Y_TICKS, false);
    let is_whole = chart.axis != "time";
    let x = Scale::of(points().map(|point| point.0), X_TICKS, is_whole);
    let widest = y.ticks().map(|tick| short(tick).chars().count()).max();
    let left = 14.0 + LETTER * widest.unwrap_or(0) as f64;
    let x = x.onto(left, WIDTH - RIGHT);
    let y = y.onto(HEIGHT - BOTTOM, TOP);
    let lines = chart.lines.iter();
    tag("svg")
        .with("viewBox", format!("0 0 {WIDTH} {HEIGHT}"))
        .with("role", "img")
        .all(y.ticks().flat_map(|tick| across(tick, y.at(tick), left)))
        .all(x.ticks().map(|tick| under(tick, x.at(tick))))
        .all(lines.flat_map(|line| drawn(line, hues.get(line), &x, &y, chart.axis)))
}

fn is_finite(point: &&(f64, f64)) -> bool {
    point.0.is_finite() && point.1.is_finite()
}

/// A line of the grid, and what it stands for.
fn across(tick: f64, at: f64, left: f64) -> [Tag; 2] {
    let line = tag("line")
        .is("grid")
        .with("x1", left)
        .with("x2", WIDTH - RIGHT)
        .with("y1", place(at))
        .with("y2", place(at));
    let text = tag("text")
        .with("x", place(left - 6.0))
        .with("y", place(at + 4.0))
        .with("text-anchor", "end");
    [line, text.put(short(tick))]
}

fn under(tick: f64, at: f64) -> Tag {
    tag("text")
        .with("x", place(at))
        .with("y", HEIGHT - 5.0)
        .with("text-anchor", "middle")
        .put(short(tick))
}

fn drawn(line: &Line, hue: usize, x: &Scale, y: &Scale, axis: &str) -> Vec<Tag> {
    let mut path = String::new();
    let mut is_down = false;
    for point in &line.points {
        if !is_finite(&point) {
            is_down = false; // a value that is none leaves a gap
            continue;
        }
        let step = if is_down { 'L' } else { 'M' };
        // Nothing is written to a string in vain.
        let _ = write!(
            path,
            "{step}{} {}",
            place(x.at(point.0)),
            place(y.at(point.1))
        );
        is_down = true;
    }
    let path = tag("path").is(&format!("hue-{hue}")).with("d", path);
    let few = line.points.iter().filter(is_finite);
    let few = few.take(if line.points.len() <= FEW { FEW } else { 0 });
    let dots = few.map(|point| {
        let told = format!(
            "{}, {axis} {}: {}",
            line.name,
            digits(point.0),
            digits(point.1)
        );
        tag("circle")
            .is(&format!("hue-{hue}"))
            .with("cx", place(x.at(point.0)))
            .with("cy", place(y.at(point.1)))
            .with("r", 2)
            .put(tag("title").put(told))
    });
    [path].into_iter().chain(dots).collect()
}

/// A tenth of a pixel is more than anybody sees.
fn place(at: f64) -> f64 {
    (at * 10.0).round() / 10.0
}

/// A tick without the zeros at its end.
fn short(tick: f64) -> String {
    let text = digits(tick);
    match text.contains('.') && !text.contains('e') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

/// Values of an axis, and where they are drawn.
struct Scale {
    least: f64,
    most: f64,
    step: f64,
    from: f64,
    to: f64,
}

impl Scale {
    fn of(values: impl Iterator<Item = f64>, ticks: f64, is_whole: bool) -> Self {
        let ends = values.fold(
            (f64::INFINITY, f64::NEG_INFINITY),
            |(least, most), value| (least.min(value), most.max(value)),
        );
        let (least, most) = match ends {
            (least, most) if least < most => (least, most),
            (one, _) if one.is_finite() => (one - 0.5, one + 0.5),
            _ => (0.0, 1.0),
        };
        let rough = (most / ticks - least / ticks).max(f64::MIN_POSITIVE);
        let power = 10_f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power);
        let step = step
            .into_iter()
            .find(|step| *step >= rough * (1.0 - 1e-9))
            .unwrap_or(rough);
        Self {
            least,
            most,
            step: if is_whole { step.max(1.0) } else { step },
            from: 0.0,
            to: 1.0,
        }
    }

    fn onto(self, from: f64, to: f64) -> Self {
        Self { from, to, ..self }
    }

    fn at(&self, value: f64) -> f64 {
        // Divided apart, since the difference of finite numbers may be none.
        let share = (value / 2.0 - self.least / 2.0) / (self.most / 2.0 - self.least / 2.0);
        self.from + share * (self.to - self.from)
    }

    fn ticks(&self) -> impl Iterator<Item = f64> {
        let first = (self.least / self.step).ceil();
        let ticks = (0..32_u32).map(move |tick| (first + f64::from(tick)) * self.step);
        ticks.take_while(|tick| *tick <= self.most + self.step * 1e-9)
    }
}

#[cfg(test)]
mod tests {
    use super::{Scale, short};

    #[test]
    fn ticks_are_round_and_within() {
        let ticks = |values: [f64; 2], is_whole| {
            let scale = Scale::of(values.into_iter(), 4.0, is_whole);
            scale.ticks().map(short).collect::<Vec<_>>()
        };
        assert_eq!(ticks([0.31, 1.04], false), ["0.4", "0.6", "0.8", "1"]);
        assert_eq!(ticks([1.0, 3.0], true), ["1", "2", "3"]);
        assert_eq!(ticks([-1e-5, 1e-5], false).len(), 5);
        assert_eq!(ticks([7.0, 7.0], false), ["6.5", "7", "7.5"]);
        assert!(ticks([f64::MIN, f64::MAX], false).len() > 2);
        assert!(ticks([f64::NAN, f64::NAN], false).len() > 2);
    }
}
