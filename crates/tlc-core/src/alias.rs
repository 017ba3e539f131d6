//! Aliases of a project: short names for folders, so that what is kept by reference is found on
//! a machine that has it elsewhere.

use crate::layout::project_url;
use crate::storage::json::{self, Seal};
use crate::storage::{self, Store, commit};
use crate::{Error, Result, Url};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const FORMAT: &str = "tlc-aliases";
const VERSION: u64 = 1;
/// In the folder of the project.
const FOLDER: &str = "aliases";
/// What stands before the name in the environment.
const VARIABLE: &str = "TLC_ALIAS_";
/// Aliases of a project, and characters of a name.
const MOST: usize = 1_000;
const NAME_CHARS: usize = 64;

/// The aliases that a project has.
///
/// An alias stands at the start of a name that a cell holds, `<DATA>/images/1.png`. On a machine
/// where the folder is another one, the variable `TLC_ALIAS_DATA` says which, and counts more
/// than what the project says.
///
/// ```
/// use tlc_core::{Aliases, Url};
///
/// let root = Url::parse("memory://docs-aliases/")?;
/// let aliases = Aliases::of(&root, "demo")?.set("DATA", "/mnt/data")?;
/// assert_eq!(aliases.get("DATA"), Some("/mnt/data"));
/// assert_eq!(Aliases::of(&root, "demo")?.names().collect::<Vec<_>>(), ["DATA"]);
/// # Ok::<(), tlc_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Aliases {
    project: Url,
    folders: BTreeMap<String, String>,
}

/// All aliases of a project, as of a change.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Document {
    number: u64,
    /// Seal of the document before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    previous: Option<Seal>,
    /// Makes it differ from what others write at the same time.
    id: String,
    aliases: BTreeMap<String, String>,
}

impl Aliases {
    /// Those of a project under a root; none if it has none, or is not there.
    ///
    /// # Errors
    /// [`Error::InvalidUrl`] for a bad name of a project; storage errors, [`Error::Corrupt`].
    pub fn of(root: &Url, project: &str) -> Result<Self> {
        Self::in_folder(&project_url(root, project)?)
    }

    pub(crate) fn in_folder(project: &Url) -> Result<Self> {
        let store = storage::open(project)?;
        let newest = newest(&*store, project)?;
        Ok(Self {
            project: project.clone(),
            folders: newest.map_or_else(BTreeMap::new, |(document, _)| document.aliases),
        })
    }

    /// The folder that the project says an alias means: an absolute URL or path, or one relative
    /// to the project's folder.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.folders.get(name).map(String::as_str)
    }

    /// Their names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.folders.keys().map(String::as_str)
    }

    /// The folder that an alias means on this machine: what the environment says, or else what
    /// the project says.
    ///
    /// # Errors
    /// [`Error::NoSuchAlias`] if neither says anything; [`Error::InvalidUrl`].
    pub fn folder(&self, name: &str) -> Result<Url> {
        match (in_environment(name), self.get(name)) {
            (Some(folder), _) => folder,
            (None, Some(folder)) => folder_of(&self.project, folder),
            (None, None) => Err(self.unknown(name)),
        }
    }

    /// The same with an alias for a folder, written into the project: a name of capital letters,
    /// digits and `_`, and an absolute URL or path, or one relative to the project's folder.
    ///
    /// # Errors
    /// [`Error::InvalidUrl`] for a name or folder that is none; [`Error::TooLarge`] for more
    /// than 1,000 aliases; storage errors, after which the call can be repeated.
    pub fn set(&self, name: &str, folder: &str) -> Result<Self> {
        check_alias(name)?;
        folder_of(&self.project, folder)?;
        self.changed(|aliases| {
            aliases.insert(name.to_owned(), folder.to_owned());
        })
    }

    /// The same without an alias, written into the project.
    ///
    /// # Errors
    /// [`Error::NoSuchAlias`] if there is none; as [`set`](Self::set).
    pub fn remove(&self, name: &str) -> Result<Self> {
        if self.get(name).is_none() {
            return Err(self.unknown(name));
        }
        self.changed(|aliases| {
            aliases.remove(name);
        })
    }

    fn unknown(&self, name: &str) -> Error {
        Error::NoSuchAlias {
            alias: name.to_owned(),
            used_in: format!("the aliases of {}", self.project),
        }
    }

    /// The change made to whatever is newest: of two writers at once both count.
    fn changed(&self, change: impl Fn(&mut BTreeMap<String, String>)) -> Result<Self> {
        let store = storage::open(&self.project)?;
        loop {
            let before = newest(&*store, &self.project)?;
            let mut aliases = before
                .as_ref()
                .map_or_else(BTreeMap::new, |(document, _)| document.aliases.clone());
            change(&mut aliases);
            crate::limits::check("aliases", aliases.len() as u64, MOST as u64)?;
            let document = Document {
                number: before.as_ref().map_or(0, |(before, _)| before.number + 1),
                previous: before.map(|(_, seal)| seal),
                id: uuid::Uuid::now_v7().to_string(),
                aliases,
            };
            let folder = self.project.join(FOLDER)?;
            if document.number > 0 {
                // It must not outlast the one that it follows.
                store.settle(&folder)?;
            }
            let (bytes, _) = json::seal(FORMAT, VERSION, &document)?;
            let url = commit::numbered(&folder, document.number)?;
            match commit::publish(&*store, &url, &bytes) {
                Err(Error::AlreadyExists { .. }) => {}
                Err(error) => return Err(error),
                Ok(()) => {
                    return Ok(Self {
                        folders: document.aliases,
                        ..self.clone()
                    });
                }
            }
        }
    }
}

/// What stands at the start of a name, and what follows: `<DATA>/images` has `DATA` and `images`.
pub(crate) fn alias_of(name: &str) -> Option<(&str, &str)> {
    let (alias, rest) = name.strip_prefix('<')?.split_once('>')?;
    let rest = match rest {
        "" => rest,
        rest => rest.strip_prefix('/')?,
    };
    check_alias(alias).is_ok().then_some((alias, rest))
}

/// What the environment says that an alias means.
pub(crate) fn in_environment(alias: &str) -> Option<Result<Url>> {
    let folder =
        std::env::var_os(format!("{VARIABLE}{alias}")).filter(|value| !value.is_empty())?;
    Some(match folder.to_str() {
        Some(text) => Url::parse(text),
        None => Url::from_path(folder.as_ref()),
    })
}

/// The folder that the text of an alias means.
pub(crate) fn folder_of(project: &Url, text: &str) -> Result<Url> {
    match text.contains("://") || text.starts_with('/') {
        true => Url::parse(text),
        false => project.resolve(text, &root_of(project)),
    }
}

/// Whatever is in the same store.
fn root_of(project: &Url) -> Url {
    std::iter::successors(Some(project.clone()), Url::parent)
        .last()
        .unwrap_or_else(|| project.clone())
}

/// Checks all documents of a project.
pub(crate) fn check_aliases(store: &dyn Store, project: &Url) -> Result<()> {
    let Some((newest, _)) = newest(store, project)? else {
        return Ok(());
    };
    let mut previous = None;
    for number in 0..=newest.number {
        let (document, seal) = read(store, project, number)?;
        if document.previous != previous {
            let url = commit::numbered(&project.join(FOLDER)?, number)?;
            let reason = "it follows another document".to_owned();
            return Err(Error::Corrupt { url, reason });
        }
        previous = Some(seal);
    }
    Ok(())
}

fn newest(store: &dyn Store, project: &Url) -> Result<Option<(Document, Seal)>> {
    let number = commit::latest_number(store, &project.join(FOLDER)?)?;
    number
        .map(|number| read(store, project, number))
        .transpose()
}

fn read(store: &dyn Store, project: &Url, number: u64) -> Result<(Document, Seal)> {
    let url = commit::numbered(&project.join(FOLDER)?, number)?;
    let read = json::read::<Document>(store, &url, FORMAT, VERSION)?;
    let document = read.body;
    let are_names = document
        .aliases
        .keys()
        .all(|name| check_alias(name).is_ok());
    match document.number == number && are_names && document.aliases.len() <= MOST {
        true => Ok((document, read.seal)),
        false => Err(Error::Corrupt {
            url,
            reason: "its number or names are not those of aliases".to_owned(),
        }),
    }
}

fn check_alias(name: &str) -> Result<()> {
    let is_plain = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    match !name.is_empty() && name.len() <= NAME_CHARS && name.chars().all(is_plain) {
        true => Ok(()),
        false => Err(Error::InvalidUrl {
            url: name.to_owned(),
            reason: "bad alias: capital letters, digits and `_`, at most 64".to_owned(),
        }),
    }
}
