//! Columns as `datasets` keeps them, as columns of tables.

use super::super::allowed::Allowed;
use super::feature::Feature;
use super::values::{self, item_of};
use crate::{Error, Result};
use std::sync::Arc;
use tlc_core::arrow::array::{Array, BooleanArray, RecordBatch, RecordBatchOptions};
use tlc_core::arrow::compute::filter_record_batch;
use tlc_core::arrow::datatypes::{
    DataType, Field, FieldRef, Fields, Schema as ArrowSchema, SchemaRef,
};
use tlc_core::{Column, Schema, ValueType};

/// Turns batches of a file into those of a table.
pub(super) struct Converter {
    columns: Vec<(Feature, Option<Column>, FieldRef)>,
}

/// A batch without its bad rows.
pub(super) struct Converted {
    pub(super) batch: RecordBatch,
    /// Which rows of the batch before these are.
    pub(super) rows: Vec<usize>,
    pub(super) faults: Vec<Fault>,
}

/// A row that cannot be had.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    pub(super) row: usize,
    pub(super) column: String,
    pub(super) reason: String,
}

impl Converter {
    /// For files of this schema with these features. Columns that are declared by hand stay
    /// as they are.
    pub(super) fn new(
        schema: &SchemaRef,
        features: Option<&str>,
        by_hand: &dyn Fn(&str) -> bool,
    ) -> Result<Self, String> {
        let known = features.map(Feature::all).transpose()?;
        let columns = schema.fields().iter().map(|field| {
            let told = known.as_ref().and_then(|known| {
                let told = known.iter().find(|(name, _)| name == field.name());
                told.map(|(_, feature)| feature.clone())
            });
            let feature = match (told, &known) {
                _ if by_hand(field.name()) => Feature::Plain,
                (Some(feature), _) => feature,
                (None, None) if is_image(field.data_type()) => Feature::Image,
                (None, _) => Feature::Plain,
            };
            let column = match feature.is_plain() {
                true => None,
                false => Some(column(field, &feature)?),
            };
            Ok((feature, column, Arc::clone(field)))
        });
        Ok(Self {
            columns: columns.collect::<Result<_, String>>()?,
        })
    }

    /// What columns mean, where more is known than the data say.
    pub(super) fn columns(&self) -> impl Iterator<Item = &Column> {
        self.columns
            .iter()
            .filter_map(|(_, column, _)| column.as_ref())
    }

    /// A batch without rows.
    pub(super) fn empty(&self) -> RecordBatch {
        let fields: Fields = self
            .columns
            .iter()
            .map(|(_, column, field)| match column {
                Some(column) => Arc::new(Field::new(
                    field.name(),
                    column.value.to_arrow(),
                    field.is_nullable(),
                )),
                None => Arc::new(typed(field)),
            })
            .collect();
        RecordBatch::new_empty(Arc::new(ArrowSchema::new(fields)))
    }

    /// The rows of a batch; images that are only named are read from where that is allowed.
    pub(super) fn convert(&self, batch: &RecordBatch, allowed: &Allowed) -> Result<Converted> {
        let mut faults = Vec::new();
        let mut fields = Vec::new();
        let mut arrays = Vec::new();
        for (feature, column, field) in &self.columns {
            let given = batch.column_by_name(field.name());
            let given =
                given.ok_or_else(|| Error::column(field.name(), "the column is missing"))?;
            let array = match column {
                None => Arc::clone(given),
                Some(column) => {
                    let mut bad = Vec::new();
                    let array = values::column(feature, &column.value, given, allowed, &mut bad)?;
                    faults.extend(bad.into_iter().map(|(row, reason)| Fault {
                        row,
                        column: column.name.clone(),
                        reason,
                    }));
                    array
                }
            };
            let plain = typed(field).with_data_type(array.data_type().clone());
            fields.push(Arc::new(
                plain.with_nullable(field.is_nullable() || array.null_count() > 0),
            ));
            arrays.push(array);
        }
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        let schema = Arc::new(ArrowSchema::new(Fields::from(fields)));
        let converted = RecordBatch::try_new_with_options(schema, arrays, &options)
            .map_err(|source| Error::arrow("put columns together", source))?;
        without(converted, faults)
    }
}

/// The batch without bad rows, of each of which the first fault is told.
fn without(batch: RecordBatch, mut faults: Vec<Fault>) -> Result<Converted> {
    let all = 0..batch.num_rows();
    if faults.is_empty() {
        return Ok(Converted {
            batch,
            rows: all.collect(),
            faults,
        });
    }
    faults.sort_by_key(|fault| fault.row);
    faults.dedup_by_key(|fault| fault.row);
    let mut keep = vec![true; batch.num_rows()];
    for fault in &faults {
        if let Some(keep) = keep.get_mut(fault.row) {
            *keep = false;
        }
    }
    let rows = all.filter(|row| keep.get(*row) == Some(&true)).collect();
    let batch = filter_record_batch(&batch, &BooleanArray::from(keep))
        .map_err(|source| Error::arrow("leave rows out", source))?;
    Ok(Converted {
        batch,
        rows,
        faults,
    })
}

/// Bytes, and the name of the file that they were in.
fn is_image(data_type: &DataType) -> bool {
    let DataType::Struct(fields) = data_type else {
        return false;
    };
    let has = |name: &str, types: &[DataType]| {
        let mut fields = fields.iter();
        fields.any(|field| field.name() == name && types.contains(field.data_type()))
    };
    fields.len() == 2
        && has("bytes", &[DataType::Binary, DataType::LargeBinary])
        && has("path", &[DataType::Utf8, DataType::LargeUtf8])
}

/// A column without what others say of it; text where it has no type.
fn typed(field: &Field) -> Field {
    let data_type = match field.data_type() {
        DataType::Null => DataType::Utf8,
        other => other.clone(),
    };
    Field::new(field.name(), data_type, field.is_nullable())
}

/// What a column of a feature is.
fn column(field: &Field, feature: &Feature) -> Result<Column, String> {
    let contradicts = || {
        let data = field.data_type();
        format!(
            "the features of the column `{}` contradict its data, {data}",
            field.name()
        )
    };
    let value = match (feature, field.data_type()) {
        (Feature::Image, data) if is_image(data) => ValueType::image_bytes(),
        (Feature::Class(classes), data) if data.is_integer() => ValueType::labels(classes.clone()),
        (Feature::List(item), data) => {
            let own = item_of(data).ok_or_else(contradicts)?;
            let len = match data {
                DataType::FixedSizeList(_, len) => usize::try_from(*len).ok(),
                _ => None,
            };
            let item = Box::new(column(own, item)?.value);
            ValueType::List { item, len }
        }
        (Feature::Struct(features), DataType::Struct(fields)) => {
            let fields = fields.iter().map(|field| {
                let feature = features.iter().find(|(name, _)| name == field.name());
                column(
                    field,
                    feature.map_or(&Feature::Plain, |(_, feature)| feature),
                )
            });
            ValueType::Struct {
                fields: fields.collect::<Result<_, _>>()?,
            }
        }
        (Feature::Tensor(shape), data) => {
            let leaf = leaf(data).ok_or_else(contradicts)?;
            let item = plain(&Field::new(field.name(), leaf.clone(), false))?.value;
            ValueType::Tensor {
                item: Box::new(item),
                shape: shape.clone(),
            }
        }
        (Feature::Plain, _) => return plain(field),
        _ => return Err(contradicts()),
    };
    // A label may be -1, which means that there is none.
    let is_nullable = field.is_nullable() || matches!(feature, Feature::Class(_));
    Ok(Column::new(field.name(), value).nullable(is_nullable))
}

fn plain(field: &Field) -> Result<Column, String> {
    let schema = Schema::from_arrow(&ArrowSchema::new(vec![typed(field)]));
    let schema = schema.map_err(|error| error.to_string())?;
    let column = schema.columns().first().cloned();
    column.ok_or_else(|| format!("no column `{}`", field.name()))
}

/// What is in lists of lists.
fn leaf(data: &DataType) -> Option<&DataType> {
    let item = item_of(data)?.data_type();
    item_of(item).map_or(Some(item), |_| leaf(item))
}
