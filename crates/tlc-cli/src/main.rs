//! The `tlc` command: thin verbs over the crates of the workspace.
//!
//! Each verb is a file: it gathers what it has to say as a plain struct, which is printed for
//! people, or written as JSON for programs.

mod alias;
mod changes;
mod compare;
mod completions;
mod consent;
mod dashboard;
mod diff;
mod edit;
mod export;
mod failure;
mod head;
mod home;
mod import;
mod issues;
mod list;
mod log;
mod media;
mod name;
mod place;
mod print;
mod progress;
mod recover;
mod rm;
mod rows;
mod sheet;
mod show;
mod split;
#[cfg(feature = "sql")]
mod sql;
mod vacuum;
mod verify;
mod worst;

pub(crate) use self::failure::{End, Failure};
pub(crate) use self::place::Place;

use clap::{CommandFactory, Parser, Subcommand};
use std::process::ExitCode;

const HELP: &str = "\
Names:
  project/run                fashion-mnist/train-classifier
  project/dataset            fashion-mnist/train, its table `initial`
  project/dataset/table      fashion-mnist/train/initial_0001
  …@latest                   the latest revision of a table
  the start of one           train-cl, or a path, or a URL

Exit codes:
  0  done          1  failed, or what was looked for is bad
  2  wrong use     130  ended by Ctrl-C

Without a verb, tlc says what there is and what to do next.";

/// See training data through a model's eyes.
#[derive(Parser)]
#[command(name = "tlc", version, after_help = HELP)]
struct Command {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Subcommand)]
enum Verb {
    /// Starts the dashboard, and prints the link that opens it
    Dashboard(dashboard::Arguments),
    /// Lists the projects
    Projects,
    /// Lists the runs of a project, newest first
    Runs(list::Arguments),
    /// Lists the tables of a project, newest first
    Tables(list::Arguments),
    /// Shows what a run or a table is
    Show(show::Arguments),
    /// Shows the first rows of a run or table
    Head(head::Arguments),
    /// Shows rows by a condition, in an order
    Rows(rows::Arguments),
    /// Answers a question in SQL about runs and tables
    #[cfg(feature = "sql")]
    Sql(sql::Arguments),
    /// Shows the samples that a model is worst at
    Worst(worst::Arguments),
    /// Finds what the metrics say about the data: labels that are likely wrong, duplicates, outliers
    Issues(issues::Arguments),
    /// Compares two runs, sample by sample
    Compare(compare::Arguments),
    /// Sets cells of a table, as a revision
    Edit(edit::Arguments),
    /// Divides the rows of a table in parts: by chance, by classes, by groups, by a hash
    Split(split::Arguments),
    /// Tells what is different between two tables with the same rows
    Diff(diff::Arguments),
    /// Shows what a table was made of, and what was made of it
    Log(log::Arguments),
    /// Checks that all is as it was published
    Verify(verify::Arguments),
    /// Keeps what runs have collected whose process died
    Recover(recover::Arguments),
    /// Deletes runs and tables
    Rm(rm::Arguments),
    /// Deletes files that nothing needs any more
    Vacuum(vacuum::Arguments),
    /// Shows and sets where a project finds samples that it has by reference
    Alias(alias::Arguments),
    /// Writes what makes a shell complete verbs and flags
    Completions(completions::Arguments),
    /// Makes a table of files: of rows, images, annotations or arrays
    Import(import::Arguments),
    /// Writes a run as one page to send to a colleague, or rows as files for other programs
    Export(export::Arguments),
}

fn main() -> ExitCode {
    let command = Command::parse();
    match run(&command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) if print::is_closed(&failure) => ExitCode::SUCCESS,
        Err(failure) => {
            let (said, code) = failure::told(&failure);
            if let Some(said) = said {
                eprintln!("error: {}", print::plain_lines(&said));
            }
            code
        }
    }
}

fn run(command: &Command) -> Result<(), Failure> {
    let place = &command.place;
    place.settle_threads();
    match &command.verb {
        None => home::run(place),
        Some(Verb::Dashboard(arguments)) => dashboard::run(arguments, place),
        Some(Verb::Projects) => list::projects(place),
        Some(Verb::Runs(arguments)) => list::runs(arguments, place),
        Some(Verb::Tables(arguments)) => list::tables(arguments, place),
        Some(Verb::Show(arguments)) => show::run(arguments, place),
        Some(Verb::Head(arguments)) => head::run(arguments, place),
        Some(Verb::Rows(arguments)) => rows::run(arguments, place),
        #[cfg(feature = "sql")]
        Some(Verb::Sql(arguments)) => sql::run(arguments, place),
        Some(Verb::Worst(arguments)) => worst::run(arguments, place),
        Some(Verb::Issues(arguments)) => issues::run(arguments, place),
        Some(Verb::Compare(arguments)) => compare::run(arguments, place),
        Some(Verb::Edit(arguments)) => edit::run(arguments, place),
        Some(Verb::Split(arguments)) => split::run(arguments, place),
        Some(Verb::Diff(arguments)) => diff::run(arguments, place),
        Some(Verb::Log(arguments)) => log::run(arguments, place),
        Some(Verb::Verify(arguments)) => verify::run(arguments, place),
        Some(Verb::Recover(arguments)) => recover::run(arguments, place),
        Some(Verb::Rm(arguments)) => rm::run(arguments, place),
        Some(Verb::Vacuum(arguments)) => vacuum::run(arguments, place),
        Some(Verb::Alias(arguments)) => alias::run(arguments, place),
        Some(Verb::Completions(arguments)) => completions::run(arguments, Command::command()),
        Some(Verb::Import(arguments)) => import::run(arguments, place),
        Some(Verb::Export(arguments)) => export::run(arguments, place),
    }
}
