//! Which classes are taken for which: the sum over a classification.

use super::host::HostBatch;
use super::per_class::{Counts, PerClass};
use super::summary::{Summarized, Summary, of_state, to_state};
use crate::{Error, Result};
use std::collections::BTreeMap;
use tlc_core::arrow::array::{AsArray, PrimitiveArray};
use tlc_core::arrow::datatypes::{ArrowPrimitiveType, Float32Type, Int32Type};
use tlc_core::{ClassMap, Column, Columns, Role, ValueType};

/// Counts pairs of label and prediction, from the tensor `targets` and the columns
/// `predicted` and `loss`. A sample whose loss is NaN has no prediction.
pub(super) struct Confusion {
    collector: &'static str,
    per_class: PerClass,
    /// Samples by the positions of label and prediction; only pairs that occur.
    pairs: BTreeMap<(usize, usize), i64>,
}

impl Confusion {
    pub(super) fn new(collector: &'static str, classes: &ClassMap) -> Self {
        Self {
            collector,
            per_class: PerClass::new(classes),
            pairs: BTreeMap::new(),
        }
    }

    fn add_sample(&mut self, label: usize, predicted: Option<usize>) {
        let right = predicted == Some(label);
        self.per_class.add(label, true, right);
        let Some(predicted) = predicted else { return };
        if !right {
            self.per_class.add(predicted, false, true);
        }
        *self.pairs.entry((label, predicted)).or_default() += 1;
    }

    fn column<'a, T: ArrowPrimitiveType>(
        &self,
        columns: &'a Columns,
        name: &str,
    ) -> Result<&'a PrimitiveArray<T>> {
        let found = columns.get(name);
        let typed = found.and_then(|array| array.as_primitive_opt::<T>());
        typed.ok_or_else(|| Error::NotRegistered {
            collector: self.collector.to_owned(),
            column: name.to_owned(),
        })
    }
}

impl Summary for Confusion {
    fn add(&mut self, batch: &HostBatch, columns: &Columns) -> Result<()> {
        let targets = batch.ints("targets")?;
        let predicted = self.column::<Int32Type>(columns, "predicted")?;
        let loss = self.column::<Float32Type>(columns, "loss")?;
        let samples = targets.iter().zip(predicted.values()).zip(loss.values());
        for ((target, predicted), loss) in samples {
            let label = usize::try_from(*target).unwrap_or(usize::MAX);
            let predicted = self.per_class.classes().position(*predicted);
            self.add_sample(label, predicted.filter(|_| !loss.is_nan()));
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Summarized> {
        let classes = self.per_class.classes().clone();
        let id = |position: usize| classes.id_at(position).unwrap_or_default();
        let pairs = self.pairs.keys();
        let pairs = pairs.map(|(label, predicted)| (id(*label), id(*predicted)));
        let (labels, predicted): (Vec<i32>, Vec<i32>) = pairs.unzip();
        let counts: Vec<i64> = self.pairs.into_values().collect();
        let rows = Columns::new()
            .column("label", labels)
            .column("predicted", predicted)
            .column("count", counts);
        let columns = [
            Column::new("label", ValueType::labels(&classes)),
            Column::new("predicted", ValueType::labels(classes)).role(Role::Prediction),
            Column::new("count", ValueType::Int64).description("samples of this pair"),
        ];
        let summarized = self.per_class.summarized();
        Ok(summarized.table("confusion_matrix", rows, columns))
    }

    fn state(&self) -> Option<String> {
        let pairs: Vec<_> = self.pairs.iter().collect();
        to_state(&(self.per_class.counts(), pairs))
    }

    fn merge(&mut self, state: &str) -> Result<()> {
        type Pairs = Vec<((usize, usize), i64)>;
        let (counts, pairs): (Vec<Counts>, Pairs) = of_state(state)?;
        self.per_class.merge(&counts);
        for (pair, count) in pairs {
            *self.pairs.entry(pair).or_default() += count;
        }
        Ok(())
    }
}
