//! `tlc head`: the first rows of a run or table.

use crate::name::{self, Found};
use crate::print::{self, Told};
use crate::rows::{self, Listed};
use crate::{Failure, Place};
use clap::Args;
use serde::Serialize;
use tlc_view::ViewOptions;

const EXAMPLES: &str = "\
Examples:
  tlc head fashion-mnist/train
  tlc head fashion-mnist/train-classifier -n 50 --columns label,predicted,loss";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// A run or a table
    name: String,
    /// Rows to show
    #[arg(short = 'n', long, value_name = "ROWS", default_value_t = 10)]
    limit: usize,
    /// Columns to show [default: those that a viewer shows]
    #[arg(long, value_name = "COLUMNS")]
    columns: Vec<String>,
}

#[derive(Serialize)]
struct Head {
    url: String,
    /// Of the run or table.
    all: usize,
    rows: Listed,
}

pub(crate) fn run(arguments: &Arguments, place: &Place) -> Result<(), Failure> {
    let found = name::any(&arguments.name, place)?;
    let (all, rows) = match &found {
        Found::Table(table) => {
            let columns = rows::chosen_of_table(&arguments.columns, table)?;
            let rows = Listed::first_of(table, arguments.limit, &columns)?;
            (table.len(), rows)
        }
        Found::Run(run) => {
            let view = rows::opened(ViewOptions::new().run(run))?;
            let columns = rows::chosen(&arguments.columns, &view)?;
            let first = (0..u32::MAX).take(arguments.limit.min(view.len()));
            let rows = Listed::of_view(&view, &first.collect::<Vec<_>>(), &columns)?;
            (view.len(), rows)
        }
    };
    let url = found.url().to_string();
    print::tell(&Head { url, all, rows }, place)
}

impl Told for Head {
    fn print(&self) -> Result<(), Failure> {
        if self.all == 0 {
            return print::note("no rows");
        }
        self.rows.print()?;
        match print::is_terminal() && self.rows.len() < self.all {
            true => print::note(&format!("the first of {}", print::many(self.all, "row"))),
            false => Ok(()),
        }
    }
}
