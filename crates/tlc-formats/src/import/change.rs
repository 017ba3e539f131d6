//! Batches that are changed on their way to the table.

use crate::Result;
use std::fmt::Debug;
use tlc_core::arrow::array::RecordBatch;

/// Changes batches on their way to the table, where formats are made of others.
pub(crate) trait Change: Debug {
    /// Gives what becomes of a batch, piece after piece.
    fn change(&self, batch: &RecordBatch, give: &mut Give<'_>) -> Result<()>;
}

/// Takes the pieces of a changed batch.
pub(crate) type Give<'g> = dyn FnMut(Changed) -> Result<()> + 'g;

/// A piece of a batch that was changed.
#[derive(Debug)]
pub(crate) struct Changed {
    pub(crate) batch: RecordBatch,
    /// Which rows of the batch before these are.
    pub(crate) rows: Vec<usize>,
    /// Rows of the batch before that are left out.
    pub(crate) bad: Vec<Bad>,
}

/// A row that cannot be had.
#[derive(Debug)]
pub(crate) struct Bad {
    pub(crate) row: usize,
    pub(crate) column: String,
    pub(crate) value: String,
    pub(crate) reason: String,
}
