//! One column: its name, value type and how it is shown.

use super::{Skeleton, ValueType, skeleton};
use crate::limits;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// What part a column plays for people and tools that look at the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Role {
    /// What the model is given.
    Input,
    /// What the model should say.
    Label,
    /// What the model said.
    Prediction,
    /// A measure of one sample, such as its loss.
    Metric,
    /// A point in an embedding space.
    Embedding,
    /// How often or strongly a sample counts in training.
    Weight,
    /// A position in time: epoch, iteration or step.
    Axis,
    /// Which row of which table a row is about.
    Id,
}

/// A column of a [`Schema`](super::Schema), built by chaining.
///
/// ```
/// use tlc_core::{Column, ValueType};
///
/// let loss = Column::new("loss", ValueType::Float32)
///     .display_name("Loss")
///     .description("cross-entropy of the sample")
///     .unit("nats");
/// assert!(loss.visible && !loss.writable);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// Name in Arrow and Parquet, unique in its schema.
    pub name: String,
    /// What a value is.
    pub value: ValueType,
    /// Whether a value may be missing.
    #[serde(default, skip_serializing_if = "is_false")]
    pub nullable: bool,
    /// Name for people, if it differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// What the column means, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Unit of the values, such as `ms` or `nats`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Part the column plays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// Whether a viewer shows the column before being asked.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub visible: bool,
    /// Whether a person may edit the values (in a new revision).
    #[serde(default, skip_serializing_if = "is_false")]
    pub writable: bool,
    /// Of a column or field of keypoints: what they are called, a skeleton for each class that
    /// has its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skeletons: Vec<Skeleton>,
}

impl Column {
    /// A measure of one sample, such as its loss: a 32-bit float with the role of a metric.
    pub fn metric(name: impl Into<String>) -> Self {
        Self::new(name, ValueType::Float32).role(Role::Metric)
    }

    /// A non-null column with the role and visibility that suit its type; labels and weights
    /// may be edited.
    pub fn new(name: impl Into<String>, value: ValueType) -> Self {
        Self {
            name: name.into(),
            role: value.default_role(),
            visible: value.default_visible(),
            writable: value.default_writable(),
            value,
            nullable: false,
            display_name: None,
            description: None,
            unit: None,
            skeletons: Vec::new(),
        }
    }

    /// Lets values be missing, or not.
    #[must_use]
    pub fn nullable(mut self, nullable: bool) -> Self {
        self.nullable = nullable;
        self
    }

    /// Sets the name for people.
    #[must_use]
    pub fn display_name(mut self, name: impl Into<String>) -> Self {
        self.display_name = Some(name.into());
        self
    }

    /// Sets what the column means.
    #[must_use]
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.description = Some(text.into());
        self
    }

    /// Sets the unit of the values.
    #[must_use]
    pub fn unit(mut self, unit: impl Into<String>) -> Self {
        self.unit = Some(unit.into());
        self
    }

    /// Sets the part the column plays.
    #[must_use]
    pub fn role(mut self, role: Role) -> Self {
        self.role = Some(role);
        self
    }

    /// Sets whether a viewer shows the column before being asked.
    #[must_use]
    pub fn visible(mut self, visible: bool) -> Self {
        self.visible = visible;
        self
    }

    /// Sets whether a person may edit the values.
    #[must_use]
    pub fn writable(mut self, writable: bool) -> Self {
        self.writable = writable;
        self
    }

    /// Says what keypoints are called and which are joined.
    #[must_use]
    pub fn skeletons(mut self, skeletons: impl IntoIterator<Item = Skeleton>) -> Self {
        self.skeletons = skeletons.into_iter().collect();
        self
    }

    pub(super) fn validate(&self) -> Result<()> {
        if self.name.is_empty() {
            return Err(Error::column(&self.name, "a column needs a name"));
        }
        if self.name.chars().any(char::is_control) {
            return Err(Error::column(&self.name, "control characters in the name"));
        }
        let name_bytes = self.name.len() as u64;
        limits::check("bytes of a column name", name_bytes, limits::NAME_BYTES)?;
        skeleton::validate(&self.skeletons, &self.name)?;
        self.value.validate(&self.name, 0)
    }
}

fn yes() -> bool {
    true
}

#[allow(clippy::trivially_copy_pass_by_ref)] // the signature serde calls
fn is_true(value: &bool) -> bool {
    *value
}

#[allow(clippy::trivially_copy_pass_by_ref)] // the signature serde calls
fn is_false(value: &bool) -> bool {
    !*value
}
