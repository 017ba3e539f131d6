//! Cells as somebody asks for them.

use crate::Failure;

/// Cells of a column as somebody asks for them.
pub(super) struct Asked {
    pub(super) column: String,
    pub(super) cells: Vec<AskedCell>,
    /// Whether it is what `tlc rows` wrote: what stands there as it was is left as it is.
    pub(super) is_of_file: bool,
}

/// What a cell is to be.
pub(super) struct AskedCell {
    pub(super) row: usize,
    pub(super) text: String,
    /// Of the file that says so.
    pub(super) line: Option<u64>,
}

/// The same, with the line of the file that is to blame.
pub(super) fn at_line(error: impl Into<Failure>, line: Option<u64>) -> Failure {
    let error = error.into();
    match line {
        Some(line) => format!("line {line}: {error}").into(),
        None => error,
    }
}
