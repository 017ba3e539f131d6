//! `tlc projects`, `tlc runs` and `tlc tables`.

use crate::print::{self, Cell, Told, Tone};
use crate::{Failure, Place, name};
use clap::Args;
use rayon::prelude::*;
use serde::Serialize;
use tlc_core::{Run, Status, Table, Url};

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Name of the project; without it, of all
    project: Option<String>,
}

#[derive(Serialize)]
pub(crate) struct ProjectLine {
    pub(crate) project: String,
    pub(crate) runs: usize,
    pub(crate) tables: usize,
}

#[derive(Serialize)]
pub(crate) struct RunLine {
    pub(crate) project: String,
    pub(crate) run: String,
    pub(crate) status: Status,
    pub(crate) created: String,
    pub(crate) metrics: usize,
    pub(crate) url: String,
}

#[derive(Serialize)]
struct TableLine {
    project: String,
    dataset: String,
    table: String,
    rows: usize,
    created: String,
    description: String,
    url: String,
}

/// What is listed, as JSON a list.
#[derive(Serialize)]
#[serde(transparent)]
pub(crate) struct Projects {
    pub(crate) lines: Vec<ProjectLine>,
    #[serde(skip)]
    root: Url,
}

#[derive(Serialize)]
#[serde(transparent)]
struct Runs {
    lines: Vec<RunLine>,
    #[serde(skip)]
    root: Url,
}

#[derive(Serialize)]
#[serde(transparent)]
struct Tables {
    lines: Vec<TableLine>,
    #[serde(skip)]
    root: Url,
}

pub(crate) fn projects(place: &Place) -> Result<(), Failure> {
    print::tell(&Projects::under(&place.root()?)?, place)
}

pub(crate) fn runs(arguments: &Arguments, place: &Place) -> Result<(), Failure> {
    let root = place.root()?;
    let mut lines = Vec::new();
    for project in arguments.projects(&root)? {
        lines.extend(RunLine::of_project(&root, &project)?);
    }
    newest_first(&mut lines, |line| &line.created);
    print::tell(&Runs { lines, root }, place)
}

pub(crate) fn tables(arguments: &Arguments, place: &Place) -> Result<(), Failure> {
    let root = place.root()?;
    let mut lines = Vec::new();
    for project in arguments.projects(&root)? {
        let urls = tlc_core::tables(&root, &project)?;
        lines.extend(opened(&urls, |url| TableLine::of(url, &project))?);
    }
    newest_first(&mut lines, |line| &line.created);
    print::tell(&Tables { lines, root }, place)
}

impl Projects {
    pub(crate) fn under(root: &Url) -> Result<Self, Failure> {
        let mut lines = Vec::new();
        for project in tlc_core::projects(root)? {
            lines.push(ProjectLine {
                runs: tlc_core::runs(root, &project)?.len(),
                tables: tlc_core::tables(root, &project)?.len(),
                project,
            });
        }
        let root = root.clone();
        Ok(Self { lines, root })
    }
}

impl RunLine {
    /// Of the runs of a project that can be read, in the order of their names.
    pub(crate) fn of_project(root: &Url, project: &str) -> Result<Vec<Self>, Failure> {
        let urls = tlc_core::runs(root, project)?;
        opened(&urls, |url| Self::of(url, project))
    }

    fn of(url: &Url, project: &str) -> tlc_core::Result<Self> {
        let run = Run::from_url(url)?;
        Ok(Self {
            project: project.to_owned(),
            run: run.name().to_owned(),
            status: run.status()?,
            created: run.created(),
            metrics: run.metrics_count(),
            url: url.to_string(),
        })
    }

    /// What it is called, when, and how far it has come.
    pub(crate) fn cells(&self) -> Vec<Cell> {
        vec![
            self.project.as_str().into(),
            self.run.as_str().into(),
            status(self.status),
            print::minutes(&self.created).into(),
            self.metrics.to_string().into(),
        ]
    }
}

impl TableLine {
    fn of(url: &Url, project: &str) -> tlc_core::Result<Self> {
        let table = Table::from_url(url)?;
        Ok(Self {
            project: project.to_owned(),
            dataset: table.dataset(),
            table: table.name().to_owned(),
            rows: table.len(),
            created: table.created().to_owned(),
            description: table.description().to_owned(),
            url: url.to_string(),
        })
    }
}

pub(crate) const RUN_HEADINGS: [&str; 5] = [
    "PROJECT",
    "RUN",
    "STATUS",
    "CREATED (UTC)",
    "METRICS TABLES",
];

impl Told for Projects {
    fn print(&self) -> Result<(), Failure> {
        if self.lines.is_empty() {
            return none("project", &self.root);
        }
        let rows = self.lines.iter().map(|line| {
            let counts = [line.runs, line.tables].map(|count| count.to_string().into());
            [vec![line.project.as_str().into()], counts.into()].concat()
        });
        print::Table::new(["PROJECT", "RUNS", "TABLES"])
            .rows(rows)
            .print()
    }
}

impl Told for Runs {
    fn print(&self) -> Result<(), Failure> {
        if self.lines.is_empty() {
            return none("run", &self.root);
        }
        print::Table::new(RUN_HEADINGS)
            .rows(self.lines.iter().map(RunLine::cells))
            .print()
    }
}

impl Told for Tables {
    fn print(&self) -> Result<(), Failure> {
        if self.lines.is_empty() {
            return none("table", &self.root);
        }
        let headings = [
            "PROJECT",
            "DATA SET",
            "TABLE",
            "ROWS",
            "CREATED (UTC)",
            "DESCRIPTION",
        ];
        let rows = self.lines.iter().map(|line| {
            vec![
                line.project.as_str().into(),
                line.dataset.as_str().into(),
                line.table.as_str().into(),
                line.rows.to_string().into(),
                print::minutes(&line.created).into(),
                line.description.as_str().into(),
            ]
        });
        print::Table::new(headings).rows(rows).print()
    }
}

impl Arguments {
    fn projects(&self, root: &Url) -> Result<Vec<String>, Failure> {
        match &self.project {
            None => Ok(tlc_core::projects(root)?),
            Some(project) => Ok(vec![name::project(project, root)?]),
        }
    }
}

/// The status in the colour of what it means.
pub(crate) fn status(status: Status) -> Cell {
    let tone = match status {
        Status::Completed => Tone::Good,
        Status::Failed | Status::Interrupted => Tone::Bad,
        _ => Tone::Plain,
    };
    Cell::toned(status.to_string(), tone)
}

fn none(what: &str, root: &Url) -> Result<(), Failure> {
    print::line(&format!(
        "No {what} yet under {root}: a training makes one."
    ))
}

pub(crate) fn newest_first<L>(lines: &mut [L], created: impl Fn(&L) -> &String) {
    lines.sort_by(|one, other| created(other).cmp(created(one)));
}

/// What is at the URLs, read side by side. What cannot be opened is told, and does not keep
/// the others from being listed.
fn opened<T: Send>(
    urls: &[Url],
    open: impl Fn(&Url) -> tlc_core::Result<T> + Sync,
) -> Result<Vec<T>, Failure> {
    let opened = urls.par_iter().map(|url| (url, open(url)));
    let mut found = Vec::new();
    for (url, opened) in opened.collect::<Vec<_>>() {
        match opened {
            Ok(line) => found.push(line),
            Err(error) => eprintln!("{}", print::plain(&format!("{url}: {error}"))),
        }
    }
    Ok(found)
}
