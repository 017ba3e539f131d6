//! The tables beside the metrics: those they were collected on, or the revisions that are
//! asked for.

use super::part::{Part, Samples};
use crate::{Error, Result};
use std::collections::HashMap;
use std::sync::Arc;
use tlc_core::{Error as Core, MetricsTable, Table};

/// The tables of a view, each opened once.
pub(super) struct Tables<'t> {
    wanted: &'t [Table],
    /// By the id of the content that metrics are about.
    beside: HashMap<String, Option<Arc<Samples>>>,
    used: Vec<bool>,
    notes: Vec<String>,
}

impl<'t> Tables<'t> {
    pub(super) fn new(wanted: &'t [Table]) -> Self {
        Self {
            wanted,
            beside: HashMap::new(),
            used: vec![false; wanted.len()],
            notes: Vec::new(),
        }
    }

    /// Rows of tables alone.
    pub(super) fn alone(&mut self) -> Result<Vec<Part>> {
        if self.wanted.is_empty() {
            let reason = "name a run or a table".to_owned();
            return Err(Error::Empty { reason });
        }
        let samples = self.wanted.iter().map(|table| {
            let samples = Samples::new(table.clone(), None, &mut self.notes);
            Part::new(None, Some(Arc::new(samples)))
        });
        Ok(samples.collect())
    }

    /// The table whose rows stand beside metrics; `None` if they are about none, or if it is
    /// gone.
    pub(super) fn beside(&mut self, metrics: &MetricsTable) -> Result<Option<Arc<Samples>>> {
        let Some(id) = metrics.foreign_table_id().map(str::to_owned) else {
            return Ok(None);
        };
        if let Some(known) = self.beside.get(&id) {
            return Ok(known.clone());
        }
        let found = self.find(metrics)?.map(Arc::new);
        self.beside.insert(id, found.clone());
        Ok(found)
    }

    /// What is left out.
    pub(super) fn notes(self) -> Vec<String> {
        self.notes
    }

    /// What is missing or left out.
    ///
    /// # Errors
    /// If a table that was asked for goes with none of the metrics.
    pub(super) fn finish(self, parts: &[Part]) -> Result<Vec<String>> {
        let unused = self.used.iter().position(|used| !used);
        let Some(unused) = unused.and_then(|place| self.wanted.get(place)) else {
            return Ok(self.notes);
        };
        let mut about = parts.iter().filter_map(|part| part.samples.as_ref());
        match about.next() {
            Some(samples) => {
                samples.table.rows_in(unused)?;
                Ok(self.notes)
            }
            None => Err(Error::Empty {
                reason: format!(
                    "the metrics are about no table, so not about {}",
                    unused.url()
                ),
            }),
        }
    }

    fn find(&mut self, metrics: &MetricsTable) -> Result<Option<Samples>> {
        let own = match metrics.foreign_table() {
            Ok(own) => own,
            Err(Core::NotFound { url, .. }) => {
                self.notes.push(format!(
                    "the table {url} is gone: its columns are not shown"
                ));
                return Ok(None);
            }
            Err(error) => return Err(error.into()),
        };
        let Some(own) = own else { return Ok(None) };
        for (wanted, used) in self.wanted.iter().zip(&mut self.used) {
            if wanted.id() == own.id() {
                *used = true;
                return Ok(Some(Samples::new(own, None, &mut self.notes)));
            }
            match own.rows_in(wanted) {
                Ok(rows) => {
                    *used = true;
                    let samples = Samples::new(wanted.clone(), Some(rows), &mut self.notes);
                    return Ok(Some(samples));
                }
                Err(Core::OtherBase { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(Some(Samples::new(own, None, &mut self.notes)))
    }
}
