//! One object in an image: its box, and whatever else a data set says about it.

use super::rle::Rle;
use crate::images::Size;

/// An object, in pixels: x to the right, y down, from the corner at the top left.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Object {
    /// Left, top, right, bottom.
    pub(crate) bounds: [f64; 4],
    pub(crate) label: i32,
    pub(crate) id: Option<i64>,
    pub(crate) is_crowd: bool,
    pub(crate) area: Option<f64>,
    /// Each is x and y of its corners, one after another.
    pub(crate) polygons: Option<Vec<Vec<f64>>>,
    pub(crate) rle: Option<Rle>,
    pub(crate) keypoints: Option<Vec<Keypoint>>,
    /// x and y of the four corners of an oriented box, one after another.
    pub(crate) corners: Option<[f64; 8]>,
}

/// A named point of an object.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Keypoint {
    pub(crate) x: f64,
    pub(crate) y: f64,
    /// 0 where it is not marked, 1 where it is hidden, 2 where it can be seen.
    pub(crate) visibility: i32,
}

/// Names of the values of [`Keypoint::visibility`].
pub(crate) const VISIBILITY: [&str; 3] = ["not labeled", "hidden", "visible"];

/// Left, top, right and bottom of points; of none no box.
pub(crate) fn bounds_of<'a>(points: impl IntoIterator<Item = &'a [f64]>) -> [f64; 4] {
    let none = [
        f64::INFINITY,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::NEG_INFINITY,
    ];
    points
        .into_iter()
        .fold(none, |[x0, y0, x1, y1], point| match point {
            [x, y] => [x0.min(*x), y0.min(*y), x1.max(*x), y1.max(*y)],
            _ => [x0, y0, x1, y1],
        })
}

/// Why a box is none, as a table holds it.
pub(crate) fn refusal(bounds: [f64; 4], size: Size) -> Option<String> {
    let [x0, y0, x1, y1] = bounds.map(|corner| corner as f32);
    let (width, height) = (f64::from(size.width), f64::from(size.height));
    if ![x0, y0, x1, y1].into_iter().all(f32::is_finite) {
        return Some("a corner of the box is no number of 32 bits".to_owned());
    }
    if x1 <= x0 || y1 <= y0 {
        return Some("a box of no size".to_owned());
    }
    let is_outside = x1 <= 0.0 || y1 <= 0.0 || f64::from(x0) >= width || f64::from(y0) >= height;
    is_outside.then(|| format!("the box is outside of its image of {width} x {height} pixels"))
}

/// Why a list of points is no polygon.
pub(crate) fn polygon_refusal(polygon: &[f64]) -> Option<String> {
    let len = polygon.len();
    if len < 6 || len % 2 == 1 {
        return Some(format!(
            "a polygon of {len} numbers: x and y of three points are the least"
        ));
    }
    (!are_finite(polygon)).then(|| "a polygon with a number that 32 bits do not hold".to_owned())
}

/// Whether a table can hold all of them.
pub(crate) fn are_finite(numbers: &[f64]) -> bool {
    numbers.iter().all(|number| (*number as f32).is_finite())
}

/// The area that polygons enclose, by Gauss's formula.
pub(crate) fn area_of(polygons: &[Vec<f64>]) -> f64 {
    polygons.iter().map(|polygon| one_area(polygon)).sum()
}

fn one_area(polygon: &[f64]) -> f64 {
    let points = || polygon.chunks_exact(2);
    let next = points().skip(1).chain(points().take(1));
    let twice = points().zip(next).map(|pair| match pair {
        ([x0, y0], [x1, y1]) => x0 * y1 - x1 * y0,
        _ => 0.0,
    });
    twice.sum::<f64>().abs() / 2.0
}
