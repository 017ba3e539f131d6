//! Laying out embeddings so that they can be looked at.

use crate::source::{Metrics, Model};
use crate::{Error, Result, View};
use tlc_findings::reduce::{Umap, UmapOptions, apply_as};
use tlc_findings::{Embeddings, Progress};

/// Vectors that a layout is made of; others get their places among these.
const MOST_FITTED: usize = 20_000;

/// Lays out the vectors in a column of a view's metrics in two or three dimensions, and writes
/// the places into the runs; [`View::refresh`] then has them as `<column>_umap.x` and so on, or
/// `<column>_umap_3d.x`. Of the epochs in the view the last counts. All metrics of a model, by
/// run, epoch and fold, share a layout, which is made of at most 20,000 of its vectors.
///
/// # Errors
/// [`Error::Empty`] if no metrics of the view have vectors in the column; as
/// [`Umap::fit_with`] and [`apply_as`].
pub fn compute_layout(
    view: &View,
    column: &str,
    dimensions: usize,
    progress: &Progress,
) -> Result<()> {
    let name = match dimensions {
        3 => format!("{column}_umap_3d"),
        _ => format!("{column}_umap"),
    };
    let models = by_model(last(view.vectors_in(column)?)?)?;
    if models.is_empty() {
        let reason = format!("no metrics have embeddings in `{column}`: collect them");
        return Err(Error::Empty { reason });
    }
    for (_, metrics) in models {
        let umap = fitted(&metrics, column, dimensions, progress)?;
        for of in &metrics {
            apply_as(&name, &umap, &of.run, &of.table, column, progress)?;
        }
    }
    Ok(())
}

fn fitted(
    metrics: &[Metrics],
    column: &str,
    dimensions: usize,
    progress: &Progress,
) -> Result<Umap> {
    let most = MOST_FITTED / metrics.len().max(1);
    let mut values = Vec::new();
    let mut dim = 0;
    for of in metrics {
        let vectors = Embeddings::sampled(&of.table, column, most)?;
        dim = vectors.dim();
        values.extend_from_slice(vectors.values());
    }
    let vectors = Embeddings::new(values, dim)?;
    let options = UmapOptions::new().components(dimensions);
    Ok(Umap::fit_with(&vectors, &options, progress)?)
}

/// Those of each table, split and fold that come last.
fn last(all: Vec<Metrics>) -> Result<Vec<Metrics>> {
    let mut last = Vec::new();
    for metrics in all {
        let about = metrics.table.foreign_table_id().map(str::to_owned);
        let constant = |name| metrics.table.constant(name);
        let key = (
            metrics.run.id(),
            about,
            constant("split")?,
            constant("fold")?,
        );
        last.retain(|(known, _)| *known != key);
        last.push((key, metrics));
    }
    Ok(last.into_iter().map(|(_, metrics)| metrics).collect())
}

/// Metrics by whose they are, in their order.
fn by_model(all: Vec<Metrics>) -> Result<Vec<(Model, Vec<Metrics>)>> {
    let mut models: Vec<(Model, Vec<Metrics>)> = Vec::new();
    for metrics in all {
        let model = metrics.model()?;
        match models.iter_mut().find(|(known, _)| *known == model) {
            Some((_, own)) => own.push(metrics),
            None => models.push((model, vec![metrics])),
        }
    }
    Ok(models)
}
