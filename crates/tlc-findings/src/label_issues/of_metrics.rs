//! Predictions of metrics tables, several of them read as one.

use super::means::Means;
use super::memorization::{Agreement, Fit, Memorization};
use super::part::Part;
use super::predictions::{Batch, Predictions, Visit};
use super::samples::{ForeignLabels, Samples, check_once};
use super::tables::{
    HINT, checked_classes, foreign_table, held_out, label_classes, label_of, label_value, of_others,
};
use crate::{Error, Result, column};
use std::collections::BTreeMap;
use std::ops::RangeBounds;
use tlc_core::{MetricsTable, Run, Table, ValueType};

/// Probabilities that are averaged at a time: 256 MiB.
const BLOCK_VALUES: usize = 1 << 25;

const PROBABILITIES: &str = "probabilities";
const FOLD: &str = "fold";

/// Predictions of metrics tables about one table, read as one: each sample once, in order of
/// its `example_id`, with the mean of the probabilities that the epochs give it. Rows may
/// come in any order, and tables may hold some of the samples, as those of folds do; a sample
/// that an epoch lacks has the mean of the others. Probabilities stand by the positions of the
/// classes of the label, whatever their ids; samples whose label is void are left out.
///
/// The self-confidence of a sample is the geometric mean over the epochs: `exp(-loss)` of its
/// mean cross-entropy. A label that one early epoch found very unlikely keeps a low one,
/// however well later epochs have learned it by heart.
///
/// They stream from Parquet: memory grows with the samples, and past 256 MiB not with the
/// classes.
///
/// ```
/// # use serde::Serialize;
/// # use tlc_core::{AddMetrics, Columns, Run, RunOptions, Table, TableOptions, Url};
/// use tlc_findings::label_issues::{Filter, MetricsPredictions, Score, find};
///
/// # #[derive(Serialize)] struct Row { label: i32 }
/// # let root = Url::parse("memory://docs-metrics-predictions/")?;
/// # let options = TableOptions::new("demo", "points", "train").root(&root);
/// # let train = Table::create(options, |writer| writer.add_rows(&[Row { label: 1 }, Row { label: 0 }]))?;
/// # let run = Run::create(RunOptions::new("demo").root(&root))?;
/// # for epoch in 1..4 {
/// #     let values = Columns::new().column("probabilities", vec![[0.6_f32, 0.4], [0.8, 0.2]]);
/// #     run.add_metrics(values, AddMetrics::new().foreign_table(&train).constant("epoch", epoch))?;
/// # }
/// let predictions = MetricsPredictions::of_run(&run, &train)?; // of all epochs
/// let issues = find(&predictions, Filter::default(), Score::default())?;
/// assert_eq!(issues.samples[0].example_id, 0); // most likely wrong
/// issues.write(&run, &predictions)?;
///
/// let early = predictions.of_epochs(..=2)?;
/// assert_eq!(early.epochs().collect::<Vec<_>>(), [1, 2]);
/// # Ok::<(), tlc_findings::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct MetricsPredictions {
    probabilities: String,
    label: String,
    classes: usize,
    label_value: ValueType,
    /// By their number; those without one are one epoch.
    epochs: BTreeMap<Option<i64>, Vec<Part>>,
    samples: Samples,
    held_out: Vec<MetricsTable>,
    block_values: usize,
}

impl MetricsPredictions {
    /// All `probabilities` that the run has about a table: those of models that have not seen
    /// the samples, where some have a column `fold`, else those of all epochs. The labels are
    /// the column of the table that has this role, or is called `label`. What the run says
    /// about other tables tells how much of the labels was learned by heart.
    ///
    /// # Errors
    /// [`Error::NotCollected`] if the metrics about the table have no probabilities,
    /// [`tlc_core::Error::NoMetricsFound`] if there are none; as [`new`](Self::new).
    pub fn of_run(run: &Run, table: &Table) -> Result<Self> {
        let about = run.metrics()?.about(table).with_column(PROBABILITIES);
        let mut tables: Vec<MetricsTable> = about.into();
        if tables.is_empty() {
            let newest = run.metrics()?.about(table).newest()?;
            column::require(&newest, PROBABILITIES, HINT)?;
        }
        let is_of_fold = |metrics: &MetricsTable| metrics.schema().column(FOLD).is_some();
        if tables.iter().any(is_of_fold) {
            tables.retain(is_of_fold);
        }
        let label = label_of(table.schema());
        Ok(Self {
            held_out: of_others(run, table)?,
            ..Self::new(&tables, PROBABILITIES, label)?
        })
    }

    /// From metrics tables that have a column of probabilities, a fixed-size list of floats,
    /// and a column of labels, which is looked for in each of them and then in the table that
    /// they are about. Tables whose column `epoch` has the same value, or that have none, are
    /// of one epoch. To bring together what models of different seeds say of one epoch, see
    /// [`consensus`](crate::consensus).
    ///
    /// # Errors
    /// [`Error::TooFew`] for no metrics table; [`Error::NotCollected`],
    /// [`Error::ColumnType`], [`Error::Null`] and [`Error::Shape`] for what a table holds;
    /// [`Error::Repeated`] for a sample that comes twice in one epoch;
    /// [`Error::OtherTable`], [`Error::LabelVaries`], [`Error::EpochVaries`]; storage errors.
    pub fn new<'a>(
        tables: impl IntoIterator<Item = &'a MetricsTable>,
        probabilities: &str,
        label: &str,
    ) -> Result<Self> {
        let tables: Vec<&MetricsTable> = tables.into_iter().collect();
        let Some(first) = tables.first() else {
            return Err(Error::TooFew {
                what: "label issues: metrics tables",
                needed: 1,
                found: 0,
            });
        };
        let classes = checked_classes(&tables, probabilities)?;
        let foreign = foreign_table(&tables, label)?;
        let foreign_labels = foreign
            .as_ref()
            .map(|table| ForeignLabels::read(table, label))
            .transpose()?;
        let mut samples = Samples::default();
        let mut epochs: BTreeMap<Option<i64>, Vec<Part>> = BTreeMap::new();
        let mut seen: BTreeMap<Option<i64>, Vec<i64>> = BTreeMap::new();
        for table in &tables {
            let (part, keys) = Part::open(table, label)?;
            samples.add(table.name(), &keys, foreign_labels.as_ref())?;
            epochs.entry(keys.epoch).or_default().push(part);
            seen.entry(keys.epoch).or_default().extend(keys.example_ids);
        }
        for (epoch, example_ids) in seen {
            check_once(example_ids, epoch)?;
        }
        let described = foreign.as_ref().map_or(first.schema(), Table::schema);
        let label_value = label_value(described, first.schema(), label, classes);
        Ok(Self {
            probabilities: probabilities.to_owned(),
            label: label.to_owned(),
            classes,
            samples: samples.by_position(&label_classes(described, label, &label_value))?,
            label_value,
            epochs,
            held_out: Vec::new(),
            block_values: BLOCK_VALUES,
        })
    }

    /// The same of some epochs alone, such as those before the model learned the labels by
    /// heart.
    ///
    /// # Errors
    /// [`Error::TooFew`] if there are none; as [`new`](Self::new).
    pub fn of_epochs(&self, epochs: impl RangeBounds<i64>) -> Result<Self> {
        self.narrowed(|epoch| epoch.is_some_and(|epoch| epochs.contains(&epoch)))
    }

    /// Each epoch by itself, in order.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn each_epoch(&self) -> Result<Vec<Self>> {
        let epochs = self.epochs.keys();
        let each = epochs.map(|epoch| self.narrowed(|other| other == *epoch));
        each.collect()
    }

    /// Numbers of the epochs, ascending.
    pub fn epochs(&self) -> impl Iterator<Item = i64> {
        self.epochs.keys().filter_map(|epoch| *epoch)
    }

    /// The samples, ascending.
    #[must_use]
    pub fn example_ids(&self) -> &[i64] {
        &self.samples.example_ids
    }

    /// The metrics tables that are read, in order of their epochs.
    pub fn tables(&self) -> impl Iterator<Item = &MetricsTable> {
        self.epochs.values().flatten().map(|part| &part.table)
    }

    /// Whether the models that made the predictions have not seen the samples: those of
    /// tables with a column `fold`.
    #[must_use]
    pub fn is_out_of_fold(&self) -> bool {
        self.tables()
            .all(|metrics| metrics.schema().column(FOLD).is_some())
    }

    /// What a label is, with the names of the classes if they are known.
    pub(super) fn label_value(&self) -> &ValueType {
        &self.label_value
    }

    fn narrowed(&self, keeps: impl Fn(Option<i64>) -> bool) -> Result<Self> {
        let kept = self.epochs.iter().filter(|(epoch, _)| keeps(**epoch));
        let tables = kept.flat_map(|(_, parts)| parts).map(|part| &part.table);
        Ok(Self {
            held_out: self.held_out.clone(),
            ..Self::new(tables, &self.probabilities, &self.label)?
        })
    }

    /// The means of samples that follow one another.
    fn means<'l>(&self, example_ids: &[i64], labels: &'l [i64]) -> Result<Means<'l>> {
        let mut means = Means::new(labels, self.classes);
        let (Some(first), Some(last)) = (example_ids.first(), example_ids.last()) else {
            return Ok(means);
        };
        let start = self.samples.place(*first).unwrap_or_default();
        for part in self.epochs.values().flatten() {
            part.for_each_row(&(*first..=*last), self.column(), |id, row| {
                let place = self.samples.place(id);
                if let Some(at) = place.and_then(|place| place.checked_sub(start)) {
                    means.add(at, row);
                }
            })?;
        }
        means.divide();
        Ok(means)
    }

    /// How well the predictions of an epoch agree with the labels they may have learned.
    fn fit(&self, epoch: Option<i64>, parts: &[Part]) -> Result<Fit> {
        let mut train = Agreement::default();
        for part in parts {
            part.for_each_row(&(i64::MIN..=i64::MAX), self.column(), |id, row| {
                let place = self.samples.place(id);
                let label = place.and_then(|place| self.samples.labels.get(place));
                let label = label.and_then(|label| usize::try_from(*label).ok());
                let Some(p) = label.and_then(|label| row.get(label)) else {
                    return;
                };
                let others = row.iter().enumerate();
                let mut others = others.filter(|(class, _)| Some(*class) != label);
                train.add(others.all(|(_, other)| other < p), *p);
            })?;
        }
        let held_out = held_out(&self.held_out, epoch)?;
        Ok(Fit {
            epoch,
            train,
            held_out,
        })
    }

    fn column(&self) -> (&str, usize) {
        (&self.probabilities, self.classes)
    }
}

impl Predictions for MetricsPredictions {
    type Value = f64;

    fn classes(&self) -> usize {
        self.classes
    }

    fn for_each_batch(&self, visit: &mut Visit<'_, f64>) -> Result<()> {
        let rows = (self.block_values / self.classes.max(1)).max(1);
        let ids = self.samples.example_ids.chunks(rows);
        for (example_ids, labels) in ids.zip(self.samples.labels.chunks(rows)) {
            let means = self.means(example_ids, labels)?;
            visit(Batch {
                example_ids,
                labels,
                probabilities: &means.probabilities,
                self_confidence: Some(&means.self_confidence),
            })?;
        }
        Ok(())
    }

    fn class_id(&self, position: usize) -> i32 {
        let classes = self.label_value.classes();
        let known = classes.and_then(|classes| classes.id_at(position));
        known.unwrap_or_else(|| i32::try_from(position).unwrap_or(i32::MAX))
    }

    fn void(&self) -> usize {
        self.samples.void
    }

    fn memorization(&self) -> Result<Option<Memorization>> {
        let epochs = self.epochs.iter();
        let fits = epochs.map(|(epoch, parts)| self.fit(*epoch, parts));
        let fits = fits.collect::<Result<_>>()?;
        Ok(Some(Memorization::new(fits, self.is_out_of_fold())))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a test stops at the first surprise
mod tests {
    use super::*;
    use crate::label_issues::{Filter, Score, find};
    use tlc_core::{AddMetrics, Columns, RunOptions, Url};

    #[test]
    fn samples_that_are_averaged_block_by_block_are_those_averaged_at_once() {
        const SAMPLES: i64 = 20_011; // more than two batches of a scan
        let root = Url::parse("memory://averaged-in-blocks/").unwrap();
        let run = Run::create(RunOptions::new("demo").root(&root)).unwrap();
        for (epoch, stride) in [(1, 1), (2, 7_919)] {
            // Ids with gaps between them, the second time far from their order.
            let ids = (0..SAMPLES).map(|at| at * stride % SAMPLES);
            let ids: Vec<i64> = ids.filter(|id| id % 5 != epoch).map(|id| id * 3).collect();
            let row = |id: &i64| {
                let p = ((id * 31 + epoch * 7) % 101) as f32 / 100.0;
                [p, 1.0 - p]
            };
            let columns = Columns::new()
                .column("label", ids.iter().map(|id| id % 2).collect::<Vec<_>>())
                .column("probabilities", ids.iter().map(row).collect::<Vec<_>>())
                .column("example_id", ids);
            let about = AddMetrics::new().constant("epoch", epoch);
            run.add_metrics(columns, about).unwrap();
        }
        let tables = run.metrics().unwrap();
        let at_once = MetricsPredictions::new(&tables, "probabilities", "label").unwrap();
        let expected = find(&at_once, Filter::Both, Score::default()).unwrap();
        assert_eq!(expected.samples.len(), SAMPLES as usize);
        for rows in [1_000, 8_192, 19_999] {
            let block_values = rows * 2;
            let in_blocks = MetricsPredictions {
                block_values,
                ..at_once.clone()
            };
            let found = find(&in_blocks, Filter::Both, Score::default()).unwrap();
            assert_eq!(found, expected);
        }
    }
}
