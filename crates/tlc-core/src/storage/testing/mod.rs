//! Stores that fail on purpose (feature `testing`).

mod count;
mod fault;
mod flaky;
mod lossy;

pub use self::count::CountingStore;
pub use self::fault::{Fault, FaultStore, When};
pub use self::flaky::FlakyStore;
pub use self::lossy::{Crash, LossyStore, Syncs};
