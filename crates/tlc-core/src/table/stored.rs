//! A table as documents of the same project name it.

use super::Table;
use crate::{Result, Url};
use serde::{Deserialize, Serialize};

/// A table as stored objects name it: by a URL relative to the project folder (an
/// absolute one outside it) and the id of its content.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct TableReference {
    pub(crate) url: String,
    pub(crate) id: String,
    pub(crate) rows: usize,
}

impl TableReference {
    /// As documents in this project name the table.
    pub(crate) fn new(project: Option<&Url>, table: &Table) -> Self {
        let inside = project.filter(|project| table.url().is_within(project));
        let relative = inside.and_then(|project| table.url().relative_to(project));
        Self {
            url: relative.unwrap_or_else(|| table.url().to_string()),
            id: table.id().to_owned(),
            rows: table.len(),
        }
    }

    /// Where the table is, of a document in this project.
    pub(crate) fn url(&self, project: Option<&Url>) -> Result<Url> {
        match project {
            Some(project) => project.resolve(&self.url, project),
            None => Url::parse(&self.url),
        }
    }
}
