//! Sequences: a class for each token, as in language models and tagging.

use super::classes::Classes;
use super::collector::MetricsCollector;
use super::host::HostBatch;
use super::input::CollectorInput;
use super::readback::Readback;
use super::targets::{Targets, as_indices, class_of};
use super::tokens::Tokens;
use crate::tap::Activations;
use crate::{Error, Result};
use burn::tensor::activation::log_softmax;
use burn::tensor::{Bool, Int, Tensor};
use tlc_core::{Column, Columns, IntoClassMap, Role, ValueType};

const NAME: &str = "sequence";
const TARGETS: Targets<'_> = Targets {
    collector: NAME,
    column: "token_loss",
};

/// What tasks on sequences need. It can be a model's output as it stands.
///
/// ```
/// use burn::tensor::{Bool, Int, Tensor};
/// use tlc_burn::{Adapt, SequenceInput};
///
/// struct Output { logits: Tensor<3>, next: Tensor<2, Int>, is_padding: Tensor<2, Bool> }
///
/// impl Adapt<SequenceInput> for Output {
///     fn to_input(&self) -> SequenceInput {
///         let input = SequenceInput::new(self.logits.clone(), self.next.clone());
///         input.mask_pad(self.is_padding.clone())
///     }
/// }
/// ```
#[derive(Clone, Debug)]
pub struct SequenceInput {
    /// Scores before softmax, `[batch, tokens, classes]`.
    pub logits: Tensor<3>,
    /// Class indices, `[batch, tokens]`; `None` for unlabelled samples.
    pub targets: Option<Tensor<2, Int>>,
    /// True for tokens that are padding, `[batch, tokens]`, as the `mask_pad` of Burn's
    /// transformers; `None` if none are, or if the targets tell, see [`Sequence::padding`].
    pub mask_pad: Option<Tensor<2, Bool>>,
}

impl SequenceInput {
    /// Logits `[batch, tokens, classes]` and targets `[batch, tokens]`, without a mask.
    #[must_use]
    pub fn new(logits: Tensor<3>, targets: Tensor<2, Int>) -> Self {
        Self {
            logits,
            targets: Some(targets),
            mask_pad: None,
        }
    }

    /// Sets which tokens are padding, `[batch, tokens]`: true for padding.
    #[must_use]
    pub fn mask_pad(mut self, mask_pad: Tensor<2, Bool>) -> Self {
        self.mask_pad = Some(mask_pad);
        self
    }
}

impl CollectorInput for SequenceInput {}

/// Collects `loss`, `perplexity`, `accuracy` and `tokens` of each sequence, and
/// `token_loss` and `token_predicted` of each of its tokens.
///
/// Only tokens that count are looked at: those that are not padding by the mask of the
/// input nor by [`padding`](Self::padding). `loss` is their mean cross-entropy,
/// `perplexity` its exponential, `accuracy` the share of them that are predicted right,
/// `tokens` their number.
///
/// A sequence of padding alone has no loss, perplexity and accuracy: they are null, so
/// that it has no weight in the means, its `tokens` are 0 and its lists are empty. The
/// means that are logged to the run are over sequences, however long each is. A token
/// whose logits hold a NaN has NaN for its loss and counts as wrong.
///
/// # Shapes
/// Logits `[batch, tokens, classes]`, targets and padding `[batch, tokens]`. `token_loss`
/// and `token_predicted` are lists of as many values as tokens count; the other columns
/// are `[batch]`.
///
/// ```
/// use tlc_burn::{MetricsCollector, Sequence};
///
/// let collector = Sequence::new().padding(-100);
/// let names = collector.columns().into_iter().map(|column| column.name).collect::<Vec<_>>();
/// assert_eq!(
///     names,
///     ["loss", "perplexity", "accuracy", "tokens", "token_loss", "token_predicted"]
/// );
/// ```
#[derive(Clone, Debug)]
pub struct Sequence {
    classes: Option<Classes>,
    padding: Option<i64>,
}

impl Sequence {
    /// Of classes without names, such as the tokens of a vocabulary.
    #[must_use]
    pub fn new() -> Self {
        Self {
            classes: None,
            padding: None,
        }
    }

    /// Sets the classes, in the order of the model's outputs: names, whose ids are 0 to n-1,
    /// or a [`ClassMap`](tlc_core::ClassMap), whose ids are what is written.
    #[must_use]
    pub fn classes(mut self, classes: impl IntoClassMap) -> Self {
        self.classes = Some(Classes::new(classes));
        self
    }

    /// Sets the target that marks padding; it need not be a class.
    #[must_use]
    pub fn padding(mut self, target: i64) -> Self {
        self.padding = Some(target);
        self
    }

    fn check_classes(&self, logits: [usize; 3]) -> Result<()> {
        match &self.classes {
            Some(classes) => classes.check_in(NAME, &logits, 2),
            None => Ok(()),
        }
    }

    /// Which tokens count.
    fn counted(&self, batch: &HostBatch) -> Result<Vec<bool>> {
        let targets = batch.ints("targets")?.into_iter();
        let counted = targets.map(|target| Some(target) != self.padding);
        if batch.dims("mask_pad").is_err() {
            return Ok(counted.collect());
        }
        let padding = batch.ints("mask_pad")?.into_iter();
        Ok(counted
            .zip(padding)
            .map(|(counts, padding)| counts && padding == 0)
            .collect())
    }
}

impl Default for Sequence {
    fn default() -> Self {
        Self::new()
    }
}

impl MetricsCollector for Sequence {
    type Input = SequenceInput;

    fn name(&self) -> &str {
        NAME
    }

    fn columns(&self) -> Vec<Column> {
        let list = |item| ValueType::List {
            item: Box::new(item),
            len: None,
        };
        let mean = |name: &str, text: &str| Column::metric(name).description(text).nullable(true);
        let class = match &self.classes {
            Some(classes) => classes.value_type(),
            None => ValueType::Int32,
        };
        vec![
            mean("loss", "mean cross-entropy of the tokens").unit("nats"),
            mean("perplexity", "exponential of the loss"),
            mean("accuracy", "share of the tokens that are predicted right"),
            Column::new("tokens", ValueType::Int64)
                .description("tokens that are not padding")
                .role(Role::Metric),
            Column::new("token_loss", list(ValueType::Float32))
                .description("cross-entropy of each token")
                .unit("nats"),
            Column::new("token_predicted", list(class))
                .description("class with the largest logit at each token")
                .role(Role::Prediction),
        ]
    }

    fn compute(
        &self,
        input: SequenceInput,
        _: &Activations,
        readback: &mut Readback,
    ) -> Result<()> {
        let dims @ [batch, tokens, classes] = input.logits.dims();
        self.check_classes(dims)?;
        let targets = TARGETS.register(input.targets, [batch, tokens], &dims, readback)?;
        if let Some(padding) = input.mask_pad {
            check_padding(padding.dims(), dims)?;
            readback.register("mask_pad", padding.int())?;
        }
        let index = as_indices(targets, classes).unsqueeze_dim::<3>(2);
        let log_probabilities = log_softmax(input.logits, 2);
        let loss = log_probabilities.clone().gather(2, index).neg();
        readback.register("token_loss", loss.squeeze_dim::<2>(2))?;
        let predicted = log_probabilities.argmax(2);
        readback.register("token_predicted", predicted.squeeze_dim::<2>(2))
    }

    fn collect(&self, batch: &HostBatch) -> Result<Columns> {
        let counted = self.counted(batch)?;
        let counts = |at: usize| counted.get(at).copied().unwrap_or_default();
        let classes = batch.dims("predictions")?.get(2).copied();
        let classes = classes.unwrap_or_default();
        let targets = TARGETS.classes(batch, classes, counts)?;
        let losses = batch.floats("token_loss")?;
        let predicted = batch.ints("token_predicted")?;
        let width = batch.dims("targets")?.get(1).copied();
        let width = width.unwrap_or_default().max(1);
        let mut tokens = Tokens::default();
        let all = losses.into_iter().zip(predicted).zip(targets).enumerate();
        for (at, ((loss, predicted), target)) in all {
            if at % width == 0 {
                tokens.begin_sequence();
            }
            if counts(at) {
                let right = predicted == target && !loss.is_nan();
                let class = match &self.classes {
                    Some(known) => known.class_of(predicted),
                    None => class_of(predicted, classes),
                };
                tokens.add(loss, class, right);
            }
        }
        tokens.into_columns(NAME)
    }
}

fn check_padding(padding: [usize; 2], logits @ [batch, tokens, _]: [usize; 3]) -> Result<()> {
    if padding == [batch, tokens] {
        return Ok(());
    }
    Err(Error::Shape {
        collector: NAME.to_owned(),
        column: "token_loss".to_owned(),
        expected: format!("[{batch}, {tokens}] for a padding mask of logits {logits:?}"),
        found: padding.to_vec(),
    })
}
