//! Which files a data set has, and of which split each is.

use super::super::splits::{canonical, is_split, place};
use crate::{Result, Source, SourceFile};

/// A file of a data set.
#[derive(Debug)]
pub(super) struct Shard {
    pub(super) file: SourceFile,
    pub(super) split: Option<String>,
}

/// All files, those of a split one after another.
pub(super) fn of(source: &Source) -> Result<Vec<Shard>> {
    let root = source.single().ok();
    let files = source.files(&["parquet", "arrow"])?;
    let shards = files.into_iter().map(|file| {
        let url = file.url();
        let inside = root
            .as_ref()
            .filter(|root| *root != url && url.is_within(root));
        let relative = inside.and_then(|root| url.relative_to(root));
        let split = of_file(&relative.unwrap_or_else(|| url.name().to_owned()));
        Shard { file, split }
    });
    // What `datasets` computed on the way is of no split.
    let is_cache = |shard: &Shard| shard.file.url().name().starts_with("cache-");
    let mut shards: Vec<Shard> = shards.collect();
    if !shards.iter().all(is_cache) {
        shards.retain(|shard| !is_cache(shard));
    }
    shards.sort_by_key(|shard| {
        let split = shard.split.clone().unwrap_or_else(|| "train".to_owned());
        (place(&split), split)
    });
    Ok(shards)
}

/// The splits that there are, in order.
pub(super) fn splits(shards: &[Shard]) -> Vec<String> {
    let mut splits: Vec<String> = shards
        .iter()
        .filter_map(|shard| shard.split.clone())
        .collect();
    splits.dedup();
    splits
}

/// The split that a file is of, by its name or its folder's: `train-00000-of-00002.parquet`,
/// `data/test.parquet`, `digits-validation.arrow`, `train/data-00000-of-00001.arrow`.
fn of_file(relative: &str) -> Option<String> {
    let (folders, name) = relative.rsplit_once('/').unwrap_or(("", relative));
    let stem = name.split_once('.').map_or(name, |(stem, _)| stem);
    let shard = shard_of(stem);
    let whole = shard.unwrap_or(stem);
    let words = |text: &str| -> Option<String> {
        let mut words = text.rsplit(|c: char| !c.is_alphanumeric());
        words.find(|word| is_split(word)).map(canonical)
    };
    let named = shard.filter(|name| *name != "data").map(|name| {
        let last = name.rsplit('-').next().unwrap_or(name);
        canonical(last)
    });
    words(whole)
        .or(named)
        .or_else(|| folders.rsplit('/').find_map(words))
}

/// What stands before `-00000-of-00002`.
fn shard_of(stem: &str) -> Option<&str> {
    let digits = |text: &str| text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit());
    let mut at = stem.len();
    while let Some(found) = stem.get(..at)?.rfind("-of-") {
        let before = stem.get(..found)?;
        let (name, number) = before.rsplit_once('-')?;
        let after = stem.get(found + 4..found + 9)?;
        if digits(number) && digits(after) {
            return Some(name);
        }
        at = found;
    }
    None
}
