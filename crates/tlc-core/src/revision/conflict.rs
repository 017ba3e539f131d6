//! What an editor is told whose table was edited by somebody else.

use super::edited::{Edited, Origin};
use super::strokes::is_same;
use crate::{Result, Table};

/// What became of a [`commit_to_latest`](crate::Editor::commit_to_latest).
#[derive(Debug)]
pub enum Committed {
    /// It is the latest revision.
    Done(Table),
    /// Somebody was quicker. Nothing was made, and the edits are kept.
    Conflict(Conflict),
}

/// Somebody else has edited the table.
#[derive(Debug)]
pub struct Conflict {
    latest: Table,
    both: Vec<Touched>,
}

/// A cell that two editors have changed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Touched {
    /// Its row, of the table that was edited.
    pub row: usize,
    /// Its column. `None` if a row that one has changed was dropped by the other.
    pub column: Option<String>,
}

impl Conflict {
    /// Looks for what both have touched.
    pub(super) fn of(editor: &Edited, latest: Table) -> Result<Self> {
        let parent = &editor.parent;
        let rows = parent.rows_in(&latest)?;
        let mut both = Vec::new();
        for (edited, values) in editor.values_set()? {
            let Origin::Kept(column) = &edited.origin else {
                continue;
            };
            let there = values.rows.iter().map(|row| (*row, rows.get(*row)));
            let (there, gone): (Vec<_>, Vec<_>) = there.partition(|(_, there)| there.is_some());
            let pairs = there
                .iter()
                .filter_map(|(row, there)| Some((*row, (*there)?)));
            both.extend(differing(
                parent,
                &latest,
                column,
                &pairs.collect::<Vec<_>>(),
            )?);
            both.extend(
                gone.into_iter()
                    .map(|(row, _)| Touched { row, column: None }),
            );
        }
        let dropped = editor.dropped.iter();
        let pairs: Vec<(usize, usize)> = dropped
            .filter_map(|row| Some((*row, rows.get(*row)?)))
            .collect();
        for column in parent.schema().names() {
            let changed = differing(parent, &latest, column, &pairs)?;
            both.extend(changed.into_iter().map(|touched| Touched {
                column: None,
                ..touched
            }));
        }
        both.extend(in_dropped_columns(editor, &latest)?);
        both.sort_unstable();
        both.dedup();
        Ok(Self { latest, both })
    }

    /// The revision that is the latest now.
    #[must_use]
    pub fn latest(&self) -> &Table {
        &self.latest
    }

    /// The cells that both editors have changed since the table that was edited, and the rows
    /// that one has dropped and the other changed.
    #[must_use]
    pub fn both(&self) -> &[Touched] {
        &self.both
    }
}

/// The cells that the other one has changed of columns that are dropped here.
fn in_dropped_columns(editor: &Edited, latest: &Table) -> Result<Vec<Touched>> {
    let is_kept = |name: &str| {
        let mut columns = editor.columns.iter();
        columns.any(|edited| matches!(&edited.origin, Origin::Kept(kept) if kept == name))
    };
    let names = editor.parent.schema().names();
    let dropped: Vec<String> = names
        .filter(|name| !is_kept(name))
        .map(str::to_owned)
        .collect();
    let mut touched = Vec::new();
    for changed in editor.parent.diff(latest)?.rows_of(&dropped) {
        let (column, rows) = changed?;
        touched.extend(rows.into_iter().map(|row| Touched {
            row,
            column: Some(column.clone()),
        }));
    }
    Ok(touched)
}

/// Of pairs of rows those whose values of a column differ, by the first.
fn differing(
    parent: &Table,
    latest: &Table,
    column: &str,
    pairs: &[(usize, usize)],
) -> Result<Vec<Touched>> {
    let known = |table: &Table| table.schema().column(column).is_some();
    if !known(parent) || !known(latest) || pairs.is_empty() {
        return Ok(Vec::new());
    }
    let name = [column.to_owned()];
    let (before, after): (Vec<usize>, Vec<usize>) = pairs.iter().copied().unzip();
    let before = parent.stored().select(&name)?.take(&before)?;
    let after = latest.stored().select(&name)?.take(&after)?;
    let differ = pairs
        .iter()
        .enumerate()
        .filter(|(place, _)| !is_same(before.column(0), after.column(0), *place));
    let touched = differ.map(|(_, (row, _))| Touched {
        row: *row,
        column: Some(column.to_owned()),
    });
    Ok(touched.collect())
}
