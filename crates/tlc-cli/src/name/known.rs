//! The runs and tables that there are, by their folders: none is opened.

use std::collections::BTreeMap;
use tlc_core::{DEFAULT_TABLE, Result, Url, projects, runs, tables};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Run,
    Table,
}

/// A run or table under a name.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) kind: Kind,
    /// What its name consists of.
    pub(super) parts: Vec<String>,
    pub(super) url: Url,
}

impl Known {
    pub(super) fn name(&self) -> String {
        self.parts.join("/")
    }

    /// Its name that is that of nothing else: of a data set that of the table it stands for.
    pub(super) fn full_name(&self) -> String {
        match (self.kind, self.parts.as_slice()) {
            (Kind::Table, [project, dataset]) => format!("{project}/{dataset}/{}", self.url.name()),
            _ => self.name(),
        }
    }
}

/// What has this very name: a run before a table.
pub(super) fn exact(root: &Url, parts: &[&str]) -> Result<Vec<Known>> {
    let [project, ..] = parts else {
        return Ok(Vec::new());
    };
    // A text that is no name is none of a project.
    if parts.len() < 2 || !projects(root)?.iter().any(|known| known == project) {
        return Ok(Vec::new());
    }
    let mut all = of_project(root, project)?;
    all.retain(|known| known.parts == parts);
    Ok(all)
}

/// All runs, data sets and tables under a root.
pub(super) fn all_under(root: &Url) -> Result<Vec<Known>> {
    let mut all = Vec::new();
    for project in projects(root)? {
        all.extend(of_project(root, &project)?);
    }
    Ok(all)
}

fn of_project(root: &Url, project: &str) -> Result<Vec<Known>> {
    let known = |kind: Kind, names: &[&str], url: &Url| Known {
        kind,
        parts: [project]
            .iter()
            .chain(names)
            .map(|name| (*name).to_owned())
            .collect(),
        url: url.clone(),
    };
    let runs = runs(root, project)?;
    let mut all: Vec<Known> = runs
        .iter()
        .map(|url| known(Kind::Run, &[url.name()], url))
        .collect();
    let mut datasets: BTreeMap<String, Vec<Url>> = BTreeMap::new();
    for url in tables(root, project)? {
        let dataset = url.parent().and_then(|tables| tables.parent());
        let dataset = dataset.map_or_else(String::new, |dataset| dataset.name().to_owned());
        all.push(known(Kind::Table, &[&dataset, url.name()], &url));
        datasets.entry(dataset).or_default().push(url);
    }
    for (dataset, tables) in &datasets {
        let first = tables.iter().find(|table| table.name() == DEFAULT_TABLE);
        let only = || tables.first().filter(|_| tables.len() == 1);
        all.extend(
            first
                .or_else(only)
                .map(|url| known(Kind::Table, &[dataset], url)),
        );
    }
    Ok(all)
}
