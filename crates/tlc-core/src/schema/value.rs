//! The value types: what one cell of a column is.

use super::class_map::Classes;
use super::{ClassMap, Column, IntoClassMap, Role};
use crate::limits;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// Where an image's bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImageStorage {
    /// Encoded (PNG, JPEG, ...) in the cell.
    Bytes,
    /// At a URL that stands in the cell.
    Url,
}

/// What one cell of a column is. The Arrow type of each stands beside it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", try_from = "Stored")]
#[non_exhaustive]
#[allow(missing_docs)] // the plain numbers say it in their names
pub enum ValueType {
    Bool,
    Int8,
    Int16,
    Int32,
    Int64,
    #[serde(rename = "uint8")]
    UInt8,
    #[serde(rename = "uint16")]
    UInt16,
    #[serde(rename = "uint32")]
    UInt32,
    #[serde(rename = "uint64")]
    UInt64,
    Float32,
    Float64,
    /// UTF-8 text: `Utf8`.
    String,
    /// A moment: `Timestamp(Microsecond, "UTC")`.
    Datetime,
    /// Any bytes: `Binary`.
    Bytes,
    /// A list, of fixed length (`FixedSizeList`) or not (`List`).
    List {
        item: Box<Self>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        len: Option<usize>,
    },
    /// Numbers in row-major order; only the first dimension may be open (`null`),
    /// which makes it a `List`, else a `FixedSizeList`.
    Tensor {
        item: Box<Self>,
        shape: Vec<Option<usize>>,
    },
    /// Named values of their own types: `Struct`.
    Struct {
        fields: Vec<Column>,
    },
    /// The id of a class: `Int32`.
    CategoricalLabel {
        #[serde(flatten)]
        classes: ClassMap,
    },
    /// A probability or score: `Float32`.
    Confidence,
    /// A vector: `FixedSizeList<Float32, dim>`.
    Embedding {
        dim: usize,
    },
    /// An image: `Binary`, or `Utf8` for a URL.
    Image {
        storage: ImageStorage,
    },
    /// The id of the class of each pixel: a PNG of one grey channel of 8 bits, or of 16
    /// where an id is over 255, in `Binary`.
    SegmentationMask {
        #[serde(flatten)]
        classes: ClassMap,
    },
    /// 0-based row index into another table: `Int64`.
    ExampleId,
    /// Epoch number: `Int64`.
    Epoch,
    /// Optimizer step within training: `Int64`.
    Iteration,
    /// Any other running number: `Int64`.
    Step,
    /// How much a sample counts; 0 leaves it out: `Float32`.
    SampleWeight,
}

impl ValueType {
    /// A categorical label with these classes: names, whose ids are 0 to n-1, or a
    /// [`ClassMap`].
    ///
    /// ```
    /// use tlc_core::{ClassMap, ValueType};
    ///
    /// let pets = ValueType::labels(["cat", "dog"]);
    /// let vehicles = ValueType::labels(ClassMap::from_ids([(3, "car"), (8, "truck")])?);
    /// assert_eq!(vehicles.classes().and_then(|classes| classes.name(8)), Some("truck"));
    /// # Ok::<(), tlc_core::Error>(())
    /// ```
    pub fn labels(classes: impl IntoClassMap) -> Self {
        Self::CategoricalLabel {
            classes: classes.into_class_map(),
        }
    }

    /// A class per pixel, of these classes: names, whose ids are 0 to n-1, or a [`ClassMap`].
    pub fn segmentation_mask(classes: impl IntoClassMap) -> Self {
        Self::SegmentationMask {
            classes: classes.into_class_map(),
        }
    }

    /// An encoded image in the cell.
    #[must_use]
    pub fn image_bytes() -> Self {
        Self::Image {
            storage: ImageStorage::Bytes,
        }
    }

    /// An image by its URL.
    #[must_use]
    pub fn image_url() -> Self {
        Self::Image {
            storage: ImageStorage::Url,
        }
    }

    /// The classes of a categorical label or a segmentation mask.
    #[must_use]
    pub fn classes(&self) -> Option<&ClassMap> {
        match self {
            Self::CategoricalLabel { classes } | Self::SegmentationMask { classes } => {
                Some(classes)
            }
            _ => None,
        }
    }

    /// How many values a fixed-size cell holds; `None` if the length is open.
    #[must_use]
    pub(super) fn fixed_len(shape: &[Option<usize>]) -> Option<usize> {
        shape
            .iter()
            .try_fold(1usize, |product, dim| product.checked_mul((*dim)?))
    }

    pub(super) fn default_role(&self) -> Option<Role> {
        match self {
            Self::CategoricalLabel { .. } | Self::SegmentationMask { .. } => Some(Role::Label),
            Self::Confidence => Some(Role::Metric),
            Self::Embedding { .. } => Some(Role::Embedding),
            Self::Image { .. } => Some(Role::Input),
            Self::ExampleId => Some(Role::Id),
            Self::Epoch | Self::Iteration | Self::Step => Some(Role::Axis),
            Self::SampleWeight => Some(Role::Weight),
            _ => None,
        }
    }

    pub(super) fn default_writable(&self) -> bool {
        matches!(
            self,
            Self::CategoricalLabel { .. } | Self::SegmentationMask { .. } | Self::SampleWeight
        )
    }

    pub(super) fn default_visible(&self) -> bool {
        !matches!(
            self,
            Self::Embedding { .. } | Self::Tensor { .. } | Self::Bytes
        )
    }

    pub(super) fn validate(&self, column: &str, depth: u64) -> Result<()> {
        limits::check("depth of a column's type", depth, limits::DEPTH)?;
        match self {
            Self::List { item, len } => {
                check_len(column, *len)?;
                item.validate(column, depth + 1)
            }
            Self::Tensor { item, shape } => validate_tensor(column, item, shape),
            Self::Struct { fields } => validate_fields(column, fields, depth),
            Self::CategoricalLabel { classes } => {
                limits::check("classes", classes.len() as u64, limits::CLASSES)
            }
            Self::SegmentationMask { classes } => validate_mask(column, classes),
            Self::Embedding { dim } => check_len(column, Some(*dim)),
            _ => Ok(()),
        }
    }

    fn is_number(&self) -> bool {
        matches!(self, Self::Bool) || self.to_arrow().is_numeric() && self.is_plain()
    }

    /// Whether the type is no more than its Arrow type.
    fn is_plain(&self) -> bool {
        Self::from_arrow("", &self.to_arrow(), 0).is_ok_and(|plain| plain == *self)
    }
}

fn validate_mask(column: &str, classes: &ClassMap) -> Result<()> {
    let what = "classes of a segmentation mask";
    limits::check(what, classes.len() as u64, limits::MASK_CLASSES)?;
    let fits = |id: i32| u64::try_from(id).is_ok_and(|id| id < limits::MASK_CLASSES);
    match classes.bounds() {
        Some((least, most)) if !fits(least) || !fits(most) => {
            let id = if fits(least) { most } else { least };
            let reason = format!("{id} is no id of a class of a mask: a pixel is 0 to 65535");
            Err(Error::column(column, reason))
        }
        _ => Ok(()),
    }
}

fn check_len(column: &str, len: Option<usize>) -> Result<()> {
    match len {
        Some(0) => Err(Error::column(column, "a fixed size of 0 holds no value")),
        Some(len) => limits::check(
            "values of a fixed-size cell",
            len as u64,
            limits::CELL_VALUES,
        ),
        None => Ok(()),
    }
}

fn validate_tensor(column: &str, item: &ValueType, shape: &[Option<usize>]) -> Result<()> {
    if !item.is_number() {
        return Err(Error::column(column, "a tensor holds numbers or booleans"));
    }
    let Some((first, rest)) = shape.split_first() else {
        return Err(Error::column(
            column,
            "a tensor needs at least one dimension",
        ));
    };
    if rest.iter().any(Option::is_none) {
        return Err(Error::column(
            column,
            "only the first dimension of a tensor may be open",
        ));
    }
    let inner =
        ValueType::fixed_len(rest).ok_or_else(|| Error::column(column, "the shape overflows"))?;
    let len = inner.checked_mul(first.unwrap_or(1));
    check_len(
        column,
        Some(len.ok_or_else(|| Error::column(column, "the shape overflows"))?),
    )
}

fn validate_fields(column: &str, fields: &[Column], depth: u64) -> Result<()> {
    limits::check("fields of a struct", fields.len() as u64, limits::COLUMNS)?;
    if fields.is_empty() {
        return Err(Error::column(column, "a struct needs at least one field"));
    }
    if let Some(name) = super::repeated(fields) {
        let name = format!("{column}.{name}");
        return Err(Error::column(&name, "the name appears twice in its struct"));
    }
    fields.iter().try_for_each(|field| {
        let name = format!("{column}.{}", field.name);
        super::skeleton::validate(&field.skeletons, &name)?;
        field.value.validate(&name, depth + 1)
    })
}

/// As it is stored: flat, so that nothing is kept aside while its name is not known.
#[derive(Deserialize)]
struct Stored {
    #[serde(rename = "type")]
    name: Name,
    item: Option<Box<ValueType>>,
    len: Option<usize>,
    shape: Option<Vec<Option<usize>>>,
    fields: Option<Vec<Column>>,
    classes: Option<Classes>,
    background: Option<i32>,
    void: Option<i32>,
    dim: Option<usize>,
    storage: Option<ImageStorage>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Name {
    Bool,
    Int8,
    Int16,
    Int32,
    Int64,
    Uint8,
    Uint16,
    Uint32,
    Uint64,
    Float32,
    Float64,
    String,
    Datetime,
    Bytes,
    List,
    Tensor,
    Struct,
    CategoricalLabel,
    Confidence,
    Embedding,
    Image,
    SegmentationMask,
    ExampleId,
    Epoch,
    Iteration,
    Step,
    SampleWeight,
}

impl Stored {
    fn class_map(self) -> Result<ClassMap, String> {
        let classes = required("classes", self.classes)?;
        let map = ClassMap::from_stored(classes, self.background, self.void);
        map.map_err(|error| error.to_string())
    }
}

impl TryFrom<Stored> for ValueType {
    type Error = String;

    fn try_from(stored: Stored) -> Result<Self, String> {
        Ok(match stored.name {
            Name::Bool => Self::Bool,
            Name::Int8 => Self::Int8,
            Name::Int16 => Self::Int16,
            Name::Int32 => Self::Int32,
            Name::Int64 => Self::Int64,
            Name::Uint8 => Self::UInt8,
            Name::Uint16 => Self::UInt16,
            Name::Uint32 => Self::UInt32,
            Name::Uint64 => Self::UInt64,
            Name::Float32 => Self::Float32,
            Name::Float64 => Self::Float64,
            Name::String => Self::String,
            Name::Datetime => Self::Datetime,
            Name::Bytes => Self::Bytes,
            Name::List => Self::List {
                item: required("item", stored.item)?,
                len: stored.len,
            },
            Name::Tensor => Self::Tensor {
                item: required("item", stored.item)?,
                shape: required("shape", stored.shape)?,
            },
            Name::Struct => Self::Struct {
                fields: required("fields", stored.fields)?,
            },
            Name::CategoricalLabel => Self::CategoricalLabel {
                classes: stored.class_map()?,
            },
            Name::Confidence => Self::Confidence,
            Name::Embedding => Self::Embedding {
                dim: required("dim", stored.dim)?,
            },
            Name::Image => Self::Image {
                storage: required("storage", stored.storage)?,
            },
            Name::SegmentationMask => Self::SegmentationMask {
                classes: stored.class_map()?,
            },
            Name::ExampleId => Self::ExampleId,
            Name::Epoch => Self::Epoch,
            Name::Iteration => Self::Iteration,
            Name::Step => Self::Step,
            Name::SampleWeight => Self::SampleWeight,
        })
    }
}

fn required<T>(name: &str, value: Option<T>) -> Result<T, String> {
    value.ok_or_else(|| format!("missing field `{name}`"))
}
