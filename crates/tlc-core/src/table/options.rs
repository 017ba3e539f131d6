//! Where a new table goes, and what happens if its name is taken.

use crate::{Column, Result, Schema, Url, layout};

/// What to do when the name of a new table or run is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IfExists {
    /// Open what is there: a run to go on with, a table if the rows are the same, else
    /// [`Error::DataChanged`](crate::Error::DataChanged).
    Reuse,
    /// Refuse with [`Error::AlreadyExists`](crate::Error::AlreadyExists).
    Raise,
    /// Take the first free of `name_0000`, `name_0001`, ...
    #[default]
    Rename,
    /// Make the new content visible under the name in one step. What was there
    /// stays on disk for those who hold it open.
    Overwrite,
}

/// Names, place and description of a new table.
///
/// `"train"` is the first table of the data set of this name, `("train", "cleaned")` a table
/// of it, both in the project of the active run, or else the default one;
/// `("fashion-mnist", "train", "cleaned")` names the project, too.
///
/// ```
/// use tlc_core::{Column, IfExists, TableOptions, ValueType};
///
/// let options = TableOptions::new("fashion-mnist", "train", "initial")
///     .description("first 5,000 training images")
///     .column(Column::new("image", ValueType::image_bytes()))
///     .if_exists(IfExists::Reuse);
/// # let _ = options;
/// ```
#[derive(Clone, Debug)]
pub struct TableOptions {
    /// Else that of the active run.
    project: Option<String>,
    dataset: String,
    table: String,
    root: Option<Url>,
    pub(super) description: String,
    pub(super) columns: Vec<Column>,
    if_exists: Option<IfExists>,
}

impl TableOptions {
    /// A table of this name in this data set of this project.
    pub fn new(
        project: impl Into<String>,
        dataset: impl Into<String>,
        table: impl Into<String>,
    ) -> Self {
        Self::named(Some(project.into()), dataset.into(), table.into())
    }

    fn named(project: Option<String>, dataset: String, table: String) -> Self {
        Self {
            project,
            dataset,
            table,
            root: None,
            description: String::new(),
            columns: Vec::new(),
            if_exists: None,
        }
    }

    /// Sets the project root; see [`project_root`](crate::project_root) for the default.
    #[must_use]
    pub fn root(mut self, root: impl Into<Url>) -> Self {
        self.root = Some(root.into());
        self
    }

    /// Sets what this revision is, as a commit message would say it.
    #[must_use]
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.description = text.into();
        self
    }

    /// Says what a column means, where the data alone do not.
    #[must_use]
    pub fn column(mut self, column: Column) -> Self {
        self.columns.push(column);
        self
    }

    /// Says what several columns mean.
    #[must_use]
    pub fn columns(mut self, columns: impl IntoIterator<Item = Column>) -> Self {
        self.columns.extend(columns);
        self
    }

    /// Sets what to do when the name is taken; the default is to rename.
    #[must_use]
    pub fn if_exists(mut self, if_exists: IfExists) -> Self {
        self.if_exists = Some(if_exists);
        self
    }

    /// Sets the same, unless it is set already.
    #[must_use]
    pub fn or_if_exists(mut self, if_exists: IfExists) -> Self {
        self.if_exists.get_or_insert(if_exists);
        self
    }

    pub(super) fn settled_if_exists(&self) -> IfExists {
        self.if_exists.unwrap_or(IfExists::Rename)
    }

    /// The URL of the table under its own name.
    pub(crate) fn url(&self) -> Result<Url> {
        let root = self.root.as_ref();
        let project = match &self.project {
            Some(project) => layout::project_url(&layout::project_root(root)?, project)?,
            None => layout::unnamed_project(root)?,
        };
        layout::check_new_table(&self.table)?;
        layout::table_in(&project, &self.dataset, &self.table)
    }

    pub(super) fn check_overrides(&self, schema: &Schema) -> Result<()> {
        self.columns
            .iter()
            .try_for_each(|column| schema.require(&column.name).map(drop))
    }
}

impl From<&str> for TableOptions {
    fn from(dataset: &str) -> Self {
        Self::from((dataset, layout::DEFAULT_TABLE))
    }
}

impl From<(&str, &str)> for TableOptions {
    fn from((dataset, table): (&str, &str)) -> Self {
        Self::named(None, dataset.to_owned(), table.to_owned())
    }
}

impl From<(&str, &str, &str)> for TableOptions {
    fn from((project, dataset, table): (&str, &str, &str)) -> Self {
        Self::new(project, dataset, table)
    }
}
