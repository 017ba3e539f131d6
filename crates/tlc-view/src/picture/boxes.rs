//! What a column of boxes in an image says of them all.

use tlc_core::{ClassMap, Column, Skeleton, ValueType};

const CORNERS: [&str; 4] = ["x0", "y0", "x1", "y1"];

/// A column of boxes in an image, as FORMAT.md has them.
///
/// ```
/// use tlc_core::{Column, ValueType};
/// use tlc_view::Boxes;
///
/// let fields = ["x0", "y0", "x1", "y1"].map(|name| Column::new(name, ValueType::Float32).unit("px"));
/// let item = Box::new(ValueType::Struct { fields: fields.to_vec() });
/// let value = ValueType::List { item, len: None };
/// assert_eq!(Boxes::of(&value).and_then(|boxes| boxes.unit()), Some("px"));
/// assert!(Boxes::of(&ValueType::Float32).is_none());
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Boxes<'c> {
    fields: &'c [Column],
}

impl<'c> Boxes<'c> {
    /// The boxes that a column holds, if it holds any.
    #[must_use]
    pub fn of(value: &'c ValueType) -> Option<Self> {
        let ValueType::List { item, .. } = value else {
            return None;
        };
        let ValueType::Struct { fields } = &**item else {
            return None;
        };
        let has = |name: &&str| fields.iter().any(|field| field.name == **name);
        CORNERS.iter().all(has).then_some(Self { fields })
    }

    /// The classes of their labels.
    #[must_use]
    pub fn classes(self) -> Option<&'c ClassMap> {
        let mut labels = self.fields.iter().filter_map(|field| match &field.value {
            ValueType::CategoricalLabel { classes } => Some(classes),
            _ => None,
        });
        labels.next()
    }

    /// How their keypoints are joined.
    pub fn skeletons(self) -> impl Iterator<Item = &'c Skeleton> {
        self.fields.iter().flat_map(|field| &field.skeletons)
    }

    /// The unit of their corners: `px`, or `fraction` of the image's width and height.
    #[must_use]
    pub fn unit(self) -> Option<&'c str> {
        let corners = self.fields.iter();
        corners
            .filter(|field| CORNERS.contains(&field.name.as_str()))
            .find_map(|field| field.unit.as_deref())
    }
}
