//! Collectors made of a closure over the model's output.

use super::readback::Readback;
use crate::error::BoxError;
use crate::{Error, Result};
use burn::tensor::{Tensor, kind};
use tlc_core::{Column, IntoArray};

/// A closure as a collector, with a name and column schemas.
///
/// The closure takes `&Output`, or `&Batch` and `&Output` where the batch type is
/// `Clone`, and gives what [`Values`] says. A bare closure is a collector too.
///
/// ```
/// use burn::tensor::Tensor;
/// use tlc_burn::{ClassificationInput, Functional};
/// use tlc_core::{Column, ValueType};
///
/// let largest_logit = Functional::new("largest logit", |output: &ClassificationInput| {
///     ("largest_logit", output.logits.clone().max_dim(1).squeeze_dim::<1>(1)) // [batch]
/// })
/// .column(Column::new("largest_logit", ValueType::Float32).description("before softmax"));
/// ```
#[derive(Clone, Debug)]
pub struct Functional<F> {
    pub(super) name: String,
    pub(super) closure: F,
    pub(super) columns: Vec<Column>,
    pub(super) aggregates: bool,
}

impl<F> Functional<F> {
    /// A collector of this name in errors.
    pub fn new(name: impl Into<String>, closure: F) -> Self {
        Self {
            name: name.into(),
            closure,
            columns: Vec::new(),
            aggregates: true,
        }
    }

    /// Says what a column means; the others get the type of their values.
    #[must_use]
    pub fn column(mut self, column: Column) -> Self {
        self.columns.push(column);
        self
    }

    /// The same without means of the numeric columns.
    #[must_use]
    pub fn without_aggregates(mut self) -> Self {
        self.aggregates = false;
        self
    }
}

/// Values on the host, one a row of the batch, that a closure gives in the place of a tensor:
/// whatever a column can be made of.
///
/// ```
/// use tlc_burn::{ClassificationInput, Functional, Host};
///
/// let length = Functional::new("length", |output: &Vec<String>| {
///     ("length", Host(output.iter().map(|text| text.len() as i64).collect::<Vec<_>>()))
/// });
/// # let _ = length;
/// ```
#[derive(Clone, Debug)]
pub struct Host<T>(pub T);

/// Named values that a closure gives: `(name, tensor)` or `(name, Host(values))`, a pair,
/// triple, array or `Vec` of them, or a `Result` of any. A tensor is `[batch]`, or
/// `[batch, ..]` for a vector a row.
pub trait Values {
    /// Registers the tensors to be read back.
    ///
    /// # Errors
    /// Those of the closure, under the collector's name; as [`Readback::register`].
    fn register(self, collector: &str, readback: &mut Readback) -> Result<()>;
}

impl<N: Into<String>, const D: usize, K: kind::Transaction> Values for (N, Tensor<D, K>) {
    fn register(self, _: &str, readback: &mut Readback) -> Result<()> {
        readback.register(self.0, self.1)
    }
}

impl<N: Into<String>, T: IntoArray> Values for (N, Host<T>) {
    fn register(self, _: &str, readback: &mut Readback) -> Result<()> {
        readback.register_host(self.0, self.1.0)
    }
}

impl<V: Values, const N: usize> Values for [V; N] {
    fn register(self, collector: &str, readback: &mut Readback) -> Result<()> {
        self.into_iter()
            .try_for_each(|values| values.register(collector, readback))
    }
}

impl<V: Values> Values for Vec<V> {
    fn register(self, collector: &str, readback: &mut Readback) -> Result<()> {
        self.into_iter()
            .try_for_each(|values| values.register(collector, readback))
    }
}

impl<A: Values, B: Values> Values for (A, B) {
    fn register(self, collector: &str, readback: &mut Readback) -> Result<()> {
        self.0.register(collector, readback)?;
        self.1.register(collector, readback)
    }
}

impl<A: Values, B: Values, C: Values> Values for (A, B, C) {
    fn register(self, collector: &str, readback: &mut Readback) -> Result<()> {
        (self.0, self.1).register(collector, readback)?;
        self.2.register(collector, readback)
    }
}

impl<V: Values, E: Into<BoxError>> Values for Result<V, E> {
    fn register(self, collector: &str, readback: &mut Readback) -> Result<()> {
        self.map_err(|error| Error::collector(collector, error))?
            .register(collector, readback)
    }
}
