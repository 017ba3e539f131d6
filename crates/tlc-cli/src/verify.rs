//! `tlc verify`: whether what lies in a project is what was published.

use crate::print::{self, Told, Tone};
use crate::progress::awaited;
use crate::{End, Failure, Place, name};
use clap::Args;
use serde::Serialize;
use tlc_core::{Error, Url};

const EXAMPLES: &str = "\
Examples:
  tlc verify
  tlc verify fashion-mnist
  tlc verify fashion-mnist/train-classifier --json

Every byte of the newest content is read and held against its checksum. The exit code is 1 if
something is wrong.";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// A project, run or table [default: all under the project root]
    name: Option<String>,
}

#[derive(Serialize)]
struct Verified {
    url: String,
    tables: usize,
    runs: usize,
    parts: usize,
    bytes: u64,
    problems: Vec<Problem>,
}

/// What is wrong with a table or run.
#[derive(Serialize)]
pub(crate) struct Problem {
    url: String,
    error: String,
}

pub(crate) fn run(arguments: &Arguments, place: &Place) -> Result<(), Failure> {
    let url = name::below(arguments.name.as_deref(), place)?;
    let verified = Verified::at(&url)?;
    let is_sound = verified.problems.is_empty();
    print::tell(&verified, place)?;
    match is_sound {
        true => Ok(()),
        false => Err(End::Bad.into()),
    }
}

impl Verified {
    fn at(url: &Url) -> Result<Self, Failure> {
        let found = match awaited("reading", || tlc_core::verify(url)) {
            Ok(found) => found,
            // A root without projects is sound.
            Err(Error::NotFound { .. }) => tlc_core::Verified::default(),
            Err(error) => return Err(error.into()),
        };
        Ok(Self {
            url: url.to_string(),
            tables: found.tables,
            runs: found.runs,
            parts: found.parts,
            bytes: found.len_bytes,
            problems: found.problems.iter().map(Problem::of).collect(),
        })
    }
}

impl Problem {
    pub(crate) fn of(problem: &tlc_core::Problem) -> Self {
        Self {
            url: problem.url.to_string(),
            error: problem.error.to_string(),
        }
    }

    pub(crate) fn print(&self) -> Result<(), Failure> {
        print::line(&print::tinted(&print::plain(&self.url), Tone::Bad))?;
        print::line(&format!("  {}", print::plain(&self.error)))
    }
}

impl Told for Verified {
    fn print(&self) -> Result<(), Failure> {
        self.problems.iter().try_for_each(Problem::print)?;
        let (tables, runs) = (
            print::many(self.tables, "table"),
            print::many(self.runs, "run"),
        );
        let parts = print::many(self.parts, "part");
        let size = print::size(self.bytes);
        let found = match self.problems.len() {
            0 => print::tinted("all as it was published", Tone::Good),
            problems => print::tinted(&print::many(problems, "problem"), Tone::Bad),
        };
        print::line(&format!("{tables}, {runs}, {parts}, {size}: {found}"))
    }
}
