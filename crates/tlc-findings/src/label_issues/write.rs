//! Label issues as a metrics table of the run they were found in.

use super::LabelIssues;
use crate::{Result, beside};
use std::sync::Arc;
use tlc_core::arrow::array::{BooleanArray, Float32Array};
use tlc_core::{Column, MetricsTable, Role, Run, ValueType};

/// Stream of the metrics tables that hold label issues.
pub const STREAM: &str = "label_issues";

impl LabelIssues {
    /// Writes `label_score`, the lower the likelier wrong, and `is_label_issue` of every
    /// sample into the run, stream `label_issues`, with the `example_id`, the foreign table
    /// and the constants of the metrics that the predictions came from. The names are those
    /// of `cleanlab`'s Datalab.
    ///
    /// # Errors
    /// [`Error::Rows`](crate::Error::Rows) for metrics of another number of rows; storage
    /// errors.
    pub fn write(&self, run: &Run, source: &MetricsTable) -> Result<MetricsTable> {
        let mut is_issue = vec![false; self.scores.len()];
        for row in &self.rows {
            if let Some(is_issue) = is_issue.get_mut(*row) {
                *is_issue = true;
            }
        }
        let scores: Float32Array = self
            .scores
            .iter()
            .map(|score| Some(*score as f32))
            .collect();
        let score = Column::new("label_score", ValueType::Float32)
            .description("how well the model supports the given label: 0 not at all, 1 wholly")
            .role(Role::Metric);
        let issue = Column::new("is_label_issue", ValueType::Bool)
            .description("whether the given label is probably wrong")
            .role(Role::Metric);
        let is_issue = BooleanArray::from(is_issue);
        let columns = [
            (score, Arc::new(scores) as _),
            (issue, Arc::new(is_issue) as _),
        ];
        beside::write_rows(run, source, STREAM, columns)
    }
}
