//! Formats of rows: CSV, JSON lines, Arrow, Parquet.

mod arrow;
mod blocks;
mod columnar;
mod csv;
mod done;
mod files;
mod json;
mod memory;
mod moment;
mod numbers;
mod parquet;

pub use self::arrow::Arrow;
pub use self::csv::Csv;
pub(crate) use self::files::ColumnFile;
pub use self::json::JsonLines;
pub use self::memory::Records;
pub use self::parquet::Parquet;
