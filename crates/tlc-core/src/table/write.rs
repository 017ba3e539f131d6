//! Writing a new table: batches or serde rows become parts, and one commit makes
//! them visible.

use super::manifest::{self, Manifest};
use super::{IfExists, Table, TableOptions, fields};
use crate::part::{EncodedPart, Part, PartEncoder};
use crate::schema::conform;
use crate::storage::{self, Store, commit};
use crate::{Error, Result, Schema, Url, layout};
use arrow::array::RecordBatch;
use arrow::datatypes::FieldRef;
use serde::Serialize;
use std::sync::Arc;

/// A part is published when it has grown to this size.
const PART_BYTES: usize = 64 << 20;

/// Writes one table. Nothing is visible before [`finalize`](Self::finalize).
///
/// The first batch settles the columns: those of the options, then what the data
/// are. Later batches must have the same. Memory holds one part at most.
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
    options: TableOptions,
    store: Arc<dyn Store>,
    url: Url,
    /// Commit number this writer will take.
    number: u64,
    schema: Option<Schema>,
    fields: Option<Vec<FieldRef>>,
    encoder: Option<PartEncoder>,
    parts: Vec<Part>,
    finished: bool,
}

impl TableWriter {
    /// Starts a table; the name is settled here and claimed by `finalize`.
    ///
    /// # Errors
    /// [`Error::AlreadyExists`] if the name is taken and `if_exists` is `Raise` or
    /// `Reuse` (a writer cannot reuse: see [`Table::create`]);
    /// [`Error::InvalidUrl`] for a bad name.
    pub fn new(options: TableOptions) -> Result<Self> {
        let named = options.url()?;
        let store = storage::open(&named)?;
        let (url, number) = settle_name(&*store, named, options.if_exists)?;
        Ok(Self {
            options,
            store,
            url,
            number,
            schema: None,
            fields: None,
            encoder: None,
            parts: Vec::new(),
            finished: false,
        })
    }

    /// Adds the rows of a batch. A refused batch leaves nothing behind.
    ///
    /// A column of another Arrow type is cast if that changes no value; see
    /// [`Table::from_parquet`] for types without a counterpart. Only a column declared
    /// as 32-bit float is rounded.
    ///
    /// # Errors
    /// [`Error::Column`] or [`Error::Batch`] name the column (and row) that does not
    /// fit; storage errors from publishing a full part.
    pub fn add_batch(&mut self, batch: &RecordBatch) -> Result<()> {
        let schema = match &self.schema {
            Some(schema) => schema.clone(),
            None => self.settle_schema(batch)?,
        };
        let batch = conform(batch, &schema, &self.options.columns)?;
        let encoder = match &mut self.encoder {
            Some(encoder) => encoder,
            None => self.encoder.insert(PartEncoder::new(&schema)?),
        };
        self.schema = Some(schema);
        encoder.push(&batch)?;
        if encoder.len_bytes() >= PART_BYTES {
            self.seal()
        } else {
            Ok(())
        }
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
        self.add_batch(&batch)?;
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

    /// Publishes the last part and the commit: the table is visible and durable.
    ///
    /// # Errors
    /// [`Error::Conflict`] if somebody overwrote the table meanwhile,
    /// [`Error::AlreadyExists`] if somebody took the name; storage errors.
    pub fn finalize(mut self) -> Result<Table> {
        if self.schema.is_none() {
            self.schema = Some(Schema::new(self.options.columns.clone())?);
        }
        self.seal()?;
        let manifest = Manifest {
            id: uuid::Uuid::now_v7().to_string(),
            created: chrono::Utc::now().to_rfc3339(),
            description: self.options.description.clone(),
            rows: self.parts.iter().map(Part::rows).sum(),
            schema: self.schema.clone().unwrap_or_default(),
            parts: self.parts.clone(),
        };
        self.claim(&manifest)?;
        self.finished = true;
        Table::open(self.url.clone(), &self.store, manifest)
    }

    fn settle_schema(&self, batch: &RecordBatch) -> Result<Schema> {
        let settled = Schema::settled(&batch.schema(), &self.options.columns)?;
        self.options.check_overrides(&settled)?;
        Ok(settled)
    }

    fn seal(&mut self) -> Result<()> {
        let Some(encoder) = self.encoder.take() else {
            return Ok(());
        };
        let part = encoder.finish()?;
        let described = publish_part(&*self.store, &self.url, &part)?;
        self.parts.push(described);
        Ok(())
    }

    fn claim(&mut self, manifest: &Manifest) -> Result<()> {
        match manifest::publish(&*self.store, &self.url, self.number, manifest) {
            Err(Error::AlreadyExists { .. }) => {}
            other => return other,
        }
        match self.options.if_exists {
            IfExists::Rename => self.claim_another(manifest),
            IfExists::Overwrite => Err(Error::Conflict {
                url: self.url.clone(),
                latest: manifest::read(&self.url, None)?.id,
            }),
            IfExists::Raise | IfExists::Reuse => Err(Error::AlreadyExists {
                url: self.url.clone(),
            }),
        }
    }

    /// Somebody took the name since it was settled: moves the parts to a free one.
    fn claim_another(&mut self, manifest: &Manifest) -> Result<()> {
        loop {
            let (url, number) = settle_name(&*self.store, self.options.url()?, IfExists::Rename)?;
            for part in &manifest.parts {
                let bytes = self.store.get(&self.url.join(&part.url)?)?;
                commit::publish(&*self.store, &url.join(&part.url)?, &bytes)?;
            }
            self.discard_parts();
            (self.url, self.number) = (url, number);
            match manifest::publish(&*self.store, &self.url, self.number, manifest) {
                Err(Error::AlreadyExists { .. }) => {}
                other => return other,
            }
        }
    }

    fn discard_parts(&self) {
        for part in &self.parts {
            let deleted = self
                .url
                .join(&part.url)
                .and_then(|url| self.store.delete(&url));
            if let Err(error) = deleted {
                tracing::warn!(%error, "an unused part file stays behind");
            }
        }
    }
}

impl Drop for TableWriter {
    fn drop(&mut self) {
        if !self.finished && !self.parts.is_empty() {
            tracing::warn!(table = %self.url, "a table writer was dropped before finalize");
            self.discard_parts();
        }
    }
}

fn publish_part(store: &dyn Store, table: &Url, part: &EncodedPart) -> Result<Part> {
    let relative = format!("parts/{}.parquet", uuid::Uuid::now_v7());
    commit::publish(store, &table.join(&relative)?, &part.bytes)?;
    Ok(part.describe(relative))
}

fn settle_name(store: &dyn Store, named: Url, if_exists: IfExists) -> Result<(Url, u64)> {
    let Some(newest) = manifest::newest(store, &named)? else {
        return Ok((named, 0));
    };
    match if_exists {
        IfExists::Raise | IfExists::Reuse => Err(Error::AlreadyExists { url: named }),
        IfExists::Overwrite => Ok((named, newest + 1)),
        IfExists::Rename => {
            let Some(folder) = named.parent() else {
                return Err(Error::AlreadyExists { url: named });
            };
            let taken = |name: &str| Ok(manifest::newest(store, &folder.join(name)?)?.is_some());
            let name = layout::free_name(named.name(), taken)?;
            Ok((folder.join(&name)?, 0))
        }
    }
}
