//! The pending edits of tables, each open once.

use crate::refusal::Answer;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tlc_core::Table;
use tlc_view::PendingEdits;

/// By the id of a table's content.
#[derive(Debug, Default)]
pub(crate) struct Edits(Mutex<HashMap<String, Arc<Mutex<PendingEdits>>>>);

impl Edits {
    /// The edits of a table, with what other processes have added.
    pub(crate) fn of<T>(
        &self,
        table: &Table,
        work: impl FnOnce(&mut PendingEdits) -> Answer<T>,
    ) -> Answer<T> {
        let open = {
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            match all.get(table.id()) {
                Some(open) => Arc::clone(open),
                None => {
                    let open = Arc::new(Mutex::new(PendingEdits::open(table)?));
                    all.insert(table.id().to_owned(), Arc::clone(&open));
                    open
                }
            }
        };
        let mut edits = open.lock().unwrap_or_else(PoisonError::into_inner);
        edits.refresh()?;
        work(&mut edits)
    }
}
