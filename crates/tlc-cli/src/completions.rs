//! `tlc completions`: what makes a shell complete verbs and flags.

use crate::Failure;
use clap::Args;
use clap_complete::{Shell, generate};
use std::io::{Write, stdout};

const EXAMPLES: &str = "\
Examples:
  tlc completions bash > ~/.local/share/bash-completion/completions/tlc
  tlc completions zsh > ~/.zfunc/_tlc
  tlc completions fish > ~/.config/fish/completions/tlc.fish";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The shell
    shell: Shell,
}

pub(crate) fn run(arguments: &Arguments, mut command: clap::Command) -> Result<(), Failure> {
    // In memory first: a pipe that closes is no panic.
    let mut script = Vec::new();
    generate(arguments.shell, &mut command, "tlc", &mut script);
    Ok(stdout().lock().write_all(&script)?)
}
