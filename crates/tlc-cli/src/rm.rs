//! `tlc rm`: deletes runs and tables.

use crate::consent::{Consent, Said};
use crate::print::{self, Told};
use crate::{End, Failure, Place, name};
use clap::Args;
use serde::Serialize;
use tlc_core::{Error, Url, delete};

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

#[derive(Default, Serialize)]
struct Removed {
    deleted: Vec<String>,
}

pub(crate) fn run(arguments: &Arguments, place: &Place) -> Result<(), Failure> {
    let urls = arguments.names.iter().map(|name| name::url(name, place));
    let mut urls = urls.collect::<Result<Vec<Url>, _>>()?;
    urls.sort();
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
        Said::No => return print::tell(&Removed::default(), place),
        Said::Nothing => {
            let reason = "nothing was deleted: give --yes, where nobody can be asked";
            return Err(End::wrong_use(reason));
        }
    }
    let mut removed = Removed::default();
    let done = removed.remove(urls);
    // What is gone is told, whatever became of the others.
    print::tell(&removed, place)?;
    Ok(done?)
}

impl Removed {
    /// What others need goes after them, in whatever order they are named.
    fn remove(&mut self, mut urls: Vec<Url>) -> Result<(), Error> {
        loop {
            let before = self.deleted.len();
            let (mut needed, mut refusal) = (Vec::new(), None);
            for url in urls {
                match delete(&url) {
                    Ok(()) => self.deleted.push(url.to_string()),
                    Err(error @ Error::InUse { .. }) => {
                        needed.push(url);
                        refusal = Some(error);
                    }
                    Err(error) => return Err(error),
                }
            }
            match refusal {
                None => return Ok(()),
                Some(error) if self.deleted.len() == before => return Err(error),
                Some(_) => urls = needed,
            }
        }
    }
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
