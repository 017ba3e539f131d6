//! The dashboard: a web server and its page in one binary, for the runs and tables under a
//! project root. Nothing is asked of another host, and nobody else is let in: it listens on
//! this machine alone unless told otherwise, and answers those who have its token.
//!
//! ```no_run
//! use tlc_dashboard::Dashboard;
//!
//! let dashboard = Dashboard::new().port(0).start()?; // serves while the program goes on
//! println!("{}", dashboard.link());
//! # Ok::<(), tlc_dashboard::Error>(())
//! ```

mod api;
mod app;
mod assets;
mod catalog;
mod dashboard;
mod edits;
mod error;
mod guard;
mod jobs;
mod modules;
mod refusal;
mod server;
mod summary;
mod views;

pub use self::dashboard::Dashboard;
pub use self::error::{Error, Result};
pub use self::server::Serving;

/// The paths below `/api`, so that tests can try each of them.
#[doc(hidden)]
#[must_use]
pub fn paths() -> Vec<&'static str> {
    api::paths()
}
