//! `tlc` alone: what there is, and what to do next.

use crate::list::{Projects, RUN_HEADINGS, RunLine, newest_first};
use crate::print::{self, Told, Tone, tinted};
use crate::{Failure, Place};
use serde::Serialize;
use tlc_core::Status;

/// Runs that are told, the newest first.
const SHOWN: usize = 5;
/// Where there are more runs, none is read to find the newest.
const MOST_RUNS: usize = 2_000;

#[derive(Serialize)]
struct Home {
    root: String,
    projects: Projects,
    newest_runs: Vec<RunLine>,
    next: Vec<Step>,
}

/// A line to type, and what it does.
#[derive(Serialize)]
struct Step {
    command: String,
    does: &'static str,
}

pub(crate) fn run(place: &Place) -> Result<(), Failure> {
    let root = place.root()?;
    let projects = Projects::under(&root)?;
    let all: usize = projects.lines.iter().map(|line| line.runs).sum();
    let mut newest_runs = Vec::new();
    for line in projects.lines.iter().filter(|_| all <= MOST_RUNS) {
        newest_runs.extend(RunLine::of_project(&root, &line.project)?);
    }
    newest_first(&mut newest_runs, |run| &run.created);
    newest_runs.truncate(SHOWN);
    let home = Home {
        next: next(&newest_runs, all),
        root: root.to_string(),
        projects,
        newest_runs,
    };
    print::tell(&home, place)
}

fn next(runs: &[RunLine], all: usize) -> Vec<Step> {
    let step = |command: String, does| Step { command, does };
    let named = |run: &RunLine| print::shell_word(&format!("{}/{}", run.project, run.run));
    let mut steps = Vec::new();
    let readable = runs.iter().find(|run| run.metrics > 0);
    let is_interrupted = |run: &&RunLine| run.status == Status::Interrupted;
    if let Some(run) = runs.iter().find(is_interrupted) {
        let command = format!("tlc recover {}", named(run));
        steps.push(step(command, "keeps what an interrupted run has collected"));
    }
    if let Some(run) = readable {
        let name = named(run);
        steps.push(step(
            format!("tlc issues {name}"),
            "finds labels that are likely wrong, duplicates, outliers",
        ));
        steps.push(step(
            format!("tlc worst {name}"),
            "shows the samples that the model is worst at",
        ));
    }
    if all > 0 {
        let does = "shows it all in the browser";
        steps.push(step("tlc dashboard --open".to_owned(), does));
    }
    steps.push(step("tlc --help".to_owned(), "tells what else there is"));
    steps
}

impl Told for Home {
    fn print(&self) -> Result<(), Failure> {
        print::line(&format!("Projects are under {}", print::plain(&self.root)))?;
        print::line("")?;
        self.projects.print()?;
        print::Table::new(RUN_HEADINGS)
            .rows(self.newest_runs.iter().map(RunLine::cells))
            .print_section()?;
        print::line("")?;
        let width = self.next.iter().map(|step| step.command.len()).max();
        let width = width.unwrap_or_default();
        for Step { command, does } in &self.next {
            let does = tinted(does, Tone::Faint);
            print::line(&format!("{command:<width$}  {does}"))?;
        }
        Ok(())
    }
}
