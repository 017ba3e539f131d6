//! Metrics tables: what a model said about each sample, in sealed segments.

mod add;
mod check;
mod columns;
mod options;
mod segment;
mod table;
mod writer;

pub use self::add::AddMetrics;
pub use self::columns::{Columns, IntoArray, IntoConstant};
pub use self::options::MetricsOptions;
pub use self::table::{MetricsTable, MetricsTableInfo};
pub use self::writer::{DEFAULT_STREAM, EXAMPLE_ID, MetricsTableWriter};
