//! The one mapping between value types and Arrow types.

use super::{Column, ImageStorage, Schema, ValueType};
use crate::{Error, Result};
use arrow::datatypes::{
    DataType, Field, FieldRef, Fields, Schema as ArrowSchema, SchemaRef, TimeUnit,
};
use std::sync::Arc;

/// Key of the Arrow field metadata that holds a column's JSON.
pub const COLUMN_KEY: &str = "tlc.column";

impl Schema {
    /// The Arrow schema, each field carrying its column under [`COLUMN_KEY`].
    #[must_use]
    pub fn to_arrow(&self) -> SchemaRef {
        let fields: Fields = self.columns().iter().map(Column::to_arrow).collect();
        Arc::new(ArrowSchema::new(fields))
    }

    /// Reads columns back from field metadata, or infers them from the data types.
    ///
    /// # Errors
    /// [`Error::Column`] for an Arrow type no value type maps to (a union, a map, a
    /// decimal), naming the column, or for metadata that contradicts the data type.
    pub fn from_arrow(schema: &ArrowSchema) -> Result<Self> {
        let columns = schema
            .fields()
            .iter()
            .map(|field| Column::from_arrow(field));
        Self::new(columns.collect::<Result<Vec<_>>>()?)
    }
}

impl Column {
    pub(crate) fn to_arrow(&self) -> Field {
        let field = Field::new(&self.name, self.value.to_arrow(), self.nullable);
        // A column is strings, numbers and lists of them, so it always serialises.
        match serde_json::to_string(self) {
            Ok(json) => field.with_metadata([(COLUMN_KEY.to_owned(), json)].into()),
            Err(_) => field,
        }
    }

    fn from_arrow(field: &Field) -> Result<Self> {
        let inferred = ValueType::from_arrow(field.name(), field.data_type())?;
        let Some(json) = field.metadata().get(COLUMN_KEY) else {
            return Ok(Self::new(field.name(), inferred).nullable(field.is_nullable()));
        };
        let column: Self = serde_json::from_str(json).map_err(|error| {
            Error::column(field.name(), format!("unreadable metadata: {error}"))
        })?;
        if ValueType::from_arrow(field.name(), &column.value.to_arrow())? != inferred {
            let reason = format!(
                "metadata says {:?}, data are {}",
                column.value,
                field.data_type()
            );
            return Err(Error::column(field.name(), reason));
        }
        Ok(Self {
            name: field.name().clone(),
            nullable: field.is_nullable(),
            ..column
        })
    }
}

impl ValueType {
    /// The Arrow type of this value type.
    #[must_use]
    pub fn to_arrow(&self) -> DataType {
        match self {
            Self::Bool => DataType::Boolean,
            Self::Int8 => DataType::Int8,
            Self::Int16 => DataType::Int16,
            Self::Int32 | Self::CategoricalLabel { .. } => DataType::Int32,
            Self::Int64 | Self::ExampleId | Self::Epoch | Self::Iteration | Self::Step => {
                DataType::Int64
            }
            Self::UInt8 => DataType::UInt8,
            Self::UInt16 => DataType::UInt16,
            Self::UInt32 => DataType::UInt32,
            Self::UInt64 => DataType::UInt64,
            Self::Float32 | Self::Confidence | Self::SampleWeight => DataType::Float32,
            Self::Float64 => DataType::Float64,
            Self::String
            | Self::Image {
                storage: ImageStorage::Url,
            } => DataType::Utf8,
            Self::Datetime => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Self::Bytes
            | Self::SegmentationMask { .. }
            | Self::Image {
                storage: ImageStorage::Bytes,
            } => DataType::Binary,
            Self::List { item, len } => list(item, *len, true),
            Self::Tensor { item, shape } => list(item, Self::fixed_len(shape), false),
            Self::Embedding { dim } => list(&Self::Float32, Some(*dim), false),
            Self::Struct { fields } => {
                DataType::Struct(fields.iter().map(Column::to_arrow).collect())
            }
        }
    }

    /// The plainest value type of an Arrow type.
    pub(super) fn from_arrow(column: &str, data_type: &DataType) -> Result<Self> {
        Ok(match data_type {
            DataType::Boolean => Self::Bool,
            DataType::Int8 => Self::Int8,
            DataType::Int16 => Self::Int16,
            DataType::Int32 => Self::Int32,
            DataType::Int64 => Self::Int64,
            DataType::UInt8 => Self::UInt8,
            DataType::UInt16 => Self::UInt16,
            DataType::UInt32 => Self::UInt32,
            DataType::UInt64 => Self::UInt64,
            DataType::Float16 | DataType::Float32 => Self::Float32,
            DataType::Float64 => Self::Float64,
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Self::String,
            DataType::Timestamp(..) | DataType::Date32 | DataType::Date64 => Self::Datetime,
            DataType::Binary
            | DataType::LargeBinary
            | DataType::BinaryView
            | DataType::FixedSizeBinary(_) => Self::Bytes,
            DataType::Dictionary(_, values) => Self::from_arrow(column, values)?,
            DataType::List(item) | DataType::LargeList(item) | DataType::ListView(item) => {
                Self::list_of(column, item, None)?
            }
            DataType::FixedSizeList(item, len) => {
                Self::list_of(column, item, usize::try_from(*len).ok())?
            }
            DataType::Struct(fields) => Self::Struct {
                fields: fields
                    .iter()
                    .map(|f| Column::from_arrow(f))
                    .collect::<Result<_>>()?,
            },
            other => {
                let reason = format!("the Arrow type {other} is not supported: cast it first");
                return Err(Error::column(column, reason));
            }
        })
    }

    fn list_of(column: &str, item: &FieldRef, len: Option<usize>) -> Result<Self> {
        let item = Box::new(Self::from_arrow(column, item.data_type())?);
        Ok(Self::List { item, len })
    }
}

fn list(item: &ValueType, len: Option<usize>, nullable: bool) -> DataType {
    let field = Arc::new(Field::new_list_field(item.to_arrow(), nullable));
    match len.and_then(|len| i32::try_from(len).ok()) {
        Some(len) => DataType::FixedSizeList(field, len),
        None => DataType::List(field),
    }
}
