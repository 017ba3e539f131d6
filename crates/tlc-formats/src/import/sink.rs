//! Where a format gives its rows.

use super::bad::Skipped;
use super::batch::batch_of;
use super::change::Change;
use super::labels::{Names, Survey};
use super::{ImportOptions, Places, Progress};
use crate::error::cut;
use crate::{BadRow, Error, Result};
use std::collections::HashMap;
use std::sync::Arc;
use tlc_core::arrow::array::{BooleanArray, RecordBatch, UInt64Array};
use tlc_core::arrow::compute::{filter_record_batch, take};
use tlc_core::arrow::datatypes::{Field, FieldRef};
use tlc_core::{Column, Columns, Media, Schema, TableWriter};

/// After a bad row so many are tried at once, then twice as many.
const ROWS_AFTER_BAD: usize = 64;

/// Takes the rows of a [`Format`](super::Format): checks them, makes labels of names, adds the
/// columns that the options ask for, and writes the table. Bad rows fail the import, or are
/// left out and told.
#[derive(Debug)]
pub struct RowSink<'a> {
    options: &'a ImportOptions,
    to: To<'a>,
    /// What the format says of columns, as metadata of fields.
    meanings: HashMap<String, FieldRef>,
    names: HashMap<String, Option<Names>>,
    skipped: Skipped,
    progress: Progress,
    change: Option<Arc<dyn Change>>,
    attempt: Attempt,
}

/// Whether a format may find out on its way that it has to begin again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attempt {
    First,
    GivenUp,
    Last,
}

#[derive(Debug)]
enum To<'a> {
    /// Classes are gathered, and nothing written.
    Survey(&'a mut Survey),
    Table(&'a mut TableWriter),
}

impl<'a> RowSink<'a> {
    pub(super) fn surveying(options: &'a ImportOptions, survey: &'a mut Survey) -> Self {
        Self::new(options, To::Survey(survey))
    }

    pub(super) fn writing(options: &'a ImportOptions, writer: &'a mut TableWriter) -> Self {
        Self::new(options, To::Table(writer))
    }

    fn new(options: &'a ImportOptions, to: To<'a>) -> Self {
        Self {
            options,
            to,
            meanings: HashMap::new(),
            names: HashMap::new(),
            skipped: Skipped::default(),
            progress: Progress::default(),
            change: None,
            attempt: Attempt::First,
        }
    }

    /// The same, which may not start over.
    pub(super) fn for_the_last_time(self) -> Self {
        Self {
            attempt: Attempt::Last,
            ..self
        }
    }

    /// Whether reading has to begin again.
    pub(super) fn starts_over(&self) -> bool {
        self.attempt == Attempt::GivenUp
    }

    /// Whether [`start_over`](Self::start_over) may be called.
    pub(crate) fn may_start_over(&self) -> bool {
        self.attempt == Attempt::First
    }

    /// Says that what was given is not right: what the call returns is to be returned, and the
    /// format is asked once more, by a sink that does not take this.
    pub(crate) fn start_over(&mut self) -> Error {
        self.attempt = Attempt::GivenUp;
        Error::column("", "later rows have other types than the first")
    }

    /// Lets a format give rows that are changed on their way.
    pub(crate) fn through(
        &mut self,
        change: Arc<dyn Change>,
        read: impl FnOnce(&mut Self) -> Result<()>,
    ) -> Result<()> {
        let before = self.change.replace(change);
        let read = read(self);
        self.change = before;
        read
    }

    /// What the user says of a column, which counts more than what the data say.
    #[must_use]
    pub fn declared(&self, column: &str) -> Option<&'a Column> {
        self.options.declared(column)
    }

    /// How cells of the table name files, such as images by URL.
    ///
    /// # Errors
    /// Those of the names of project, data set and table.
    pub fn media(&self) -> Result<Media> {
        self.options.media()
    }

    /// All columns that the user has said something of.
    #[must_use]
    pub fn by_hand(&self) -> &'a [Column] {
        self.options.by_hand()
    }

    /// Says what columns mean, before the first batch: images, classes, units. The arrays
    /// have the types of [`ValueType::to_arrow`](tlc_core::ValueType::to_arrow). What the user says counts more.
    ///
    /// # Errors
    /// Those of [`Schema::new`].
    pub fn columns(&mut self, columns: impl IntoIterator<Item = Column>) -> Result<()> {
        let schema = Schema::new(columns)?;
        for field in schema.to_arrow().fields() {
            self.meanings
                .insert(field.name().clone(), Arc::clone(field));
        }
        for column in schema.columns() {
            self.names.insert(column.name.clone(), Names::of(column));
        }
        Ok(())
    }

    /// Adds rows, and says where each is from.
    ///
    /// # Errors
    /// [`Error::Row`] for one that does not fit, if bad rows are not left out;
    /// [`Error::Column`] for a column that the options add, too; those of
    /// [`TableWriter::add_batch`].
    pub fn add(&mut self, batch: impl Into<Columns>, places: &Places) -> Result<()> {
        let batch = RecordBatch::try_from(batch.into())?;
        match (&mut self.to, self.change.clone()) {
            (To::Survey(survey), _) => survey.add(&batch),
            (To::Table(_), None) => self.take(&batch, places),
            (To::Table(_), Some(change)) => change.change(&batch, &mut |changed| {
                for bad in changed.bad {
                    let cell = Some((bad.column.as_str(), bad.value.as_str()));
                    let row = BadRow::at(places.at(bad.row), cell, bad.reason);
                    self.bad(Error::from(row))?;
                }
                self.take(&changed.batch, &places.kept(changed.rows))
            }),
        }
    }

    fn take(&mut self, batch: &RecordBatch, places: &Places) -> Result<()> {
        let batch = self.with_meanings(batch)?;
        let (batch, rows) = self.with_ids(&batch, places)?;
        let batch = self.with_extras(&batch)?;
        self.write(&batch, &rows, places)?;
        self.tell();
        Ok(())
    }

    /// A row that could not be read: left out, if the options say so.
    ///
    /// # Errors
    /// The error, if bad rows are not left out, or it is not about a row.
    pub fn bad(&mut self, error: Error) -> Result<()> {
        match (&self.to, error) {
            (To::Survey(_), Error::Row(_)) => Ok(()), // told when rows are written
            (To::Table(_), Error::Row(row)) if self.options.skips() => {
                self.skipped.push(*row);
                self.progress.skipped = self.skipped.len();
                Ok(())
            }
            (_, error) => Err(error),
        }
    }

    /// Says how much of the source has been read, and how much there is, in any unit.
    pub fn progress(&mut self, done: u64, total: u64) {
        (self.progress.done, self.progress.total) = (done, total);
        self.tell();
    }

    /// Says in the table's description what was left out.
    pub(super) fn finish(self, source: &str) -> Result<Skipped> {
        let To::Table(writer) = self.to else {
            return Ok(self.skipped);
        };
        if let Some(first) = self.skipped.first().first() {
            if self.progress.rows == 0 {
                return Err(Error::AllSkipped {
                    rows: self.skipped.len(),
                    first: Box::new(first.clone()),
                });
            }
            let told = self.skipped.told(self.progress.rows);
            writer.describe(format!("{}\n{told}", self.options.described(source)));
        }
        Ok(self.skipped)
    }

    fn tell(&self) {
        if let To::Table(_) = &self.to {
            self.options.tell(self.progress);
        }
    }

    /// Fields that say what the format says of their columns.
    fn with_meanings(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        if self.meanings.is_empty() {
            return Ok(batch.clone());
        }
        let schema = batch.schema();
        let fields = schema
            .fields()
            .iter()
            .zip(batch.columns())
            .map(|(field, values)| {
                let meaning = self.meanings.get(field.name());
                let fits = |meaning: &&FieldRef| meaning.data_type() == values.data_type();
                let is_by_hand = self.declared(field.name()).is_some();
                let meaning = meaning.filter(fits).filter(|_| !is_by_hand);
                meaning.map_or_else(|| Arc::clone(field), Arc::clone)
            });
        batch_of(fields, batch.columns().to_vec(), batch.num_rows())
    }

    /// Names of classes as ids, without the rows whose text is none; which rows are left.
    fn with_ids(
        &mut self,
        batch: &RecordBatch,
        places: &Places,
    ) -> Result<(RecordBatch, Vec<usize>)> {
        let schema = batch.schema();
        let mut fields: Vec<FieldRef> = schema.fields().iter().cloned().collect();
        let mut arrays = batch.columns().to_vec();
        let mut keep = vec![true; batch.num_rows()];
        for (field, array) in fields.iter_mut().zip(&mut arrays) {
            let name = field.name().clone();
            let declared = self.declared(&name).map(Names::of);
            let names = match declared {
                Some(by_hand) => self.names.entry(name.clone()).or_insert(by_hand),
                None => self.names.entry(name.clone()).or_default(),
            };
            let Some((ids, bad)) = names.as_ref().and_then(|names| names.ids(array)) else {
                continue;
            };
            for no_class in bad {
                if let Some(keep) = keep.get_mut(no_class.row) {
                    *keep = false;
                }
                let cell = Some((name.as_str(), no_class.text.as_str()));
                let row = BadRow::at(places.at(no_class.row), cell, no_class.reason);
                self.bad(Error::from(row))?;
            }
            let meaning = self
                .meanings
                .get(&name)
                .filter(|_| self.declared(&name).is_none());
            if let Some(meaning) = meaning {
                *field = Arc::clone(meaning);
            }
            *array = ids;
        }
        let batch = batch_of(fields, arrays, batch.num_rows())?;
        let rows = keep.iter().enumerate().filter(|(_, keep)| **keep);
        let rows: Vec<usize> = rows.map(|(row, _)| row).collect();
        if rows.len() == batch.num_rows() {
            return Ok((batch, rows));
        }
        let kept = filter_record_batch(&batch, &BooleanArray::from(keep));
        Ok((
            kept.map_err(|source| Error::arrow("leave rows out", source))?,
            rows,
        ))
    }

    /// The columns that the options add.
    fn with_extras(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        let schema = batch.schema();
        let mut fields: Vec<FieldRef> = schema.fields().iter().cloned().collect();
        let mut arrays = batch.columns().to_vec();
        for (column, value) in self.options.extras() {
            if schema.column_with_name(&column.name).is_some() {
                let reason = "the data have a column of this name: declare that one instead, \
                              or give the added one another name";
                return Err(Error::column(&column.name, reason));
            }
            let first = UInt64Array::from(vec![0; batch.num_rows()]);
            let values = take(value, &first, None)
                .map_err(|source| Error::arrow("repeat a value", source))?;
            let field = Field::new(&column.name, values.data_type().clone(), column.nullable);
            fields.push(Arc::new(field));
            arrays.push(values);
        }
        batch_of(fields, arrays, batch.num_rows())
    }

    /// Writes all rows that fit; `rows` are those of the batch that was given.
    fn write(&mut self, batch: &RecordBatch, rows: &[usize], places: &Places) -> Result<()> {
        let (mut from, mut most) = (0, usize::MAX);
        loop {
            let len = most.min(batch.num_rows() - from);
            match self.write_slice(&batch.slice(from, len))? {
                None => {
                    from += len;
                    most = most.saturating_mul(2);
                }
                Some((0, error)) => {
                    let place = places.at(rows.get(from).copied().unwrap_or_default());
                    self.bad(located(error, place))?;
                    from += 1;
                    most = ROWS_AFTER_BAD;
                }
                // What is before it may have a bad value in a column after that one.
                Some((row, _)) => most = row,
            }
            if from >= batch.num_rows() {
                return Ok(());
            }
        }
    }

    /// The first row that does not fit, of some column; nothing was taken then.
    fn write_slice(&mut self, batch: &RecordBatch) -> Result<Option<(usize, tlc_core::Error)>> {
        let To::Table(writer) = &mut self.to else {
            return Ok(None);
        };
        match writer.add_batch(batch) {
            Ok(()) => {
                self.progress.rows += batch.num_rows() as u64;
                Ok(None)
            }
            Err(error @ tlc_core::Error::Batch { row: Some(row), .. }) => Ok(Some((row, error))),
            Err(error) => Err(error.into()),
        }
    }
}

fn located(error: tlc_core::Error, place: crate::Place) -> Error {
    match error {
        tlc_core::Error::Batch {
            column,
            value,
            reason,
            ..
        } => Error::from(BadRow {
            place,
            column: Some(column),
            value: value.as_deref().map(cut),
            reason,
        }),
        other => other.into(),
    }
}
