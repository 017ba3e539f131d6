//! What is wrong with an expression, and where.

use crate::Error;
use tlc_core::arrow::error::ArrowError;

/// Characters of the expression that an error shows on either side of the place.
const SHOWN: usize = 120;
/// Characters of a reason, which may have long names in it.
const MOST_TOLD: usize = 600;

/// Why an expression cannot be understood or computed.
#[derive(Debug)]
pub(super) enum Fault {
    /// Something in the expression, at a character counted from 1.
    At(usize, String),
    /// Something else.
    Other(Error),
}

impl Fault {
    pub(super) fn at<T>(position: usize, reason: impl Into<String>) -> Result<T, Self> {
        Err(Self::At(position, reason.into()))
    }

    /// Of a kernel that computes what stands at a position.
    pub(super) fn computing(position: usize, error: ArrowError) -> Self {
        let reason = match error {
            ArrowError::DivideByZero => {
                "division by zero: `x / nullif(y, 0)` is null where y is 0".to_owned()
            }
            ArrowError::ArithmeticOverflow(_) => "the result does not fit 64 bits".to_owned(),
            ArrowError::CastError(reason)
            | ArrowError::ParseError(reason)
            | ArrowError::ComputeError(reason)
            | ArrowError::InvalidArgumentError(reason) => reason,
            other => return Self::Other(Error::arrow("compute an expression", other)),
        };
        Self::At(position, reason)
    }

    /// The error of an expression.
    pub(super) fn of(self, text: &str) -> Error {
        match self {
            Self::Other(error) => error,
            Self::At(position, reason) => Error::Expression {
                text: excerpt(text, position),
                position,
                reason: match reason.char_indices().nth(MOST_TOLD) {
                    Some((end, _)) => format!("{}…", reason.split_at(end).0),
                    None => reason,
                },
            },
        }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

/// What stands around a position.
fn excerpt(text: &str, position: usize) -> String {
    let start = position.saturating_sub(SHOWN);
    let mut rest = text.chars().skip(start);
    let shown: String = rest.by_ref().take(2 * SHOWN).collect();
    let before = if start > 0 { "…" } else { "" };
    let after = if rest.next().is_some() { "…" } else { "" };
    format!("{before}{shown}{after}")
}
