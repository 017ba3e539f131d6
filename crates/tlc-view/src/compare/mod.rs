//! Two runs or two epochs, sample by sample: what got right, what got wrong, and how far the
//! loss moved.

use crate::view::{SampleKey, Tables};
use crate::{Column, Error, Filtered, Kind, Result, View};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

/// What tells whether a sample is right, where classes do not.
const ACCURACY: &str = "accuracy";

/// Which columns are compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompareBy {
    /// Numbers whose change is told, such as `loss`.
    pub value: String,
    /// What tells whether a sample is right.
    pub right: Right,
}

/// What tells whether a sample is right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Right {
    /// Two columns of classes have the same one, by name.
    Same {
        /// The label.
        given: String,
        /// What the model said.
        predicted: String,
    },
    /// A flag is true, or a number such as `accuracy` is above 0.5.
    Flag {
        /// The column.
        column: String,
    },
    /// Nothing does, as where numbers are predicted: the verdict is whether the value grew.
    Change,
}

/// What became of a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Wrong before, right after.
    NewlyRight,
    /// Right before, wrong after.
    NewlyWrong,
    /// Right in both.
    StaysRight,
    /// Wrong in both.
    StaysWrong,
    /// Its value is greater after.
    Grew,
    /// Its value is smaller after.
    Fell,
    /// Its value is the same in both.
    Unchanged,
    /// Missing in one of them, so that nothing can be said.
    Unknown,
}

/// One sample in both.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Compared {
    /// Row of the view before.
    pub before: u32,
    /// Row of the view after.
    pub after: u32,
    /// What became of it.
    pub verdict: Verdict,
    /// The value after less that before, if there are both.
    pub change: Option<f64>,
}

/// Two sets of rows, sample by sample.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Comparison {
    /// Samples in both: those whose value grew most first, those without a change last.
    pub samples: Vec<Compared>,
    /// Rows that are about no sample of the other side.
    pub apart: Uncompared,
    /// What the model said before and after, by name, where it says something else now: the
    /// most frequent first.
    pub moved: Vec<Moved>,
}

/// Rows that were not compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Uncompared {
    /// Samples that only the first side has.
    pub only_before: usize,
    /// Samples that only the second side has.
    pub only_after: usize,
    /// Rows about a sample that a later row of the same side is about, which counts.
    pub repeated: usize,
}

/// How many samples went from one prediction to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Moved {
    /// The class before.
    pub before: String,
    /// The class after.
    pub after: String,
    /// How many.
    pub samples: u64,
    /// How many of them are right now and were not before.
    pub newly_right: u64,
    /// How many of them were right before and are not now.
    pub newly_wrong: u64,
}

impl CompareBy {
    /// What the columns of a view tell best: the loss, else the error, else how sure the model
    /// is; of who is right the classes, else the accuracy, else nothing. `None` if no number is
    /// about how good a sample is.
    ///
    /// ```
    /// use tlc_core::{AddMetrics, Columns, Run, RunOptions, Url};
    /// use tlc_view::{CompareBy, Right, ViewOptions};
    ///
    /// let root = Url::parse("memory://docs-compare-by/")?;
    /// let run = Run::create(RunOptions::new("demo").root(root))?;
    /// run.add_metrics(Columns::new().column("loss", vec![0.1_f32, 2.3]), AddMetrics::new())?;
    /// let by = CompareBy::of(&ViewOptions::new().run(&run).open()?).ok_or("no number")?;
    /// assert_eq!((by.value.as_str(), by.right), ("loss", Right::Change));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn of(view: &View) -> Option<Self> {
        let defaults = view.defaults();
        let value = defaults.loss.or(defaults.error).or(defaults.confidence)?;
        let right = match defaults.label.zip(defaults.predicted) {
            Some((given, predicted)) => Right::Same { given, predicted },
            None => match view.meaning(ACCURACY).map(|found| found.kind) {
                Ok(Kind::Number | Kind::Flag) => Right::Flag {
                    column: ACCURACY.to_owned(),
                },
                _ => Right::Change,
            },
        };
        Some(Self { value, right })
    }
}

impl Comparison {
    /// Compares rows of one view with those of another, or of the same.
    ///
    /// # Errors
    /// [`Error::Empty`] if no table is beside both; [`Error::ColumnKind`]; as
    /// [`View::column`].
    pub fn new(before: &Filtered, after: &Filtered, by: &CompareBy) -> Result<Self> {
        let mut tables = Tables::new();
        let (one, other) = (
            Side::new(before, by, &mut tables)?,
            Side::new(after, by, &mut tables)?,
        );
        let mut samples: Vec<Compared> = one.common(&other);
        if samples.is_empty() && !(one.rows.is_empty() || other.rows.is_empty()) {
            let reason = "the two sides have no sample in common: open both beside the same table";
            let reason = reason.to_owned();
            return Err(Error::Empty { reason });
        }
        samples.sort_by(|one, other| {
            let change = |sample: &Compared| sample.change.filter(|change| !change.is_nan());
            let (is_last, greater) = (change(one).is_none().cmp(&change(other).is_none()), {
                let (one, other) = (change(one).unwrap_or(0.0), change(other).unwrap_or(0.0));
                other.total_cmp(&one)
            });
            is_last.then(greater).then(one.after.cmp(&other.after))
        });
        let common = samples.len();
        Ok(Self {
            moved: moved(&one, &other, &samples),
            apart: Uncompared {
                only_before: one.rows.len() - common,
                only_after: other.rows.len() - common,
                repeated: one.repeated + other.repeated,
            },
            samples,
        })
    }

    /// How many samples there are of a verdict.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        let of = self
            .samples
            .iter()
            .filter(|sample| sample.verdict == verdict);
        of.count()
    }
}

/// One of both sides.
struct Side {
    /// The row of each sample.
    rows: HashMap<SampleKey, u32>,
    repeated: usize,
    value: Arc<Column>,
    right: Judge,
}

enum Judge {
    Same {
        given: Arc<Column>,
        predicted: Arc<Column>,
        /// Whether equal ids are equal classes.
        by_id: bool,
    },
    Flag(Arc<Column>),
    Change,
}

impl Side {
    fn new(filtered: &Filtered, by: &CompareBy, tables: &mut Tables) -> Result<Self> {
        let view = filtered.view();
        let keys = view.samples(tables)?;
        let mut rows = HashMap::new();
        let mut repeated = 0;
        for row in filtered.mask().iter() {
            let key = keys.get(row).copied().flatten();
            let numbered = u32::try_from(row).ok();
            if let Some((key, row)) = key.zip(numbered) {
                repeated += usize::from(rows.insert(key, row).is_some());
            }
        }
        let value = view.column(&by.value)?;
        value.require_numbers()?;
        Ok(Self {
            rows,
            repeated,
            value,
            right: Judge::new(view, &by.right)?,
        })
    }

    fn common(&self, after: &Self) -> Vec<Compared> {
        let both = self.rows.iter().filter_map(|(key, before)| {
            let after_row = *after.rows.get(key)?;
            let value = |side: &Self, row: u32| side.value.number(row as usize);
            let values = value(self, *before).zip(value(after, after_row));
            let change = values.map(|(before, after)| after - before);
            let verdict = match (&self.right, &after.right) {
                (Judge::Change, Judge::Change) => Verdict::of_change(change),
                (one, other) => Verdict::of((one.is_right(*before), other.is_right(after_row))),
            };
            Some(Compared {
                before: *before,
                after: after_row,
                verdict,
                change,
            })
        });
        both.collect()
    }
}

impl Judge {
    fn new(view: &View, right: &Right) -> Result<Self> {
        match right {
            Right::Same { given, predicted } => {
                let (given, predicted) = (view.column(given)?, view.column(predicted)?);
                given.classes_or_flags()?;
                predicted.classes_or_flags()?;
                Ok(Self::Same {
                    by_id: given.classes() == predicted.classes(),
                    given,
                    predicted,
                })
            }
            Right::Flag { column } => {
                let column = view.column(column)?;
                column.require_numbers()?;
                Ok(Self::Flag(column))
            }
            Right::Change => Ok(Self::Change),
        }
    }

    fn is_right(&self, row: u32) -> Option<bool> {
        let row = row as usize;
        match self {
            Self::Same {
                given,
                predicted,
                by_id,
            } => {
                let (given_id, predicted_id) = (given.id(row)?, predicted.id(row)?);
                match by_id {
                    true => Some(given_id == predicted_id),
                    false => Some(given.text(row)? == predicted.text(row)?),
                }
            }
            Self::Flag(column) => {
                let value = column.number(row).filter(|value| !value.is_nan())?;
                Some(value > 0.5)
            }
            Self::Change => None,
        }
    }

    /// What the model says of a row.
    fn said(&self, row: u32) -> Option<&str> {
        match self {
            Self::Same { predicted, .. } => predicted.text(row as usize),
            Self::Flag(_) | Self::Change => None,
        }
    }
}

impl Verdict {
    fn of(is_right: (Option<bool>, Option<bool>)) -> Self {
        match is_right {
            (Some(false), Some(true)) => Self::NewlyRight,
            (Some(true), Some(false)) => Self::NewlyWrong,
            (Some(true), Some(true)) => Self::StaysRight,
            (Some(false), Some(false)) => Self::StaysWrong,
            _ => Self::Unknown,
        }
    }

    fn of_change(change: Option<f64>) -> Self {
        match change.and_then(|change| change.partial_cmp(&0.0)) {
            Some(Ordering::Greater) => Self::Grew,
            Some(Ordering::Less) => Self::Fell,
            Some(Ordering::Equal) => Self::Unchanged,
            None => Self::Unknown,
        }
    }
}

fn moved(before: &Side, after: &Side, samples: &[Compared]) -> Vec<Moved> {
    let mut moved: HashMap<(&str, &str), Moved> = HashMap::new();
    for sample in samples {
        let said = (
            before.right.said(sample.before),
            after.right.said(sample.after),
        );
        let (Some(one), Some(other)) = said else {
            continue;
        };
        if one == other {
            continue;
        }
        let cell = moved.entry((one, other)).or_insert_with(|| Moved {
            before: one.to_owned(),
            after: other.to_owned(),
            samples: 0,
            newly_right: 0,
            newly_wrong: 0,
        });
        cell.samples += 1;
        cell.newly_right += u64::from(sample.verdict == Verdict::NewlyRight);
        cell.newly_wrong += u64::from(sample.verdict == Verdict::NewlyWrong);
    }
    let mut moved: Vec<Moved> = moved.into_values().collect();
    moved.sort_by(|one, other| {
        let names = |moved: &Moved| (moved.before.clone(), moved.after.clone());
        other
            .samples
            .cmp(&one.samples)
            .then_with(|| names(one).cmp(&names(other)))
    });
    moved
}
