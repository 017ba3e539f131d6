//! Rows of a view as a batch, to be written somewhere else.

use super::columns::{Described, Place};
use super::load::read;
use super::{EXAMPLE_ID, View};
use crate::column::{Kind, all_missing, cast};
use crate::source::Part;
use crate::{Error, Meaning, Result};
use std::collections::BTreeMap;
use tlc_core::arrow::array::{Array, ArrayRef, RecordBatch, UInt32Array, UInt64Array};
use tlc_core::arrow::compute::{concat, take};
use tlc_core::arrow::datatypes::DataType;
use tlc_core::{ClassMap, Column, Schema, ValueType};

/// Rows of one part: their places among those that were asked for, and in the part.
#[derive(Default)]
struct Piece {
    places: Vec<u64>,
    rows: Vec<usize>,
}

impl View {
    /// What some columns are, as a table of them would have them: with the classes of all parts
    /// of the view, and values that may be missing.
    ///
    /// # Errors
    /// [`Error::NoSuchColumn`]; [`Error::Mixed`].
    pub fn schema_of<'n>(&self, columns: impl IntoIterator<Item = &'n str>) -> Result<Schema> {
        let columns = columns.into_iter().map(|name| {
            let described = self.described(name)?;
            described.check()?;
            Ok(column_of(&described.meaning))
        });
        Ok(Schema::new(columns.collect::<Result<Vec<_>>>()?)?)
    }

    /// Some columns of some rows, in these orders, of the types that
    /// [`schema_of`](Self::schema_of) says: images and vectors, too. Rows may be repeated.
    ///
    /// ```
    /// use tlc_core::{AddMetrics, Columns, Run, RunOptions, Url};
    /// use tlc_view::ViewOptions;
    ///
    /// let run = Run::create(RunOptions::new("demo").root(Url::parse("memory://docs-take/")?))?;
    /// let losses = Columns::new().column("loss", vec![0.1_f32, 2.3, 0.7]);
    /// run.add_metrics(losses, AddMetrics::new())?;
    ///
    /// let view = ViewOptions::new().run(&run).open()?;
    /// let batch = view.take(&[1, 2], ["loss", "run"])?;
    /// assert_eq!((batch.num_rows(), batch.num_columns()), (2, 2));
    /// # Ok::<(), tlc_view::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NoSuchRow`]; those of `schema_of`; as [`View::column`]; storage errors.
    pub fn take<'n>(
        &self,
        rows: &[u32],
        columns: impl IntoIterator<Item = &'n str>,
    ) -> Result<RecordBatch> {
        let names: Vec<&str> = columns.into_iter().collect();
        let schema = self.schema_of(names.iter().copied())?;
        let pieces = self.pieces(rows)?;
        let columns = names.iter().zip(schema.columns()).map(|(name, column)| {
            let described = self.described(name)?;
            let values = match described.meaning.kind {
                Kind::Other => self.apart(described, &pieces, rows.len())?,
                _ => taken(
                    self.column(name)?.values(),
                    &UInt32Array::from(rows.to_vec()),
                )?,
            };
            cast(&values, &column.value.to_arrow())
        });
        let columns = columns.collect::<Result<Vec<_>>>()?;
        RecordBatch::try_new(schema.to_arrow(), columns)
            .map_err(|source| Error::arrow("put rows of a view together", source))
    }

    fn pieces(&self, rows: &[u32]) -> Result<BTreeMap<usize, Piece>> {
        let mut pieces: BTreeMap<usize, Piece> = BTreeMap::new();
        for (place, row) in (0..).zip(rows) {
            let (part, row) = self.place_of(*row as usize)?;
            let piece = pieces.entry(part).or_default();
            piece.places.push(place);
            piece.rows.push(row);
        }
        Ok(pieces)
    }

    /// What is not held in memory, part by part.
    fn apart(
        &self,
        described: &Described,
        pieces: &BTreeMap<usize, Piece>,
        rows: usize,
    ) -> Result<ArrayRef> {
        let data_type = described.meaning.column.value.to_arrow();
        let mut found: Vec<ArrayRef> = vec![all_missing(&described.meaning, 0)];
        let mut order = vec![0_u64; rows];
        let mut next = 0;
        for (index, piece) in pieces {
            let part = self.parts.get(*index);
            let place = described.places.get(*index).and_then(Option::as_ref);
            let values = match part.zip(place) {
                Some((part, place)) => self.of_part(described, place, part, &piece.rows)?,
                None => all_missing(&described.meaning, piece.rows.len()),
            };
            found.push(cast(&values, &data_type)?);
            for place in &piece.places {
                if let Some(at) = order.get_mut(usize::try_from(*place).unwrap_or(usize::MAX)) {
                    *at = next;
                }
                next += 1;
            }
        }
        let found: Vec<&dyn Array> = found.iter().map(AsRef::as_ref).collect();
        let together = concat(&found).map_err(|source| Error::arrow("read a column", source))?;
        taken(&together, &UInt64Array::from(order))
    }

    /// The values of some rows of a part.
    fn of_part(
        &self,
        described: &Described,
        place: &Place,
        part: &Part,
        rows: &[usize],
    ) -> Result<ArrayRef> {
        let meaning = &described.meaning;
        match (place, &part.metrics, &part.samples) {
            (Place::Metrics(name), Some(metrics), _) => {
                let batch = metrics.table.take(rows)?;
                let values = batch.column_by_name(name);
                Ok(values.ok_or_else(|| self.gone(meaning))?.clone())
            }
            (Place::Table(name), metrics, Some(samples)) => {
                let table = samples.table.select(std::slice::from_ref(name))?;
                if metrics.is_none() {
                    return Ok(table.take(rows)?.column(0).clone());
                }
                let (ids, start) = (self.column(EXAMPLE_ID)?, self.start_of(part));
                let of_table = rows.iter().map(|row| samples.row_of(ids.id(start + row)?));
                let of_table: Vec<Option<usize>> = of_table.collect();
                let there: Vec<usize> = of_table.iter().flatten().copied().collect();
                let values = table.take(&there)?.column(0).clone();
                let mut next = 0..;
                let places = of_table.iter().map(|row| row.and_then(|_| next.next()));
                taken(&values, &places.collect::<UInt64Array>())
            }
            (Place::Finding { finding, name, .. }, ..) => {
                let found = part.findings.get(*finding);
                let found = found.ok_or_else(|| self.gone(meaning))?;
                let values = read(found.scan().columns([name.as_str()]), None)?;
                let values = self.beside_finding(meaning, found, &values, part)?;
                taken(
                    &values,
                    &rows
                        .iter()
                        .map(|row| Some(*row as u64))
                        .collect::<UInt64Array>(),
                )
            }
            _ => Ok(all_missing(meaning, rows.len())),
        }
    }
}

/// A column as a table would have it.
fn column_of(meaning: &Meaning) -> Column {
    let mut column = meaning.column.clone();
    column.name.clone_from(&meaning.name);
    column.nullable = true;
    column.value = match (meaning.kind, &meaning.classes) {
        (Kind::Class, Some(classes)) => ValueType::labels(ClassMap::clone(classes)),
        (Kind::Number, _) if column.value.to_arrow() != meaning.data_type => {
            number(&meaning.data_type)
        }
        _ => column.value,
    };
    column
}

/// The type of numbers that are in memory as these.
fn number(data_type: &DataType) -> ValueType {
    match data_type {
        DataType::Float32 => ValueType::Float32,
        DataType::UInt64 => ValueType::UInt64,
        whole if whole.is_integer() => ValueType::Int64,
        _ => ValueType::Float64,
    }
}

fn taken(values: &ArrayRef, rows: &dyn Array) -> Result<ArrayRef> {
    take(values, rows, None).map_err(|source| Error::arrow("take rows of a view", source))
}
