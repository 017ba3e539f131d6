//! The one error type of the crate: what keeps a dashboard from starting.

use tlc_core::Url;

/// `Result` with the crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What keeps a dashboard from starting.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Reading the project root failed.
    #[error(transparent)]
    Core(#[from] tlc_core::Error),
    /// Nobody may reach it from another machine without a token.
    #[error("{host} can be reached from other machines: a token is needed, do not turn it off")]
    Open {
        /// The address.
        host: String,
    },
    /// The address is taken or not this machine's.
    #[error("cannot listen on {address}: {source}: choose another port, or 0 for any that is free")]
    Listen {
        /// The address.
        address: String,
        /// Why.
        source: std::io::Error,
    },
    /// The threads of the server cannot be started.
    #[error("cannot start the server of {root}: {source}")]
    Start {
        /// What it would serve.
        root: Box<Url>,
        /// Why.
        source: std::io::Error,
    },
}
