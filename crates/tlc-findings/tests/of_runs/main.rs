//! What the metrics of a run say about the samples of a table.
#![allow(clippy::unwrap_used, clippy::panic)] // a test stops at the first surprise

mod class_maps;
mod findings;
mod given;
mod memorization;
mod of_metrics;
mod ranking;
