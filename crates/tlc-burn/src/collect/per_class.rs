//! Precision, recall and F1 of each class.

use super::summary::Summarized;
use serde::{Deserialize, Serialize};
use tlc_core::{ClassMap, Column, Columns, Role, ValueType};

/// Counts of each class, from which its scores follow.
#[derive(Clone, Debug)]
pub(super) struct PerClass {
    classes: ClassMap,
    counts: Vec<Counts>,
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(super) struct Counts {
    /// Samples of the class.
    support: u64,
    /// Samples that are said to be of the class.
    predicted: u64,
    /// Those that are both.
    right: u64,
}

impl PerClass {
    pub(super) fn new(classes: &ClassMap) -> Self {
        Self {
            classes: classes.clone(),
            counts: vec![Counts::default(); classes.len()],
        }
    }

    pub(super) fn classes(&self) -> &ClassMap {
        &self.classes
    }

    /// Counts a sample: whether it is of the class, and whether it is said to be.
    pub(super) fn add(&mut self, class: usize, is: bool, predicted: bool) {
        if let Some(counts) = self.counts.get_mut(class) {
            counts.support += u64::from(is);
            counts.predicted += u64::from(predicted);
            counts.right += u64::from(is && predicted);
        }
    }

    /// What was counted, class by class.
    pub(super) fn counts(&self) -> &[Counts] {
        &self.counts
    }

    /// Adds what was counted elsewhere.
    pub(super) fn merge(&mut self, others: &[Counts]) {
        for (counts, other) in self.counts.iter_mut().zip(others) {
            counts.support += other.support;
            counts.predicted += other.predicted;
            counts.right += other.right;
        }
    }

    /// The scores of each class as a table, and their means as values.
    pub(super) fn summarized(self) -> Summarized {
        let of_each =
            |score: fn(&Counts) -> f64| -> Vec<f64> { self.counts.iter().map(score).collect() };
        let scores = [
            ("precision", of_each(Counts::precision)),
            ("recall", of_each(Counts::recall)),
            ("f1", of_each(Counts::f1)),
        ];
        let classes: Vec<i32> = self.classes.ids().collect();
        let mut rows = Columns::new().column("class", classes);
        let mut summarized = Summarized::new();
        for (name, scores) in scores {
            let mean = ratio(scores.iter().sum(), scores.len() as f64);
            summarized = summarized.value(format!("macro_{name}"), mean);
            rows.push(name, scores);
        }
        let support = self
            .counts
            .iter()
            .map(|counts| i64::try_from(counts.support).unwrap_or(i64::MAX));
        rows.push("support", support.collect::<Vec<_>>());
        summarized.table("per_class_metrics", rows, columns(self.classes))
    }
}

impl Counts {
    fn precision(&self) -> f64 {
        ratio(self.right as f64, self.predicted as f64)
    }

    fn recall(&self) -> f64 {
        ratio(self.right as f64, self.support as f64)
    }

    fn f1(&self) -> f64 {
        let both = self.support + self.predicted;
        ratio(2.0 * self.right as f64, both as f64)
    }
}

/// A share; 0 of nothing is 0.
fn ratio(part: f64, whole: f64) -> f64 {
    if whole == 0.0 { 0.0 } else { part / whole }
}

fn columns(classes: ClassMap) -> [Column; 5] {
    let score = |name: &str, text: &str| {
        let column = Column::new(name, ValueType::Float64).description(text);
        column.role(Role::Metric)
    };
    [
        Column::new("class", ValueType::labels(classes)),
        score(
            "precision",
            "share of the predictions of the class that are right",
        ),
        score(
            "recall",
            "share of the samples of the class that are predicted so",
        ),
        score("f1", "harmonic mean of precision and recall"),
        Column::new("support", ValueType::Int64).description("samples of the class"),
    ]
}
