//! Which ids of a table can be those of a file: all there, and none twice.

use crate::Result;
use crate::annotations::objects::Objects;
use crate::annotations::sorter::{Sorter, failed};
use crate::export::Rows;
use tlc_core::ValueType;
use tlc_core::arrow::array::{Array, ArrayRef, AsArray};
use tlc_core::arrow::datatypes::Int64Type;

/// Whether ids are kept.
pub(super) struct Numbering {
    pub(super) images: bool,
    pub(super) objects: bool,
}

impl Numbering {
    pub(super) fn of(rows: &Rows, objects: &Objects) -> Result<Self> {
        let schema = rows.schema()?;
        let has_ids = schema
            .column("image_id")
            .is_some_and(|ids| ids.value == ValueType::Int64);
        let mut columns = vec![objects.name()];
        columns.extend(has_ids.then_some("image_id"));
        let (mut of_images, mut of_objects) = (Ids::of(has_ids), Ids::of(objects.has("id")));
        if !has_ids && !objects.has("id") {
            return Ok(Self {
                images: false,
                objects: false,
            });
        }
        for batch in rows.clone().columns(columns).batches()? {
            let batch = batch?;
            if let Some(ids) = batch.column_by_name("image_id") {
                of_images.add(ids)?;
            }
            if let Some(boxes) = batch.column_by_name(objects.name()) {
                of_objects.add_fields(boxes)?;
            }
        }
        Ok(Self {
            images: of_images.are_distinct()?,
            objects: of_objects.are_distinct()?,
        })
    }
}

/// Ids, as long as none is missing.
struct Ids {
    sorter: Option<Sorter>,
}

impl Ids {
    fn of(are_there: bool) -> Self {
        Self {
            sorter: are_there.then(Sorter::default),
        }
    }

    fn add_fields(&mut self, boxes: &ArrayRef) -> Result<()> {
        let items = boxes.as_list_opt::<i32>().map(|list| {
            let (from, to) = (list.value_offsets().first(), list.value_offsets().last());
            let from = from.copied().unwrap_or_default() as usize;
            let to = to.copied().unwrap_or_default() as usize;
            list.values().slice(from, to - from)
        });
        match items
            .as_ref()
            .and_then(|items| items.as_struct_opt()?.column_by_name("id"))
        {
            Some(ids) => self.add(ids),
            None => {
                self.sorter = None;
                Ok(())
            }
        }
    }

    fn add(&mut self, ids: &ArrayRef) -> Result<()> {
        let values = ids
            .as_primitive_opt::<Int64Type>()
            .filter(|_| ids.null_count() == 0);
        let (Some(sorter), Some(values)) = (&mut self.sorter, values) else {
            self.sorter = None;
            return Ok(());
        };
        for id in values.values() {
            sorter.push(*id, 0, &[]).map_err(failed)?;
        }
        Ok(())
    }

    fn are_distinct(self) -> Result<bool> {
        let Some(sorter) = self.sorter else {
            return Ok(false);
        };
        let mut last = None;
        for record in sorter.finish().map_err(failed)? {
            let key = Some(record.map_err(failed)?.key);
            if key == last {
                return Ok(false);
            }
            last = key;
        }
        Ok(true)
    }
}
