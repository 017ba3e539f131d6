//! Reads a file: which categories there are, and what belongs to which image.

use super::document::{Category, Image, Outline, Shape};
use super::elements::{Element, Elements, Fault};
use super::{ANNOTATIONS, CATEGORIES, IMAGES, bad};
use crate::annotations::boxes::Extras;
use crate::annotations::sorter::{self, Sorted, Sorter};
use crate::parallel::in_order;
use crate::{BadRow, Error, Result, RowSink, SourceFile};
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::io::BufRead;
use std::ops::Range;
use tlc_core::{ClassMap, Skeleton};

/// JSON that is looked at at once, a larger element aside.
const PIECE_BYTES: usize = 1 << 20;
/// Memory for ids.
const IDS_BYTES: usize = 32 << 20;
/// More categories than this are none.
const MOST_CATEGORIES: usize = 1_000_000;

/// What a file holds, images and annotations by the ids of images.
#[derive(Debug)]
pub(super) struct Surveyed {
    pub(super) images: Sorted,
    pub(super) annotations: Sorted,
    pub(super) images_len: u64,
    pub(super) categories: Categories,
    pub(super) extras: Extras,
    /// Ids that several annotations have: where the first of them stands.
    pub(super) repeated: HashMap<i64, u64>,
}

/// The classes of objects.
#[derive(Debug, Default)]
pub(super) struct Categories {
    pub(super) classes: ClassMap,
    pub(super) skeletons: Vec<Skeleton>,
}

/// Reads a file, and tells the sink of what is wrong.
pub(super) fn survey(file: &SourceFile, rows: &mut RowSink<'_>) -> Result<Surveyed> {
    let total = file.len_bytes()?.saturating_mul(2);
    let mut gathered = Gathered::default();
    in_order(
        pieces(file)?,
        |piece| Ok(Found::of(file, piece)),
        |found| {
            for bad in found.bad {
                rows.bad(bad.into())?;
            }
            let json = |range: &Range<usize>| found.json.get(range.clone()).unwrap_or_default();
            for (key, ordinal, range) in &found.images {
                gathered.images_len += 1;
                gathered
                    .images
                    .push(*key, *ordinal, json(range))
                    .map_err(sorter::failed)?;
            }
            for (key, id, ordinal, range) in &found.annotations {
                gathered
                    .annotations
                    .push(*key, *ordinal, json(range))
                    .map_err(sorter::failed)?;
                if let Some(id) = id {
                    gathered
                        .ids
                        .push(*id, *ordinal, &[])
                        .map_err(sorter::failed)?;
                }
            }
            gathered.categories.extend(found.categories);
            gathered.extras = gathered.extras | found.extras;
            gathered.seen.extend(found.seen);
            if gathered.categories.len() > MOST_CATEGORIES {
                return Err(file.refused(format!("more than {MOST_CATEGORIES} categories")));
            }
            rows.progress(file.read_bytes(), total);
            Ok(())
        },
    )?;
    gathered.finish(file)
}

struct Gathered {
    images: Sorter,
    annotations: Sorter,
    ids: Sorter,
    images_len: u64,
    categories: Vec<Category>,
    extras: Extras,
    seen: Vec<&'static str>,
}

impl Default for Gathered {
    fn default() -> Self {
        Self {
            images: Sorter::with_memory(IDS_BYTES),
            annotations: Sorter::default(),
            ids: Sorter::with_memory(IDS_BYTES),
            images_len: 0,
            categories: Vec::new(),
            extras: Extras::default(),
            seen: Vec::new(),
        }
    }
}

impl Gathered {
    fn finish(self, file: &SourceFile) -> Result<Surveyed> {
        if !self.seen.contains(&IMAGES) {
            return Err(file.refused(format!("has no `{IMAGES}`: it is no file of COCO")));
        }
        let annotations = self.annotations.finish().map_err(sorter::failed)?;
        if self.categories.is_empty() && annotations.peek().is_some() {
            let reason =
                format!("has annotations, and no `{CATEGORIES}` that say what they are of");
            return Err(file.refused(reason));
        }
        let categories = categories(file, self.categories)?;
        Ok(Surveyed {
            images: self.images.finish().map_err(sorter::failed)?,
            annotations,
            images_len: self.images_len,
            extras: Extras {
                keypoints: self.extras.keypoints || !categories.skeletons.is_empty(),
                ..self.extras
            },
            categories,
            repeated: repeated(self.ids).map_err(sorter::failed)?,
        })
    }
}

/// Ids that come more than once.
fn repeated(ids: Sorter) -> std::io::Result<HashMap<i64, u64>> {
    let mut repeated = HashMap::new();
    let mut last: Option<(i64, u64)> = None;
    for record in ids.finish()? {
        let record = record?;
        match last {
            Some((id, first)) if id == record.key => {
                repeated.insert(id, first);
            }
            _ => last = Some((record.key, record.ordinal)),
        }
    }
    Ok(repeated)
}

fn categories(file: &SourceFile, categories: Vec<Category>) -> Result<Categories> {
    let mut skeletons = Vec::new();
    let mut classes = Vec::new();
    for category in categories {
        let refused = |what: String| file.refused(format!("category {}: {what}", category.id));
        let id = i32::try_from(category.id)
            .map_err(|_| refused("an id of a category has 32 bits".to_owned()))?;
        if let Some(names) = category.keypoints.filter(|names| !names.is_empty()) {
            let edge = |pair: &[i64; 2]| {
                let places = pair.map(|place| u32::try_from(place.checked_sub(1)?).ok());
                let [Some(from), Some(to)] = places else {
                    return Err(refused(format!("a skeleton of no keypoints {pair:?}")));
                };
                match (from.max(to) as usize) < names.len() {
                    true => Ok([from, to]),
                    false => Err(refused(format!("a skeleton of no keypoints {pair:?}"))),
                }
            };
            let edges = category.skeleton.iter().flatten().map(edge);
            let edges = edges.collect::<Result<Vec<_>>>()?;
            skeletons.push(Skeleton::new(names).of_class(id).with_edges(edges));
        }
        classes.push((id, category.name));
    }
    let classes = ClassMap::from_ids(classes).map_err(|error| file.refused(error))?;
    Ok(Categories { classes, skeletons })
}

/// Elements that are looked at together.
#[derive(Default)]
struct Piece {
    json: Vec<u8>,
    elements: Vec<(Element, Range<usize>)>,
    /// Of the last one: which lists there are.
    seen: Vec<&'static str>,
}

fn pieces(file: &SourceFile) -> Result<impl Iterator<Item = Result<Piece>> + Send + use<'_>> {
    let keys = &[IMAGES, ANNOTATIONS, CATEGORIES];
    let mut elements = Some(Elements::of(file.unpacked()?, keys));
    Ok(std::iter::from_fn(move || {
        let read = elements.as_mut().map(piece)?;
        if !read.as_ref().is_ok_and(|piece| !piece.elements.is_empty()) {
            elements = None;
        }
        Some(read.map_err(|fault| failed(file, fault)))
    }))
}

fn failed(file: &SourceFile, fault: Fault) -> Error {
    match fault {
        Fault::Io(error) => file.failed(error),
        Fault::Document(reason) => file.refused(reason),
    }
}

fn piece(from: &mut Elements<Box<dyn BufRead + Send>>) -> Result<Piece, Fault> {
    let mut piece = Piece::default();
    while piece.json.len() < PIECE_BYTES {
        let start = piece.json.len();
        let Some(element) = from.next(&mut piece.json)? else {
            break;
        };
        piece.elements.push((element, start..piece.json.len()));
    }
    if piece.elements.is_empty() {
        piece.seen = from.seen().to_vec();
    }
    Ok(piece)
}

/// What is in a piece.
#[derive(Default)]
struct Found {
    json: Vec<u8>,
    /// Id, place, and where the JSON is.
    images: Vec<(i64, u64, Range<usize>)>,
    /// Id of the image, id, place, and where the JSON is.
    annotations: Vec<(i64, Option<i64>, u64, Range<usize>)>,
    categories: Vec<Category>,
    extras: Extras,
    bad: Vec<BadRow>,
    seen: Vec<&'static str>,
}

impl Found {
    fn of(file: &SourceFile, piece: Piece) -> Self {
        let mut found = Self {
            seen: piece.seen,
            ..Self::default()
        };
        for (element, range) in piece.elements {
            let json = piece.json.get(range.clone()).unwrap_or_default();
            let added = match element.list {
                IMAGES => parsed(json).map(|image: Image| {
                    found.images.push((image.id, element.ordinal, range));
                }),
                CATEGORIES => parsed(json).map(|category| found.categories.push(category)),
                _ => found.annotation(json, element.ordinal, range),
            };
            if let Err(reason) = added {
                let bad = bad(file, element.list, None, element.ordinal, reason);
                found.bad.push(bad);
            }
        }
        Self {
            json: piece.json,
            ..found
        }
    }

    fn annotation(&mut self, json: &[u8], ordinal: u64, range: Range<usize>) -> Result<(), String> {
        let outline: Outline = parsed(json)?;
        let image = outline.image_id.ok_or("has no `image_id`")?;
        self.extras = self.extras
            | Extras {
                id: outline.id.is_some(),
                is_crowd: outline.iscrowd.is_some(),
                area: outline.area.is_some(),
                polygons: outline.segmentation == Shape::Polygons,
                rle: outline.segmentation == Shape::Runs,
                keypoints: outline.keypoints.is_some(),
                corners: false,
            };
        self.annotations.push((image, outline.id, ordinal, range));
        Ok(())
    }
}

/// An element.
///
/// # Errors
/// Why it is none.
pub(super) fn parsed<T: DeserializeOwned>(json: &[u8]) -> Result<T, String> {
    serde_json::from_slice(json).map_err(|error| {
        let has = |word: &[u8]| memchr::memmem::find(json, word).is_some();
        match has(b"NaN") || has(b"Infinity") {
            true => format!("{error}: JSON has no NaN and no Infinity"),
            false => error.to_string(),
        }
    })
}
