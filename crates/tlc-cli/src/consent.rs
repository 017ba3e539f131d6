//! Leave to do what cannot be undone: `--yes`, or an answer at a terminal.

use crate::{Failure, Place};
use clap::Args;
use std::io::{IsTerminal, Write, stderr, stdin};

#[derive(Args, Debug)]
pub(crate) struct Consent {
    /// Does it without asking
    #[arg(short, long)]
    yes: bool,
}

/// What somebody has said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    Yes,
    No,
    /// Nobody is there to ask.
    Nothing,
}

impl Consent {
    /// Asks, unless it was said before, or a program reads the answer. Whatever is no clear yes
    /// is a no.
    pub(crate) fn asked(&self, question: &str, place: &Place) -> Result<Said, Failure> {
        if self.yes {
            return Ok(Said::Yes);
        }
        if place.json || !(stdin().is_terminal() && stderr().is_terminal()) {
            return Ok(Said::Nothing);
        }
        let mut told = stderr().lock();
        write!(told, "{question} [y/N] ")?;
        told.flush()?;
        let mut answer = String::new();
        stdin().read_line(&mut answer)?;
        match answer.trim().to_lowercase().as_str() {
            "y" | "yes" => Ok(Said::Yes),
            _ => Ok(Said::No),
        }
    }
}
