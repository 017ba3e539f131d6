//! One batch through a collector, as a collection would do it.

use super::collector::MetricsCollector;
use super::readback::Readback;
use crate::tap::Activations;
use crate::{ExampleId, Result};
use tlc_core::Columns;

/// The columns that a collector makes of one batch of so many rows: both its phases, as a
/// collection calls them. It is for tests of collectors.
#[doc = include_str!("example.md")]
///
/// # Errors
/// Those of the collector.
pub fn collect_batch<C: MetricsCollector>(
    collector: &C,
    input: C::Input,
    activations: &Activations,
    rows: usize,
) -> Result<Columns> {
    let mut readback = Readback::of(collector.name(), rows);
    collector.compute(input, activations, &mut readback)?;
    let example_ids = (0..rows).map(ExampleId).collect();
    collector.collect(&readback.read(example_ids)?)
}
