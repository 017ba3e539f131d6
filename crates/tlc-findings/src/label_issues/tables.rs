//! What metrics tables that are read as one have in common, and what a run says beside them.

use super::memorization::Agreement;
use crate::labels::LabelClasses;
use crate::{Error, Result, column};
use tlc_core::{ClassMap, Column, EXAMPLE_ID, MetricsTable, Role, Run, Schema, Table, ValueType};

const LABEL: &str = "label";
pub(super) const HINT: &str = "collect the softmax of the logits as a fixed-size list, as \
                    `Classification::new(..).probabilities(true)` does";

/// Metrics about other tables that say how right a classifier is.
pub(super) fn of_others(run: &Run, table: &Table) -> Result<Vec<MetricsTable>> {
    let says_how_right = |metrics: &MetricsTable| {
        let is_there = |column| metrics.schema().column(column).is_some_and(is_float);
        let has_ids = metrics.schema().column(EXAMPLE_ID).is_some();
        let of_others = has_ids && !metrics.is_finding() && !metrics.is_about(table);
        of_others && is_there("accuracy") && is_there("loss")
    };
    Ok(run.metrics()?.into_iter().filter(says_how_right).collect())
}

/// What the metrics say about samples of other tables, in the same epoch.
pub(super) fn held_out(tables: &[MetricsTable], epoch: Option<i64>) -> Result<Option<Agreement>> {
    let mut held_out = Agreement::default();
    for metrics in tables {
        let name = metrics.name();
        if metrics.constant("epoch")?.and_then(|found| found.as_i64()) != epoch {
            continue;
        }
        for batch in metrics.scan().columns(["accuracy", "loss"]).batches()? {
            let batch = batch?;
            let of = |column| column::numbers(name, column, column::of(&batch, column)?);
            for (accuracy, loss) in of("accuracy")?.into_iter().zip(of("loss")?) {
                held_out.add(accuracy > 0.5, (-loss).exp());
            }
        }
    }
    Ok((held_out.samples > 0).then_some(held_out))
}

fn is_float(column: &Column) -> bool {
    !column.nullable && column.value.to_arrow().is_floating()
}

/// The number of classes, which is the same in all.
pub(super) fn checked_classes(tables: &[&MetricsTable], probabilities: &str) -> Result<usize> {
    let mut all = None;
    for metrics in tables {
        let found = column::list_len(metrics, probabilities, HINT)?;
        let classes = *all.get_or_insert(found);
        if classes != found {
            return Err(Error::Shape {
                what: "probabilities of metrics tables that are read as one",
                expected: format!("[samples, {classes}]"),
                found: format!("[samples, {found}] in `{}`", metrics.name()),
            });
        }
    }
    Ok(all.unwrap_or_default())
}

/// The table that all metrics are about, if its labels are needed.
pub(super) fn foreign_table(tables: &[&MetricsTable], label: &str) -> Result<Option<Table>> {
    let has_label = |metrics: &&&MetricsTable| metrics.schema().column(label).is_some();
    let lacking = tables.iter().find(|metrics| !has_label(metrics));
    if tables.len() == 1 && lacking.is_none() {
        // What it is about may be gone.
        return Ok(None);
    }
    if tables.len() > 1 {
        let hint = "tables that are read as one must say which sample a row is about";
        tables
            .iter()
            .try_for_each(|metrics| column::require(metrics, EXAMPLE_ID, hint))?;
    }
    let mut found = tables
        .iter()
        .filter_map(|metrics| metrics.foreign_table().transpose());
    match (found.next().transpose()?, lacking) {
        (Some(table), _) => {
            let other = tables.iter().find(|metrics| !metrics.is_about(&table));
            match other {
                None => Ok(lacking.map(|_| table)),
                Some(other) => Err(Error::OtherTable {
                    metrics: other.name().to_owned(),
                    table: table.url().clone(),
                }),
            }
        }
        (None, None) => Ok(None),
        (None, Some(lacking)) => Err(tlc_core::Error::NoForeignTable {
            metrics: lacking.name().to_owned(),
        }
        .into()),
    }
}

/// The column that is the label, or that of this name.
pub(super) fn label_of(schema: &Schema) -> &str {
    let is_class = |value: &ValueType| matches!(value, ValueType::CategoricalLabel { .. });
    let mut columns = schema.columns().iter();
    let label = columns.find(|column| column.role == Some(Role::Label) && is_class(&column.value));
    match schema.column(LABEL) {
        Some(_) => LABEL,
        None => label.map_or(LABEL, |column| column.name.as_str()),
    }
}

/// The type of the labels, whose names of classes may be told by the predictions alone.
pub(super) fn label_value(
    described: &Schema,
    metrics: &Schema,
    label: &str,
    classes: usize,
) -> ValueType {
    let own = described.column(label).map(|column| &column.value);
    let mut predicted = metrics.columns().iter();
    let predicted = predicted.find(|column| column.role == Some(Role::Prediction));
    let values = own.into_iter().chain(predicted.map(|column| &column.value));
    let mut names = values.filter_map(ValueType::classes);
    match names.find(|names| names.len() >= classes) {
        Some(names) => ValueType::labels(names),
        None => ValueType::Int64,
    }
}

/// What says where the probability of a label stands.
pub(super) fn label_classes(described: &Schema, label: &str, value: &ValueType) -> LabelClasses {
    let classes = value.classes().cloned().unwrap_or_default();
    let own = described.column(label);
    let own = own.and_then(|column| column.value.classes());
    LabelClasses {
        void: own.map_or(classes.void(), ClassMap::void),
        classes,
    }
}
