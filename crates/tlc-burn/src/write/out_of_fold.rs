//! Predictions for samples that the model has not been trained on, of all samples.

use super::options::CollectOptions;
use super::stages;
use super::stop::catch_panic;
use crate::collect::{Collectors, IntoCollectors};
use crate::error::BoxError;
use crate::map::{Folds, Samples};
use crate::predict::{Predict, Predictor};
use crate::{Error, Result};
use burn::data::dataloader::batcher::Batcher;
use serde::de::DeserializeOwned;
use tlc_core::MetricsTable;

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
            stages::run(&held_out, &list, &predictor, &options, |computed| {
                writing.run(computed)
            })?;
        }
        Ok(())
    })
}
