//! Images with their annotations become rows.

use super::document::{Annotation, Counts, Image, Outline, Segmentation};
use super::survey::{Categories, parsed};
use super::{ANNOTATIONS, IMAGES, bad};
use crate::annotations::boxes::{self, Extras};
use crate::annotations::object::{Keypoint, Object, are_finite, polygon_refusal, refusal};
use crate::annotations::pictures::Reader;
use crate::annotations::rle::Rle;
use crate::annotations::sorter::{Record, Sorted, failed};
use crate::images::{Cell, Made, PIECE_BYTES as PIECE_IMAGE_BYTES, Size};
use crate::{BadRow, Result, SourceFile};
use std::collections::HashMap;
use tlc_core::{Column, Columns};

/// What is read at a time.
const PIECE_ROWS: usize = 256;
const PIECE_BYTES: u64 = 1 << 20;
/// JSON of the annotations of one image.
const ROW_BYTES: usize = 32 << 20;

/// Images and what belongs to them, some at a time.
pub(super) struct Joined<'a> {
    pub(super) images: Sorted,
    pub(super) annotations: Sorted,
    /// Of the images, if they are to be read.
    pub(super) reader: Option<&'a Reader>,
}

/// Images with their annotations, and what belongs to none.
#[derive(Default)]
pub(super) struct Piece {
    rows: Vec<Row>,
    /// Images of an id that one before has.
    repeated: Vec<Record>,
    /// Annotations of no image.
    strays: Vec<Record>,
    bytes: u64,
    image_bytes: u64,
}

struct Row {
    image: Record,
    annotations: Vec<Record>,
    /// Whether it has more than a row holds.
    is_too_large: bool,
}

impl Iterator for Joined<'_> {
    type Item = Result<Piece>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut piece = Piece::default();
        while piece.has_room() {
            match self.step(&mut piece) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => return Some(Err(failed(error))),
            }
        }
        (piece.bytes > 0).then_some(Ok(piece))
    }
}

impl Piece {
    /// How many there are.
    pub(super) fn images(&self) -> u64 {
        (self.rows.len() + self.repeated.len()) as u64
    }

    fn has_room(&self) -> bool {
        self.bytes < PIECE_BYTES
            && self.image_bytes < PIECE_IMAGE_BYTES
            && self.rows.len() < PIECE_ROWS
    }
}

impl Joined<'_> {
    /// Takes what is next; whether there was something.
    fn step(&mut self, piece: &mut Piece) -> std::io::Result<bool> {
        let (image, annotation) = (self.images.peek(), self.annotations.peek());
        let is_stray = match (image, annotation) {
            (None, None) => return Ok(false),
            (Some(image), Some(annotation)) => annotation < image,
            (image, _) => image.is_none(),
        };
        if is_stray {
            let stray = self.annotations.next().transpose()?;
            piece.bytes += stray.as_ref().map_or(0, Record::len_bytes);
            piece.strays.extend(stray);
            return Ok(true);
        }
        let Some(image) = self.images.next().transpose()? else {
            return Ok(false);
        };
        let mut row = Row {
            image,
            annotations: Vec::new(),
            is_too_large: false,
        };
        let mut bytes = 0;
        while self.annotations.peek() == Some(row.image.key) {
            let annotation = self.annotations.next().transpose()?;
            bytes += annotation
                .as_ref()
                .map_or(0, |annotation| annotation.bytes.len());
            row.is_too_large |= bytes > ROW_BYTES;
            row.annotations
                .extend(annotation.filter(|_| !row.is_too_large));
        }
        while self.images.peek() == Some(row.image.key) {
            let repeated = self.images.next().transpose()?;
            piece.bytes += repeated.as_ref().map_or(0, Record::len_bytes);
            piece.repeated.extend(repeated);
        }
        piece.bytes += bytes as u64 + row.image.len_bytes();
        piece.image_bytes += self.image_bytes(&row.image);
        piece.rows.push(row);
        Ok(true)
    }

    /// What an image counts for among those that are read together.
    fn image_bytes(&self, image: &Record) -> u64 {
        let Some(reader) = self.reader else { return 0 };
        let image = parsed::<Image>(&image.bytes);
        image.map_or(0, |image| reader.len_bytes(&image.file_name))
    }
}

type Pictured = (Image, Option<Cell>, Size);

/// What rows are made by.
pub(super) struct Making<'a> {
    file: &'a SourceFile,
    /// `None` if images are not looked at.
    pub(super) reader: Option<Reader>,
    pub(super) boxes: Column,
    categories: &'a Categories,
    repeated: &'a HashMap<i64, u64>,
    /// Keypoints of an object of each class that has some.
    keypoints: HashMap<i32, usize>,
}

impl<'a> Making<'a> {
    pub(super) fn of(
        file: &'a SourceFile,
        reader: Option<Reader>,
        extras: Extras,
        categories: &'a Categories,
        repeated: &'a HashMap<i64, u64>,
    ) -> Self {
        let skeletons = categories.skeletons.iter();
        let lens = skeletons.filter_map(|one| Some((one.class?, one.keypoints.len())));
        Self {
            file,
            reader,
            boxes: boxes::column(extras, &categories.classes, &categories.skeletons),
            categories,
            repeated,
            keypoints: lens.collect(),
        }
    }

    /// Makes the rows of a piece.
    pub(super) fn make(&self, piece: Piece) -> Result<Made> {
        let mut bad_rows = Vec::new();
        for record in &piece.repeated {
            let reason = "an image before has this id".to_owned();
            bad_rows.push(self.bad(IMAGES, Some(record.key), record, reason));
        }
        for record in &piece.strays {
            let id = parsed(&record.bytes)
                .ok()
                .and_then(|outline: Outline| outline.id);
            let reason = format!("there is no image {}", record.key);
            bad_rows.push(self.bad(ANNOTATIONS, id, record, reason));
        }
        let mut rows = Rows::default();
        for row in piece.rows {
            self.add(&row, &mut rows, &mut bad_rows)?;
        }
        Ok(Made {
            names: rows.ids.iter().map(|id| format!("image {id}")).collect(),
            batch: self.batch(rows)?,
            bad: bad_rows,
        })
    }

    fn bad(&self, list: &str, id: Option<i64>, record: &Record, reason: String) -> BadRow {
        bad(self.file, list, id, record.ordinal, reason)
    }

    /// Adds a row, or says what is wrong with it.
    fn add(&self, row: &Row, rows: &mut Rows, bad_rows: &mut Vec<BadRow>) -> Result<()> {
        let (image, cell, size) = match self.picture(row)? {
            Ok(read) => read,
            Err(reason) => {
                bad_rows.push(BadRow {
                    column: Some("image".to_owned()),
                    ..self.bad(IMAGES, Some(row.image.key), &row.image, reason)
                });
                return Ok(());
            }
        };
        let mut objects = Vec::with_capacity(row.annotations.len());
        for record in &row.annotations {
            let (id, object) = match parsed::<Annotation>(&record.bytes) {
                Ok(annotation) => (annotation.id, self.object(annotation, record, size)),
                Err(reason) => (None, Err(reason)),
            };
            match object {
                Ok(object) => objects.push(object),
                Err(reason) => bad_rows.push(self.bad(ANNOTATIONS, id, record, reason)),
            }
        }
        rows.ids.push(row.image.key);
        rows.files.push(image.file_name);
        rows.cells.extend(cell);
        rows.sizes.push(size);
        rows.objects.push(objects);
        Ok(())
    }

    /// The image of a row, what a table holds of it, if it is read, and its size; or why there
    /// is none.
    fn picture(&self, row: &Row) -> Result<std::result::Result<Pictured, String>> {
        if row.is_too_large {
            let reason = format!("has more than {} MiB of annotations", ROW_BYTES >> 20);
            return Ok(Err(reason));
        }
        let read = parsed::<Image>(&row.image.bytes).and_then(|image| Ok((size(&image)?, image)));
        let (said, image) = match read {
            Ok(read) => read,
            Err(reason) => return Ok(Err(reason)),
        };
        let Some(reader) = &self.reader else {
            let size = said.ok_or("its size is not given: `width` and `height`".to_owned());
            return Ok(size.map(|size| (image, None, size)));
        };
        let picture = reader.read(&image.file_name, said)?;
        Ok(picture.map(|(cell, size)| (image, Some(cell), size)))
    }

    fn batch(&self, rows: Rows) -> Result<Columns> {
        let mut batch = Columns::new();
        if let Some(reader) = &self.reader {
            batch.push("image", reader.images(&rows.cells));
        }
        batch.push("boxes", boxes::array(&self.boxes, &rows.objects)?);
        Size::push(&rows.sizes, &mut batch);
        batch.push("image_id", rows.ids);
        batch.push("file", rows.files);
        Ok(batch)
    }

    /// An annotation as an object, or why it is none.
    fn object(
        &self,
        annotation: Annotation,
        record: &Record,
        size: Size,
    ) -> std::result::Result<Object, String> {
        let first = annotation.id.and_then(|id| self.repeated.get(&id));
        if first.is_some_and(|first| *first != record.ordinal) {
            return Err("an annotation before has this id".to_owned());
        }
        let category = annotation.category_id.ok_or("has no `category_id`")?;
        let label = i32::try_from(category).ok();
        let label = label.filter(|label| self.categories.classes.contains(*label));
        let label = label.ok_or_else(|| format!("there is no category {category}"))?;
        let [x, y, width, height] = annotation.bbox.ok_or("has no `bbox`")?;
        let bounds = [x, y, x + width, y + height];
        if let Some(reason) = refusal(bounds, size) {
            return Err(format!("{reason}, `bbox` {:?}", [x, y, width, height]));
        }
        if let Some(area) = annotation
            .area
            .filter(|area| !area.is_finite() || *area < 0.0)
        {
            return Err(format!("{area} is no area"));
        }
        let (polygons, rle) = mask(annotation.segmentation, size)?;
        let keypoints = annotation.keypoints.filter(|points| !points.is_empty());
        Ok(Object {
            bounds,
            label,
            id: annotation.id,
            is_crowd: annotation.iscrowd.is_some_and(|flag| flag.0),
            area: annotation.area,
            polygons,
            rle,
            keypoints: keypoints
                .map(|points| self.keypoints(&points, label))
                .transpose()?,
            corners: None,
        })
    }

    fn keypoints(&self, numbers: &[f64], label: i32) -> std::result::Result<Vec<Keypoint>, String> {
        let len = numbers.len();
        let of_class = self.keypoints.get(&label).map(|len| len * 3);
        if !len.is_multiple_of(3) || of_class.is_some_and(|of_class| of_class != len) {
            let needed = of_class.map_or("three each".to_owned(), |len| len.to_string());
            return Err(format!("{len} numbers of keypoints, not {needed}"));
        }
        if !are_finite(numbers) {
            return Err("a keypoint with a number that 32 bits do not hold".to_owned());
        }
        let points = numbers.chunks_exact(3).map(|point| match *point {
            [x, y, visibility] if [0.0, 1.0, 2.0].contains(&visibility) => Ok(Keypoint {
                x,
                y,
                visibility: visibility as i32,
            }),
            _ => Err(format!(
                "a keypoint {point:?} whose visibility is not 0, 1 or 2"
            )),
        });
        points.collect()
    }
}

/// Width and height, if they are said.
fn size(image: &Image) -> std::result::Result<Option<Size>, String> {
    let (Some(width), Some(height)) = (image.width, image.height) else {
        return Ok(None);
    };
    if width == 0 && height == 0 {
        return Ok(None);
    }
    match (i32::try_from(width), i32::try_from(height)) {
        (Ok(width @ 1..), Ok(height @ 1..)) => Ok(Some(Size { width, height })),
        _ => Err(format!("{width} x {height} is no size of an image")),
    }
}

type Mask = (Option<Vec<Vec<f64>>>, Option<Rle>);

/// Polygons or run lengths, or why they are none.
fn mask(segmentation: Segmentation, size: Size) -> std::result::Result<Mask, String> {
    match segmentation {
        Segmentation::None => Ok((None, None)),
        Segmentation::Polygons(polygons) => {
            let refused = polygons.iter().find_map(|polygon| polygon_refusal(polygon));
            refused.map_or(Ok((Some(polygons), None)), Err)
        }
        Segmentation::Runs(runs) => {
            let rle = match runs.counts {
                Counts::Text(counts) => Rle::of_text(runs.size, counts, size),
                Counts::Numbers(counts) => Rle::of_counts(runs.size, &counts, size),
            };
            Ok((None, Some(rle?)))
        }
    }
}

/// Rows column by column.
#[derive(Default)]
struct Rows {
    ids: Vec<i64>,
    files: Vec<String>,
    /// Of images that are read.
    cells: Vec<Cell>,
    sizes: Vec<Size>,
    objects: Vec<Vec<Object>>,
}
