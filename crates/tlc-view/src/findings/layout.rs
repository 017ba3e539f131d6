//! Laying out embeddings so that they can be looked at.

use crate::{Error, Result, View};
use std::collections::HashMap;
use tlc_core::{MetricsTable, Run};
use tlc_findings::reduce::{Umap, UmapOptions, apply_as};
use tlc_findings::{Embeddings, Progress};

/// Vectors that a layout is made of; others get their places among these.
const MOST_FITTED: usize = 20_000;

/// Lays out the vectors in a column of a view's metrics in two or three dimensions, and writes
/// the places into the runs; [`View::refresh`] then has them as `<column>_umap.x` and so on, or
/// `<column>_umap_3d.x`. All metrics of a run share a layout, which is made of at most 20,000
/// of the vectors.
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
    let embedded = view.embedded(column)?;
    if embedded.is_empty() {
        let reason = format!("no metrics have embeddings in `{column}`: collect them");
        return Err(Error::Empty { reason });
    }
    for (run, tables) in embedded {
        let umap = fitted(&tables, column, dimensions, progress)?;
        for table in &tables {
            apply_as(&name, &umap, &run, table, column, progress)?;
        }
    }
    Ok(())
}

fn fitted(
    tables: &[MetricsTable],
    column: &str,
    dimensions: usize,
    progress: &Progress,
) -> Result<Umap> {
    let most = MOST_FITTED / tables.len().max(1);
    let mut values = Vec::new();
    let mut dim = 0;
    for table in tables {
        let vectors = Embeddings::sampled(table, column, most)?;
        dim = vectors.dim();
        values.extend_from_slice(vectors.values());
    }
    let vectors = Embeddings::new(values, dim)?;
    let options = UmapOptions::new().components(dimensions);
    Ok(Umap::fit_with(&vectors, &options, progress)?)
}

impl View {
    /// By run the metrics that have vectors in a column: of each table and split those that
    /// come last.
    fn embedded(&self, column: &str) -> Result<Vec<(Run, Vec<MetricsTable>)>> {
        let mut runs: Vec<(Run, Vec<MetricsTable>)> = Vec::new();
        let mut places: HashMap<(String, String, String), usize> = HashMap::new();
        for (run, table) in self.vectors_in(column)? {
            let split = table.constant("split")?.map(|split| split.to_string());
            let about = table.foreign_table_id().unwrap_or_default().to_owned();
            let key = (run.id(), about, split.unwrap_or_default());
            let at = match runs.iter().position(|(known, _)| known.id() == run.id()) {
                Some(at) => at,
                None => {
                    runs.push((run, Vec::new()));
                    runs.len() - 1
                }
            };
            let Some((_, tables)) = runs.get_mut(at) else {
                continue;
            };
            match places.get(&key).and_then(|place| tables.get_mut(*place)) {
                Some(earlier) => *earlier = table,
                None => {
                    places.insert(key, tables.len());
                    tables.push(table);
                }
            }
        }
        Ok(runs)
    }
}
