//! `tlc diff`: what is different between two tables with rows of one base.

use crate::changes::{self, Changed, ColumnChanged};
use crate::print::{self, Cell, Told};
use crate::rows::Value;
use crate::{Failure, Place, name};
use clap::Args;
use serde::Serialize;
use tlc_core::arrow::array::{AsArray, RecordBatch};
use tlc_core::arrow::datatypes::Int64Type;
use tlc_core::{Table, ValueType};

const EXAMPLES: &str = "\
Examples:
  tlc diff fashion-mnist/train fashion-mnist/train@latest
  tlc diff train/initial_0001 train/initial_0002 --limit 1000 --json";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The table before
    before: String,
    /// The table after
    after: String,
    /// Cells to show
    #[arg(long, value_name = "CELLS", default_value_t = 20)]
    limit: usize,
}

#[derive(Serialize)]
struct Diff {
    before: String,
    after: String,
    /// Cells that are different, and how many of each column.
    cells: usize,
    columns: Vec<ColumnChanged>,
    columns_added: Vec<String>,
    columns_dropped: Vec<String>,
    /// Columns that mean something else.
    columns_described: Vec<String>,
    /// Rows of the table after.
    rows_added: Vec<usize>,
    /// Rows of the table before.
    rows_dropped: Vec<usize>,
    /// The first of the cells, by their rows in the table before.
    changes: Vec<Changed>,
}

pub(crate) fn run(arguments: &Arguments, place: &Place) -> Result<(), Failure> {
    let names = [&arguments.before, &arguments.after];
    let [before, after] = names.map(|table| name::table(table, place));
    let diff = Diff::of(&before?, &after?, arguments.limit)?;
    print::tell(&diff, place)
}

impl Diff {
    fn of(before: &Table, after: &Table, limit: usize) -> Result<Self, Failure> {
        let differences = before.diff(after)?;
        let mut diff = Self {
            before: before.url().to_string(),
            after: after.url().to_string(),
            cells: 0,
            columns: Vec::new(),
            columns_added: differences.columns_added().to_vec(),
            columns_dropped: differences.columns_dropped().to_vec(),
            columns_described: differences.columns_described().to_vec(),
            rows_added: differences.rows_added().collect(),
            rows_dropped: differences.rows_dropped().collect(),
            changes: Vec::new(),
        };
        for batch in differences {
            diff.add(&batch?, [before, after], limit)?;
        }
        Ok(diff)
    }

    /// Adds the cells of a batch, which are of one column.
    fn add(
        &mut self,
        batch: &RecordBatch,
        tables: [&Table; 2],
        limit: usize,
    ) -> Result<(), Failure> {
        let [columns, rows, _, before, after] = batch.columns() else {
            return Err("a batch of differences has other columns".into());
        };
        let (Some(columns), Some(rows)) = (
            columns.as_string_opt::<i32>(),
            rows.as_primitive_opt::<Int64Type>(),
        ) else {
            return Err("a batch of differences has other types".into());
        };
        for place in 0..batch.num_rows() {
            let column = columns.value(place);
            let known = self.columns.last_mut();
            match known.filter(|known| known.column == column) {
                Some(known) => known.cells += 1,
                None => self.columns.push(ColumnChanged {
                    column: column.to_owned(),
                    cells: 1,
                }),
            }
            self.cells += 1;
            if self.changes.len() < limit {
                let [value_before, value_after] = tables.map(|table| value_type(table, column));
                self.changes.push(Changed {
                    row: usize::try_from(rows.value(place))?,
                    column: column.to_owned(),
                    before: Value::of(before, place, &value_before?, None),
                    after: Value::of(after, place, &value_after?, None),
                });
            }
        }
        Ok(())
    }

    fn is_nothing(&self) -> bool {
        let columns = [
            &self.columns_added,
            &self.columns_dropped,
            &self.columns_described,
        ];
        let rows = [&self.rows_added, &self.rows_dropped];
        let has_columns = columns.iter().any(|names| !names.is_empty());
        self.cells == 0 && !has_columns && rows.iter().all(|rows| rows.is_empty())
    }
}

fn value_type(table: &Table, column: &str) -> Result<ValueType, Failure> {
    Ok(table.schema().require(column)?.value.clone())
}

impl Told for Diff {
    fn print(&self) -> Result<(), Failure> {
        if self.is_nothing() {
            return print::note("Nothing is different.");
        }
        let mut told: Vec<Vec<Cell>> = Vec::new();
        let mut tell = |what: &str, text: String| told.push(vec![what.into(), text.into()]);
        for edited in &self.columns {
            tell(
                "cells changed",
                format!("{} of {}", edited.cells, edited.column),
            );
        }
        for (what, names) in [
            ("columns added", &self.columns_added),
            ("columns dropped", &self.columns_dropped),
            ("columns that mean something else", &self.columns_described),
        ] {
            if !names.is_empty() {
                tell(what, names.join(", "));
            }
        }
        for (what, rows) in [
            ("rows added", &self.rows_added),
            ("rows dropped", &self.rows_dropped),
        ] {
            if !rows.is_empty() {
                tell(what, rows.len().to_string());
            }
        }
        print::Table::new(["WHAT", "HOW MANY, OR WHICH"])
            .rows(told)
            .print()?;
        changes::table(&self.changes).print_section()?;
        match self.changes.len() < self.cells {
            true => print::note(&format!(
                "{} of {} cells: --limit shows more",
                self.changes.len(),
                self.cells
            )),
            false => Ok(()),
        }
    }
}
