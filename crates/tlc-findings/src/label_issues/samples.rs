//! The samples that some metrics tables are about, and their labels.

use super::part::Keys;
use crate::labels::LabelClasses;
use crate::{Error, Result, column};
use tlc_core::{Table, Url};

/// In order of their id.
#[derive(Clone, Debug, Default)]
pub(super) struct Samples {
    pub(super) example_ids: Vec<i64>,
    pub(super) labels: Vec<i64>,
    /// Number of those that are not among them, since their label is void.
    pub(super) void: usize,
}

impl Samples {
    /// Place of a sample.
    pub(super) fn place(&self, example_id: i64) -> Option<usize> {
        // Most often every row of a table is there.
        let guess = usize::try_from(example_id).ok();
        match guess.filter(|guess| self.example_ids.get(*guess) == Some(&example_id)) {
            Some(place) => Some(place),
            None => self.example_ids.binary_search(&example_id).ok(),
        }
    }

    /// The same with labels by their positions among classes, without those that are void.
    pub(super) fn by_position(self, classes: &LabelClasses) -> Result<Self> {
        let all = self.example_ids.len();
        let samples = self.example_ids.into_iter().zip(self.labels);
        let known = samples.filter_map(|(id, label)| {
            let position = classes.position(id, label).transpose()?;
            Some(position.map(|position| (id, position)))
        });
        let (example_ids, labels): (Vec<i64>, Vec<i64>) = known.collect::<Result<_>>()?;
        Ok(Self {
            void: all - example_ids.len(),
            example_ids,
            labels,
        })
    }

    /// Adds those of a metrics table; a sample that is there must have the same label.
    pub(super) fn add(
        &mut self,
        metrics: &str,
        keys: &Keys,
        foreign: Option<&ForeignLabels>,
    ) -> Result<()> {
        let mut added = Vec::new();
        for (row, id) in keys.example_ids.iter().enumerate() {
            let own = keys.labels.as_ref().and_then(|labels| labels.get(row));
            let label = match (own, foreign) {
                (Some(label), _) => *label,
                (None, Some(foreign)) => foreign.of(*id)?,
                (None, None) => return Err(no_labels(metrics)),
            };
            let known = self.place(*id).and_then(|place| self.labels.get(place));
            match known {
                None => added.push((*id, label)),
                Some(known) if *known == label => {}
                Some(known) => {
                    return Err(Error::LabelVaries {
                        metrics: metrics.to_owned(),
                        example_id: *id,
                        first: *known,
                        found: label,
                    });
                }
            }
        }
        if added.is_empty() {
            return Ok(());
        }
        let before = std::mem::take(self);
        added.extend(before.example_ids.into_iter().zip(before.labels));
        added.sort_unstable();
        (self.example_ids, self.labels) = added.into_iter().unzip();
        Ok(())
    }
}

/// A column of the table that metrics are about.
#[derive(Debug)]
pub(super) struct ForeignLabels {
    table: Url,
    labels: Vec<i64>,
}

impl ForeignLabels {
    pub(super) fn read(table: &Table, label: &str) -> Result<Self> {
        Ok(Self {
            table: table.url().clone(),
            labels: column::integers(table.name(), label, &table.column(label)?)?,
        })
    }

    fn of(&self, example_id: i64) -> Result<i64> {
        let row = usize::try_from(example_id).ok();
        let label = row.and_then(|row| self.labels.get(row));
        let past = || tlc_core::Error::RowOutOfRange {
            url: self.table.clone(),
            row: u64::try_from(example_id).unwrap_or_default(),
            len: self.labels.len(),
        };
        Ok(*label.ok_or_else(past)?)
    }
}

fn no_labels(metrics: &str) -> Error {
    let metrics = metrics.to_owned();
    tlc_core::Error::NoForeignTable { metrics }.into()
}

/// Fails for an id that comes twice in an epoch.
pub(super) fn check_once(mut example_ids: Vec<i64>, epoch: Option<i64>) -> Result<()> {
    example_ids.sort_unstable();
    let mut pairs = example_ids.array_windows();
    match pairs.find(|[one, next]| one == next) {
        None => Ok(()),
        Some([example_id, _]) => Err(Error::Repeated {
            example_id: *example_id,
            epoch,
        }),
    }
}
