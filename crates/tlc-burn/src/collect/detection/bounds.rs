//! Boxes and how much they overlap.

/// What the four numbers of a box mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum BoxFormat {
    /// Left, top, right, bottom.
    #[default]
    Xyxy,
    /// Left, top, width, height: that of COCO's files.
    Xywh,
    /// Centre, width, height: that of YOLO and DETR.
    Cxcywh,
}

/// A box in 64 bits: left, top, width, height.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bounds {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

impl Bounds {
    pub(super) fn new(numbers: [f32; 4], format: BoxFormat) -> Self {
        let [a, b, c, d] = numbers.map(f64::from);
        let [x, y, width, height] = match format {
            BoxFormat::Xyxy => [a, b, c - a, d - b],
            BoxFormat::Xywh => [a, b, c, d],
            BoxFormat::Cxcywh => [a - c / 2.0, b - d / 2.0, c, d],
        };
        Self {
            x,
            y,
            width,
            height,
        }
    }

    /// Left, top, right, bottom.
    pub(super) fn corners(self) -> [f32; 4] {
        let (right, bottom) = (self.x + self.width, self.y + self.height);
        [self.x, self.y, right, bottom].map(|corner| corner as f32)
    }

    pub(super) fn area(self) -> f64 {
        self.width * self.height
    }

    /// Intersection over union with the ground truth. A crowd counts only as far as the
    /// box covers it: intersection over the box's own area.
    pub(super) fn iou(self, truth: Self, is_crowd: bool) -> f64 {
        let overlap = |start: f64, len: f64, other: f64, other_len: f64| {
            (start + len).min(other + other_len) - start.max(other)
        };
        let width = overlap(self.x, self.width, truth.x, truth.width);
        let height = overlap(self.y, self.height, truth.y, truth.height);
        if width <= 0.0 || height <= 0.0 {
            return 0.0;
        }
        let both = width * height;
        let either = match is_crowd {
            true => self.area(),
            false => self.area() + truth.area() - both,
        };
        both / either
    }
}
