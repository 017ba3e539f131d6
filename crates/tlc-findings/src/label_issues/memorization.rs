//! Whether a model has learned the labels by heart, the wrong ones with the right ones: then
//! its predictions agree with them and say nothing about them.

use std::fmt::{Display, Formatter, Result};

/// Without anything to compare with, from this share of predicted labels on a model may have
/// learned them by heart.
const NEARLY_ALL: f64 = 0.95;
/// It has where it errs so much more seldom than on labels that it has not seen. Measured:
/// with fewer errors than half, most wrong labels are predicted as they are given.
const FEWER_ERRORS: f64 = 0.5;

/// How well predictions agree with given labels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Agreement {
    /// Number of samples.
    pub samples: u64,
    right: u64,
    confidence: f64,
}

impl Agreement {
    /// Share of the samples whose label is predicted.
    #[must_use]
    pub fn accuracy(&self) -> f64 {
        self.right as f64 / self.samples as f64
    }

    /// Mean probability of the labels.
    #[must_use]
    pub fn confidence(&self) -> f64 {
        self.confidence / self.samples as f64
    }

    /// Adds a sample; of one without a probability it is 0.
    pub(super) fn add(&mut self, is_right: bool, confidence: f64) {
        self.samples += 1;
        self.right += u64::from(is_right);
        self.confidence += if confidence.is_nan() { 0.0 } else { confidence };
    }
}

/// How well the model of an epoch has learned its samples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    /// The epoch, if there are some.
    pub epoch: Option<i64>,
    /// On the samples whose labels are looked at.
    pub train: Agreement,
    /// On samples of other tables, such as those held out, where the run has metrics of the
    /// same epoch about them.
    pub held_out: Option<Agreement>,
}

/// What is to be thought of predictions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// They are of models that have not seen the samples, each those of its fold. Of a probe
    /// that is so for the probe alone: embeddings of a model that knows the labels by heart
    /// tell it of them.
    OutOfFold,
    /// Nothing says that the model has learned the labels by heart.
    Unlikely,
    /// It predicts 95 % of the labels or more, and nothing tells how it fares with others:
    /// either the samples are easy and their labels right, or it knows the labels by heart.
    Possible,
    /// It errs less than half as often as with labels that it has not seen.
    Likely,
}

/// Whether the model has learned the labels by heart by the last epoch, as far as metrics tell.
///
/// ```
/// use tlc_findings::label_issues::{Filter, Score, Slices, Verdict, find};
///
/// let probabilities = [0.999_f32, 0.001, 0.002, 0.998]; // [samples, classes]
/// let predictions = Slices::new(&[0, 1], &probabilities, 2)?;
/// let issues = find(&predictions, Filter::default(), Score::default())?;
/// assert_eq!(issues.count(), 0);
/// assert_eq!(issues.memorization.verdict(), Verdict::Possible); // so that says nothing
/// println!("{}", issues.memorization); // and what to do
/// # Ok::<(), tlc_findings::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Memorization {
    /// Of each epoch that predictions are of, in order.
    pub epochs: Vec<Fit>,
    out_of_fold: bool,
}

impl Memorization {
    pub(super) fn new(epochs: Vec<Fit>, out_of_fold: bool) -> Self {
        Self {
            epochs,
            out_of_fold,
        }
    }

    /// What is to be thought of the last epoch.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match self.decisive() {
            _ if self.out_of_fold => Verdict::OutOfFold,
            Some(fit) => verdict(fit),
            None => Verdict::Unlikely,
        }
    }

    /// Whether finding nothing means nothing.
    #[must_use]
    pub fn is_likely_or_possible(&self) -> bool {
        matches!(self.verdict(), Verdict::Possible | Verdict::Likely)
    }

    /// The last epoch before which no model has learned the labels by heart.
    #[must_use]
    pub fn last_epoch_before(&self) -> Option<i64> {
        let before = self.epochs.iter();
        let before = before.take_while(|fit| verdict(fit) == Verdict::Unlikely);
        before.last().and_then(|fit| fit.epoch)
    }

    /// The last epoch, or where it has nothing to compare with one that had known the labels
    /// by heart before.
    fn decisive(&self) -> Option<&Fit> {
        let mut compared = self.epochs.iter().rev();
        let compared = compared.find(|fit| fit.held_out.is_some());
        let known = compared.filter(|fit| verdict(fit) == Verdict::Likely);
        known.or(self.epochs.last())
    }
}

fn verdict(fit: &Fit) -> Verdict {
    let errors = 1.0 - fit.train.accuracy();
    match fit.held_out {
        _ if fit.train.samples == 0 => Verdict::Unlikely,
        None if errors <= 1.0 - NEARLY_ALL => Verdict::Possible,
        Some(held_out) if errors < (1.0 - held_out.accuracy()) * FEWER_ERRORS => Verdict::Likely,
        _ => Verdict::Unlikely,
    }
}

/// What was measured, and where it matters what to do.
impl Display for Memorization {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let verdict = self.verdict();
        let Some(last) = self.decisive() else {
            return write!(f, "There are no predictions.");
        };
        f.write_str(match verdict {
            Verdict::OutOfFold => "The models have not seen the samples: they predict",
            Verdict::Unlikely => {
                "Nothing says that the model has learned the labels by heart: it predicts"
            }
            Verdict::Possible => {
                "The model may have learned the labels by heart, and nothing in the run tells \
                 how it fares with samples that it has not seen: it predicts"
            }
            Verdict::Likely => "The model has learned the labels by heart: it predicts",
        })?;
        write!(f, " {}", last.train)?;
        if let Some(epoch) = last.epoch {
            write!(f, " in epoch {epoch}")?;
        }
        if let Some(held_out) = last.held_out {
            write!(f, ", and of other tables {held_out}")?;
        }
        write!(f, ".")?;
        if !self.is_likely_or_possible() {
            return Ok(());
        }
        write!(
            f,
            " That a label is not marked as an issue says nothing then. Do one of these:"
        )?;
        match self.last_epoch_before() {
            Some(epoch) => write!(
                f,
                "\n- take the epochs until {epoch}: `of_epochs(..={epoch})`"
            )?,
            None => write!(
                f,
                "\n- collect from earlier epochs, before it has learned them"
            )?,
        }
        write!(
            f,
            "\n- let models of folds predict the samples they have not seen: `out_of_fold` of \
             tlc-burn\n- fit a probe, out of fold, on embeddings of a model that was not trained on \
             these labels; this one's embeddings know them, too"
        )
    }
}

impl Display for Agreement {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let percent = self.accuracy() * 100.0;
        let (samples, confidence) = (self.samples, self.confidence());
        write!(
            f,
            "{percent:.1} % of {samples} labels (mean probability {confidence:.3})"
        )
    }
}
