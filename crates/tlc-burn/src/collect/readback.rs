//! The tensors of one batch on their way from the device to the host.

use super::host::{HostBatch, HostTensor};
use crate::{Error, ExampleId, Result};
use burn::tensor::{ExecutionError, Tensor, Transaction, kind};
use std::sync::{Arc, OnceLock};
use tlc_core::IntoArray;
use tlc_core::arrow::array::{Array, ArrayRef};

/// Where the device phase of all collectors registers what the host shall read.
/// Everything comes back in one transaction, so a batch waits for its device once.
pub struct Readback {
    transaction: Transaction,
    /// Rows on the device, padding included.
    batch: usize,
    collectors: Vec<Registered>,
}

/// What one collector registered.
struct Registered {
    collector: String,
    tensors: Vec<(String, Vec<usize>)>,
    /// On the host already.
    columns: Vec<(String, ArrayRef)>,
    shapes: Vec<(String, Vec<usize>)>,
}

impl Readback {
    /// Registers a tensor under a name that is unique in its collector:
    /// `[batch]`, or `[batch, ..]` for a vector a row.
    ///
    /// # Errors
    /// [`Error::BatchRows`] if it has another number of rows than the batch has items,
    /// [`Error::Shape`] if its first dimension is not the batch.
    pub fn register<const D: usize, K: kind::Transaction>(
        &mut self,
        name: impl Into<String>,
        tensor: Tensor<D, K>,
    ) -> Result<()> {
        let (name, dims, batch) = (name.into(), tensor.dims().to_vec(), self.batch);
        let Some(registered) = self.collectors.last_mut() else {
            return Ok(());
        };
        if let Some(&found) = dims.first()
            && found != batch
            && found > 1
        {
            return Err(Error::BatchRows {
                collector: registered.collector.clone(),
                column: name,
                items: batch,
                found,
            });
        }
        if dims.first() != Some(&batch) {
            let expected = if D > 1 {
                format!("[{batch}, ..]")
            } else {
                format!("[{batch}]")
            };
            let collector = registered.collector.clone();
            return Err(Error::Shape {
                collector,
                column: name,
                expected,
                found: dims,
            });
        }
        registered.tensors.push((name, dims));
        self.transaction = std::mem::take(&mut self.transaction).register(tensor);
        Ok(())
    }

    /// Passes a shape on to the host phase, for its errors to name.
    pub fn note_shape(&mut self, name: impl Into<String>, dims: impl Into<Vec<usize>>) {
        if let Some(registered) = self.collectors.last_mut() {
            registered.shapes.push((name.into(), dims.into()));
        }
    }

    /// Registers values that are on the host already, one a row, padding included: they
    /// become a column of this name.
    ///
    /// # Errors
    /// [`Error::BatchRows`] if there are more or fewer.
    pub fn register_host(&mut self, name: impl Into<String>, values: impl IntoArray) -> Result<()> {
        let (name, values, items) = (name.into(), values.into_array(), self.batch);
        let Some(registered) = self.collectors.last_mut() else {
            return Ok(());
        };
        if values.len() != items {
            return Err(Error::BatchRows {
                collector: registered.collector.clone(),
                column: name,
                items,
                found: values.len(),
            });
        }
        registered.columns.push((name, values));
        Ok(())
    }

    /// Rows of the batch on the device: with padding, more than are collected.
    #[must_use]
    pub fn batch(&self) -> usize {
        self.batch
    }

    /// For one collector, by its name in errors, and a batch of this many rows: to test a
    /// collector's device phase by itself.
    #[must_use]
    pub fn of(collector: &str, batch: usize) -> Self {
        let mut readback = Self::new(batch);
        readback.begin(collector);
        readback
    }

    /// Waits for the device, and gives what was registered, for the host phase.
    ///
    /// # Errors
    /// [`Error::Device`].
    pub fn read(self, example_ids: Vec<ExampleId>) -> Result<HostBatch> {
        let example_id = example_ids.first().map_or(0, |id| id.0);
        let read = self.wait(example_ids);
        let mut batches = read.map_err(|source| Error::Device { example_id, source })?;
        batches.pop().ok_or_else(|| Error::NotRegistered {
            collector: String::new(),
            column: String::new(),
        })
    }

    /// For a batch of this many rows, padding included.
    pub(crate) fn new(batch: usize) -> Self {
        Self {
            transaction: Transaction::default(),
            batch,
            collectors: Vec::new(),
        }
    }

    /// What is registered from here on belongs to this collector.
    pub(crate) fn begin(&mut self, collector: &str) {
        let collector = collector.to_owned();
        self.collectors.push(Registered {
            collector,
            tensors: Vec::new(),
            columns: Vec::new(),
            shapes: Vec::new(),
        });
    }

    /// Waits for the device and gives each collector its tensors.
    pub(crate) fn wait(
        self,
        example_ids: Vec<ExampleId>,
    ) -> Result<Vec<HostBatch>, ExecutionError> {
        let registered: usize = self.collectors.iter().map(|one| one.tensors.len()).sum();
        let data = if registered == 0 {
            Vec::new()
        } else {
            self.transaction.try_execute()?
        };
        let mut data = data.into_iter();
        let example_ids: Arc<[ExampleId]> = example_ids.into();
        let batches = self.collectors.into_iter().map(|one| {
            let tensors = one.tensors.into_iter().zip(data.by_ref());
            let tensors = tensors.map(|((name, dims), data)| HostTensor { name, dims, data });
            HostBatch {
                collector: one.collector,
                example_ids: Arc::clone(&example_ids),
                tensors: tensors.collect(),
                columns: one.columns,
                shapes: one.shapes,
                made: OnceLock::new(),
            }
        });
        Ok(batches.collect())
    }
}

impl std::fmt::Debug for Readback {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Readback")
            .field("batch", &self.batch)
            .finish_non_exhaustive()
    }
}
