//! Limited-memory BFGS (Nocedal, *Updating quasi-Newton matrices with limited storage*,
//! 1980) for smooth convex functions.
//!
//! Steps are found by the slope along the direction, which never falls for a convex function
//! and is precise where differences of values are lost in rounding; a step is taken by the
//! approximate Wolfe conditions of Hager and Zhang (2005).

use std::collections::VecDeque;

/// Steps that the curvature is known from.
const MEMORY: usize = 10;
/// Evaluations to find one step.
const TRIALS: usize = 30;
/// The slope after a step is at least this share of the one before, with its sign, and at
/// most that share of it, with the other.
const STILL_FALLING: f64 = 0.9;
const RISING: f64 = 0.8;
/// By how much of itself a value may rise and still count as rounded.
const ROUNDING: f64 = 1e-6;

/// Where a search has ended.
#[derive(Debug)]
pub(super) struct Minimum {
    pub(super) point: Vec<f64>,
    /// Whether no entry of the gradient there is above the tolerance.
    pub(super) converged: bool,
}

/// Goes downhill from `start` until no entry of the gradient is above `tolerance`, for
/// `max_iterations` at most. `evaluate` gives the value and the gradient at a point.
pub(super) fn minimize(
    start: Vec<f64>,
    tolerance: f64,
    max_iterations: usize,
    evaluate: impl Fn(&[f64]) -> (f64, Vec<f64>),
) -> Minimum {
    let mut at = Evaluated::new(start, &evaluate);
    let mut curvature = Curvature::default();
    for _ in 0..max_iterations {
        if at.steepest() <= tolerance {
            break;
        }
        let direction = curvature.direction(&at.gradient);
        let Some(next) = step(&at, &direction, &evaluate) else {
            break;
        };
        curvature.learn(&at, &next);
        at = next;
    }
    Minimum {
        converged: at.steepest() <= tolerance,
        point: at.point,
    }
}

#[derive(Debug)]
struct Evaluated {
    point: Vec<f64>,
    value: f64,
    gradient: Vec<f64>,
}

impl Evaluated {
    fn new(point: Vec<f64>, evaluate: impl Fn(&[f64]) -> (f64, Vec<f64>)) -> Self {
        let (value, gradient) = evaluate(&point);
        Self {
            point,
            value,
            gradient,
        }
    }

    /// The largest entry of the gradient.
    fn steepest(&self) -> f64 {
        let entries = self.gradient.iter();
        entries.fold(0.0, |largest, entry| largest.max(entry.abs()))
    }
}

/// A point along the direction that is far enough downhill; none where rounding hides it.
fn step(
    from: &Evaluated,
    direction: &[f64],
    evaluate: impl Fn(&[f64]) -> (f64, Vec<f64>),
) -> Option<Evaluated> {
    let slope = dot(&from.gradient, direction);
    if slope >= 0.0 {
        return None;
    }
    let highest = from.value + ROUNDING * from.value.abs();
    let (mut near, mut far): ((f64, f64), Option<(f64, f64)>) = ((0.0, slope), None);
    let mut length = 1.0;
    for _ in 0..TRIALS {
        let moved = from.point.iter().zip(direction);
        let point = moved.map(|(x, d)| x + length * d).collect();
        let next = Evaluated::new(point, &evaluate);
        let slope_there = dot(&next.gradient, direction);
        let too_far = slope_there > -RISING * slope || next.value > highest;
        if !too_far && slope_there >= STILL_FALLING * slope {
            return Some(next);
        }
        if too_far || !slope_there.is_finite() {
            far = Some((length, slope_there));
        } else {
            near = (length, slope_there);
        }
        length = between(near, far);
    }
    None
}

/// Where the slope is 0, if it is linear: with an end, well inside; without, not too far out.
fn between(near: (f64, f64), far: Option<(f64, f64)>) -> f64 {
    let Some(far) = far else {
        return 4.0 * near.0.max(0.25);
    };
    let width = far.0 - near.0;
    let share = near.1 / (near.1 - far.1);
    match share.is_finite() {
        true => near.0 + width * share.clamp(0.1, 0.9),
        false => near.0 + width * 0.5,
    }
}

/// Changes of point and gradient over the last steps.
#[derive(Debug, Default)]
struct Curvature {
    changes: VecDeque<Change>,
}

#[derive(Debug)]
struct Change {
    point: Vec<f64>,
    gradient: Vec<f64>,
    /// Their product.
    product: f64,
}

impl Curvature {
    fn learn(&mut self, before: &Evaluated, after: &Evaluated) {
        let point = difference(&after.point, &before.point);
        let gradient = difference(&after.gradient, &before.gradient);
        let product = dot(&point, &gradient);
        if product <= f64::EPSILON * dot(&gradient, &gradient) {
            return;
        }
        if self.changes.len() == MEMORY {
            self.changes.pop_front();
        }
        self.changes.push_back(Change {
            point,
            gradient,
            product,
        });
    }

    /// Downhill, by the two loops of the paper.
    fn direction(&self, gradient: &[f64]) -> Vec<f64> {
        let mut direction: Vec<f64> = gradient.iter().map(|entry| -entry).collect();
        let mut shares = Vec::with_capacity(self.changes.len());
        for change in self.changes.iter().rev() {
            let share = dot(&change.point, &direction) / change.product;
            add(&mut direction, -share, &change.gradient);
            shares.push(share);
        }
        let scale = match self.changes.back() {
            Some(last) => last.product / dot(&last.gradient, &last.gradient),
            None => 1.0 / dot(gradient, gradient).sqrt().max(f64::MIN_POSITIVE),
        };
        direction.iter_mut().for_each(|entry| *entry *= scale);
        for (change, share) in self.changes.iter().zip(shares.iter().rev()) {
            let back = dot(&change.gradient, &direction) / change.product;
            add(&mut direction, share - back, &change.point);
        }
        direction
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn add(to: &mut [f64], factor: f64, vector: &[f64]) {
    to.iter_mut()
        .zip(vector)
        .for_each(|(a, b)| *a += factor * b);
}

fn difference(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}
