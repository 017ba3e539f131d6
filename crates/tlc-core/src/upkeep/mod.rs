//! Looking after what lies in a project: what is damaged, what is left over, what is no
//! longer wanted.

mod delete;
mod hold;
mod named;
mod names;
mod places;
mod unfinished;
mod vacuum;
mod verify;

pub use self::delete::delete;
pub use self::unfinished::{Unfinished, unfinished};
pub use self::vacuum::{Leftover, Leftovers, VacuumOptions, vacuum};
pub use self::verify::{Problem, Verified, verify};
