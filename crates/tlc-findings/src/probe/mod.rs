//! A probe: how well embeddings of a pretrained model tell the labels, by a linear model on
//! top of them that has not seen the sample it judges.
//!
//! Multinomial logistic regression, fitted on all folds but one and asked about that one, so
//! that its probabilities are out of fold and fit for [`label_issues`](crate::label_issues).
//! Where a model is trained on the labels that are in question, it learns their errors by
//! heart; embeddings of a model that never saw them, and a probe, take seconds and no GPU.
//!
//! Features are standardised for each fold by mean and standard deviation of its training
//! part. The strength of the penalty is the one of a grid with the smallest loss of the
//! samples that were held out. Coefficients are those of scikit-learn's `StandardScaler` and
//! `LogisticRegression`, for the same folds and the same `C`. For two classes, where
//! scikit-learn has one vector of weights and this has two, they are those at twice its `C`.
//!
//! Memory: the embeddings once more, the probabilities three times, and about 500 bytes for
//! each weight and intercept of a model.

mod features;
mod folds;
mod lbfgs;
mod model;
mod options;
mod softmax;
mod write;

pub use self::model::LinearModel;
pub use self::options::ProbeOptions;
pub use self::write::STREAM;

use self::features::Features;
use self::folds::Folds;
use self::softmax::Part;
use crate::labels::{LabelClasses, Labels};
use crate::{Embeddings, Error, Result};
use tlc_core::{Column, MetricsTable, ValueType};

/// Most classes of labels that have no names.
const MOST_CLASSES: usize = 1 << 16;

/// What a probe says of every sample, by a model that has not seen it.
///
/// ```
/// use tlc_findings::Embeddings;
/// use tlc_findings::label_issues::{Filter, Score, Slices, find};
/// use tlc_findings::probe::{Probe, ProbeOptions};
///
/// // Two groups of points on a line, and one label that does not fit.
/// let values: Vec<f32> = (0..40).map(|at| (at % 20) as f32 + if at < 20 { 0.0 } else { 50.0 }).collect();
/// let mut labels: Vec<i64> = (0..40).map(|at| i64::from(at >= 20)).collect();
/// labels[7] = 1;
/// let probe = Probe::fit(&Embeddings::new(values, 1)?, &labels, 2, &ProbeOptions::new())?;
///
/// let predictions = Slices::new(&labels, &probe.probabilities, 2)?;
/// let issues = find(&predictions, Filter::default(), Score::default())?;
/// assert_eq!(issues.samples[0].example_id, 7);
/// # Ok::<(), tlc_findings::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Probe {
    /// The probability of each class `[samples, classes]`, row-major. A class that the
    /// training part of a fold has no sample of has 0 throughout the fold.
    pub probabilities: Vec<f32>,
    /// The fold of each sample.
    pub folds: Vec<usize>,
    /// The `C` that was chosen.
    pub c: f64,
    /// Each `C` that was tried, from the smallest on, with the mean loss of the samples that
    /// were held out, in nats. When it rises, larger ones are not tried. A label of
    /// probability 0 counts as one of 1e-15.
    pub losses: Vec<(f64, f64)>,
    /// The model of each fold.
    pub models: Vec<LinearModel>,
    /// Number of samples that are left out, since their label is void.
    pub void: usize,
    /// The samples, their given labels by position, and what these are.
    example_ids: Vec<i64>,
    labels: Vec<u32>,
    label: Column,
}

impl Probe {
    /// Fits a probe on embeddings `[samples, dim]` and labels `[samples]`, indices of
    /// `classes` classes. The result is the same whatever the number of threads.
    ///
    /// # Errors
    /// [`Error::Shape`] for labels of another number than the embeddings, [`Error::Label`],
    /// [`Error::TooFew`] for fewer samples than folds or fewer than two classes that have
    /// samples, [`Error::Setting`].
    pub fn fit(
        embeddings: &Embeddings,
        labels: &[i64],
        classes: usize,
        options: &ProbeOptions,
    ) -> Result<Self> {
        let label = Column::new("label", ValueType::Int64);
        let labels = checked(labels, classes, embeddings)?;
        Self::fit_units(embeddings, labels, label, classes, None, options)
    }

    /// Fits a probe on a column of embeddings of a metrics table and a column of labels,
    /// which is looked for in the metrics table and then in its foreign table. Labels without
    /// names are of as many classes as the largest asks for, and those that are void are left
    /// out. Several rows about one sample are held out together.
    ///
    /// ```
    /// # use serde::Serialize;
    /// use tlc_core::{AddMetrics, Column, Columns, Run, RunOptions, Table, TableOptions, Url, ValueType};
    /// use tlc_findings::label_issues::MetricsPredictions;
    /// use tlc_findings::probe::{Probe, ProbeOptions};
    ///
    /// # #[derive(Serialize)] struct Row { label: i32 }
    /// # let root = Url::parse("memory://docs-probe/")?;
    /// # let options = TableOptions::new("demo", "train", "initial").root(&root)
    /// #     .column(Column::new("label", ValueType::labels(["cat", "dog"])));
    /// # let rows: Vec<Row> = (0..20).map(|at| Row { label: at % 2 }).collect();
    /// # let table = Table::create(options, |writer| writer.add_rows(&rows))?;
    /// # let run = Run::create(RunOptions::new("demo").root(&root))?;
    /// # let vectors: Vec<[f32; 2]> = (0..20).map(|at| [(at % 2) as f32, at as f32]).collect();
    /// let metrics = Columns::new().column("embeddings_hidden", vectors);
    /// let source = run.add_metrics(metrics, AddMetrics::new().foreign_table(&table))?;
    /// let options = ProbeOptions::new();
    /// let probe = Probe::of_metrics(&source, "embeddings_hidden", "label", &options)?;
    ///
    /// let written = probe.write(&run, &source)?;
    /// let names: Vec<&str> = written.schema().names().collect();
    /// assert_eq!(names, ["example_id", "label", "fold", "predicted", "probabilities"]);
    /// let predictions = MetricsPredictions::new([&written], "probabilities", "label")?;
    /// # let _ = predictions;
    /// # Ok::<(), tlc_findings::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`fit`](Self::fit); [`Error::NotCollected`], [`Error::ColumnType`],
    /// [`Error::Null`] and [`Error::NotFinite`] for the columns; storage errors.
    pub fn of_metrics(
        metrics: &MetricsTable,
        embeddings: &str,
        label: &str,
        options: &ProbeOptions,
    ) -> Result<Self> {
        let embeddings = Embeddings::of_metrics(metrics, embeddings)?;
        let given = Labels::of_metrics(metrics, label)?;
        let classes = given.column.value.classes().cloned().unwrap_or_default();
        let known = LabelClasses {
            void: classes.void(),
            classes,
        };
        let labels = embeddings.example_ids().zip(&given.values);
        let labels = labels.map(|(id, label)| known.position(id, *label));
        let labels: Vec<Option<i64>> = labels.collect::<Result<_>>()?;
        let is_kept: Vec<bool> = labels.iter().map(Option::is_some).collect();
        let void = is_kept.iter().filter(|is_kept| !**is_kept).count();
        let embeddings = match void {
            0 => embeddings,
            _ => embeddings.kept(&is_kept),
        };
        let labels: Vec<i64> = labels.into_iter().flatten().collect();
        let classes = match known.classes.len() {
            0 => unnamed(&labels),
            classes => classes,
        };
        let labels = checked(&labels, classes, &embeddings)?;
        let units = given.example_ids.map(|ids| {
            let ids = ids.into_iter().zip(&is_kept);
            let ids = ids.filter_map(|(id, is_kept)| is_kept.then_some(id));
            ids.collect::<Vec<i64>>()
        });
        let units = units.as_deref();
        let fitted = Self::fit_units(&embeddings, labels, given.column, classes, units, options);
        Ok(Self { void, ..fitted? })
    }

    /// Number of classes.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.probabilities.len() / self.labels.len().max(1)
    }

    fn fit_units(
        embeddings: &Embeddings,
        labels: Vec<u32>,
        label: Column,
        classes: usize,
        units: Option<&[i64]>,
        options: &ProbeOptions,
    ) -> Result<Self> {
        options.check()?;
        let folds = options.deal(&labels, units)?;
        let mut found = labels.clone();
        found.sort_unstable();
        found.dedup();
        if found.len() < 2 {
            return Err(Error::TooFew {
                what: "classes that have samples",
                needed: 2,
                found: found.len(),
            });
        }
        let features = Features::new(embeddings, &folds);
        let parts = 0..folds.len();
        let parts = parts.map(|fold| Part::new(&features, &folds, fold, &labels));
        let parts: Vec<Part<'_>> = parts.collect();
        let (fitted, losses) = choose(&parts, labels.len(), options);
        Ok(Self {
            probabilities: in_row_order(&folds, &parts, fitted.held_out, classes),
            c: fitted.c,
            losses,
            models: fitted.models,
            folds: folds.of_row,
            example_ids: embeddings.example_ids().collect(),
            labels,
            label,
            void: 0,
        })
    }
}

/// The models of all folds with one `C`.
struct Fitted {
    c: f64,
    models: Vec<LinearModel>,
    /// Of each fold, of the classes it has.
    held_out: Vec<Vec<f32>>,
}

/// Fits with each `C` from the smallest on, each from where the one before has ended, until
/// the loss of what is held out rises.
fn choose(parts: &[Part<'_>], rows: usize, options: &ProbeOptions) -> (Fitted, Vec<(f64, f64)>) {
    let mut grid = options.grid.clone();
    grid.sort_by(f64::total_cmp);
    grid.dedup();
    let mut weights: Vec<Vec<f64>> = parts.iter().map(Part::zeros).collect();
    let mut losses: Vec<(f64, f64)> = Vec::new();
    let mut best = Fitted {
        c: f64::NAN,
        models: Vec::new(),
        held_out: Vec::new(),
    };
    for c in grid {
        let mut fitted = Fitted {
            c,
            models: Vec::new(),
            held_out: Vec::new(),
        };
        let mut sum = 0.0;
        for (part, weights) in parts.iter().zip(&mut weights) {
            let found = lbfgs::minimize(
                std::mem::take(weights),
                options.tolerance,
                options.max_iterations,
                |weights| part.loss(weights, c),
            );
            *weights = found.point;
            let (held_out, loss) = part.held_out(weights);
            sum += loss;
            fitted.held_out.push(held_out);
            fitted
                .models
                .push(LinearModel::new(part, weights, found.converged));
        }
        let loss = sum / rows as f64;
        let rises = losses.last().is_some_and(|(_, before)| loss >= *before);
        losses.push((c, loss));
        if rises {
            break;
        }
        best = fitted;
    }
    (best, losses)
}

/// Probabilities `[samples, classes]` as the samples were given.
fn in_row_order(
    folds: &Folds,
    parts: &[Part<'_>],
    held_out: Vec<Vec<f32>>,
    classes: usize,
) -> Vec<f32> {
    let mut probabilities = vec![0.0; folds.order.len() * classes];
    for (part, values) in parts.iter().zip(held_out) {
        let present = part.classes();
        let rows = folds.order.get(part.held_out.clone()).unwrap_or_default();
        for (row, values) in rows.iter().zip(values.chunks_exact(present.len())) {
            for (class, value) in present.iter().zip(values) {
                if let Some(probability) = probabilities.get_mut(row * classes + class) {
                    *probability = *value;
                }
            }
        }
    }
    probabilities
}

fn checked(labels: &[i64], classes: usize, embeddings: &Embeddings) -> Result<Vec<u32>> {
    let rows = embeddings.len();
    if labels.len() != rows {
        return Err(Error::Shape {
            what: "labels",
            expected: format!("[{rows}], one for each embedding"),
            found: format!("[{}]", labels.len()),
        });
    }
    let check = |(row, label): (usize, &i64)| {
        let valid = u32::try_from(*label).ok();
        let valid = valid.filter(|label| (*label as usize) < classes);
        valid.ok_or_else(|| Error::Label {
            example_id: embeddings.example_id(row),
            label: *label,
            classes,
        })
    };
    labels.iter().enumerate().map(check).collect()
}

/// How many classes labels without names have.
fn unnamed(labels: &[i64]) -> usize {
    let largest = labels.iter().copied().max().unwrap_or_default();
    let classes = usize::try_from(largest.saturating_add(1)).unwrap_or_default();
    classes.min(MOST_CLASSES)
}
