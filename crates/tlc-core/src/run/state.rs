//! What a run is at a moment: its commits, folded.

use crate::part::Part;
use crate::{Schema, Status, Table, Url, layout};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

/// A table as stored objects name it: by a URL relative to the project folder (an
/// absolute one outside it) and the id of its content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TableReference {
    pub(crate) url: String,
    pub(crate) id: String,
    pub(crate) rows: usize,
}

impl TableReference {
    pub(crate) fn new(run: &Url, table: &Table) -> Self {
        let project = layout::project_of_run(run);
        let inside = project.filter(|project| table.url().is_within(project));
        let relative = inside.and_then(|project| table.url().relative_to(&project));
        Self {
            url: relative.unwrap_or_else(|| table.url().to_string()),
            id: table.id().to_owned(),
            rows: table.len(),
        }
    }

    pub(crate) fn url(&self, run: &Url) -> crate::Result<Url> {
        match layout::project_of_run(run) {
            Some(project) => project.resolve(&self.url, &project),
            None => Url::parse(&self.url),
        }
    }
}

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
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(crate) constant_values: Map<String, Value>,
    /// Whether the rows were found in metrics, not collected.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) finding: bool,
}

/// One change of a run; a commit holds several.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Compaction {
    pub(crate) start: usize,
    pub(crate) count: usize,
    pub(crate) first: String,
    pub(crate) last: String,
    pub(crate) parts: Vec<Part>,
}

/// Why an action cannot be.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refused {
    #[error("no metrics table `{0}` was begun")]
    NotBegun(String),
    #[error("the parts that are to be replaced are not there")]
    NotReplaced,
    #[error("parts of another number of rows take the place of others")]
    OtherRows,
    #[error("{0}")]
    Part(String),
}

/// A metrics table as far as it is sealed.
#[derive(Clone, Debug)]
pub(crate) struct MetricsState {
    pub(crate) head: MetricsHead,
    pub(crate) parts: Vec<Part>,
    pub(crate) registered: bool,
}

/// A run as far as its commits are known.
#[derive(Clone, Debug)]
pub(crate) struct State {
    pub(crate) id: String,
    pub(crate) created_micros: i64,
    pub(crate) description: String,
    pub(crate) parameters: Map<String, Value>,
    pub(crate) status: Status,
    /// Why it has failed, if somebody said so.
    pub(crate) failure: Option<String>,
    pub(crate) inputs: Vec<TableReference>,
    pub(crate) metrics: Vec<MetricsState>,
    pub(crate) aggregates: Vec<Part>,
    pub(crate) is_deleted: bool,
    /// Place of each metrics table by its name.
    places: HashMap<String, usize>,
    /// URLs of all parts, relative to the run.
    named: HashSet<String>,
}

impl Action {
    /// A status without a reason.
    pub(crate) fn status(status: Status) -> Self {
        Self::Status {
            status,
            reason: None,
        }
    }
}

impl State {
    pub(crate) fn new() -> Self {
        Self {
            id: String::new(),
            created_micros: 0,
            description: String::new(),
            parameters: Map::new(),
            status: Status::Empty,
            failure: None,
            inputs: Vec::new(),
            metrics: Vec::new(),
            aggregates: Vec::new(),
            is_deleted: false,
            places: HashMap::new(),
            named: HashSet::new(),
        }
    }

    pub(crate) fn metrics(&self, name: &str) -> Option<&MetricsState> {
        self.metrics.get(*self.places.get(name)?)
    }

    /// Whether a commit names this part already.
    pub(crate) fn names(&self, part: &str) -> bool {
        self.named.contains(part)
    }

    /// URLs of the parts that hold what the run has now, relative to the run.
    pub(crate) fn files(&self) -> HashSet<String> {
        let metrics = self.metrics.iter().flat_map(|metrics| &metrics.parts);
        let parts = metrics.chain(&self.aggregates);
        parts.map(|part| part.url.clone()).collect()
    }

    /// Changes the state as an action says; a part that is named already is not named
    /// twice. What cannot be is told, and changes nothing.
    pub(crate) fn apply(&mut self, action: Action) -> Result<(), Refused> {
        match action {
            Action::Create { id, created_micros } => {
                *self = Self {
                    id,
                    created_micros,
                    ..Self::new()
                };
            }
            Action::Describe { description } => self.description = description,
            Action::Parameters { parameters } => self.parameters.extend(parameters),
            Action::Status { status, reason } => {
                self.failure = match status {
                    // What is collected after a failure does not undo it.
                    Status::Failed | Status::Collecting | Status::PostProcessing => {
                        reason.or(self.failure.take())
                    }
                    _ => None,
                };
                self.status = status;
            }
            Action::InputTable { table } => {
                if !self.inputs.contains(&table) {
                    self.inputs.push(table);
                }
            }
            Action::BeginMetrics { metrics } => self.begin(metrics),
            Action::Segment { metrics, part } => self.add_segment(&metrics, part)?,
            Action::RegisterMetrics { metrics } => self.change(&metrics)?.registered = true,
            Action::Aggregates { part } => {
                part.check().map_err(Refused::Part)?;
                if self.named.insert(part.url.clone()) {
                    self.aggregates.push(part);
                }
            }
            Action::Compact {
                metrics,
                compaction,
            } => self.compact(metrics.as_deref(), compaction)?,
            Action::Delete => self.is_deleted = true,
        }
        Ok(())
    }

    /// The fewest actions that amount to this state, but for its [`parts`](Self::parts).
    pub(crate) fn actions(&self) -> Vec<Action> {
        let mut actions = vec![
            Action::Create {
                id: self.id.clone(),
                created_micros: self.created_micros,
            },
            Action::Describe {
                description: self.description.clone(),
            },
            Action::Parameters {
                parameters: self.parameters.clone(),
            },
            Action::Status {
                status: self.status,
                reason: self.failure.clone(),
            },
        ];
        let inputs = self.inputs.iter().cloned();
        actions.extend(inputs.map(|table| Action::InputTable { table }));
        for metrics in &self.metrics {
            actions.push(Action::BeginMetrics {
                metrics: metrics.head.clone(),
            });
            actions.extend(metrics.registered.then(|| Action::RegisterMetrics {
                metrics: metrics.head.name.clone(),
            }));
        }
        actions.extend(self.is_deleted.then_some(Action::Delete));
        actions
    }

    /// The parts of each metrics table, and those of the aggregate values under no name.
    pub(crate) fn parts(&self) -> Vec<(Option<String>, Vec<Part>)> {
        let metrics = self.metrics.iter().map(|metrics| {
            let name = Some(metrics.head.name.clone());
            (name, metrics.parts.clone())
        });
        let all = metrics.chain([(None, self.aggregates.clone())]);
        all.filter(|(_, parts)| !parts.is_empty()).collect()
    }

    /// Adds parts as [`parts`](Self::parts) gives them.
    pub(crate) fn add_parts(
        &mut self,
        name: Option<&str>,
        parts: Vec<Part>,
    ) -> Result<(), Refused> {
        self.named.reserve(parts.len());
        parts.into_iter().try_for_each(|part| match name {
            Some(name) => self.add_segment(name, part),
            None => self.apply(Action::Aggregates { part }),
        })
    }

    /// URLs of parts that were named and are no more, sorted.
    pub(crate) fn replaced(&self) -> Vec<String> {
        let now = self.files();
        let mut replaced: Vec<_> = self.named.difference(&now).cloned().collect();
        replaced.sort();
        replaced
    }

    /// Such parts are not named again.
    pub(crate) fn add_replaced(&mut self, replaced: Vec<String>) {
        self.named.extend(replaced);
    }

    fn begin(&mut self, head: MetricsHead) {
        if let Entry::Vacant(place) = self.places.entry(head.name.clone()) {
            place.insert(self.metrics.len());
            self.metrics.push(MetricsState {
                head,
                parts: Vec::new(),
                registered: false,
            });
        }
    }

    fn add_segment(&mut self, metrics: &str, part: Part) -> Result<(), Refused> {
        part.check().map_err(Refused::Part)?;
        let place = self.places.get(metrics);
        let state = place.and_then(|place| self.metrics.get_mut(*place));
        let state = state.ok_or_else(|| Refused::NotBegun(metrics.to_owned()))?;
        if self.named.insert(part.url.clone()) {
            state.parts.push(part);
        }
        Ok(())
    }

    /// Puts few parts in the place of many.
    fn compact(&mut self, metrics: Option<&str>, compaction: Compaction) -> Result<(), Refused> {
        let parts = &compaction.parts;
        parts
            .iter()
            .try_for_each(Part::check)
            .map_err(Refused::Part)?;
        let new: Vec<String> = compaction
            .parts
            .iter()
            .map(|part| part.url.clone())
            .collect();
        let parts = match metrics {
            Some(name) => &mut self.change(name)?.parts,
            None => &mut self.aggregates,
        };
        if !compaction.fits(parts) {
            return Err(Refused::NotReplaced);
        }
        let rows = |parts: &[Part]| parts.iter().map(|part| part.rows() as u64).sum::<u64>();
        let old = parts.get(compaction.start..).unwrap_or_default();
        let old = old.get(..compaction.count).unwrap_or_default();
        if rows(old) != rows(&compaction.parts) {
            return Err(Refused::OtherRows);
        }
        let replaced = compaction.start..compaction.start + compaction.count;
        parts.splice(replaced, compaction.parts);
        self.named.extend(new);
        Ok(())
    }

    fn change(&mut self, name: &str) -> Result<&mut MetricsState, Refused> {
        let place = self.places.get(name).copied();
        let metrics = place.and_then(|place| self.metrics.get_mut(place));
        metrics.ok_or_else(|| Refused::NotBegun(name.to_owned()))
    }
}

impl Action {
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
