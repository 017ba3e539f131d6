//! The `tlc` command: thin verbs over the crates of the workspace.

mod dashboard;
mod export;
mod list;
mod print;
mod show;

use clap::{Args, Parser, Subcommand};
use std::process::ExitCode;
use tlc_core::{Url, project_root};

/// See training data through a model's eyes.
#[derive(Parser)]
#[command(name = "tlc", version)]
struct Command {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Starts the dashboard, and prints the link that opens it
    Dashboard(dashboard::Arguments),
    /// Lists the projects
    Projects(Place),
    /// Lists the runs of a project, newest first
    Runs(list::Arguments),
    /// Lists the tables of a project, newest first
    Tables(list::Arguments),
    /// Shows what a run or a table is: by its name, path or URL
    Show(show::Arguments),
    /// Writes a run into one file to send: findings, curves, confusion and the worst samples
    Export(export::Arguments),
}

/// Where projects are, and how to print.
#[derive(Args)]
struct Place {
    /// Folder or URL that the projects are under [default: $TLC_PROJECT_ROOT, or the platform's folder]
    #[arg(long, value_name = "URL")]
    project_root: Option<String>,
    /// Prints JSON for programs
    #[arg(long)]
    json: bool,
}

impl Place {
    fn root(&self) -> Result<Url, Failure> {
        let given = self.project_root.as_deref().map(Url::parse).transpose()?;
        Ok(project_root(given.as_ref())?)
    }
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Wrong use of a verb, or of a setting, is told apart by the exit code from what failed.
const WRONG_USE: u8 = 2;

fn main() -> ExitCode {
    let command = Command::parse();
    let done = match &command.verb {
        Verb::Dashboard(arguments) => dashboard::run(arguments),
        Verb::Projects(place) => list::projects(place),
        Verb::Runs(arguments) => list::runs(arguments),
        Verb::Tables(arguments) => list::tables(arguments),
        Verb::Show(arguments) => show::run(arguments),
        Verb::Export(arguments) => export::run(arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) if print::is_closed(&failure) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            let is_wrong_use = failure.downcast_ref::<tlc_dashboard::Error>();
            match is_wrong_use {
                Some(tlc_dashboard::Error::Open { .. }) => ExitCode::from(WRONG_USE),
                _ => ExitCode::FAILURE,
            }
        }
    }
}
