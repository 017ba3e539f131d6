//! How near two points are in the layout: `1 / (1 + a d^(2b))` of their distance `d`.

/// The two numbers of the curve.
#[derive(Clone, Copy, Debug)]
pub(super) struct Curve {
    a: f32,
    b: f32,
}

/// Points that the curve is fitted to, up to three times the spread.
const SAMPLES: u32 = 300;
const STEPS: usize = 500;
/// Keeps the repulsion of close points finite.
const SOFTENING: f32 = 1e-3;

impl Curve {
    /// The curve that is closest, by least squares, to 1 up to `min_dist` and to
    /// `exp(-(d - min_dist) / spread)` beyond (Levenberg-Marquardt).
    pub(super) fn fit(min_dist: f64, spread: f64) -> Self {
        let target = |d: f64| match d < min_dist {
            true => 1.0,
            false => (-(d - min_dist) / spread).exp(),
        };
        let distances =
            (0..SAMPLES).map(|at| 3.0 * spread * f64::from(at) / f64::from(SAMPLES - 1));
        let samples: Vec<(f64, f64)> = distances.map(|d| (d, target(d))).collect();
        let (mut at, mut damping) = ((1.0, 1.0), 1e-3);
        let mut error = squares(&samples, at);
        for _ in 0..STEPS {
            let next = step(&samples, at, damping);
            let found = squares(&samples, next);
            if found < error {
                (at, error) = (next, found);
                damping /= 10.0;
            } else {
                damping *= 10.0;
            }
        }
        Self {
            a: at.0 as f32,
            b: at.1 as f32,
        }
    }

    /// How far a point is pulled along its difference from another, by their squared
    /// distance.
    pub(super) fn attraction(self, square: f32) -> f32 {
        let power = square.powf(self.b);
        -2.0 * self.a * self.b * power / (square * (1.0 + self.a * power))
    }

    /// How far it is pushed.
    pub(super) fn repulsion(self, square: f32) -> f32 {
        let power = square.powf(self.b);
        2.0 * self.b / ((SOFTENING + square) * (1.0 + self.a * power))
    }
}

/// Sum of the squared differences from the curve of `(a, b)`.
fn squares(samples: &[(f64, f64)], (a, b): (f64, f64)) -> f64 {
    let difference = |(d, y): &(f64, f64)| 1.0 / (1.0 + a * d.powf(2.0 * b)) - y;
    samples
        .iter()
        .map(|sample| difference(sample).powi(2))
        .sum()
}

/// One damped step of Gauss and Newton from `(a, b)`.
fn step(samples: &[(f64, f64)], (a, b): (f64, f64), damping: f64) -> (f64, f64) {
    let (mut aa, mut ab, mut bb, mut a_error, mut b_error) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (d, y) in samples.iter().filter(|(d, _)| *d > 0.0) {
        let power = d.powf(2.0 * b);
        let value = 1.0 / (1.0 + a * power);
        let by_a = -power * value * value;
        let by_b = 2.0 * a * d.ln() * by_a;
        aa += by_a * by_a;
        ab += by_a * by_b;
        bb += by_b * by_b;
        a_error += by_a * (y - value);
        b_error += by_b * (y - value);
    }
    aa *= 1.0 + damping;
    bb *= 1.0 + damping;
    let determinant = aa * bb - ab * ab;
    (
        a + (bb * a_error - ab * b_error) / determinant,
        b + (aa * b_error - ab * a_error) / determinant,
    )
}

#[cfg(test)]
mod tests {
    use super::Curve;

    #[test]
    fn the_curves_are_those_of_umap_learn() {
        for (min_dist, a, b) in [(0.1, 1.576_943, 0.895_061), (0.5, 0.583_030, 1.334_167)] {
            let curve = Curve::fit(min_dist, 1.0);
            assert!((curve.a - a).abs() < 1e-4, "{min_dist}: {curve:?}");
            assert!((curve.b - b).abs() < 1e-4, "{min_dist}: {curve:?}");
        }
    }
}
