//! `tlc projects`, `tlc runs` and `tlc tables`.

use crate::{Failure, Place, print};
use clap::Args;
use serde::Serialize;
use tlc_core::{DEFAULT_PROJECT, Run, Table, Url};

#[derive(Args)]
pub(crate) struct Arguments {
    /// Name of the project; without it, of all
    project: Option<String>,
    #[command(flatten)]
    place: Place,
}

#[derive(Serialize)]
struct ProjectLine {
    project: String,
    runs: usize,
    tables: usize,
}

pub(crate) fn projects(place: &Place) -> Result<(), Failure> {
    let root = place.root()?;
    let mut lines = Vec::new();
    for project in tlc_core::projects(&root)? {
        lines.push(ProjectLine {
            runs: tlc_core::runs(&root, &project)?.len(),
            tables: tlc_core::tables(&root, &project)?.len(),
            project,
        });
    }
    if place.json {
        return print::json(&lines);
    }
    if lines.is_empty() {
        return print::line(&format!(
            "No project yet under {root}: a training makes one."
        ));
    }
    let rows = lines.iter().map(|line| {
        vec![
            line.project.clone(),
            line.runs.to_string(),
            line.tables.to_string(),
        ]
    });
    print::table(&["PROJECT", "RUNS", "TABLES"], &rows.collect::<Vec<_>>())
}

#[derive(Serialize)]
struct RunLine {
    project: String,
    run: String,
    status: String,
    created: String,
    metrics: usize,
    url: String,
}

pub(crate) fn runs(arguments: &Arguments) -> Result<(), Failure> {
    let root = arguments.place.root()?;
    let mut lines = Vec::new();
    for project in arguments.projects(&root)? {
        for url in tlc_core::runs(&root, &project)? {
            let Some(run) = opened(&url, Run::from_url::<Url>(url.clone())) else {
                continue;
            };
            lines.push(RunLine {
                project: project.clone(),
                run: run.name().to_owned(),
                status: run.status()?.to_string(),
                created: run.created(),
                metrics: run.metrics()?.len(),
                url: url.to_string(),
            });
        }
    }
    lines.sort_by(|one, other| other.created.cmp(&one.created));
    if arguments.place.json {
        return print::json(&lines);
    }
    if lines.is_empty() {
        return print::line(&format!("No run yet under {root}: a training makes one."));
    }
    let rows = lines.iter().map(|line| {
        vec![
            line.project.clone(),
            line.run.clone(),
            line.status.clone(),
            minutes(&line.created),
            line.metrics.to_string(),
        ]
    });
    let headings = [
        "PROJECT",
        "RUN",
        "STATUS",
        "CREATED (UTC)",
        "METRICS TABLES",
    ];
    print::table(&headings, &rows.collect::<Vec<_>>())
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

pub(crate) fn tables(arguments: &Arguments) -> Result<(), Failure> {
    let root = arguments.place.root()?;
    let mut lines = Vec::new();
    for project in arguments.projects(&root)? {
        for url in tlc_core::tables(&root, &project)? {
            let Some(table) = opened(&url, Table::from_url::<Url>(url.clone())) else {
                continue;
            };
            lines.push(TableLine {
                project: project.clone(),
                dataset: table.dataset(),
                table: table.name().to_owned(),
                rows: table.len(),
                created: table.created().to_owned(),
                description: table.description().to_owned(),
                url: url.to_string(),
            });
        }
    }
    lines.sort_by(|one, other| other.created.cmp(&one.created));
    if arguments.place.json {
        return print::json(&lines);
    }
    if lines.is_empty() {
        return print::line(&format!("No table yet under {root}: a training makes one."));
    }
    let rows = lines.iter().map(|line| {
        vec![
            line.project.clone(),
            line.dataset.clone(),
            line.table.clone(),
            line.rows.to_string(),
            minutes(&line.created),
            print::plain(&line.description),
        ]
    });
    let headings = [
        "PROJECT",
        "DATA SET",
        "TABLE",
        "ROWS",
        "CREATED (UTC)",
        "DESCRIPTION",
    ];
    print::table(&headings, &rows.collect::<Vec<_>>())
}

impl Arguments {
    fn projects(&self, root: &Url) -> Result<Vec<String>, Failure> {
        let all = tlc_core::projects(root)?;
        match &self.project {
            None => Ok(all),
            Some(project) if all.contains(project) => Ok(vec![project.clone()]),
            Some(project) => {
                let known = match all.as_slice() {
                    [] => format!("none yet; a run without a project is in `{DEFAULT_PROJECT}`"),
                    all => all.join(", "),
                };
                Err(format!("no project `{project}` under {root}: there is {known}").into())
            }
        }
    }
}

/// What cannot be opened is told, and does not keep the others from being listed.
fn opened<T>(url: &Url, opened: tlc_core::Result<T>) -> Option<T> {
    opened.inspect_err(|error| eprintln!("{url}: {error}")).ok()
}

/// A moment of RFC 3339 to the minute.
pub(crate) fn minutes(moment: &str) -> String {
    moment.get(..16).unwrap_or(moment).replace('T', " ")
}
