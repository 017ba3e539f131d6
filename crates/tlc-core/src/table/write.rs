//! Writing a new table: batches or serde rows become parts, and one commit makes
//! them visible.

use super::columns::Columns;
use super::fingerprint::Fingerprint;
use super::manifest::{self, Manifest, Place};
use super::place::{hold, settle_place};
use super::{IfExists, Table, TableOptions, fields, reuse};
use crate::arrow::array::RecordBatch;
use crate::arrow::datatypes::FieldRef;
use crate::part::{EncodedPart, Part, PartEncoder, slices};
use crate::schema::conform;
use crate::storage::{self, Hold, Store, commit};
use crate::{Error, Result, Schema, Url, limits};
use bytes::Bytes;
use serde::Serialize;
use std::collections::VecDeque;
use std::sync::Arc;

/// A part is published when it has grown to this size.
const PART_BYTES: usize = 64 << 20;
/// What stays free in a commit for the parts of one more batch, and the rest of it.
const COMMIT_ROOM_BYTES: u64 = 1 << 20;

/// Writes one table. Nothing is visible before [`finalize`](Self::finalize).
///
/// The first batch settles the columns: those of the options, then what the data
/// are. Later batches must have the same. Memory holds one part at most, and a batch.
///
/// After an error of the storage nothing is lost: what was added is kept, and the call
/// can be repeated.
///
/// ```
/// use serde::Serialize;
/// use tlc_core::{TableOptions, TableWriter, Url};
///
/// #[derive(Serialize)]
/// struct Row { name: &'static str, label: i32 }
///
/// let root = Url::parse("memory://docs-table-writer/")?;
/// let mut writer = TableWriter::new(TableOptions::new("pets", "train", "initial").root(root))?;
/// writer.add_rows(&[Row { name: "Tom", label: 0 }, Row { name: "Rex", label: 1 }])?;
/// assert_eq!(writer.finalize()?.len(), 2);
/// # Ok::<(), tlc_core::Error>(())
/// ```
#[derive(Debug)]
pub struct TableWriter {
    /// What the options call it.
    named: Url,
    options: TableOptions,
    store: Arc<dyn Store>,
    place: Place,
    /// Where it moves, once another has taken the name.
    moving: Option<Place>,
    schema: Option<Schema>,
    fields: Option<Vec<FieldRef>>,
    fingerprint: Fingerprint,
    /// What the rows are held against: nothing is written then.
    existing: Option<Table>,
    /// Taken, but not encoded yet.
    waiting: VecDeque<RecordBatch>,
    encoder: Option<PartEncoder>,
    /// Whether encoding has failed: nobody knows how far it came.
    is_broken: bool,
    /// Encoded, but not known to be published: its URL and its bytes.
    pending: Option<(String, EncodedPart)>,
    /// Memory of a part that is published.
    spare: Option<Vec<u8>>,
    parts: Vec<Part>,
    /// What the commit says of the schema and the parts.
    commit_bytes: u64,
    /// Settled by the first `finalize`.
    manifest: Option<Manifest>,
    /// From the first try on: a commit may be visible, whatever was reported.
    may_be_visible: bool,
    /// Whether somebody else commits it.
    is_handed_over: bool,
    /// From the first part on: tells others that a process is at work here.
    hold: Option<Hold>,
    finished: Option<Table>,
}

impl TableWriter {
    /// Starts a table; the name is settled here and claimed by `finalize`.
    ///
    /// # Errors
    /// [`Error::AlreadyExists`] if the name is taken and `if_exists` is `Raise` or
    /// `Reuse` (a writer cannot reuse: see [`Table::create`]);
    /// [`Error::InvalidUrl`] for a bad name.
    pub fn new(options: impl Into<TableOptions>) -> Result<Self> {
        let options = options.into();
        let named = options.url()?;
        let store = storage::open(&named)?;
        let place = settle_place(&*store, named.clone(), options.settled_if_exists())?;
        Ok(Self::at(place, store, (named, options), None))
    }

    /// Holds what it is given against a table that is there, and writes nothing.
    pub(super) fn comparing(options: TableOptions, existing: Table) -> Result<Self> {
        let store = storage::open(existing.url())?;
        let place = manifest::first(existing.url().clone());
        let named = existing.url().clone();
        Ok(Self::at(place, store, (named, options), Some(existing)))
    }

    /// A writer at a place that nobody has, whose manifest somebody else commits.
    pub(crate) fn for_copy(table: Url, options: TableOptions) -> Result<Self> {
        let store = storage::open(&table)?;
        if manifest::has_commit(&*store, &table)? {
            return Err(Error::AlreadyExists { url: table });
        }
        let place = manifest::first(table.clone());
        Ok(Self::at(place, store, (table, options), None))
    }

    /// What is to be committed; no more rows are taken.
    pub(crate) fn settled(&mut self) -> Result<Manifest> {
        self.work()?;
        self.close_part()?;
        self.work()?;
        match &self.manifest {
            Some(manifest) => Ok(manifest.clone()),
            None => Ok(self.manifest.insert(self.settle_manifest()?).clone()),
        }
    }

    /// From now on a commit that is not of this writer may name the parts.
    pub(crate) fn handed_over(&mut self) {
        self.is_handed_over = true;
    }

    fn at(
        place: Place,
        store: Arc<dyn Store>,
        (named, options): (Url, TableOptions),
        existing: Option<Table>,
    ) -> Self {
        Self {
            named,
            options,
            store,
            place,
            moving: None,
            schema: None,
            fields: None,
            fingerprint: Fingerprint::default(),
            existing,
            waiting: VecDeque::new(),
            encoder: None,
            is_broken: false,
            pending: None,
            spare: None,
            parts: Vec::new(),
            commit_bytes: 0,
            manifest: None,
            may_be_visible: false,
            is_handed_over: false,
            hold: None,
            finished: None,
        }
    }

    /// Adds rows by their columns: [`Columns`], a [`RecordBatch`], a map of names to
    /// vectors. They are taken whole or not at all.
    ///
    /// A column of another Arrow type is cast if that changes no value; see
    /// [`Table::from_parquet`] for types without a counterpart. Only a column declared
    /// as 32-bit float is rounded.
    ///
    /// # Errors
    /// [`Error::Column`] or [`Error::Batch`] name the column (and row) that does not
    /// fit, [`Error::Rows`] rows without columns; [`Error::TooLarge`] if the table has more
    /// parts than a commit can name; [`Error::Finalized`] after [`finalize`](Self::finalize).
    /// Storage errors from publishing an earlier part; the batch is not taken then, and the
    /// call can be repeated.
    pub fn add_batch(&mut self, batch: impl Into<Columns>) -> Result<()> {
        self.check_open()?;
        self.add(&batch.into().into_batch()?)
    }

    /// Adds rows that are serde structs; the first call settles the Arrow types.
    ///
    /// A row has each column as a field and no other. A value that is missing is `None`,
    /// a field that `skip_serializing_if` leaves out, or a key that a map lacks. No value
    /// is converted: text is no number, a number with a fraction is no whole one, and a
    /// whole one goes into any column that holds it exactly. Only a column declared as
    /// 32-bit float takes 64-bit floats rounded. Text in a `datetime` is RFC 3339.
    ///
    /// # Errors
    /// [`Error::Batch`] names the column, row and value that does not fit,
    /// [`Error::Rows`] values without an Arrow type; else as
    /// [`add_batch`](Self::add_batch).
    pub fn add_rows<T: Serialize>(&mut self, rows: &[T]) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let fields = match &self.fields {
            Some(fields) => fields.clone(),
            None => fields::of_rows(rows, self.schema.as_ref(), &self.options.columns)?,
        };
        let batch = fields::to_batch(&fields, rows, &self.options.columns)?;
        self.add(&batch)?;
        self.fields = Some(fields);
        Ok(())
    }

    /// Adds one row; a batch of rows is faster.
    ///
    /// # Errors
    /// As [`add_rows`](Self::add_rows).
    pub fn add_row<T: Serialize>(&mut self, row: &T) -> Result<()> {
        self.add_rows(std::slice::from_ref(row))
    }

    /// Says what the table is, in the place of what the options say: what is known of the
    /// rows once they are there.
    pub fn describe(&mut self, description: impl Into<String>) {
        self.options.description = description.into();
    }

    /// Publishes the last part and the commit: the table is visible and durable.
    ///
    /// # Errors
    /// [`Error::Conflict`] if somebody overwrote the table meanwhile,
    /// [`Error::AlreadyExists`] if somebody took the name; storage errors, after which
    /// the rows are kept and the call can be repeated.
    pub fn finalize(&mut self) -> Result<Table> {
        if let Some(table) = &self.finished {
            return Ok(table.clone());
        }
        if let Some(existing) = &self.existing {
            let table = self.compared_with(existing)?;
            return Ok(self.finished.insert(table).clone());
        }
        let manifest = self.settled()?;
        self.claim(&manifest)?;
        let table = Table::open(self.place.table.clone(), &self.store, manifest)?;
        self.finished = Some(table.clone());
        self.hold = None;
        Ok(table)
    }

    fn add(&mut self, batch: &RecordBatch) -> Result<()> {
        self.check_open()?;
        if batch.num_columns() == 0 && batch.num_rows() > 0 {
            return Err(Error::Rows {
                reason: format!("{} rows without columns", batch.num_rows()),
            });
        }
        self.work()?;
        let commit_bytes = self.commit_bytes.saturating_add(COMMIT_ROOM_BYTES);
        limits::check(
            "bytes of a table's commit",
            commit_bytes,
            limits::DOCUMENT_BYTES,
        )?;
        let schema = match &self.schema {
            Some(schema) => schema.clone(),
            None => self.settle_schema(batch)?,
        };
        let batch = conform(batch, &schema, &self.options.columns)?;
        if self.schema.is_none() {
            self.commit_bytes = schema.check_document()?;
            self.encoder = Some(PartEncoder::new(&schema));
            self.schema = Some(schema);
        }
        self.fingerprint.push(&batch);
        if self.existing.is_some() {
            return Ok(());
        }
        self.waiting.extend(slices(&batch));
        if let Err(error) = self.work() {
            // The rows are taken: what goes on failing is told by the next call.
            tracing::warn!(table = %self.place.table, %error, "rows wait to be published");
        }
        Ok(())
    }

    fn check_open(&self) -> Result<()> {
        match self.manifest.is_some() || self.finished.is_some() {
            true => Err(Error::Finalized {
                url: self.place.table.clone(),
            }),
            false => Ok(()),
        }
    }

    fn settle_schema(&self, batch: &RecordBatch) -> Result<Schema> {
        let settled = Schema::settled(&batch.schema(), &self.options.columns)?;
        self.options.check_overrides(&settled)?;
        Ok(settled)
    }

    /// The table, if what was added is what it holds.
    pub(super) fn compared_with(&self, existing: &Table) -> Result<Table> {
        reuse::compared(existing, &self.columns()?, &self.fingerprint)
    }

    /// What the columns are, as far as they are known.
    fn columns(&self) -> Result<Schema> {
        match &self.schema {
            Some(schema) => Ok(schema.clone()),
            None => Schema::new(self.options.columns.clone()),
        }
    }

    fn settle_manifest(&self) -> Result<Manifest> {
        let schema = self.columns()?;
        Ok(Manifest {
            id: uuid::Uuid::now_v7().to_string(),
            created: chrono::Utc::now().to_rfc3339(),
            description: self.options.description.clone(),
            rows: self.parts.iter().map(Part::rows).sum(),
            fingerprint: Some(self.fingerprint.finish(&schema)),
            schema,
            parts: self.parts.clone(),
            descent: None,
            overlay: None,
            deleted: false,
        })
    }

    /// Publishes what is encoded and encodes what waits, part after part.
    fn work(&mut self) -> Result<()> {
        if self.is_broken {
            let url = self.place.table.clone();
            return Err(Error::Broken { url });
        }
        loop {
            if let Some((url, part)) = &self.pending {
                hold(&mut self.hold, &*self.store, &self.place)?;
                let target = self.place.table.join(url)?;
                commit::publish(&*self.store, &target, &part.bytes)?;
                let part = part.describe(url.clone());
                self.commit_bytes += json_bytes("a part", &part)?;
                self.parts.push(part);
                let published = self.pending.take();
                self.spare = published.and_then(|(_, part)| part.into_buffer());
            }
            let (Some(rows), Some(schema)) = (self.waiting.front(), &self.schema) else {
                return Ok(());
            };
            let encoder = match &mut self.encoder {
                Some(encoder) => encoder,
                None => {
                    let buffer = self.spare.take().unwrap_or_default();
                    self.encoder
                        .insert(PartEncoder::with_buffer(schema, buffer))
                }
            };
            self.is_broken = true;
            encoder.push(rows)?;
            self.is_broken = false;
            self.waiting.pop_front();
            if encoder.len_bytes() >= PART_BYTES {
                self.close_part()?;
            }
        }
    }

    /// Settles the bytes and the name of a part, so that publishing it twice is
    /// publishing it once.
    fn close_part(&mut self) -> Result<()> {
        let Some(encoder) = self.encoder.take_if(|encoder| encoder.rows() > 0) else {
            return Ok(());
        };
        let url = format!("parts/{}.parquet", uuid::Uuid::now_v7());
        self.is_broken = true;
        self.pending = Some((url, encoder.finish()?));
        self.is_broken = false;
        Ok(())
    }

    fn claim(&mut self, manifest: &Manifest) -> Result<()> {
        // Whoever deletes a table of this name waits, or was there before.
        hold(&mut self.hold, &*self.store, &self.place)?;
        loop {
            let sealed = manifest::seal(&self.place, manifest)?;
            self.may_be_visible = true;
            match manifest::publish(&*self.store, &self.place, &sealed) {
                Err(Error::AlreadyExists { .. }) => self.lose_claim(manifest)?,
                other => return other,
            }
        }
    }

    /// Somebody took the name since it was settled: moves to a free one, if told to.
    fn lose_claim(&mut self, manifest: &Manifest) -> Result<()> {
        self.may_be_visible = false;
        let url = self.place.table.clone();
        match self.options.settled_if_exists() {
            IfExists::Rename => self.move_parts(manifest),
            IfExists::Overwrite => Err(Error::Conflict {
                latest: match manifest::read(&*self.store, &url, None) {
                    Ok(winner) => winner.id,
                    Err(Error::NotFound { .. }) => "deleted".to_owned(),
                    Err(error) => return Err(error),
                },
                url,
            }),
            IfExists::Raise | IfExists::Reuse => Err(Error::AlreadyExists { url }),
        }
    }

    /// What stands under the name is another's for good: it names none of these parts.
    fn move_parts(&mut self, manifest: &Manifest) -> Result<()> {
        let place = match &self.moving {
            Some(place) => place.clone(),
            None => {
                let named = self.named.clone();
                let free = settle_place(&*self.store, named, IfExists::Rename)?;
                self.moving.insert(free).clone()
            }
        };
        if place.table == self.place.table {
            // Whoever had the name has given it up.
            self.place = place;
            self.moving = None;
            return Ok(());
        }
        let liveness = self.store.liveness();
        let lock = place.table.join("lock")?;
        let hold = liveness.map(|liveness| liveness.hold(&lock)).transpose()?;
        for part in &manifest.parts {
            let from = self.place.table.join(&part.url)?;
            let bytes: Bytes = self.store.get(&from, part.file.len_bytes)?;
            commit::publish(&*self.store, &place.table.join(&part.url)?, &bytes)?;
        }
        self.discard_parts();
        self.hold = hold;
        self.place = place;
        self.moving = None;
        Ok(())
    }

    fn discard_parts(&self) {
        let published = self.parts.iter().map(|part| part.url.as_str());
        let pending = self.pending.iter().map(|(url, _)| url.as_str());
        for url in published.chain(pending) {
            let url = self.place.table.join(url);
            if let Err(error) = url.and_then(|url| self.store.delete(&url)) {
                tracing::warn!(%error, "an unused part file stays behind");
            }
        }
    }
}

impl Drop for TableWriter {
    fn drop(&mut self) {
        if self.finished.is_some() || self.existing.is_some() || self.is_handed_over {
            return;
        }
        if self.schema.is_none() {
            return;
        }
        tracing::warn!(table = %self.place.table, "a table writer was dropped before finalize");
        // What a commit may name stays, whatever was reported of the commit.
        if !self.may_be_visible {
            self.discard_parts();
        }
    }
}

fn json_bytes(what: &str, value: &impl Serialize) -> Result<u64> {
    let json = serde_json::to_vec(value).map_err(|source| Error::Json {
        what: what.to_owned(),
        source,
    })?;
    Ok(json.len() as u64)
}
