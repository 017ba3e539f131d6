//! The pipeline: rows are read and mapped on one thread, tensors computed on the
//! caller's (on the CPU by several workers), and columns made and written on a third,
//! with bounded queues between.

mod aggregates;
mod background;
mod cancel;
mod computing;
mod forward;
#[cfg(feature = "train")]
mod from_outputs;
mod host_phases;
mod options;
mod order;
mod out_of_fold;
mod progress;
mod reading;
mod run;
mod samples;
mod sharded;
mod stages;
mod status;
mod stop;
mod verify;
mod workers;
mod writing;

pub use self::background::BackgroundCollector;
#[cfg(feature = "train")]
pub(crate) use self::background::collect_at_epoch;
pub use self::cancel::CancellationToken;
#[cfg(feature = "train")]
pub(crate) use self::from_outputs::CollectionFromOutputs;
pub use self::options::CollectOptions;
pub use self::out_of_fold::out_of_fold;
pub use self::sharded::{CollectShards, ShardedCollection, Shards};
#[cfg(feature = "train")]
pub(crate) use self::stages::rehearse;
pub use self::verify::{DeviceCheck, Difference, verify_device};

use crate::Result;
use crate::collect::{Collectors, IntoCollectors};
use crate::map::Samples;
use crate::predict::{Predict, Predictor};
use burn::data::dataloader::batcher::Batcher;
use serde::de::DeserializeOwned;
use tlc_core::MetricsTable;

/// Runs the model over every sample, without augmentation, and leaves what the
/// collectors keep of its output in the run: one metrics table a call, joined to
/// the samples by `example_id`.
///
/// Rows are mapped by
/// [`map_collect_metrics`](crate::Samples::map_collect_metrics). While rows are written, the
/// run's status is `Collecting`. The table becomes an input of the run, and unless
/// switched off the number of rows and the mean of each numeric column are logged
/// to it: as `count` and the column's name, after `<split>_` if the options name a
/// split, over those of the constants `epoch`, `iteration` and `step` that are
/// given. A mean over a NaN is NaN.
///
/// On the CPU of Linux large batches cost less where the allocator keeps the memory of one for
/// the next: a global allocator other than glibc's does, and that one with
/// `MALLOC_TOP_PAD_=268435456` in the environment.
///
/// ```
/// # use burn::data::dataloader::batcher::Batcher;
/// # use burn::nn::{Linear, LinearConfig};
/// # use burn::prelude::*;
/// # use serde::{Deserialize, Serialize};
/// # use tlc_core::{Run, RunOptions, Table, TableOptions, Url};
/// use tlc_burn::prelude::*;
/// # #[derive(Module, Debug)]
/// # struct Model { head: Linear }
/// # impl Predict for Model {
/// #     type Batch = (Tensor<2>, Tensor<1, Int>);
/// #     type Output = ClassificationInput;
/// #     fn predict(&self, (inputs, targets): Self::Batch, tap: &mut impl Tap) -> ClassificationInput {
/// #         tap.tap("inputs", &inputs);
/// #         ClassificationInput::new(self.head.forward(inputs), targets)
/// #     }
/// # }
/// # struct Stack;
/// # impl Batcher<Row, (Tensor<2>, Tensor<1, Int>)> for Stack {
/// #     fn batch(&self, rows: Vec<Row>, device: &Device) -> (Tensor<2>, Tensor<1, Int>) {
/// #         let x: Vec<_> = rows.iter().map(|row| Tensor::<1>::from_floats(row.x, device)).collect();
/// #         let y: Vec<_> = rows.iter().map(|row| row.label).collect();
/// #         (Tensor::stack(x, 0), Tensor::from_ints(y.as_slice(), device))
/// #     }
/// # }
/// # #[derive(Clone, Serialize, Deserialize)]
/// # struct Row { x: [f32; 2], label: i32 }
/// # let root = Url::parse("memory://docs-collect/")?;
/// # let options = TableOptions::new("demo", "points", "train").root(&root);
/// # let rows = [Row { x: [0.0, 1.0], label: 0 }, Row { x: [1.0, 0.0], label: 1 }];
/// # let table = Table::create(options, |writer| writer.add_rows(&rows))?;
/// # let run = Run::create(RunOptions::new("demo").root(&root))?;
/// # let model = Model { head: LinearConfig::new(2, 2).init(&tlc_burn::device("cpu")?) };
/// let samples = table.samples::<Row>();
///
/// let metrics = collect_metrics(
///     &samples,
///     (Classification::new(["cat", "dog"]), Embeddings::of(["inputs"])),
///     &Predictor::new(&model, Stack),
///     CollectOptions::new().run(&run).constant("epoch", 1),
/// )?;
/// let names: Vec<_> = metrics.schema().names().collect();
/// let expected = "example_id loss predicted accuracy confidence embeddings_inputs epoch";
/// assert_eq!(names.join(" "), expected);
/// assert_eq!(run.metrics()?[0].len(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// The first error of any stage stops the others and is returned when their
/// threads have ended; a panic in a closure, batcher, model or collector is
/// [`Error::Panicked`](crate::Error::Panicked). The rows that were collected before are kept in
/// the run as an unfinished metrics table. [`Error::Split`](crate::Error::Split) if the run has
/// metrics about another table, and no split tells the two apart. All results, tables,
/// aggregates and the status after them, are one commit, which is tried three times: the run
/// has all of them or none. Where a storage error hides which,
/// [`Run::metrics`](tlc_core::Run::metrics) tells later.
pub fn collect_metrics<'c, R, I, M, B, K>(
    samples: &Samples<R, I>,
    collectors: impl IntoCollectors<'c, M::Batch, M::Output, K>,
    predictor: &Predictor<M, B>,
    options: CollectOptions,
) -> Result<MetricsTable>
where
    R: DeserializeOwned,
    I: Clone + Send,
    M: Predict,
    B: Batcher<I, M::Batch>,
{
    let mut list = Collectors::new();
    list.add(collectors);
    let run = run::of(&options, samples.table())?;
    let selected = options.rows.clone().map(|rows| samples.rows(rows));
    let selected = selected.transpose()?;
    let samples = selected.as_ref().unwrap_or(samples);
    stages::collect(&run, samples.table(), &list, &options, |writing| {
        stages::run(samples, &list, predictor, &options, |computed| {
            writing.run(computed)
        })
    })
}
