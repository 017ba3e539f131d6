//! The changes that the commits of a run hold.

use super::memory::Counted;
use crate::part::Part;
use crate::table::TableReference;
use crate::{Schema, Status};
use serde::de::{Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt::{Formatter, Result as Shown};

/// What a metrics table is, settled by its first batch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct MetricsHead {
    /// Folder under `metrics/` of the run.
    pub(crate) name: String,
    pub(crate) stream: String,
    pub(crate) schema: Schema,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) foreign_table: Option<TableReference>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) foreign_table_display_name: Option<String>,
    /// Names of the columns that have one value in every row.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) constants: Vec<String>,
    /// What that value is, where it is a short text, a number or a boolean.
    #[serde(
        default,
        skip_serializing_if = "Map::is_empty",
        deserialize_with = "constant_values"
    )]
    pub(crate) constant_values: Map<String, Value>,
    /// Whether the rows were found in metrics, not collected.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) finding: bool,
}

/// One change of a run; a commit holds several.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case", try_from = "Stored")]
pub(crate) enum Action {
    /// Starts the run, or starts it anew when it is overwritten.
    Create {
        id: String,
        created_micros: i64,
    },
    Describe {
        description: String,
    },
    /// Adds to the parameters, replacing those of the same name.
    Parameters {
        parameters: Map<String, Value>,
    },
    Status {
        status: Status,
        /// Why, where it has failed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    InputTable {
        table: TableReference,
    },
    BeginMetrics {
        metrics: MetricsHead,
    },
    /// One sealed segment of a metrics table.
    Segment {
        metrics: String,
        part: Part,
    },
    /// Makes a metrics table part of the run's results.
    RegisterMetrics {
        metrics: String,
    },
    Aggregates {
        part: Part,
    },
    /// Few parts in the place of many, with the same rows: of a metrics table, or of the
    /// aggregate values.
    Compact {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        metrics: Option<String>,
        #[serde(flatten)]
        compaction: Compaction,
    },
    /// The run is no more.
    Delete,
}

/// `count` parts from the one at `start` on, told by the URLs of the first and the last of
/// them, and those that take their place.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Compaction {
    pub(crate) start: usize,
    pub(crate) count: usize,
    pub(crate) first: String,
    pub(crate) last: String,
    pub(crate) parts: Vec<Part>,
}

impl Action {
    /// A status without a reason.
    pub(crate) fn status(status: Status) -> Self {
        Self::Status {
            status,
            reason: None,
        }
    }

    /// Whether parts that were named may not be any more.
    pub(crate) fn replaces_parts(&self) -> bool {
        matches!(
            self,
            Self::Create { .. } | Self::Compact { .. } | Self::Delete
        )
    }
}

impl Compaction {
    /// Whether these parts have those that are to be replaced.
    pub(crate) fn fits(&self, parts: &[Part]) -> bool {
        let last = self
            .start
            .checked_add(self.count)
            .and_then(|end| end.checked_sub(1));
        let is = |at: Option<usize>, url: &str| {
            let part = at.and_then(|at| parts.get(at));
            part.is_some_and(|part| part.url == url)
        };
        self.count > 0 && is(Some(self.start), &self.first) && is(last, &self.last)
    }
}

/// As it is stored: flat, so that nothing is kept aside while its kind is not known.
#[derive(Deserialize)]
struct Stored {
    action: Kind,
    id: Option<String>,
    created_micros: Option<i64>,
    description: Option<String>,
    #[serde(default, deserialize_with = "parameters")]
    parameters: Option<Map<String, Value>>,
    status: Option<Status>,
    reason: Option<String>,
    table: Option<TableReference>,
    metrics: Option<Metrics>,
    part: Option<Part>,
    start: Option<usize>,
    count: Option<usize>,
    first: Option<String>,
    last: Option<String>,
    parts: Option<Vec<Part>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Create,
    Describe,
    Parameters,
    Status,
    InputTable,
    BeginMetrics,
    Segment,
    RegisterMetrics,
    Aggregates,
    Compact,
    Delete,
}

/// What begins a metrics table, or the name of one.
enum Metrics {
    Head(Box<MetricsHead>),
    Name(String),
}

impl TryFrom<Stored> for Action {
    type Error = String;

    fn try_from(stored: Stored) -> Result<Self, String> {
        Ok(match stored.action {
            Kind::Create => Self::Create {
                id: required("id", stored.id)?,
                created_micros: required("created_micros", stored.created_micros)?,
            },
            Kind::Describe => Self::Describe {
                description: required("description", stored.description)?,
            },
            Kind::Parameters => Self::Parameters {
                parameters: required("parameters", stored.parameters)?,
            },
            Kind::Status => Self::Status {
                status: required("status", stored.status)?,
                reason: stored.reason,
            },
            Kind::InputTable => Self::InputTable {
                table: required("table", stored.table)?,
            },
            Kind::BeginMetrics => match stored.metrics {
                Some(Metrics::Head(metrics)) => Self::BeginMetrics { metrics: *metrics },
                _ => return Err("what a metrics table is is missing".to_owned()),
            },
            Kind::Segment => Self::Segment {
                metrics: required("metrics", named(stored.metrics)?)?,
                part: required("part", stored.part)?,
            },
            Kind::RegisterMetrics => Self::RegisterMetrics {
                metrics: required("metrics", named(stored.metrics)?)?,
            },
            Kind::Aggregates => Self::Aggregates {
                part: required("part", stored.part)?,
            },
            Kind::Compact => Self::Compact {
                metrics: named(stored.metrics)?,
                compaction: Compaction {
                    start: required("start", stored.start)?,
                    count: required("count", stored.count)?,
                    first: required("first", stored.first)?,
                    last: required("last", stored.last)?,
                    parts: required("parts", stored.parts)?,
                },
            },
            Kind::Delete => Self::Delete,
        })
    }
}

fn required<T>(name: &str, value: Option<T>) -> Result<T, String> {
    value.ok_or_else(|| format!("missing field `{name}`"))
}

fn named(metrics: Option<Metrics>) -> Result<Option<String>, String> {
    match metrics {
        None => Ok(None),
        Some(Metrics::Name(name)) => Ok(Some(name)),
        Some(Metrics::Head(_)) => Err("`metrics` is no name".to_owned()),
    }
}

fn parameters<'de, D>(from: D) -> Result<Option<Map<String, Value>>, D::Error>
where
    D: Deserializer<'de>,
{
    let mut bytes = 0;
    from.deserialize_map(Counted(&mut bytes))
        .map(|value| match value {
            Value::Object(parameters) => Some(parameters),
            _ => None,
        })
}

fn constant_values<'de, D: Deserializer<'de>>(from: D) -> Result<Map<String, Value>, D::Error> {
    parameters(from).map(Option::unwrap_or_default)
}

impl<'de> Deserialize<'de> for Metrics {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Metrics;

            fn expecting(&self, f: &mut Formatter<'_>) -> Shown {
                f.write_str("a metrics table or the name of one")
            }

            fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Metrics, E> {
                Ok(Metrics::Name(name.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Metrics, A::Error> {
                let head = serde::de::value::MapAccessDeserializer::new(map);
                MetricsHead::deserialize(head).map(|head| Metrics::Head(Box::new(head)))
            }
        }
        from.deserialize_any(Either)
    }
}
