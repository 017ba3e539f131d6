//! Binary classification: one logit a sample.

use super::classes::Classes;
use super::collector::MetricsCollector;
use super::confusion::Confusion;
use super::host::HostBatch;
use super::input::CollectorInput;
use super::loss;
use super::readback::Readback;
use super::summary::Summary;
use super::targets::Targets;
use super::threshold::Threshold;
use crate::tap::Activations;
use crate::{Error, Result};
use burn::tensor::activation::sigmoid;
use burn::tensor::{Int, Tensor};
use tlc_core::{Column, Columns, IntoClassMap, Role, ValueType};

const NAME: &str = "binary_classification";
const TARGETS: Targets<'_> = Targets {
    collector: NAME,
    column: "loss",
};

/// What binary classification needs. It can be a model's output as it stands.
///
/// ```
/// use burn::tensor::{Int, Tensor};
/// use tlc_burn::{Adapt, BinaryClassificationInput};
///
/// struct Output { logits: Tensor<2>, spam: Tensor<1, Int> } // [batch, 1], [batch]
///
/// impl Adapt<BinaryClassificationInput> for Output {
///     fn to_input(&self) -> BinaryClassificationInput {
///         let logits = self.logits.clone().squeeze_dim::<1>(1);
///         BinaryClassificationInput::new(logits, self.spam.clone())
///     }
/// }
/// ```
#[derive(Clone, Debug)]
pub struct BinaryClassificationInput {
    /// Scores of class 1 before the sigmoid, `[batch]`.
    pub logits: Tensor<1>,
    /// 0 or 1, `[batch]`; `None` for unlabelled samples.
    pub targets: Option<Tensor<1, Int>>,
}

impl BinaryClassificationInput {
    /// Logits and targets, each `[batch]`.
    #[must_use]
    pub fn new(logits: Tensor<1>, targets: Tensor<1, Int>) -> Self {
        Self {
            logits,
            targets: Some(targets),
        }
    }
}

impl CollectorInput for BinaryClassificationInput {}

/// Collects `loss`, `predicted`, `accuracy` and `confidence` from one logit a sample.
///
/// The loss is binary cross-entropy. Class 1 is predicted where its probability, the
/// sigmoid of the logit, is above the threshold. The confidence is the probability of
/// the predicted class.
///
/// A sample whose logit is NaN has NaN for loss and confidence and counts as wrong.
///
/// # Shapes
/// Logits and targets `[batch]`; each column is `[batch]`.
///
/// ```
/// use tlc_burn::{BinaryClassification, MetricsCollector};
///
/// let collector = BinaryClassification::new(["ham", "spam"]).threshold(0.9);
/// let names = collector.columns().into_iter().map(|column| column.name).collect::<Vec<_>>();
/// assert_eq!(names, ["loss", "predicted", "accuracy", "confidence"]);
/// ```
#[derive(Clone, Debug)]
pub struct BinaryClassification {
    classes: Classes,
    threshold: Threshold,
    per_class: bool,
}

impl BinaryClassification {
    /// With class 0 and class 1: names, whose ids are 0 and 1, or a
    /// [`ClassMap`](tlc_core::ClassMap) of two classes, whose ids are what is written.
    pub fn new(classes: impl IntoClassMap) -> Self {
        Self {
            classes: Classes::new(classes),
            threshold: Threshold::default(),
            per_class: false,
        }
    }

    /// Sets the probability above which class 1 is predicted; 0.5 by default.
    #[must_use]
    pub fn threshold(mut self, probability: f32) -> Self {
        self.threshold = Threshold(probability);
        self
    }

    /// Sets whether precision, recall and F1 of both classes and the confusion matrix
    /// are written, as by [`Classification::per_class`](crate::Classification::per_class).
    #[must_use]
    pub fn per_class(mut self, on: bool) -> Self {
        self.per_class = on;
        self
    }
}

impl MetricsCollector for BinaryClassification {
    type Input = BinaryClassificationInput;

    fn name(&self) -> &str {
        NAME
    }

    fn columns(&self) -> Vec<Column> {
        vec![
            loss::column().description("binary cross-entropy of the sample"),
            Column::new("predicted", self.classes.value_type())
                .description("class 1 if its probability is above the threshold, else class 0")
                .role(Role::Prediction),
            Column::metric("accuracy").description("1 if the prediction is the target, else 0"),
            Column::new("confidence", ValueType::Confidence)
                .description("probability of the prediction"),
        ]
    }

    fn compute(
        &self,
        input: BinaryClassificationInput,
        _: &Activations,
        readback: &mut Readback,
    ) -> Result<()> {
        self.threshold.check(NAME)?;
        if self.classes.len() != 2 {
            let reason = format!("it tells 2 classes apart, not {}", self.classes.len());
            return Err(Error::collector(NAME, reason));
        }
        let dims = input.logits.dims();
        let targets = TARGETS.register(input.targets, dims, &dims, readback)?;
        readback.register("probability", sigmoid(input.logits.clone()))?;
        readback.register("loss", loss::binary(input.logits, targets))
    }

    fn collect(&self, batch: &HostBatch) -> Result<Columns> {
        let targets = TARGETS.classes(batch, 2, |_| true)?;
        let probability = batch.floats("probability")?;
        let (mut predicted, mut accuracy, mut confidence) = (Vec::new(), Vec::new(), Vec::new());
        for (probability, target) in probability.into_iter().zip(targets) {
            let positive = self.threshold.is_met(probability);
            let right = positive == (target == 1) && !probability.is_nan();
            predicted.push(self.classes.class_of(i64::from(positive)));
            accuracy.push(f32::from(u8::from(right)));
            confidence.push(if positive {
                probability
            } else {
                1.0 - probability
            });
        }
        Ok(Columns::new()
            .column("loss", batch.floats("loss")?)
            .column("predicted", predicted)
            .column("accuracy", accuracy)
            .column("confidence", confidence))
    }

    fn summary(&self) -> Option<Box<dyn Summary>> {
        let confusion = || Box::new(Confusion::new(NAME, self.classes.map())) as Box<dyn Summary>;
        self.per_class.then(confusion)
    }
}
