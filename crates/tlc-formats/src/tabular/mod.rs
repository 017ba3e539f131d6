//! Formats of rows: CSV, JSON lines, Arrow, Parquet.

mod blocks;
mod csv;
mod moment;

pub use self::csv::Csv;
