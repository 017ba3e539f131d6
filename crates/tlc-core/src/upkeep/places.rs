//! The tables and runs at or below a URL.

use crate::storage::{self, Store};
use crate::{Error, Result, Url};

/// A folder of commits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Table(Url),
    Run(Url),
}

impl Place {
    pub(super) fn url(&self) -> &Url {
        match self {
            Self::Table(url) | Self::Run(url) => url,
        }
    }

    /// What a URL is by where it stands: `…/tables/<name>` or `…/runs/<name>`.
    pub(super) fn of(url: &Url) -> Option<Self> {
        match url.parent()?.name() {
            "tables" => Some(Self::Table(url.clone())),
            "runs" => Some(Self::Run(url.clone())),
            _ => None,
        }
    }
}

/// The table or run at a URL, or all of the project or root that it is.
///
/// # Errors
/// [`Error::NotFound`] if there is none; storage errors.
pub(super) fn below(url: &Url) -> Result<Vec<Place>> {
    let store = storage::open(url)?;
    if let Some(place) = Place::of(url)
        && !store.list(&url.join("commits")?)?.is_empty()
    {
        return Ok(vec![place]);
    }
    let mut places = in_project(&*store, url)?;
    for project in folders(&*store, url)? {
        places.extend(in_project(&*store, &url.join(&project)?)?);
    }
    match places.is_empty() {
        true => Err(Error::NotFound { url: url.clone() }),
        false => Ok(places),
    }
}

/// The tables and runs of one project.
pub(super) fn in_project(store: &dyn Store, project: &Url) -> Result<Vec<Place>> {
    let mut places = Vec::new();
    let datasets = project.join("datasets")?;
    for dataset in folders(store, &datasets)? {
        let tables = datasets.join(&dataset)?.join("tables")?;
        for table in folders(store, &tables)? {
            places.push(Place::Table(tables.join(&table)?));
        }
    }
    let runs = project.join("runs")?;
    for run in folders(store, &runs)? {
        places.push(Place::Run(runs.join(&run)?));
    }
    Ok(places)
}

/// Names of the folders in a folder, no links among them, that may be joined to it.
pub(super) fn folders(store: &dyn Store, folder: &Url) -> Result<Vec<String>> {
    let entries = store.list(folder)?.into_iter();
    let own = entries.filter(|entry| entry.is_folder && !entry.is_link);
    Ok(own
        .map(|entry| entry.name)
        .filter(|name| folder.join(name).is_ok())
        .collect())
}
