//! The one error type of the crate.

use datafusion::error::DataFusionError;

/// `Result` with the crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can go wrong with a question.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// What is read could not be: storage, damage.
    #[error(transparent)]
    Read(#[from] tlc_core::Error),
    /// Nothing has the name that a question uses.
    #[error("no {what} `{name}`, there are: {}", listed(known))]
    NoSuch {
        /// A project, a run, a stream, a table.
        what: &'static str,
        /// The name.
        name: String,
        /// The names that exist.
        known: Vec<String>,
    },
    /// A name without a project, where none is set.
    #[error(
        "which project `{name}` is of is not said: put its name in front, or set one (`--project`)"
    )]
    WhichProject {
        /// The name.
        name: String,
    },
    /// The metrics tables have other columns.
    #[error("metrics tables with other columns are no one table: `{first}` and `{other}`")]
    OtherColumns {
        /// A metrics table.
        first: String,
        /// One that has other columns.
        other: String,
    },
    /// A collection failed, here or where a job of it ran in this process.
    #[cfg(feature = "collect")]
    #[error(transparent)]
    Collect(#[from] tlc_burn::Error),
    /// No engine could be started.
    #[error("no threads for questions: {0}")]
    Threads(#[from] std::io::Error),
    /// The question itself, or its computation.
    #[error("{}", .0.strip_backtrace())]
    Sql(DataFusionError),
}

impl From<DataFusionError> for Error {
    fn from(error: DataFusionError) -> Self {
        match unwrapped(error) {
            Ok(ours) => ours,
            Err(theirs) => Self::Sql(theirs),
        }
    }
}

impl From<Error> for DataFusionError {
    fn from(error: Error) -> Self {
        match error {
            Error::Sql(error) => error,
            other => Self::External(Box::new(other)),
        }
    }
}

/// What of ours an error of the engine carries.
fn unwrapped(error: DataFusionError) -> Result<Error, DataFusionError> {
    match error {
        DataFusionError::External(source) => ours(source).map_err(DataFusionError::External),
        DataFusionError::IoError(error) if error.get_ref().is_some() => match error.into_inner() {
            Some(source) => ours(source)
                .map_err(|source| DataFusionError::IoError(std::io::Error::other(source))),
            None => Err(DataFusionError::Internal(
                "an error without a source".to_owned(),
            )),
        },
        DataFusionError::Context(_, inner) | DataFusionError::Diagnostic(_, inner)
            if carries(inner.find_root()) =>
        {
            unwrapped(*inner)
        }
        other => Err(other),
    }
}

fn carries(error: &DataFusionError) -> bool {
    matches!(
        error,
        DataFusionError::External(_) | DataFusionError::IoError(_)
    )
}

type BoxError = Box<dyn std::error::Error + Send + Sync>;

fn ours(source: BoxError) -> Result<Error, BoxError> {
    let source = match source.downcast::<Error>() {
        Ok(ours) => return Ok(*ours),
        Err(source) => source,
    };
    #[cfg(feature = "collect")]
    let source = match source.downcast::<tlc_burn::Error>() {
        Ok(ours) => return Ok(Error::Collect(*ours)),
        Err(source) => source,
    };
    source
        .downcast::<tlc_core::Error>()
        .map(|ours| Error::Read(*ours))
}

const NAMED: usize = 10;

fn listed(known: &[String]) -> String {
    match known {
        [] => "none".to_owned(),
        known if known.len() <= NAMED => known.join(", "),
        known => {
            let (first, rest) = known.split_at(NAMED);
            format!("{} and {} more", first.join(", "), rest.len())
        }
    }
}
