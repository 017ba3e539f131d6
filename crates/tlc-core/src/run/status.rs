//! How far a run has come.

use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// How far a run has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Created; nothing logged or collected yet.
    Empty,
    /// Training, or whatever the run is for.
    Running,
    /// Collecting metrics.
    Collecting,
    /// Working on what was collected.
    PostProcessing,
    /// Closed in good order.
    Completed,
    /// Ended by an error.
    Failed,
    /// Was under way when its last process died. Never stored: derived from an
    /// unfinished status that no living process holds.
    Interrupted,
}

impl Status {
    /// Refuses what is derived and never stored.
    pub(crate) fn check(self) -> Result<()> {
        match self {
            Self::Interrupted => Err(Error::Parameter {
                name: "status".to_owned(),
                reason: "`interrupted` is told, and never set: set `failed`".to_owned(),
            }),
            _ => Ok(()),
        }
    }

    pub(super) fn is_under_way(self) -> bool {
        matches!(
            self,
            Self::Running | Self::Collecting | Self::PostProcessing
        )
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Empty => "empty",
            Self::Running => "running",
            Self::Collecting => "collecting",
            Self::PostProcessing => "post-processing",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
        })
    }
}
