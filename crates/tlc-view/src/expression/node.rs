//! An expression that fits the columns it is about: what is computed, and of which type.

use super::term::{Arithmetic, Comparison, Join, State};
use std::sync::Arc;
use tlc_core::ClassMap;
use tlc_core::arrow::array::ArrayRef;
use tlc_core::arrow::datatypes::{DataType, TimeUnit};

/// What values mean.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Type {
    /// Nothing but null, which goes with all others.
    Null,
    Flag,
    Whole,
    /// Whole numbers past those of 64 bits with a sign.
    Unsigned,
    /// Whole numbers of both, to be compared.
    Wide,
    Single,
    Double,
    Text,
    Moment,
    Class(Arc<Names>),
}

impl Type {
    /// What kernels get.
    pub(super) fn data(&self) -> DataType {
        match self {
            Self::Null | Self::Flag => DataType::Boolean,
            Self::Whole | Self::Moment | Self::Class(_) => DataType::Int64,
            Self::Unsigned => DataType::UInt64,
            Self::Wide => DataType::Decimal128(20, 0),
            Self::Single => DataType::Float32,
            Self::Double => DataType::Float64,
            Self::Text => DataType::LargeUtf8,
        }
    }

    pub(super) fn is_number(&self) -> bool {
        matches!(
            self,
            Self::Whole | Self::Unsigned | Self::Wide | Self::Single | Self::Double
        )
    }

    /// What it is in a sentence.
    pub(super) fn told(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Flag => "true or false",
            Self::Whole | Self::Unsigned | Self::Wide => "a whole number",
            Self::Single | Self::Double => "a number",
            Self::Text => "a text",
            Self::Moment => "a moment",
            Self::Class(_) => "a class",
        }
    }
}

/// Moments as Arrow calls them.
pub(super) const TIMESTAMP: DataType = DataType::Timestamp(TimeUnit::Microsecond, None);

/// One step of the computation, with those before it.
#[derive(Debug)]
pub(super) struct Node {
    /// The character of the expression where it begins.
    pub(super) at: usize,
    pub(super) op: Op,
    pub(super) kind: Type,
    /// The type of its array: whole numbers of columns are as small as they can be, texts of
    /// classes are dictionaries.
    pub(super) data: DataType,
    /// Whether some values have no result: it is asked for rows that need it alone.
    pub(super) can_fail: bool,
}

#[derive(Debug)]
pub(super) enum Op {
    /// An array of one value.
    Constant(ArrayRef),
    /// The place of a column among those that the expression is about.
    Column(usize),
    /// The names of classes.
    Names(Box<Node>, Arc<Names>),
    Cast {
        of: Box<Node>,
        is_tried: bool,
    },
    Compare(Comparison, Box<Node>, Box<Node>),
    Compute(Arithmetic, Box<Node>, Box<Node>),
    Negate(Box<Node>),
    Not(Box<Node>),
    Join(Join, Vec<Node>),
    Between {
        of: Box<Node>,
        low: Box<Node>,
        high: Box<Node>,
        is_not: bool,
    },
    In {
        of: Box<Node>,
        set: Set,
        has_null: bool,
        /// What is no constant.
        others: Vec<Node>,
        is_not: bool,
    },
    Like {
        of: Box<Node>,
        pattern: ArrayRef,
        is_case_ignored: bool,
        is_not: bool,
    },
    Is {
        of: Box<Node>,
        state: State,
        is_not: bool,
    },
    Case {
        of: Option<Box<Node>>,
        branches: Vec<(Node, Node)>,
        otherwise: Option<Box<Node>>,
    },
    Coalesce(Vec<Node>),
    Greatest(Vec<Node>),
    Least(Vec<Node>),
    NullIf(Box<Node>, Box<Node>),
    Number(NumberFunction, Box<Node>),
    Power(Box<Node>, Box<Node>),
    Text(TextFunction, Box<Node>),
    Search(Search, Box<Node>, Box<Node>),
}

/// A function of a number.
#[derive(Clone, Copy, Debug)]
pub(super) enum NumberFunction {
    Abs,
    Ceil,
    Exp,
    Floor,
    IsNan,
    Ln,
    Log10,
    Round(i32),
    Sqrt,
}

/// A function of a text.
#[derive(Clone, Copy, Debug)]
pub(super) enum TextFunction {
    Length,
    Lower,
    Upper,
}

/// Where a text is looked for in another.
#[derive(Clone, Copy, Debug)]
pub(super) enum Search {
    Start,
    End,
    Anywhere,
}

/// Constants that a value is looked for in, in order.
#[derive(Debug)]
pub(super) enum Set {
    Whole(Vec<i64>),
    /// Floats of 64 bits, by their total order.
    Double(Vec<f64>),
    Text(Vec<String>),
}

/// The names of the classes of a column.
#[derive(Debug)]
pub(super) struct Names {
    pub(super) classes: Arc<ClassMap>,
    /// Never empty.
    pub(super) values: ArrayRef,
    /// The smallest id, and of each id from there on the place of its class, unless ids are far
    /// apart.
    pub(super) first: i64,
    pub(super) places: Vec<Option<i32>>,
}

impl PartialEq for Names {
    fn eq(&self, other: &Self) -> bool {
        self.classes == other.classes
    }
}

impl Node {
    pub(super) fn constant(at: usize, kind: Type, value: ArrayRef) -> Self {
        Self {
            at,
            data: value.data_type().clone(),
            op: Op::Constant(value),
            kind,
            can_fail: false,
        }
    }

    /// A step that gives values in the array that kernels have for their type.
    pub(super) fn of(at: usize, kind: Type, op: Op, can_fail: bool) -> Self {
        let data = kind.data();
        Self {
            at,
            op,
            kind,
            data,
            can_fail,
        }
    }

    pub(super) fn is_constant(&self) -> bool {
        matches!(self.op, Op::Constant(_))
    }
}
