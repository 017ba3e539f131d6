//! Whether the rows at hand are those of a table that is there.

use super::Table;
use super::fingerprint::{Fingerprint, type_name};
use crate::{Error, Result, Schema};
use std::collections::HashSet;

impl Table {
    /// What the rows are, in 32 hexadecimal digits: equal for tables with the same names,
    /// Arrow types and values of columns in the same order, however they were written.
    /// What the columns mean is not in it.
    ///
    /// Tables that older programs wrote do not say it: their rows are read.
    ///
    /// ```
    /// use tlc_core::{Columns, Table, TableOptions, Url};
    ///
    /// let root = Url::parse("memory://docs-fingerprint/")?;
    /// let make = |name: &str, labels: Vec<i32>| {
    ///     Table::create(TableOptions::new("demo", "train", name).root(&root), |writer| {
    ///         writer.add_batch(Columns::new().column("label", labels))
    ///     })
    /// };
    /// let first = make("first", vec![1, 0])?.fingerprint()?;
    /// assert_eq!(make("same", vec![1, 0])?.fingerprint()?, first);
    /// assert_ne!(make("other", vec![1, 1])?.fingerprint()?, first);
    /// # Ok::<(), tlc_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// For such a table storage errors and [`Error::Corrupt`].
    pub fn fingerprint(&self) -> Result<String> {
        if let Some(known) = &self.manifest.fingerprint {
            return Ok(known.clone());
        }
        let mut fingerprint = Fingerprint::default();
        for batch in self.scan().batches()? {
            fingerprint.push(&batch?);
        }
        Ok(fingerprint.finish(self.schema()))
    }
}

/// The table, if rows of these columns and this fingerprint are what it holds.
pub(super) fn compared(table: &Table, columns: &Schema, rows: &Fingerprint) -> Result<Table> {
    let changed = |difference: String| {
        Err(Error::DataChanged {
            url: table.url().clone(),
            difference,
        })
    };
    if let Some(difference) = other_columns(table.schema(), columns) {
        return changed(difference);
    }
    if table.len() as u64 != rows.rows() {
        return changed(format!("{} rows there, {} given", table.len(), rows.rows()));
    }
    if table.fingerprint()? != rows.finish(columns) {
        return changed("other values".to_owned());
    }
    Ok(table.clone())
}

fn other_columns(there: &Schema, given: &Schema) -> Option<String> {
    let (old, new): (HashSet<_>, HashSet<_>) = (there.names().collect(), given.names().collect());
    let first = |from: &Schema, other: &HashSet<&str>| {
        let mut names = from.names();
        names.find(|name| !other.contains(name)).map(str::to_owned)
    };
    if let Some(name) = first(given, &old) {
        return Some(format!("column `{name}` is not there"));
    }
    if let Some(name) = first(there, &new) {
        return Some(format!("column `{name}` is there, but not given"));
    }
    let mut pairs = there.columns().iter().zip(given.columns());
    pairs.find_map(|(there, given)| {
        let types = [there, given].map(|column| type_name(&column.value.to_arrow()));
        let [old, new] = &types;
        if there.name != given.name {
            let (there, given) = (&there.name, &given.name);
            return Some(format!("column `{there}` there where `{given}` is given"));
        }
        (old != new).then(|| format!("column `{}` is {old} there, {new} given", there.name))
    })
}
