//! Predictions for samples that the model has not been trained on, of all samples.

use super::options::CollectOptions;
use super::stages;
use super::stop::catch_panic;
use crate::collect::{Collectors, IntoCollectors};
use crate::error::BoxError;
use crate::map::Samples;
use crate::predict::{Predict, Predictor};
use crate::{Error, Result};
use arrow::array::ArrayRef;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use burn::data::dataloader::batcher::Batcher;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use tlc_core::{MetricsTable, Table};

/// How the rows of a table are dealt to folds.
///
/// ```
/// use tlc_burn::Folds;
///
/// let folds = Folds::new(5).stratified_by("label").seed(7);
/// # let _ = folds;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folds {
    count: usize,
    by: By,
    seed: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum By {
    Chance,
    /// The column whose values each fold has the same share of.
    Strata(String),
    /// The column whose values each are in one fold.
    Groups(String),
}

impl Folds {
    /// So many folds, to which rows are dealt at random.
    #[must_use]
    pub fn new(count: usize) -> Self {
        Self {
            count,
            by: By::Chance,
            seed: 0,
        }
    }

    /// Gives each fold the same share of each value of a column, such as the label.
    #[must_use]
    pub fn stratified_by(mut self, column: impl Into<String>) -> Self {
        self.by = By::Strata(column.into());
        self
    }

    /// Keeps rows that have the same value of a column, such as the patient, in one fold.
    /// The largest groups are dealt first, each to the smallest fold.
    #[must_use]
    pub fn grouped_by(mut self, column: impl Into<String>) -> Self {
        self.by = By::Groups(column.into());
        self
    }

    /// Sets the seed; the same seed deals the same rows to the same folds.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The fold of each row of a table, from 0 on.
    ///
    /// # Errors
    /// [`Error::Folds`] for fewer than two folds, or more than there are rows or groups;
    /// [`tlc_core::Error::NoSuchColumn`]; storage errors.
    pub fn assign(&self, table: &Table) -> Result<Vec<usize>> {
        let mut of_row = vec![0; table.len()];
        let folds = self.deal(table, (0..table.len()).collect())?;
        for (fold, rows) in folds.into_iter().enumerate() {
            rows.into_iter().for_each(|row| of_row[row] = fold);
        }
        Ok(of_row)
    }

    /// The rows of each fold, of these rows of a table.
    fn deal(&self, table: &Table, rows: Vec<usize>) -> Result<Vec<Vec<usize>>> {
        let mut random = StdRng::seed_from_u64(self.seed);
        let len = rows.len();
        let units = match &self.by {
            By::Chance => vec![rows],
            By::Strata(column) | By::Groups(column) => rows_by_value(&table.column(column)?, rows)?,
        };
        let dealt = match &self.by {
            By::Groups(_) => units.len(),
            _ => len,
        };
        if self.count < 2 || dealt < self.count {
            return Err(Error::Folds {
                table: table.url().clone(),
                reason: format!("{} for {dealt} rows or groups", self.count),
            });
        }
        let mut folds = match &self.by {
            By::Groups(_) => self.deal_groups(units, &mut random),
            _ => self.deal_rows(units, &mut random),
        };
        folds.iter_mut().for_each(|rows| rows.sort_unstable());
        Ok(folds)
    }

    /// Deals the rows of one value after those of another, so that no fold gets more.
    fn deal_rows(&self, units: Vec<Vec<usize>>, random: &mut StdRng) -> Vec<Vec<usize>> {
        let mut folds = vec![Vec::new(); self.count];
        let mut next = random.random_range(0..self.count);
        for mut rows in units {
            rows.shuffle(random);
            for row in rows {
                folds[next].push(row);
                next = (next + 1) % self.count;
            }
        }
        folds
    }

    fn deal_groups(&self, mut units: Vec<Vec<usize>>, random: &mut StdRng) -> Vec<Vec<usize>> {
        units.shuffle(random);
        units.sort_by_key(|rows| std::cmp::Reverse(rows.len()));
        let mut folds: Vec<Vec<usize>> = vec![Vec::new(); self.count];
        for rows in units {
            if let Some(smallest) = folds.iter_mut().min_by_key(|fold| fold.len()) {
                smallest.extend(rows);
            }
        }
        folds
    }
}

/// The rows of each value, in the order of the values as text.
fn rows_by_value(values: &ArrayRef, chosen: Vec<usize>) -> Result<Vec<Vec<usize>>> {
    let arrow = |source| tlc_core::Error::Arrow {
        doing: "show the values of a column",
        source,
    };
    let options = FormatOptions::default();
    let texts = ArrayFormatter::try_new(values, &options).map_err(arrow)?;
    let mut rows: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for row in chosen {
        rows.entry(texts.value(row).to_string())
            .or_default()
            .push(row);
    }
    Ok(rows.into_values().collect())
}

/// Trains a model for each fold on the rows of the others, and collects from the rows of the
/// fold with it: one metrics table with a row for each sample, whose predictions are of a
/// model that has not seen it. Which, says the column `fold`.
///
/// `train` is called with the fold, from 0 on, and the samples to train on, and gives the
/// predictor. Embeddings of different folds live in different spaces: do not compare them.
///
/// ```
/// # use burn::data::dataloader::batcher::Batcher;
/// # use burn::nn::{Linear, LinearConfig};
/// # use burn::prelude::*;
/// # use serde::{Deserialize, Serialize};
/// # use tlc_core::{Run, RunOptions, Table, TableOptions, Url};
/// use tlc_burn::prelude::*;
/// use tlc_burn::{Folds, out_of_fold};
/// # type Batch = (Tensor<2>, Tensor<1, Int>);
/// # #[derive(Clone, Copy)]
/// # struct Stack;
/// # impl Batcher<Row, Batch> for Stack {
/// #     fn batch(&self, rows: Vec<Row>, device: &Device) -> Batch {
/// #         let x: Vec<_> = rows.iter().map(|row| Tensor::<1>::from_floats(row.x, device)).collect();
/// #         let y: Vec<_> = rows.iter().map(|row| row.label).collect();
/// #         (Tensor::stack(x, 0), Tensor::from_ints(y.as_slice(), device))
/// #     }
/// # }
/// # #[derive(Clone, Serialize, Deserialize)]
/// # struct Row { x: [f32; 2], label: i32 }
/// # let root = Url::parse("memory://docs-folds/")?;
/// # let options = TableOptions::new("demo", "points", "train").root(&root);
/// # let rows: Vec<_> = (0..10).map(|at| Row { x: [at as f32, 1.0], label: at % 2 }).collect();
/// # let table = Table::create(options, |writer| writer.add_rows(&rows))?;
/// # let run = Run::create(RunOptions::new("demo").root(&root))?;
/// # let train_model = |samples: &Samples<Row>| -> tlc_burn::Result<Linear> {
/// #     assert_eq!(samples.len(), 8);
/// #     Ok(LinearConfig::new(2, 2).init(&tlc_burn::device("cpu")?))
/// # };
///
/// let samples = table.samples::<Row>();
/// let metrics = out_of_fold(
///     &samples,
///     Folds::new(5).stratified_by("label"),
///     Classification::new(["cat", "dog"]).probabilities(true),
///     CollectOptions::new().run(&run).split("train"),
///     |_fold, train| {
///         let model = train_model(train)?;
///         Ok::<_, tlc_burn::Error>(Predictor::by(&model, Stack, |model, (inputs, targets): Batch| {
///             ClassificationInput::new(model.forward(inputs), targets)
///         }))
///     },
/// )?;
/// assert_eq!(metrics.len(), samples.len());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Error::Fold`] if the training fails or panics; as [`Folds::assign`]; as
/// [`collect_metrics`](super::collect_metrics).
pub fn out_of_fold<'c, R, I, M, B, K, E>(
    samples: &Samples<R, I>,
    folds: Folds,
    collectors: impl IntoCollectors<'c, M::Batch, M::Output, K>,
    options: CollectOptions,
    mut train: impl FnMut(usize, &Samples<R, I>) -> Result<Predictor<M, B>, E>,
) -> Result<MetricsTable>
where
    R: DeserializeOwned,
    I: Clone + Send,
    M: Predict,
    B: Batcher<I, M::Batch>,
    E: Into<BoxError>,
{
    let mut list = Collectors::new();
    list.add(collectors);
    let table = samples.table();
    let run = super::run::of(&options, table)?;
    let all = samples
        .selected()
        .map_or_else(|| (0..table.len()).collect(), |rows| rows.to_vec());
    let held_out = folds.deal(table, all)?;
    stages::collect(&run, table, &list, &options, |writing| {
        for (fold, rows) in held_out.iter().enumerate() {
            let others = held_out.iter().enumerate();
            let others = others.filter(|(other, _)| *other != fold);
            let mut others: Vec<usize> = others.flat_map(|(_, rows)| rows).copied().collect();
            others.sort_unstable();
            let others = samples.rows(others)?;
            let trained = catch_panic(
                || format!("the training for fold {fold}"),
                || train(fold, &others),
            )?;
            let predictor = trained.map_err(|source| Error::Fold {
                fold,
                source: source.into(),
            })?;
            writing.set_fold(fold);
            let held_out = samples.rows(rows.as_slice())?;
            stages::run(&held_out, &list, &predictor, &options, writing)?;
        }
        Ok(())
    })
}
