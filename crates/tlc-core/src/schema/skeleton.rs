//! How the keypoints of objects are called, and which of them are joined.

use crate::limits;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// The keypoints of objects of a class, in the order in which a cell lists them: names, lines
/// between them, and which is which in a mirrored image.
///
/// ```
/// use tlc_core::{Column, Skeleton, ValueType};
///
/// let face = Skeleton::new(["left eye", "right eye", "nose"])
///     .of_class(1)
///     .with_edges([[0, 2], [1, 2]])
///     .with_mirrored([1, 0, 2]);
/// let point = vec![Column::new("x", ValueType::Float32), Column::new("y", ValueType::Float32)];
/// let item = Box::new(ValueType::Struct { fields: point });
/// let points = Column::new("keypoints", ValueType::List { item, len: None }).skeletons([face]);
/// assert_eq!(points.skeletons[0].keypoints[2], "nose");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Skeleton {
    /// Id of the class whose objects have it; `None` if all have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<i32>,
    /// What the keypoints are called.
    pub keypoints: Vec<String>,
    /// Pairs of keypoints that a line joins, by their places from 0 on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub edges: Vec<[u32; 2]>,
    /// The place that each keypoint has in a mirrored image; empty if that is not known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mirrored: Vec<u32>,
}

impl Skeleton {
    /// Keypoints of these names, of objects of any class.
    pub fn new<N: Into<String>>(keypoints: impl IntoIterator<Item = N>) -> Self {
        Self {
            keypoints: keypoints.into_iter().map(Into::into).collect(),
            ..Self::default()
        }
    }

    /// That of the objects of one class.
    #[must_use]
    pub fn of_class(mut self, id: i32) -> Self {
        self.class = Some(id);
        self
    }

    /// Joins pairs of keypoints by lines.
    #[must_use]
    pub fn with_edges(mut self, edges: impl IntoIterator<Item = [u32; 2]>) -> Self {
        self.edges = edges.into_iter().collect();
        self
    }

    /// Says which keypoint is which in a mirrored image.
    #[must_use]
    pub fn with_mirrored(mut self, mirrored: impl IntoIterator<Item = u32>) -> Self {
        self.mirrored = mirrored.into_iter().collect();
        self
    }

    fn validate(&self, column: &str) -> Result<()> {
        let len = self.keypoints.len();
        limits::check("keypoints of a skeleton", len as u64, limits::COLUMNS)?;
        let mut places = self.edges.iter().flatten().chain(&self.mirrored);
        if let Some(place) = places.find(|place| **place as usize >= len) {
            let reason = format!("a skeleton of {len} keypoints has none of the place {place}");
            return Err(Error::column(column, reason));
        }
        if !self.mirrored.is_empty() && self.mirrored.len() != len {
            let mirrored = self.mirrored.len();
            let reason = format!("{mirrored} mirrored keypoints of {len} in a skeleton");
            return Err(Error::column(column, reason));
        }
        Ok(())
    }

    /// Bytes as JSON, about.
    pub(super) fn text_bytes(&self) -> u64 {
        let names = self.keypoints.iter().map(|name| name.len() as u64 + 3);
        let numbers = 16 * self.edges.len() + 8 * self.mirrored.len();
        names.sum::<u64>() + numbers as u64 + 48
    }

    /// How many values it has, for what it takes in memory.
    pub(super) fn values(&self) -> u64 {
        (1 + self.keypoints.len() + self.edges.len() + self.mirrored.len()) as u64
    }
}

/// Refuses skeletons of a column that contradict themselves, or one another.
pub(super) fn validate(skeletons: &[Skeleton], column: &str) -> Result<()> {
    let mut classes = HashSet::new();
    for skeleton in skeletons {
        skeleton.validate(column)?;
        if !classes.insert(skeleton.class) {
            return Err(Error::column(column, "a class has two skeletons"));
        }
    }
    Ok(())
}
