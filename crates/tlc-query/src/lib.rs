//! SQL over the runs and tables of a project root, on DataFusion.
//!
//! A [`Context`] knows every run and table by name, and nothing is registered:
//!
//! | name | rows |
//! |---|---|
//! | `"project".runs."run"."stream"` | all results of the stream, `default_stream` if nothing else was said |
//! | `"project".tables."dataset"."table"` | the table or revision, and the number of each row as `example_id` |
//! | `"project".tables."dataset"."table@latest"` | the latest revision of the table |
//!
//! So metrics join the table that they were collected on by `example_id`. Names without quotes
//! are taken in lower case, as in all of SQL.
//!
//! What is read is checked like any other read of a part; only the columns that a question names
//! are read, and no group of rows whose file says that it cannot matter, by its bounds, by the
//! constants of its metrics table (`epoch = 3`) or by its row numbers. Floating-point columns have
//! no bounds: a NaN is greater than any number, and files do not count them. Signs of NaNs and zeros
//! that are read do not count; those of what a question computes do, as everywhere in DataFusion.
//!
//! Labels are numbers, and `class_name(label)` is the name of each one's class.
//!
//! Beside a table that has a column `example_id` of its own no other is shown.
//!
//! ```
//! use tlc_core::{AddMetrics, Columns, Run, RunOptions, Table, TableOptions, Url};
//!
//! # tokio::runtime::Runtime::new()?.block_on(async {
//! let root = Url::parse("memory://docs-query/")?;
//! let table = Table::create(TableOptions::new("demo", "train", "initial").root(&root), |writer| {
//!     writer.add_batch(Columns::new().column("label", vec![0, 1, 1]))
//! })?;
//! let run = Run::create(RunOptions::new("demo").name("first").root(&root))?;
//! let losses = Columns::new().column("loss", vec![0.1_f32, 2.5, 0.3]);
//! run.add_metrics(losses, AddMetrics::new().foreign_table(&table).example_ids(0..3))?;
//!
//! let worst = tlc_query::context(&root)?
//!     .sql(
//!         "SELECT example_id, label, loss
//!          FROM demo.runs.first.default_stream JOIN demo.tables.train.initial USING (example_id)
//!          ORDER BY loss DESC LIMIT 1",
//!     )
//!     .await?
//!     .collect()
//!     .await?;
//! assert_eq!(worst[0].num_rows(), 1);
//! # Ok::<(), tlc_query::Error>(())
//! # })?;
//! # Ok::<(), tlc_query::Error>(())
//! ```

mod catalog;
#[cfg(feature = "ballista")]
pub mod cluster;
#[cfg(feature = "collect")]
mod collect;
mod context;
mod error;
mod float;
mod function;
mod memory;
mod name;
mod prune;
mod rows;
mod scan;
mod source;

#[cfg(feature = "collect")]
pub use self::collect::{Collection, collect_function, collect_on};
pub use self::context::{Context, context};
pub use self::error::{Error, Result};
pub use self::rows::Rows;

/// The engine, whose types stand in signatures here.
pub use datafusion;
