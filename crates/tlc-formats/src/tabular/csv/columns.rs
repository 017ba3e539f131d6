//! One column of a block on its way from texts to an array.

use super::cell::{self, Look, Missing};
use super::infer::{Kind, Looked, Seen};
use crate::tabular::moment;
use crate::tabular::numbers::Number;
use crate::{Error, Result};
use std::sync::Arc;
use tlc_core::arrow::array::{
    ArrayRef, BooleanBuilder, Float64Builder, Int64Builder, StringBuilder,
    TimestampMicrosecondBuilder, UInt64Builder,
};
use tlc_core::arrow::datatypes::{DataType, Field};
use tlc_core::{Column, ValueType};

/// What the fields of a column are read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Target {
    kind: Kind,
    /// Whether an empty field among texts is one, and no missing value.
    has_empty_texts: bool,
    is_nullable: bool,
}

impl Target {
    /// As the column is declared, else as it looks.
    pub(super) fn of(
        name: &str,
        declared: Option<&Column>,
        seen: &Seen,
        has_empty_texts: bool,
    ) -> Result<Self> {
        use ValueType as V;
        let kind = match declared.map(|column| &column.value) {
            None => seen.kind(),
            Some(V::Bool) => Kind::Truth,
            Some(V::UInt64) => Kind::Number(Number::UInt),
            Some(V::Float32 | V::Float64 | V::Confidence | V::SampleWeight) => {
                Kind::Number(Number::Float)
            }
            Some(V::Datetime) => Kind::Moment,
            Some(V::String | V::Image { .. }) => Kind::Text,
            Some(V::CategoricalLabel { .. }) => match seen.kind() {
                whole @ Kind::Number(Number::Int) => whole,
                _ => Kind::Text,
            },
            Some(value) if value.to_arrow().is_integer() => Kind::Number(Number::Int),
            Some(value) => {
                let reason = format!("a field of CSV is no {value}: import JSON lines or Parquet");
                return Err(Error::column(name, reason));
            }
        };
        let is_text = kind == Kind::Text;
        Ok(Self {
            kind,
            has_empty_texts,
            is_nullable: match is_text {
                true => seen.empty && !has_empty_texts,
                false => seen.empty || seen.missing,
            },
        })
    }

    pub(super) fn field(self, name: &str) -> Field {
        let data_type = match self.kind {
            Kind::Truth => DataType::Boolean,
            Kind::Number(number) => number.data_type(),
            Kind::Moment => ValueType::Datetime.to_arrow(),
            Kind::Text => DataType::Utf8,
        };
        Field::new(name, data_type, self.is_nullable)
    }

    pub(super) fn builder(self) -> Builder {
        let values = match self.kind {
            Kind::Truth => Values::Truth(BooleanBuilder::new()),
            Kind::Number(Number::Int) => Values::Int(Int64Builder::new()),
            Kind::Number(Number::UInt) => Values::UInt(UInt64Builder::new()),
            Kind::Number(Number::Float) => Values::Float(Float64Builder::new()),
            Kind::Moment => Values::Moment(TimestampMicrosecondBuilder::new()),
            Kind::Text => Values::Text(StringBuilder::new()),
        };
        Builder {
            values,
            has_empty_texts: self.has_empty_texts,
        }
    }
}

/// The values of a column so far.
pub(super) struct Builder {
    values: Values,
    has_empty_texts: bool,
}

enum Values {
    Truth(BooleanBuilder),
    Int(Int64Builder),
    UInt(UInt64Builder),
    Float(Float64Builder),
    Moment(TimestampMicrosecondBuilder),
    Text(StringBuilder),
}

impl Builder {
    /// Adds a field, or a missing value and why the field is no value.
    pub(super) fn push(&mut self, text: &str, missing: &Missing<'_>) -> Result<(), &'static str> {
        if let Values::Text(texts) = &mut self.values {
            match text.is_empty() && !self.has_empty_texts {
                true => texts.append_null(),
                false => texts.append_value(text),
            }
            return Ok(());
        }
        let bare = cell::bare(text);
        if bare.is_empty() || missing.has_value(bare) {
            self.parse(""); // which is no value
            return Ok(());
        }
        match self.parse(bare) || missing.has(bare) {
            true => Ok(()),
            false => Err(self.wanted()),
        }
    }

    /// Adds a field by what it looks like: a value of the column's type, else a missing one.
    pub(super) fn push_looked(&mut self, looked: Looked, text: &str) {
        if let Values::Text(texts) = &mut self.values {
            match text.is_empty() && !self.has_empty_texts {
                true => texts.append_null(),
                false => texts.append_value(text),
            }
            return;
        }
        let look = match looked {
            Looked::Missing => Look::Empty,
            Looked::Value(look) => look,
        };
        match (&mut self.values, look) {
            (Values::Truth(values), Look::Truth(truth)) => values.append_value(truth),
            (Values::Int(values), Look::Whole(whole)) => {
                values.append_option(i64::try_from(whole).ok());
            }
            (Values::UInt(values), Look::Whole(whole)) => {
                values.append_option(u64::try_from(whole).ok());
            }
            (Values::Float(values), Look::Whole(_) | Look::Float) => {
                values.append_option(cell::float(cell::bare(text)));
            }
            (Values::Moment(values), Look::Moment(moment)) => values.append_value(moment.micros),
            _ => {
                self.parse(""); // which is no value
            }
        }
    }

    /// Adds the value; else a missing one.
    fn parse(&mut self, text: &str) -> bool {
        macro_rules! append {
            ($values:expr, $value:expr) => {{
                let value = $value;
                $values.append_option(value);
                value.is_some()
            }};
        }
        match &mut self.values {
            Values::Truth(values) => append!(values, declared_truth(text)),
            Values::Int(values) => {
                append!(
                    values,
                    cell::whole(text).and_then(|whole| i64::try_from(whole).ok())
                )
            }
            Values::UInt(values) => {
                append!(
                    values,
                    cell::whole(text).and_then(|whole| u64::try_from(whole).ok())
                )
            }
            Values::Float(values) => append!(values, cell::float(text)),
            Values::Moment(values) => {
                append!(values, moment::parse(text).map(|moment| moment.micros))
            }
            Values::Text(values) => append!(values, Some(text)),
        }
    }

    fn wanted(&self) -> &'static str {
        match &self.values {
            Values::Truth(_) => "is neither true nor false",
            Values::Int(_) => Number::Int.misfit(),
            Values::UInt(_) => Number::UInt.misfit(),
            Values::Float(_) => Number::Float.misfit(),
            Values::Moment(_) => {
                "is no date or moment as ISO 8601 has it, to the microsecond: 2024-02-29, \
                 2024-02-29T12:30:00Z"
            }
            Values::Text(_) => "is no text",
        }
    }

    pub(super) fn finish(self) -> ArrayRef {
        match self.values {
            Values::Truth(mut values) => Arc::new(values.finish()),
            Values::Int(mut values) => Arc::new(values.finish()),
            Values::UInt(mut values) => Arc::new(values.finish()),
            Values::Float(mut values) => Arc::new(values.finish()),
            Values::Moment(mut values) => Arc::new(values.finish().with_timezone("UTC")),
            Values::Text(mut values) => Arc::new(values.finish()),
        }
    }
}

/// In a column that is declared one of truth values, 0 and 1 are such, too.
fn declared_truth(text: &str) -> Option<bool> {
    match text {
        "1" => Some(true),
        "0" => Some(false),
        _ => cell::truth(text),
    }
}
