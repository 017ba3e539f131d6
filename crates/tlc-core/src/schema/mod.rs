//! What the columns of a table mean: value types over Arrow types, with the
//! hints a reader or a dashboard needs to show them.
//!
//! A [`Schema`] is pure data: it reads and writes no file. It travels as JSON in
//! manifests and in the metadata of every Parquet part, and each Arrow field
//! carries its own [`Column`] under the key [`COLUMN_KEY`], so a projected or
//! joined batch still knows what its columns are.

mod arrow;
mod check;
mod column;
mod value;

pub use self::arrow::COLUMN_KEY;
pub(crate) use self::check::{conform, equal_types};
pub use self::column::{Column, Role};
pub use self::value::{ImageStorage, ValueType};

use crate::limits;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// The ordered columns of a table: names unique, sizes within the limits.
///
/// ```
/// use tlc_core::{Column, Schema, ValueType};
///
/// let schema = Schema::new([
///     Column::new("label", ValueType::labels(["cat", "dog"])),
///     Column::new("loss", ValueType::Float32).unit("nats"),
/// ])?;
/// assert_eq!(schema.names().collect::<Vec<_>>(), ["label", "loss"]);
/// # Ok::<(), tlc_core::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Schema {
    columns: Vec<Column>,
}

impl Schema {
    /// A schema of these columns, in this order.
    ///
    /// # Errors
    /// [`Error::Column`] for an empty, overlong or repeated name or an impossible
    /// type; [`Error::TooLarge`] past the limits on columns, classes, sizes or depth.
    pub fn new(columns: impl IntoIterator<Item = Column>) -> Result<Self> {
        let columns: Vec<Column> = columns.into_iter().collect();
        limits::check("columns of a schema", columns.len() as u64, limits::COLUMNS)?;
        let mut seen = HashSet::new();
        for column in &columns {
            column.validate()?;
            if !seen.insert(column.name.as_str()) {
                return Err(Error::column(&column.name, "the name appears twice"));
            }
        }
        Ok(Self { columns })
    }

    /// The columns in order.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The column names in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.name.as_str())
    }

    /// The column of this name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The column of this name.
    ///
    /// # Errors
    /// [`Error::NoSuchColumn`] names the columns that exist.
    pub fn require(&self, name: &str) -> Result<&Column> {
        self.column(name).ok_or_else(|| Error::NoSuchColumn {
            column: name.to_owned(),
            available: self.names().map(str::to_owned).collect(),
        })
    }

    /// This schema with some columns described anew; columns it lacks are ignored.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub(crate) fn overridden(mut self, overrides: &[Column]) -> Result<Self> {
        for column in &mut self.columns {
            if let Some(new) = overrides.iter().find(|new| new.name == column.name) {
                *column = Column {
                    nullable: new.nullable || column.nullable,
                    ..new.clone()
                };
            }
        }
        Self::new(self.columns)
    }
}

/// What JSON holds before it is checked.
#[derive(Deserialize)]
struct Unchecked {
    columns: Vec<Column>,
}

impl TryFrom<Unchecked> for Schema {
    type Error = Error;

    fn try_from(unchecked: Unchecked) -> Result<Self> {
        Self::new(unchecked.columns)
    }
}
