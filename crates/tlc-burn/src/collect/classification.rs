//! Classification: loss, prediction, correctness and confidence of each sample.

use super::classes::Classes;
use super::collector::MetricsCollector;
use super::confusion::Confusion;
use super::host::HostBatch;
use super::input::ClassificationInput;
use super::readback::Readback;
use super::summary::Summary;
use super::targets::Targets;
use super::{lists, loss};
use crate::Result;
use crate::tap::Activations;
use burn::tensor::activation::log_softmax;
use tlc_core::{Column, Columns, IntoClassMap, Role, ValueType};

const NAME: &str = "classification";
const TARGETS: Targets<'_> = Targets {
    collector: NAME,
    column: "loss",
};

/// Collects `loss`, `predicted`, `accuracy` and `confidence` from logits
/// `[batch, classes]` and targets `[batch]`.
///
/// Targets are positions among the classes, predictions are written as their ids. Where the
/// labels of a table have ids of their own, take its classes
/// ([`Schema::class_map`](tlc_core::Schema::class_map)) for the collector, and
/// [`ClassMap::position`](tlc_core::ClassMap::position) of a label for its target.
///
/// A sample whose logits hold a NaN has NaN for loss and confidence and counts as
/// wrong.
///
/// # Shapes
/// Logits `[batch, classes]`, targets `[batch]`; each column is `[batch]`, and
/// `probabilities`, where asked for, lists of `classes` values.
///
/// ```
/// use tlc_burn::{Classification, MetricsCollector};
///
/// let collector = Classification::new(["cat", "dog"]);
/// let names = collector.columns().into_iter().map(|column| column.name).collect::<Vec<_>>();
/// assert_eq!(names, ["loss", "predicted", "accuracy", "confidence"]);
/// ```
#[derive(Clone, Debug)]
pub struct Classification {
    classes: Classes,
    per_class: bool,
    probabilities: bool,
}

impl Classification {
    /// With the classes, in the order of the model's outputs: names, whose ids are 0 to n-1,
    /// or a [`ClassMap`](tlc_core::ClassMap), whose ids are what is written.
    pub fn new(classes: impl IntoClassMap) -> Self {
        Self {
            classes: Classes::new(classes),
            per_class: false,
            probabilities: false,
        }
    }

    /// Sets whether precision, recall and F1 of each class and the confusion matrix
    /// are written beside the metrics of samples; off by default, and where
    /// aggregates are off.
    ///
    /// Their means over all classes are logged to the run as `macro_precision`,
    /// `macro_recall` and `macro_f1`. Two metrics tables of their own streams get:
    ///
    /// - `per_class_metrics`: `class`, `precision`, `recall`, `f1` and `support`, the
    ///   samples of the class, a row for each class;
    /// - `confusion_matrix`: `label`, `predicted` and `count`, a row for each pair
    ///   that occurs.
    ///
    /// What would be divided by zero is 0, as with scikit-learn's `zero_division=0`:
    /// a class that is never seen and never predicted has 0 everywhere, and counts so
    /// in the means. A sample without a prediction, since its logits hold a NaN, is
    /// missed by its class and in no pair.
    #[must_use]
    pub fn per_class(mut self, on: bool) -> Self {
        self.per_class = on;
        self
    }

    /// Sets whether the softmax probability of every class is collected as
    /// `probabilities`, `[classes]` for each sample, which is what finding label issues
    /// needs; off by default, since it takes four bytes for each sample and class.
    #[must_use]
    pub fn probabilities(mut self, on: bool) -> Self {
        self.probabilities = on;
        self
    }
}

impl MetricsCollector for Classification {
    type Input = ClassificationInput;

    fn name(&self) -> &str {
        NAME
    }

    fn columns(&self) -> Vec<Column> {
        let mut columns = vec![
            loss::column(),
            Column::new("predicted", self.classes.value_type())
                .description("class with the largest logit")
                .role(Role::Prediction),
            Column::metric("accuracy").description("1 if the prediction is the target, else 0"),
            Column::new("confidence", ValueType::Confidence)
                .description("softmax probability of the prediction"),
        ];
        if self.probabilities {
            let list = ValueType::List {
                item: Box::new(ValueType::Confidence),
                len: Some(self.classes.len()),
            };
            let column = Column::new("probabilities", list)
                .description("softmax probability of each class")
                .visible(false);
            columns.push(column);
        }
        columns
    }

    fn compute(
        &self,
        input: ClassificationInput,
        _: &Activations,
        readback: &mut Readback,
    ) -> Result<()> {
        let logits = input.logits.dims();
        self.classes.check(NAME, &logits)?;
        let targets = TARGETS.register(input.targets, [logits[0]], &logits, readback)?;
        let log_probabilities = log_softmax(input.logits, 1);
        if self.probabilities {
            readback.register("probabilities", log_probabilities.clone().exp())?;
        }
        let (best, predicted) = log_probabilities.clone().max_dim_with_indices(1);
        readback.register("loss", loss::of(log_probabilities, targets))?;
        readback.register("predicted", predicted.squeeze_dim::<1>(1))?;
        readback.register("confidence", best.exp().squeeze_dim::<1>(1))
    }

    fn collect(&self, batch: &HostBatch) -> Result<Columns> {
        let targets = TARGETS.classes(batch, self.classes.len(), |_| true)?;
        let loss = batch.floats("loss")?;
        let predicted = batch.ints("predicted")?;
        let mut confidence = batch.floats("confidence")?;
        let mut accuracy = Vec::with_capacity(targets.len());
        let rows = predicted
            .iter()
            .zip(&mut confidence)
            .zip(loss.iter().zip(targets));
        for ((predicted, confidence), (loss, target)) in rows {
            if loss.is_nan() {
                *confidence = f32::NAN;
            }
            let right = self.classes.is_right(*predicted, target) && !loss.is_nan();
            accuracy.push(f32::from(u8::from(right)));
        }
        let predicted = predicted.iter();
        let predicted = predicted.map(|position| self.classes.class_of(*position));
        let mut columns = Columns::new()
            .column("loss", loss)
            .column("predicted", predicted.collect::<Vec<i32>>())
            .column("accuracy", accuracy)
            .column("confidence", confidence);
        if self.probabilities {
            let probabilities = batch.floats("probabilities")?;
            let lists = lists::fixed(NAME, probabilities, self.classes.len())?;
            columns.push("probabilities", lists);
        }
        Ok(columns)
    }

    fn summary(&self) -> Option<Box<dyn Summary>> {
        let confusion = || Box::new(Confusion::new(NAME, self.classes.map())) as Box<dyn Summary>;
        self.per_class.then(confusion)
    }
}
