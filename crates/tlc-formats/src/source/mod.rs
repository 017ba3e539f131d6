//! Files by path, folder, glob or URL, and how they are read.
//!
//! Everything is read through the store of its URL (`tlc_core::storage`): only regular files,
//! in pieces, and a file that changes its length meanwhile is an error.

mod find;
mod names;
mod reader;

pub(crate) use self::names::{child, unreadable_names};
pub use self::reader::{FileReader, SourceFile};

use crate::{Error, Result};
use std::collections::HashSet;
use std::fmt;
use std::path::{Path, PathBuf};
use tlc_core::Url;

/// What to import: one or several files, folders and globs, by path or URL.
///
/// A folder means the files in it and below that have one of the format's endings, by name; a
/// glob has `*`, `?`, `[…]`, and `**` for folders at any depth. What begins with a dot is
/// left out of both, and links to folders are not followed. A name that exists is that file,
/// whatever characters it has.
///
/// ```
/// use tlc_formats::Source;
///
/// let folder = tempfile::tempdir()?;
/// for name in ["a.csv", "b.csv", "notes.md"] {
///     std::fs::write(folder.path().join(name), "x\n1\n")?;
/// }
/// let all = Source::from(folder.path());
/// assert_eq!(all.files(&["csv"])?.len(), 2);
/// let some = Source::from(folder.path().join("b*"));
/// assert_eq!(some.files(&["csv"])?[0].url().name(), "b.csv");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Source {
    given: Vec<Given>,
}

#[derive(Clone, Debug)]
enum Given {
    Text(String),
    Path(PathBuf),
    Url(Url),
}

impl Source {
    /// The files, in the order in which they were given; those of a folder or glob by name.
    /// A folder gives those whose names end in a dot and one of `endings`, case aside, or that
    /// and `.gz`.
    ///
    /// # Errors
    /// [`Error::NoFiles`] for what names no file, [`Error::Twice`]; those of the store.
    pub fn files(&self, endings: &[&str]) -> Result<Vec<SourceFile>> {
        let mut files = Vec::new();
        let mut seen = HashSet::new();
        for given in &self.given {
            let found = match given {
                Given::Text(text) => find::text(text, endings),
                Given::Path(path) => find::path(path, endings),
                Given::Url(url) => find::named(url, endings),
            }?;
            if found.is_empty() {
                let reason = format!("none there that ends in .{}", endings.join(", ."));
                return Err(no_files(given, reason));
            }
            for url in found {
                if !seen.insert(url.clone()) {
                    return Err(Error::Twice { file: url });
                }
                files.push(SourceFile::at(url)?);
            }
        }
        match files.is_empty() {
            true => Err(no_files(&"", "give a path or URL")),
            false => Ok(files),
        }
    }
}

impl Source {
    /// The one folder or file that was given, whether or not it is there.
    ///
    /// # Errors
    /// [`Error::NoFiles`] if there are several, or none; those of [`Url::parse`].
    pub fn single(&self) -> Result<Url> {
        match self.given.as_slice() {
            [Given::Text(text)] => Ok(Url::parse(text)?),
            [Given::Path(path)] => Ok(Url::from_path(path)?),
            [Given::Url(url)] => Ok(url.clone()),
            _ => Err(no_files(self, "give one path or URL")),
        }
    }
}

fn no_files(given: &dyn fmt::Display, reason: impl Into<String>) -> Error {
    Error::NoFiles {
        source_text: given.to_string(),
        reason: reason.into(),
    }
}

impl fmt::Display for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Path(path) => write!(f, "{}", path.display()),
            Self::Url(url) => write!(f, "{url}"),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.given.as_slice() {
            [] => f.write_str("nothing"),
            [one] => write!(f, "{one}"),
            [first, rest @ ..] => write!(f, "{first} and {} more", rest.len()),
        }
    }
}

macro_rules! sources {
    ($($from:ty => $given:ident, $convert:ident;)*) => {$(
        impl From<$from> for Source {
            fn from(given: $from) -> Self {
                Self { given: vec![Given::$given(given.$convert())] }
            }
        }
    )*};
}

sources! {
    &str => Text, to_owned; String => Text, into; &String => Text, to_owned;
    &Path => Path, to_owned; PathBuf => Path, into; &PathBuf => Path, to_owned;
    Url => Url, into; &Url => Url, to_owned;
}

impl<T: Into<Self>> FromIterator<T> for Source {
    fn from_iter<I: IntoIterator<Item = T>>(sources: I) -> Self {
        let given = sources.into_iter().flat_map(|source| source.into().given);
        Self {
            given: given.collect(),
        }
    }
}

impl<T: Into<Self>> From<Vec<T>> for Source {
    fn from(sources: Vec<T>) -> Self {
        sources.into_iter().collect()
    }
}

impl<T: Into<Self>, const N: usize> From<[T; N]> for Source {
    fn from(sources: [T; N]) -> Self {
        sources.into_iter().collect()
    }
}

impl<T: Clone + Into<Self>> From<&[T]> for Source {
    fn from(sources: &[T]) -> Self {
        sources.iter().cloned().collect()
    }
}
