//! The values of columns as `datasets` keeps them, as tables do.

use super::super::allowed::Allowed;
use super::super::embed::{self, Cell};
use super::super::header;
use super::feature::Feature;
use crate::{Error, Result as FormatResult};
use std::sync::Arc;
use tlc_core::ValueType;
use tlc_core::arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BinaryBuilder, Int32Array, ListArray, StructArray,
    new_empty_array,
};
use tlc_core::arrow::buffer::{NullBuffer, OffsetBuffer};
use tlc_core::arrow::compute::{CastOptions, cast, cast_with_options};
use tlc_core::arrow::datatypes::{DataType, Field, FieldRef, Int32Type};
use tlc_core::arrow::error::ArrowError;

/// A whole column, whose bad rows are told one by one.
pub(super) fn column(
    feature: &Feature,
    value: &ValueType,
    array: &ArrayRef,
    allowed: &Allowed,
    bad: &mut Vec<(usize, String)>,
) -> FormatResult<ArrayRef> {
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
            let bytes = BinaryArray::try_new(offsets, values, nulls)?;
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
        (Feature::List(item), ValueType::List { .. }) => lists(item, value, array),
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

/// Lists of what has a meaning.
fn lists(item: &Feature, value: &ValueType, array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let no_list = || ArrowError::CastError("no list".to_owned());
    let ValueType::List { item: to, len } = value else {
        return Err(no_list());
    };
    let lists = as_lists(array)?.ok_or_else(no_list)?;
    let items = nested(item, to, &items(&lists))?;
    let offsets = OffsetBuffer::from_lengths(lists.offsets().lengths());
    let field = Arc::new(Field::new_list_field(items.data_type().clone(), true));
    let lists = ListArray::try_new(field, offsets, items, lists.nulls().cloned())?;
    let lists: ArrayRef = Arc::new(lists);
    match len {
        Some(_) => strict(&lists, &value.to_arrow()),
        None => Ok(lists),
    }
}

/// Ids with -1 as null, and ids as they are where they are of 32 bits.
fn labels(array: &ArrayRef) -> Result<(ArrayRef, ArrayRef), ArrowError> {
    let whole = cast(array, &DataType::Int32)?;
    let ids = whole.as_primitive::<Int32Type>();
    let labels: Int32Array = ids.iter().map(|id| id.filter(|id| *id != -1)).collect();
    Ok((Arc::new(labels), whole))
}

/// Images as bytes, each looked at.
fn images(
    array: &ArrayRef,
    allowed: &Allowed,
    bad: &mut Vec<(usize, String)>,
) -> FormatResult<ArrayRef> {
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

fn read(name: &str, allowed: &Allowed) -> FormatResult<Result<Cell, String>> {
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
    let rows = as_lists(array)?.ok_or_else(other)?;
    let mut per_item = 1;
    let mut values = items(&rows);
    for dim in shape.iter().skip(1) {
        let lists = as_lists(&values)?.ok_or_else(other)?;
        let dim = dim.ok_or_else(other)?;
        if lists.null_count() > 0 || lists.offsets().lengths().any(|len| len != dim) {
            return Err(other());
        }
        values = items(&lists);
        per_item *= dim;
    }
    let (DataType::List(item) | DataType::FixedSizeList(item, _)) = value.to_arrow() else {
        return Err(other());
    };
    let values = strict(&values, item.data_type())?;
    let lens = rows.offsets().lengths().map(|len| len * per_item);
    let lists = ListArray::try_new(
        item,
        OffsetBuffer::from_lengths(lens),
        values,
        rows.nulls().cloned(),
    )?;
    strict(&(Arc::new(lists) as ArrayRef), &value.to_arrow())
}

/// Lists of whatever kind as lists of one; `None` if they are none.
fn as_lists(array: &ArrayRef) -> Result<Option<ListArray>, ArrowError> {
    let Some(item) = item_of(array.data_type()) else {
        return Ok(None);
    };
    let lists = strict(array, &DataType::List(Arc::clone(item)))?;
    Ok(Some(lists.as_list::<i32>().clone()))
}

/// What all of the lists have, one after another.
fn items(lists: &ListArray) -> ArrayRef {
    let start = lists.offsets().first().copied().unwrap_or_default();
    let start = usize::try_from(start).unwrap_or_default();
    lists.values().slice(start, lists.offsets().lengths().sum())
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

pub(super) fn item_of(list: &DataType) -> Option<&FieldRef> {
    match list {
        DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _) => {
            Some(item)
        }
        _ => None,
    }
}
