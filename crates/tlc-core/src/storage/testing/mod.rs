//! Stores that fail on purpose (feature `testing`).

mod fault;
mod flaky;
mod lossy;

pub use self::fault::{Fault, FaultStore, When};
pub use self::flaky::FlakyStore;
pub use self::lossy::{Crash, LossyStore, Syncs};
