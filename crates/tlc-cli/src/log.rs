//! `tlc log`: what a table was made of, and what was made of it.

use crate::print::{self, Told, Tone, tinted};
use crate::{Failure, Place, name};
use clap::Args;
use serde::Serialize;
use std::collections::{HashMap, HashSet};
use tlc_core::{Changes, Revision, Table};

const EXAMPLES: &str = "\
Examples:
  tlc log fashion-mnist/train
  tlc log fashion-mnist/train --json";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// A table: any revision of it
    table: String,
}

pub(crate) fn run(arguments: &Arguments, place: &Place) -> Result<(), Failure> {
    let table = name::table(&arguments.table, place)?;
    print::tell(&Lineage::of(&table)?, place)
}

/// All that was made of one base, oldest first.
#[derive(Serialize)]
#[serde(transparent)]
pub(crate) struct Lineage {
    revisions: Vec<Line>,
}

#[derive(Serialize)]
struct Line {
    table: String,
    id: String,
    parent: Option<String>,
    /// Whether it was edited, derived or copied; none of a base.
    kind: Option<tlc_core::RevisionKind>,
    rows: usize,
    changes: Changes,
    author: Option<String>,
    description: String,
    created: String,
    is_deleted: bool,
    /// Whether it is the one that was asked for.
    is_this: bool,
    url: String,
}

impl Lineage {
    pub(crate) fn of(table: &Table) -> Result<Self, Failure> {
        let lineage = table.lineage()?;
        let revisions = lineage.revisions().iter();
        Ok(Self {
            revisions: revisions
                .map(|revision| Line::of(revision, table))
                .collect(),
        })
    }

    /// Whether there is nothing but the table.
    pub(crate) fn is_alone(&self) -> bool {
        self.revisions.len() < 2
    }
}

impl Line {
    fn of(revision: &Revision, table: &Table) -> Self {
        Self {
            table: revision.url.name().to_owned(),
            id: revision.id.clone(),
            parent: revision.parent.clone(),
            kind: revision.kind,
            rows: revision.rows,
            changes: revision.changes,
            author: revision.author.clone(),
            description: revision.description.clone(),
            created: revision.created.clone(),
            is_deleted: revision.is_deleted,
            is_this: revision.id == table.id(),
            url: revision.url.to_string(),
        }
    }

    fn told(&self) -> String {
        let Changes {
            cells,
            rows_dropped,
            rows_appended,
            columns,
            ..
        } = self.changes;
        let counts = [
            (cells, "cells changed"),
            (rows_dropped, "rows dropped"),
            (rows_appended, "rows appended"),
            (columns, "columns changed"),
        ];
        let counts = counts.into_iter().filter(|(count, _)| *count > 0);
        let counts = counts.map(|(count, what)| format!("{count} {what}"));
        let all = [print::many(self.rows, "row")].into_iter().chain(counts);
        let deleted = if self.is_deleted { " (deleted)" } else { "" };
        let name = print::plain(&self.table);
        let name = match self.is_this {
            true => tinted(&format!("{name}{deleted} *"), Tone::Strong),
            false => format!("{name}{deleted}"),
        };
        let by = self.author.iter().map(|author| format!("by {author}"));
        let said = [print::minutes(&self.created)].into_iter().chain(by);
        let said = said.chain(Some(self.description.clone()).filter(|text| !text.is_empty()));
        let said = print::plain(&said.collect::<Vec<_>>().join("  "));
        let said = tinted(&said, Tone::Faint);
        format!("{name}  {}  {said}", all.collect::<Vec<_>>().join(", "))
    }
}

impl Told for Lineage {
    /// A tree, in which an only child stays in line, so that a long one can be read.
    fn print(&self) -> Result<(), Failure> {
        let ids: HashSet<&str> = self.revisions.iter().map(|line| line.id.as_str()).collect();
        let mut children: HashMap<Option<&str>, Vec<&Line>> = HashMap::new();
        for line in &self.revisions {
            let parent = line.parent.as_deref().filter(|id| ids.contains(id));
            children.entry(parent).or_default().push(line);
        }
        // What is still to be told: the line, what stands before it, and before what is below.
        let roots = children.remove(&None).unwrap_or_default().into_iter().rev();
        let mut open: Vec<(&Line, String, String)> = roots
            .map(|line| (line, String::new(), String::new()))
            .collect();
        while let Some((line, before, below)) = open.pop() {
            print::line(&format!("{before}{}", line.told()))?;
            let children = children.remove(&Some(line.id.as_str())).unwrap_or_default();
            let last = children.len().saturating_sub(1);
            let children = children.into_iter().enumerate().map(|(place, child)| {
                let (branch, rest) = match place == last {
                    _ if last == 0 => ("↓ ", ""),
                    true => ("└─ ", "   "),
                    false => ("├─ ", "│  "),
                };
                (child, format!("{below}{branch}"), format!("{below}{rest}"))
            });
            open.extend(children.collect::<Vec<_>>().into_iter().rev());
        }
        Ok(())
    }
}
