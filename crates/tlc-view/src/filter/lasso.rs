//! Points inside a polygon.

/// A polygon whose last corner is joined to its first; a point is inside if a ray from it
/// crosses the sides an odd number of times, as SVG's rule `evenodd` has it.
#[derive(Debug)]
pub(super) struct Polygon<'p> {
    corners: &'p [[f64; 2]],
    /// Least and greatest of each coordinate.
    bounds: [[f64; 2]; 2],
}

impl<'p> Polygon<'p> {
    pub(super) fn new(corners: &'p [[f64; 2]]) -> Self {
        let all = || corners.iter().copied();
        let least = all().reduce(|one, other| [one[0].min(other[0]), one[1].min(other[1])]);
        let most = all().reduce(|one, other| [one[0].max(other[0]), one[1].max(other[1])]);
        let nothing = [f64::NAN; 2];
        Self {
            corners,
            bounds: [least.unwrap_or(nothing), most.unwrap_or(nothing)],
        }
    }

    pub(super) fn contains(&self, x: f64, y: f64) -> bool {
        let [[left, low], [right, high]] = self.bounds;
        if !(left <= x && x <= right && low <= y && y <= high) {
            return false;
        }
        let last = self.corners.last().into_iter();
        let before = last.chain(self.corners);
        let crossed = before.zip(self.corners).filter(|([x1, y1], [x2, y2])| {
            let is_between = (*y1 > y) != (*y2 > y);
            is_between && x < (x2 - x1) * (y - y1) / (y2 - y1) + x1
        });
        crossed.count() % 2 == 1
    }
}
