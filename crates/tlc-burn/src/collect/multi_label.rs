//! Multi-label classification: any number of labels a sample.

use super::classes::Classes;
use super::collector::MetricsCollector;
use super::host::HostBatch;
use super::input::CollectorInput;
use super::lists;
use super::loss;
use super::per_class::PerClass;
use super::readback::Readback;
use super::summary::{Summarized, Summary, of_state, to_state};
use super::targets::Targets;
use super::threshold::Threshold;
use crate::Result;
use crate::tap::Activations;
use burn::tensor::activation::sigmoid;
use burn::tensor::{Int, Tensor};
use tlc_core::{Column, Columns, IntoClassMap, Role, ValueType};

const NAME: &str = "multi_label";
const TARGETS: Targets<'_> = Targets {
    collector: NAME,
    column: "loss",
};

/// What multi-label classification needs. It can be a model's output as it stands.
///
/// ```
/// use burn::tensor::{Bool, Tensor};
/// use tlc_burn::{Adapt, MultiLabelInput};
///
/// struct Output { logits: Tensor<2>, tags: Tensor<2, Bool> } // [batch, labels] both
///
/// impl Adapt<MultiLabelInput> for Output {
///     fn to_input(&self) -> MultiLabelInput {
///         MultiLabelInput::new(self.logits.clone(), self.tags.clone().int())
///     }
/// }
/// ```
#[derive(Clone, Debug)]
pub struct MultiLabelInput {
    /// Scores before the sigmoid, `[batch, labels]`.
    pub logits: Tensor<2>,
    /// 1 where the sample has the label, else 0, `[batch, labels]`; `None` for
    /// unlabelled samples.
    pub targets: Option<Tensor<2, Int>>,
}

impl MultiLabelInput {
    /// Logits and targets, each `[batch, labels]`.
    #[must_use]
    pub fn new(logits: Tensor<2>, targets: Tensor<2, Int>) -> Self {
        Self {
            logits,
            targets: Some(targets),
        }
    }
}

impl CollectorInput for MultiLabelInput {}

/// Collects `loss`, `predicted`, `confidence`, `accuracy` and `hamming` from one logit
/// a label.
///
/// - `loss`: binary cross-entropy, the mean over labels;
/// - `predicted`: the labels whose probability, the sigmoid of the logit, is above the
///   threshold, and `confidence`, the probability of each of these;
/// - `accuracy`: 1 if exactly the sample's labels are predicted, else 0;
/// - `hamming`: the share of labels that are predicted but not the sample's, or the
///   other way round.
///
/// A label whose logit is NaN is not predicted, counts as wrong, and makes the loss
/// NaN.
///
/// # Shapes
/// Logits and targets `[batch, labels]`. `predicted` and `confidence` are lists of as
/// many values as labels are predicted, the other columns are `[batch]`.
///
/// ```
/// use tlc_burn::{MetricsCollector, MultiLabel};
///
/// let collector = MultiLabel::new(["indoor", "night", "people"]).threshold(0.3);
/// let names = collector.columns().into_iter().map(|column| column.name).collect::<Vec<_>>();
/// assert_eq!(names, ["loss", "predicted", "confidence", "accuracy", "hamming"]);
/// ```
#[derive(Clone, Debug)]
pub struct MultiLabel {
    labels: Classes,
    threshold: Threshold,
    per_class: bool,
}

impl MultiLabel {
    /// With the labels, in the order of the model's outputs: names, whose ids are 0 to n-1,
    /// or a [`ClassMap`](tlc_core::ClassMap), whose ids are what is written.
    pub fn new(labels: impl IntoClassMap) -> Self {
        Self {
            labels: Classes::new(labels),
            threshold: Threshold::default(),
            per_class: false,
        }
    }

    /// Sets the probability above which a label is predicted; 0.5 by default.
    #[must_use]
    pub fn threshold(mut self, probability: f32) -> Self {
        self.threshold = Threshold(probability);
        self
    }

    /// Sets whether precision, recall and F1 of each label are written, as by
    /// [`Classification::per_class`](crate::Classification::per_class) but without a
    /// confusion matrix.
    #[must_use]
    pub fn per_class(mut self, on: bool) -> Self {
        self.per_class = on;
        self
    }
}

impl MetricsCollector for MultiLabel {
    type Input = MultiLabelInput;

    fn name(&self) -> &str {
        NAME
    }

    fn columns(&self) -> Vec<Column> {
        let list = |item| ValueType::List {
            item: Box::new(item),
            len: None,
        };
        let metric = |name: &str, text: &str| Column::metric(name).description(text);
        let predicted = list(self.labels.value_type());
        vec![
            loss::column().description("binary cross-entropy, mean over labels"),
            Column::new("predicted", predicted)
                .description("labels whose probability is above the threshold")
                .role(Role::Prediction),
            Column::new("confidence", list(ValueType::Confidence))
                .description("probabilities of the predicted labels"),
            metric(
                "accuracy",
                "1 if exactly the sample's labels are predicted, else 0",
            ),
            metric("hamming", "share of labels that are wrong"),
        ]
    }

    fn compute(
        &self,
        input: MultiLabelInput,
        _: &Activations,
        readback: &mut Readback,
    ) -> Result<()> {
        self.threshold.check(NAME)?;
        let dims = input.logits.dims();
        self.labels.check(NAME, &dims)?;
        let targets = TARGETS.register(input.targets, dims, &dims, readback)?;
        readback.register("probability", sigmoid(input.logits.clone()))?;
        let loss = loss::binary(input.logits, targets).mean_dim(1);
        readback.register("loss", loss.squeeze_dim::<1>(1))
    }

    fn collect(&self, batch: &HostBatch) -> Result<Columns> {
        let targets = TARGETS.classes(batch, 2, |_| true)?;
        let probability = batch.floats("probability")?;
        let width = self.labels.len().max(1);
        let (mut predicted, mut confidence) = (Vec::new(), Vec::new());
        let (mut lengths, mut accuracy, mut hamming) = (Vec::new(), Vec::new(), Vec::new());
        for (row, targets) in probability.chunks(width).zip(targets.chunks(width)) {
            let before = predicted.len();
            for (label, probability) in self.labels.map().ids().zip(row) {
                if self.threshold.is_met(*probability) {
                    predicted.push(label);
                    confidence.push(*probability);
                }
            }
            let wrong = self.wrong(row, targets);
            lengths.push(predicted.len() - before);
            accuracy.push(f32::from(u8::from(wrong == 0)));
            hamming.push(wrong as f32 / width as f32);
        }
        let lengths = || lengths.iter().copied();
        Ok(Columns::new()
            .column("loss", batch.floats("loss")?)
            .column("predicted", lists::open(NAME, predicted, lengths())?)
            .column("confidence", lists::open(NAME, confidence, lengths())?)
            .column("accuracy", accuracy)
            .column("hamming", hamming))
    }

    fn summary(&self) -> Option<Box<dyn Summary>> {
        let each = || EachLabel {
            threshold: self.threshold,
            per_class: PerClass::new(self.labels.map()),
        };
        self.per_class.then(|| Box::new(each()) as Box<dyn Summary>)
    }
}

impl MultiLabel {
    /// How many labels of a sample are wrong.
    fn wrong(&self, probability: &[f32], targets: &[i64]) -> usize {
        let is_wrong = |(probability, target): &(&f32, &i64)| {
            probability.is_nan() || self.threshold.is_met(**probability) != (**target == 1)
        };
        probability.iter().zip(targets).filter(is_wrong).count()
    }
}

/// Scores of each label.
struct EachLabel {
    threshold: Threshold,
    per_class: PerClass,
}

impl Summary for EachLabel {
    fn add(&mut self, batch: &HostBatch, _: &Columns) -> Result<()> {
        let targets = batch.ints("targets")?;
        let probability = batch.floats("probability")?;
        let width = self.per_class.classes().len().max(1);
        for (at, (probability, target)) in probability.iter().zip(targets).enumerate() {
            let predicted = self.threshold.is_met(*probability);
            self.per_class.add(at % width, target == 1, predicted);
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Summarized> {
        Ok(self.per_class.summarized())
    }

    fn state(&self) -> Option<String> {
        to_state(&self.per_class.counts())
    }

    fn merge(&mut self, state: &str) -> Result<()> {
        self.per_class.merge(&of_state::<Vec<_>>(state)?);
        Ok(())
    }
}
