//! `tlc rm`: deletes runs and tables.

use crate::consent::{Consent, Said};
use crate::print::{self, Told};
use crate::{End, Failure, Place, name};
use clap::Args;
use serde::Serialize;
use std::cmp::Reverse;
use tlc_core::{Url, delete};

const EXAMPLES: &str = "\
Examples:
  tlc rm fashion-mnist/first-try
  tlc rm fashion-mnist/first-try fashion-mnist/second-try --yes

A table goes with its edits that were not committed. One that a run refers to, or that
revisions have rows of, is not deleted: delete those first.";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Runs and tables
    #[arg(required = true)]
    names: Vec<String>,
    #[command(flatten)]
    consent: Consent,
}

#[derive(Serialize)]
struct Removed {
    deleted: Vec<String>,
}

pub(crate) fn run(arguments: &Arguments, place: &Place) -> Result<(), Failure> {
    let urls = arguments.names.iter().map(|name| name::url(name, place));
    let mut urls = urls.collect::<Result<Vec<Url>, _>>()?;
    // Runs before the tables that they refer to, and revisions before what they have rows of.
    urls.sort_by_key(|url| Reverse(url.to_string()));
    urls.dedup();
    for url in urls.iter().filter(|_| !place.json) {
        print::line(&print::plain(&url.to_string()))?;
    }
    let question = match urls.len() {
        1 => "Delete it for good?".to_owned(),
        all => format!("Delete these {all} for good?"),
    };
    match arguments.consent.asked(&question, place)? {
        Said::Yes => {}
        Said::No => {
            return print::tell(
                &Removed {
                    deleted: Vec::new(),
                },
                place,
            );
        }
        Said::Nothing => {
            let reason = "nothing was deleted: give --yes, where nobody can be asked";
            return Err(End::wrong_use(reason));
        }
    }
    let mut deleted = Vec::new();
    for url in &urls {
        if let Err(error) = delete(url) {
            // What is gone is told, whatever became of the others.
            print::tell(&Removed { deleted }, place)?;
            return Err(error.into());
        }
        deleted.push(url.to_string());
    }
    print::tell(&Removed { deleted }, place)
}

impl Told for Removed {
    fn print(&self) -> Result<(), Failure> {
        match self.deleted.len() {
            0 => print::line("Nothing was deleted."),
            1 => print::line("Deleted."),
            deleted => print::line(&format!("Deleted {deleted}.")),
        }
    }
}
