//! Tables, runs and per-sample metrics tables on Arrow and Parquet.
//!
//! A [`Table`] is an immutable revision of a data set; [`edit`](Table::edit) makes the next.
//! A [`Run`] is one experiment:
//! parameters, status, aggregate values over time, and metrics tables. A
//! [`MetricsTable`] is what a model said about each sample; its `example_id` is the
//! row index into the table it was collected on.
//!
//! ```text
//! <root>/<project>/datasets/<dataset>/tables/<table>/commits/<20 digits>.json  parts/*.parquet
//!     revisions/<20 digits>.json  overlays/*.parquet  selections/<name>/<20 digits>.json
//! <root>/<project>/runs/<run>/commits/<20 digits>.json  metrics/<table>/*.parquet  aggregates/*.parquet
//! <root>/<project>/edits/<table id>/<20 digits>.json
//! <root>/<project>/aliases/<20 digits>.json
//! ```
//!
//! A table, a segment of metrics or a change of a run is visible wholly or not at
//! all, durable once the call that wrote it has returned, and never overwritten;
//! every byte read back is checked against the checksums of the commit that
//! published it. `add_batch` and [`log`] buffer; what they take is durable after `flush`,
//! [`finalize`](MetricsTableWriter::finalize) or [`close`]. A call that fails can be
//! repeated: nothing is lost, nothing written twice. See [`storage`] for what is promised
//! and what is not, [`verify`], [`vacuum`] and [`delete`] for looking after a project.
//!
//! ```
//! use serde::Serialize;
//! use tlc_core::{Columns, MetricsOptions, MetricsTableWriter, Run, RunOptions, Table, TableOptions, Url};
//!
//! #[derive(Serialize)]
//! struct Row { label: i32 }
//!
//! let root = Url::parse("memory://docs-crate/")?;
//! let table = Table::create(TableOptions::new("demo", "train", "initial").root(&root), |writer| {
//!     writer.add_rows(&[Row { label: 1 }, Row { label: 0 }])
//! })?;
//! let run = Run::create(RunOptions::new("demo").root(&root))?;
//! let mut writer = MetricsTableWriter::new(MetricsOptions::new().run(&run).foreign_table(&table))?;
//! writer.add_batch(Columns::new().column("example_id", vec![1_i64]).column("loss", vec![0.3_f32]))?;
//! writer.finalize()?;
//! run.update_metrics(&writer.get_written_metrics_infos())?;
//!
//! let joined = run.metrics()?[0].join(&["label"])?.next().transpose()?;
//! assert!(joined.is_some_and(|batch| batch.num_columns() == 3));
//! # Ok::<(), tlc_core::Error>(())
//! ```

mod alias;
pub mod arrow;
mod error;
mod layout;
mod limits;
mod media;
mod metrics;
mod part;
mod revision;
mod row_set;
mod run;
mod schema;
mod selection;
mod split;
pub mod storage;
mod table;
mod upkeep;
mod url;

pub use self::alias::Aliases;
pub use self::error::{Error, Result};
pub use self::layout::{
    DEFAULT_PROJECT, DEFAULT_TABLE, ROOT_VARIABLE, edits_folder, project_root, projects, runs,
    tables,
};
pub use self::media::Media;
pub use self::metrics::{
    AddMetrics, DEFAULT_STREAM, EXAMPLE_ID, MetricsOptions, MetricsShard, MetricsShardWriter,
    MetricsTable, MetricsTableInfo, MetricsTableWriter, MetricsTables, RunChange, ShardedMetrics,
    TABLE_ROW, Worst,
};
#[cfg(feature = "testing")]
pub use self::part::set_row_group_rows;
pub use self::part::{PageStatistics, SCHEMA_KEY, Statistics, read_arrow_file};
pub use self::revision::{
    Committed, Concatenated, Conflict, Derivation, Diff, Editor, Lineage, Overruled, Renumbered,
    Revision, RevisionOptions, RowMap, TableRef, Touched, concatenate,
};
pub use self::row_set::RowSet;
pub use self::run::{
    Axis, Parameter, Run, RunOptions, RunRef, Series, Status, active_run, active_run_or_init,
    active_run_or_init_beside, close, init, log, set_active_run,
};
pub use self::schema::{
    COLUMN_KEY, Class, ClassMap, Color, Column, ImageStorage, IntoClassMap, Role, Schema, Skeleton,
    ValueType,
};
pub use self::selection::{Selection, SelectionInfo};
pub use self::split::{Balance, Parts, Share, Split};
pub use self::storage::{CACHE_BYTES_VARIABLE, CACHE_VARIABLE};
pub use self::table::{
    Cell, Changes, Columns, IfExists, IntoArray, IntoConstant, RevisionKind, Scan, ScanBatches,
    Table, TableOptions, TableWriter, read_rows,
};
pub use self::upkeep::{
    Leftover, Leftovers, Problem, Unfinished, VacuumOptions, Verified, delete, unfinished, vacuum,
    verify,
};
pub use self::url::{Scheme, Url, check_name};

/// The README's example, run as a test.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
