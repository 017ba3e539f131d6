//! `tlc split`: the rows of a table in named parts.

use crate::print::{self, Cell, Told};
use crate::{End, Failure, Place, name};
use clap::{ArgGroup, Args};
use serde::Serialize;
use tlc_core::{Parts, Share, Split, Table};

const EXAMPLES: &str = "\
Examples:
  tlc split fashion-mnist/train train=0.9 valid=0.1 --stratified-by label
  tlc split xrays/all train=rest test=500 --grouped-by patient --seed 7
  tlc split crawl/pages train=0.95 test=0.05 --hashed-by url --as selections
  tlc split pets/initial train=0.8 test=rest --as column --called fold
  tlc split pets/initial --of-column fold --dry-run

A share is a fraction, a number of rows, or `rest`. The same parts and seed give the same rows,
and a command that is given again finds what it has made. Tables that it makes keep no copy of
their rows.";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
#[command(group(ArgGroup::new("what").required(true).multiple(false).args(["parts", "of_column"])))]
#[command(group(ArgGroup::new("by").args(["stratified_by", "grouped_by", "hashed_by", "of_column"])))]
pub(crate) struct Arguments {
    /// A table: any revision
    table: String,
    /// Parts and how large they are
    #[arg(value_name = "PART=SHARE", value_parser = part)]
    parts: Vec<(String, Share)>,
    /// Takes the values of a column for the parts
    #[arg(long, value_name = "COLUMN")]
    of_column: Option<String>,
    /// Gives each part its share of each value of a column, such as the label
    #[arg(long, value_name = "COLUMN")]
    stratified_by: Option<String>,
    /// Keeps rows with the same value of a column, such as the patient, in one part
    #[arg(long, value_name = "COLUMN")]
    grouped_by: Option<String>,
    /// Lets the value of a column alone say the part, so that rows to come change nothing
    #[arg(long, value_name = "COLUMN")]
    hashed_by: Option<String>,
    /// Another seed gives another split
    #[arg(long, default_value_t = 0, conflicts_with = "of_column")]
    seed: u64,
    /// What becomes of the parts
    #[arg(long = "as", value_enum, value_name = "KIND", default_value_t = Kind::Tables)]
    kind: Kind,
    /// What tables are called before the part, or the column [default: the table's name, `split`]
    #[arg(long, value_name = "NAME")]
    called: Option<String>,
    /// Says how large the parts are, and makes nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Kind {
    /// A table for each part
    Tables,
    /// One table with a column that says the part
    Column,
    /// Rows kept under the name of the part
    Selections,
}

#[derive(Serialize)]
struct Divided {
    table: String,
    dry_run: bool,
    parts: Vec<Part>,
    /// Rows in no part.
    left_out: usize,
    /// The table with the column, if one was asked for.
    with_column: Option<String>,
}

#[derive(Serialize)]
struct Part {
    part: String,
    rows: usize,
    /// The part's own table, if tables were asked for.
    table: Option<String>,
    /// The name its rows are kept under, if that was asked for.
    selection: Option<String>,
}

pub(crate) fn run(arguments: &Arguments, place: &Place) -> Result<(), Failure> {
    if arguments.called.is_some() && arguments.kind == Kind::Selections {
        let reason = "selections are called as the parts are: leave --called out";
        return Err(End::wrong_use(reason));
    }
    let table = name::table(&arguments.table, place)?;
    let split = table.split(arguments.parts())?;
    let mut divided = Divided::of(&split, arguments.dry_run)?;
    if !arguments.dry_run {
        divided.keep(&split, arguments)?;
    }
    print::tell(&divided, place)
}

impl Arguments {
    fn parts(&self) -> Parts {
        if let Some(column) = &self.of_column {
            return Parts::of_column(column);
        }
        let parts = Parts::new(self.parts.iter().cloned()).seed(self.seed);
        match (&self.stratified_by, &self.grouped_by, &self.hashed_by) {
            (Some(column), ..) => parts.stratified_by(column),
            (_, Some(column), _) => parts.grouped_by(column),
            (.., Some(column)) => parts.hashed_by(column),
            _ => parts,
        }
    }
}

impl Divided {
    fn of(split: &Split, dry_run: bool) -> Result<Self, Failure> {
        let parts = split.names().map(|part| {
            Ok(Part {
                part: part.to_owned(),
                rows: split.len(part)?,
                table: None,
                selection: None,
            })
        });
        Ok(Self {
            table: split.table().url().to_string(),
            dry_run,
            parts: parts.collect::<Result<_, Failure>>()?,
            left_out: split.left_out().count(),
            with_column: None,
        })
    }

    /// Makes what was asked for of the parts.
    fn keep(&mut self, split: &Split, arguments: &Arguments) -> Result<(), Failure> {
        let url = |table: &Table| table.url().to_string();
        match arguments.kind {
            Kind::Tables => {
                let split = match &arguments.called {
                    Some(prefix) => split.clone().called(prefix),
                    None => split.clone(),
                };
                for (part, table) in self.parts.iter_mut().zip(split.revisions()?) {
                    part.table = Some(url(&table));
                }
            }
            Kind::Column => {
                let column = arguments.called.as_deref().unwrap_or("split");
                self.with_column = Some(url(&split.column(column)?));
            }
            Kind::Selections => {
                for (part, kept) in self.parts.iter_mut().zip(split.selections()?) {
                    part.selection = Some(kept.name().to_owned());
                }
            }
        }
        Ok(())
    }
}

/// A part and its share of `PART=SHARE`.
fn part(text: &str) -> Result<(String, Share), String> {
    let (name, share) = text
        .rsplit_once('=')
        .ok_or("it is no PART=SHARE, such as train=0.8")?;
    let share = match share {
        "rest" => Share::Rest,
        share => match (share.parse(), share.parse()) {
            (Ok(rows), _) => Share::Rows(rows),
            (_, Ok(fraction)) => Share::Fraction(fraction),
            _ => {
                return Err(format!(
                    "`{share}` is no fraction, number of rows, or `rest`"
                ));
            }
        },
    };
    Ok((name.to_owned(), share))
}

impl Told for Divided {
    fn print(&self) -> Result<(), Failure> {
        let is_kept = self.parts.iter().any(|part| part.made().is_some());
        let headings = ["part", "rows"]
            .into_iter()
            .chain(is_kept.then_some("kept as"));
        let rows = self.parts.iter().map(|part| {
            let kept = is_kept.then(|| part.made().unwrap_or_default());
            let cells = [part.part.clone(), part.rows.to_string()];
            cells.into_iter().chain(kept).map(Cell::from).collect()
        });
        print::Table::new(headings).rows(rows).print()?;
        if self.left_out > 0 {
            let rows = print::many(self.left_out, "row");
            print::note(&format!(
                "{rows} in no part: the column says nothing of them"
            ))?;
        }
        match (&self.with_column, self.dry_run) {
            (Some(table), _) => print::line(&print::plain(table)),
            (None, true) => print::note("Nothing was made."),
            (None, false) => Ok(()),
        }
    }
}

impl Part {
    /// What it was kept as.
    fn made(&self) -> Option<String> {
        let table = self.table.iter().cloned();
        let selection = self.selection.iter();
        let selection = selection.map(|name| format!("selection `{name}`"));
        table.chain(selection).next()
    }
}
