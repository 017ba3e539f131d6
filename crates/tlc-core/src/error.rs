//! The one error type of the crate: a variant for each decision a caller can take.

use crate::url::Url;

/// `Result` with the crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can go wrong, and where.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text is no URL that may be used here.
    #[error("{reason}: not a usable URL or name: {url:?}")]
    InvalidUrl {
        /// The text, escaped where it is not UTF-8.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The scheme is unknown, or its store is not built in.
    #[error("{hint}: {url}")]
    UnsupportedScheme {
        /// The URL.
        url: String,
        /// What to do.
        hint: String,
    },
    /// Nothing is there.
    #[error("nothing found at {url}")]
    NotFound {
        /// Where.
        url: Url,
    },
    /// Nothing says which folder an alias means.
    #[error(
        "nothing says which folder `<{alias}>` is, used in {used_in:?}: set the variable \
         TLC_ALIAS_{alias}, or the alias of the project"
    )]
    NoSuchAlias {
        /// The alias.
        alias: String,
        /// What uses it.
        used_in: String,
    },
    /// A cell names a file that is in none of the folders that may be read from.
    #[error(
        "{name:?} is in none of the folders that files of this table may be read from, allow its \
         folder or keep it in one of them: {}",
        list(allowed, ", ")
    )]
    NotAllowed {
        /// What the cell says.
        name: String,
        /// The folders.
        allowed: Vec<Url>,
    },
    /// A folder, pipe or device stands where a file should.
    #[error("not a regular file, take it away or choose another name: {url}")]
    NotAFile {
        /// Where.
        url: Url,
    },
    /// The run holds no metrics table of this name.
    #[error("no metrics table `{metrics}` in the run {run}")]
    NoSuchMetrics {
        /// The run.
        run: Url,
        /// The name asked for.
        metrics: String,
    },
    /// No metrics table of the run is what was looked for.
    #[error(
        "no metrics table {asked} in the run {run}, there are: {}",
        list(available, "; ")
    )]
    NoMetricsFound {
        /// The run.
        run: Url,
        /// What was looked for.
        asked: String,
        /// What there is, newest first.
        available: Vec<String>,
    },
    /// Nothing is kept under this name.
    #[error(
        "no selection `{name}` of the rows of {table}, there are: {}",
        list(available, ", ")
    )]
    NoSuchSelection {
        /// The table.
        table: Url,
        /// The name asked for.
        name: String,
        /// The names that exist.
        available: Vec<String>,
    },
    /// Nothing was logged under this key.
    #[error(
        "no series `{key}` in the run {run}, there are: {}",
        list(available, ", ")
    )]
    NoSuchSeries {
        /// The run.
        run: Url,
        /// The key asked for.
        key: String,
        /// The keys that exist.
        available: Vec<String>,
    },
    /// No folder is known to keep projects in.
    #[error("no home folder to keep projects in: set {variable}")]
    NoHome {
        /// The environment variable that names one.
        variable: &'static str,
    },
    /// Something is there already.
    #[error("already exists, choose another name or another `if_exists`: {url}")]
    AlreadyExists {
        /// Where.
        url: Url,
    },
    /// The rows differ from those of the table that was to be reused. Nothing was written.
    #[error(
        "the data changed ({difference}): choose another name, \
         or `IfExists::Overwrite` to take the new rows: {url}"
    )]
    DataChanged {
        /// The table that is there.
        url: Url,
        /// What differs, as far as it is cheap to tell.
        difference: String,
    },
    /// Somebody else committed in between, or overwrote what this handle was opened
    /// for; read `latest` and decide again. Nothing was written.
    #[error("changed by somebody else in the meantime, now at {latest}: {url}")]
    Conflict {
        /// What was to be changed.
        url: Url,
        /// What it is now.
        latest: String,
    },
    /// Rows could not be encoded, so that nobody knows which of them the writer has.
    #[error("rows could not be encoded, start another writer: {url}")]
    Broken {
        /// What was being written.
        url: Url,
    },
    /// The writer is finalized: nothing can be added to what it wrote.
    #[error("already finalized, start another writer for more rows: {url}")]
    Finalized {
        /// What it wrote.
        url: Url,
    },
    /// The edit leaves everything as it is: no revision was made.
    #[error("nothing is different, so no revision was made: {url}")]
    NothingChanged {
        /// The table that was edited.
        url: Url,
    },
    /// The tables are not made of the same rows.
    #[error(
        "{url} has the rows of {base}, {other} those of {other_base}: \
         rows of one are no rows of the other"
    )]
    OtherBase {
        /// One table.
        url: Url,
        /// Whose rows it has.
        base: Box<Url>,
        /// The other one.
        other: Url,
        /// Whose rows that has.
        other_base: Box<Url>,
    },
    /// The rows cannot be divided as was asked.
    #[error("cannot split the rows: {reason}: {table}")]
    Split {
        /// The table.
        table: Url,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// A split has no part of this name.
    #[error("no part `{part}`, there are: {}", list(available, ", "))]
    NoSuchPart {
        /// The name asked for.
        part: String,
        /// The names that exist.
        available: Vec<String>,
    },
    /// The schema says that nobody may edit the column.
    #[error(
        "column `{column}` is not writable: edit with `ignore_writable` if it is to be \
         changed all the same: {url}"
    )]
    NotWritable {
        /// The table.
        url: Url,
        /// The column.
        column: String,
    },
    /// Something else still points at what was to be deleted.
    #[error("in use by {by}: {url}")]
    InUse {
        /// What was to be deleted.
        url: Url,
        /// What points at it, or who is at work there, and what to do.
        by: String,
    },
    /// No space is left; what was accepted is kept and the call can be repeated.
    #[error("no space left, free some and repeat the call: {url}")]
    StorageFull {
        /// What was being written.
        url: Url,
        /// What the system said.
        source: std::io::Error,
    },
    /// The disk or the network failed.
    #[error("{source}: {url}")]
    Io {
        /// What was being read or written.
        url: Url,
        /// What the system said.
        source: std::io::Error,
    },
    /// The store may answer later; the call can be repeated.
    #[error("the store is unavailable ({reason}): {url}")]
    Unavailable {
        /// What was being read or written.
        url: Url,
        /// What the store said.
        reason: String,
    },
    /// The bytes are not those that were published.
    #[error("damaged ({reason}): {url}")]
    Corrupt {
        /// The file.
        url: Url,
        /// How the damage shows.
        reason: String,
    },
    /// A newer program wrote this; update this one.
    #[error("written in format version {found}, this program reads up to {supported}: {url}")]
    UnsupportedVersion {
        /// The file.
        url: Url,
        /// Its version.
        found: u64,
        /// The newest version this program reads.
        supported: u64,
    },
    /// Larger than the limits allow.
    #[error("too many or too large: {found} {what}, the limit is {limit}")]
    TooLarge {
        /// What is counted or measured.
        what: String,
        /// The limit.
        limit: u64,
        /// What was found.
        found: u64,
    },
    /// A parameter cannot be kept as JSON.
    #[error("parameter `{name}`: {reason}")]
    Parameter {
        /// The parameter.
        name: String,
        /// What is wrong.
        reason: String,
    },
    /// A value cannot be written as JSON.
    #[error("{what} cannot be written as JSON: {source}")]
    Json {
        /// What was being written.
        what: String,
        /// What the encoder said.
        source: serde_json::Error,
    },
    /// A column's definition contradicts the data, or itself.
    #[error("column `{column}`: {reason}")]
    Column {
        /// The column.
        column: String,
        /// What is wrong.
        reason: String,
    },
    /// Classes contradict one another.
    #[error("class map: {reason}")]
    ClassMap {
        /// What is wrong.
        reason: String,
    },
    /// The shards of a metrics table are not all of its rows, each once: collect again, what is
    /// there is kept.
    #[error("{reason}, collect again: {url}")]
    Shards {
        /// The metrics table.
        url: Url,
        /// Which rows, and what is wrong.
        reason: String,
    },
    /// No column has this name.
    #[error("no column `{column}`, there are: {}", available.join(", "))]
    NoSuchColumn {
        /// The name asked for.
        column: String,
        /// The names that exist.
        available: Vec<String>,
    },
    /// A value of a batch does not fit; nothing of the batch was taken.
    #[error("column `{column}`{}{}: {reason}", at_row(*row), with_value(value.as_ref()))]
    Batch {
        /// The column.
        column: String,
        /// First row of the batch that does not fit, where one row is to blame.
        row: Option<usize>,
        /// Its value.
        value: Option<String>,
        /// What is wrong.
        reason: String,
    },
    /// Rows are not what the Rust type says, or have no Arrow type.
    #[error("rows and Rust type differ: {reason}")]
    Rows {
        /// What is wrong, naming the column.
        reason: String,
    },
    /// The table has no such row.
    #[error("row {row} is past the end of the table, which has {len} rows: {url}")]
    RowOutOfRange {
        /// The table.
        url: Url,
        /// The row asked for.
        row: u64,
        /// Number of rows.
        len: usize,
    },
    /// No run was given and none is active.
    #[error("no run is active: call tlc_core::init first, or give a run")]
    NoActiveRun,
    /// The metrics are about no table, so there is nothing to join them with.
    #[error("metrics table `{metrics}` has no foreign table to join")]
    NoForeignTable {
        /// The metrics table.
        metrics: String,
    },
    /// Arrow refused to build or change arrays.
    #[error("cannot {doing}: {source}")]
    Arrow {
        /// What was being done.
        doing: &'static str,
        /// What Arrow said.
        source: crate::arrow::error::ArrowError,
    },
    /// Parquet refused to encode rows.
    #[error("cannot {doing}: {source}")]
    Parquet {
        /// What was being done.
        doing: &'static str,
        /// What Parquet said.
        source: parquet::errors::ParquetError,
    },
}

impl Error {
    pub(crate) fn column(column: &str, reason: impl Into<String>) -> Self {
        Self::Column {
            column: column.to_owned(),
            reason: reason.into(),
        }
    }

    pub(crate) fn class_map(reason: impl Into<String>) -> Self {
        let reason = reason.into();
        Self::ClassMap { reason }
    }

    pub(crate) fn arrow(doing: &'static str, source: crate::arrow::error::ArrowError) -> Self {
        Self::Arrow { doing, source }
    }

    pub(crate) fn parquet(doing: &'static str, source: parquet::errors::ParquetError) -> Self {
        Self::Parquet { doing, source }
    }
}

impl From<std::convert::Infallible> for Error {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}

fn at_row(row: Option<usize>) -> String {
    row.map_or_else(String::new, |row| format!(", row {row}"))
}

fn with_value(value: Option<&String>) -> String {
    value.map_or_else(String::new, |value| format!(", value {value}"))
}

fn list(items: &[impl ToString], between: &str) -> String {
    match items {
        [] => "none".to_owned(),
        items => items
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(between),
    }
}
