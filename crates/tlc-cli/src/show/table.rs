//! What a table is: its columns, what they hold, and what it was made of.

use super::print_head;
use crate::print::{self, Told, number};
use crate::{Failure, log::Lineage};
use serde::Serialize;
use std::sync::Arc;
use tlc_core::Table;
use tlc_view::{Filtered, Kind, ViewOptions};

/// Classes that are told of a column.
const SHOWN: usize = 5;

#[derive(Serialize)]
pub(super) struct Shown {
    #[serde(skip)]
    name: String,
    url: String,
    rows: usize,
    created: String,
    description: String,
    columns: Vec<Column>,
    lineage: Lineage,
}

#[derive(Serialize)]
struct Column {
    name: String,
    kind: Kind,
    /// Its type, with its sizes.
    holds: String,
    writable: bool,
    values: String,
}

impl Shown {
    pub(super) fn of(table: &Table) -> Result<Self, Failure> {
        let view = Arc::new(ViewOptions::new().table(table).open()?);
        let all = Filtered::new(&view, &[])?;
        let own = view.columns().filter(|meaning| meaning.is_of_table);
        let columns = own.map(|meaning| {
            Ok(Column {
                name: meaning.name.clone(),
                kind: meaning.kind,
                holds: meaning.column.value.to_string(),
                writable: meaning.column.writable,
                values: values(&all, &meaning.name, meaning.kind)?,
            })
        });
        Ok(Self {
            name: format!("{}/{}", table.dataset(), table.name()),
            url: table.url().to_string(),
            rows: table.len(),
            created: table.created().to_owned(),
            description: table.description().to_owned(),
            columns: columns.collect::<Result<_, Failure>>()?,
            lineage: Lineage::of(table)?,
        })
    }
}

impl Told for Shown {
    fn print(&self) -> Result<(), Failure> {
        let name = print::plain(&self.name);
        let rows = print::many(self.rows, "row");
        print::line(&format!("table {name}: {rows}"))?;
        print_head(&self.url, &self.created, &[&self.description])?;
        let rows = self.columns.iter().map(|column| {
            let writable = if column.writable { "yes" } else { "" };
            vec![
                column.name.as_str().into(),
                column.holds.as_str().into(),
                writable.into(),
                column.values.as_str().into(),
            ]
        });
        print::Table::new(["COLUMN", "HOLDS", "WRITABLE", "VALUES"])
            .indented()
            .rows(rows)
            .print_section()?;
        if self.lineage.is_alone() {
            return Ok(());
        }
        print::line("")?;
        self.lineage.print()
    }
}

/// What the values of a column are like, in a few words.
fn values(all: &Filtered, column: &str, kind: Kind) -> Result<String, Failure> {
    match kind {
        Kind::Number => {
            let found = all.statistics(column)?;
            let (Some(min), Some(max), Some(mean)) = (found.min, found.max, found.mean) else {
                return Ok(String::new());
            };
            let [min, max, mean] = [min, max, mean].map(number);
            Ok(format!("{min} to {max}, mean {mean}"))
        }
        Kind::Moment => {
            let found = all.statistics(column)?;
            let ends = [found.min, found.max].map(|micros| moment(micros?));
            Ok(match ends {
                [Some(first), Some(last)] => format!("{first} to {last}"),
                _ => String::new(),
            })
        }
        Kind::Class | Kind::Flag => {
            let counts = all.class_counts(column)?;
            let used = counts.classes.iter().filter(|counted| counted.all > 0);
            let shown = used.clone().take(SHOWN);
            let shown = shown.map(|counted| format!("{} {}", counted.class.name, counted.all));
            let more = used.count().saturating_sub(SHOWN);
            let more = (more > 0).then(|| format!("{more} more"));
            Ok(shown.chain(more).collect::<Vec<_>>().join(", "))
        }
        Kind::Text | Kind::Other => Ok(String::new()),
    }
}

/// To the minute, UTC.
fn moment(micros: f64) -> Option<String> {
    #[allow(clippy::cast_possible_truncation)] // to the microsecond it is not told
    let moment = chrono::DateTime::from_timestamp_micros(micros as i64)?;
    Some(print::minutes(&moment.to_rfc3339()))
}
