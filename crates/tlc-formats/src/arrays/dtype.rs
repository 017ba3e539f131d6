//! What one value of an array is, and its bytes as Arrow arrays.

use std::sync::Arc;
use tlc_core::ValueType;
use tlc_core::arrow::array::{
    Array, ArrayRef, BooleanArray, DurationMicrosecondArray, DurationMillisecondArray,
    DurationNanosecondArray, DurationSecondArray, FixedSizeListArray, Int64Array, PrimitiveArray,
    StringArray, TimestampMicrosecondArray, TimestampMillisecondArray, TimestampNanosecondArray,
    TimestampSecondArray,
};
use tlc_core::arrow::datatypes::{
    ArrowPrimitiveType, DataType, Float16Type, Float32Type, Float64Type, Int8Type, Int16Type,
    Int32Type, Int64Type, TimeUnit, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};

/// Bytes of a text; a longer one is no value of a column.
const TEXT_BYTES: usize = 1 << 20;
const SECONDS_A_DAY: i64 = 86_400;

/// The type of one value: what it is, its bytes, and their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dtype {
    kind: Kind,
    bytes: usize,
    is_big_endian: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Bool,
    Signed,
    Unsigned,
    Float,
    /// Bytes of a text, zeros at its end left out.
    Bytes,
    /// Code points of four bytes, likewise.
    Text,
    Moment(Unit),
    Duration(TimeUnit),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Days,
    Time(TimeUnit),
}

impl Dtype {
    /// Bytes as numbers.
    pub(super) const BYTE: Self = Self {
        kind: Kind::Unsigned,
        bytes: 1,
        is_big_endian: false,
    };

    /// One of NumPy's, such as `<f4`.
    pub(super) fn of_numpy(text: &str) -> Result<Self, String> {
        let unknown =
            || format!("values of the type `{text}` are not supported: convert them first");
        let mut chars = text.chars();
        let (Some(order), Some(letter)) = (chars.next(), chars.next()) else {
            return Err(unknown());
        };
        let is_big_endian = match order {
            '<' | '|' => false,
            '>' => true,
            _ => return Err(unknown()),
        };
        let rest = chars.as_str();
        if letter == 'O' {
            return Err(
                "Python objects, which only Python can load, and which can run programs: \
                        save an array of numbers or texts"
                    .to_owned(),
            );
        }
        let (kind, bytes) = match letter {
            'M' | 'm' => (time(letter, rest).ok_or_else(unknown)?, 8),
            _ => {
                let size: usize = rest.parse().map_err(|_| unknown())?;
                sized(letter, size).ok_or_else(unknown)?
            }
        };
        Ok(Self {
            kind,
            bytes,
            is_big_endian,
        })
    }

    /// One of those that IDX files have.
    pub(super) fn of_idx(code: u8) -> Option<Self> {
        let (kind, bytes) = match code {
            0x08 => (Kind::Unsigned, 1),
            0x09 => (Kind::Signed, 1),
            0x0b => (Kind::Signed, 2),
            0x0c => (Kind::Signed, 4),
            0x0d => (Kind::Float, 4),
            0x0e => (Kind::Float, 8),
            _ => return None,
        };
        Some(Self {
            kind,
            bytes,
            is_big_endian: true,
        })
    }

    pub(super) fn bytes(self) -> usize {
        self.bytes
    }

    pub(super) fn is_byte(self) -> bool {
        self.kind == Kind::Unsigned && self.bytes == 1
    }

    /// Whether a value may be missing.
    pub(super) fn is_nullable(self) -> bool {
        matches!(self.kind, Kind::Moment(_) | Kind::Duration(_))
    }

    /// What a number in a tensor is; `None` of what is no number.
    pub(super) fn item(self) -> Option<ValueType> {
        Some(match (self.kind, self.bytes) {
            (Kind::Bool, _) => ValueType::Bool,
            (Kind::Signed, 1) => ValueType::Int8,
            (Kind::Signed, 2) => ValueType::Int16,
            (Kind::Signed, 4) => ValueType::Int32,
            (Kind::Signed, _) => ValueType::Int64,
            (Kind::Unsigned, 1) => ValueType::UInt8,
            (Kind::Unsigned, 2) => ValueType::UInt16,
            (Kind::Unsigned, 4) => ValueType::UInt32,
            (Kind::Unsigned, _) => ValueType::UInt64,
            (Kind::Float, 8) => ValueType::Float64,
            (Kind::Float, _) => ValueType::Float32,
            _ => return None,
        })
    }

    /// A column of tensors of a shape.
    pub(super) fn tensor(self, shape: &[usize]) -> Option<ValueType> {
        Some(ValueType::Tensor {
            item: Box::new(self.item()?),
            shape: shape.iter().copied().map(Some).collect(),
        })
    }

    /// All values in these bytes, half floats as 32-bit ones, which are the same numbers.
    pub(super) fn array(self, bytes: &[u8]) -> Result<ArrayRef, String> {
        let big = self.is_big_endian;
        macro_rules! numbers {
            ($native:ty, $arrow:ty) => {
                primitive::<$arrow, _>(bytes, |value| match big {
                    true => <$native>::from_be_bytes(value),
                    false => <$native>::from_le_bytes(value),
                })
            };
        }
        type Half = <Float16Type as ArrowPrimitiveType>::Native;
        Ok(match (self.kind, self.bytes) {
            (Kind::Bool, _) => booleans(bytes)?,
            (Kind::Signed, 1) => numbers!(i8, Int8Type),
            (Kind::Signed, 2) => numbers!(i16, Int16Type),
            (Kind::Signed, 4) => numbers!(i32, Int32Type),
            (Kind::Signed, _) => numbers!(i64, Int64Type),
            (Kind::Unsigned, 1) => numbers!(u8, UInt8Type),
            (Kind::Unsigned, 2) => numbers!(u16, UInt16Type),
            (Kind::Unsigned, 4) => numbers!(u32, UInt32Type),
            (Kind::Unsigned, _) => numbers!(u64, UInt64Type),
            (Kind::Float, 2) => primitive::<Float32Type, _>(bytes, |value| match big {
                true => Half::from_be_bytes(value).to_f32(),
                false => Half::from_le_bytes(value).to_f32(),
            }),
            (Kind::Float, 4) => numbers!(f32, Float32Type),
            (Kind::Float, _) => numbers!(f64, Float64Type),
            (Kind::Bytes, size) => texts(bytes, size, |text| {
                let end = text
                    .iter()
                    .rposition(|byte| *byte != 0)
                    .map_or(0, |last| last + 1);
                String::from_utf8(text.get(..end)?.to_vec()).ok()
            })?,
            (Kind::Text, size) => texts(bytes, size, |text| points(text, big))?,
            (Kind::Moment(unit), _) => moments(bytes, big, unit)?,
            (Kind::Duration(unit), _) => durations(&whole(bytes, big), unit),
        })
    }

    /// Tensors of these values, as the column's type says.
    pub(super) fn tensors(self, bytes: &[u8], column: &ValueType) -> Result<ArrayRef, String> {
        let values = self.array(bytes)?;
        match column.to_arrow() {
            DataType::FixedSizeList(item, len) => {
                let lists = FixedSizeListArray::try_new(item, len, values, None);
                Ok(Arc::new(lists.map_err(|error| error.to_string())?))
            }
            _ => Ok(values),
        }
    }
}

fn sized(letter: char, size: usize) -> Option<(Kind, usize)> {
    Some(match (letter, size) {
        ('b', 1) => (Kind::Bool, 1),
        ('i', 1 | 2 | 4 | 8) => (Kind::Signed, size),
        ('u', 1 | 2 | 4 | 8) => (Kind::Unsigned, size),
        ('f', 2 | 4 | 8) => (Kind::Float, size),
        ('S' | 'a', 1..=TEXT_BYTES) => (Kind::Bytes, size),
        ('U', 1..=TEXT_BYTES) => (Kind::Text, size.checked_mul(4)?),
        _ => return None,
    })
}

fn time(letter: char, unit: &str) -> Option<Kind> {
    let unit = match unit {
        "8[D]" if letter == 'M' => return Some(Kind::Moment(Unit::Days)),
        "8[s]" => TimeUnit::Second,
        "8[ms]" => TimeUnit::Millisecond,
        "8[us]" => TimeUnit::Microsecond,
        "8[ns]" => TimeUnit::Nanosecond,
        _ => return None,
    };
    Some(match letter {
        'M' => Kind::Moment(Unit::Time(unit)),
        _ => Kind::Duration(unit),
    })
}

fn primitive<T: ArrowPrimitiveType, const N: usize>(
    bytes: &[u8],
    value: impl Fn([u8; N]) -> T::Native,
) -> ArrayRef {
    let (values, _) = bytes.as_chunks::<N>();
    Arc::new(PrimitiveArray::<T>::from_iter_values(
        values.iter().map(|bytes| value(*bytes)),
    ))
}

fn booleans(bytes: &[u8]) -> Result<ArrayRef, String> {
    match bytes.iter().find(|byte| **byte > 1) {
        Some(byte) => Err(format!("{byte} is no boolean, 0 and 1 are")),
        None => Ok(Arc::new(BooleanArray::from_iter(
            bytes.iter().map(|byte| Some(*byte == 1)),
        ))),
    }
}

fn texts(
    bytes: &[u8],
    size: usize,
    text: impl Fn(&[u8]) -> Option<String>,
) -> Result<ArrayRef, String> {
    let texts = bytes.chunks_exact(size).map(|bytes| {
        text(bytes).ok_or_else(|| {
            let shown = bytes.escape_ascii().to_string();
            format!("`{}` is no text", crate::error::cut(&shown))
        })
    });
    let texts = texts.collect::<Result<Vec<String>, String>>()?;
    Ok(Arc::new(StringArray::from_iter_values(texts)))
}

/// A text of code points, without zeros at its end.
fn points(bytes: &[u8], is_big_endian: bool) -> Option<String> {
    let (points, _) = bytes.as_chunks::<4>();
    let points: Option<Vec<char>> = points
        .iter()
        .map(|bytes| {
            char::from_u32(match is_big_endian {
                true => u32::from_be_bytes(*bytes),
                false => u32::from_le_bytes(*bytes),
            })
        })
        .collect();
    let text: String = points?.into_iter().collect();
    Some(text.trim_end_matches('\0').to_owned())
}

/// Numbers, missing where NumPy says that it is no time.
fn whole(bytes: &[u8], is_big_endian: bool) -> Int64Array {
    let (values, _) = bytes.as_chunks::<8>();
    let values = values.iter().map(|bytes| match is_big_endian {
        true => i64::from_be_bytes(*bytes),
        false => i64::from_le_bytes(*bytes),
    });
    values
        .map(|value| (value != i64::MIN).then_some(value))
        .collect()
}

fn moments(bytes: &[u8], is_big_endian: bool, unit: Unit) -> Result<ArrayRef, String> {
    let values = whole(bytes, is_big_endian);
    let values = match unit {
        Unit::Days => values.try_unary::<_, Int64Type, String>(|days| {
            let seconds = days.checked_mul(SECONDS_A_DAY);
            seconds.ok_or_else(|| format!("the day {days} is out of range"))
        })?,
        Unit::Time(_) => values,
    };
    let (_, values, nulls) = values.into_parts();
    Ok(match unit {
        Unit::Days | Unit::Time(TimeUnit::Second) => {
            Arc::new(TimestampSecondArray::new(values, nulls))
        }
        Unit::Time(TimeUnit::Millisecond) => {
            Arc::new(TimestampMillisecondArray::new(values, nulls))
        }
        Unit::Time(TimeUnit::Microsecond) => {
            Arc::new(TimestampMicrosecondArray::new(values, nulls))
        }
        Unit::Time(TimeUnit::Nanosecond) => Arc::new(TimestampNanosecondArray::new(values, nulls)),
    })
}

fn durations(values: &Int64Array, unit: TimeUnit) -> ArrayRef {
    let (values, nulls) = (values.values().clone(), values.nulls().cloned());
    match unit {
        TimeUnit::Second => Arc::new(DurationSecondArray::new(values, nulls)),
        TimeUnit::Millisecond => Arc::new(DurationMillisecondArray::new(values, nulls)),
        TimeUnit::Microsecond => Arc::new(DurationMicrosecondArray::new(values, nulls)),
        TimeUnit::Nanosecond => Arc::new(DurationNanosecondArray::new(values, nulls)),
    }
}
