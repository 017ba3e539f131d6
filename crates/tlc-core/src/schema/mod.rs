//! What the columns of a table mean: value types over Arrow types, with the
//! hints a reader or a dashboard needs to show them.
//!
//! A [`Schema`] is pure data: it reads and writes no file. It travels as JSON in
//! manifests and in the metadata of every Parquet part, and each Arrow field
//! carries its own [`Column`] under the key [`COLUMN_KEY`], so a projected or
//! joined batch still knows what its columns are.

mod arrow;
mod cast;
mod check;
mod class_map;
mod color;
mod column;
mod cut;
mod shown;
mod size;
mod skeleton;
mod value;
mod version;

pub use self::arrow::COLUMN_KEY;
pub(crate) use self::cast::float32_refusal;
pub(crate) use self::check::{conform, equal_types};
pub use self::class_map::{Class, ClassMap, IntoClassMap};
pub use self::color::Color;
pub use self::column::{Column, Role};
pub(crate) use self::cut::cut;
pub(crate) use self::shown::Shown;
pub use self::skeleton::Skeleton;
pub use self::value::{ImageStorage, ValueType};
pub(crate) use self::version::NEWEST;

use crate::arrow::datatypes::SchemaRef;
use crate::limits;
use crate::storage::json;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::sync::OnceLock;

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
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Schema {
    columns: Vec<Column>,
    /// Made when it is first asked for: each batch of a table has it.
    #[serde(skip)]
    arrow: OnceLock<SchemaRef>,
}

impl Schema {
    /// A schema of these columns, in this order.
    ///
    /// # Errors
    /// [`Error::Column`] for an empty, overlong or repeated name or an impossible
    /// type; [`Error::TooLarge`] past the limits on columns, classes, sizes, depth or
    /// the bytes of all names and descriptions.
    pub fn new(columns: impl IntoIterator<Item = Column>) -> Result<Self> {
        let columns: Vec<Column> = columns.into_iter().collect();
        limits::check("columns of a schema", columns.len() as u64, limits::COLUMNS)?;
        columns.iter().try_for_each(Column::validate)?;
        if let Some(name) = repeated(&columns) {
            return Err(Error::column(name, "the name appears twice"));
        }
        let text_bytes = columns
            .iter()
            .map(|column| size::text_bytes(column, 1))
            .sum();
        limits::check("bytes of a schema", text_bytes, limits::SCHEMA_BYTES)?;
        let arrow = OnceLock::new();
        Ok(Self { columns, arrow })
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

    /// The classes of a column of labels or masks: what a collector is told, and what turns
    /// a label into a target for a model and back.
    ///
    /// ```
    /// use tlc_core::{ClassMap, Column, Schema, ValueType};
    ///
    /// let vehicles = ClassMap::from_ids([(3, "car"), (8, "truck")])?;
    /// let schema = Schema::new([Column::new("label", ValueType::labels(vehicles))])?;
    /// let classes = schema.class_map("label")?;
    /// assert_eq!(classes.position(8), Some(1)); // the target of a label
    /// assert_eq!(classes.id_at(1), Some(8)); // the label of a prediction
    /// # Ok::<(), tlc_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NoSuchColumn`]; [`Error::Column`] if it has none.
    pub fn class_map(&self, column: &str) -> Result<&ClassMap> {
        let value = &self.require(column)?.value;
        let classes = value.classes().filter(|classes| !classes.is_empty());
        classes.ok_or_else(|| Error::column(column, format!("{value} has no classes")))
    }

    /// The columns of these names, in this schema's order.
    pub(crate) fn only(&self, names: &[String]) -> Result<Self> {
        for name in names {
            self.require(name)?;
        }
        let columns = self.columns.iter();
        Self::new(
            columns
                .filter(|column| names.contains(&column.name))
                .cloned(),
        )
    }

    /// Version of the format that a document with this schema has at least.
    pub(crate) fn version(&self) -> u64 {
        version::of(&self.columns)
    }

    /// Number of columns, the fields of structs included, and of classes and values of skeletons.
    pub(crate) fn counts(&self) -> (u64, u64) {
        size::counts(&self.columns)
    }

    /// Refuses a schema that leaves no room for anything else in the document of a table
    /// or run that it is to stand in; gives its bytes there.
    pub(crate) fn check_document(&self) -> Result<u64> {
        let json = serde_json::to_vec(self).map_err(|source| Error::Json {
            what: "a schema".to_owned(),
            source,
        })?;
        let len_bytes = json.len() as u64;
        limits::check(
            "bytes of a schema as JSON",
            len_bytes,
            limits::DOCUMENT_BYTES / 2,
        )?;
        let values = json::values(&json);
        limits::check("values of a schema", values, limits::DOCUMENT_VALUES / 2)?;
        Ok(len_bytes)
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
                    unit: new.unit.clone().or_else(|| column.unit.take()),
                    ..new.clone()
                };
            }
        }
        Self::new(self.columns)
    }
}

/// The first name that more than one of the columns has.
fn repeated(columns: &[Column]) -> Option<&str> {
    let mut seen = HashSet::new();
    let mut names = columns.iter().map(|column| column.name.as_str());
    names.find(|name| !seen.insert(*name))
}

impl PartialEq for Schema {
    fn eq(&self, other: &Self) -> bool {
        self.columns == other.columns
    }
}

impl std::fmt::Debug for Schema {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("Schema");
        shown.field("columns", &self.columns).finish()
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
