//! Splits: the rows of a table in named parts, such as those to train on and those to test on,
//! and as many rows of one class as of another.
//!
//! A split is computed and not stored: the same table, [`Parts`] and seed give the same rows,
//! on any machine. It becomes revisions, a column or selections when it is told to.

mod balance;
mod chance;
mod groups;
mod keys;
mod made;
mod named;
mod number;
mod parts;
mod shares;
mod strata;

pub use self::balance::Balance;
pub use self::made::Split;
pub use self::parts::Parts;
pub use self::shares::Share;
