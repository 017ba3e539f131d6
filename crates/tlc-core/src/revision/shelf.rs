//! The folder of a base where the columns, cells and orders of its revisions are kept.

use super::log::Log;
use crate::arrow::array::RecordBatch;
use crate::part::{EncodedPart, Part, PartEncoder, slices};
use crate::storage::{self, Hold, Store, commit};
use crate::{Result, Schema, Table, Url};
use std::sync::Arc;

/// The folder, in that of the base.
pub(crate) const FOLDER: &str = "overlays";
/// A part is published when it has grown to this size.
const PART_BYTES: usize = 64 << 20;

/// Where parts of a revision that is being made go. Upkeep leaves the base alone while one
/// is there.
#[derive(Debug)]
pub(super) struct Shelf {
    store: Arc<dyn Store>,
    base: Url,
    _hold: Option<Hold>,
}

/// Keeps parts in a folder of a table.
#[derive(Debug)]
pub(super) struct PartFolder<'a> {
    store: &'a dyn Store,
    table: &'a Url,
    folder: &'static str,
}

impl Shelf {
    /// The shelf of the base of a table, which must be there still.
    pub(super) fn of(table: &Table) -> Result<Self> {
        let base = table.root()?;
        let store = storage::open(&base.url)?;
        // No file where a table was deleted, nor one that is deleted meanwhile.
        Table::from_reference(&base.url, &base.id)?;
        let liveness = store.liveness();
        let lock = base.url.join("lock")?;
        let hold = liveness.map(|liveness| liveness.hold(&lock)).transpose()?;
        Table::from_reference(&base.url, &base.id)?;
        Ok(Self {
            store,
            base: base.url,
            _hold: hold,
        })
    }

    pub(super) fn base(&self) -> &Url {
        &self.base
    }

    pub(super) fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    pub(super) fn log(&self) -> Result<Log<'_>> {
        Log::of(&*self.store, &self.base)
    }

    /// The folder that its parts go to.
    pub(super) fn folder(&self) -> PartFolder<'_> {
        PartFolder::new(&*self.store, &self.base, FOLDER)
    }
}

impl<'a> PartFolder<'a> {
    pub(super) fn new(store: &'a dyn Store, table: &'a Url, folder: &'static str) -> Self {
        Self {
            store,
            table,
            folder,
        }
    }

    /// Keeps rows, in row groups as they come.
    pub(super) fn put(
        &self,
        schema: &Schema,
        batches: impl Iterator<Item = Result<RecordBatch>>,
    ) -> Result<Vec<Part>> {
        self.put_by(schema, batches, PartEncoder::new, |encoder, batch| {
            slices(batch).try_for_each(|slice| encoder.push(&slice))
        })
    }

    /// Keeps rows, each batch a row group.
    pub(super) fn put_row_groups(
        &self,
        schema: &Schema,
        batches: impl Iterator<Item = Result<RecordBatch>>,
    ) -> Result<Vec<Part>> {
        self.put_by(
            schema,
            batches,
            PartEncoder::of_row_groups,
            PartEncoder::push_row_group,
        )
    }

    fn put_by(
        &self,
        schema: &Schema,
        batches: impl Iterator<Item = Result<RecordBatch>>,
        start: impl Fn(&Schema) -> PartEncoder,
        push: impl Fn(&mut PartEncoder, &RecordBatch) -> Result<()>,
    ) -> Result<Vec<Part>> {
        let mut parts = Vec::new();
        let mut open: Option<PartEncoder> = None;
        for batch in batches {
            let mut encoder = match open.take() {
                Some(encoder) => encoder,
                None => start(schema),
            };
            push(&mut encoder, &batch?)?;
            match encoder.len_bytes() >= PART_BYTES {
                true => parts.push(self.publish(encoder)?),
                false => open = Some(encoder),
            }
        }
        if let Some(encoder) = open {
            parts.push(self.publish(encoder)?);
        }
        Ok(parts)
    }

    fn publish(&self, encoder: PartEncoder) -> Result<Part> {
        let part: EncodedPart = encoder.finish()?;
        let name = format!("{}/{}.parquet", self.folder, uuid::Uuid::now_v7());
        commit::publish(self.store, &self.table.join(&name)?, &part.bytes)?;
        Ok(part.describe(name))
    }
}
