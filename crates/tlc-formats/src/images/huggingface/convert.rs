//! Columns as `datasets` keeps them, as columns of tables.

use super::super::allowed::Allowed;
use super::super::embed::{self, Cell};
use super::super::header;
use super::feature::Feature;
use crate::{Error, Result};
use std::sync::Arc;
use tlc_core::arrow::array::{
    Array, ArrayRef, AsArray, BinaryBuilder, BooleanArray, ListArray, RecordBatch,
    RecordBatchOptions, StructArray, new_empty_array,
};
use tlc_core::arrow::buffer::{NullBuffer, OffsetBuffer};
use tlc_core::arrow::compute::{CastOptions, cast, cast_with_options, filter_record_batch};
use tlc_core::arrow::datatypes::{
    DataType, Field, FieldRef, Fields, Int32Type, Schema as ArrowSchema, SchemaRef,
};
use tlc_core::arrow::error::ArrowError;
use tlc_core::{Column, Schema, ValueType};

/// Turns batches of a file into those of a table.
pub(super) struct Converter {
    columns: Vec<(Feature, Option<Column>, FieldRef)>,
}

/// A batch without its bad rows.
pub(super) struct Converted {
    pub(super) batch: RecordBatch,
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
                    let array = top(feature, &column.value, given, allowed, &mut bad)?;
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
    if faults.is_empty() {
        return Ok(Converted { batch, faults });
    }
    faults.sort_by_key(|fault| fault.row);
    faults.dedup_by_key(|fault| fault.row);
    let mut keep = vec![true; batch.num_rows()];
    for fault in &faults {
        if let Some(keep) = keep.get_mut(fault.row) {
            *keep = false;
        }
    }
    let batch = filter_record_batch(&batch, &BooleanArray::from(keep))
        .map_err(|source| Error::arrow("leave rows out", source))?;
    Ok(Converted { batch, faults })
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

fn item_of(list: &DataType) -> Option<&FieldRef> {
    match list {
        DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _) => {
            Some(item)
        }
        _ => None,
    }
}

/// What is in lists of lists.
fn leaf(data: &DataType) -> Option<&DataType> {
    let item = item_of(data)?.data_type();
    item_of(item).map_or(Some(item), |_| leaf(item))
}

/// A whole column, whose bad rows are told one by one.
fn top(
    feature: &Feature,
    value: &ValueType,
    array: &ArrayRef,
    allowed: &Allowed,
    bad: &mut Vec<(usize, String)>,
) -> Result<ArrayRef> {
    match feature {
        Feature::Image => images(array, allowed, bad),
        Feature::Class(_) => {
            let whole = labels(array).map_err(failed)?;
            let lost = (0..array.len()).filter(|row| array.is_valid(*row) && whole.1.is_null(*row));
            bad.extend(lost.map(|row| (row, "is no id of a class".to_owned())));
            Ok(whole.0)
        }
        _ => nested(feature, value, array).map_err(failed),
    }
}

fn failed(source: ArrowError) -> Error {
    Error::arrow("read columns of a Hugging Face data set", source)
}

/// What is inside of lists and structs; nothing is looked for on the disk.
fn nested(feature: &Feature, value: &ValueType, array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    match (feature, value) {
        (Feature::Image, _) => {
            let given = array.as_struct();
            let bytes = given.column_by_name("bytes").unwrap_or(array);
            let bytes = strict(bytes, &DataType::Binary)?;
            let (offsets, values, nulls) = bytes.as_binary::<i32>().clone().into_parts();
            let nulls = NullBuffer::union(nulls.as_ref(), given.nulls());
            let bytes = tlc_core::arrow::array::BinaryArray::try_new(offsets, values, nulls)?;
            Ok(Arc::new(bytes))
        }
        (Feature::Class(_), _) => {
            let (labels, whole) = labels(array)?;
            match whole.null_count() == array.null_count() {
                true => Ok(labels),
                false => Err(ArrowError::CastError(
                    "a number is no id of a class".to_owned(),
                )),
            }
        }
        (Feature::List(item), ValueType::List { item: to, len }) => {
            let own = item_of(array.data_type()).map(Arc::clone);
            let own = own.ok_or_else(|| ArrowError::CastError("no list".to_owned()))?;
            let lists = strict(array, &DataType::List(own))?;
            let lists = lists.as_list::<i32>();
            let first = lists.offsets().first().copied().unwrap_or_default();
            let start = usize::try_from(first).unwrap_or_default();
            let len_items = lists.offsets().lengths().sum();
            let items = nested(item, to, &lists.values().slice(start, len_items))?;
            let offsets = OffsetBuffer::from_lengths(lists.offsets().lengths());
            let field = Arc::new(Field::new_list_field(items.data_type().clone(), true));
            let lists: ArrayRef = Arc::new(ListArray::try_new(
                field,
                offsets,
                items,
                lists.nulls().cloned(),
            )?);
            match len {
                Some(_) => strict(&lists, &value.to_arrow()),
                None => Ok(lists),
            }
        }
        (Feature::Struct(features), ValueType::Struct { fields }) => {
            let given = array.as_struct();
            let columns = fields.iter().zip(given.columns()).map(|(field, column)| {
                let feature = features.iter().find(|(name, _)| *name == field.name);
                let feature = feature.map_or(&Feature::Plain, |(_, feature)| feature);
                let column = nested(feature, &field.value, column)?;
                strict(&column, &field.value.to_arrow())
            });
            let columns = columns.collect::<Result<Vec<_>, _>>()?;
            let DataType::Struct(fields) = value.to_arrow() else {
                return Ok(Arc::clone(array));
            };
            Ok(Arc::new(StructArray::try_new(
                fields,
                columns,
                given.nulls().cloned(),
            )?))
        }
        (Feature::Tensor(shape), _) => tensors(shape, value, array),
        _ => Ok(Arc::clone(array)),
    }
}

/// Ids with -1 as null, and ids as they are where they are of 32 bits.
fn labels(array: &ArrayRef) -> Result<(ArrayRef, ArrayRef), ArrowError> {
    let whole = cast(array, &DataType::Int32)?;
    let ids = whole.as_primitive::<Int32Type>();
    let labels: tlc_core::arrow::array::Int32Array =
        ids.iter().map(|id| id.filter(|id| *id != -1)).collect();
    Ok((Arc::new(labels), whole))
}

/// Images as bytes, each looked at.
fn images(array: &ArrayRef, allowed: &Allowed, bad: &mut Vec<(usize, String)>) -> Result<ArrayRef> {
    let bytes = nested(&Feature::Image, &ValueType::image_bytes(), array).map_err(failed)?;
    let given = array.as_struct();
    let paths = given
        .column_by_name("path")
        .map(|paths| strict(paths, &DataType::Utf8));
    let paths = paths.transpose().map_err(failed)?;
    let named = |row: usize| {
        let paths = paths.as_ref()?.as_string::<i32>();
        let is_named = bytes.is_null(row) && given.is_valid(row) && paths.is_valid(row);
        is_named.then(|| paths.value(row))
    };
    let cells = bytes.as_binary::<i32>();
    for (row, image) in cells.iter().enumerate() {
        if let Some(Err(fault)) = image.map(header::check) {
            bad.push((row, fault.to_string()));
        }
    }
    if !(0..array.len()).any(|row| named(row).is_some()) {
        return Ok(bytes);
    }
    let mut builder = BinaryBuilder::new();
    for (row, image) in cells.iter().enumerate() {
        match (image, named(row)) {
            (None, Some(name)) => match read(name, allowed)? {
                Ok(Cell::Bytes(image)) => builder.append_value(image),
                Ok(Cell::Name(_)) => builder.append_null(),
                Err(reason) => {
                    bad.push((row, reason));
                    builder.append_null();
                }
            },
            (image, _) => builder.append_option(image),
        }
    }
    Ok(Arc::new(builder.finish()))
}

fn read(name: &str, allowed: &Allowed) -> Result<std::result::Result<Cell, String>> {
    match allowed.find(name) {
        Err(reason) => Ok(Err(reason)),
        Ok(url) => {
            let read = embed::read(&url, None)?;
            Ok(read
                .map(|(cell, _)| cell)
                .map_err(|reason| format!("`{name}`: {reason}")))
        }
    }
}

/// Lists of lists as tensors.
fn tensors(
    shape: &[Option<usize>],
    value: &ValueType,
    array: &ArrayRef,
) -> Result<ArrayRef, ArrowError> {
    let other = || ArrowError::CastError(format!("a value is no tensor {shape:?}"));
    let own = item_of(array.data_type())
        .map(Arc::clone)
        .ok_or_else(other)?;
    let rows = strict(array, &DataType::List(own))?;
    let rows = rows.as_list::<i32>();
    let mut per_item = 1;
    let start = rows.offsets().first().copied().unwrap_or_default();
    let start = usize::try_from(start).unwrap_or_default();
    let mut items = rows.values().slice(start, rows.offsets().lengths().sum());
    for dim in shape.iter().skip(1) {
        let own = item_of(items.data_type())
            .map(Arc::clone)
            .ok_or_else(other)?;
        let lists = strict(&items, &DataType::List(own))?;
        let lists = lists.as_list::<i32>();
        let dim = dim.ok_or_else(other)?;
        if lists.null_count() > 0 || lists.offsets().lengths().any(|len| len != dim) {
            return Err(other());
        }
        let start = lists.offsets().first().copied().unwrap_or_default();
        let start = usize::try_from(start).unwrap_or_default();
        items = lists.values().slice(start, lists.len() * dim);
        per_item *= dim;
    }
    let (DataType::List(item) | DataType::FixedSizeList(item, _)) = value.to_arrow() else {
        return Err(other());
    };
    let items = strict(&items, item.data_type())?;
    let lens = rows.offsets().lengths().map(|len| len * per_item);
    let lists = ListArray::try_new(
        item,
        OffsetBuffer::from_lengths(lens),
        items,
        rows.nulls().cloned(),
    )?;
    strict(&(Arc::new(lists) as ArrayRef), &value.to_arrow())
}

/// The same values as another type, or an error.
fn strict(array: &ArrayRef, to: &DataType) -> Result<ArrayRef, ArrowError> {
    if array.data_type() == to {
        return Ok(Arc::clone(array));
    }
    if array.is_empty() {
        return Ok(new_empty_array(to));
    }
    let options = CastOptions {
        safe: false,
        ..CastOptions::default()
    };
    cast_with_options(array, to, &options)
}
