//! What the metadata of `datasets` say of columns.

use serde_json::{Map, Value};
use tlc_core::ClassMap;

/// What a column, or what is in it, is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Feature {
    Image,
    Class(ClassMap),
    List(Box<Self>),
    Struct(Vec<(String, Self)>),
    /// The first dimension may be open.
    Tensor(Vec<Option<usize>>),
    /// What the data themselves say.
    Plain,
}

impl Feature {
    /// The features of all columns.
    pub(super) fn all(text: &str) -> Result<Vec<(String, Self)>, String> {
        let value: Value = serde_json::from_str(text)
            .map_err(|error| format!("the metadata `huggingface` are no JSON: {error}"))?;
        match value.pointer("/info/features").and_then(Value::as_object) {
            Some(features) => Ok(fields(features)),
            None => Ok(Vec::new()), // a file that `datasets` has not typed
        }
    }

    /// Whether nothing in it has a meaning.
    pub(super) fn is_plain(&self) -> bool {
        match self {
            Self::Plain => true,
            Self::List(item) => item.is_plain(),
            Self::Struct(fields) => fields.iter().all(|(_, field)| field.is_plain()),
            _ => false,
        }
    }

    fn of(value: &Value) -> Self {
        match value {
            Value::Array(items) => match items.as_slice() {
                [item] => Self::List(Box::new(Self::of(item))),
                _ => Self::Plain,
            },
            Value::Object(object) => match object.get("_type").and_then(Value::as_str) {
                Some(name) => Self::named(name, object),
                None => Self::Struct(fields(object)),
            },
            _ => Self::Plain,
        }
    }

    fn named(name: &str, object: &Map<String, Value>) -> Self {
        match name {
            "Image" => Self::Image,
            "ClassLabel" => Self::Class(classes(object)),
            "Sequence" | "List" | "LargeList" => {
                let item = object.get("feature").map_or(Self::Plain, Self::of);
                match item {
                    // A sequence of a dictionary is kept as a dictionary of sequences.
                    Self::Struct(fields) if name == "Sequence" => {
                        let fields = fields.into_iter();
                        Self::Struct(
                            fields
                                .map(|(name, field)| (name, Self::List(Box::new(field))))
                                .collect(),
                        )
                    }
                    item => Self::List(Box::new(item)),
                }
            }
            "Array2D" | "Array3D" | "Array4D" | "Array5D" => {
                shape(object).map_or(Self::Plain, Self::Tensor)
            }
            _ => Self::Plain,
        }
    }
}

fn fields(object: &Map<String, Value>) -> Vec<(String, Feature)> {
    let fields = object.iter();
    fields
        .map(|(name, value)| (name.clone(), Feature::of(value)))
        .collect()
}

fn classes(object: &Map<String, Value>) -> ClassMap {
    if let Some(names) = object.get("names").and_then(Value::as_array) {
        return ClassMap::new(names.iter().map(|name| match name {
            Value::String(name) => name.clone(),
            other => other.to_string(),
        }));
    }
    let count = object
        .get("num_classes")
        .and_then(Value::as_u64)
        .unwrap_or_default();
    ClassMap::new((0..count.min(1_000_000)).map(|id| id.to_string()))
}

fn shape(object: &Map<String, Value>) -> Option<Vec<Option<usize>>> {
    let dims = object
        .get("shape")?
        .as_array()?
        .iter()
        .map(|dim| match dim {
            Value::Null => Some(None),
            dim => usize::try_from(dim.as_u64()?)
                .ok()
                .filter(|dim| *dim > 0)
                .map(Some),
        });
    let dims: Vec<Option<usize>> = dims.collect::<Option<_>>()?;
    let (_, rest) = dims.split_first()?;
    rest.iter().all(Option::is_some).then_some(dims)
}
