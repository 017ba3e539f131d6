//! Files that cells of tables name, such as images by URL, read from allowed folders alone.

use crate::alias::{Aliases, alias_of, folder_of, in_environment};
use crate::layout::{project_of_run, project_of_table};
use crate::storage;
use crate::{Error, Result, Run, Scheme, Table, TableOptions, Url};
use bytes::Bytes;
use std::sync::{Arc, OnceLock};

/// Bytes of a file that a cell names.
const MOST_BYTES: u64 = 256 << 20;

/// The folders whose files the cells of a table may name. Whoever wrote the table chose the
/// names: what leads out of these folders, by `..`, by a link or by an [alias](Aliases), is
/// refused. Clones share what was read of the project's aliases.
///
/// ```
/// use tlc_core::{Aliases, Columns, Media, Table, TableOptions, Url};
///
/// let root = Url::parse("memory://docs-media/")?;
/// let table = Table::create(TableOptions::new("demo", "train", "initial").root(&root), |writer| {
///     writer.add_batch(Columns::new().column("label", vec![0]))
/// })?;
/// Aliases::of(&root, "demo")?.set("IMAGES", "memory://images/")?;
///
/// let media = Media::of(&table).allow(Url::parse("memory://images/")?);
/// let image = media.url("memory://images/0001.png")?;
/// assert_eq!(media.url("<IMAGES>/0001.png")?, image);
/// assert_eq!(media.name(&image)?, "<IMAGES>/0001.png");
/// assert_eq!(media.url("images/0002.png")?.path(), "/demo/images/0002.png");
/// assert!(media.url("../../secret.png").is_err() && media.url("memory://others/x.png").is_err());
/// # Ok::<(), tlc_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Media {
    /// What relative names are relative to.
    project: Option<Url>,
    allowed: Vec<Url>,
    /// Once they are asked for.
    aliases: Arc<OnceLock<Aliases>>,
}

impl Media {
    /// Of a table: the folder of its project is allowed, to which relative names are relative.
    #[must_use]
    pub fn of(table: &Table) -> Self {
        Self::in_project(project_of_table(table.url()))
    }

    /// Of a table that these options are for, whether or not it is there.
    ///
    /// # Errors
    /// [`Error::InvalidUrl`] for a bad name of a project, data set or table; as
    /// [`project_root`](crate::project_root).
    pub fn of_options(options: &TableOptions) -> Result<Self> {
        Ok(Self::in_project(project_of_table(&options.url()?)))
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

    /// What a cell names: an absolute URL or path, one relative to the project's folder, or one
    /// that starts with an alias, `<DATA>/images/1.png`. An alias of the environment is allowed
    /// as it is; one of the project leads to allowed folders alone, since whoever made the
    /// project chose it.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] for what is in none of the folders, as far as names tell;
    /// [`Error::NoSuchAlias`]; [`Error::InvalidUrl`]; storage errors.
    pub fn url(&self, name: &str) -> Result<Url> {
        Ok(self.found(name)?.0)
    }

    /// The bytes of what a cell names, at most 256 MiB.
    ///
    /// # Errors
    /// As [`url`](Self::url), also where a link leads out of the folders;
    /// [`Error::NotFound`], [`Error::NotAFile`], [`Error::TooLarge`]; storage errors.
    pub fn read(&self, name: &str) -> Result<Bytes> {
        let (url, allowed) = self.found(name)?;
        let url = match url.scheme() {
            Scheme::File => self.followed(&url, &allowed, name)?,
            _ => url,
        };
        storage::open(&url)?.get(&url, MOST_BYTES)
    }

    /// How a cell should name a file, so that it is found on other machines: relative to the
    /// project's folder, or else by the alias of the innermost folder, or else as it is.
    ///
    /// # Errors
    /// Storage errors of the project's aliases.
    pub fn name(&self, url: &Url) -> Result<String> {
        let Some(project) = &self.project else {
            return Ok(url.to_string());
        };
        // A name that `join` does not take would not be found again.
        let below = |folder: &Url| {
            let name = url.relative_to(folder)?;
            folder.join(&name).is_ok().then_some(name)
        };
        if let Some(name) = below(project) {
            return Ok(name);
        }
        let aliases = self.aliases(project)?;
        let named = aliases.names().filter_map(|alias| {
            let folder = folder_of(project, aliases.get(alias)?).ok()?;
            Some((folder.path().len(), alias, below(&folder)?))
        });
        let innermost = named.max_by_key(|(len, ..)| *len);
        Ok(match innermost {
            Some((_, alias, rest)) => format!("<{alias}>/{rest}"),
            None => url.to_string(),
        })
    }

    fn in_project(project: Option<Url>) -> Self {
        Self {
            allowed: project.iter().cloned().collect(),
            project,
            aliases: Arc::default(),
        }
    }

    /// What a cell names, and the folders that it may be in.
    fn found(&self, name: &str) -> Result<(Url, Vec<Url>)> {
        let mut allowed = self.allowed.clone();
        let url = match (alias_of(name), &self.project) {
            (Some((alias, rest)), project) => {
                let folder = match in_environment(alias) {
                    Some(folder) => {
                        let folder = folder?;
                        allowed.push(folder.clone());
                        folder
                    }
                    None => self.folder_in(project.as_ref(), alias, name)?,
                };
                match rest {
                    "" => folder,
                    rest => folder.join(rest).map_err(|_| self.refused(name))?,
                }
            }
            (None, Some(project)) if !is_absolute(name) => project
                .resolve(name, project)
                .map_err(|_| self.refused(name))?,
            (None, _) => Url::parse(name)?,
        };
        match allowed.iter().any(|folder| url.is_within(folder)) {
            true => Ok((url, allowed)),
            false => Err(self.refused(name)),
        }
    }

    /// The folder that the project says an alias means.
    fn folder_in(&self, project: Option<&Url>, alias: &str, name: &str) -> Result<Url> {
        let unknown = || Error::NoSuchAlias {
            alias: alias.to_owned(),
            used_in: name.to_owned(),
        };
        let project = project.ok_or_else(unknown)?;
        let folder = self.aliases(project)?.get(alias).ok_or_else(unknown)?;
        folder_of(project, folder)
    }

    fn aliases(&self, project: &Url) -> Result<&Aliases> {
        if let Some(known) = self.aliases.get() {
            return Ok(known);
        }
        let read = Aliases::in_folder(project)?;
        Ok(self.aliases.get_or_init(|| read))
    }

    /// Where the links of a path end.
    fn followed(&self, url: &Url, allowed: &[Url], name: &str) -> Result<Url> {
        let end = real(url)?;
        let mut folders = allowed.iter().filter_map(|folder| real(folder).ok());
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

/// A path without links.
fn real(url: &Url) -> Result<Url> {
    let path = url.to_path().unwrap_or_default();
    let real = path.canonicalize().map_err(|source| match source.kind() {
        std::io::ErrorKind::NotFound => Error::NotFound { url: url.clone() },
        _ => Error::Io {
            url: url.clone(),
            source,
        },
    })?;
    Url::from_path(&real)
}

/// Whether a name is no path relative to the project: `C:\images` on Windows, too.
fn is_absolute(name: &str) -> bool {
    let has_drive = cfg!(windows) && name.as_bytes().get(1) == Some(&b':');
    name.contains("://") || name.starts_with('/') || has_drive
}
