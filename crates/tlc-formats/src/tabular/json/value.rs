//! The values of JSON as they are written: whole numbers exact, keys in order and not twice.

use super::super::blocks::Block;
use crate::source::SourceFile;
use crate::{BadRow, Error, Place, Result};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use std::collections::HashSet;
use std::fmt;

/// The first whole number that has more than 64 bits, as a float.
const BEYOND: f64 = 18_446_744_073_709_551_616.0;
/// A number of more digits than this has more than 64 bits.
const DIGITS: usize = 20;
/// So few keys are compared with one another.
const FEW: usize = 12;

/// One value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Json {
    Null,
    Bool(bool),
    Whole(i128),
    Float(f64),
    Text(String),
    List(Vec<Self>),
    Object(Vec<(String, Self)>),
}

/// The lines of a block that are objects, and those that are not.
pub(super) struct Lines {
    /// Each with its line.
    pub(super) objects: Vec<(u64, Json)>,
    pub(super) bad: Vec<Error>,
}

/// Reads the lines of a block.
pub(super) fn records(block: &Block, file: &SourceFile) -> Lines {
    let mut read = Lines {
        objects: Vec::new(),
        bad: Vec::new(),
    };
    let lines = block.bytes.split(|byte| *byte == b'\n');
    for (line, bytes) in (block.first_line..).zip(lines) {
        if bytes.trim_ascii().is_empty() {
            continue;
        }
        match record(bytes) {
            Ok(object) => read.objects.push((line, object)),
            Err(reason) => read.bad.push(bad(file, line, None, reason)),
        }
    }
    read
}

/// A line that is no row.
pub(super) fn bad(
    file: &SourceFile,
    line: u64,
    cell: Option<(&str, &str)>,
    reason: impl Into<String>,
) -> Error {
    BadRow::at(Place::line(file.url(), line), cell, reason).into()
}

fn record(bytes: &[u8]) -> Result<Json, String> {
    let value: Json = serde_json::from_slice(bytes).map_err(|error| {
        let text = error.to_string();
        let place = text.rfind(" at line 1").unwrap_or(text.len());
        let (what, _) = text.split_at_checked(place).unwrap_or((&text, ""));
        format!("no JSON object, at byte {}: {what}", error.column())
    })?;
    match &value {
        Json::Object(_) if has_beyond(&value) && has_long_number(bytes) => {
            Err("a whole number of more than 64 bits: write it as a text".to_owned())
        }
        Json::Object(_) => Ok(value),
        other => Err(format!("{} where an object belongs", other.kind())),
    }
}

/// Whether a number may be one whose digits a float has lost.
fn has_beyond(value: &Json) -> bool {
    match value {
        Json::Float(number) => number.abs() >= BEYOND,
        Json::List(items) => items.iter().any(has_beyond),
        Json::Object(fields) => fields.iter().any(|(_, value)| has_beyond(value)),
        _ => false,
    }
}

/// Whether there are many digits one after another, without a point before or after them, or
/// an exponent.
fn has_long_number(bytes: &[u8]) -> bool {
    let mut runs = bytes.split(|byte| !matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E'));
    runs.any(|run| run.len() >= DIGITS && run.iter().all(u8::is_ascii_digit))
}

impl Json {
    /// What it is, for messages.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a truth value",
            Self::Whole(_) | Self::Float(_) => "a number",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Values)
    }
}

struct Values;

impl<'de> Visitor<'de> for Values {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Whole(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Whole(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(Json::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Json, E> {
        Ok(Json::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let mut fields: Vec<(String, Json)> = Vec::new();
        while let Some(field) = map.next_entry()? {
            fields.push(field);
        }
        match twice(&fields) {
            Some(name) => {
                let reason = format!("the key `{name}` comes twice");
                Err(serde::de::Error::custom(reason))
            }
            None => Ok(Json::Object(fields)),
        }
    }
}

/// A key that comes twice.
fn twice(fields: &[(String, Json)]) -> Option<&str> {
    let mut names = fields.iter().map(|(name, _)| name.as_str()).enumerate();
    if fields.len() <= FEW {
        let before =
            |place: usize, name: &str| fields.iter().take(place).any(|(own, _)| own == name);
        return names
            .find(|(place, name)| before(*place, name))
            .map(|(_, name)| name);
    }
    let mut seen = HashSet::new();
    names
        .find(|(_, name)| !seen.insert(*name))
        .map(|(_, name)| name)
}
