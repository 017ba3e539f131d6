//! Projects, their runs and tables, by name: looked up when a question names them.

use crate::name::{RUNS, TABLES};
use crate::{Error, Result, Rows};
use async_trait::async_trait;
use datafusion::catalog::{
    CatalogProvider, CatalogProviderList, MemoryCatalogProviderList, SchemaProvider, TableProvider,
};
use datafusion::error::DataFusionError;
use std::collections::BTreeSet;
use std::sync::Arc;
use tlc_core::{Run, Table, Url};

/// The projects under a root, and what programs register beside them.
#[derive(Debug)]
pub(crate) struct Projects {
    root: Url,
    others: MemoryCatalogProviderList,
}

impl Projects {
    pub(crate) fn new(root: Url) -> Self {
        Self {
            root,
            others: MemoryCatalogProviderList::new(),
        }
    }
}

impl CatalogProviderList for Projects {
    fn register_catalog(
        &self,
        name: String,
        catalog: Arc<dyn CatalogProvider>,
    ) -> Option<Arc<dyn CatalogProvider>> {
        self.others.register_catalog(name, catalog)
    }

    fn catalog_names(&self) -> Vec<String> {
        let projects = tlc_core::projects(&self.root).unwrap_or_default();
        [self.others.catalog_names(), projects].concat()
    }

    fn catalog(&self, name: &str) -> Option<Arc<dyn CatalogProvider>> {
        // Whether there is such a project is told when something of it is asked for.
        self.others.catalog(name).or_else(|| {
            Some(Arc::new(Project {
                root: self.root.clone(),
                name: name.to_owned(),
            }))
        })
    }
}

#[derive(Debug)]
struct Project {
    root: Url,
    name: String,
}

impl CatalogProvider for Project {
    fn schema_names(&self) -> Vec<String> {
        vec![RUNS.to_owned(), TABLES.to_owned()]
    }

    fn schema(&self, name: &str) -> Option<Arc<dyn SchemaProvider>> {
        let kind = match name {
            RUNS => Kind::Runs,
            TABLES => Kind::Tables,
            _ => return None,
        };
        Some(Arc::new(Folder {
            root: self.root.clone(),
            project: self.name.clone(),
            kind,
        }))
    }
}

/// The runs or the tables of a project.
#[derive(Clone, Debug)]
struct Folder {
    root: Url,
    project: String,
    kind: Kind,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Runs,
    Tables,
}

#[async_trait]
impl SchemaProvider for Folder {
    fn table_names(&self) -> Vec<String> {
        let names = match self.kind {
            Kind::Runs => self.streams(),
            Kind::Tables => self.tables(),
        };
        names.unwrap_or_default()
    }

    async fn table(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>, DataFusionError> {
        let Some((first, second)) = name.split_once('/') else {
            return Ok(None);
        };
        let (folder, first, second) = (self.clone(), first.to_owned(), second.to_owned());
        let opening = move || match folder.kind {
            Kind::Runs => folder.stream(&first, &second),
            Kind::Tables => folder.revision(&first, &second),
        };
        let opened = tokio::task::spawn_blocking(opening).await;
        let rows = opened.map_err(|error| DataFusionError::External(Box::new(error)))??;
        Ok(Some(Arc::new(rows)))
    }

    fn table_exist(&self, name: &str) -> bool {
        let Some((first, second)) = name.split_once('/') else {
            return false;
        };
        let found = match self.kind {
            Kind::Runs => self.stream(first, second),
            Kind::Tables => self.revision(first, second),
        };
        found.is_ok()
    }
}

impl Folder {
    fn stream(&self, run: &str, stream: &str) -> Result<Rows> {
        let runs = || tlc_core::runs(&self.root, &self.project);
        let url = self.root.join(&self.project)?.join(RUNS)?.join(run)?;
        let opened = match Run::from_url(url) {
            Err(tlc_core::Error::NotFound { .. }) => {
                let known = runs()?.iter().map(|url| url.name().to_owned()).collect();
                return Err(self.missing("run", run, known)?);
            }
            other => other?,
        };
        let mut tables = Vec::from(opened.metrics()?);
        let known: BTreeSet<String> = tables.iter().map(|it| it.stream().to_owned()).collect();
        tables.retain(|table| table.stream() == stream);
        if tables.is_empty() {
            return Err(Error::NoSuch {
                what: "stream",
                name: format!("{run}/{stream}"),
                known: known.into_iter().collect(),
            });
        }
        Rows::of_metrics(tables)
    }

    fn revision(&self, dataset: &str, name: &str) -> Result<Rows> {
        let folder = self.root.join(&self.project)?.join("datasets")?;
        let url = folder.join(dataset)?.join(TABLES)?.join(name)?;
        match Table::from_url(&url) {
            Err(tlc_core::Error::NotFound { .. }) => {
                let name = format!("{dataset}/{name}");
                Err(self.missing("table", &name, self.tables()?)?)
            }
            other => Ok(Rows::of_table(&other?)),
        }
    }

    /// What is missing: the whole project, or what was asked for in it.
    fn missing(&self, what: &'static str, name: &str, known: Vec<String>) -> Result<Error> {
        let projects = tlc_core::projects(&self.root)?;
        Ok(match projects.contains(&self.project) {
            true => Error::NoSuch {
                what,
                name: name.to_owned(),
                known,
            },
            false => Error::NoSuch {
                what: "project",
                name: self.project.clone(),
                known: projects,
            },
        })
    }

    fn streams(&self) -> Result<Vec<String>> {
        let mut names = BTreeSet::new();
        for url in tlc_core::runs(&self.root, &self.project)? {
            let run = Run::from_url(&url)?;
            let tables = run.metrics()?;
            names.extend(
                tables
                    .iter()
                    .map(|it| format!("{}/{}", run.name(), it.stream())),
            );
        }
        Ok(names.into_iter().collect())
    }

    fn tables(&self) -> Result<Vec<String>> {
        let urls = tlc_core::tables(&self.root, &self.project)?;
        let named = urls.iter().map(|url| {
            let dataset = url.parent().and_then(|tables| tables.parent());
            let dataset = dataset.map(|dataset| dataset.name().to_owned());
            format!("{}/{}", dataset.unwrap_or_default(), url.name())
        });
        Ok(named.collect())
    }
}
