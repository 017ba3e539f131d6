//! `tlc rows`: rows of a run or table by a condition, in an order.

mod columns;
mod listed;
mod value;

pub(crate) use self::columns::{chosen, chosen_of_table, images, once, order};
pub(crate) use self::listed::{Listed, PLACES, TABLE, has_several_tables, place_in_table};
pub(crate) use self::value::Value;

use crate::name::{self, Found};
use crate::print::{self, Told};
use crate::{End, Failure, Place};
use clap::Args;
use serde::Serialize;
use std::sync::Arc;
use tlc_view::{Epochs, Filter, Filtered, View, ViewOptions};

const EXAMPLES: &str = "\
Examples:
  tlc rows fashion-mnist/train-classifier --where \"predicted <> label and confidence > 0.9\"
  tlc rows fashion-mnist/train-classifier --sort \"loss desc\" --columns label,predicted,loss --limit 10
  tlc rows fashion-mnist/train@latest --where \"label = 'Shirt'\" --limit 1000 > shirts.tsv

Conditions are SQL: = <> < <= > >=, and or not, between, in, like, is null, case, functions.
In a pipe rows are tab-separated and whole; `tlc edit --from` reads them back.";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// A run or a table
    name: String,
    #[command(flatten)]
    which: Which,
    /// Columns to order by, each with asc or desc after it
    #[arg(long, value_name = "COLUMNS")]
    sort: Vec<String>,
    /// Columns to show [default: those that a viewer shows]
    #[arg(long, value_name = "COLUMNS")]
    columns: Vec<String>,
    /// Rows at most
    #[arg(long, value_name = "ROWS", default_value_t = 20)]
    limit: usize,
}

/// Which rows of a run or table are meant.
#[derive(Args, Debug)]
pub(crate) struct Which {
    /// A condition of the rows, in SQL's syntax
    #[arg(long = "where", value_name = "CONDITION")]
    condition: Option<String>,
    /// Metrics of this epoch, or of `all` [default: the last]
    #[arg(long, value_name = "EPOCH", value_parser = epochs)]
    epoch: Option<Epochs>,
    /// Metrics of this stream [default: the one with the most rows]
    #[arg(long, value_name = "STREAM")]
    stream: Option<String>,
}

/// What was found.
#[derive(Serialize)]
struct Rows {
    url: String,
    /// Of the run or table.
    all: usize,
    /// Of those that the condition is true of.
    matching: usize,
    rows: Listed,
}

pub(crate) fn run(arguments: &Arguments, place: &Place) -> Result<(), Failure> {
    let found = name::any(&arguments.name, place)?;
    let filtered = arguments.which.of(&found)?;
    let view = filtered.view();
    let order = order(&arguments.sort, view, false)?;
    let columns = chosen(&arguments.columns, view)?;
    let ordered = view.order(&order)?.under(&filtered);
    let rows = Listed::of_view(view, ordered.page(0, arguments.limit), &columns)?;
    let rows = Rows {
        url: found.url().to_string(),
        all: view.len(),
        matching: ordered.len(),
        rows,
    };
    print::tell(&rows, place)
}

impl Which {
    /// The rows of a run or table that are meant.
    pub(crate) fn of(&self, found: &Found) -> Result<Filtered, Failure> {
        let view = opened(self.view(found)?)?;
        Ok(Filtered::new(&view, &self.filters())?)
    }

    /// Whether only some rows are meant, or others than usually.
    pub(crate) fn is_narrowed(&self) -> bool {
        self.condition.is_some() || self.epoch.is_some() || self.stream.is_some()
    }

    fn view(&self, found: &Found) -> Result<ViewOptions, Failure> {
        let mut options = ViewOptions::new();
        match found {
            Found::Run(run) => {
                options = options.run(run).epochs(self.epoch.unwrap_or_default());
                if let Some(stream) = &self.stream {
                    options = options.stream(stream.as_str());
                }
            }
            Found::Table(_) if self.epoch.is_some() || self.stream.is_some() => {
                return Err(End::wrong_use(
                    "a table has neither epochs nor streams: name a run",
                ));
            }
            Found::Table(table) => options = options.table(table),
        }
        Ok(options)
    }

    fn filters(&self) -> Vec<Filter> {
        let condition = self.condition.iter().cloned();
        condition.map(|text| Filter::Expression { text }).collect()
    }
}

impl Told for Rows {
    fn print(&self) -> Result<(), Failure> {
        if self.matching == 0 {
            return print::note(&format!("none of {}", print::many(self.all, "row")));
        }
        self.rows.print()?;
        match print::is_terminal() && self.rows.len() < self.matching {
            true => print::note(&format!(
                "{} of {}: --limit shows more",
                self.rows.len(),
                print::many(self.matching, "row")
            )),
            false => Ok(()),
        }
    }
}

/// Opens a view, and tells what is not as one would expect, such as a table that is gone.
pub(crate) fn opened(options: ViewOptions) -> Result<Arc<View>, Failure> {
    let view = options.open()?;
    for note in view.notes() {
        eprintln!("{}", print::plain(note));
    }
    Ok(Arc::new(view))
}

fn epochs(text: &str) -> Result<Epochs, String> {
    match text {
        "all" => Ok(Epochs::All),
        "last" => Ok(Epochs::Last),
        number => match number.parse() {
            Ok(epoch) => Ok(Epochs::One(epoch)),
            Err(_) => Err("expected a whole number, `all` or `last`".to_owned()),
        },
    }
}
