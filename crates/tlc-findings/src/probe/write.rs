//! Out-of-fold probabilities as a metrics table of the run.

use super::Probe;
use crate::{Result, beside};
use std::sync::Arc;
use tlc_core::arrow::array::{ArrayRef, FixedSizeListArray, Float32Array, Int64Array};
use tlc_core::arrow::compute::cast;
use tlc_core::arrow::datatypes::{DataType, Field};
use tlc_core::{Column, MetricsTable, Role, Run, ValueType};

/// Stream of the metrics tables that hold a probe's probabilities.
pub const STREAM: &str = "probe";

impl Probe {
    /// Writes the given label under its name, `fold`, `predicted`, the class with the largest
    /// probability, and `probabilities` of every sample into the run, stream `probe`, with
    /// the `example_id`, the foreign table and the constants of the metrics that the
    /// embeddings came from: what
    /// [`MetricsPredictions`](crate::label_issues::MetricsPredictions) reads.
    ///
    /// # Errors
    /// [`Error::Rows`](crate::Error::Rows) for metrics of another number of rows; storage
    /// errors.
    pub fn write(&self, run: &Run, source: &MetricsTable) -> Result<MetricsTable> {
        let classes = self.classes();
        let fold = Column::new("fold", ValueType::Int64)
            .description("the fold that the sample is held out with");
        let predicted = Column::new("predicted", self.label.value.clone())
            .description("class with the largest probability")
            .role(Role::Prediction);
        let list = ValueType::List {
            item: Box::new(ValueType::Confidence),
            len: Some(classes),
        };
        let probabilities = Column::new("probabilities", list)
            .description("probability of each class, of a probe that has not seen the sample")
            .visible(false);
        let folds = self.folds.iter().map(|fold| i64::try_from(*fold).ok());
        let columns = [
            (
                self.label.clone(),
                self.classes_of(self.labels.iter().copied())?,
            ),
            (fold, Arc::new(folds.collect::<Int64Array>()) as _),
            (predicted, self.classes_of(self.predicted())?),
            (probabilities, lists(&self.probabilities, classes)?),
        ];
        let source = (source, self.void);
        let writer = beside::writer_of_some_rows(run, source, STREAM, &self.example_ids, &columns);
        Ok(writer?.finish()?)
    }

    /// The class with the largest probability, of equal ones the first, of each sample.
    fn predicted(&self) -> impl Iterator<Item = u32> {
        let rows = self.probabilities.chunks_exact(self.classes().max(1));
        rows.map(|row| {
            let largest = (0..).zip(row).fold((0, f32::MIN), |largest, (class, p)| {
                if *p > largest.1 { (class, *p) } else { largest }
            });
            largest.0
        })
    }

    /// Classes, by position, as labels of the given type.
    fn classes_of(&self, classes: impl Iterator<Item = u32>) -> Result<ArrayRef> {
        let known = self.label.value.classes();
        let id = |class: u32| {
            let id = known.and_then(|known| known.id_at(class as usize));
            Some(id.map_or(i64::from(class), i64::from))
        };
        let classes: Int64Array = classes.map(id).collect();
        let to = self.label.value.to_arrow();
        cast(&classes, &to).map_err(|source| {
            let doing = "write labels";
            tlc_core::Error::Arrow { doing, source }.into()
        })
    }
}

fn lists(values: &[f32], len: usize) -> Result<ArrayRef> {
    let item = Arc::new(Field::new_list_field(DataType::Float32, false));
    let values = Arc::new(Float32Array::from(values.to_vec()));
    let len = i32::try_from(len).unwrap_or(i32::MAX);
    let lists = FixedSizeListArray::try_new(item, len, values, None);
    let lists = lists.map_err(|source| tlc_core::Error::Arrow {
        doing: "write probabilities",
        source,
    })?;
    Ok(Arc::new(lists))
}
