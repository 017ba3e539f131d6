//! Types and values as an error names them: short, whatever they hold.

use super::cut::cut;
use super::{ImageStorage, ValueType};
use crate::arrow::array::Array;
use crate::arrow::datatypes::DataType;
use crate::arrow::util::display::array_value_to_string;
use std::fmt::{Display, Formatter, Result};

/// An Arrow type without the metadata and class names of the fields in it.
pub(crate) struct Shown<'a>(pub(crate) &'a DataType);

impl Display for Shown<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        use DataType as D;
        match self.0 {
            D::List(item) | D::LargeList(item) | D::ListView(item) | D::LargeListView(item) => {
                write!(f, "list of {}", Shown(item.data_type()))
            }
            D::FixedSizeList(item, len) => {
                write!(f, "list of {len} {}", Shown(item.data_type()))
            }
            D::Struct(fields) => {
                let names: Vec<_> = fields.iter().map(|field| field.name().as_str()).collect();
                write!(f, "struct of {}", cut(&names.join(", ")))
            }
            D::Dictionary(_, values) => write!(f, "dictionary of {}", Shown(values)),
            D::Map(..) => f.write_str("map"),
            D::Union(..) => f.write_str("union"),
            D::RunEndEncoded(_, values) => write!(f, "runs of {}", Shown(values.data_type())),
            plain => write!(f, "{plain}"),
        }
    }
}

impl Display for ValueType {
    /// The name of the type and its sizes, without the names of its classes.
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::List { item, len: None } => write!(f, "list of {item}"),
            Self::List {
                item,
                len: Some(len),
            } => write!(f, "list of {len} {item}"),
            Self::Tensor { item, shape } => {
                let dims: Vec<_> = shape.iter().map(|dim| dim_text(*dim)).collect();
                write!(f, "tensor [{}] of {item}", cut(&dims.join(", ")))
            }
            Self::Struct { fields } => {
                let names: Vec<_> = fields.iter().map(|field| field.name.as_str()).collect();
                write!(f, "struct of {}", cut(&names.join(", ")))
            }
            Self::CategoricalLabel { classes } => {
                write!(f, "categorical_label of {} classes", classes.len())
            }
            Self::SegmentationMask { classes } => {
                write!(f, "segmentation_mask of {} classes", classes.len())
            }
            Self::Embedding { dim } => write!(f, "embedding of {dim}"),
            Self::Image { storage } => f.write_str(match storage {
                ImageStorage::Bytes => "image bytes",
                ImageStorage::Url => "image url",
            }),
            plain => f.write_str(plain_name(plain)),
        }
    }
}

fn plain_name(value: &ValueType) -> &'static str {
    use ValueType as V;
    match value {
        V::Bool => "bool",
        V::Int8 => "int8",
        V::Int16 => "int16",
        V::Int32 => "int32",
        V::Int64 => "int64",
        V::UInt8 => "uint8",
        V::UInt16 => "uint16",
        V::UInt32 => "uint32",
        V::UInt64 => "uint64",
        V::Float32 => "float32",
        V::Float64 => "float64",
        V::String => "string",
        V::Datetime => "datetime",
        V::Bytes => "bytes",
        V::Confidence => "confidence",
        V::ExampleId => "example_id",
        V::Epoch => "epoch",
        V::Iteration => "iteration",
        V::Step => "step",
        V::SampleWeight => "sample_weight",
        _ => "value",
    }
}

fn dim_text(dim: Option<usize>) -> String {
    dim.map_or_else(|| "open".to_owned(), |dim| dim.to_string())
}

/// A value of an array as text, unless it has none.
pub(super) fn value_text(array: &dyn Array, row: usize) -> Option<String> {
    if array.is_null(row) {
        return None;
    }
    let text = array_value_to_string(array, row).ok();
    text.map(|text| cut(&text))
}
