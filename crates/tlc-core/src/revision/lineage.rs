//! What was made of a table, and what it was made of.

use super::latest::announced;
use super::log::{Entry, Log};
use crate::storage;
use crate::table::{Changes, RevisionKind};
use crate::{Error, Result, Table, Url};
use std::collections::{HashMap, HashSet};
use std::fmt;

/// A base and everything that was made of it, as [`Table::lineage`] finds it.
///
/// Shown as text it is a tree, a line a table.
#[derive(Clone, Debug)]
pub struct Lineage {
    revisions: Vec<Revision>,
}

/// One table of a [`Lineage`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Revision {
    /// Where it is.
    pub url: Url,
    /// Its content.
    pub id: String,
    /// Content id of what it was made of.
    pub parent: Option<String>,
    /// How it was made; `None` for a table that was made of no other.
    pub kind: Option<RevisionKind>,
    /// What it is.
    pub description: String,
    /// Who made it, if that was said.
    pub author: Option<String>,
    /// When, as RFC 3339.
    pub created: String,
    /// Number of rows.
    pub rows: usize,
    /// How it differs from what it was made of.
    pub changes: Changes,
    /// Whether it is no more. What was made of it has all it needs.
    pub is_deleted: bool,
}

impl Table {
    /// What the table was made of; `None` for one that was made of no other.
    ///
    /// # Errors
    /// [`Error::NotFound`] if it was deleted; as [`from_url`](Self::from_url).
    pub fn parent(&self) -> Result<Option<Self>> {
        let Some(descent) = &self.manifest().descent else {
            return Ok(None);
        };
        let url = descent.parent.beside(self.url())?;
        Self::from_reference(&url, &descent.parent.id).map(Some)
    }

    /// The tables that were made of this one, in the order in which they were committed.
    ///
    /// # Errors
    /// Storage errors, [`Error::Corrupt`].
    pub fn children(&self) -> Result<Vec<Self>> {
        let root = self.root()?;
        let store = storage::open(&root.url)?;
        let entries = Log::of(&*store, &root.url)?.entries(&root.id)?;
        let of_this = entries.iter().filter(|entry| entry.parent.id == self.id());
        let children = of_this.map(|entry| announced(&root.url, entry));
        children.filter_map(Result::transpose).collect()
    }

    /// Everything that has the rows of this table's base, oldest first: the base, the
    /// revisions and what was derived. For a copy by [`squash`](Self::squash) what it was
    /// copied from comes before, as long as it is there.
    ///
    /// ```
    /// use tlc_core::{Columns, RevisionOptions, Table, TableOptions, Url};
    ///
    /// let root = Url::parse("memory://docs-lineage/")?;
    /// let table = Table::create(TableOptions::new("demo", "train", "initial").root(root), |writer| {
    ///     writer.add_batch(Columns::new().column("label", vec![0, 1]))
    /// })?;
    /// let mut editor = table.edit()?;
    /// editor.ignore_writable().set("label", 1, 0)?;
    /// editor.commit(RevisionOptions::new("row 1 is a 0").author("Kim"))?;
    /// let lineage = table.lineage()?;
    /// assert_eq!(lineage.revisions()[1].changes.cells, 1);
    /// assert!(lineage.to_string().contains("initial_0001"));
    /// # Ok::<(), tlc_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// Storage errors, [`Error::Corrupt`].
    pub fn lineage(&self) -> Result<Lineage> {
        let root = self.root()?;
        let base = self.base()?;
        let mut revisions = Vec::new();
        let parent = match base.parent() {
            Err(Error::NotFound { .. }) => None,
            other => other?,
        };
        match parent {
            Some(parent) => revisions = parent.lineage()?.revisions,
            None => revisions.push(base.as_revision()),
        }
        let store = storage::open(&root.url)?;
        let entries = Log::of(&*store, &root.url)?.entries(&root.id)?.into_iter();
        let made = entries
            .map(|entry| as_revision(&root.url, entry))
            .collect::<Result<_>>()?;
        revisions.extend(without_dead_ends(made));
        Ok(Lineage { revisions })
    }

    fn as_revision(&self) -> Revision {
        let manifest = self.manifest();
        let descent = manifest.descent.as_ref();
        Revision {
            url: self.url().clone(),
            id: self.id().to_owned(),
            parent: descent.map(|descent| descent.parent.id.clone()),
            kind: descent.map(|descent| descent.kind),
            description: self.description().to_owned(),
            author: descent.and_then(|descent| descent.author.clone()),
            created: self.created().to_owned(),
            rows: manifest.rows,
            changes: descent.map_or_else(Changes::default, |descent| descent.changes),
            is_deleted: false,
        }
    }
}

impl Lineage {
    /// The tables, oldest first.
    #[must_use]
    pub fn revisions(&self) -> &[Revision] {
        &self.revisions
    }

    /// The table with a content id: the one that is there, if it was announced more than once.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Revision> {
        let of_id = || self.revisions.iter().filter(|revision| revision.id == id);
        of_id()
            .find(|revision| !revision.is_deleted)
            .or_else(|| of_id().next())
    }
}

impl fmt::Display for Lineage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut children: HashMap<&str, Vec<&Revision>> = HashMap::new();
        let mut open: Vec<(&Revision, usize)> = Vec::new();
        for revision in &self.revisions {
            let parent = revision
                .parent
                .as_deref()
                .filter(|id| self.get(id).is_some());
            match parent {
                Some(parent) => children.entry(parent).or_default().push(revision),
                None => open.push((revision, 0)),
            }
        }
        open.reverse();
        while let Some((revision, depth)) = open.pop() {
            writeln!(f, "{:indent$}{revision}", "", indent = 2 * depth)?;
            let children = children.remove(revision.id.as_str()).unwrap_or_default();
            // An only child stays in line, so that a long one can be read.
            let deeper = usize::from(depth == 0 || children.len() > 1);
            open.extend(
                children
                    .into_iter()
                    .rev()
                    .map(|child| (child, depth + deeper)),
            );
        }
        Ok(())
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.url.name())?;
        if self.is_deleted {
            f.write_str(" (deleted)")?;
        }
        write!(f, "  {} rows", self.rows)?;
        let Changes {
            cells,
            rows_dropped,
            rows_appended,
            columns,
        } = self.changes;
        for (number, what) in [
            (cells, "cells changed"),
            (rows_dropped, "rows dropped"),
            (rows_appended, "rows appended"),
            (columns, "columns changed"),
        ] {
            if number > 0 {
                write!(f, ", {number} {what}")?;
            }
        }
        if let Some(author) = &self.author {
            write!(f, "  {author}")?;
        }
        match self.description.is_empty() {
            true => Ok(()),
            false => write!(f, "  {}", self.description),
        }
    }
}

/// What was announced, whether it is there or not.
fn as_revision(base: &Url, entry: Entry) -> Result<Revision> {
    Ok(Revision {
        is_deleted: announced(base, &entry)?.is_none(),
        url: entry.revision.beside(base)?,
        id: entry.revision.id,
        parent: Some(entry.parent.id),
        kind: Some(entry.kind),
        description: entry.description,
        author: entry.author,
        created: entry.created,
        rows: entry.rows,
        changes: entry.changes,
    })
}

/// Without those that are not there, or never were, and that nothing was made of.
fn without_dead_ends(revisions: Vec<Revision>) -> Vec<Revision> {
    let mut parents: HashSet<String> = HashSet::new();
    let mut kept = Vec::new();
    // Children come after their parents.
    for revision in revisions.into_iter().rev() {
        if !revision.is_deleted || parents.contains(&revision.id) {
            parents.extend(revision.parent.clone());
            kept.push(revision);
        }
    }
    kept.reverse();
    kept
}
