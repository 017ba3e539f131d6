//! `tlc worst`: the samples that a model is worst at.

use crate::name::Found;
use crate::print::{self, Told};
use crate::rows::{self, Listed, Which};
use crate::{End, Failure, Place, name, sheet};
use clap::Args;
use serde::Serialize;
use tlc_view::OrderBy;

const EXAMPLES: &str = "\
Examples:
  tlc worst fashion-mnist/train-classifier
  tlc worst fashion-mnist/train-classifier --by \"confidence asc\" -n 100 --sheet worst.png
  tlc worst fashion-mnist/train-classifier --where \"split = 'test' and label = 'Shirt'\"";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// A run
    run: String,
    /// Column to order by, the greatest first, or with `asc` after it the least [default: the
    /// loss, or what else tells how bad it is]
    #[arg(long, value_name = "COLUMN")]
    by: Option<String>,
    /// Samples to show
    #[arg(short = 'n', long, value_name = "SAMPLES", default_value_t = 20)]
    limit: usize,
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    sheet: sheet::Asked,
}

#[derive(Serialize)]
struct Worst {
    url: String,
    by: OrderBy,
    /// Of how many.
    of: usize,
    #[serde(flatten)]
    sheet: sheet::Drawn,
    rows: Listed,
}

pub(crate) fn run(arguments: &Arguments, place: &Place) -> Result<(), Failure> {
    let to = arguments.sheet.to()?;
    let run = name::run(&arguments.run, place)?;
    let found = Found::Run(run);
    let filtered = arguments.which.of(&found)?;
    let view = filtered.view();
    let by = match &arguments.by {
        None => view.worst_first().ok_or_else(|| {
            End::wrong_use("nothing says how bad a sample is: name a column with --by")
        })?,
        Some(by) => {
            let asked = rows::order(std::slice::from_ref(by), view, true)?;
            let [by] = <[OrderBy; 1]>::try_from(asked)
                .map_err(|_| End::wrong_use("--by is one column: `tlc rows --sort` takes more"))?;
            by
        }
    };
    let worst = filtered.top(&by, arguments.limit)?;
    let mut columns = rows::chosen(&[], view)?;
    columns.retain(|column| *column != by.column);
    columns.insert(0, by.column.clone());
    let worst = Worst {
        url: found.url().to_string(),
        of: filtered.count(),
        sheet: sheet::Drawn::of(view, &worst, Some(&by.column), to)?,
        rows: Listed::of_view(view, &worst, &columns)?,
        by,
    };
    print::tell(&worst, place)
}

impl Told for Worst {
    fn print(&self) -> Result<(), Failure> {
        if self.of == 0 {
            return print::note("no rows");
        }
        self.rows.print()?;
        self.sheet.print()
    }
}
