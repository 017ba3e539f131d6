//! Files that cells of tables name, such as images by URL, read from allowed folders alone.

use crate::layout::{project_of_run, project_of_table};
use crate::storage;
use crate::{Error, Result, Run, Scheme, Table, Url};
use bytes::Bytes;

/// Bytes of a file that a cell names.
const MOST_BYTES: u64 = 256 << 20;

/// The folders whose files the cells of a table may name. Whoever wrote the table chose the
/// names: what leads out of these folders, by `..` or by a link, is refused.
///
/// ```
/// use tlc_core::{Columns, Media, Table, TableOptions, Url};
///
/// let root = Url::parse("memory://docs-media/")?;
/// let table = Table::create(TableOptions::new("demo", "train", "initial").root(root), |writer| {
///     writer.add_batch(Columns::new().column("label", vec![0]))
/// })?;
/// let media = Media::of(&table).allow(Url::parse("memory://images/")?);
/// let image = media.url("memory://images/0001.png")?;
/// assert_eq!(image.name(), "0001.png");
/// assert_eq!(media.url("images/0002.png")?.path(), "/demo/images/0002.png");
/// assert!(media.url("../../secret.png").is_err() && media.url("memory://others/x.png").is_err());
/// # Ok::<(), tlc_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Media {
    /// What relative names are relative to.
    project: Option<Url>,
    allowed: Vec<Url>,
}

impl Media {
    /// Of a table: the folder of its project is allowed, to which relative names are relative.
    #[must_use]
    pub fn of(table: &Table) -> Self {
        Self::in_project(project_of_table(table.url()))
    }

    /// Of the metrics of a run, likewise.
    #[must_use]
    pub fn of_run(run: &Run) -> Self {
        Self::in_project(project_of_run(run.url()))
    }

    /// The same, and all that is in a folder.
    #[must_use]
    pub fn allow(mut self, folder: impl Into<Url>) -> Self {
        self.allowed.push(folder.into());
        self
    }

    /// What a cell names: an absolute URL or path, or one relative to the project's folder.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] for what is in none of the folders, as far as names tell;
    /// [`Error::InvalidUrl`].
    pub fn url(&self, name: &str) -> Result<Url> {
        let is_absolute = name.contains("://") || name.starts_with('/');
        let url = match (&self.project, is_absolute || is_of_a_drive(name)) {
            (Some(project), false) => project
                .resolve(name, project)
                .map_err(|_| self.refused(name))?,
            _ => Url::parse(name)?,
        };
        match self.allowed.iter().any(|folder| url.is_within(folder)) {
            true => Ok(url),
            false => Err(self.refused(name)),
        }
    }

    /// The bytes of what a cell names, at most 256 MiB.
    ///
    /// # Errors
    /// As [`url`](Self::url), also where a link leads out of the folders;
    /// [`Error::NotFound`], [`Error::NotAFile`], [`Error::TooLarge`]; storage errors.
    pub fn read(&self, name: &str) -> Result<Bytes> {
        let url = self.url(name)?;
        let url = match url.scheme() {
            Scheme::File => self.followed(&url, name)?,
            _ => url,
        };
        storage::open(&url)?.get(&url, MOST_BYTES)
    }

    fn in_project(project: Option<Url>) -> Self {
        Self {
            allowed: project.iter().cloned().collect(),
            project,
        }
    }

    /// Where the links of a path end.
    fn followed(&self, url: &Url, name: &str) -> Result<Url> {
        let real = |url: &Url| -> Result<Url> {
            let path = url.to_path().unwrap_or_default();
            let real = path.canonicalize().map_err(|source| match source.kind() {
                std::io::ErrorKind::NotFound => Error::NotFound { url: url.clone() },
                _ => Error::Io {
                    url: url.clone(),
                    source,
                },
            })?;
            Url::from_path(&real)
        };
        let end = real(url)?;
        let mut folders = self.allowed.iter().filter_map(|folder| real(folder).ok());
        match folders.any(|folder| end.is_within(&folder)) {
            true => Ok(end),
            false => Err(self.refused(name)),
        }
    }

    fn refused(&self, name: &str) -> Error {
        Error::NotAllowed {
            name: name.to_owned(),
            allowed: self.allowed.clone(),
        }
    }
}

/// `C:\images` and the like.
fn is_of_a_drive(name: &str) -> bool {
    cfg!(windows) && name.as_bytes().get(1) == Some(&b':')
}
