//! Columns in memory, under a budget: those that were not used for the longest time make room.

use crate::codes::Codes;
use crate::source::Part;
use crate::{Column, Error, Result};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// Ways in which one column is divided into bins at a time.
const MOST_CODES: usize = 4;

#[derive(Clone, Debug)]
pub(super) struct Cache {
    budget_bytes: u64,
    columns: HashMap<String, Held>,
    uses: u64,
    /// Of the view before, until they are asked for again.
    earlier: Option<Arc<Earlier>>,
}

#[derive(Clone, Debug)]
struct Held {
    column: Arc<Column>,
    /// Which bin each row is in, by how it is divided.
    codes: Vec<(String, Arc<Codes>)>,
    last_use: u64,
}

impl Held {
    fn len_bytes(&self) -> usize {
        let codes = self.codes.iter().map(|(_, codes)| codes.len_bytes());
        self.column.len_bytes() + codes.sum::<usize>()
    }
}

/// What a view had read that was refreshed.
#[derive(Debug)]
pub(super) struct Earlier {
    parts: Vec<(Part, Range<usize>)>,
    columns: HashMap<String, Arc<Column>>,
}

impl Earlier {
    /// The values of a column in a part, as far as they were read.
    pub(super) fn values(&self, name: &str, part: &Part) -> Option<(&Arc<Column>, Range<usize>)> {
        let (_, rows) = self.parts.iter().find(|(known, _)| part.is_of(known))?;
        Some((self.columns.get(name)?, rows.clone()))
    }
}

impl Cache {
    pub(super) fn new(budget_bytes: u64) -> Self {
        Self {
            budget_bytes,
            columns: HashMap::new(),
            uses: 0,
            earlier: None,
        }
    }

    /// For a view that comes after one of these parts, with the columns that were read.
    pub(super) fn after(
        &self,
        parts: &[Part],
        starts: &[usize],
        is_read: impl Fn(&str) -> bool,
    ) -> Self {
        let parts = parts.iter().zip(starts);
        let parts = parts.map(|(part, start)| (part.clone(), *start..start + part.rows));
        let columns = self.columns.iter().filter(|(name, _)| is_read(name));
        let columns = columns.map(|(name, held)| (name.clone(), Arc::clone(&held.column)));
        let earlier = Earlier {
            parts: parts.collect(),
            columns: columns.collect(),
        };
        Self {
            earlier: Some(Arc::new(earlier)),
            ..Self::new(self.budget_bytes)
        }
    }

    pub(super) fn earlier(&self) -> Option<Arc<Earlier>> {
        self.earlier.clone()
    }

    pub(super) fn get(&mut self, name: &str) -> Option<Arc<Column>> {
        self.uses += 1;
        let held = self.columns.get_mut(name)?;
        held.last_use = self.uses;
        Some(Arc::clone(&held.column))
    }

    /// Fails if so many bytes can never be held.
    pub(super) fn check(&self, column: &str, needed_bytes: u64) -> Result<()> {
        match needed_bytes <= self.budget_bytes {
            true => Ok(()),
            false => Err(Error::Memory {
                column: column.to_owned(),
                needed_bytes,
                budget_bytes: self.budget_bytes,
            }),
        }
    }

    /// Keeps a column, and lets go of others until all fit.
    pub(super) fn keep(&mut self, column: &Arc<Column>) -> Result<()> {
        self.check(column.name(), column.len_bytes() as u64)?;
        self.uses += 1;
        let held = Held {
            column: Arc::clone(column),
            codes: Vec::new(),
            last_use: self.uses,
        };
        self.columns.insert(column.name().to_owned(), held);
        self.make_room();
        self.forget_earlier();
        Ok(())
    }

    /// In which bins the rows of a column are, if that was kept.
    pub(super) fn codes(&self, column: &str, divided: &str) -> Option<Arc<Codes>> {
        let codes = &self.columns.get(column)?.codes;
        let known = codes.iter().find(|(known, _)| known == divided);
        known.map(|(_, codes)| Arc::clone(codes))
    }

    /// Keeps in which bins the rows of a column are, while it is in memory itself.
    pub(super) fn keep_codes(&mut self, column: &str, divided: &str, codes: &Arc<Codes>) {
        if let Some(held) = self.columns.get_mut(column) {
            held.codes.truncate(MOST_CODES - 1);
            held.codes
                .insert(0, (divided.to_owned(), Arc::clone(codes)));
        }
        self.make_room();
    }

    fn make_room(&mut self) {
        while self.used_bytes() > self.budget_bytes {
            let oldest = self.columns.iter().min_by_key(|(_, held)| held.last_use);
            let Some(oldest) = oldest.map(|(name, _)| name.clone()) else {
                break;
            };
            self.columns.remove(&oldest);
        }
    }

    pub(super) fn memory(&self) -> Vec<(String, usize)> {
        let columns = self.columns.iter();
        let mut memory: Vec<_> = columns
            .map(|(name, held)| (name.clone(), held.len_bytes()))
            .collect();
        memory.sort();
        memory
    }

    fn used_bytes(&self) -> u64 {
        let columns = self.columns.values();
        columns.map(|held| held.len_bytes() as u64).sum()
    }

    /// What was read before is of no use once all of it was asked for again.
    fn forget_earlier(&mut self) {
        let is_used = |earlier: &Arc<Earlier>| {
            let mut names = earlier.columns.keys();
            names.all(|name| self.columns.contains_key(name))
        };
        self.earlier = self.earlier.take().filter(|earlier| !is_used(earlier));
    }
}
