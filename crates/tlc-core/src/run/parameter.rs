//! One parameter of a run.

use super::{Action, State, memory};
use crate::{Error, Result, limits};
use serde_json::{Map, Value};

/// The value of a parameter: anything that JSON has.
///
/// JSON has neither NaN nor infinity: such a number is refused where the parameter is
/// set. Give it as text.
///
/// ```
/// use tlc_core::{Error, Run, RunOptions, Url};
///
/// let root = Url::parse("memory://docs-parameter/")?;
/// let run = Run::create(RunOptions::new("demo").parameter("layers", vec![64, 32]).root(root))?;
/// run.set_parameters([("learning_rate", 1e-3)])?;
/// let refused = run.set_parameters([("clip_norm", f64::INFINITY)]);
/// assert!(matches!(refused, Err(Error::Parameter { .. })));
/// # Ok::<(), tlc_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    value: Value,
    /// What JSON has no number for.
    refused: Option<f64>,
}

macro_rules! exact {
    ($($native:ty),*) => {$(
        impl From<$native> for Parameter {
            fn from(value: $native) -> Self {
                Self {
                    value: value.into(),
                    refused: None,
                }
            }
        }
    )*};
}

exact!(bool, i8, i16, i32, i64, isize, u8, u16, u32, u64, usize, String, &str, Value, Map<String, Value>);

impl From<f64> for Parameter {
    fn from(value: f64) -> Self {
        Self {
            value: value.into(),
            refused: (!value.is_finite()).then_some(value),
        }
    }
}

impl From<f32> for Parameter {
    fn from(value: f32) -> Self {
        f64::from(value).into()
    }
}

impl<T: Into<Self>> From<Option<T>> for Parameter {
    fn from(value: Option<T>) -> Self {
        value.map_or_else(|| Value::Null.into(), Into::into)
    }
}

impl<T: Into<Self>> From<Vec<T>> for Parameter {
    fn from(values: Vec<T>) -> Self {
        let values: Vec<Self> = values.into_iter().map(Into::into).collect();
        Self {
            refused: values.iter().find_map(|value| value.refused),
            value: values.into_iter().map(|value| value.value).collect(),
        }
    }
}

/// The parameters, if a reader will take them.
pub(super) fn checked(
    parameters: impl IntoIterator<Item = (String, Parameter)>,
) -> Result<Map<String, Value>> {
    let parameters = parameters.into_iter().map(|(name, parameter)| {
        let reason = match parameter.refused {
            Some(number) => format!("JSON has no {number}: give it as text"),
            None if is_deep(&parameter.value, limits::PARAMETER_DEPTH) => {
                format!("nested more than {} deep", limits::PARAMETER_DEPTH)
            }
            None => return Ok((name, parameter.value)),
        };
        Err(Error::Parameter { name, reason })
    });
    let parameters: Map<_, _> = parameters.collect::<Result<_>>()?;
    memory::check_parameters(memory::of_parameters(&parameters))?;
    Ok(parameters)
}

/// Those that the run has not yet, or has with other values.
pub(super) fn missing(state: &State, parameters: &Map<String, Value>) -> Result<Vec<Action>> {
    let new = parameters.iter();
    let new = new.filter(|(name, value)| state.parameters.get(*name) != Some(value));
    let parameters: Map<_, _> = new
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    if parameters.is_empty() {
        return Ok(Vec::new());
    }
    let kept = state.parameters.iter();
    let kept = kept.filter(|(name, _)| !parameters.contains_key(*name));
    let kept: u64 = kept
        .map(|(name, value)| memory::of_entry(name, value))
        .sum();
    memory::check_parameters(kept + memory::of_parameters(&parameters))?;
    Ok(vec![Action::Parameters { parameters }])
}

fn is_deep(value: &Value, most: u64) -> bool {
    let Some(most) = most.checked_sub(1) else {
        return value.is_array() || value.is_object();
    };
    match value {
        Value::Array(items) => items.iter().any(|item| is_deep(item, most)),
        Value::Object(fields) => fields.values().any(|field| is_deep(field, most)),
        _ => false,
    }
}
