//! The one error type of the crate: a variant for each decision a caller can take.

use std::fmt;
use tlc_core::Url;

/// `Result` with the crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Bytes of a value that a message shows.
const SHOWN_BYTES: usize = 80;

/// What can go wrong between files and tables.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The table or the store says so.
    #[error(transparent)]
    Core(#[from] tlc_core::Error),
    /// There is nothing to import.
    #[error("no file to import, {reason}: {source_text}")]
    NoFiles {
        /// What was given.
        source_text: String,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// A file would be imported twice.
    #[error("given twice, name each file once: {file}")]
    Twice {
        /// The file.
        file: Url,
    },
    /// The file is damaged, or not of this format.
    #[error("{reason}: {}", shown(file))]
    File {
        /// The file.
        file: Url,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// The disk or the network failed.
    #[error("{source}: {}", shown(file))]
    Io {
        /// What was being read or written.
        file: Url,
        /// What the system said.
        source: std::io::Error,
    },
    /// A row does not fit. Nothing was made; skipped where the options say so.
    #[error("{0}")]
    Row(Box<BadRow>),
    /// Every row was skipped: the file is probably of another format.
    #[error("each of {rows} rows is bad, no table was made; the first: {first}")]
    AllSkipped {
        /// Number of rows.
        rows: u64,
        /// The first of them.
        first: Box<BadRow>,
    },
    /// The run has no metrics of this stream.
    #[error("no stream `{stream}` of metrics, there are: {}", available.join(", "))]
    NoStream {
        /// The name asked for.
        stream: String,
        /// The names that exist.
        available: Vec<String>,
    },
    /// Rows that are in no table could not be read, for their source's own reason.
    #[error(transparent)]
    Rows {
        /// What the source said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The system gives no more threads.
    #[error("no thread to read with: {source}")]
    Threads {
        /// What the system said.
        source: std::io::Error,
    },
    /// A column contradicts another, or the options.
    #[error("column `{column}`: {reason}")]
    Column {
        /// The column.
        column: String,
        /// What is wrong, and what to do.
        reason: String,
    },
}

impl Error {
    /// A row that does not fit, at a line.
    pub fn row(file: &Url, line: u64, column: &str, value: &str, reason: impl ToString) -> Self {
        let cell = Some((column, value));
        Self::from(BadRow::at(
            Place::line(file, line),
            cell,
            reason.to_string(),
        ))
    }

    /// A column that contradicts another, or the options.
    pub fn column(column: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Column {
            column: column.into(),
            reason: reason.into(),
        }
    }

    pub(crate) fn io(file: &Url, source: std::io::Error) -> Self {
        Self::Io {
            file: file.clone(),
            source,
        }
    }

    /// As a reader tells it; [`SourceFile::failed`](crate::SourceFile::failed) is the way back.
    pub(crate) fn into_io(self) -> std::io::Error {
        match self {
            Self::Core(error) => std::io::Error::other(error),
            other => std::io::Error::other(other.to_string()),
        }
    }

    pub(crate) fn arrow(doing: &'static str, source: tlc_core::arrow::error::ArrowError) -> Self {
        Self::Core(tlc_core::Error::Arrow { doing, source })
    }
}

impl From<BadRow> for Error {
    fn from(row: BadRow) -> Self {
        Self::Row(Box::new(row))
    }
}

/// A row that does not fit: where it is, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadRow {
    /// Where it is.
    pub place: Place,
    /// The column, if one is to blame.
    pub column: Option<String>,
    /// Its value, cut where it is long.
    pub value: Option<String>,
    /// What is wrong, and what to do.
    pub reason: String,
}

impl BadRow {
    /// A row at a place, with the column and the value that are to blame, if they are known.
    pub(crate) fn at(place: Place, cell: Option<(&str, &str)>, reason: impl Into<String>) -> Self {
        Self {
            place,
            column: cell.map(|(column, _)| column.to_owned()),
            value: cell.map(|(_, value)| cut(value)),
            reason: reason.into(),
        }
    }
}

impl fmt::Display for BadRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.place)?;
        if let Some(column) = &self.column {
            write!(f, ", column `{column}`")?;
        }
        if let Some(value) = &self.value {
            write!(f, ", value {value:?}")?;
        }
        write!(f, ": {}", self.reason)
    }
}

/// Where in the sources a row is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file; `None` for rows in memory.
    pub file: Option<Url>,
    /// Where in it.
    pub at: At,
}

impl Place {
    pub(crate) fn line(file: &Url, line: u64) -> Self {
        Self {
            file: Some(file.clone()),
            at: At::Line(line),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.file {
            Some(file) => write!(f, "{}, {}", shown(file), self.at),
            None => write!(f, "{}", self.at),
        }
    }
}

/// Where in a file a row is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum At {
    /// The line where it begins, from 1 on.
    Line(u64),
    /// The row, from 1 on, of a file without lines.
    Row(u64),
    /// By a name, such as `annotation 17`.
    Named(String),
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(f, "line {line}"),
            Self::Row(row) => write!(f, "row {row}"),
            Self::Named(name) => f.write_str(name),
        }
    }
}

/// A URL as people write it: the path of a local file.
pub(crate) fn shown(url: &Url) -> String {
    url.to_path()
        .map_or_else(|| url.to_string(), |path| path.display().to_string())
}

/// The text, or its beginning where it is long.
pub(crate) fn cut(text: &str) -> String {
    match text.len() <= SHOWN_BYTES {
        true => text.to_owned(),
        false => {
            let end = (0..=SHOWN_BYTES).rfind(|end| text.is_char_boundary(*end));
            format!(
                "{}…",
                text.get(..end.unwrap_or_default()).unwrap_or_default()
            )
        }
    }
}
