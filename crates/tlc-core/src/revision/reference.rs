//! A table that is asked for: at hand, by its URL or by its names.

use crate::url::check_name;
use crate::{Result, Table, Url, layout};

/// A table, or where it is: a `&Table`; a [`Url`]; a text with the URL, the path or the name
/// of a data set, whose first table is meant; `(data set, table)`; `(project, data set,
/// table)`. With `@latest` behind it a name or URL means the [`latest`](Table::latest)
/// revision. What is not at hand is opened when it is needed.
///
/// ```
/// use tlc_core::{Columns, Table, TableOptions, TableRef, Url};
///
/// let root = Url::parse("memory://docs-table-ref/")?;
/// let table = Table::create(TableOptions::new("demo", "train", "initial").root(root), |writer| {
///     writer.add_batch(Columns::new().column("label", vec![1, 0]))
/// })?;
/// let text = table.url().to_string();
/// assert_eq!(TableRef::from(text.as_str()).open()?.id(), table.id());
/// # Ok::<(), tlc_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct TableRef {
    given: Given,
}

#[derive(Clone, Debug)]
enum Given {
    Table(Box<Table>),
    Url(Url),
    Text(String),
    Names {
        project: Option<String>,
        dataset: String,
        table: String,
    },
}

impl TableRef {
    /// Opens the table; names without a project are those of the project of the active
    /// run, or else of the default one.
    ///
    /// # Errors
    /// As [`Table::from_url`].
    pub fn open(&self) -> Result<Table> {
        self.open_in(|| layout::unnamed_project(None))
    }

    /// Opens the table; names without a project are those of this one.
    pub(crate) fn open_in(&self, project: impl FnOnce() -> Result<Url>) -> Result<Table> {
        match &self.given {
            Given::Table(table) => Ok(Table::clone(table)),
            Given::Url(url) => Table::from_url(url),
            Given::Text(text) if check_name("dataset", text).is_ok() => {
                let (dataset, table) = match text.strip_suffix(layout::LATEST) {
                    Some(dataset) => (
                        dataset,
                        format!("{}{}", layout::DEFAULT_TABLE, layout::LATEST),
                    ),
                    None => (text.as_str(), layout::DEFAULT_TABLE.to_owned()),
                };
                Table::from_url(layout::table_in(&project()?, dataset, &table)?)
            }
            Given::Text(text) => Table::from_url(text.as_str()),
            Given::Names {
                project: Some(project),
                dataset,
                table,
            } => Table::from_names(project, dataset, table),
            Given::Names { dataset, table, .. } => {
                Table::from_url(layout::table_in(&project()?, dataset, table)?)
            }
        }
    }
}

impl From<Given> for TableRef {
    fn from(given: Given) -> Self {
        Self { given }
    }
}

impl From<&Table> for TableRef {
    fn from(table: &Table) -> Self {
        Given::Table(Box::new(table.clone())).into()
    }
}

impl From<&&Table> for TableRef {
    fn from(table: &&Table) -> Self {
        Self::from(*table)
    }
}

impl From<Url> for TableRef {
    fn from(url: Url) -> Self {
        Given::Url(url).into()
    }
}

impl From<&Url> for TableRef {
    fn from(url: &Url) -> Self {
        Self::from(url.clone())
    }
}

impl From<String> for TableRef {
    fn from(text: String) -> Self {
        Given::Text(text).into()
    }
}

impl From<&str> for TableRef {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl From<(&str, &str)> for TableRef {
    fn from((dataset, table): (&str, &str)) -> Self {
        let (dataset, table) = (dataset.to_owned(), table.to_owned());
        let project = None;
        Self::from(Given::Names {
            project,
            dataset,
            table,
        })
    }
}

impl From<(&str, &str, &str)> for TableRef {
    fn from((project, dataset, table): (&str, &str, &str)) -> Self {
        let (dataset, table) = (dataset.to_owned(), table.to_owned());
        let project = Some(project.to_owned());
        Self::from(Given::Names {
            project,
            dataset,
            table,
        })
    }
}
