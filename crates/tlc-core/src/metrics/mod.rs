//! Metrics tables: what a model said about each sample, in sealed segments.

mod add;
mod change;
mod check;
mod compact;
mod constant;
mod fit;
mod join;
mod of_run;
mod options;
mod segment;
mod settle;
mod shard;
mod table;
mod tables;
mod text;
mod worst;
mod writer;

pub use self::add::AddMetrics;
pub use self::change::RunChange;
pub use self::check::EXAMPLE_ID;
pub use self::join::TABLE_ROW;
pub use self::options::{DEFAULT_STREAM, MetricsOptions};
pub(crate) use self::shard::is_of_shards;
pub use self::shard::{MetricsShard, MetricsShardWriter, ShardedMetrics};
pub use self::table::{MetricsTable, MetricsTableInfo};
pub use self::tables::MetricsTables;
pub use self::worst::Worst;
pub use self::writer::MetricsTableWriter;
