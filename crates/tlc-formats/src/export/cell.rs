//! One value as text: of JSON, or of a field of CSV.

use crate::{Error, Result};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use std::collections::HashSet;
use std::io::Write;
use tlc_core::arrow::array::{Array, ArrayRef, AsArray};
use tlc_core::arrow::datatypes::{
    DataType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    TimestampMicrosecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use tlc_core::{ClassMap, Column, ValueType};

/// How the values of a column are written.
pub(super) struct Writer<'a> {
    column: &'a Column,
    /// Names of labels, if each has its own.
    names: Option<&'a ClassMap>,
    /// Numbers that are not finite and became `null`.
    pub(super) not_finite: u64,
}

impl<'a> Writer<'a> {
    /// Labels are written as names, or as ids where two classes have one name, or `ids` says so.
    pub(super) fn of(column: &'a Column, ids: bool) -> Self {
        let names = column.value.classes().filter(|classes| {
            let mut seen = HashSet::new();
            !ids && !classes.is_empty() && classes.names().all(|name| seen.insert(name))
        });
        let is_label = matches!(column.value, ValueType::CategoricalLabel { .. });
        Self {
            column,
            names: names.filter(|_| is_label),
            not_finite: 0,
        }
    }

    /// A value as JSON.
    pub(super) fn json(&mut self, values: &ArrayRef, row: usize, out: &mut Vec<u8>) -> Result<()> {
        if values.is_null(row) {
            out.extend_from_slice(b"null");
            return Ok(());
        }
        match self.name(values, row) {
            Some(name) => text(name, out),
            None => self.value(values, row, out),
        }
    }

    /// A value as a field of CSV: texts and names as they are, lists and structs as JSON. It is
    /// not missing.
    pub(super) fn field(&mut self, values: &ArrayRef, row: usize, out: &mut Vec<u8>) -> Result<()> {
        if let Some(name) = self.name(values, row) {
            out.extend_from_slice(name.as_bytes());
            return Ok(());
        }
        match values.data_type() {
            DataType::Utf8 => {
                out.extend_from_slice(values.as_string::<i32>().value(row).as_bytes())
            }
            DataType::Binary => base64(values.as_binary::<i32>().value(row), out),
            DataType::Timestamp(..) => moment(values, row, out),
            DataType::Float32 => float(values.as_primitive::<Float32Type>().value(row), out),
            DataType::Float64 => float(values.as_primitive::<Float64Type>().value(row), out),
            _ => return self.value(values, row, out),
        }
        Ok(())
    }

    fn name(&self, values: &ArrayRef, row: usize) -> Option<&'a str> {
        let classes = self.names?;
        classes.name(values.as_primitive_opt::<Int32Type>()?.value(row))
    }

    fn value(&mut self, values: &ArrayRef, row: usize, out: &mut Vec<u8>) -> Result<()> {
        macro_rules! number {
            ($arrow:ty) => {
                write!(out, "{}", values.as_primitive::<$arrow>().value(row)).unwrap_or_default()
            };
        }
        match values.data_type() {
            DataType::Boolean => {
                write!(out, "{}", values.as_boolean().value(row)).unwrap_or_default();
            }
            DataType::Int8 => number!(Int8Type),
            DataType::Int16 => number!(Int16Type),
            DataType::Int32 => number!(Int32Type),
            DataType::Int64 => number!(Int64Type),
            DataType::UInt8 => number!(UInt8Type),
            DataType::UInt16 => number!(UInt16Type),
            DataType::UInt32 => number!(UInt32Type),
            DataType::UInt64 => number!(UInt64Type),
            DataType::Float32 => {
                let value = values.as_primitive::<Float32Type>().value(row);
                self.finite(value, value.is_finite(), out);
            }
            DataType::Float64 => {
                let value = values.as_primitive::<Float64Type>().value(row);
                self.finite(value, value.is_finite(), out);
            }
            DataType::Utf8 => return text(values.as_string::<i32>().value(row), out),
            DataType::Binary => {
                out.push(b'"');
                base64(values.as_binary::<i32>().value(row), out);
                out.push(b'"');
            }
            DataType::Timestamp(..) => {
                out.push(b'"');
                moment(values, row, out);
                out.push(b'"');
            }
            DataType::List(_) => return self.items(&values.as_list::<i32>().value(row), out),
            DataType::FixedSizeList(..) => {
                return self.items(&values.as_fixed_size_list().value(row), out);
            }
            DataType::Struct(_) => return self.fields(values, row, out),
            other => {
                let reason = format!("{other} has no text");
                return Err(Error::column(&self.column.name, reason));
            }
        }
        Ok(())
    }

    fn items(&mut self, items: &ArrayRef, out: &mut Vec<u8>) -> Result<()> {
        out.push(b'[');
        for row in 0..items.len() {
            if row > 0 {
                out.push(b',');
            }
            self.plain(items, row, out)?;
        }
        out.push(b']');
        Ok(())
    }

    fn fields(&mut self, values: &ArrayRef, row: usize, out: &mut Vec<u8>) -> Result<()> {
        let fields = values.as_struct();
        out.push(b'{');
        for (place, (field, values)) in fields.fields().iter().zip(fields.columns()).enumerate() {
            if place > 0 {
                out.push(b',');
            }
            text(field.name(), out)?;
            out.push(b':');
            self.plain(values, row, out)?;
        }
        out.push(b'}');
        Ok(())
    }

    /// A value inside of another.
    fn plain(&mut self, values: &ArrayRef, row: usize, out: &mut Vec<u8>) -> Result<()> {
        match values.is_null(row) {
            true => out.extend_from_slice(b"null"),
            false => self.value(values, row, out)?,
        }
        Ok(())
    }

    fn finite(&mut self, value: impl std::fmt::Debug, is_finite: bool, out: &mut Vec<u8>) {
        match is_finite {
            true => float(value, out),
            false => {
                self.not_finite += 1;
                out.extend_from_slice(b"null");
            }
        }
    }
}

/// A text as JSON.
pub(super) fn text(text: &str, out: &mut Vec<u8>) -> Result<()> {
    serde_json::to_writer(out, text).map_err(|source| {
        Error::Core(tlc_core::Error::Json {
            what: "a text".to_owned(),
            source,
        })
    })
}

/// The fewest digits that are read as the same number.
fn float(value: impl std::fmt::Debug, out: &mut Vec<u8>) {
    write!(out, "{value:?}").unwrap_or_default(); // which a vector never fails to take
}

fn base64(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(BASE64_STANDARD.encode(bytes).as_bytes());
}

/// A moment as RFC 3339, to the microsecond; one out of its years as microseconds since 1970.
fn moment(values: &ArrayRef, row: usize, out: &mut Vec<u8>) {
    let micros = values.as_primitive::<TimestampMicrosecondType>().value(row);
    let written = match chrono::DateTime::from_timestamp_micros(micros) {
        Some(moment) => {
            let text = moment.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true);
            out.write_all(text.as_bytes())
        }
        None => write!(out, "{micros}"),
    };
    written.unwrap_or_default(); // which a vector never fails to take
}
