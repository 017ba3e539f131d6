//! Reading a column, part by part and side by side.

use super::columns::{Described, Place};
use super::{EXAMPLE_ID, View};
use crate::column::{Kind, all_missing, constant, narrowed, normal, put_together};
use crate::source::{Part, Samples};
use crate::{Column, Error, Meaning, Result};
use rayon::prelude::*;
use std::collections::HashMap;
use std::sync::Arc;
use tlc_core::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Float32Array, Int64Array, UInt64Array,
};
use tlc_core::arrow::compute::{concat, take};
use tlc_core::arrow::datatypes::{Float32Type, Int64Type};
use tlc_core::{MetricsTable, Scan, ValueType};

/// Rows that one task reads.
const READ_ROWS: usize = 1 << 20;

/// Values of tables in this column, each read once, by the address of the table in the view.
type Sampled = HashMap<usize, ArrayRef>;

impl View {
    pub(super) fn load(&self, described: &Described) -> Result<Column> {
        described.check()?;
        let meaning = &described.meaning;
        if meaning.kind == Kind::Other {
            return Err(Error::ColumnKind {
                column: meaning.name.clone(),
                found: meaning.kind.to_string(),
                expected: "a column that is held in memory: ask for it sample by sample",
            });
        }
        let width = match meaning.data_type.is_floating() {
            true => meaning.data_type.primitive_width(),
            false => None, // whole numbers become as small as they can
        };
        let width = width.unwrap_or(1);
        let needed = self.len() as u64 * width as u64;
        self.cache().check(&meaning.name, needed)?;
        if let Some(derived) = &described.derived {
            return self.compute(&meaning.name, &derived.expression);
        }
        let sampled = self.read_tables(described)?;
        let places = described.places.par_iter().zip(&self.parts);
        let parts = places.map(|(place, part)| match place {
            None => Ok(all_missing(meaning, part.rows)),
            Some(place) => self.load_part(meaning, place, part, &sampled),
        });
        let parts: Vec<ArrayRef> = parts.collect::<Result<_>>()?;
        let values = narrowed(put_together(&parts, meaning)?)?;
        Ok(Column::new(meaning.clone(), values))
    }

    pub(super) fn load_cell(
        &self,
        described: &Described,
        part: &Part,
        place: usize,
        row: usize,
    ) -> Result<Option<ArrayRef>> {
        if described.derived.is_some() {
            let column = self.column(&described.meaning.name)?;
            return Ok(first(column.values().slice(row, 1)));
        }
        let index = self
            .parts
            .iter()
            .position(|other| std::ptr::eq(other, part));
        let found = index.and_then(|index| described.places.get(index)?.as_ref());
        let name = |name: &str| vec![name.to_owned()];
        match (found, &part.metrics, &part.samples) {
            (Some(Place::Metrics(column)), Some(metrics), _) => {
                let range = place..place + 1;
                let scan = metrics.table.scan().columns(name(column)).rows(range);
                Ok(first(read(scan, None)?))
            }
            (Some(Place::Table(column)), _, Some(samples)) => {
                let Some(row) = self.origin(row)?.table_row else {
                    return Ok(None);
                };
                let scan = samples.table.scan().columns(name(column));
                Ok(first(read(scan.rows(row..row + 1), None)?))
            }
            (None, ..) => Ok(None),
            (Some(Place::Finding { finding, name, .. }), ..)
                if described.meaning.kind == Kind::Other =>
            {
                let found = part.findings.get(*finding);
                let found = found.ok_or_else(|| self.gone(&described.meaning))?;
                self.finding_cell(found, name, row)
            }
            _ => {
                let column = self.column(&described.meaning.name)?;
                Ok(first(column.values().slice(row, 1)))
            }
        }
    }

    fn load_part(
        &self,
        meaning: &Meaning,
        place: &Place,
        part: &Part,
        sampled: &Sampled,
    ) -> Result<ArrayRef> {
        match (place, &part.metrics, &part.samples) {
            (Place::Constant(value), ..) => {
                let values = constant(value, meaning, part.rows)?;
                Ok(values.unwrap_or_else(|| all_missing(meaning, part.rows)))
            }
            (Place::Metrics(name), Some(metrics), _) => {
                let value = &metrics.table.schema().require(name)?.value;
                let scan = metrics.table.scan().columns([name.as_str()]);
                self.read_metrics(meaning, value, part, &scan)
            }
            (Place::Table(_), metrics, Some(samples)) => {
                let values = sampled.get(&Arc::as_ptr(samples).addr());
                let values = values.ok_or_else(|| self.gone(meaning))?;
                match metrics {
                    None => Ok(values.clone()),
                    Some(_) => self.beside(part, samples, values),
                }
            }
            (
                Place::Finding {
                    finding,
                    name,
                    component,
                },
                ..,
            ) => {
                let found = part
                    .findings
                    .get(*finding)
                    .ok_or_else(|| self.gone(meaning))?;
                self.read_finding(meaning, found, name, *component, part)
            }
            (Place::Selection(name), metrics, Some(samples)) => {
                let kept = samples.selection(name).ok_or_else(|| self.gone(meaning))?;
                let kept: ArrayRef = Arc::new(BooleanArray::from(kept.mask()));
                match metrics {
                    None => Ok(kept),
                    Some(_) => self.beside(part, samples, &kept),
                }
            }
            (Place::TableRow, None, _) => Ok(Arc::new(numbered(part.rows))),
            (Place::TableRow, Some(_), Some(samples)) => {
                let rows = self.rows_of(part, samples)?;
                let rows = rows
                    .iter()
                    .map(|row| row.and_then(|row| i64::try_from(row).ok()));
                Ok(Arc::new(rows.collect::<Int64Array>()))
            }
            _ => Err(self.gone(meaning)),
        }
    }

    /// What was read before, and what was added since.
    fn read_metrics(
        &self,
        meaning: &Meaning,
        value: &ValueType,
        part: &Part,
        scan: &Scan,
    ) -> Result<ArrayRef> {
        let earlier = self.cache().earlier();
        let known = earlier.as_ref().and_then(|earlier| {
            let (column, rows) = earlier.values(&meaning.name, part)?;
            let is_same = column.meaning().classes == meaning.classes;
            is_same.then(|| column.values().slice(rows.start, rows.len()))
        });
        let start = known.as_ref().map_or(0, |known| known.len().min(part.rows));
        let ranges = (start..part.rows).into_par_iter().step_by(READ_ROWS);
        let ranges = ranges.map(|first| {
            let range = first..part.rows.min(first + READ_ROWS);
            let values = read(scan.clone().rows(range), Some(meaning))?;
            normal(&values, value, meaning)
        });
        let read: Vec<ArrayRef> = ranges.collect::<Result<_>>()?;
        let known = known
            .map(|known| normal(&known, value, meaning))
            .transpose()?;
        let all: Vec<ArrayRef> = known.into_iter().chain(read).collect();
        put_together(&all, meaning)
    }

    fn finding_cell(
        &self,
        found: &MetricsTable,
        name: &str,
        row: usize,
    ) -> Result<Option<ArrayRef>> {
        let wanted = self.origin(row)?.example_id;
        let ids = read(found.scan().columns([EXAMPLE_ID]), None)?;
        let ids = ids.as_primitive_opt::<Int64Type>();
        let place = ids.and_then(|ids| ids.values().iter().position(|id| Some(*id) == wanted));
        let Some(place) = place else { return Ok(None) };
        let scan = found.scan().columns([name]).rows(place..place + 1);
        Ok(first(read(scan, None)?))
    }

    /// What was found about the samples of a part.
    fn read_finding(
        &self,
        meaning: &Meaning,
        found: &MetricsTable,
        name: &str,
        component: Option<usize>,
        part: &Part,
    ) -> Result<ArrayRef> {
        let values = read(found.scan().columns([name]), None)?;
        let values = match component {
            None => normal(&values, &found.schema().require(name)?.value, meaning)?,
            Some(component) => coordinate(&values, component).ok_or_else(|| self.gone(meaning))?,
        };
        self.beside_finding(meaning, found, &values, part)
    }

    /// Values of what was found beside the metrics of the samples that they are about.
    pub(super) fn beside_finding(
        &self,
        meaning: &Meaning,
        found: &MetricsTable,
        values: &ArrayRef,
        part: &Part,
    ) -> Result<ArrayRef> {
        let ids = read(found.scan().columns([EXAMPLE_ID]), None)?;
        let ids = ids.as_primitive_opt::<Int64Type>();
        let ids = ids.ok_or_else(|| self.gone(meaning))?;
        // Of a sample that was found twice the last counts.
        let rows: HashMap<i64, u64> = ids.values().iter().copied().zip(0..).collect();
        let samples = self.column(EXAMPLE_ID)?;
        let (samples, start) = (samples.ids(), self.start_of(part));
        let beside = (start..start + part.rows).map(|row| rows.get(&samples(row)?).copied());
        let beside: UInt64Array = beside.collect();
        take(values, &beside, None)
            .map_err(|source| Error::arrow("join findings with metrics", source))
    }

    /// The values of each table that has the column.
    fn read_tables(&self, described: &Described) -> Result<Sampled> {
        let meaning = &described.meaning;
        let mut sampled = Sampled::new();
        for (place, part) in described.places.iter().zip(&self.parts) {
            let (Some(Place::Table(name)), Some(samples)) = (place, &part.samples) else {
                continue;
            };
            let key = Arc::as_ptr(samples).addr();
            if sampled.contains_key(&key) {
                continue;
            }
            let table = &samples.table;
            let value = &table.schema().require(name)?.value;
            let scan = table.scan().columns([name.as_str()]);
            let ranges = (0..table.len()).into_par_iter().step_by(READ_ROWS);
            let ranges = ranges.map(|first| {
                let range = first..table.len().min(first + READ_ROWS);
                let values = read(scan.clone().rows(range), Some(meaning))?;
                normal(&values, value, meaning)
            });
            let parts: Vec<ArrayRef> = ranges.collect::<Result<_>>()?;
            sampled.insert(key, put_together(&parts, meaning)?);
        }
        Ok(sampled)
    }

    /// Values of a table beside the metrics about it.
    pub(super) fn beside(
        &self,
        part: &Part,
        samples: &Samples,
        values: &ArrayRef,
    ) -> Result<ArrayRef> {
        let rows = self.rows_of(part, samples)?;
        let in_order = rows.len() == values.len()
            && (0_u64..).zip(&rows).all(|(row, found)| found == Some(row));
        if in_order {
            return Ok(values.clone());
        }
        take(values, &rows, None)
            .map_err(|source| Error::arrow("join metrics with samples", source))
    }

    /// The rows of the table that the rows of a part are about.
    fn rows_of(&self, part: &Part, samples: &Samples) -> Result<UInt64Array> {
        let ids = self.column(EXAMPLE_ID)?;
        let (ids, start) = (ids.ids(), self.start_of(part));
        let rows = (start..start + part.rows).map(|row| {
            let row = samples.row_of(ids(row)?)?;
            u64::try_from(row).ok()
        });
        Ok(rows.collect())
    }

    /// A part that has neither what the column is read of.
    pub(super) fn gone(&self, meaning: &Meaning) -> Error {
        Error::NoSuchColumn {
            column: meaning.name.clone(),
            available: self.columns().map(|column| column.name.clone()).collect(),
        }
    }
}

/// One coordinate of each point.
fn coordinate(points: &ArrayRef, component: usize) -> Option<ArrayRef> {
    points.as_fixed_size_list_opt()?;
    let one = |row: usize| vector(points, row)?.get(component).copied();
    Some(Arc::new(
        (0..points.len()).map(one).collect::<Float32Array>(),
    ))
}

/// The vector in a row of a column of embeddings.
pub(super) fn vector(vectors: &ArrayRef, row: usize) -> Option<&[f32]> {
    let lists = vectors.as_fixed_size_list_opt()?;
    let len = usize::try_from(lists.value_length()).ok()?;
    let values = lists.values().as_primitive_opt::<Float32Type>()?;
    let range = row * len..(row + 1) * len;
    values.values().get(range).filter(|_| lists.is_valid(row))
}

/// The one column of a scan.
pub(super) fn read(scan: Scan, meaning: Option<&Meaning>) -> Result<ArrayRef> {
    let mut parts = Vec::new();
    for batch in scan.batches()? {
        parts.extend(batch?.columns().first().cloned());
    }
    match (parts.as_slice(), meaning) {
        ([one], _) => Ok(one.clone()),
        ([], Some(meaning)) => Ok(all_missing(meaning, 0)),
        (several, _) => {
            let several: Vec<&dyn Array> = several.iter().map(AsRef::as_ref).collect();
            concat(&several).map_err(|source| Error::arrow("read a column", source))
        }
    }
}

fn first(values: ArrayRef) -> Option<ArrayRef> {
    Some(values).filter(|values| values.len() == 1 && values.is_valid(0))
}

fn numbered(rows: usize) -> Int64Array {
    (0..rows).map(|row| i64::try_from(row).ok()).collect()
}
