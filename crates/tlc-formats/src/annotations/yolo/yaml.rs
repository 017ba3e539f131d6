//! As much of YAML as `data.yaml` is written in: lists, maps and texts, each with its line.

use std::collections::HashSet;
use yaml_rust2::Event;
use yaml_rust2::parser::Parser;
use yaml_rust2::scanner::{ScanError, TScalarStyle};

/// Lists and maps in one another.
const DEPTH: usize = 16;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Yaml {
    Null,
    /// A text or a number, as it is written.
    Text(String),
    List(Vec<Self>),
    /// In order.
    Map(Vec<(String, Self)>),
}

impl Yaml {
    /// The value of a document.
    ///
    /// # Errors
    /// What is wrong, and in which line.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut parser = Parser::new_from_str(text);
        let mut open: Vec<Open> = Vec::new();
        let mut whole = None;
        loop {
            let (event, mark) = parser.next_token().map_err(|error| shown(&error))?;
            let value = match event {
                Event::Scalar(text, style, ..) => scalar(text, style),
                Event::SequenceStart(..) | Event::MappingStart(..) if open.len() >= DEPTH => {
                    return Err(format!(
                        "line {}: more than {DEPTH} lists in one another",
                        mark.line()
                    ));
                }
                Event::SequenceStart(..) => {
                    open.push(Open::List(Vec::new()));
                    continue;
                }
                Event::MappingStart(..) => {
                    open.push(Open::Map(Map::default()));
                    continue;
                }
                Event::SequenceEnd | Event::MappingEnd => match open.pop() {
                    Some(Open::List(items)) => Self::List(items),
                    Some(Open::Map(map)) => Self::Map(map.fields),
                    None => return Err("no YAML".to_owned()),
                },
                Event::Alias(_) => {
                    return Err(format!(
                        "line {}: an alias: write out what it means",
                        mark.line()
                    ));
                }
                Event::StreamEnd => return Ok(whole.unwrap_or(Self::Null)),
                Event::DocumentStart if whole.is_some() => {
                    return Err(format!("line {}: a second document", mark.line()));
                }
                _ => continue,
            };
            match open.last_mut() {
                Some(holder) => holder
                    .add(value)
                    .map_err(|reason| format!("line {}: {reason}", mark.line()))?,
                None => whole = Some(value),
            }
        }
    }

    /// The value of a key of a map.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        let Self::Map(fields) = self else {
            return None;
        };
        let (_, value) = fields.iter().find(|(known, _)| known == key)?;
        (*value != Self::Null).then_some(value)
    }

    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn list(&self) -> Option<&[Self]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }
}

/// What is not at its end.
enum Open {
    List(Vec<Yaml>),
    Map(Map),
}

#[derive(Default)]
struct Map {
    fields: Vec<(String, Yaml)>,
    keys: HashSet<String>,
    /// The key whose value is next.
    key: Option<String>,
}

impl Open {
    fn add(&mut self, value: Yaml) -> Result<(), String> {
        match self {
            Self::List(items) => items.push(value),
            Self::Map(map) => match (map.key.take(), value) {
                (Some(key), value) => map.fields.push((key, value)),
                (None, Yaml::Text(text)) => {
                    if !map.keys.insert(text.clone()) {
                        return Err(format!("`{text}` comes twice"));
                    }
                    map.key = Some(text);
                }
                (None, _) => return Err("a key that is no text".to_owned()),
            },
        }
        Ok(())
    }
}

fn scalar(text: String, style: TScalarStyle) -> Yaml {
    let is_null = matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL");
    match style == TScalarStyle::Plain && is_null {
        true => Yaml::Null,
        false => Yaml::Text(text),
    }
}

fn shown(error: &ScanError) -> String {
    format!("line {}: {}", error.marker().line(), error.info())
}
