//! A reducer over a metrics table: a new metrics table beside it.

use super::Pca;
use crate::embeddings::HINT;
use crate::{Embeddings, Result, beside, column};
use arrow::array::{ArrayRef, FixedSizeListArray, Float32Array};
use arrow::datatypes::{DataType, Field, Float32Type};
use std::sync::Arc;
use tlc_core::{Column, MetricsTable, Run, ValueType};

/// Reduces a column of embeddings of a metrics table, batch by batch, and writes
/// `<column>_pca` into the run as a new metrics table, stream `<column>_pca`, with the
/// `example_id`, the foreign table and the constants of the source.
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
/// let reduced = reduce::apply(&reduce::load(&run, "hidden")?, &run, &source, "embeddings_hidden")?;
/// assert_eq!(reduced.schema().names().collect::<Vec<_>>(), ["embeddings_hidden_pca", "epoch"]);
/// # Ok::<(), tlc_findings::Error>(())
/// ```
///
/// # Errors
/// [`Error::NotCollected`](crate::Error::NotCollected) and
/// [`Error::ColumnType`](crate::Error::ColumnType) for the column,
/// [`Error::Shape`](crate::Error::Shape) for vectors of another length than those fitted;
/// storage errors.
pub fn apply(pca: &Pca, run: &Run, source: &MetricsTable, column: &str) -> Result<MetricsTable> {
    let dim = column::list_len(source, column, HINT)?;
    let reduced = format!("{column}_pca");
    let value = ValueType::Embedding {
        dim: pca.components(),
    };
    let described = Column::new(&reduced, value)
        .description("principal components")
        .visible(true);
    let read = Some(column);
    beside::write(
        run,
        source,
        &reduced,
        [described],
        read,
        |batch, _, written| {
            let lists = column::of(batch, column)?;
            let values = column::list_values::<Float32Type>(source.name(), column, lists)?;
            let points = pca.transform(&Embeddings::new(values, dim)?)?;
            written.push(&reduced, array(&points));
            Ok(())
        },
    )
}

/// Points `[samples, components]` as a column.
fn array(points: &Embeddings) -> ArrayRef {
    let item = Arc::new(Field::new_list_field(DataType::Float32, false));
    let len = i32::try_from(points.dim()).unwrap_or(i32::MAX);
    let values = Arc::new(Float32Array::from(points.values().to_vec()));
    Arc::new(FixedSizeListArray::new(item, len, values, None))
}
