//! Counting rows: histograms and statistics of numbers, rows of each class.

mod bins;
mod classes;
mod histogram;
mod statistics;

pub use self::bins::Bins;
pub use self::classes::{ClassCount, ClassCounts};
pub use self::histogram::{Apart, Histogram};
pub use self::statistics::{Quantiles, Statistics};
