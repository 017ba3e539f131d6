//! Which images, classes and splits a folder has.
//!
//! Folders of classes are found first, and their files one folder after another: what is held
//! is the names of one class.

use super::header::{ENDINGS, OTHERS};
use super::named::bad_row;
use super::splits::{self, canonical};
use crate::source::child;
use crate::{BadRow, Error, Result};
use std::collections::BTreeSet;
use tlc_core::Url;
use tlc_core::storage;

/// Folders inside of one another.
const DEPTH: usize = 64;

/// What folders mean.
#[derive(Clone, Debug, Default)]
pub(super) struct Rules {
    pub(super) is_unlabelled: bool,
    pub(super) has_no_splits: bool,
}

/// Folders whose images have a class and split in common, in order.
#[derive(Debug, Default)]
pub(super) struct Tree {
    /// Names of the classes of all splits, sorted.
    pub(super) classes: Vec<String>,
    pub(super) folders: Vec<Folder>,
    pub(super) bad: Vec<BadRow>,
}

/// Images of one class and split.
#[derive(Clone, Debug)]
pub(super) struct Folder {
    pub(super) url: Url,
    /// Relative to what was given, with a `/` at its end; empty for that itself.
    pub(super) name: String,
    pub(super) split: Option<String>,
    pub(super) kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// All images here and below are of this class.
    Class(String),
    /// All images here and below have no class.
    Unlabelled,
    /// Images here stand beside folders of classes.
    Stray,
}

/// An image file.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) url: Url,
    /// Relative to what was given.
    pub(super) name: String,
}

impl Tree {
    pub(super) fn of(root: &Url, rules: &Rules) -> Result<Self> {
        let mut tree = Self::default();
        let top = Listing::of(root)?;
        if top.folders.is_empty() && top.files.is_empty() && top.bad.is_empty() {
            return Err(Error::NoFiles {
                source_text: crate::error::shown(root),
                reason: "there is no such folder, or nothing in it".to_owned(),
            });
        }
        match split_names(root, &top, rules)? {
            None => tree.add_root(&Folder::root(root), top, rules),
            Some(names) => {
                tree.bad.extend(top.bad);
                let root = Folder::root(root);
                for name in top.files {
                    tree.bad.extend(beside_splits(&root, &name));
                }
                for name in names {
                    let split = Folder {
                        split: Some(canonical(&name)),
                        ..root.below(&name)?
                    };
                    let listed = Listing::of(&split.url)?;
                    tree.add_root(&split, listed, rules);
                }
            }
        }
        let classes = tree.folders.iter().filter_map(|folder| match &folder.kind {
            Kind::Class(class) => Some(class.clone()),
            _ => None,
        });
        let classes: BTreeSet<String> = classes.collect();
        tree.classes = classes.into_iter().collect();
        Ok(tree)
    }

    /// The splits, in order.
    pub(super) fn splits(&self) -> Vec<String> {
        let folders = self.folders.iter();
        let mut splits: Vec<String> = folders.filter_map(|folder| folder.split.clone()).collect();
        splits.dedup();
        splits
    }

    /// Adds what is in a folder of classes.
    fn add_root(&mut self, root: &Folder, listed: Listing, rules: &Rules) {
        if rules.is_unlabelled || listed.folders.is_empty() && listed.bad.is_empty() {
            self.folders.push(root.clone());
            return;
        }
        self.bad.extend(listed.bad);
        if !listed.files.is_empty() {
            let kind = Kind::Stray;
            self.folders.push(Folder {
                kind,
                ..root.clone()
            });
        }
        for name in listed.folders {
            match root.below(&name) {
                Ok(folder) => self.folders.push(Folder {
                    kind: Kind::Class(name),
                    ..folder
                }),
                Err(error) => self.bad.push(named(&root.url, &name, error.to_string())),
            }
        }
    }
}

impl Folder {
    fn root(url: &Url) -> Self {
        Self {
            url: url.clone(),
            name: String::new(),
            split: None,
            kind: Kind::Unlabelled,
        }
    }

    fn below(&self, name: &str) -> Result<Self> {
        Ok(Self {
            url: child(&self.url, name)?,
            name: format!("{}{name}/", self.name),
            ..self.clone()
        })
    }

    /// Its images by name, and what is not to be had.
    pub(super) fn files(&self) -> Result<(Vec<Found>, Vec<BadRow>)> {
        let (mut found, mut bad) = (Vec::new(), Vec::new());
        self.gather(DEPTH, &mut found, &mut bad)?;
        Ok((found, bad))
    }

    fn gather(&self, depth: usize, found: &mut Vec<Found>, bad: &mut Vec<BadRow>) -> Result<()> {
        let Some(depth) = depth.checked_sub(1) else {
            let reason = format!("more than {DEPTH} folders in one another");
            bad.push(named(&self.url, &self.name, reason));
            return Ok(());
        };
        let listed = Listing::of(&self.url)?;
        let is_stray = self.kind == Kind::Stray;
        for name in listed.files {
            match image(&name) {
                Image::Yes if is_stray => {
                    let reason = "stands beside folders of classes: move it into one of them, \
                                  or import without labels";
                    bad.push(named(&self.url, &name, reason));
                }
                Image::Yes => match child(&self.url, &name) {
                    Ok(url) => found.push(Found {
                        url,
                        name: format!("{}{name}", self.name),
                    }),
                    Err(error) => bad.push(named(&self.url, &name, error.to_string())),
                },
                Image::Unknown => bad.push(named(&self.url, &name, UNSUPPORTED)),
                Image::No => {}
            }
        }
        if is_stray {
            return Ok(());
        }
        bad.extend(listed.bad);
        for name in listed.folders {
            match self.below(&name) {
                Ok(folder) => folder.gather(depth, found, bad)?,
                Err(error) => bad.push(named(&self.url, &name, error.to_string())),
            }
        }
        Ok(())
    }
}

const UNSUPPORTED: &str =
    "no format that is known: PNG, JPEG, GIF, WebP, BMP and TIFF are, convert it first";

/// The folders of splits, if that is what the folders are.
fn split_names(root: &Url, top: &Listing, rules: &Rules) -> Result<Option<Vec<String>>> {
    if rules.has_no_splits {
        return Ok(None);
    }
    let (splits, others): (Vec<&String>, Vec<&String>) =
        top.folders.iter().partition(|name| splits::is_split(name));
    match (splits.as_slice(), others.as_slice()) {
        ([], _) => Ok(None),
        (names, []) => {
            let mut names: Vec<String> = names.iter().map(|name| (*name).clone()).collect();
            names.sort_by_key(|name| splits::place(&canonical(name)));
            let twice = names
                .windows(2)
                .find(|pair| matches!(pair, [a, b] if canonical(a) == canonical(b)));
            match twice {
                None => Ok(Some(names)),
                Some(pair) => Err(Error::NoFiles {
                    source_text: crate::error::shown(root),
                    reason: format!("the folders {} are the same split", pair.join(" and ")),
                }),
            }
        }
        ([split, ..], [other, ..]) => Err(Error::NoFiles {
            source_text: crate::error::shown(root),
            reason: format!(
                "the folder {split} looks like a split and {other} does not: give the folder of \
                 one split, or say that there are no splits"
            ),
        }),
    }
}

fn beside_splits(root: &Folder, name: &str) -> Option<BadRow> {
    match image(name) {
        Image::No => None,
        _ => {
            let reason = "stands beside the folders of splits: move it into one of them";
            Some(named(&root.url, name, reason))
        }
    }
}

enum Image {
    Yes,
    /// Of a format that is not read.
    Unknown,
    No,
}

fn image(name: &str) -> Image {
    let ending = name
        .rsplit_once('.')
        .map(|(_, ending)| ending.to_ascii_lowercase());
    match ending.as_deref() {
        Some(ending) if ENDINGS.contains(&ending) => Image::Yes,
        Some(ending) if OTHERS.contains(&ending) => Image::Unknown,
        _ => Image::No,
    }
}

/// What is directly in a folder, hidden names left out.
#[derive(Debug, Default)]
struct Listing {
    folders: Vec<String>,
    files: Vec<String>,
    bad: Vec<BadRow>,
}

impl Listing {
    fn of(folder: &Url) -> Result<Self> {
        let mut listing = Self::default();
        for entry in storage::open(folder)?.list(folder)? {
            if entry.name.starts_with('.') {
                continue;
            }
            match (entry.is_folder, entry.is_link) {
                (false, _) => listing.files.push(entry.name),
                (true, false) => listing.folders.push(entry.name),
                (true, true) => {
                    let reason = "a link to a folder, which is not followed: put the folder \
                                  itself in its place";
                    listing.bad.push(named(folder, &entry.name, reason));
                }
            }
        }
        listing.bad.extend(
            crate::source::unreadable_names(folder)
                .into_iter()
                .map(|name| named(folder, &name, "the name is not UTF-8: rename it")),
        );
        Ok(listing)
    }
}

fn named(folder: &Url, name: &str, reason: impl Into<String>) -> BadRow {
    bad_row(folder, name, None, reason)
}
