//! Label issues as a metrics table of the run they were found in.

use super::{Filter, LabelIssues, MetricsPredictions, RankedLabel, Score};
use crate::{Result, beside};
use std::sync::Arc;
use tlc_core::arrow::array::{
    ArrayRef, BooleanArray, Float32Array, Int32Array, Int64Array, StringArray,
};
use tlc_core::{Column, MetricsTable, MetricsTableWriter, Role, Run, ValueType};

/// Stream of the metrics tables that hold label issues.
pub const STREAM: &str = "label_issues";

impl LabelIssues {
    /// Writes every sample into the run as a row of a metrics table, stream `label_issues`,
    /// the one whose label is most likely wrong first; about the table that the predictions
    /// were about, with the constants that their metrics share. A query needs no join:
    ///
    /// | column | what |
    /// |---|---|
    /// | `example_id` | the sample |
    /// | `label_rank` | 1 for the label that is most likely wrong, and so on |
    /// | `label_score` | how well the model supports the given label: 0 not at all, 1 wholly |
    /// | `is_label_issue` | whether the label counts as wrong |
    /// | `given_label` | the label that the sample has |
    /// | `suggested_label` | the class that the model thinks likeliest |
    /// | `suggested_probability` | how likely |
    /// | `ranked_by` | which score, of which epochs; the same in all rows |
    /// | `marked_by` | which filter; the same in all rows |
    ///
    /// `label_score`, `is_label_issue` and `given_label` have the names of `cleanlab`'s Datalab.
    ///
    /// # Errors
    /// Storage errors.
    pub fn write(&self, run: &Run, source: &MetricsPredictions) -> Result<MetricsTable> {
        Ok(self.writer(run, source)?.finish()?)
    }

    pub(crate) fn writer(
        &self,
        run: &Run,
        source: &MetricsPredictions,
    ) -> Result<MetricsTableWriter> {
        let reason = |name: &str, description: &str| {
            Column::new(name, ValueType::String).description(description)
        };
        let text = |text: String| Arc::new(StringArray::from(vec![text])) as ArrayRef;
        let about = beside::About::metrics(source.tables())?
            .constant(
                reason("ranked_by", "which score of which epochs the rank is by"),
                text(self.ranked_by()),
            )
            .constant(
                reason("marked_by", "which filter says what counts as an issue"),
                text(self.filter.name().to_owned()),
            );
        let ids: Vec<i64> = self
            .samples
            .iter()
            .map(|sample| sample.example_id)
            .collect();
        beside::writer(
            run,
            &about,
            STREAM,
            &ids,
            &self.columns(source.label_value()),
        )
    }

    /// What the samples are ranked by, in words.
    pub(super) fn ranked_by(&self) -> String {
        let epochs = self.memorization.epochs.iter();
        let epochs: Vec<i64> = epochs.filter_map(|fit| fit.epoch).collect();
        let score = self.score.name();
        match &epochs[..] {
            [] => score.to_owned(),
            [epoch] => format!("{score} of epoch {epoch}"),
            epochs => format!("{score}, {} epochs {}", self.score.mean(), listed(epochs)),
        }
    }

    fn columns(&self, label: &ValueType) -> Vec<(Column, ArrayRef)> {
        let samples = || self.samples.iter();
        let floats = |value: fn(&RankedLabel) -> f64| -> ArrayRef {
            let values: Vec<f32> = samples().map(|sample| value(sample) as f32).collect();
            Arc::new(Float32Array::from(values))
        };
        let classes = |class: fn(&RankedLabel) -> i32| -> ArrayRef {
            let classes = samples().map(class);
            match label {
                ValueType::Int64 => Arc::new(classes.map(i64::from).collect::<Int64Array>()),
                _ => Arc::new(classes.collect::<Int32Array>()),
            }
        };
        let ranks: Int64Array = (1..).take(self.samples.len()).collect();
        let is_issue: Vec<bool> = samples().map(|sample| sample.is_issue).collect();
        let arrays: [ArrayRef; 6] = [
            Arc::new(ranks),
            floats(|sample| sample.score),
            Arc::new(BooleanArray::from(is_issue)),
            classes(|sample| sample.label),
            classes(|sample| sample.suggested),
            floats(|sample| sample.probability),
        ];
        described(label).into_iter().zip(arrays).collect()
    }
}

fn described(label: &ValueType) -> [Column; 6] {
    let metric = |name: &str, value: ValueType| Column::new(name, value).role(Role::Metric);
    [
        metric("label_rank", ValueType::Int64)
            .description("1 for the label that is most likely wrong"),
        metric("label_score", ValueType::Float32)
            .description("how well the model supports the given label: 0 not at all, 1 wholly"),
        metric("is_label_issue", ValueType::Bool)
            .description("whether the given label is probably wrong"),
        Column::new("given_label", label.clone())
            .description("label that the sample has")
            .role(Role::Label),
        Column::new("suggested_label", label.clone())
            .description("class that the model thinks likeliest")
            .role(Role::Prediction),
        metric("suggested_probability", ValueType::Confidence)
            .description("how likely the model thinks it"),
    ]
}

/// Numbers in order, those that follow one another as a range.
fn listed(numbers: &[i64]) -> String {
    let runs = numbers.chunk_by(|a, b| a.checked_add(1) == Some(*b));
    let runs = runs.filter_map(|run| match run {
        [] => None,
        [one] => Some(one.to_string()),
        [first, .., last] => Some(format!("{first} to {last}")),
    });
    runs.collect::<Vec<_>>().join(", ")
}

impl Score {
    fn name(self) -> &'static str {
        match self {
            Self::SelfConfidence => "self_confidence",
            Self::NormalizedMargin => "normalized_margin",
            Self::ConfidenceWeightedEntropy => "confidence_weighted_entropy",
        }
    }
}

impl Score {
    /// How epochs are brought together.
    fn mean(self) -> &'static str {
        match self {
            Self::SelfConfidence => "geometric mean of",
            _ => "of the mean probabilities of",
        }
    }
}

impl Filter {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::PruneByNoiseRate => "prune_by_noise_rate",
            Self::PruneByClass => "prune_by_class",
            Self::Both => "both",
            Self::ConfidentLearning => "confident_learning",
            Self::PredictedNeqGiven => "predicted_neq_given",
        }
    }
}
