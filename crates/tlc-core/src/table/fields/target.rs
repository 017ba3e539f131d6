//! What the values of rows are to be, and what was refused.

use crate::arrow::datatypes::{DataType, FieldRef, TimeUnit};
use crate::schema::{Shown, cut, float32_refusal};
use crate::{Column, Error};
use serde::ser;
use std::cell::{Cell, RefCell};
use std::fmt::Display;
use std::ops::RangeInclusive;

/// What bytes are, one by one.
static BYTE: DataType = DataType::UInt8;

/// Where rows are being checked, and what was refused.
#[derive(Default)]
pub(super) struct Check {
    pub(super) row: Cell<usize>,
    refused: RefCell<Option<Refused>>,
}

/// A value that is none of its column.
struct Refused {
    /// Names from the column down, with dots between; empty while still inside.
    column: String,
    value: Option<String>,
    reason: String,
}

impl Check {
    /// What was refused, if anything was.
    pub(super) fn refusal(&self) -> Option<Error> {
        self.refused.take().map(|refused| Error::Batch {
            column: refused.column,
            row: Some(self.row.get()),
            value: refused.value,
            reason: refused.reason,
        })
    }

    #[cold]
    pub(super) fn refuse<E: ser::Error>(&self, value: Option<String>, reason: String) -> E {
        let column = String::new();
        let error = E::custom(&reason);
        self.refused.replace(Some(Refused {
            column,
            value,
            reason,
        }));
        error
    }

    /// Says that what went wrong did so within this field.
    #[cold]
    pub(super) fn locate(&self, field: &str, error: &dyn Display) {
        let mut slot = self.refused.borrow_mut();
        let refused = slot.get_or_insert_with(|| Refused {
            column: String::new(),
            value: None,
            reason: error.to_string(),
        });
        refused.column = match refused.column.as_str() {
            "" => field.to_owned(),
            inner => format!("{field}.{inner}"),
        };
    }
}

/// What a value is to be.
pub(super) struct Target<'a> {
    pub(super) name: &'a str,
    pub(super) data_type: &'a DataType,
    pub(super) nullable: bool,
    /// Whether what is no 32-bit float becomes the nearest one.
    rounds: bool,
    /// The fields of a struct, or the one item of a list.
    pub(super) parts: Vec<Self>,
    /// Where the name lies that rows have for this field: what lies there is the
    /// name, which need not be read again.
    pub(super) key: Cell<(usize, usize)>,
    pub(super) check: &'a Check,
}

impl<'a> Target<'a> {
    /// The rows, whose fields are the columns.
    pub(super) fn of_rows(row: &'a DataType, declared: &[Column], check: &'a Check) -> Self {
        let mut target = Self::new("", row, false, check);
        for column in &mut target.parts {
            let is_declared = declared.iter().any(|given| given.name == column.name);
            column.set_rounds(is_declared);
        }
        target
    }

    fn new(name: &'a str, data_type: &'a DataType, nullable: bool, check: &'a Check) -> Self {
        let part = |field: &'a FieldRef| {
            Self::new(field.name(), field.data_type(), field.is_nullable(), check)
        };
        let parts = match data_type {
            DataType::Struct(fields) => fields.iter().map(part).collect(),
            DataType::List(item) | DataType::FixedSizeList(item, _) => vec![part(item)],
            DataType::Binary => vec![Self::new("", &BYTE, false, check)],
            _ => Vec::new(),
        };
        Self {
            name,
            data_type,
            nullable,
            rounds: false,
            parts,
            key: Cell::new((0, 0)),
            check,
        }
    }

    fn set_rounds(&mut self, rounds: bool) {
        self.rounds = rounds;
        self.parts
            .iter_mut()
            .for_each(|part| part.set_rounds(rounds));
    }

    pub(super) fn is_struct(&self) -> bool {
        matches!(self.data_type, DataType::Struct(_))
    }

    /// What each item of a list or of bytes is to be.
    pub(super) fn item(&self) -> Option<&Self> {
        self.parts.first().filter(|_| !self.is_struct())
    }

    fn refuse<E: ser::Error>(&self, value: impl Display, reason: &str) -> E {
        let value = cut(&value.to_string());
        self.check.refuse(Some(value), reason.to_owned())
    }

    pub(super) fn other_kind<E: ser::Error>(&self, kind: &str) -> E {
        let reason = format!("{kind} is not {}", Shown(self.data_type));
        self.check.refuse(None, reason)
    }

    pub(super) fn whole<E: ser::Error>(&self, value: i128) -> Result<(), E> {
        match self.data_type {
            DataType::Float32 | DataType::Float64 if is_exact(value, self.data_type) => Ok(()),
            DataType::Float32 | DataType::Float64 => {
                Err(self.refuse(value, "has more digits than the column keeps"))
            }
            DataType::Timestamp(..) if i64::try_from(value).is_ok() => Ok(()),
            other => match range(other) {
                Some(range) if range.contains(&value) => Ok(()),
                Some(_) => Err(self.refuse(value, &format!("is out of the range of {other}"))),
                None => Err(self.other_kind("a whole number")),
            },
        }
    }

    pub(super) fn float<E: ser::Error>(&self, value: f64) -> Result<(), E> {
        match self.data_type {
            DataType::Float64 => Ok(()),
            DataType::Float32 => match float32_refusal(value, self.rounds) {
                Some(reason) => Err(self.refuse(format_args!("{value:?}"), reason)),
                None => Ok(()),
            },
            _ => Err(self.other_kind("a number with a fraction")),
        }
    }

    pub(super) fn text<E: ser::Error>(&self, value: &str) -> Result<(), E> {
        match self.data_type {
            DataType::Utf8 | DataType::Dictionary(..) => Ok(()),
            DataType::Timestamp(TimeUnit::Microsecond, _) if has_nanos(value) => {
                Err(self.refuse(value, "has digits below the microsecond"))
            }
            DataType::Timestamp(..) => match value.parse::<chrono::DateTime<chrono::Utc>>() {
                Ok(_) => Ok(()),
                Err(_) => Err(self.refuse(value, "is no date and time as RFC 3339 has them")),
            },
            other => Err(self.refuse(value, &format!("text is not {}", Shown(other)))),
        }
    }

    pub(super) fn missing<E: ser::Error>(&self) -> Result<(), E> {
        if self.nullable || self.data_type == &DataType::Null {
            return Ok(());
        }
        let reason = "a value is missing in a column that allows none".to_owned();
        Err(self.check.refuse(None, reason))
    }
}

fn range(data_type: &DataType) -> Option<RangeInclusive<i128>> {
    Some(match data_type {
        DataType::Int8 => i8::MIN.into()..=i8::MAX.into(),
        DataType::Int16 => i16::MIN.into()..=i16::MAX.into(),
        DataType::Int32 => i32::MIN.into()..=i32::MAX.into(),
        DataType::Int64 => i64::MIN.into()..=i64::MAX.into(),
        DataType::UInt8 => 0..=u8::MAX.into(),
        DataType::UInt16 => 0..=u16::MAX.into(),
        DataType::UInt32 => 0..=u32::MAX.into(),
        DataType::UInt64 => 0..=u64::MAX.into(),
        _ => return None,
    })
}

#[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)] // that is the question
fn is_exact(value: i128, float: &DataType) -> bool {
    match float {
        DataType::Float32 => (value as f32) as i128 == value,
        _ => (value as f64) as i128 == value,
    }
}

/// Whether the seconds of a date and time have digits that microseconds cut off.
fn has_nanos(text: &str) -> bool {
    let fraction = text.split_once('.').map_or("", |(_, fraction)| fraction);
    let digits = fraction.bytes().take_while(u8::is_ascii_digit);
    digits.skip(6).any(|digit| digit != b'0')
}
