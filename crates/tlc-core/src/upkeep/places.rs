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

/// The tables and runs that were found, and links to such that were not followed.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) places: Vec<Place>,
    pub(super) links: Vec<Url>,
}

/// Whether what a link leads to is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Links {
    Followed,
    Told,
}

/// The table or run at a URL, or all of the project or root that it is.
///
/// # Errors
/// [`Error::NotFound`] if there is none; storage errors.
pub(super) fn below(url: &Url, links: Links) -> Result<Found> {
    let store = storage::open(url)?;
    let mut found = Found::default();
    if let Some(place) = Place::of(url)
        && !store.list(&url.join("commits")?)?.is_empty()
    {
        match links == Links::Told && is_link(&*store, url)? {
            true => found.links.push(url.clone()),
            false => found.places.push(place),
        }
        return Ok(found);
    }
    found.project(&*store, url, links)?;
    for project in found.folders(&*store, url, links)? {
        found.project(&*store, &project, links)?;
    }
    match found.places.is_empty() && found.links.is_empty() {
        true => Err(Error::NotFound { url: url.clone() }),
        false => Ok(found),
    }
}

/// Whether a folder is a link to one that may be anywhere.
pub(super) fn is_link(store: &dyn Store, folder: &Url) -> Result<bool> {
    let Some(parent) = folder.parent() else {
        return Ok(false);
    };
    let entries = store.list(&parent)?;
    let found = entries.iter().find(|entry| entry.name == folder.name());
    Ok(found.is_some_and(|entry| entry.is_link))
}

/// The runs of a project, those that are linked included.
pub(super) fn runs(store: &dyn Store, project: &Url) -> Result<Vec<Url>> {
    Found::default().folders(store, &project.join("runs")?, Links::Followed)
}

impl Found {
    /// Adds the tables and runs of one project.
    fn project(&mut self, store: &dyn Store, project: &Url, links: Links) -> Result<()> {
        for dataset in self.folders(store, &project.join("datasets")?, links)? {
            let tables = self.folders(store, &dataset.join("tables")?, links)?;
            self.places.extend(tables.into_iter().map(Place::Table));
        }
        let runs = self.folders(store, &project.join("runs")?, links)?;
        self.places.extend(runs.into_iter().map(Place::Run));
        Ok(())
    }

    /// The folders in a folder that may be joined to it.
    fn folders(&mut self, store: &dyn Store, folder: &Url, links: Links) -> Result<Vec<Url>> {
        let mut folders = Vec::new();
        for entry in store
            .list(folder)?
            .into_iter()
            .filter(|entry| entry.is_folder)
        {
            let Ok(url) = folder.join(&entry.name) else {
                continue;
            };
            match entry.is_link && links == Links::Told {
                true => self.links.push(url),
                false => folders.push(url),
            }
        }
        Ok(folders)
    }
}
