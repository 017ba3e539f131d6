//! A reducer over a metrics table: a new metrics table beside it.

use super::{Reducer, rows};
use crate::embeddings::HINT;
use crate::{Embeddings, Progress, Result, beside, column};
use tlc_core::arrow::datatypes::Float32Type;
use tlc_core::{Column, MetricsTable, Run, ValueType};

/// Reduces a column of embeddings of a metrics table, batch by batch, and writes
/// `<column>_pca` or `<column>_umap` into the run as a new metrics table, whose stream has the
/// same name, with the `example_id`, the foreign table and the constants of the source.
///
/// ```
/// # use serde::Serialize;
/// use tlc_core::{AddMetrics, Columns, Run, RunOptions, Url};
/// use tlc_findings::{Embeddings, reduce};
///
/// # let root = Url::parse("memory://docs-reduce/")?;
/// # let run = Run::create(RunOptions::new("demo").root(&root))?;
/// let vectors = vec![[0.0_f32, 0.0, 1.0], [3.0, 4.0, 1.0], [6.0, 8.5, 1.0]];
/// let metrics = Columns::new().column("embeddings_hidden", vectors);
/// let source = run.add_metrics(metrics, AddMetrics::new().constant("epoch", 3))?;
/// let pca = reduce::Pca::fit(&Embeddings::of_metrics(&source, "embeddings_hidden")?, 2)?;
/// reduce::save(&pca, &run, "hidden")?;
///
/// let loaded = reduce::load(&run, "hidden")?;
/// let reduced = reduce::apply(loaded, &run, &source, "embeddings_hidden")?;
/// assert_eq!(reduced.schema().names().collect::<Vec<_>>(), ["embeddings_hidden_pca", "epoch"]);
/// # Ok::<(), tlc_findings::Error>(())
/// ```
///
/// # Errors
/// [`Error::NotCollected`](crate::Error::NotCollected) and
/// [`Error::ColumnType`](crate::Error::ColumnType) for the column,
/// [`Error::Shape`](crate::Error::Shape) for vectors of another length than those fitted;
/// storage errors.
pub fn apply(
    reducer: impl Into<Reducer>,
    run: &Run,
    source: &MetricsTable,
    column: &str,
) -> Result<MetricsTable> {
    let reducer = reducer.into();
    let (kind, _) = reducer.labels();
    let reduced = format!("{column}_{kind}");
    apply_as(&reduced, reducer, run, source, column, &Progress::new())
}

/// As [`apply`], under a name of one's own, followed and ended by its progress.
///
/// # Errors
/// As [`apply`]; [`Error::Cancelled`](crate::Error::Cancelled).
pub fn apply_as(
    reduced: &str,
    reducer: impl Into<Reducer>,
    run: &Run,
    source: &MetricsTable,
    column: &str,
    progress: &Progress,
) -> Result<MetricsTable> {
    let reducer = reducer.into();
    let dim = column::list_len(source, column, HINT)?;
    let (_, description) = reducer.labels();
    progress.begin("places", source.len());
    let value = ValueType::Embedding {
        dim: reducer.components(),
    };
    let described = Column::new(reduced, value)
        .description(description)
        .visible(true);
    beside::write(
        run,
        source,
        reduced,
        [described],
        column,
        |batch, written| {
            progress.check()?;
            progress.advance(batch.num_rows());
            let lists = column::of(batch, column)?;
            let values = column::list_values::<Float32Type>(source.name(), column, lists)?;
            let points = reducer.transform(&Embeddings::new(values, dim)?)?;
            written.push(reduced, rows::lists(&points));
            Ok(())
        },
    )
}
