//! Which files a path, folder, glob or URL means.

use super::{Given, child, no_files, unreadable_names};
use crate::{Error, Result};
use glob::{MatchOptions, Pattern};
use std::path::Path;
use tlc_core::Url;
use tlc_core::storage::{self, Entry};

/// Folders inside of one another.
const DEPTH: usize = 64;

/// As a shell has it.
const MATCHING: MatchOptions = MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: true,
};

/// What a text means: a URL, a path that exists, or a glob.
pub(super) fn text(text: &str, endings: &[&str]) -> Result<Vec<Url>> {
    match text.contains("://") {
        true => match text.split_once(is_of_glob) {
            None => named(&Url::parse(text)?, endings),
            Some(_) => globbed(text),
        },
        false => path(Path::new(text), endings),
    }
}

/// What a path means: a file, a folder, or a glob.
pub(super) fn path(path: &Path, endings: &[&str]) -> Result<Vec<Url>> {
    let exists = path.symlink_metadata().is_ok();
    match path.to_str() {
        Some(text) if !exists && text.contains(is_of_glob) => globbed(text),
        _ => named(&Url::from_path(path)?, endings),
    }
}

/// The file of this name, or those of the folder.
pub(super) fn named(url: &Url, endings: &[&str]) -> Result<Vec<Url>> {
    let store = storage::open(url)?;
    let not_there = match store.stat(url) {
        Ok(_) => return Ok(vec![url.clone()]),
        Err(error @ (tlc_core::Error::NotFound { .. } | tlc_core::Error::NotAFile { .. })) => error,
        Err(error) => return Err(error.into()),
    };
    let has_endings = |name: &str| {
        let name = name.to_lowercase();
        let name = name.strip_suffix(".gz").unwrap_or(&name);
        let ending = name.rsplit_once('.').map(|(_, ending)| ending);
        ending.is_some_and(|ending| endings.contains(&ending))
    };
    let mut found = Vec::new();
    let mut is_folder = url.to_path().is_some_and(|path| path.is_dir());
    below(url, DEPTH, &mut |file| {
        is_folder = true;
        if has_endings(file.name()) {
            found.push(file);
        }
    })?;
    match not_there {
        _ if is_folder => Ok(found),
        tlc_core::Error::NotFound { .. } => {
            Err(no_files(&Given::Url(url.clone()), "there is nothing"))
        }
        other => Err(other.into()),
    }
}

fn is_of_glob(c: char) -> bool {
    matches!(c, '*' | '?' | '[')
}

fn globbed(text: &str) -> Result<Vec<Url>> {
    let text = match cfg!(windows) {
        true => text.replace('\\', "/"),
        false => text.to_owned(),
    };
    let start = text.find(is_of_glob).unwrap_or_default();
    let split = text.get(..start).and_then(|fixed| fixed.rfind('/'));
    let (base, pattern) = match split {
        Some(split) => text.split_at(split + 1),
        None => ("./", text.as_str()),
    };
    let base = Url::parse(base)?;
    let steps: Vec<&str> = pattern.split('/').filter(|step| !step.is_empty()).collect();
    let mut found = Vec::new();
    expand(&base, &steps, &mut found).map_err(|error| match error {
        Error::NoFiles { reason, .. } => no_files(&text, reason),
        other => other,
    })?;
    found.sort();
    found.dedup();
    match found.is_empty() {
        true => Err(no_files(&text, "nothing matches")),
        false => Ok(found),
    }
}

/// The files that the steps of a pattern lead to from a folder.
fn expand(folder: &Url, steps: &[&str], found: &mut Vec<Url>) -> Result<()> {
    let Some((step, rest)) = steps.split_first() else {
        return Ok(());
    };
    if *step == "**" {
        let pattern = Pattern::new(&steps.join("/")).map_err(|error| bad_pattern(&error))?;
        return below(folder, DEPTH, &mut |file| {
            let relative = file.relative_to(folder).unwrap_or_default();
            if pattern.matches_with(&relative, MATCHING) {
                found.push(file);
            }
        });
    }
    let pattern = Pattern::new(step).map_err(|error| bad_pattern(&error))?;
    for entry in list(folder)? {
        if !pattern.matches_with(&entry.name, MATCHING) {
            continue;
        }
        let url = child(folder, &entry.name)?;
        match (entry.is_folder, rest.is_empty()) {
            (true, false) => expand(&url, rest, found)?,
            (false, true) => found.push(url),
            _ => {}
        }
    }
    Ok(())
}

fn bad_pattern(error: &glob::PatternError) -> Error {
    no_files(&"", format!("no glob: {}", error.msg))
}

/// Each file in a folder and below it, by name.
fn below(folder: &Url, depth: usize, found: &mut impl FnMut(Url)) -> Result<()> {
    let Some(depth) = depth.checked_sub(1) else {
        let reason = format!("more than {DEPTH} folders in one another");
        return Err(no_files(&Given::Url(folder.clone()), reason));
    };
    for entry in list(folder)? {
        if entry.name.starts_with('.') {
            continue;
        }
        let url = child(folder, &entry.name)?;
        match (entry.is_folder, entry.is_link) {
            (false, _) => found(url),
            (true, false) => below(&url, depth, found)?,
            (true, true) => {}
        }
    }
    Ok(())
}

/// What is in a folder, if all names can be told.
fn list(folder: &Url) -> Result<Vec<Entry>> {
    let entries = storage::open(folder)?.list(folder)?;
    if let Some(name) = unreadable_names(folder).first() {
        let reason = format!("the name {name} is not UTF-8, rename it");
        return Err(no_files(&Given::Url(folder.clone()), reason));
    }
    Ok(entries)
}
