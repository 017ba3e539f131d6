//! The tensors of one batch on the host, and their way into Arrow.

use crate::{Error, ExampleId, Result};
use burn::tensor::{DType, Element, TensorData};
use std::any::Any;
use std::sync::{Arc, OnceLock};
use tlc_core::Columns;
use tlc_core::arrow::array::{
    ArrayRef, BooleanArray, FixedSizeListArray, Float32Array, Float64Array, Int64Array,
};
use tlc_core::arrow::datatypes::Field;

/// What one collector registered for one batch, without padding.
#[derive(Clone, Debug)]
pub struct HostBatch {
    pub(super) collector: String,
    pub(super) example_ids: Arc<[ExampleId]>,
    pub(super) tensors: Vec<HostTensor>,
    /// Registered on the host, with padding.
    pub(super) columns: Vec<(String, ArrayRef)>,
    /// Noted without values.
    pub(super) shapes: Vec<(String, Vec<usize>)>,
    /// What the host phase makes of the tensors, for the summary to take up.
    pub(super) made: OnceLock<Arc<dyn Any + Send + Sync>>,
}

#[derive(Clone, Debug)]
pub(super) struct HostTensor {
    pub(super) name: String,
    pub(super) dims: Vec<usize>,
    pub(super) data: TensorData,
}

impl HostBatch {
    /// The rows of the table, `[batch]`.
    #[must_use]
    pub fn example_ids(&self) -> &[ExampleId] {
        &self.example_ids
    }

    /// Who registered the tensors.
    #[must_use]
    pub fn collector(&self) -> &str {
        &self.collector
    }

    /// Names of the tensors, in the order they were registered.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tensors.iter().map(|tensor| tensor.name.as_str())
    }

    /// The shape of a tensor as it was on the device: with padding, its first
    /// dimension is larger than the number of rows.
    ///
    /// # Errors
    /// [`Error::NotRegistered`].
    pub fn dims(&self, name: &str) -> Result<&[usize]> {
        match self.shapes.iter().find(|(noted, _)| noted == name) {
            Some((_, dims)) => Ok(dims),
            None => Ok(&self.tensor(name)?.dims),
        }
    }

    /// The values of a float tensor, row after row.
    ///
    /// # Errors
    /// [`Error::NotRegistered`]; [`Error::Data`].
    pub fn floats(&self, name: &str) -> Result<Vec<f32>> {
        self.values(self.tensor(name)?)
    }

    /// The values of an integer tensor, row after row, whatever its width on the
    /// device was.
    ///
    /// # Errors
    /// [`Error::NotRegistered`]; [`Error::Data`].
    pub fn ints(&self, name: &str) -> Result<Vec<i64>> {
        self.values(self.tensor(name)?)
    }

    /// A tensor as a column: `[batch]` as numbers, `[batch, ..]` as one list of
    /// fixed size a row. Integers become 64 bits wide, since backends differ.
    ///
    /// # Errors
    /// [`Error::NotRegistered`]; [`Error::Data`]; [`Error::Shape`] for a tensor
    /// that has no value a row.
    pub fn array(&self, name: &str) -> Result<ArrayRef> {
        self.to_array(self.tensor(name)?)
    }

    /// Every tensor as a column of its name, and what was registered on the host.
    ///
    /// # Errors
    /// As [`array`](Self::array).
    pub fn to_columns(&self) -> Result<Columns> {
        let mut columns = Columns::new();
        for tensor in &self.tensors {
            columns.push(&tensor.name, self.to_array(tensor)?);
        }
        for (name, values) in &self.columns {
            columns.push(name, values.slice(0, self.example_ids.len()));
        }
        Ok(columns)
    }

    /// What a collector makes of the tensors, for both its columns and its summary: made
    /// by the one that comes first, the same for the other.
    pub(super) fn once<T: Send + Sync + 'static>(
        &self,
        make: impl FnOnce() -> Result<T>,
    ) -> Result<Arc<T>> {
        if let Some(made) = self.made.get()
            && let Ok(made) = Arc::clone(made).downcast()
        {
            return Ok(made);
        }
        let made = Arc::new(make()?);
        // It fails where something of another type is kept: then this is made once more.
        drop(self.made.set(Arc::clone(&made) as _));
        Ok(made)
    }

    fn tensor(&self, name: &str) -> Result<&HostTensor> {
        let found = self.tensors.iter().find(|tensor| tensor.name == name);
        found.ok_or_else(|| Error::NotRegistered {
            collector: self.collector.clone(),
            column: name.to_owned(),
        })
    }

    fn to_array(&self, tensor: &HostTensor) -> Result<ArrayRef> {
        let values: ArrayRef = match tensor.data.dtype() {
            DType::F64 => Arc::new(Float64Array::from(self.values::<f64>(tensor)?)),
            DType::Bool(_) => Arc::new(BooleanArray::from(self.values::<bool>(tensor)?)),
            dtype if dtype.is_float() => Arc::new(Float32Array::from(self.values::<f32>(tensor)?)),
            _ => Arc::new(Int64Array::from(self.values::<i64>(tensor)?)),
        };
        if tensor.dims.len() <= 1 {
            return Ok(values);
        }
        let len = width(&tensor.dims);
        let size = i32::try_from(len).ok().filter(|size| *size > 0);
        let item = Arc::new(Field::new_list_field(values.data_type().clone(), false));
        let list = size.and_then(|size| FixedSizeListArray::try_new(item, size, values, None).ok());
        list.map(|list| Arc::new(list) as ArrayRef)
            .ok_or_else(|| Error::Shape {
                collector: self.collector.clone(),
                column: tensor.name.clone(),
                expected: "[batch, 1 or more, ..]".to_owned(),
                found: tensor.dims.clone(),
            })
    }

    /// The values without padding. Backends differ in the width of integers and
    /// booleans, so they are converted.
    fn values<E: Element>(&self, tensor: &HostTensor) -> Result<Vec<E>> {
        let len = self.example_ids.len() * width(&tensor.dims);
        let values = match tensor.data.as_slice::<E>() {
            Ok(slice) => Ok(slice.get(..len).unwrap_or(slice).to_vec()),
            Err(_) => tensor.data.try_to_vec_as::<E>().map(|mut values| {
                values.truncate(len);
                values
            }),
        };
        values.map_err(|source| Error::Data {
            collector: self.collector.clone(),
            column: tensor.name.clone(),
            source,
        })
    }
}

/// Values of one row.
fn width(dims: &[usize]) -> usize {
    dims.iter().skip(1).product()
}
