//! What a run is at a moment: its commits, folded.

use crate::part::Part;
use crate::{Schema, Status, Table, Url, layout};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

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
}

#[derive(Clone, Debug)]
pub(crate) struct MetricsState {
    pub(crate) head: MetricsHead,
    pub(crate) parts: Vec<Part>,
    pub(crate) registered: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct State {
    pub(crate) id: String,
    pub(crate) created_micros: i64,
    pub(crate) description: String,
    pub(crate) parameters: Map<String, Value>,
    pub(crate) status: Status,
    pub(crate) inputs: Vec<TableReference>,
    pub(crate) metrics: Vec<MetricsState>,
    pub(crate) aggregates: Vec<Part>,
    /// Files of earlier lives of the run, before it was overwritten.
    pub(crate) retired: Vec<String>,
    /// Number the next commit will have.
    pub(crate) next_commit: u64,
}

impl State {
    pub(crate) fn new() -> Self {
        Self {
            id: String::new(),
            created_micros: 0,
            description: String::new(),
            parameters: Map::new(),
            status: Status::Empty,
            inputs: Vec::new(),
            metrics: Vec::new(),
            aggregates: Vec::new(),
            retired: Vec::new(),
            next_commit: 0,
        }
    }

    pub(crate) fn metrics(&self, name: &str) -> Option<&MetricsState> {
        self.metrics
            .iter()
            .find(|metrics| metrics.head.name == name)
    }

    /// URLs of all files that a commit names, relative to the run.
    pub(crate) fn files(&self) -> impl Iterator<Item = &str> {
        let metrics = self.metrics.iter().flat_map(|metrics| &metrics.parts);
        let parts = metrics
            .chain(&self.aggregates)
            .map(|part| part.url.as_str());
        parts.chain(self.retired.iter().map(String::as_str))
    }

    pub(crate) fn apply(&mut self, action: Action) {
        match action {
            Action::Create { id, created_micros } => {
                let retired = self.files().map(str::to_owned).collect();
                let next_commit = self.next_commit;
                *self = Self {
                    id,
                    created_micros,
                    next_commit,
                    retired,
                    ..Self::new()
                };
            }
            Action::Describe { description } => self.description = description,
            Action::Parameters { parameters } => self.parameters.extend(parameters),
            Action::Status { status } => self.status = status,
            Action::InputTable { table } => {
                if !self.inputs.contains(&table) {
                    self.inputs.push(table);
                }
            }
            Action::BeginMetrics { metrics } => {
                if self.metrics(&metrics.name).is_none() {
                    self.metrics.push(MetricsState {
                        head: metrics,
                        parts: Vec::new(),
                        registered: false,
                    });
                }
            }
            Action::Segment { metrics, part } => {
                self.change(&metrics, |state| state.parts.push(part))
            }
            Action::RegisterMetrics { metrics } => {
                self.change(&metrics, |state| state.registered = true)
            }
            Action::Aggregates { part } => self.aggregates.push(part),
        }
    }

    fn change(&mut self, name: &str, change: impl FnOnce(&mut MetricsState)) {
        if let Some(metrics) = self
            .metrics
            .iter_mut()
            .find(|metrics| metrics.head.name == name)
        {
            change(metrics);
        }
    }
}
