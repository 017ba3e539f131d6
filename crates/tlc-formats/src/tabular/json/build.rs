//! Values become arrays.

use super::super::moment;
use super::super::numbers::Number;
use super::shape::{Kind, Shape};
use super::value::{Json, Lines, bad};
use crate::import::{RowSink, batch_of};
use crate::source::SourceFile;
use crate::{Error, Result};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use std::sync::Arc;
use tlc_core::arrow::array::{
    ArrayRef, BinaryArray, BooleanArray, Float64Array, Int64Array, ListArray, RecordBatch,
    StringArray, StructArray, TimestampMicrosecondArray, UInt64Array,
};
use tlc_core::arrow::buffer::{NullBuffer, OffsetBuffer};
use tlc_core::arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema as ArrowSchema};
use tlc_core::arrow::error::ArrowError;
use tlc_core::{Column, ImageStorage, ValueType};

/// What values are read as.
#[derive(Clone, Debug)]
enum Target {
    Truth,
    Number(Number),
    Text,
    Moment,
    Base64,
    List(Box<Self>),
    Object(Vec<Member>),
}

/// A column, or a field of objects.
#[derive(Clone, Debug)]
struct Member {
    name: String,
    target: Target,
    is_nullable: bool,
}

/// What the columns are read as.
#[derive(Debug)]
pub(super) struct Plan {
    columns: Vec<Member>,
}

/// The rows of a block.
pub(super) struct Built {
    pub(super) batch: RecordBatch,
    /// Of each row.
    pub(super) lines: Vec<u64>,
    pub(super) bad: Vec<Error>,
}

impl Plan {
    /// Columns as they are declared, else as they look.
    pub(super) fn new(shape: &Shape, rows: &RowSink<'_>) -> Result<Self> {
        let Kind::Object(fields) = &shape.kind else {
            return Ok(Self {
                columns: Vec::new(),
            });
        };
        let columns = fields.fields.iter().map(|(name, field)| {
            let declared = rows.declared(name).and_then(by_hand);
            let target = match declared {
                Some(target) => target,
                None => looked(name, field)?,
            };
            Ok(Member {
                name: name.clone(),
                target,
                is_nullable: field.count < shape.count,
            })
        });
        Ok(Self {
            columns: columns.collect::<Result<_>>()?,
        })
    }

    /// A batch without rows.
    pub(super) fn no_rows(&self) -> RecordBatch {
        let fields = self.columns.iter().map(Member::field);
        RecordBatch::new_empty(Arc::new(ArrowSchema::new(fields.collect::<Fields>())))
    }

    /// The rows of lines, without those that have a value that is none of its column's.
    pub(super) fn build(&self, mut read: Lines, file: &SourceFile) -> Result<Built> {
        read.objects
            .retain(|(line, object)| match self.misfit(object) {
                None => true,
                Some((column, value, reason)) => {
                    let cell = Some((column, value.as_str()));
                    read.bad.push(bad(file, *line, cell, reason));
                    false
                }
            });
        let objects: Vec<Option<&Json>> = read
            .objects
            .iter()
            .map(|(_, object)| Some(object))
            .collect();
        let (fields, arrays) = members(&self.columns, &objects)
            .map_err(|source| Error::arrow("make columns", source))?;
        Ok(Built {
            batch: batch_of(fields.iter().cloned(), arrays, objects.len())?,
            lines: read.objects.iter().map(|(line, _)| *line).collect(),
            bad: read.bad,
        })
    }

    /// The first value of a row that is none of its column's.
    fn misfit(&self, object: &Json) -> Option<(&str, String, &'static str)> {
        self.columns.iter().enumerate().find_map(|(place, column)| {
            let value = field_of(object, place, &column.name)?;
            let reason = column.target.misfit(value)?;
            let shown = match value {
                Json::Text(text) => text.clone(),
                other => format!("{other:?}"),
            };
            Some((column.name.as_str(), shown, reason))
        })
    }
}

/// What a column that is declared is read as; `None` if it is as its values look.
fn by_hand(column: &Column) -> Option<Target> {
    use ValueType as V;
    Some(match &column.value {
        V::Bool => Target::Truth,
        V::UInt64 => Target::Number(Number::UInt),
        V::Float32 | V::Float64 | V::Confidence | V::SampleWeight => Target::Number(Number::Float),
        V::Datetime => Target::Moment,
        V::String => Target::Text,
        V::Bytes | V::SegmentationMask { .. } => Target::Base64,
        V::Image {
            storage: ImageStorage::Bytes,
        } => Target::Base64,
        V::Image { .. } => Target::Text,
        V::CategoricalLabel { .. } => return None,
        value if value.to_arrow().is_integer() => Target::Number(Number::Int),
        _ => return None,
    })
}

/// What values are read as, by their look.
fn looked(column: &str, shape: &Shape) -> Result<Target> {
    Ok(match shape.settled(column)? {
        Kind::Truth => Target::Truth,
        Kind::Number(numbers) => {
            let number = numbers.fitting();
            Target::Number(number.map_err(|reason| Error::column(column, reason))?)
        }
        Kind::Text | Kind::Unknown => Target::Text,
        Kind::List(items) => Target::List(Box::new(looked(column, items)?)),
        Kind::Object(fields) => {
            let members = fields.fields.iter().map(|(name, field)| {
                Ok(Member {
                    name: name.clone(),
                    target: looked(&format!("{column}.{name}"), field)?,
                    is_nullable: field.count < shape.count,
                })
            });
            Target::Object(members.collect::<Result<_>>()?)
        }
    })
}

impl Member {
    fn field(&self) -> FieldRef {
        let data_type = self.target.data_type();
        Arc::new(Field::new(&self.name, data_type, self.is_nullable))
    }
}

impl Target {
    fn data_type(&self) -> DataType {
        match self {
            Self::Truth => DataType::Boolean,
            Self::Number(number) => number.data_type(),
            Self::Text => DataType::Utf8,
            Self::Moment => ValueType::Datetime.to_arrow(),
            Self::Base64 => DataType::Binary,
            Self::List(item) => DataType::new_list(item.data_type(), true),
            Self::Object(members) => DataType::Struct(members.iter().map(Member::field).collect()),
        }
    }

    /// Why a value is none of these.
    fn misfit(&self, value: &Json) -> Option<&'static str> {
        match (self, value) {
            (_, Json::Null) | (Self::Truth, Json::Bool(_)) | (Self::Text, Json::Text(_)) => None,
            (Self::Truth, _) => Some("is neither true nor false"),
            (Self::Text, _) => Some("is no text"),
            (Self::Number(number), value) => number_misfit(*number, value),
            (Self::Moment, Json::Text(text)) if moment::parse(text).is_some() => None,
            (Self::Moment, _) => {
                Some("is no date or moment as ISO 8601 has it, to the microsecond")
            }
            (Self::Base64, Json::Text(text)) if BASE64_STANDARD.decode(text).is_ok() => None,
            (Self::Base64, _) => Some("is no Base64"),
            (Self::List(item), Json::List(items)) => {
                items.iter().find_map(|value| item.misfit(value))
            }
            (Self::List(_), _) => Some("is no list"),
            (Self::Object(members), Json::Object(_)) => {
                members.iter().enumerate().find_map(|(place, member)| {
                    member.target.misfit(field_of(value, place, &member.name)?)
                })
            }
            (Self::Object(_), _) => Some("is no object"),
        }
    }
}

fn number_misfit(number: Number, value: &Json) -> Option<&'static str> {
    match (number, value) {
        (Number::Int, Json::Whole(whole)) if i64::try_from(*whole).is_ok() => None,
        (Number::UInt, Json::Whole(whole)) if u64::try_from(*whole).is_ok() => None,
        (Number::Float, Json::Float(_)) => None,
        (Number::Float, Json::Whole(whole)) if exact(*whole).is_some() => None,
        (Number::Float, Json::Whole(_)) => Some("has more digits than a float keeps"),
        _ => Some(number.misfit()),
    }
}

/// A whole number as a float that is the same.
#[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)] // that is the question
fn exact(whole: i128) -> Option<f64> {
    let float = whole as f64;
    (float as i128 == whole).then_some(float)
}

/// A field of an object, looked for first where it was in others.
fn field_of<'j>(object: &'j Json, place: usize, name: &str) -> Option<&'j Json> {
    let Json::Object(fields) = object else {
        return None;
    };
    let here = fields.get(place).filter(|(own, _)| own == name);
    let field = here.or_else(|| fields.iter().find(|(own, _)| own == name));
    field.map(|(_, value)| value)
}

/// The fields of objects as arrays. All values fit.
fn members(
    members: &[Member],
    objects: &[Option<&Json>],
) -> Result<(Fields, Vec<ArrayRef>), ArrowError> {
    let mut fields = Vec::new();
    let mut arrays = Vec::new();
    for (place, member) in members.iter().enumerate() {
        let values = objects
            .iter()
            .map(|object| field_of((*object)?, place, &member.name));
        let values: Vec<Option<&Json>> = values.collect();
        let array = array(&member.target, &values)?;
        let nullable = member.is_nullable || array.null_count() > 0;
        fields.push(Arc::new(Field::new(
            &member.name,
            array.data_type().clone(),
            nullable,
        )));
        arrays.push(array);
    }
    Ok((fields.into(), arrays))
}

/// Values as an array. All fit, or are null.
fn array(target: &Target, values: &[Option<&Json>]) -> Result<ArrayRef, ArrowError> {
    let texts = || values.iter().map(|value| value.and_then(as_text));
    let wholes = || values.iter().map(|value| value.and_then(as_whole));
    Ok(match target {
        Target::Truth => Arc::new(BooleanArray::from_iter(values.iter().map(
            |value| match value {
                Some(Json::Bool(value)) => Some(*value),
                _ => None,
            },
        ))),
        Target::Number(Number::Int) => Arc::new(Int64Array::from_iter(
            wholes().map(|whole| i64::try_from(whole?).ok()),
        )),
        Target::Number(Number::UInt) => Arc::new(UInt64Array::from_iter(
            wholes().map(|whole| u64::try_from(whole?).ok()),
        )),
        Target::Number(Number::Float) => Arc::new(Float64Array::from_iter(values.iter().map(
            |value| match value {
                Some(Json::Float(value)) => Some(*value),
                Some(Json::Whole(whole)) => exact(*whole),
                _ => None,
            },
        ))),
        Target::Text => Arc::new(StringArray::from_iter(texts())),
        Target::Moment => {
            let micros = texts().map(|text| Some(moment::parse(text?)?.micros));
            Arc::new(TimestampMicrosecondArray::from_iter(micros).with_timezone("UTC"))
        }
        Target::Base64 => {
            let bytes = texts().map(|text| BASE64_STANDARD.decode(text?).ok());
            Arc::new(BinaryArray::from_iter(bytes))
        }
        Target::List(item) => Arc::new(list(item, values)?),
        Target::Object(of) => {
            let objects = values
                .iter()
                .map(|value| value.filter(|value| **value != Json::Null));
            let objects: Vec<Option<&Json>> = objects.collect();
            let nulls = objects.iter().map(Option::is_some).collect::<NullBuffer>();
            let (fields, arrays) = members(of, &objects)?;
            let nulls = Some(nulls).filter(|nulls| nulls.null_count() > 0);
            Arc::new(StructArray::try_new_with_length(
                fields,
                arrays,
                nulls,
                values.len(),
            )?)
        }
    })
}

fn list(item: &Target, values: &[Option<&Json>]) -> Result<ListArray, ArrowError> {
    let mut items = Vec::new();
    let mut lengths = Vec::with_capacity(values.len());
    for value in values {
        let list = match value {
            Some(Json::List(list)) => list.as_slice(),
            _ => &[],
        };
        lengths.push(list.len());
        items.extend(list.iter().map(Some));
    }
    let is_list = |value: &Option<&Json>| matches!(value, Some(Json::List(_)));
    let nulls = values.iter().map(is_list).collect::<NullBuffer>();
    let items = array(item, &items)?;
    let field = Field::new_list_field(items.data_type().clone(), true);
    let nulls = Some(nulls).filter(|nulls| nulls.null_count() > 0);
    ListArray::try_new(
        Arc::new(field),
        OffsetBuffer::from_lengths(lengths),
        items,
        nulls,
    )
}

fn as_text(value: &Json) -> Option<&str> {
    match value {
        Json::Text(text) => Some(text),
        _ => None,
    }
}

fn as_whole(value: &Json) -> Option<i128> {
    match value {
        Json::Whole(whole) => Some(*whole),
        _ => None,
    }
}
