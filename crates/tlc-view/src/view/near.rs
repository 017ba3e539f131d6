//! The samples that are nearest to one, by the vectors that a model made of them.

use super::View;
use super::columns::{Described, Place};
use super::load::vector;
use crate::source::{Metrics, Part};
use crate::{Error, Result};
use rayon::prelude::*;
use serde::Serialize;
use std::sync::Arc;
use tlc_core::arrow::array::{Array, ArrayRef, AsArray, Float64Array};
use tlc_core::arrow::datatypes::Float64Type;
use tlc_core::{Scan, ValueType};

/// Rows that one task compares.
const BLOCK_ROWS: usize = 1 << 15;

/// A row, and how far it is from another.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Near {
    /// The row of the view.
    pub row: usize,
    /// 1 minus the cosine of the angle between the vectors: 0 to 2.
    pub distance: f64,
}

impl View {
    /// The rows whose vectors in a column are nearest to that of a row, the nearest first and
    /// the row itself left out; none where it has no vector. All vectors of the same model, by
    /// run, epoch and fold, are compared, read block by block: none is kept in memory.
    ///
    /// # Errors
    /// [`Error::ColumnKind`] for a column that holds no embeddings; [`Error::NoSuchRow`],
    /// [`Error::NoSuchColumn`]; storage errors.
    pub fn nearest(&self, row: usize, name: &str, count: usize) -> Result<Vec<Near>> {
        let described = self.described(name)?;
        if !matches!(described.meaning.column.value, ValueType::Embedding { .. }) {
            return Err(Error::ColumnKind {
                column: name.to_owned(),
                found: described.meaning.column.value.to_string(),
                expected: "embeddings",
            });
        }
        let cell = self.cell(row, name)?;
        let Some(wanted) = cell.as_ref().and_then(|cell| vector(cell, 0)) else {
            return Ok(Vec::new());
        };
        let model = |part: &Part| part.metrics.as_ref().map(Metrics::model).transpose();
        let own = model(self.part_of(row)?.0)?;
        let mut near = Vec::new();
        for (place, part) in described.places.iter().zip(&self.parts) {
            let is_of_table = matches!(place, Some(Place::Table(_)));
            if !is_of_table && model(part)? != own {
                continue;
            }
            let Some(distances) = self.distances(described, place.as_ref(), part, wanted)? else {
                continue;
            };
            let distances = distances.as_primitive::<Float64Type>();
            let start = self.start_of(part);
            let found = distances.iter().enumerate().filter_map(|(at, distance)| {
                let distance = distance.filter(|distance| distance.is_finite())?;
                let row = start + at;
                Some(Near { row, distance })
            });
            for one in found.filter(|near| near.row != row) {
                near.push(one);
                if near.len() >= 4 * count + 1024 {
                    keep(&mut near, count);
                }
            }
        }
        keep(&mut near, count);
        Ok(near)
    }

    /// The metrics that have embeddings in a column, in the order of the view.
    pub(crate) fn vectors_in(&self, name: &str) -> Result<Vec<Metrics>> {
        let described = self.described(name)?;
        let is_vector = matches!(described.meaning.column.value, ValueType::Embedding { .. });
        let places = described.places.iter().zip(&self.parts);
        let own = places.filter(|(place, _)| is_vector && matches!(place, Some(Place::Metrics(_))));
        Ok(own.filter_map(|(_, part)| part.metrics.clone()).collect())
    }

    /// How far the rows of a part are from a vector; `None` if the part has no vectors.
    fn distances(
        &self,
        described: &Described,
        place: Option<&Place>,
        part: &Part,
        wanted: &[f32],
    ) -> Result<Option<ArrayRef>> {
        let of = |scan: Scan, rows: usize| distances(&scan, rows, wanted).map(Some);
        match (place, &part.metrics, &part.samples) {
            (Some(Place::Metrics(name)), Some(metrics), _) => {
                of(metrics.table.scan().columns([name.as_str()]), part.rows)
            }
            (Some(Place::Table(name)), metrics, Some(samples)) => {
                let scan = samples.table.scan().columns([name.as_str()]);
                let distances = distances(&scan, samples.table.len(), wanted)?;
                match metrics {
                    None => Ok(Some(distances)),
                    Some(_) => self.beside(part, samples, &distances).map(Some),
                }
            }
            (Some(Place::Finding { finding, name, .. }), ..) => {
                let found = part.findings.get(*finding);
                let found = found.ok_or_else(|| self.gone(&described.meaning))?;
                let scan = found.scan().columns([name.as_str()]);
                let distances = distances(&scan, found.len(), wanted)?;
                self.beside_finding(&described.meaning, found, &distances, part)
                    .map(Some)
            }
            _ => Ok(None),
        }
    }
}

fn keep(near: &mut Vec<Near>, count: usize) {
    near.sort_by(|a, b| a.distance.total_cmp(&b.distance).then(a.row.cmp(&b.row)));
    near.truncate(count);
}

/// The distance of each vector of a scan's one column; none where there is no vector.
fn distances(scan: &Scan, rows: usize, wanted: &[f32]) -> Result<ArrayRef> {
    let length = square(wanted).sqrt();
    let blocks = (0..rows).into_par_iter().step_by(BLOCK_ROWS);
    let blocks = blocks.map(|first| {
        let scan = scan.clone().rows(first..rows.min(first + BLOCK_ROWS));
        let mut block = Vec::with_capacity(BLOCK_ROWS);
        for batch in scan.batches()? {
            let batch = batch?;
            let Some(vectors) = batch.columns().first() else {
                continue;
            };
            block.extend((0..vectors.len()).map(|row| {
                let vector = vector(vectors, row)?;
                (vector.len() == wanted.len()).then(|| apart(vector, wanted, length))
            }));
        }
        Ok(block)
    });
    let blocks: Vec<Vec<Option<f64>>> = blocks.collect::<Result<_>>()?;
    let all: Float64Array = blocks.into_iter().flatten().collect();
    Ok(Arc::new(all))
}

/// 1 minus the cosine; a vector of length 0 is 1 from all others.
fn apart(vector: &[f32], wanted: &[f32], length: f64) -> f64 {
    let product: f64 = vector
        .iter()
        .zip(wanted)
        .map(|(one, other)| f64::from(*one) * f64::from(*other))
        .sum();
    let lengths = square(vector).sqrt() * length;
    match lengths > 0.0 {
        true => (1.0 - product / lengths).max(0.0),
        false => 1.0,
    }
}

fn square(vector: &[f32]) -> f64 {
    vector.iter().map(|x| f64::from(*x) * f64::from(*x)).sum()
}
