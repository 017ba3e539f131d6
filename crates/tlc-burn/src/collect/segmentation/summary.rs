//! What segmentation says about all pixels of a collection together.

use super::counts::{ClassPixels, Counts};
use super::pixels::Pixels;
use crate::Result;
use crate::collect::summary::{of_state, to_state};
use crate::collect::{HostBatch, Summarized, Summary};
use std::sync::Arc;
use tlc_core::arrow::array::{ArrayRef, Float64Array};
use tlc_core::{ClassMap, Column, Columns, Role, ValueType};

/// Three numbers a class, however many samples there are.
pub(super) struct SegmentationSummary {
    classes: ClassMap,
    ignore_index: Option<i64>,
    counts: Counts,
}

impl SegmentationSummary {
    pub(super) fn new(classes: ClassMap, ignore_index: Option<i64>) -> Self {
        let counts = Counts::new(classes.len());
        Self {
            classes,
            ignore_index,
            counts,
        }
    }

    fn per_class(&self) -> Columns {
        let of_each = |value: fn(ClassPixels) -> Option<f64>| -> ArrayRef {
            let values = self.counts.classes().iter().map(|class| value(*class));
            Arc::new(values.collect::<Float64Array>())
        };
        let support = self.counts.classes().iter();
        let support = support.map(|class| i64::try_from(class.target).unwrap_or(i64::MAX));
        Columns::new()
            .column("class", self.classes.ids().collect::<Vec<i32>>())
            .column("iou", of_each(ClassPixels::iou))
            .column("precision", of_each(ClassPixels::precision))
            .column("recall", of_each(ClassPixels::recall))
            .column("support", support.collect::<Vec<_>>())
    }

    fn columns(&self) -> Vec<Column> {
        let metric = |name: &str, description: &str| {
            Column::new(name, ValueType::Float64)
                .nullable(true)
                .description(description)
                .role(Role::Metric)
        };
        vec![
            Column::new("class", ValueType::labels(&self.classes)),
            metric("iou", "intersection over union of all pixels"),
            metric("precision", "of the predicted pixels, how many are right"),
            metric("recall", "of the class's pixels, how many are found"),
            Column::new("support", ValueType::Int64)
                .description("pixels of the class")
                .unit("px"),
        ]
    }
}

impl Summary for SegmentationSummary {
    fn add(&mut self, batch: &HostBatch, _: &Columns) -> Result<()> {
        let count = || Pixels::of(batch)?.counts(self.classes.len(), self.ignore_index);
        let samples = batch.once(count)?;
        let nothing = Counts::new(0);
        let so_far = std::mem::replace(&mut self.counts, nothing);
        self.counts = samples.iter().fold(so_far, Counts::plus);
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Summarized> {
        let values = [
            ("dataset_pixel_accuracy", self.counts.accuracy()),
            ("dataset_mean_iou", self.counts.mean_iou()),
        ];
        let known = values
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)));
        let summarized = known.fold(Summarized::new(), |all, (name, value)| {
            all.value(name, value)
        });
        Ok(summarized.table("per_class_metrics", self.per_class(), self.columns()))
    }

    fn state(&self) -> Option<String> {
        to_state(&self.counts)
    }

    fn merge(&mut self, state: &str) -> Result<()> {
        let others = of_state(state)?;
        let nothing = Counts::new(0);
        self.counts = std::mem::replace(&mut self.counts, nothing).plus(&others);
        Ok(())
    }
}
