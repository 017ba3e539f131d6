//! The one mapping between value types and Arrow types.

use super::{Column, ImageStorage, Schema, Shown, ValueType};
use crate::arrow::datatypes::{
    DataType, Field, FieldRef, Fields, Schema as ArrowSchema, SchemaRef, TimeUnit,
};
use crate::{Error, Result, limits};
use std::sync::Arc;

/// Key of the Arrow field metadata that holds a column's JSON.
pub const COLUMN_KEY: &str = "tlc.column";

impl Schema {
    /// The Arrow schema, each field carrying its column under [`COLUMN_KEY`].
    #[must_use]
    pub fn to_arrow(&self) -> SchemaRef {
        let arrow = self.arrow.get_or_init(|| {
            let fields: Fields = self.columns().iter().map(Column::to_arrow).collect();
            Arc::new(ArrowSchema::new(fields))
        });
        Arc::clone(arrow)
    }

    /// Reads columns back from field metadata, or infers them from the data types.
    ///
    /// # Errors
    /// [`Error::Column`] for an Arrow type no value type maps to (a union, a map, an
    /// interval, nothing but nulls), naming the column, or for metadata that contradicts
    /// the data type; as [`new`](Self::new).
    pub fn from_arrow(schema: &ArrowSchema) -> Result<Self> {
        let columns = schema
            .fields()
            .iter()
            .map(|field| Column::from_arrow(field, 0));
        Self::new(columns.collect::<Result<Vec<_>>>()?)
    }

    /// The columns of a first batch: as they are declared, else as they are inferred.
    pub(crate) fn settled(schema: &ArrowSchema, declared: &[Column]) -> Result<Self> {
        let columns = schema.fields().iter().map(|field| {
            let known = declared.iter().find(|column| column.name == *field.name());
            known.map_or_else(
                || Column::from_arrow(field, 0),
                |column| Ok(column.declared_for(field)),
            )
        });
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

    /// This column with what it leaves open taken from the data.
    fn declared_for(&self, field: &Field) -> Self {
        let unit = || time_unit(field.data_type()).map(str::to_owned);
        Self {
            nullable: self.nullable || field.is_nullable(),
            unit: self.unit.clone().or_else(unit),
            ..self.clone()
        }
    }

    fn from_arrow(field: &Field, depth: u64) -> Result<Self> {
        let inferred = ValueType::from_arrow(field.name(), field.data_type(), depth)?;
        let Some(json) = field.metadata().get(COLUMN_KEY) else {
            let column = Self::new(field.name(), inferred).nullable(field.is_nullable());
            return Ok(match time_unit(field.data_type()) {
                Some(unit) => column.unit(unit),
                None => column,
            });
        };
        let column: Self = serde_json::from_str(json).map_err(|error| {
            Error::column(field.name(), format!("unreadable metadata: {error}"))
        })?;
        column.validate()?; // before its Arrow type is made, which may be large or deep
        if ValueType::from_arrow(field.name(), &column.value.to_arrow(), depth)? != inferred {
            let reason = format!(
                "metadata says {}, data are {}",
                column.value,
                Shown(field.data_type())
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

/// What the numbers of a time of day or a duration count.
pub(super) fn time_unit(data_type: &DataType) -> Option<&'static str> {
    match data_type {
        DataType::Time32(unit) | DataType::Time64(unit) | DataType::Duration(unit) => {
            Some(match unit {
                TimeUnit::Second => "s",
                TimeUnit::Millisecond => "ms",
                TimeUnit::Microsecond => "us",
                TimeUnit::Nanosecond => "ns",
            })
        }
        _ => None,
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
    pub(super) fn from_arrow(column: &str, data_type: &DataType, depth: u64) -> Result<Self> {
        limits::check("depth of a column's type", depth, limits::DEPTH)?;
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
            DataType::Time32(_) | DataType::Time64(_) | DataType::Duration(_) => Self::Int64,
            decimal if decimal.is_decimal() => Self::String,
            DataType::Dictionary(_, values) => Self::from_arrow(column, values, depth + 1)?,
            DataType::List(item)
            | DataType::LargeList(item)
            | DataType::ListView(item)
            | DataType::LargeListView(item) => Self::list_of(column, item, None, depth)?,
            DataType::FixedSizeList(item, len) => {
                Self::list_of(column, item, usize::try_from(*len).ok(), depth)?
            }
            DataType::Struct(fields) => Self::Struct {
                fields: fields
                    .iter()
                    .map(|field| Column::from_arrow(field, depth + 1))
                    .collect::<Result<_>>()?,
            },
            other => return Err(unsupported(column, other)),
        })
    }

    fn list_of(column: &str, item: &FieldRef, len: Option<usize>, depth: u64) -> Result<Self> {
        if time_unit(item.data_type()).is_some() {
            let reason = "a list of times or durations has no place for their unit: \
                          cast them to int64 first";
            return Err(Error::column(column, reason));
        }
        let item = Box::new(Self::from_arrow(column, item.data_type(), depth + 1)?);
        Ok(Self::List { item, len })
    }
}

fn unsupported(column: &str, data_type: &DataType) -> Error {
    let reason = match data_type {
        DataType::Null => {
            "there are only nulls (or empty lists), which have no type: declare the column"
                .to_owned()
        }
        DataType::Map(..) => "a map has no value type: make it a list of structs first".to_owned(),
        other => format!(
            "the Arrow type {} has no value type: cast it first",
            Shown(other)
        ),
    };
    Error::column(column, reason)
}

fn list(item: &ValueType, len: Option<usize>, nullable: bool) -> DataType {
    let field = Arc::new(Field::new_list_field(item.to_arrow(), nullable));
    match len.and_then(|len| i32::try_from(len).ok()) {
        Some(len) => DataType::FixedSizeList(field, len),
        None => DataType::List(field),
    }
}
