//! Which rows a view is made of: runs, a stream and its epochs, and the tables that they are
//! about; or a table alone.

mod options;
mod part;
mod tables;

pub use self::options::{Epochs, ViewOptions};
pub(crate) use self::part::{Metrics, Model, Part, Samples};
