//! What an import says.

use crate::Failure;
use crate::print::{self, Told, Tone};
use serde::Serialize;
use tlc_core::{Column, Table};
use tlc_formats::Imported;

#[derive(Serialize)]
pub(super) struct Made {
    project: String,
    dataset: String,
    table: String,
    url: String,
    rows: usize,
    /// Whether the table was made now, or was there with the same rows.
    is_new: bool,
    columns: Vec<Named>,
    /// Rows that were left out, and the first of them.
    skipped: u64,
    first_skipped: Vec<String>,
}

#[derive(Serialize)]
struct Named {
    name: String,
    #[serde(rename = "type")]
    value: String,
    nullable: bool,
}

impl Made {
    /// Of an import that began at a moment of RFC 3339.
    pub(super) fn of(imported: &Imported, project: &str, began: &str) -> Self {
        let table: &Table = &imported.table;
        let skipped = imported.skipped.first().iter();
        Self {
            project: project.to_owned(),
            dataset: table.dataset(),
            table: table.name().to_owned(),
            url: table.url().to_string(),
            rows: table.len(),
            is_new: table.created() >= began,
            columns: table.schema().columns().iter().map(Named::of).collect(),
            skipped: imported.skipped.len(),
            first_skipped: skipped.map(ToString::to_string).collect(),
        }
    }

    fn name(&self) -> String {
        let (project, dataset) = (&self.project, &self.dataset);
        match self.table == tlc_core::DEFAULT_TABLE {
            true => format!("{project}/{dataset}"),
            false => format!("{project}/{dataset}/{}", self.table),
        }
    }
}

impl Named {
    fn of(column: &Column) -> Self {
        Self {
            name: column.name.clone(),
            value: column.value.to_string(),
            nullable: column.nullable,
        }
    }
}

impl Told for Made {
    fn print(&self) -> Result<(), Failure> {
        let (name, rows) = (self.name(), print::many(self.rows, "row"));
        let done = match self.is_new {
            true => "imported",
            false => "was there already, with the same rows:",
        };
        print::line(&format!(
            "{} {done} {rows}",
            print::tinted(&name, Tone::Strong)
        ))?;
        let columns = self.columns.iter().map(|column| {
            let nullable = if column.nullable { "yes" } else { "no" };
            vec![
                column.name.as_str().into(),
                column.value.as_str().into(),
                nullable.into(),
            ]
        });
        print::Table::new(["COLUMN", "TYPE", "NULLABLE"])
            .rows(columns)
            .print_section()?;
        if self.skipped > 0 {
            let skipped = format!("{} rows were skipped:", self.skipped);
            print::line(&format!("\n{}", print::tinted(&skipped, Tone::Bad)))?;
            for row in &self.first_skipped {
                print::line(&format!("  {}", print::plain(row)))?;
            }
            let more = self.skipped - self.first_skipped.len() as u64;
            if more > 0 {
                print::line(&format!("  and {more} more"))?;
            }
        }
        let name = print::shell_word(&name);
        print::note(&format!(
            "\nNext: tlc head {name}, or look at it: tlc dashboard"
        ))
    }
}
