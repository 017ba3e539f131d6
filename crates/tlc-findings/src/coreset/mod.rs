//! A coreset: some samples that stand for all, since none is far from one of them.
//!
//! Which ones follows Sener and Savarese, *Active Learning for Convolutional Neural Networks: A
//! Core-Set Approach*, 2018: the greedy algorithm for k centres of Gonzalez, *Clustering to
//! Minimize the Maximum Intercluster Distance*, 1985. Each choice is the sample that is farthest
//! from those before, so that the first choices of many are the choices of few.

mod cover;

use self::cover::Cover;
use crate::neighbors::Metric;
use crate::random::Random;
use crate::{Embeddings, Error, Progress, Result};
use std::collections::HashMap;

/// How many samples are chosen, and by what; see [`k_center`].
///
/// ```
/// use tlc_findings::coreset::KCenter;
/// use tlc_findings::neighbors::Metric;
///
/// let options = KCenter::new(1_000).metric(Metric::Euclidean).seed(7);
/// # let _ = options;
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct KCenter {
    samples: usize,
    metric: Metric,
    seed: u64,
    given: Vec<i64>,
}

impl KCenter {
    /// So many samples, by the cosine of their embeddings.
    #[must_use]
    pub fn new(samples: usize) -> Self {
        Self {
            samples,
            metric: Metric::default(),
            seed: 0,
            given: Vec::new(),
        }
    }

    /// How far two embeddings are apart.
    #[must_use]
    pub fn metric(self, metric: Metric) -> Self {
        Self { metric, ..self }
    }

    /// Sets by which seed the first sample is drawn where none is given; all others follow.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// Samples that are there already, such as those that have a label: what is chosen is far
    /// from them, and none of them is chosen.
    #[must_use]
    pub fn given(self, example_ids: impl IntoIterator<Item = i64>) -> Self {
        Self {
            given: example_ids.into_iter().collect(),
            ..self
        }
    }
}

/// Samples that stand for all, in the order of their choice.
#[derive(Clone, Debug, PartialEq)]
pub struct Coreset {
    example_ids: Vec<i64>,
    radii: Vec<f64>,
}

impl Coreset {
    /// The samples that were chosen, in the order of their choice.
    #[must_use]
    pub fn example_ids(&self) -> &[i64] {
        &self.example_ids
    }

    /// The same as rows of the table that the embeddings are about: to
    /// [derive](tlc_core::Table::derive) a table by, or to
    /// [keep](tlc_core::Table::save_selection).
    pub fn rows(&self) -> impl Iterator<Item = usize> {
        let ids = self.example_ids.iter();
        ids.filter_map(|id| usize::try_from(*id).ok())
    }

    /// After each choice, how far the farthest sample was from the nearest that was chosen or
    /// given: they fall, and tell how many samples are enough.
    #[must_use]
    pub fn radii(&self) -> &[f64] {
        &self.radii
    }

    /// How far the farthest sample is from the nearest that was chosen or given.
    #[must_use]
    pub fn radius(&self) -> f64 {
        self.radii.last().copied().unwrap_or(f64::INFINITY)
    }
}

/// Chooses samples one after another, each the farthest from those before, the smallest row of
/// several that are as far. The radius is at most twice the smallest that so many samples can
/// have (four times by [`Metric::Cosine`], which is half the square of a distance), and no
/// algorithm that is quick promises less.
///
/// Each choice costs one pass over the embeddings, by all cores, and the result is the same
/// whatever their number. Beside the embeddings there are 16 bytes for each sample.
///
/// ```
/// use tlc_findings::Embeddings;
/// use tlc_findings::coreset::{KCenter, k_center};
/// use tlc_findings::neighbors::Metric;
///
/// let embeddings = Embeddings::new(vec![0.0, 0.1, 0.2, 5.0, 5.1, 9.0], 1)?;
/// let options = KCenter::new(2).metric(Metric::Euclidean).given([0]);
/// let coreset = k_center(&embeddings, &options)?;
/// assert_eq!(coreset.example_ids(), [5, 3]);
/// assert!((coreset.radius() - 0.2).abs() < 1e-6);
/// # Ok::<(), tlc_findings::Error>(())
/// ```
///
/// # Errors
/// [`Error::TooFew`] for 0 samples or more than there are beside those given;
/// [`Error::Repeated`] if a sample has two embeddings, [`Error::Setting`] if one that is given
/// has none.
pub fn k_center(embeddings: &Embeddings, options: &KCenter) -> Result<Coreset> {
    k_center_with(embeddings, options, &Progress::new())
}

/// As [`k_center`], followed and ended by its progress.
///
/// # Errors
/// As [`k_center`]; [`Error::Cancelled`].
pub fn k_center_with(
    embeddings: &Embeddings,
    options: &KCenter,
    progress: &Progress,
) -> Result<Coreset> {
    let given = given_rows(embeddings, &options.given)?;
    check(embeddings.len() - given.len(), options.samples)?;
    progress.begin("coreset", given.len() + options.samples);
    let mut cover = Cover::new(embeddings, options.metric);
    let mut farthest = Random::new(options.seed).below(embeddings.len());
    for row in given {
        progress.check()?;
        farthest = cover.add(row).row;
        progress.advance(1);
    }
    let mut coreset = Coreset {
        example_ids: Vec::with_capacity(options.samples),
        radii: Vec::with_capacity(options.samples),
    };
    for _ in 0..options.samples {
        progress.check()?;
        let next = cover.add(farthest);
        coreset.example_ids.push(embeddings.example_id(farthest));
        coreset.radii.push(next.distance(options.metric));
        farthest = next.row;
        progress.advance(1);
    }
    Ok(coreset)
}

/// The rows of the embeddings of samples, each once.
fn given_rows(embeddings: &Embeddings, given: &[i64]) -> Result<Vec<usize>> {
    let mut rows = HashMap::with_capacity(embeddings.len());
    for (row, example_id) in embeddings.example_ids().enumerate() {
        if rows.insert(example_id, row).is_some() {
            let epoch = None;
            return Err(Error::Repeated { example_id, epoch });
        }
    }
    let row = |id: &i64| {
        rows.get(id).copied().ok_or_else(|| Error::Setting {
            setting: "given",
            expected: "samples that have an embedding",
            found: id.to_string(),
        })
    };
    let mut found = given.iter().map(row).collect::<Result<Vec<_>>>()?;
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

fn check(found: usize, samples: usize) -> Result<()> {
    let needed = samples.max(1);
    if samples > 0 && found >= needed {
        return Ok(());
    }
    Err(Error::TooFew {
        what: "a coreset",
        needed,
        found: found.min(samples),
    })
}
