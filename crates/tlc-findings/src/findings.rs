//! All that the metrics of a run say about one table.

use crate::dynamics::{Dynamics, DynamicsOptions};
use crate::embeddings::HINT;
use crate::label_issues::{Filter, LabelIssues, MetricsPredictions, Score, find};
use crate::neighbors::{
    DUPLICATE_THRESHOLD, Metric, NearDuplicates, Neighbors, Outliers, Search, near_duplicates,
    nearest_with, outliers,
};
use crate::{Embeddings, Error, Progress, Result};
use std::fmt::{Display, Formatter};
use tlc_core::{Error as Core, MetricsTable, MetricsTableWriter, Run, Table, ValueType};

/// Neighbours that are looked at, as `cleanlab` does.
const NEIGHBORS: usize = 10;
/// Samples whose neighbours take some minutes, and memory of a few times their embeddings.
const MOST_SAMPLES: usize = 2_000_000;
const FOLD: &str = "fold";

/// What a run says about the samples of a table: what its data allow, and what they do not,
/// with the reason. Each finding is made as by its own module, with its defaults.
///
/// ```
/// # use serde::Serialize;
/// # use tlc_core::{AddMetrics, Columns, Run, RunOptions, Table, TableOptions, Url};
/// use tlc_findings::{Finding, Findings};
///
/// # #[derive(Serialize)] struct Row { label: i32 }
/// # let root = Url::parse("memory://docs-findings/")?;
/// # let options = TableOptions::new("demo", "points", "train").root(&root);
/// # let train = Table::create(options, |writer| writer.add_rows(&[Row { label: 1 }, Row { label: 0 }]))?;
/// # let run = Run::create(RunOptions::new("demo").root(&root))?;
/// # let values = Columns::new().column("probabilities", vec![[0.9_f32, 0.1], [0.8, 0.2]]);
/// # run.add_metrics(values, AddMetrics::new().foreign_table(&train).constant("epoch", 1))?;
/// let findings = Findings::of(&run, &train)?;
/// println!("{findings}"); // what was found, and what was left out and why
/// findings.write(&run)?; // as metrics tables of the run
///
/// assert_eq!(findings.label_issues.as_ref().map(|issues| issues.samples.len()), Some(2));
/// let left_out: Vec<Finding> = findings.left_out.iter().map(|left| left.finding).collect();
/// assert_eq!(left_out, [Finding::Neighbors, Finding::Dynamics]);
/// # Ok::<(), tlc_findings::Error>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Findings {
    /// All samples, those first whose label is most likely wrong.
    pub label_issues: Option<LabelIssues>,
    /// Groups of samples that are nearly the same to the model.
    pub near_duplicates: Option<NearDuplicates>,
    /// How far each sample is from the others.
    pub outliers: Option<Outliers>,
    /// How the model took to each sample, epoch after epoch.
    pub dynamics: Option<Dynamics>,
    /// What the data in the run do not allow.
    pub left_out: Vec<LeftOut>,
    table: Table,
    predictions: Option<MetricsPredictions>,
    embedded: Option<MetricsTable>,
}

/// What is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Finding {
    /// Label issues, which need probabilities.
    LabelIssues,
    /// Near-duplicates and outliers, which need embeddings.
    Neighbors,
    /// Training dynamics, which need losses of several epochs.
    Dynamics,
}

/// What was left out, and why.
#[derive(Debug)]
#[non_exhaustive]
pub struct LeftOut {
    /// What is not there.
    pub finding: Finding,
    /// What stands in its way, and what to do.
    pub reason: Error,
}

impl Findings {
    /// Finds what the metrics of the run about `table` allow: label issues in the
    /// probabilities of all epochs, near-duplicates and outliers among the newest embeddings,
    /// the dynamics of all epochs.
    ///
    /// # Errors
    /// [`tlc_core::Error::NoMetricsFound`] if the run has no metrics about the table; storage
    /// errors. What a finding lacks is no error, but stands in [`left_out`](Self::left_out).
    pub fn of(run: &Run, table: &Table) -> Result<Self> {
        Self::of_with(run, table, &Progress::new())
    }

    /// As [`of`](Self::of), followed and ended by its progress.
    ///
    /// # Errors
    /// As [`of`](Self::of); [`Error::Cancelled`].
    pub fn of_with(run: &Run, table: &Table, progress: &Progress) -> Result<Self> {
        run.metrics()?.about(table).newest()?;
        let mut left_out = Vec::new();
        let mut allowed = Allowed(&mut left_out);
        progress.begin("label issues", 1);
        let labels = allowed.by_data(Finding::LabelIssues, label_issues(run, table))?;
        progress.check()?;
        let neighbors = allowed.by_data(Finding::Neighbors, neighbors(run, table, progress))?;
        progress.begin("training dynamics", 1);
        let dynamics = allowed.by_data(Finding::Dynamics, dynamics(run, table))?;
        progress.check()?;
        let (predictions, label_issues) = labels.unzip();
        let (embedded, neighbors) = neighbors.unzip();
        let duplicates = |neighbors| near_duplicates(neighbors, DUPLICATE_THRESHOLD);
        Ok(Self {
            label_issues,
            near_duplicates: neighbors.as_ref().map(duplicates),
            outliers: neighbors.as_ref().map(|neighbors| outliers(neighbors, 1.0)),
            dynamics,
            left_out,
            table: table.clone(),
            predictions,
            embedded,
        })
    }

    /// Writes what was found into the run, all in one commit: a metrics table each of the
    /// streams `label_issues`, `near_duplicates`, `outliers` and `training_dynamics`.
    ///
    /// # Errors
    /// Storage errors. Nothing is visible then.
    pub fn write(&self, run: &Run) -> Result<Vec<MetricsTable>> {
        let mut writers: Vec<MetricsTableWriter> = Vec::new();
        if let (Some(issues), Some(source)) = (&self.label_issues, &self.predictions) {
            writers.push(issues.writer(run, source)?);
        }
        if let (Some(found), Some(source)) = (&self.near_duplicates, &self.embedded) {
            writers.push(found.writer(run, source)?);
        }
        if let (Some(found), Some(source)) = (&self.outliers, &self.embedded) {
            writers.push(found.writer(run, source)?);
        }
        if let Some(dynamics) = &self.dynamics {
            writers.push(dynamics.writer(run, &self.table)?);
        }
        let mut change = run.change();
        for writer in &mut writers {
            change.metrics(writer);
        }
        Ok(change.commit()?)
    }
}

/// A line for each finding, and one for each that was left out.
impl Display for Findings {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        if let Some(issues) = &self.label_issues {
            writeln!(f, "Label issues: {issues}")?;
        }
        if let Some(found) = &self.near_duplicates {
            let samples: usize = found.sets.iter().map(Vec::len).sum();
            let (sets, all) = (found.sets.len(), found.example_ids.len());
            writeln!(
                f,
                "Near-duplicates: {samples} of {all} samples, in {sets} sets."
            )?;
        }
        if let Some(found) = &self.outliers {
            let samples = found.example_ids.len();
            writeln!(
                f,
                "Outliers: {samples} samples, ranked by their distance to the others."
            )?;
        }
        if let Some(found) = &self.dynamics {
            let never = found.first_epoch_learned.iter();
            let never = never.filter(|epoch| epoch.is_none()).count();
            let all = found.example_ids.len();
            writeln!(
                f,
                "Training dynamics: {never} of {all} samples were never right."
            )?;
        }
        for LeftOut { finding, reason } in &self.left_out {
            writeln!(f, "No {finding}: {reason}.")?;
        }
        Ok(())
    }
}

impl Display for Finding {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::LabelIssues => "label issues",
            Self::Neighbors => "near-duplicates and outliers",
            Self::Dynamics => "training dynamics",
        })
    }
}

/// Keeps why the data do not allow something; what else goes wrong is an error.
struct Allowed<'l>(&'l mut Vec<LeftOut>);

impl Allowed<'_> {
    fn by_data<T>(&mut self, finding: Finding, found: Result<T>) -> Result<Option<T>> {
        match found {
            Ok(found) => Ok(Some(found)),
            Err(reason) if is_of_the_data(&reason) => {
                self.0.push(LeftOut { finding, reason });
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

/// Whether an error says what the run or the table holds, not that reading it failed.
fn is_of_the_data(error: &Error) -> bool {
    match error {
        Error::Core(Core::NoMetricsFound { .. } | Core::NoSuchColumn { .. }) => true,
        Error::Core(_) | Error::Changed { .. } | Error::Cancelled => false,
        _ => true,
    }
}

fn label_issues(run: &Run, table: &Table) -> Result<(MetricsPredictions, LabelIssues)> {
    let predictions = MetricsPredictions::of_run(run, table)?;
    let issues = find(&predictions, Filter::default(), Score::default())?;
    Ok((predictions, issues))
}

fn dynamics(run: &Run, table: &Table) -> Result<Dynamics> {
    let dynamics = Dynamics::of_run(run, table, &DynamicsOptions::new())?;
    match dynamics.epochs.iter().max() {
        Some(epochs) if *epochs > 1 => Ok(dynamics),
        epochs => Err(Error::TooFew {
            what: "training dynamics: epochs",
            needed: 2,
            found: usize::try_from(epochs.copied().unwrap_or_default()).unwrap_or_default(),
        }),
    }
}

fn neighbors(run: &Run, table: &Table, progress: &Progress) -> Result<(MetricsTable, Neighbors)> {
    let (metrics, column) = newest_embeddings(run, table)?;
    if metrics.len() > MOST_SAMPLES {
        return Err(Error::TooMany {
            what: "near-duplicates and outliers: samples",
            most: MOST_SAMPLES,
            found: metrics.len(),
            hint: "`neighbors::nearest` does it, if there is the time and the memory",
        });
    }
    let embeddings = Embeddings::of_metrics(&metrics, &column)?;
    let (search, metric) = (Search::default(), Metric::default());
    let neighbors = nearest_with(search, &embeddings, NEIGHBORS, metric, progress)?;
    Ok((metrics, neighbors))
}

/// The newest metrics table about `table` with embeddings, and the name of their column.
fn newest_embeddings(run: &Run, table: &Table) -> Result<(MetricsTable, String)> {
    let about = run.metrics()?.about(table);
    let mut embedded = about.iter().rev().filter_map(|metrics| {
        let columns = metrics.schema().columns().iter();
        let mut vectors =
            columns.filter(|column| matches!(column.value, ValueType::Embedding { .. }));
        vectors.next().map(|column| (metrics, column.name.clone()))
    });
    let Some((newest, column)) = embedded.next() else {
        return Err(Error::NotCollected {
            metrics: about.newest()?.name().to_owned(),
            column: "embeddings".to_owned(),
            hint: HINT,
        });
    };
    let fold = |metrics: &MetricsTable| -> Result<Option<i64>> {
        Ok(metrics.constant(FOLD)?.and_then(|fold| fold.as_i64()))
    };
    if let Some(first) = fold(newest)? {
        for (other, _) in embedded {
            if let Some(found) = fold(other)?.filter(|found| *found != first) {
                return Err(Error::Spaces {
                    metrics: other.name().to_owned(),
                    column: FOLD,
                    first,
                    found,
                });
            }
        }
    }
    Ok((newest.clone(), column))
}
