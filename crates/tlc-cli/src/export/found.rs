//! The run that a name means, or those that are named nearly so.

use crate::show::{self, Found};
use crate::{Failure, Place, print};
use tlc_core::{Run, Url};

const NAMED: usize = 3;

pub(super) fn run(name: &str, place: &Place) -> Result<Run, Failure> {
    match show::found(name, place)? {
        Some(Found::Run(run)) => Ok(run),
        Some(Found::Table(_)) => {
            let reason = "a table: name a run that was collected on it";
            Err(format!("`{}` is {reason}", print::plain(name)).into())
        }
        None => {
            let root = place.root()?;
            let name = print::plain(name);
            Err(format!("no run `{name}` under {root}: {}", beside(&name, &root)?).into())
        }
    }
}

/// What there is instead.
fn beside(name: &str, root: &Url) -> Result<String, Failure> {
    let mut all = Vec::new();
    for project in tlc_core::projects(root)? {
        let runs = tlc_core::runs(root, &project)?.into_iter();
        all.extend(runs.map(|run| format!("{project}/{}", run.name())));
    }
    if all.is_empty() {
        return Ok("there is none yet, a training makes one".to_owned());
    }
    let near = near(name, &all);
    let told: Vec<String> = near.iter().map(|name| format!("`{name}`")).collect();
    Ok(match told.as_slice() {
        [] => "`tlc runs` lists them".to_owned(),
        near => format!("did you mean {}?", near.join(" or ")),
    })
}

/// The names that are written nearly so, the nearest first; a project alone means
/// its runs.
fn near<'n>(name: &str, all: &'n [String]) -> Vec<&'n String> {
    let wanted = name.to_lowercase();
    let most = (wanted.chars().count() / 3).max(2);
    let far = |other: &str| {
        let other = other.to_lowercase();
        let parts = other.split('/').map(|part| distance(&wanted, part));
        parts
            .chain([distance(&wanted, &other)])
            .min()
            .unwrap_or(most)
    };
    let mut found: Vec<(usize, &String)> = all.iter().map(|other| (far(other), other)).collect();
    found.retain(|(far, _)| *far <= most);
    found.sort();
    found
        .into_iter()
        .take(NAMED)
        .map(|(_, name)| name)
        .collect()
}

/// How many letters are to be put in, left out or exchanged to make one text of the other.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (taken, letter) in one.chars().enumerate() {
        let mut next = vec![taken + 1];
        for ((above, beside), own) in row.iter().zip(row.iter().skip(1)).zip(&other) {
            let left = next.last().copied().unwrap_or_default();
            let exchanged = above + usize::from(letter != *own);
            next.push(exchanged.min(beside + 1).min(left + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}
