//! What the parameters of a run take in memory, about: a value of two bytes
//! of JSON may take hundreds.

use crate::{Result, limits};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt::Formatter;

const VALUE: u64 = 64;
/// The smallest node of the tree that the fields of an object are kept in.
const OBJECT: u64 = 640;

/// Refuses parameters that take more memory than those of a run may.
pub(super) fn check_parameters(bytes: u64) -> Result<()> {
    limits::check(
        "bytes of the parameters of a run in memory",
        bytes,
        limits::PARAMETERS_BYTES,
    )
}

pub(super) fn of_parameters(parameters: &Map<String, Value>) -> u64 {
    let fields = parameters.iter();
    let fields = fields.map(|(name, value)| of_entry(name, value));
    VALUE + OBJECT + fields.sum::<u64>()
}

/// Of a parameter, or of a field of an object.
pub(super) fn of_entry(name: &str, value: &Value) -> u64 {
    VALUE + name.len() as u64 + of_value(value)
}

fn of_value(value: &Value) -> u64 {
    match value {
        Value::String(text) => VALUE + text.len() as u64,
        Value::Array(items) => 2 * VALUE + items.iter().map(of_value).sum::<u64>(),
        Value::Object(fields) if !fields.is_empty() => of_parameters(fields),
        _ => VALUE,
    }
}

/// Reads any JSON, adds up what it takes, and stops where that is too much.
pub(super) struct Counted<'a>(pub(super) &'a mut u64);

impl Counted<'_> {
    fn add<E: Error>(&mut self, bytes: u64) -> Result<(), E> {
        *self.0 += bytes;
        check_parameters(*self.0).map_err(E::custom)
    }

    fn value<E: Error>(&mut self, value: impl Into<Value>) -> Result<Value, E> {
        self.add(VALUE)?;
        Ok(value.into())
    }
}

impl<'de> DeserializeSeed<'de> for Counted<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Counted<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str("the parameters of a run")
    }

    fn visit_unit<E: Error>(mut self) -> Result<Value, E> {
        self.value(())
    }

    fn visit_bool<E: Error>(mut self, value: bool) -> Result<Value, E> {
        self.value(value)
    }

    fn visit_i64<E: Error>(mut self, value: i64) -> Result<Value, E> {
        self.value(value)
    }

    fn visit_u64<E: Error>(mut self, value: u64) -> Result<Value, E> {
        self.value(value)
    }

    fn visit_f64<E: Error>(mut self, value: f64) -> Result<Value, E> {
        self.value(value)
    }

    fn visit_str<E: Error>(mut self, value: &str) -> Result<Value, E> {
        self.add(value.len() as u64)?;
        self.value(value)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<Value, A::Error> {
        self.add(2 * VALUE)?;
        let mut items = Vec::new();
        while let Some(item) = list.next_element_seed(Counted(self.0))? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Value, A::Error> {
        self.add(VALUE)?;
        let mut fields = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            let first = if fields.is_empty() { OBJECT } else { 0 };
            self.add(first + VALUE + name.len() as u64)?;
            fields.insert(name, map.next_value_seed(Counted(self.0))?);
        }
        Ok(Value::Object(fields))
    }
}
