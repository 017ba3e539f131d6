//! Outliers and near-duplicates as metrics tables of the run they were found in.

use super::{NearDuplicates, Outliers};
use crate::{Result, beside};
use std::collections::BTreeMap;
use std::sync::Arc;
use tlc_core::arrow::array::{ArrayRef, Float32Array, Int64Array};
use tlc_core::{Column, MetricsTable, MetricsTableWriter, Role, Run, ValueType};

impl Outliers {
    /// Writes `outlier_score`, the lower the farther out, and `neighbor_distance`, the mean
    /// distance to the neighbours, of every sample into the run, stream `outliers`, with the
    /// `example_id`, the foreign table and the constants of the metrics that the embeddings
    /// came from.
    ///
    /// # Errors
    /// [`Error::Rows`](crate::Error::Rows) for metrics of another number of rows; storage
    /// errors.
    pub fn write(&self, run: &Run, source: &MetricsTable) -> Result<MetricsTable> {
        Ok(self.writer(run, source)?.finish()?)
    }

    pub(crate) fn writer(&self, run: &Run, source: &MetricsTable) -> Result<MetricsTableWriter> {
        let score = metric("outlier_score", ValueType::Float32)
            .description("0 is far from all others, 1 lies among them");
        let distance = metric("neighbor_distance", ValueType::Float32)
            .description("mean distance to the nearest neighbours");
        let columns = [
            (score, floats(&self.scores)),
            (distance, floats(&self.mean_distances)),
        ];
        beside::writer_of_rows(run, source, "outliers", &self.example_ids, &columns)
    }
}

impl NearDuplicates {
    /// Writes `duplicate_similarity`, 1 for a duplicate, and `duplicate_set`, the number of
    /// the set of near-duplicates that the sample is in, of every sample into the run, stream
    /// `near_duplicates`, with the `example_id`, the foreign table and the constants of the
    /// metrics that the embeddings came from.
    ///
    /// # Errors
    /// [`Error::Rows`](crate::Error::Rows) for metrics of another number of rows; storage
    /// errors.
    pub fn write(&self, run: &Run, source: &MetricsTable) -> Result<MetricsTable> {
        Ok(self.writer(run, source)?.finish()?)
    }

    pub(crate) fn writer(&self, run: &Run, source: &MetricsTable) -> Result<MetricsTableWriter> {
        let sets = (0_i64..).zip(&self.sets);
        let set_of: BTreeMap<i64, i64> = sets
            .flat_map(|(number, ids)| ids.iter().map(move |id| (*id, number)))
            .collect();
        let sets = self.example_ids.iter().map(|id| set_of.get(id).copied());
        let similarity = metric("duplicate_similarity", ValueType::Float32)
            .description("how near the nearest other sample is: 1 is a duplicate");
        let set = metric("duplicate_set", ValueType::Int64)
            .description("number of the set of near-duplicates, the largest set first")
            .nullable(true);
        let columns = [
            (similarity, floats(&self.similarity)),
            (set, Arc::new(sets.collect::<Int64Array>()) as ArrayRef),
        ];
        beside::writer_of_rows(run, source, "near_duplicates", &self.example_ids, &columns)
    }
}

fn metric(name: &str, value: ValueType) -> Column {
    Column::new(name, value).role(Role::Metric)
}

fn floats(values: &[f64]) -> ArrayRef {
    let values: Float32Array = values.iter().map(|value| Some(*value as f32)).collect();
    Arc::new(values)
}
