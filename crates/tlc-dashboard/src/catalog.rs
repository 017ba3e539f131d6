//! Opaque ids of what is under the project root: the page sends these, and never a path or a
//! URL. An id is looked up among what a listing has found; it is not taken apart.

use crate::refusal::{Answer, Refusal};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tlc_core::{Run, Table, Url, projects, runs, tables};
use twox_hash::XxHash3_128;

/// What stands under a root.
#[derive(Debug)]
pub(crate) struct Catalog {
    root: Url,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    projects: HashMap<String, String>,
    runs: HashMap<String, Url>,
    tables: HashMap<String, Url>,
    open_runs: HashMap<String, Run>,
    open_tables: HashMap<String, Table>,
}

/// The id of a place: 16 letters and digits, the same after a restart.
pub(crate) fn id_of(url: &Url) -> String {
    id_of_bytes(url.to_string().as_bytes())
}

/// The id of what is made of other things.
pub(crate) fn id_of_bytes(bytes: &[u8]) -> String {
    format!("{:016x}", XxHash3_128::oneshot(bytes) >> 64)
}

impl Catalog {
    pub(crate) fn new(root: Url) -> Self {
        let known = Mutex::default();
        Self { root, known }
    }

    pub(crate) fn root(&self) -> &Url {
        &self.root
    }

    /// Ids and names of the projects.
    pub(crate) fn projects(&self) -> Answer<Vec<(String, String)>> {
        let named = projects(&self.root)?.into_iter().map(|name| {
            let url = self.root.join(&name)?;
            Ok((id_of(&url), name))
        });
        let named = named.collect::<Answer<Vec<_>>>()?;
        self.known().projects.extend(named.iter().cloned());
        Ok(named)
    }

    pub(crate) fn project_name(&self, id: &str) -> Answer<String> {
        if let Some(name) = self.known().projects.get(id) {
            return Ok(name.clone());
        }
        let mut all = self.projects()?.into_iter();
        let found = all.find(|(known, _)| known == id);
        found
            .map(|(_, name)| name)
            .ok_or_else(|| Refusal::not_found("project"))
    }

    /// The id of the project of a name.
    pub(crate) fn project_id(&self, name: &str) -> Answer<String> {
        Ok(id_of(&self.root.join(name)?))
    }

    /// The id of the project that something is in.
    pub(crate) fn project_of(&self, url: &Url) -> Answer<String> {
        let mut above = Some(url.clone());
        while let Some(folder) = above {
            let parent = folder.parent();
            if parent.as_ref() == Some(&self.root) {
                return Ok(id_of(&folder));
            }
            above = parent;
        }
        Ok(String::new())
    }

    /// The runs of a project by their ids. Those that cannot be opened are left out.
    pub(crate) fn runs(&self, project: &str) -> Answer<Vec<Url>> {
        let urls = runs(&self.root, project)?;
        let named = urls.iter().map(|url| (id_of(url), url.clone()));
        self.known().runs.extend(named);
        Ok(urls)
    }

    pub(crate) fn tables(&self, project: &str) -> Answer<Vec<Url>> {
        let urls = tables(&self.root, project)?;
        let named = urls.iter().map(|url| (id_of(url), url.clone()));
        self.known().tables.extend(named);
        Ok(urls)
    }

    /// A run as its writers have it now.
    pub(crate) fn run(&self, id: &str) -> Answer<Run> {
        let open = self.known().open_runs.get(id).cloned();
        if let Some(run) = open
            && run.refresh().is_ok()
        {
            return Ok(run);
        }
        let run = Run::from_url(&self.url("run", id, |known| &known.runs)?)?;
        self.known().open_runs.insert(id.to_owned(), run.clone());
        Ok(run)
    }

    pub(crate) fn table(&self, id: &str) -> Answer<Table> {
        let url = self.url("table", id, |known| &known.tables)?;
        let open = self.known().open_tables.get(id).cloned();
        let now = Table::from_url(&url)?;
        // An open table keeps what it has decoded.
        if let Some(table) = open.filter(|table| table.id() == now.id()) {
            return Ok(table);
        }
        self.known().open_tables.insert(id.to_owned(), now.clone());
        Ok(now)
    }

    fn url(
        &self,
        what: &'static str,
        id: &str,
        of: impl Fn(&Known) -> &HashMap<String, Url>,
    ) -> Answer<Url> {
        if let Some(url) = of(&self.known()).get(id) {
            return Ok(url.clone());
        }
        for (_, project) in self.projects()? {
            self.runs(&project)?;
            self.tables(&project)?;
        }
        let known = self.known();
        let url = of(&known).get(id).cloned();
        url.ok_or_else(|| Refusal::not_found(what))
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
