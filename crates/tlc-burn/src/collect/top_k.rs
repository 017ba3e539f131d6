//! The classes a model likes best, and whether the target is among them.

use super::classes::Classes;
use super::collector::MetricsCollector;
use super::host::HostBatch;
use super::input::ClassificationInput;
use super::lists;
use super::readback::Readback;
use super::targets::Targets;
use crate::tap::Activations;
use crate::{Error, Result};
use burn::tensor::activation::log_softmax;
use tlc_core::{Column, Columns, IntoClassMap, Role, ValueType};

const NAME: &str = "top_k";

/// Collects the `k` classes with the largest logits, best first: `top<k>_predicted`,
/// their softmax probabilities `top<k>_confidence`, and `top<k>_accuracy`, which is 1
/// if the target is one of them, else 0.
///
/// Classes of equal logits come in any order. A sample whose logits hold a NaN has NaN
/// for confidences and counts as wrong.
///
/// # Shapes
/// Logits `[batch, classes]`, targets `[batch]`. `top<k>_predicted` and
/// `top<k>_confidence` are lists of `k` values, `top<k>_accuracy` is `[batch]`.
///
/// ```
/// use tlc_burn::{MetricsCollector, TopK};
///
/// let columns = TopK::new(["cat", "dog", "owl"], 2).columns();
/// let names: Vec<_> = columns.iter().map(|column| column.name.as_str()).collect();
/// assert_eq!(names, ["top2_predicted", "top2_confidence", "top2_accuracy"]);
/// ```
#[derive(Clone, Debug)]
pub struct TopK {
    classes: Classes,
    k: usize,
}

impl TopK {
    /// With the classes, in the order of the model's outputs: names, whose ids are 0 to n-1,
    /// or a [`ClassMap`](tlc_core::ClassMap), whose ids are what is written. `k` is 1 or
    /// more, and not more than there are classes.
    pub fn new(classes: impl IntoClassMap, k: usize) -> Self {
        Self {
            classes: Classes::new(classes),
            k,
        }
    }

    fn column(&self, what: &str) -> String {
        format!("top{}_{what}", self.k)
    }

    fn check(&self, logits: [usize; 2]) -> Result<()> {
        let (k, names) = (self.k, self.classes.len());
        self.classes.check(NAME, &logits)?;
        if (1..=names).contains(&k) {
            return Ok(());
        }
        let reason = format!("k is {k}, but it must be 1 to {names}, the number of classes");
        Err(Error::collector(NAME, reason))
    }
}

impl MetricsCollector for TopK {
    type Input = ClassificationInput;

    fn name(&self) -> &str {
        NAME
    }

    fn columns(&self) -> Vec<Column> {
        let list = |item| ValueType::List {
            item: Box::new(item),
            len: Some(self.k),
        };
        let predicted = list(self.classes.value_type());
        vec![
            Column::new(self.column("predicted"), predicted)
                .description("classes with the largest logits, best first")
                .role(Role::Prediction),
            Column::new(self.column("confidence"), list(ValueType::Confidence))
                .description("softmax probabilities of these classes"),
            Column::metric(self.column("accuracy"))
                .description("1 if the target is one of these classes, else 0"),
        ]
    }

    fn compute(
        &self,
        input: ClassificationInput,
        _: &Activations,
        readback: &mut Readback,
    ) -> Result<()> {
        let logits = input.logits.dims();
        self.check(logits)?;
        let accuracy = self.column("accuracy");
        let targets = Targets {
            collector: NAME,
            column: &accuracy,
        };
        targets.register(input.targets, [logits[0]], &logits, readback)?;
        let log_probabilities = log_softmax(input.logits, 1);
        let (best, predicted) = log_probabilities.topk_with_indices(self.k, 1); // [batch, k]
        readback.register("predicted", predicted)?;
        readback.register("confidence", best.exp())
    }

    fn collect(&self, batch: &HostBatch) -> Result<Columns> {
        let accuracy = self.column("accuracy");
        let targets = Targets {
            collector: NAME,
            column: &accuracy,
        };
        let targets = targets.classes(batch, self.classes.len(), |_| true)?;
        let confidence = batch.floats("confidence")?;
        let predicted = batch.ints("predicted")?;
        let rows = predicted.chunks(self.k).zip(confidence.chunks(self.k));
        let found = rows.zip(&targets).map(|((predicted, confidence), target)| {
            let known = !confidence.iter().any(|confidence| confidence.is_nan());
            f32::from(u8::from(
                known
                    && predicted
                        .iter()
                        .any(|it| self.classes.is_right(*it, *target)),
            ))
        });
        let found: Vec<f32> = found.collect();
        let predicted = predicted.iter();
        let predicted = predicted.map(|position| self.classes.class_of(*position));
        let predicted = lists::fixed(NAME, predicted.collect::<Vec<i32>>(), self.k)?;
        let confidence = lists::fixed(NAME, confidence, self.k)?;
        Ok(Columns::new()
            .column(self.column("predicted"), predicted)
            .column(self.column("confidence"), confidence)
            .column(accuracy, found))
    }
}
