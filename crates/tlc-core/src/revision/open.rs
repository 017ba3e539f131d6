//! Opening tables by their names, and by `@latest`.

use crate::{Error, Result, Table, Url, layout};

impl Table {
    /// Opens the table at a URL. With `@latest` after the name it is the
    /// [`latest`](Self::latest) revision of that table.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is none, [`Error::Corrupt`] if its commit is
    /// damaged, [`Error::UnsupportedVersion`] if a newer program wrote it.
    pub fn from_url<U>(url: U) -> Result<Self>
    where
        U: TryInto<Url>,
        Error: From<U::Error>,
    {
        let url: Url = url.try_into()?;
        let named = url
            .name()
            .strip_suffix(layout::LATEST)
            .filter(|name| !name.is_empty());
        match (named, url.parent()) {
            (Some(name), Some(folder)) => Self::at(folder.join(name)?)?.latest(),
            _ => Self::at(url),
        }
    }

    /// Opens a table of the default project root by its names, the last of which may have
    /// `@latest` after it.
    ///
    /// # Errors
    /// As [`from_url`](Self::from_url).
    pub fn from_names(project: &str, dataset: &str, table: &str) -> Result<Self> {
        let root = layout::project_root(None)?;
        let project = layout::project_url(&root, project)?;
        Self::from_url(layout::table_in(&project, dataset, table)?)
    }
}
