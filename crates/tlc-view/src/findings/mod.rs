//! What to look at: the first thing that a person sees of a run.

mod card;
mod compute;
mod layout;

pub use self::card::{Card, CardKind, CardState};
pub use self::compute::compute_findings;
pub use self::layout::compute_layout;
