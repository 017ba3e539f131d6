//! `tlc edit`: cells of a table set, as a revision.

mod asked;
mod cells;
mod file;
mod text;

use self::asked::{Asked, AskedCell};
use self::cells::Edits;
use crate::changes::{self, Changed, ColumnChanged};
use crate::print::{self, Told};
use crate::rows::opened;
use crate::{End, Failure, Place, name};
use clap::Args;
use serde::Serialize;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use tlc_core::{Committed, Conflict, Error, RevisionOptions, Table};
use tlc_view::{Expression, ViewOptions};

const EXAMPLES: &str = "\
Examples:
  tlc edit fashion-mnist/train@latest --set label=Shirt --rows 3,17 -m \"two shirts\"
  tlc edit fashion-mnist/train@latest --set weight=0 --where \"label = 'Bag'\" --dry-run
  tlc edit train@latest --run train-classifier --where \"is_label_issue\" --set weight=0
  tlc rows train@latest --columns label --limit 100000 > edits.tsv
  tlc edit train@latest --from edits.tsv -m \"labels looked through\" --author Kim

A file has the column `row` and others to set, separated by commas or tabs. An empty cell, and
one that says what is there, leaves the value as it is; `null` takes it away, but from texts.
The table stays as it is: the edit is a revision, and `tlc log` and `tlc diff` tell of it.";

/// Changes that are told one by one.
const SHOWN: usize = 20;
/// Cells that both have changed and that are named.
const NAMED: usize = 5;

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// A table: the latest revision, unless the edit is to stand beside it
    table: String,
    /// Sets a column to a value in the rows that are meant
    #[arg(long, value_name = "COLUMN=VALUE")]
    set: Vec<String>,
    /// The rows of which this condition is true
    #[arg(long = "where", value_name = "CONDITION", conflicts_with_all = ["rows", "all"])]
    condition: Option<String>,
    /// Lets the condition be about the metrics of a run, too
    #[arg(long, value_name = "RUN", requires = "condition")]
    run: Option<String>,
    /// These rows: 3,17
    #[arg(
        long,
        value_name = "ROWS",
        value_delimiter = ',',
        conflicts_with = "all"
    )]
    rows: Vec<usize>,
    /// All rows
    #[arg(long)]
    all: bool,
    /// Sets what a file says, or with `-` what comes in
    #[arg(long, value_name = "FILE", conflicts_with_all = ["set", "condition", "rows", "all"])]
    from: Option<PathBuf>,
    /// What the revision is
    #[arg(short = 'm', long, value_name = "TEXT")]
    description: Option<String>,
    /// Who made it
    #[arg(long, value_name = "NAME")]
    author: Option<String>,
    /// What the revision is called [default: the table's name with the next number]
    #[arg(long = "as", value_name = "NAME")]
    name: Option<String>,
    /// Says what would change, and changes nothing
    #[arg(long)]
    dry_run: bool,
    /// Stands beside later revisions, instead of after the latest
    #[arg(long)]
    branch: bool,
    /// Sets columns, too, that the table calls not writable
    #[arg(long)]
    force: bool,
}

#[derive(Serialize)]
struct Edited {
    table: String,
    dry_run: bool,
    /// What was made of it, unless nothing is different.
    revision: Option<String>,
    /// Cells that something was said of.
    asked: usize,
    /// Cells that are different, and how many of each column.
    cells: usize,
    columns: Vec<ColumnChanged>,
    /// The first of them.
    changes: Vec<Changed>,
}

pub(crate) fn run(arguments: &Arguments, place: &Place) -> Result<(), Failure> {
    let table = name::table(&arguments.table, place)?;
    let edits = match &arguments.from {
        Some(file) => {
            let edits = file::read(file, &table).and_then(|asked| Edits::of(&table, asked));
            edits.map_err(|error| in_file(file, &error))?
        }
        None => Edits::of(&table, arguments.asked(&table, place)?)?,
    };
    let revision = match arguments.dry_run || edits.is_nothing() {
        true => None,
        false => Some(arguments.committed(&table, &edits)?),
    };
    let columns = edits.columns();
    let edited = Edited {
        table: table.url().to_string(),
        dry_run: arguments.dry_run,
        revision: revision.map(|revision| revision.url().to_string()),
        asked: edits.asked(),
        cells: columns.iter().map(|edited| edited.cells).sum(),
        columns,
        changes: edits.changes(SHOWN),
    };
    print::tell(&edited, place)
}

impl Arguments {
    /// What `--set` says, of the rows that are meant.
    fn asked(&self, table: &Table, place: &Place) -> Result<Vec<Asked>, Failure> {
        if self.set.is_empty() {
            return Err(End::wrong_use(
                "nothing to set: give --set COLUMN=VALUE, or --from FILE",
            ));
        }
        let rows = self.meant(table, place)?;
        let asked = self.set.iter().map(|text| {
            let (column, value) = assigned(text, table)?;
            let cells = rows.iter().map(|row| AskedCell {
                row: *row,
                text: value.to_owned(),
                line: None,
            });
            Ok(Asked {
                column: column.to_owned(),
                cells: cells.collect(),
                is_of_file: false,
            })
        });
        asked.collect()
    }

    /// Each row once.
    fn meant(&self, table: &Table, place: &Place) -> Result<BTreeSet<usize>, Failure> {
        if self.all {
            return Ok((0..table.len()).collect());
        }
        let Some(condition) = &self.condition else {
            if self.rows.is_empty() {
                let reason = "which rows? Give --where CONDITION, --rows ROWS, or --all";
                return Err(End::wrong_use(reason));
            }
            return Ok(self.rows.iter().copied().collect());
        };
        let mut options = ViewOptions::new().table(table);
        if let Some(run) = &self.run {
            options = options.run(&name::run(run, place)?);
        }
        let view = opened(options)?;
        let rows = view.matching(&Expression::parse(condition)?)?;
        let rows = view.table_rows(&rows, table)?.into_iter();
        // Several rows of metrics may be about one sample.
        Ok(rows.map(|(_, row)| row).collect())
    }

    fn committed(&self, table: &Table, edits: &Edits) -> Result<Table, Failure> {
        let mut editor = table.edit()?;
        if self.force {
            editor.ignore_writable();
        }
        edits.put(&mut editor).map_err(by_force)?;
        let mut options = RevisionOptions::new(self.description.as_deref().unwrap_or_default());
        if let Some(author) = &self.author {
            options = options.author(author.as_str());
        }
        if let Some(name) = &self.name {
            options = options.name(name.as_str());
        }
        if self.branch {
            return Ok(editor.commit(options)?);
        }
        match editor.commit_to_latest(options)? {
            Committed::Done(revision) => Ok(revision),
            Committed::Conflict(conflict) => Err(not_the_latest(table, &conflict)),
        }
    }
}

fn in_file(file: &Path, error: &Failure) -> Failure {
    format!("{}: {error}", file.display()).into()
}

/// What the core says of columns that are not writable, as this verb has it.
fn by_force(error: Error) -> Failure {
    match error {
        Error::NotWritable { column, .. } => {
            let column = print::plain(&column);
            format!("column `{column}` is not writable: --force sets it all the same").into()
        }
        error => error.into(),
    }
}

/// The column and the value of `COLUMN=VALUE`, whatever the column is called.
fn assigned<'t>(text: &'t str, table: &Table) -> Result<(&'t str, &'t str), Failure> {
    let places = text.match_indices('=').map(|(place, _)| place);
    let halves = places.map(|place| (&text[..place], &text[place + 1..]));
    let mut known = halves
        .clone()
        .filter(|(column, _)| table.schema().column(column).is_some());
    match (known.next(), halves.clone().next()) {
        (Some(found), _) => Ok(found),
        (None, Some((column, _))) => Err(table
            .schema()
            .require(column)
            .err()
            .map_or_else(|| format!("no column `{column}`").into(), Failure::from)),
        (None, None) => {
            let reason = format!("`{}` is no COLUMN=VALUE", print::plain(text));
            Err(End::wrong_use(reason))
        }
    }
}

fn not_the_latest(table: &Table, conflict: &Conflict) -> Failure {
    let (name, latest) = (table.name(), conflict.latest().name());
    let both = conflict.both();
    let named = both.iter().take(NAMED).map(|cell| match &cell.column {
        Some(column) => format!("`{column}` of row {}", cell.row),
        None => format!("row {}", cell.row),
    });
    let more = both.len().saturating_sub(NAMED);
    let more = (more > 0).then(|| format!("{more} more"));
    let named: Vec<String> = named.chain(more).collect();
    let both = match named.as_slice() {
        [] => "It has changed none of these cells".to_owned(),
        named => format!("Both have changed {}", named.join(", ")),
    };
    let dataset = table.dataset();
    format!(
        "nothing was changed: after `{name}` came `{latest}`. {both}. Edit {} to go on from it, or \
         give --branch to stand beside it",
        print::shell_word(&format!("{dataset}/{latest}"))
    )
    .into()
}

impl Told for Edited {
    fn print(&self) -> Result<(), Failure> {
        if self.cells == 0 {
            return print::note(match self.asked {
                0 => "No row is meant, so no revision was made.",
                _ => "Nothing is different, so no revision was made.",
            });
        }
        changes::table(&self.changes).print()?;
        let columns = self.columns.iter();
        let columns = columns.map(|edited| format!("{} of `{}`", edited.cells, edited.column));
        let cells = print::many(self.cells, "cell");
        let told = print::plain(&columns.collect::<Vec<_>>().join(", "));
        print::line("")?;
        match &self.revision {
            Some(revision) => {
                print::line(&format!("{cells} changed: {told}"))?;
                print::line(&print::plain(revision))
            }
            None => print::line(&format!("{cells} would change: {told}")),
        }
    }
}
