//! What goes wrong, and with which exit code the program says so.

use std::fmt::{Display, Formatter};
use std::process::ExitCode;

pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Wrong use of a verb, told apart by the exit code from what failed.
const WRONG_USE: u8 = 2;
/// As a shell has it of a program that Ctrl-C ended.
const INTERRUPTED: u8 = 130;

/// An end that is no ordinary failure.
#[derive(Debug)]
pub(crate) enum End {
    /// A setting that cannot be meant, or a consent that is missing.
    WrongUse(String),
    /// All is told, and it is bad.
    Bad,
    /// Ended by Ctrl-C.
    Interrupted(String),
}

impl End {
    pub(crate) fn wrong_use(reason: impl Into<String>) -> Failure {
        Self::WrongUse(reason.into()).into()
    }
}

impl Display for End {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::WrongUse(reason) | Self::Interrupted(reason) => f.write_str(reason),
            Self::Bad => Ok(()),
        }
    }
}

impl std::error::Error for End {}

/// What to say of a failure, if anything, and the exit code.
pub(crate) fn told(failure: &Failure) -> (Option<String>, ExitCode) {
    let said = Some(failure.to_string());
    if let Some(end) = failure.downcast_ref::<End>() {
        return match end {
            End::WrongUse(_) => (said, ExitCode::from(WRONG_USE)),
            End::Interrupted(_) => (said, ExitCode::from(INTERRUPTED)),
            End::Bad => (None, ExitCode::FAILURE),
        };
    }
    let is_wrong_use = matches!(
        failure.downcast_ref::<tlc_dashboard::Error>(),
        Some(tlc_dashboard::Error::Open { .. })
    ) || matches!(
        failure.downcast_ref::<tlc_view::Error>(),
        Some(tlc_view::Error::Expression { .. })
    );
    match is_wrong_use {
        true => (said, ExitCode::from(WRONG_USE)),
        false => (said, ExitCode::FAILURE),
    }
}
