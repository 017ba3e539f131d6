//! Regression: prediction and errors of each sample.

use super::collector::MetricsCollector;
use super::goodness::Goodness;
use super::host::HostBatch;
use super::input::{Adapt, CollectorInput};
use super::lists;
use super::readback::Readback;
use super::summary::Summary;
use super::targets::Targets;
use crate::tap::Activations;
use crate::{Error, Result};
use burn::tensor::Tensor;
use tlc_core::{Column, Columns, IntoArray, Role, ValueType};

const NAME: &str = "regression";
const TARGETS: Targets<'_> = Targets {
    collector: NAME,
    column: "error",
};

/// What regression needs. It can be a model's output as it stands.
#[derive(Clone, Debug)]
pub struct RegressionInput {
    /// `[batch, outputs]`.
    pub predictions: Tensor<2>,
    /// `[batch, outputs]`; `None` for unlabelled samples.
    pub targets: Option<Tensor<2>>,
}

impl RegressionInput {
    /// Predictions and targets, each `[batch]` or `[batch, outputs]`; further
    /// dimensions become outputs.
    ///
    /// ```
    /// use burn::tensor::Tensor;
    /// use tlc_burn::RegressionInput;
    ///
    /// let device = tlc_burn::device("cpu")?;
    /// let predictions = Tensor::<2>::zeros([8, 1], &device);
    /// let targets = Tensor::<1>::zeros([8], &device);
    /// let input = RegressionInput::new(predictions, targets);
    /// assert_eq!(input.predictions.dims(), [8, 1]);
    /// # Ok::<(), tlc_burn::Error>(())
    /// ```
    #[must_use]
    pub fn new<const P: usize, const T: usize>(predictions: Tensor<P>, targets: Tensor<T>) -> Self {
        Self {
            predictions: as_outputs(predictions),
            targets: Some(as_outputs(targets)),
        }
    }
}

impl CollectorInput for RegressionInput {}

/// Predictions and targets, as [`RegressionInput::new`] takes them.
impl<const P: usize, const T: usize> Adapt<RegressionInput> for (Tensor<P>, Tensor<T>) {
    fn to_input(&self) -> RegressionInput {
        RegressionInput::new(self.0.clone(), self.1.clone())
    }
}

/// Collects `predicted`, `error`, `absolute_error` and `squared_error`.
///
/// `error` is the prediction less the target. Of several outputs the three errors are
/// means over the outputs, and `predicted` is a list.
///
/// Over all samples these are logged to the run, computed in 64 bits:
///
/// - `mae` and `mse`, the means of absolute and squared error, and `rmse`, the root of
///   `mse`;
/// - `r2`, the coefficient of determination, of several outputs their mean. An output
///   whose targets are all the same has 1 if every prediction is right, else 0, as in
///   scikit-learn. It takes two samples; of fewer there is none.
///
/// # Shapes
/// Predictions and targets `[batch]` or `[batch, outputs]`; `predicted` is as the
/// predictions, the errors are `[batch]`.
///
/// ```
/// use tlc_burn::{MetricsCollector, Regression};
///
/// let columns = Regression::new().columns();
/// let names: Vec<_> = columns.iter().map(|column| column.name.as_str()).collect();
/// assert_eq!(names, ["predicted", "error", "absolute_error", "squared_error"]);
/// ```
#[derive(Clone, Debug)]
pub struct Regression {
    outputs: usize,
}

impl Regression {
    /// Of one output.
    #[must_use]
    pub fn new() -> Self {
        Self { outputs: 1 }
    }

    /// Sets the number of outputs, which makes `predicted` a list if it is not 1.
    #[must_use]
    pub fn outputs(mut self, outputs: usize) -> Self {
        self.outputs = outputs;
        self
    }

    fn check(&self, dims @ [batch, outputs]: [usize; 2]) -> Result<()> {
        if outputs == self.outputs && outputs > 0 {
            return Ok(());
        }
        Err(Error::Shape {
            collector: NAME.to_owned(),
            column: "predicted".to_owned(),
            expected: format!("[{batch}, {}], as `outputs` says", self.outputs.max(1)),
            found: dims.to_vec(),
        })
    }
}

impl Default for Regression {
    fn default() -> Self {
        Self::new()
    }
}

impl MetricsCollector for Regression {
    type Input = RegressionInput;

    fn name(&self) -> &str {
        NAME
    }

    fn columns(&self) -> Vec<Column> {
        let predicted = match self.outputs {
            1 => ValueType::Float32,
            outputs => ValueType::List {
                item: Box::new(ValueType::Float32),
                len: Some(outputs),
            },
        };
        let error = |name: &str, text: &str| Column::metric(name).description(text);
        vec![
            Column::new("predicted", predicted).role(Role::Prediction),
            error("error", "prediction less target, mean over outputs"),
            error("absolute_error", "mean over outputs"),
            error("squared_error", "mean over outputs"),
        ]
    }

    fn compute(
        &self,
        input: RegressionInput,
        _: &Activations,
        readback: &mut Readback,
    ) -> Result<()> {
        let dims = input.predictions.dims();
        self.check(dims)?;
        TARGETS.register(input.targets, dims, &dims, readback)?;
        readback.register("predicted", input.predictions)
    }

    fn collect(&self, batch: &HostBatch) -> Result<Columns> {
        let predicted = batch.floats("predicted")?;
        let targets = batch.floats("targets")?;
        let rows = predicted
            .chunks(self.outputs)
            .zip(targets.chunks(self.outputs));
        let mean = |of: fn(f64) -> f64| -> Vec<f32> {
            let means = rows
                .clone()
                .map(|(row, targets)| mean_error(row, targets, of));
            means.collect()
        };
        let error = mean(|error| error);
        let absolute_error = mean(f64::abs);
        let squared_error = mean(|error| error * error);
        let predicted = match self.outputs {
            1 => predicted.into_array(),
            outputs => lists::fixed(NAME, predicted, outputs)?,
        };
        Ok(Columns::new()
            .column("predicted", predicted)
            .column("error", error)
            .column("absolute_error", absolute_error)
            .column("squared_error", squared_error))
    }

    fn summary(&self) -> Option<Box<dyn Summary>> {
        Some(Box::new(Goodness::new(self.outputs)))
    }
}

/// `[batch, ..]` as `[batch, outputs]`.
fn as_outputs<const D: usize>(tensor: Tensor<D>) -> Tensor<2> {
    let dims = tensor.dims();
    let outputs = dims.iter().skip(1).product();
    tensor.reshape([dims[0], outputs])
}

/// The mean over outputs of a function of the error.
fn mean_error(predicted: &[f32], targets: &[f32], of: fn(f64) -> f64) -> f32 {
    let errors = predicted.iter().zip(targets);
    let errors = errors.map(|(predicted, target)| of(f64::from(*predicted) - f64::from(*target)));
    (errors.sum::<f64>() / predicted.len() as f64) as f32
}
