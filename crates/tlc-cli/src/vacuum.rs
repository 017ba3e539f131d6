//! `tlc vacuum`: files that nothing needs any more.

use crate::consent::{Consent, Said};
use crate::print::{self, Told};
use crate::verify::Problem;
use crate::{Failure, Place, name};
use clap::Args;
use serde::Serialize;
use std::time::Duration;
use tlc_core::{Error, Leftover, Leftovers, Url, VacuumOptions};

const EXAMPLES: &str = "\
Examples:
  tlc vacuum                        says what is left over, and asks
  tlc vacuum --yes
  tlc vacuum fashion-mnist --old-contents --untouched-for 7d

What is left over is no part of a table or run: files of writers that died, and with
--old-contents those that newer contents have taken the place of. Nothing is deleted without
a yes.";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// A project, run or table [default: all under the project root]
    name: Option<String>,
    /// Also what was overwritten or compacted
    #[arg(long)]
    old_contents: bool,
    #[command(flatten)]
    age: Age,
    #[command(flatten)]
    consent: Consent,
}

/// For how long nobody has touched a file that may go.
#[derive(Args, Debug)]
pub(crate) struct Age {
    /// Only files that nobody has touched for so long: 30m, 12h, 7d
    #[arg(long, value_name = "TIME", default_value = "1d", value_parser = duration)]
    untouched_for: Duration,
}

impl Age {
    pub(crate) fn options(&self) -> VacuumOptions {
        VacuumOptions::new().untouched_for(self.untouched_for)
    }
}

#[derive(Serialize)]
struct Vacuumed {
    url: String,
    files: Vec<File>,
    bytes: u64,
    /// What was not looked at, since a process writes to it.
    in_use: Vec<String>,
    /// Links that were not followed.
    links: Vec<String>,
    problems: Vec<Problem>,
    /// What was deleted; `None` of what was found alone.
    deleted_bytes: Option<u64>,
}

/// A file that nothing needs.
#[derive(Serialize)]
pub(crate) struct File {
    url: String,
    bytes: u64,
    is_old_content: bool,
}

pub(crate) fn run(arguments: &Arguments, place: &Place) -> Result<(), Failure> {
    let url = name::below(arguments.name.as_deref(), place)?;
    let options = arguments.age.options().old_contents(arguments.old_contents);
    let Some(found) = left_over(&url, options)? else {
        return print::tell(&Vacuumed::nothing(&url), place);
    };
    let mut vacuumed = Vacuumed::of(&url, &found);
    if !place.json {
        vacuumed.print_found()?;
    }
    if !vacuumed.files.is_empty() {
        let files = print::many(vacuumed.files.len(), "file");
        let question = format!("Delete {files}, {}?", print::size(vacuumed.bytes));
        if arguments.consent.asked(&question, place)? == Said::Yes {
            vacuumed.deleted_bytes = Some(found.delete()?);
        }
    }
    print::tell(&vacuumed, place)
}

/// What is left over; `None` where there is neither table nor run.
pub(crate) fn left_over(url: &Url, options: VacuumOptions) -> Result<Option<Leftovers>, Failure> {
    match tlc_core::vacuum(url, options) {
        Ok(found) => Ok(Some(found)),
        Err(Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

impl File {
    pub(crate) fn of(file: &Leftover) -> Self {
        Self {
            url: file.url.to_string(),
            bytes: file.len_bytes,
            is_old_content: file.is_old_content,
        }
    }

    pub(crate) fn table<'f>(files: impl IntoIterator<Item = &'f Self>) -> print::Table {
        let rows = files.into_iter().map(|file| {
            let old = if file.is_old_content {
                "old content"
            } else {
                ""
            };
            vec![
                file.url.as_str().into(),
                file.bytes.to_string().into(),
                old.into(),
            ]
        });
        print::Table::new(["LEFT OVER", "BYTES", ""]).rows(rows)
    }
}

impl Vacuumed {
    fn nothing(url: &Url) -> Self {
        Self {
            url: url.to_string(),
            files: Vec::new(),
            bytes: 0,
            in_use: Vec::new(),
            links: Vec::new(),
            problems: Vec::new(),
            deleted_bytes: None,
        }
    }

    fn of(url: &Url, found: &Leftovers) -> Self {
        let texts = |urls: &[Url]| urls.iter().map(Url::to_string).collect();
        Self {
            files: found.files().iter().map(File::of).collect(),
            bytes: found.len_bytes(),
            in_use: texts(found.in_use()),
            links: texts(found.links()),
            problems: found.problems().iter().map(Problem::of).collect(),
            ..Self::nothing(url)
        }
    }

    /// What was found, before anybody is asked.
    fn print_found(&self) -> Result<(), Failure> {
        if !self.files.is_empty() {
            File::table(&self.files).print()?;
        }
        print_in_use(&self.in_use)?;
        for url in &self.links {
            print::note(&format!(
                "{}: a link, which is not followed",
                print::plain(url)
            ))?;
        }
        self.problems.iter().try_for_each(Problem::print)
    }
}

impl Told for Vacuumed {
    fn print(&self) -> Result<(), Failure> {
        match (self.files.len(), self.deleted_bytes) {
            (0, _) => print::line("Nothing is left over."),
            (_, Some(bytes)) => print::line(&format!("Deleted {}.", print::size(bytes))),
            (_, None) => print::line("Nothing was deleted: --yes does."),
        }
    }
}

/// What was not looked at.
pub(crate) fn print_in_use(urls: &[String]) -> Result<(), Failure> {
    urls.iter()
        .try_for_each(|url| print::note(&format!("{}: a process writes to it", print::plain(url))))
}

/// A number of seconds, minutes, hours or days.
fn duration(text: &str) -> Result<Duration, String> {
    let units = [("s", 1), ("m", 60), ("h", 3_600), ("d", 86_400)];
    let parsed = units.into_iter().find_map(|(unit, secs)| {
        let number: u64 = text.strip_suffix(unit)?.trim().parse().ok()?;
        Some(Duration::from_secs(number.checked_mul(secs)?))
    });
    parsed.ok_or_else(|| "expected a time such as 30m, 12h or 7d".to_owned())
}
