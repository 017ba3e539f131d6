//! Which files data may name: whoever wrote them chose the names.

use crate::source::child;
use crate::{Source, SourceFile};
use tlc_core::{Scheme, Url};

/// Folders that files may be named in.
#[derive(Clone, Debug)]
pub(crate) struct Allowed {
    /// What relative names are relative to.
    base: Option<Url>,
    /// Where links to them end.
    folders: Vec<Url>,
}

impl Allowed {
    /// The folder that was imported, or that of the file; and those that the user allows.
    pub(super) fn beside(file: &SourceFile, source: &Source, more: &[Url]) -> Self {
        let base = file.url().parent();
        let given = source.single().ok().filter(|given| given != file.url());
        let folders = base.iter().chain(given.as_ref()).chain(more);
        Self {
            folders: folders.filter_map(real).collect(),
            base,
        }
    }

    /// Names in a folder, and in those that the user allows.
    pub(crate) fn within(base: &Url, more: &[Url]) -> Self {
        Self {
            folders: std::iter::once(base).chain(more).filter_map(real).collect(),
            base: Some(base.clone()),
        }
    }

    /// The file of a name: an absolute URL or path, or names with `/` between. Links are
    /// followed to where they end.
    pub(crate) fn find(&self, name: &str) -> Result<Url, String> {
        let url = self.named(name)?;
        let end = real(&url).ok_or_else(|| format!("`{name}` is not there"))?;
        match self.folders.iter().any(|folder| end.is_within(folder)) {
            true => Ok(url),
            false => Err(format!(
                "`{name}` is in none of the allowed folders: allow its folder, if the data are to \
                 be trusted"
            )),
        }
    }

    /// What a name means, wherever that is.
    pub(crate) fn named(&self, name: &str) -> Result<Url, String> {
        let has_drive = cfg!(windows) && name.as_bytes().get(1) == Some(&b':');
        if name.contains("://") || name.starts_with('/') || has_drive {
            return Url::parse(name).map_err(|error| error.to_string());
        }
        let bad = || format!("`{name}` is no name of a file");
        let mut url = self.base.clone().ok_or_else(bad)?;
        for step in name.split('/') {
            url = match step {
                "" | "." => continue,
                ".." => url.parent().ok_or_else(bad)?,
                step => child(&url, step).map_err(|_| bad())?,
            };
        }
        Ok(url)
    }
}

/// Where a link ends, or the file or folder itself; `None` if nothing is there, as far as that is
/// known.
fn real(url: &Url) -> Option<Url> {
    match url.scheme() {
        Scheme::File => Url::from_path(&url.to_path()?.canonicalize().ok()?).ok(),
        _ => Some(url.clone()),
    }
}
