//! Where the rows of a batch are from.

use crate::source::SourceFile;
use crate::{At, Place};
use std::sync::Arc;
use tlc_core::Url;

/// Where each row of a batch is in its file, for what is said about bad ones.
#[derive(Clone, Debug)]
pub struct Places {
    file: Option<Url>,
    numbers: Numbers,
}

#[derive(Clone)]
enum Numbers {
    Lines(Vec<u64>),
    /// Row after row from this one on, counted from 0.
    From(u64),
    Named(Arc<dyn Fn(usize) -> String + Send + Sync>),
    /// Some of the rows of other places.
    Kept(Arc<Places>, Vec<usize>),
}

impl Places {
    /// Of rows in no file, one after another from this one on, counted from 0.
    #[must_use]
    pub fn in_memory(first: u64) -> Self {
        Self {
            file: None,
            numbers: Numbers::From(first),
        }
    }

    /// Rows that begin at these lines, counted from 1.
    #[must_use]
    pub fn lines(file: &SourceFile, lines: Vec<u64>) -> Self {
        Self::of(file, Numbers::Lines(lines))
    }

    /// Rows one after another, from this one on, counted from 0.
    #[must_use]
    pub fn rows(file: &SourceFile, first: u64) -> Self {
        Self::of(file, Numbers::From(first))
    }

    /// Rows with names, such as `annotation 17`, of the row of the batch.
    pub fn named(
        file: &SourceFile,
        name: impl Fn(usize) -> String + Send + Sync + 'static,
    ) -> Self {
        Self::of(file, Numbers::Named(Arc::new(name)))
    }

    /// Of a batch of some of the rows, in this order.
    pub(crate) fn kept(&self, rows: Vec<usize>) -> Self {
        Self {
            file: self.file.clone(),
            numbers: Numbers::Kept(Arc::new(self.clone()), rows),
        }
    }

    /// The place of a row of the batch.
    #[must_use]
    pub fn at(&self, row: usize) -> Place {
        let at = match &self.numbers {
            Numbers::Lines(lines) => match lines.get(row) {
                Some(line) => At::Line(*line),
                None => At::Row(row as u64 + 1),
            },
            Numbers::From(first) => At::Row(first + row as u64 + 1),
            Numbers::Named(name) => At::Named(name(row)),
            Numbers::Kept(places, rows) => {
                return places.at(rows.get(row).copied().unwrap_or(row));
            }
        };
        Place {
            file: self.file.clone(),
            at,
        }
    }

    fn of(file: &SourceFile, numbers: Numbers) -> Self {
        Self {
            file: Some(file.url().clone()),
            numbers,
        }
    }
}

impl std::fmt::Debug for Numbers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Lines(lines) => f.debug_tuple("Lines").field(&lines.len()).finish(),
            Self::From(first) => f.debug_tuple("From").field(first).finish(),
            Self::Named(_) => f.write_str("Named"),
            Self::Kept(places, _) => places.fmt(f),
        }
    }
}
