//! `tlc alias`: names for folders that samples are in by reference, so that a project opens on
//! a machine that has them elsewhere.

use crate::print::{self, Told};
use crate::{End, Failure, Place, name};
use clap::Args;
use serde::Serialize;
use tlc_core::{Aliases, Url};

const EXAMPLES: &str = "\
Examples:
  tlc alias fashion-mnist
  tlc alias fashion-mnist DATA=/mnt/data/fashion
  tlc alias fashion-mnist --remove DATA
  TLC_ALIAS_DATA=/scratch/fashion tlc worst train-classifier --sheet worst.png

A cell `<DATA>/images/1.png` is read below that folder: a path or URL, or one below the project's
own. What the environment says counts more than what the project says, and is trusted; a folder
that a project names outside of its own is read where `--images` allows it.";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// A project
    project: String,
    /// Sets what an alias means
    #[arg(value_name = "ALIAS=FOLDER")]
    set: Vec<String>,
    /// Takes an alias away
    #[arg(long, value_name = "ALIAS")]
    remove: Vec<String>,
}

/// All aliases of a project.
#[derive(Serialize)]
#[serde(transparent)]
struct Listed {
    aliases: Vec<Alias>,
    #[serde(skip)]
    project: String,
}

#[derive(Serialize)]
struct Alias {
    alias: String,
    /// What the project says.
    folder: String,
    /// Where that is on this machine.
    here: String,
}

pub(crate) fn run(arguments: &Arguments, place: &Place) -> Result<(), Failure> {
    let root = place.root()?;
    let project = name::project(&arguments.project, &root)?;
    let set = arguments.set.iter().map(|text| assigned(text));
    let set = set.collect::<Result<Vec<_>, Failure>>()?;
    let mut aliases = Aliases::of(&root, &project)?;
    for (alias, folder) in set {
        aliases = aliases.set(alias, &absolute(folder)?)?;
    }
    for alias in &arguments.remove {
        aliases = aliases.remove(alias)?;
    }
    print::tell(&Listed::of(&aliases, project)?, place)
}

/// The alias and the folder of `ALIAS=FOLDER`.
fn assigned(text: &str) -> Result<(&str, &str), Failure> {
    let no_alias = || End::wrong_use(format!("`{}` is no ALIAS=FOLDER", print::plain(text)));
    text.split_once('=').ok_or_else(no_alias)
}

/// A folder as the project keeps it: `./data` and `~/data` are those of whoever types them.
fn absolute(folder: &str) -> Result<String, Failure> {
    let is_typed = ["./", "../", "~"]
        .iter()
        .any(|start| folder.starts_with(start))
        || folder == ".";
    match is_typed {
        true => Ok(Url::parse(folder)?.to_string()),
        false => Ok(folder.to_owned()),
    }
}

impl Listed {
    fn of(aliases: &Aliases, project: String) -> Result<Self, Failure> {
        let each = aliases.names().map(|alias| {
            Ok(Alias {
                alias: alias.to_owned(),
                folder: aliases.get(alias).unwrap_or_default().to_owned(),
                here: aliases.folder(alias)?.to_string(),
            })
        });
        let aliases = each.collect::<Result<_, Failure>>()?;
        Ok(Self { aliases, project })
    }
}

impl Told for Listed {
    fn print(&self) -> Result<(), Failure> {
        if self.aliases.is_empty() {
            let project = print::shell_word(&self.project);
            return print::note(&format!(
                "No aliases. `tlc alias {project} DATA=FOLDER` makes one."
            ));
        }
        let rows = self.aliases.iter().map(|alias| {
            let cells = [&alias.alias, &alias.folder, &alias.here];
            cells.map(|text| text.as_str().into()).into()
        });
        print::Table::new(["alias", "folder", "here"])
            .rows(rows)
            .print()
    }
}
