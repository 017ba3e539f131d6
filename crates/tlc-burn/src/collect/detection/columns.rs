//! What is kept of each image: its predicted boxes, and how many are right.

use super::NAME;
use super::by_class::{BoxReader, ByClass, OfClass};
use super::images::Predicted;
use super::matching::Match;
use crate::{Error, Result};
use std::sync::Arc;
use tlc_core::arrow::array::{ArrayRef, Float32Array, Int32Array, ListArray, StructArray};
use tlc_core::arrow::buffer::OffsetBuffer;
use tlc_core::arrow::datatypes::DataType;
use tlc_core::{ClassMap, Column, Columns, Role, ValueType};

/// Predicted boxes as a list of structs.
pub(super) fn boxes_column(classes: &ClassMap, unit: &str) -> Column {
    let corner = |name: &str| Column::new(name, ValueType::Float32).unit(unit);
    let label = ValueType::labels(classes);
    let fields = vec![
        corner("x0"),
        corner("y0"),
        corner("x1"),
        corner("y1"),
        Column::new("label", label).role(Role::Prediction),
        Column::new("confidence", ValueType::Confidence),
        Column::new("iou", ValueType::Float32)
            .description("with the ground truth that the box found, else 0"),
    ];
    let item = Box::new(ValueType::Struct { fields });
    Column::new("predicted_boxes", ValueType::List { item, len: None })
        .description("by falling confidence")
        .role(Role::Prediction)
}

/// Which boxes count as right, in numbers.
pub(super) fn count_columns() -> [Column; 3] {
    [
        ("tp", "predicted boxes that found a ground truth"),
        ("fp", "predicted boxes that found none"),
        ("fn", "ground truths that no box found"),
    ]
    .map(|(name, description)| {
        Column::new(name, ValueType::Int32)
            .description(description)
            .role(Role::Metric)
    })
}

/// An image whose boxes are matched at one threshold, those of low score left out.
pub(super) struct Matched<'a> {
    predicted: &'a [Predicted],
    /// Of each predicted box.
    matches: Vec<Option<Match>>,
    missed: usize,
}

impl<'a> Matched<'a> {
    pub(super) fn new(image: &'a ByClass, reader: BoxReader, threshold: f64) -> Self {
        let kept = reader.kept(&image.predicted);
        let mut matched = Self {
            predicted: image.predicted.get(..kept).unwrap_or_default(),
            matches: vec![None; kept],
            missed: 0,
        };
        for class in image.classes.values() {
            matched.add(class, reader.kept(&class.predicted), threshold);
        }
        matched
    }

    fn add(&mut self, class: &OfClass, kept: usize, threshold: f64) {
        let crowds: Vec<bool> = class.truths.iter().map(|truth| truth.is_crowd).collect();
        self.missed += crowds.iter().filter(|is_crowd| !**is_crowd).count();
        let mut candidates = class.matching.candidates(&crowds);
        let matches = class.matching.at(threshold, &mut candidates, kept);
        for (predicted, found) in class.predicted.iter().zip(matches) {
            self.missed -= usize::from(found.is_some_and(|found| !found.is_ignored));
            if let Some(slot) = self.matches.get_mut(predicted.index) {
                *slot = found;
            }
        }
    }

    /// Right, wrong and missed.
    fn counts(&self) -> [i32; 3] {
        let found = |wanted: fn(&Option<Match>) -> bool| {
            self.matches.iter().filter(|found| wanted(found)).count()
        };
        let right = found(|found| found.is_some_and(|found| !found.is_ignored));
        [right, found(Option::is_none), self.missed]
            .map(|count| i32::try_from(count).unwrap_or(i32::MAX))
    }
}

/// The columns of a batch.
pub(super) fn columns(
    images: &[Matched<'_>],
    classes: &ClassMap,
    boxes: &Column,
) -> Result<Columns> {
    let counts: Vec<_> = images.iter().map(Matched::counts).collect();
    let of_each = |index: usize| -> Vec<i32> {
        let counts = counts.iter().filter_map(|counts| counts.get(index));
        counts.copied().collect()
    };
    Ok(Columns::new()
        .column("predicted_boxes", lists(images, classes, boxes)?)
        .column("tp", of_each(0))
        .column("fp", of_each(1))
        .column("fn", of_each(2)))
}

fn lists(images: &[Matched<'_>], classes: &ClassMap, column: &Column) -> Result<ArrayRef> {
    let DataType::List(item) = column.value.to_arrow() else {
        return Err(Error::collector(NAME, "boxes are a list"));
    };
    let DataType::Struct(fields) = item.data_type() else {
        return Err(Error::collector(NAME, "a box is a struct"));
    };
    let predicted = || images.iter().flat_map(|image| image.predicted);
    let corners: Vec<_> = predicted().map(|found| found.bounds.corners()).collect();
    let corner = |index: usize| -> ArrayRef {
        let values = corners.iter().map(|corners| corners.get(index).copied());
        Arc::new(values.collect::<Float32Array>())
    };
    let label = predicted().map(|found| classes.id_at(found.class));
    let confidence = predicted().map(|found| Some(found.score));
    let iou = images.iter().flat_map(|image| &image.matches);
    let iou = iou.map(|found| Some(found.map_or(0.0, |found| found.iou as f32)));
    let arrays: Vec<ArrayRef> = (0..4)
        .map(corner)
        .chain([
            Arc::new(label.collect::<Int32Array>()) as ArrayRef,
            Arc::new(confidence.collect::<Float32Array>()),
            Arc::new(iou.collect::<Float32Array>()),
        ])
        .collect();
    let failed = |error| Error::collector(NAME, error);
    let boxes = StructArray::try_new(fields.clone(), arrays, None).map_err(failed)?;
    let lens = images.iter().map(|image| image.matches.len());
    let lists = ListArray::try_new(
        Arc::clone(&item),
        OffsetBuffer::from_lengths(lens),
        Arc::new(boxes),
        None,
    );
    Ok(Arc::new(lists.map_err(failed)?))
}
