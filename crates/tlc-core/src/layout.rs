//! Where projects, tables and runs live under a project root.
//!
//! ```text
//! <root>/<project>/datasets/<dataset>/tables/<table>/
//! <root>/<project>/runs/<run>/
//! <root>/<project>/edits/<table id>/
//! <root>/<project>/aliases/
//! ```

use crate::storage::{self, Store};
use crate::url::check_name;
use crate::{Error, Result, Url, limits};
use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

/// The project of runs and tables that name none.
pub const DEFAULT_PROJECT: &str = "default";
/// The name of the first table of a data set, where none is given.
pub const DEFAULT_TABLE: &str = "initial";
/// Environment variable that names the project root.
pub const ROOT_VARIABLE: &str = "TLC_PROJECT_ROOT";

/// The project root: the argument, else `TLC_PROJECT_ROOT`, else a folder of the
/// platform's data folder.
///
/// # Errors
/// [`Error::InvalidUrl`] for a root that is no URL; [`Error::NoHome`] when the platform
/// has no data folder and neither the argument nor the variable names a root.
pub fn project_root(given: Option<&Url>) -> Result<Url> {
    if let Some(root) = given {
        return Ok(root.clone());
    }
    if let Some(root) = std::env::var_os(ROOT_VARIABLE).filter(|root| !root.is_empty()) {
        return match root.to_str() {
            Some(text) => Url::parse(text),
            None => Url::from_path(root.as_ref()),
        };
    }
    let folders = directories::ProjectDirs::from("", "", "tlc").ok_or(Error::NoHome {
        variable: ROOT_VARIABLE,
    })?;
    Url::from_path(&folders.data_dir().join("projects"))
}

/// The project of the active run.
static ACTIVE_PROJECT: Mutex<Option<Url>> = Mutex::new(None);

pub(crate) fn set_active_project(project: Option<Url>) {
    let mut active = ACTIVE_PROJECT
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    *active = project;
}

/// The project of what names none: that of the active run, else the default one. Under
/// another root it is the one of the same name.
pub(crate) fn unnamed_project(root: Option<&Url>) -> Result<Url> {
    let active = ACTIVE_PROJECT
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    match (&*active, root) {
        (Some(project), None) => Ok(project.clone()),
        (Some(project), Some(root)) => project_url(root, project.name()),
        (None, root) => project_url(&project_root(root)?, DEFAULT_PROJECT),
    }
}

/// Names of the projects under a root, sorted.
///
/// # Errors
/// Whatever the store says; a missing root holds no projects.
pub fn projects(root: &Url) -> Result<Vec<String>> {
    folders(root)
}

/// URLs of the runs of a project, sorted by name.
///
/// # Errors
/// Whatever the store says; a missing project has no runs.
pub fn runs(root: &Url, project: &str) -> Result<Vec<Url>> {
    let parent = runs_url(root, project)?;
    folders(&parent)?
        .iter()
        .map(|run| parent.join(run))
        .collect()
}

/// URLs of the tables of a project, sorted by data set and name.
///
/// # Errors
/// Whatever the store says; a missing project has no tables.
pub fn tables(root: &Url, project: &str) -> Result<Vec<Url>> {
    let datasets = project_url(root, project)?.join("datasets")?;
    let mut urls = Vec::new();
    for dataset in folders(&datasets)? {
        let parent = datasets.join(&dataset)?.join("tables")?;
        for table in folders(&parent)? {
            urls.push(parent.join(&table)?);
        }
    }
    Ok(urls)
}

pub(crate) fn project_url(root: &Url, project: &str) -> Result<Url> {
    check_name("project", project)?;
    root.join(project)
}

pub(crate) fn runs_url(root: &Url, project: &str) -> Result<Url> {
    project_url(root, project)?.join("runs")
}

/// The run of this name in a project's folder.
pub(crate) fn run_in(project: &Url, run: &str) -> Result<Url> {
    check_name("run", run)?;
    project.join("runs")?.join(run)
}

/// The table of this name in a project's folder.
pub(crate) fn table_in(project: &Url, dataset: &str, table: &str) -> Result<Url> {
    check_name("dataset", dataset)?;
    check_name("table", table)?;
    project
        .join("datasets")?
        .join(dataset)?
        .join("tables")?
        .join(table)
}

/// What follows the name of a table whose latest revision is meant.
pub(crate) const LATEST: &str = "@latest";

/// Refuses a name for a new table that means the latest revision of another.
pub(crate) fn check_new_table(table: &str) -> Result<()> {
    check_name("table", table)?;
    match table.ends_with(LATEST) {
        false => Ok(()),
        true => Err(Error::InvalidUrl {
            url: table.to_owned(),
            reason: format!("bad table name: `{LATEST}` at its end means the latest revision"),
        }),
    }
}

/// The folder of the project that a run lives in.
pub(crate) fn project_of_run(run: &Url) -> Option<Url> {
    run.parent()?.parent()
}

/// The folder of the project that a table lives in, if it lives where [`table`] says.
pub(crate) fn project_of_table(table: &Url) -> Option<Url> {
    let tables = table.parent()?;
    let datasets = tables.parent()?.parent()?;
    let project = datasets.parent()?;
    (tables.name() == "tables" && datasets.name() == "datasets").then_some(project)
}

/// The folder of edits that people have made of a content of a table, by its id, and not
/// committed yet: beside the data sets and runs of its project.
///
/// # Errors
/// [`Error::InvalidUrl`] for a table that is in no project.
pub fn edits_folder(table: &Url, id: &str) -> Result<Url> {
    let project = project_of_table(table).ok_or_else(|| Error::InvalidUrl {
        url: table.to_string(),
        reason: "in no project, whose folder has place for edits".to_owned(),
    })?;
    check_name("table id", id)?;
    project.join("edits")?.join(id)
}

/// `name`, or the first of `name_0000`, `name_0001`, ... that stands not in a folder yet.
/// One listing, however many there are.
pub(crate) fn free_name(store: &dyn Store, folder: &Url, name: &str) -> Result<String> {
    let entries = store.list(folder)?;
    let taken: HashSet<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
    if !taken.contains(name) {
        return Ok(name.to_owned());
    }
    let numbered = (0..=taken.len()).map(|number| numbered_name(name, number as u64));
    let free = numbered
        .into_iter()
        .find(|name| !taken.contains(name.as_str()));
    Ok(free.unwrap_or_else(|| name.to_owned()))
}

/// `name_0001`; a long name gives way to its number.
pub(crate) fn numbered_name(name: &str, number: u64) -> String {
    let number = format!("_{number:04}");
    let most = usize::try_from(limits::NAME_BYTES).unwrap_or(0) - number.len();
    let stem = name.get(..name.floor_char_boundary(most)).unwrap_or(name);
    format!("{stem}{number}")
}

fn folders(parent: &Url) -> Result<Vec<String>> {
    let store = storage::open(parent)?;
    let entries = Store::list(&*store, parent)?;
    Ok(entries
        .into_iter()
        .filter(|e| e.is_folder)
        .map(|e| e.name)
        .collect())
}
