//! COCO's mean average precision and recall over a collection.

use super::average_precision::{
    AT_50, AT_75, Area, Averages, ClassEvaluation, MAX_DETECTIONS, THRESHOLDS,
};
use super::by_class::BoxReader;
use crate::Result;
use crate::collect::summary::{of_state, to_state};
use crate::collect::{HostBatch, Summarized, Summary};
use std::sync::Arc;
use tlc_core::arrow::array::{ArrayRef, Float64Array};
use tlc_core::{ClassMap, Column, Columns, Role, ValueType};

type OfEachClass = Vec<Option<[Averages; THRESHOLDS]>>;

/// All predicted boxes that can count.
pub(super) struct DetectionSummary {
    names: ClassMap,
    reader: BoxReader,
    in_pixels: bool,
    classes: Vec<ClassEvaluation>,
}

impl DetectionSummary {
    pub(super) fn new(names: ClassMap, reader: BoxReader, in_pixels: bool) -> Self {
        let classes = vec![ClassEvaluation::default(); names.len()];
        Self {
            names,
            reader,
            in_pixels,
            classes,
        }
    }

    fn averages(&self, area: Area, max: usize) -> OfEachClass {
        let classes = self.classes.iter();
        classes.map(|class| class.averages(area, max)).collect()
    }

    /// Name and value, where there is one.
    fn values(&self, all: &OfEachClass) -> Vec<(&'static str, Option<f64>)> {
        let at_most = |max| mean(&self.averages(Area::All, max), recall);
        let mut values = vec![
            ("map", mean(all, precision)),
            ("map_50", mean_at(all, AT_50)),
            ("map_75", mean_at(all, AT_75)),
            ("mar_1", at_most(1)),
            ("mar_10", at_most(10)),
            ("mar_100", at_most(MAX_DETECTIONS)),
        ];
        let areas = [
            (Area::Small, "map_small", "mar_small"),
            (Area::Medium, "map_medium", "mar_medium"),
            (Area::Large, "map_large", "mar_large"),
        ];
        for (area, map, mar) in areas.into_iter().filter(|_| self.in_pixels) {
            let averages = self.averages(area, MAX_DETECTIONS);
            values.push((map, mean(&averages, precision)));
            values.push((mar, mean(&averages, recall)));
        }
        values
    }

    fn per_class(&self, all: &OfEachClass) -> Columns {
        let of_each = |value: fn(&[Averages; THRESHOLDS]) -> f64| -> ArrayRef {
            let values = all.iter().map(|class| class.as_ref().map(value));
            Arc::new(values.collect::<Float64Array>())
        };
        let count = |value: fn(&ClassEvaluation) -> usize| -> Vec<i64> {
            let classes = self.classes.iter().map(value);
            classes.map(|count| count as i64).collect()
        };
        Columns::new()
            .column("class", self.names.ids().collect::<Vec<i32>>())
            .column("ap", of_each(precision))
            .column("ap_50", of_each(|averages| averages[AT_50].precision))
            .column("num_images", count(|class| class.images))
            .column("num_instances", count(|class| class.instances))
    }

    fn columns(&self) -> Vec<Column> {
        let metric = |name: &str, description: &str| {
            Column::new(name, ValueType::Float64)
                .nullable(true)
                .description(description)
                .role(Role::Metric)
        };
        let count = |name: &str, description: &str| {
            Column::new(name, ValueType::Int64).description(description)
        };
        vec![
            Column::new("class", ValueType::labels(&self.names)),
            metric("ap", "average precision, mean over IoU 0.50 to 0.95"),
            metric("ap_50", "average precision at IoU 0.50"),
            count("num_images", "images with a ground truth of the class"),
            count("num_instances", "ground truths of the class, crowds aside"),
        ]
    }
}

impl Summary for DetectionSummary {
    fn add(&mut self, batch: &HostBatch, _: &Columns) -> Result<()> {
        for image in self.reader.images(batch)?.iter() {
            for (class, boxes) in &image.classes {
                if let Some(evaluation) = self.classes.get_mut(*class) {
                    evaluation.add(&boxes.predicted, &boxes.truths, &boxes.matching);
                }
            }
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Summarized> {
        self.classes.iter_mut().for_each(ClassEvaluation::sort);
        let all = self.averages(Area::All, MAX_DETECTIONS);
        let values = self.values(&all).into_iter();
        let known = values.filter_map(|(name, value)| Some((name, value?)));
        let summarized = known.fold(Summarized::new(), |all, (name, value)| {
            all.value(name, value)
        });
        Ok(summarized.table("per_class_metrics", self.per_class(&all), self.columns()))
    }

    fn state(&self) -> Option<String> {
        to_state(&self.classes)
    }

    fn merge(&mut self, state: &str) -> Result<()> {
        let others: Vec<ClassEvaluation> = of_state(state)?;
        for (class, other) in self.classes.iter_mut().zip(others) {
            class.merge(other);
        }
        Ok(())
    }
}

/// Average precision over all thresholds.
fn precision(averages: &[Averages; THRESHOLDS]) -> f64 {
    averages.iter().map(|at| at.precision).sum::<f64>() / THRESHOLDS as f64
}

fn recall(averages: &[Averages; THRESHOLDS]) -> f64 {
    averages.iter().map(|at| at.recall).sum::<f64>() / THRESHOLDS as f64
}

/// The mean over the classes that have something to be found.
fn mean(classes: &OfEachClass, value: impl Fn(&[Averages; THRESHOLDS]) -> f64) -> Option<f64> {
    let values: Vec<f64> = classes.iter().flatten().map(value).collect();
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

fn mean_at(classes: &OfEachClass, threshold: usize) -> Option<f64> {
    mean(classes, |averages| averages[threshold].precision)
}
