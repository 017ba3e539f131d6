//! Edits as an overlay: what the parent's says, with cells, columns, rows and an order that
//! are new.

use super::draft::{Draft, Stored};
use super::edited::{Edited, EditedColumn, Origin};
use super::shelf::{PartFolder, Shelf};
use super::strokes::{Strokes, Values, is_same, pick};
use crate::arrow::array::{Array, ArrayRef, Int64Array, RecordBatch};
use crate::table::{
    CELLS, ChangedCells, Changes, Layer, ORDER, Order, Overlay, RevisionKind, Runs, Segment, Shown,
    lay_over,
};
use crate::{Column, Error, Result, Schema};
use std::ops::Range;
use std::sync::Arc;

/// Cells are laid over a column as long as they are fewer than one in so many; then the
/// column is written anew.
const CELLS_IN: usize = 4;
/// What is compared at a time with the values that are there.
const COMPARED_ROWS: usize = 64 << 10;
/// Runs in a batch of an order.
const RUNS: usize = 64 << 10;

/// What an table's table is to become.
///
/// # Errors
/// [`Error::NothingChanged`].
pub(super) fn overlaid(table: &Edited, shelf: &Shelf, id: String) -> Result<Draft> {
    let shelf = &shelf.folder();
    let schema = table.schema()?;
    let changed = changed_values(table)?;
    let rows_dropped = table.dropped.len();
    let rows_appended: usize = table.appended.iter().map(RecordBatch::num_rows).sum();
    let changes = Changes {
        cells: changed
            .iter()
            .map(|(_, values)| values.rows.len() as u64)
            .sum(),
        rows_dropped: rows_dropped as u64,
        rows_appended: rows_appended as u64,
        columns: changed_columns(table),
    };
    if changes.is_nothing() {
        let url = table.parent.url().clone();
        return Err(Error::NothingChanged { url });
    }
    let mut overlay = kept(table);
    for edited in &table.columns {
        if let Origin::Added(values) = &edited.origin {
            add_column(table, shelf, &mut overlay, (edited, values))?;
        }
    }
    for (edited, values) in changed {
        if let Origin::Kept(name) = &edited.origin {
            change_cells(table, shelf, &mut overlay, (edited, name, values))?;
        }
    }
    let before = overlay.positions();
    if rows_appended > 0 {
        overlay.segments.push(appended(
            table,
            shelf,
            &mut overlay.schemas,
            (&schema, &id),
        )?);
    }
    if rows_dropped > 0 || overlay.order.is_some() {
        let runs = order(table, before..before + rows_appended)?;
        overlay.order = Some(put_order(shelf, &runs)?);
    }
    Ok(Draft {
        parent: table.parent.clone(),
        kind: RevisionKind::Edit,
        id,
        schema,
        stored: Stored::Overlay(without_unused(overlay)),
        rows: table.parent.len() - rows_dropped + rows_appended,
        changes,
    })
}

/// The values of kept columns that differ from those that are there, by rows of the parent.
fn changed_values(table: &Edited) -> Result<Vec<(&EditedColumn, Values)>> {
    let mut changed = Vec::new();
    for (edited, values) in table.values_set()? {
        let Origin::Kept(name) = &edited.origin else {
            continue;
        };
        let stored = table.parent.stored().select(std::slice::from_ref(name))?;
        let mut is_changed = Vec::with_capacity(values.rows.len());
        for rows in values.rows.chunks(COMPARED_ROWS) {
            let there = stored.take(rows)?;
            let new = values.values.slice(is_changed.len(), rows.len());
            for (place, row) in rows.iter().enumerate() {
                let is_dropped = table.dropped.contains(row);
                is_changed.push(!is_dropped && !is_same(there.column(0), &new, place));
            }
        }
        let others = values.filtered(|place| is_changed.get(place).is_some_and(|is| *is))?;
        if !others.rows.is_empty() {
            changed.push((edited, others));
        }
    }
    Ok(changed)
}

/// How many columns are new, gone, renamed or described anew.
fn changed_columns(table: &Edited) -> u64 {
    let known = table.parent.schema();
    let same_or_new = table.columns.iter().filter(|edited| match &edited.origin {
        Origin::Added(_) => true,
        Origin::Kept(name) => known.column(name) != Some(&edited.column),
    });
    let kept = |name: &str| {
        let mut columns = table.columns.iter();
        columns.any(|edited| matches!(&edited.origin, Origin::Kept(kept) if kept == name))
    };
    let gone = known.names().filter(|name| !kept(name));
    (same_or_new.count() + gone.count()) as u64
}

/// The parent's overlay with just the columns that stay, under their new names.
fn kept(table: &Edited) -> Overlay {
    let named = |name: &str| {
        let mut columns = table.columns.iter();
        let edited =
            columns.find(|edited| matches!(&edited.origin, Origin::Kept(kept) if kept == name))?;
        Some(edited.column.name.clone())
    };
    renamed(table.parent.overlay(), named)
}

/// An overlay with the columns that still have a name.
pub(super) fn renamed(overlay: Overlay, named: impl Fn(&str) -> Option<String>) -> Overlay {
    let mut overlay = overlay;
    for segment in &mut overlay.segments {
        for layer in &mut segment.layers {
            let columns = layer.columns.iter().filter_map(|shown| {
                Some(Shown {
                    stored: shown.stored.clone(),
                    name: named(&shown.name)?,
                })
            });
            layer.columns = columns.collect();
        }
    }
    let cells = overlay.cells.into_iter().filter_map(|cells| {
        Some(ChangedCells {
            column: named(&cells.column)?,
            parts: cells.parts,
        })
    });
    overlay.cells = cells.collect();
    overlay
}

/// The overlay without layers that show nothing, but for one a segment, which says how many
/// rows there are, and without schemas that no layer has.
pub(super) fn without_unused(overlay: Overlay) -> Overlay {
    let mut overlay = overlay;
    for segment in &mut overlay.segments {
        let first = segment.layers.first().cloned();
        segment.layers.retain(|layer| !layer.columns.is_empty());
        if segment.layers.is_empty() {
            segment.layers.extend(first);
        }
    }
    let mut schemas = Vec::new();
    let layers = overlay
        .segments
        .iter_mut()
        .flat_map(|segment| &mut segment.layers);
    for layer in layers {
        if let Some(schema) = overlay.schemas.get(layer.schema) {
            layer.schema = place_of(&mut schemas, schema);
        }
    }
    overlay.schemas = schemas;
    overlay
}

/// The place of a schema among others, which get it if it is new.
fn place_of(schemas: &mut Vec<Schema>, schema: &Schema) -> usize {
    schemas
        .iter()
        .position(|known| known == schema)
        .unwrap_or_else(|| {
            schemas.push(schema.clone());
            schemas.len() - 1
        })
}

/// A layer for a new column. Positions that are not shown have some value, too.
fn add_column(
    table: &Edited,
    shelf: &PartFolder<'_>,
    overlay: &mut Overlay,
    (edited, values): (&EditedColumn, &ArrayRef),
) -> Result<()> {
    if values.is_empty() && overlay.positions() > 0 {
        let reason = "the table has no rows that could have a value";
        return Err(Error::column(&edited.column.name, reason));
    }
    let values = match edited.strokes.merged()? {
        Some(set) => lay_over(Arc::clone(values), 0, (&set.rows, &set.values))?,
        None => Arc::clone(values),
    };
    let mut runs = table.parent.stored().runs()?.cloned();
    if let Some(runs) = &mut runs {
        runs.index();
    }
    let of_positions = |positions: Range<usize>| match &runs {
        None => Ok(values.slice(positions.start, positions.len())),
        Some(runs) => {
            let rows = positions.map(|position| runs.row(position).unwrap_or(0) as u64);
            pick(&values, &rows.collect::<Vec<_>>())
        }
    };
    put_layers(shelf, overlay, &edited.column, of_positions)
}

/// Lays cells over a column, or writes it anew if they are many.
fn change_cells(
    table: &Edited,
    shelf: &PartFolder<'_>,
    overlay: &mut Overlay,
    (edited, kept, changed): (&EditedColumn, &str, Values),
) -> Result<()> {
    let column = &edited.column;
    let changed = match table.parent.stored().runs()? {
        None => changed,
        Some(runs) => changed.moved(|row| runs.position(row))?,
    };
    let source = table.parent.stored().source();
    let mut all = Strokes::default();
    if let Some((rows, values)) = source.changed_cells(kept)? {
        all.push(rows.to_vec(), Arc::clone(values));
    }
    all.push(changed.rows, changed.values);
    let Some(all) = all.merged()? else {
        return Ok(());
    };
    overlay.cells.retain(|cells| cells.column != column.name);
    if all.rows.len() > overlay.positions() / CELLS_IN {
        let read = |positions: Range<usize>| {
            let values = source.stored_values(kept, &positions)?;
            lay_over(values, positions.start, (&all.rows, &all.values))
        };
        for layer in overlay
            .segments
            .iter_mut()
            .flat_map(|segment| &mut segment.layers)
        {
            layer.columns.retain(|shown| shown.name != column.name);
        }
        return put_layers(shelf, overlay, column, read);
    }
    overlay.cells.push(ChangedCells {
        column: column.name.clone(),
        parts: put_cells(shelf, column, &all)?,
    });
    Ok(())
}

fn put_cells(
    shelf: &PartFolder<'_>,
    column: &Column,
    cells: &Values,
) -> Result<Vec<crate::part::Part>> {
    let schema = ChangedCells::schema(column)?;
    let rows = Int64Array::from_iter_values(cells.rows.iter().map(|row| number(*row)));
    let columns: Vec<ArrayRef> = vec![Arc::new(rows), Arc::clone(&cells.values)];
    debug_assert_eq!(schema.names().collect::<Vec<_>>(), CELLS);
    let batch = RecordBatch::try_new(schema.to_arrow(), columns)
        .map_err(|source| Error::arrow("keep changed cells", source));
    shelf.put(&schema, std::iter::once(batch))
}

/// Keeps a column of its own for every segment, in the row groups that the segment has.
fn put_layers(
    shelf: &PartFolder<'_>,
    overlay: &mut Overlay,
    column: &Column,
    values: impl Fn(Range<usize>) -> Result<ArrayRef>,
) -> Result<()> {
    let schema = Schema::new([column.clone()])?;
    let place = place_of(&mut overlay.schemas, &schema);
    let mut first = 0;
    for segment in &mut overlay.segments {
        let groups = segment
            .layers
            .first()
            .into_iter()
            .flat_map(|layer| &layer.parts);
        let groups = groups.flat_map(|part| part.row_groups.iter().copied());
        let batches = groups.map(|rows| {
            let values = values(first..first + rows)?;
            first += rows;
            RecordBatch::try_new(schema.to_arrow(), vec![values])
                .map_err(|source| Error::arrow("keep a column", source))
        });
        let parts = shelf.put_row_groups(&schema, batches)?;
        segment.layers.push(Layer {
            schema: place,
            columns: vec![Shown {
                stored: column.name.clone(),
                name: column.name.clone(),
            }],
            parts,
        });
    }
    Ok(())
}

/// The rows that were appended, as a segment.
fn appended(
    table: &Edited,
    shelf: &PartFolder<'_>,
    schemas: &mut Vec<Schema>,
    (schema, id): (&Schema, &str),
) -> Result<Segment> {
    let batches = table.appended.iter().cloned().map(Ok);
    let parts = shelf.put(schema, batches)?;
    let columns = schema.names().map(|name| Shown {
        stored: name.to_owned(),
        name: name.to_owned(),
    });
    Ok(Segment {
        id: id.to_owned(),
        rows: table.appended.iter().map(RecordBatch::num_rows).sum(),
        layers: vec![Layer {
            schema: place_of(schemas, schema),
            columns: columns.collect(),
            parts,
        }],
    })
}

/// The positions of the rows that stay, then those that were appended.
fn order(table: &Edited, appended: Range<usize>) -> Result<Runs> {
    let before = table.parent.stored().runs()?;
    let mut runs = Runs::default();
    let mut next = 0;
    for dropped in table.dropped.iter().copied().chain([table.parent.len()]) {
        match before {
            None => runs.push(next..dropped),
            Some(before) => before.slice(next..dropped).for_each(|run| runs.push(run)),
        }
        next = dropped + 1;
    }
    runs.push(appended);
    Ok(runs)
}

/// Keeps an order.
pub(super) fn put_order(shelf: &PartFolder<'_>, runs: &Runs) -> Result<Order> {
    let schema = Order::schema()?;
    let runs: Vec<Range<usize>> = runs.iter().collect();
    debug_assert_eq!(schema.names().collect::<Vec<_>>(), ORDER);
    let batches = runs.chunks(RUNS).map(|runs| {
        let firsts = Int64Array::from_iter_values(runs.iter().map(|run| number(run.start)));
        let lens = Int64Array::from_iter_values(runs.iter().map(|run| number(run.len())));
        RecordBatch::try_new(schema.to_arrow(), vec![Arc::new(firsts), Arc::new(lens)])
            .map_err(|source| Error::arrow("keep an order", source))
    });
    let parts = shelf.put(&schema, batches)?;
    Ok(Order { parts })
}

fn number(row: usize) -> i64 {
    i64::try_from(row).unwrap_or(i64::MAX)
}
