//! The order in which stored rows are shown, where it is not their own: runs of positions.

use crate::arrow::array::AsArray;
use crate::arrow::datatypes::Int64Type;
use crate::part::PartReader;
use crate::storage::Store;
use crate::table::descent::Origin;
use crate::table::overlay::{ORDER, Order};
use crate::{Result, Url};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// An order that is read when it is first needed.
#[derive(Debug)]
pub(super) struct StoredOrder {
    readers: Vec<Arc<PartReader>>,
    positions: usize,
    rows: usize,
    runs: OnceLock<Runs>,
}

/// Runs of positions, one after another. 16 bytes each, 8 if all are of one row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Runs {
    firsts: Vec<usize>,
    /// Where each ends among the rows that are shown; empty if all are of one row.
    ends: Vec<usize>,
    /// The runs by their first position, where they do not ascend and somebody looks for rows.
    by_first: Vec<usize>,
}

impl StoredOrder {
    pub(super) fn open(
        folder: &Url,
        store: &Arc<dyn Store>,
        order: &Order,
        positions: usize,
        rows: usize,
    ) -> Result<Self> {
        let schema = Order::schema()?.to_arrow();
        let reader = |part| PartReader::new(Arc::clone(store), folder, part, &schema).map(Arc::new);
        Ok(Self {
            readers: order.parts.iter().map(reader).collect::<Result<_>>()?,
            positions,
            rows,
            runs: OnceLock::new(),
        })
    }

    /// Number of rows that are shown.
    pub(super) fn len(&self) -> usize {
        self.rows
    }

    pub(super) fn readers(&self) -> impl Iterator<Item = &Arc<PartReader>> {
        self.readers.iter()
    }

    pub(super) fn runs(&self) -> Result<&Runs> {
        if let Some(runs) = self.runs.get() {
            return Ok(runs);
        }
        let runs = self.load()?;
        Ok(self.runs.get_or_init(|| runs))
    }

    fn load(&self) -> Result<Runs> {
        let mut runs = Runs::default();
        for reader in &self.readers {
            for batch in reader.read_all() {
                let batch = batch?;
                let [firsts, lens] = ORDER.map(|name| {
                    let column = batch.column_by_name(name);
                    column.and_then(|column| column.as_primitive_opt::<Int64Type>())
                });
                for (first, len) in firsts
                    .into_iter()
                    .zip(lens)
                    .flat_map(|(first, len)| first.values().iter().zip(len.values()))
                {
                    let run = self
                        .run(*first, *len)
                        .filter(|run| run.len() <= self.rows - runs.len());
                    let run = run.ok_or_else(|| {
                        reader.corrupt(format!("{len} rows from {first} on, which are not there"))
                    })?;
                    runs.push(run);
                }
            }
        }
        match (runs.len() == self.rows, self.readers.first()) {
            (false, Some(reader)) => {
                let (found, rows) = (runs.len(), self.rows);
                Err(reader.corrupt(format!("an order of {found} rows, announced {rows}")))
            }
            _ => Ok(runs),
        }
    }

    fn run(&self, first: i64, len: i64) -> Option<Range<usize>> {
        let (first, len) = (usize::try_from(first).ok()?, usize::try_from(len).ok()?);
        let end = first
            .checked_add(len)
            .filter(|end| *end <= self.positions)?;
        (len > 0).then_some(first..end)
    }
}

impl Runs {
    /// Which positions of a base the rows of a copy were.
    pub(crate) fn read(folder: &Url, store: &Arc<dyn Store>, origin: &Origin) -> Result<Self> {
        let positions = origin.extents.iter().map(|extent| extent.rows);
        let positions = positions.fold(0, usize::saturating_add);
        StoredOrder::open(folder, store, &origin.order, positions, origin.rows)?.load()
    }

    /// 0, 1, 2 and so on.
    pub(crate) fn counting(rows: usize) -> Self {
        let mut runs = Self::default();
        runs.push(0..rows);
        runs
    }

    /// Number of rows.
    pub(crate) fn len(&self) -> usize {
        match self.ends.last() {
            Some(end) => *end,
            None => self.firsts.len(),
        }
    }

    /// Adds positions at the end.
    pub(crate) fn push(&mut self, run: Range<usize>) {
        if run.is_empty() {
            return;
        }
        let end = self.len() + run.len();
        if self.last_end() == Some(run.start) {
            self.widen();
            if let Some(last) = self.ends.last_mut() {
                *last = end;
            }
            return;
        }
        if run.len() > 1 {
            self.widen();
        }
        if run.len() > 1 || !self.ends.is_empty() {
            self.ends.push(end);
        }
        self.firsts.push(run.start);
    }

    /// The position of a row.
    pub(crate) fn position(&self, row: usize) -> Option<usize> {
        if self.ends.is_empty() {
            return self.firsts.get(row).copied();
        }
        let place = self.ends.partition_point(|end| *end <= row);
        Some(self.firsts.get(place)? + (row - self.start(place)))
    }

    /// The row that shows a position; known once there is an [`index`](Self::index).
    pub(crate) fn row(&self, position: usize) -> Option<usize> {
        let place = match self.by_first.is_empty() {
            true => self.firsts.partition_point(|first| *first <= position),
            false => {
                let first = |place: &usize| {
                    self.firsts
                        .get(*place)
                        .is_some_and(|first| *first <= position)
                };
                let after = self.by_first.partition_point(first).checked_sub(1)?;
                self.by_first.get(after)? + 1
            }
        };
        let place = place.checked_sub(1)?;
        let run = self.run(place).filter(|run| run.contains(&position))?;
        Some(self.start(place) + (position - run.start))
    }

    /// Makes rows be found by their positions.
    pub(crate) fn index(&mut self) {
        if self.by_first.is_empty() && !self.firsts.is_sorted() {
            let mut places: Vec<usize> = (0..self.firsts.len()).collect();
            places.sort_by_key(|place| self.firsts.get(*place));
            self.by_first = places;
        }
    }

    /// The runs, as positions.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Range<usize>> {
        (0..self.firsts.len()).filter_map(|place| self.run(place))
    }

    /// The runs of some of the rows.
    pub(crate) fn slice(&self, rows: Range<usize>) -> impl Iterator<Item = Range<usize>> {
        let mut rows = rows;
        std::iter::from_fn(move || {
            let run = self.starting_at(rows.start).filter(|_| !rows.is_empty())?;
            let run = run.start..run.end.min(run.start + rows.len());
            rows.start += run.len();
            Some(run)
        })
    }

    /// The positions that these are when they count the rows of another order.
    pub(crate) fn through(&self, other: &Self) -> Self {
        let mut runs = Self::default();
        for run in self.iter() {
            other.slice(run).for_each(|run| runs.push(run));
        }
        runs
    }

    /// Whether it is 0, 1, 2 and so on.
    pub(crate) fn is_counting(&self) -> bool {
        match self.run(0) {
            None => true,
            Some(run) => run.start == 0 && self.firsts.len() == 1,
        }
    }

    /// The run that holds a row, from that row on, as positions.
    pub(crate) fn starting_at(&self, row: usize) -> Option<Range<usize>> {
        let place = match self.ends.is_empty() {
            true => row,
            false => self.ends.partition_point(|end| *end <= row),
        };
        let run = self.run(place)?;
        Some(run.start + (row - self.start(place))..run.end)
    }

    fn run(&self, place: usize) -> Option<Range<usize>> {
        let first = *self.firsts.get(place)?;
        let len = match self.ends.get(place) {
            Some(end) => end - self.start(place),
            None => 1,
        };
        Some(first..first + len)
    }

    /// The row at which a run begins.
    fn start(&self, place: usize) -> usize {
        if self.ends.is_empty() {
            return place;
        }
        let before = place.checked_sub(1);
        before
            .and_then(|before| self.ends.get(before))
            .copied()
            .unwrap_or(0)
    }

    fn last_end(&self) -> Option<usize> {
        self.run(self.firsts.len().checked_sub(1)?)
            .map(|run| run.end)
    }

    /// Makes place for runs of several rows.
    fn widen(&mut self) {
        if self.ends.is_empty() {
            self.ends = (1..=self.firsts.len()).collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Runs;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn runs_are_the_positions_that_were_pushed(
            pushed in prop::collection::vec((0_usize..20, 0_usize..4), 0..12),
        ) {
            let mut runs = Runs::default();
            let mut positions = Vec::new();
            for (first, len) in pushed {
                runs.push(first..first + len);
                positions.extend(first..first + len);
            }
            prop_assert_eq!(runs.len(), positions.len());
            prop_assert_eq!(runs.iter().flatten().collect::<Vec<_>>(), positions.clone());
            for (row, position) in positions.iter().enumerate() {
                prop_assert_eq!(runs.position(row), Some(*position));
                let rest = runs.starting_at(row).unwrap();
                prop_assert!(rest.clone().eq(positions[row..].iter().copied().take(rest.len())));
            }
            runs.index();
            let mut seen = std::collections::HashSet::new();
            if positions.iter().all(|position| seen.insert(position)) {
                for position in 0..25 {
                    let row = positions.iter().position(|known| *known == position);
                    prop_assert_eq!(runs.row(position), row);
                }
            }
            prop_assert_eq!(runs.position(positions.len()), None);
            prop_assert_eq!(runs.starting_at(positions.len()), None);
        }
    }
}
