//! `data.yaml`: where the images are, and what the numbers of labels mean.

use super::yaml::Yaml;
use crate::images::canonical;
use std::collections::HashMap;
use tlc_core::{ClassMap, Skeleton};

/// More classes than this are none.
const MOST_CLASSES: usize = 100_000;
/// More keypoints of an object than this are none.
const MOST_KEYPOINTS: usize = 10_000;
/// Names of the keypoints of all classes.
const MOST_NAMES: usize = 1_000_000;

/// What `data.yaml` says.
#[derive(Debug)]
pub(super) struct Data {
    /// Where the other paths are relative to, if it is said.
    pub(super) path: Option<String>,
    /// Folders, files of images or lists of them, by split.
    pub(super) splits: Vec<(String, Vec<String>)>,
    pub(super) classes: ClassMap,
    pub(super) keypoints: Option<Keypoints>,
}

/// The keypoints of an object.
#[derive(Clone, Debug)]
pub(super) struct Keypoints {
    pub(super) len: usize,
    /// Whether each has a visibility.
    pub(super) has_visibility: bool,
    pub(super) skeletons: Vec<Skeleton>,
}

impl Keypoints {
    /// How many numbers a keypoint has in a line.
    pub(super) fn each(&self) -> usize {
        if self.has_visibility { 3 } else { 2 }
    }
}

impl Data {
    /// # Errors
    /// What is wrong, and where.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let yaml = Yaml::parse(text)?;
        if !matches!(yaml, Yaml::Map(_)) {
            return Err("is no map of `train`, `val` and `names`".to_owned());
        }
        let classes = classes(&yaml)?;
        Ok(Self {
            path: yaml.get("path").and_then(Yaml::text).map(str::to_owned),
            splits: splits(&yaml)?,
            keypoints: keypoints(&yaml, &classes)?,
            classes,
        })
    }
}

fn splits(yaml: &Yaml) -> Result<Vec<(String, Vec<String>)>, String> {
    let mut splits: Vec<(String, Vec<String>)> = Vec::new();
    for key in ["train", "val", "validation", "test"] {
        let Some(value) = yaml.get(key) else { continue };
        let places: Option<Vec<String>> = match value {
            Yaml::Text(place) => Some(vec![place.clone()]),
            Yaml::List(places) => places
                .iter()
                .map(|place| place.text().map(str::to_owned))
                .collect(),
            _ => None,
        };
        let places = places.ok_or_else(|| format!("`{key}` is no path and no list of paths"))?;
        let split = canonical(key);
        if splits.iter().any(|(known, _)| *known == split) {
            return Err(format!("`{key}` comes twice, by two names"));
        }
        splits.push((split, places));
    }
    match splits.is_empty() {
        true => Err("has none of `train`, `val` and `test`".to_owned()),
        false => Ok(splits),
    }
}

fn classes(yaml: &Yaml) -> Result<ClassMap, String> {
    let names: Vec<(i32, String)> = match yaml.get("names") {
        Some(Yaml::List(names)) => {
            let name = |(id, name): (i32, &Yaml)| Some((id, name.text()?.to_owned()));
            let names: Option<Vec<_>> = (0..).zip(names).map(name).collect();
            names.ok_or("`names` has what is no text")?
        }
        Some(Yaml::Map(names)) => {
            let name = |(id, name): &(String, Yaml)| {
                let number = id.parse::<i32>().ok().filter(|id| *id >= 0);
                number
                    .zip(name.text().map(str::to_owned))
                    .ok_or_else(|| format!("`names` has `{id}`: a number and a text is a class"))
            };
            names.iter().map(name).collect::<Result<_, _>>()?
        }
        Some(_) => return Err("`names` is no list and no map".to_owned()),
        None => {
            let count = yaml.get("nc").and_then(Yaml::text);
            let count = count.and_then(|count| count.parse::<usize>().ok());
            let count = count.ok_or("has no `names` of classes, and no number of them, `nc`")?;
            let names = (0..).take(count.min(MOST_CLASSES + 1));
            names.map(|id| (id, format!("class_{id}"))).collect()
        }
    };
    if names.len() > MOST_CLASSES {
        return Err(format!("has more than {MOST_CLASSES} classes"));
    }
    ClassMap::from_ids(names).map_err(|error| error.to_string())
}

fn keypoints(yaml: &Yaml, classes: &ClassMap) -> Result<Option<Keypoints>, String> {
    let Some(shape) = yaml.get("kpt_shape") else {
        return Ok(None);
    };
    let bad = "`kpt_shape` is not `[number of keypoints, 2 or 3]`";
    let (len, has_visibility) = match numbers(shape).as_deref() {
        Some([len, 2]) => (*len as usize, false),
        Some([len, 3]) => (*len as usize, true),
        _ => return Err(bad.to_owned()),
    };
    if len == 0 || len > MOST_KEYPOINTS {
        return Err(bad.to_owned());
    }
    let mirrored = match yaml.get("flip_idx") {
        None => Vec::new(),
        Some(flipped) => {
            let flipped = numbers(flipped).filter(|flipped| flipped.len() == len);
            flipped.ok_or_else(|| format!("`flip_idx` is no list of {len} numbers"))?
        }
    };
    if mirrored.iter().any(|place| *place as usize >= len) {
        return Err(format!("`flip_idx` has a number over {}", len - 1));
    }
    let names = keypoint_names(yaml, len)?;
    if !names.is_empty() && classes.len().saturating_mul(len) > MOST_NAMES {
        return Err(format!("has more than {MOST_NAMES} names of keypoints"));
    }
    let skeleton = |names: Vec<String>| Skeleton::new(names).with_mirrored(mirrored.clone());
    let numbered = || (0..len).map(|place| place.to_string()).collect();
    let skeletons = match names.is_empty() {
        true => vec![skeleton(numbered())],
        false => classes
            .ids()
            .map(|id| skeleton(names.get(&id).cloned().unwrap_or_else(numbered)).of_class(id))
            .collect(),
    };
    Ok(Some(Keypoints {
        len,
        has_visibility,
        skeletons,
    }))
}

/// What the keypoints of classes are called, if they have names.
fn keypoint_names(yaml: &Yaml, len: usize) -> Result<HashMap<i32, Vec<String>>, String> {
    let Some(Yaml::Map(of_classes)) = yaml.get("kpt_names") else {
        return Ok(HashMap::new());
    };
    let of_class = |(id, names): &(String, Yaml)| {
        let names: Option<Vec<String>> = names
            .list()?
            .iter()
            .map(|name| name.text().map(str::to_owned))
            .collect();
        Some((
            id.parse::<i32>().ok()?,
            names.filter(|names| names.len() == len)?,
        ))
    };
    let names: Option<HashMap<_, _>> = of_classes.iter().map(of_class).collect();
    names.ok_or_else(|| format!("`kpt_names` has no {len} names of a class"))
}

fn numbers(list: &Yaml) -> Option<Vec<u32>> {
    list.list()?
        .iter()
        .map(|number| number.text()?.parse().ok())
        .collect()
}
