//! Values that are given as texts, as a column has them.

use super::asked::{AskedCell, at_line};
use crate::{Failure, print};
use std::sync::Arc;
use tlc_core::arrow::array::{ArrayRef, TimestampMicrosecondArray};
use tlc_core::arrow::datatypes::DataType;
use tlc_core::{ClassMap, Column, IntoArray, ValueType};

/// What stands for no value, but in columns of texts.
const NULL: &str = "null";
/// Classes that are named where one is not known.
const NAMED: usize = 20;

/// The values of cells.
pub(super) fn parsed(
    column: &Column,
    cells: &[AskedCell],
    is_of_file: bool,
) -> Result<ArrayRef, Failure> {
    let text = Text { column, cells };
    let values = match &column.value {
        ValueType::CategoricalLabel { classes } => text.each(|text| class(classes, text))?,
        ValueType::Datetime => {
            let moments = text.values(moment)?;
            Arc::new(TimestampMicrosecondArray::from(moments).with_timezone("UTC"))
        }
        value => match value.to_arrow() {
            DataType::Utf8 => {
                let texts = cells.iter().map(|cell| cell.text.clone());
                texts.collect::<Vec<_>>().into_array()
            }
            DataType::Boolean => text.each(flag)?,
            DataType::UInt64 => text.each(|text| read::<u64>(text, "a whole number from 0 on"))?,
            DataType::Float32 => text.each(real::<f32>)?,
            DataType::Float64 => text.each(real::<f64>)?,
            whole if whole.is_integer() => text.each(|text| read::<i64>(text, "a whole number"))?,
            _ if cells.is_empty() => {
                return Ok(tlc_core::arrow::array::new_empty_array(&value.to_arrow()));
            }
            _ => return Err(text.not_by_text(is_of_file)),
        },
    };
    column.fitted(values).map_err(|error| text.blamed(error))
}

struct Text<'t> {
    column: &'t Column,
    cells: &'t [AskedCell],
}

impl Text<'_> {
    fn each<T>(&self, parse: impl Fn(&str) -> Result<T, String>) -> Result<ArrayRef, Failure>
    where
        Option<T>: tlc_core::Cell,
    {
        Ok(self.values(parse)?.into_array())
    }

    fn values<T>(
        &self,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Vec<Option<T>>, Failure> {
        let values = self.cells.iter().map(|AskedCell { row, text, line }| {
            let parsed = parse(text.trim());
            let is_null = text.trim().is_empty() || text.trim().eq_ignore_ascii_case(NULL);
            match parsed {
                Ok(value) => Ok(Some(value)),
                Err(_) if is_null && self.column.nullable => Ok(None),
                Err(reason) => {
                    let (column, text) = (&self.column.name, print::plain(text));
                    let reason = match is_null {
                        true => "no value may be missing here".to_owned(),
                        false => reason,
                    };
                    let told = format!("column `{column}`, row {row}: {reason}, found `{text}`");
                    Err(at_line(told, *line))
                }
            }
        });
        values.collect()
    }

    fn not_by_text(&self, is_of_file: bool) -> Failure {
        let Column { name, value, .. } = self.column;
        let told = match is_of_file {
            true => "leave the column out of the file",
            false => "edit it in a program",
        };
        let line = self.cells.first().and_then(|cell| cell.line);
        at_line(
            format!("column `{name}` is {value}, which no text says: {told}"),
            line,
        )
    }

    /// An error about the place of a value as one about its row.
    fn blamed(&self, error: tlc_core::Error) -> Failure {
        match error {
            tlc_core::Error::Batch {
                column,
                row: Some(place),
                value,
                reason,
            } => {
                let cell = self.cells.get(place);
                let error = tlc_core::Error::Batch {
                    column,
                    row: cell.map(|cell| cell.row),
                    value,
                    reason,
                };
                at_line(error, cell.and_then(|cell| cell.line))
            }
            error => error.into(),
        }
    }
}

/// The id of a class by its name, or by itself.
fn class(classes: &ClassMap, text: &str) -> Result<i32, String> {
    let is_class = |id: &i32| classes.is_empty() || classes.allows(*id);
    let by_id = || text.parse().ok().filter(is_class);
    classes.id_of(text).or_else(by_id).ok_or_else(|| {
        let names: Vec<&str> = classes.names().take(NAMED).collect();
        let more = if classes.len() > NAMED { ", ..." } else { "" };
        match names.as_slice() {
            [] => "expected the id of a class".to_owned(),
            names => format!(
                "no class of this name, there are: {}{more}",
                names.join(", ")
            ),
        }
    })
}

fn flag(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err("expected true or false".to_owned()),
    }
}

/// Microseconds since 1970.
fn moment(text: &str) -> Result<i64, String> {
    let moment = chrono::DateTime::parse_from_rfc3339(text);
    let plain = || chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f");
    let moment = moment.map(|moment| moment.timestamp_micros());
    moment
        .or_else(|_| plain().map(|moment| moment.and_utc().timestamp_micros()))
        .map_err(|_| "expected a moment such as 2026-01-31T12:00:00Z".to_owned())
}

/// A number that is infinite only where the text says so.
fn real<T: std::str::FromStr + Copy + Into<f64>>(text: &str) -> Result<T, String> {
    let number: T = read(text, "a number")?;
    let says_so = text.to_ascii_lowercase().contains("inf");
    match number.into().is_infinite() && !says_so {
        true => Err("too large for this column".to_owned()),
        false => Ok(number),
    }
}

fn read<T: std::str::FromStr>(text: &str, expected: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("expected {expected}"))
}
