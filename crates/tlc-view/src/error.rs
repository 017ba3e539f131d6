//! The one error type of the crate: a variant for each decision a caller can take.

use tlc_core::Url;

/// `Result` with the crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can go wrong between a question and its answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Reading or writing a table or a run failed.
    #[error(transparent)]
    Core(#[from] tlc_core::Error),
    /// Finding something in metrics failed.
    #[error(transparent)]
    Findings(#[from] tlc_findings::Error),
    /// The view has no column of this name.
    #[error("no column `{column}`: there {}", told(available))]
    NoSuchColumn {
        /// What was asked for.
        column: String,
        /// What there is.
        available: Vec<String>,
    },
    /// An edit that cannot be made.
    #[error("{source}, in an edit of {table}")]
    Edit {
        /// The table.
        table: Url,
        /// What is wrong, with column and row.
        source: Box<tlc_core::Error>,
    },
    /// Somebody else has edited the table in the meantime. Nothing was done.
    #[error(
        "somebody else has edited {table} in the meantime: look at what is done now, and repeat \
         the call if it is still meant"
    )]
    Overtaken {
        /// The table.
        table: Url,
    },
    /// A column does not hold what the question is about.
    #[error("column `{column}` is {found}, expected {expected}")]
    ColumnKind {
        /// The column.
        column: String,
        /// What it is.
        found: String,
        /// What the question needs, in words.
        expected: &'static str,
    },
    /// A column has one type in one part of the view, another in the next.
    #[error(
        "column `{column}` is {first} in {first_in}, and {found} in {found_in}: look at them apart"
    )]
    Mixed {
        /// The column.
        column: String,
        /// Its type in the one.
        first: String,
        /// The one.
        first_in: String,
        /// Its type in the other.
        found: String,
        /// The other.
        found_in: String,
    },
    /// Column and other columns of the question do not fit the memory budget.
    #[error(
        "column `{column}` needs {needed_bytes} bytes beside those in use, and the budget of the \
         view is {budget_bytes}: raise it, or look at fewer epochs or runs"
    )]
    Memory {
        /// The column.
        column: String,
        /// What it needs.
        needed_bytes: u64,
        /// What is allowed.
        budget_bytes: u64,
    },
    /// An expression cannot be understood, or not computed.
    #[error("{reason}, at character {position} of `{text}`")]
    Expression {
        /// The expression.
        text: String,
        /// Where, in characters from 1.
        position: usize,
        /// What is wrong there, and what to do.
        reason: String,
    },
    /// A row is not in the view.
    #[error("row {row} is not in the view, which has {rows} rows")]
    NoSuchRow {
        /// What was asked for.
        row: usize,
        /// Rows of the view.
        rows: usize,
    },
    /// There are more rows than a view takes.
    #[error("{rows} rows, and a view takes {most}: look at fewer epochs or runs")]
    Rows {
        /// What was asked for.
        rows: u64,
        /// What a view takes.
        most: u64,
    },
    /// There is nothing to look at.
    #[error("nothing to look at: {reason}")]
    Empty {
        /// Why, and what to do.
        reason: String,
    },
    /// A segmentation mask cannot be read.
    #[error("no segmentation mask: {reason}")]
    Mask {
        /// What is wrong with it.
        reason: String,
    },
    /// A setting of a question is out of range.
    #[error("`{setting}` is {found}, expected {expected}")]
    Setting {
        /// Its name.
        setting: &'static str,
        /// What it can be, in words.
        expected: &'static str,
        /// What it is.
        found: String,
    },
}

impl Error {
    pub(crate) fn arrow(doing: &'static str, source: tlc_core::arrow::error::ArrowError) -> Self {
        tlc_core::Error::Arrow { doing, source }.into()
    }
}

fn told(available: &[String]) -> String {
    match available {
        [] => "is none".to_owned(),
        [one] => format!("is `{one}`"),
        several => format!("are `{}`", several.join("`, `")),
    }
}
