//! COCO: images, and the boxes, outlines, masks and keypoints in them, in one JSON file.
//!
//! The file is read once, element after element, and what belongs to an image is sorted to it
//! on disk, then made a row: images and annotations may come in any order, and memory does not
//! grow with them.

mod document;
pub(crate) mod elements;
mod rows;
mod survey;

use self::rows::{Joined, Making, Piece};
use self::survey::Surveyed;
use super::pictures::Reader;
use crate::images::{Size, Storage, bad_row};
use crate::parallel::in_order;
use crate::{BadRow, Error, Format, Result, RowSink, Source, SourceFile};
use tlc_core::{Column, Url, ValueType};

const IMAGES: &str = "images";
const ANNOTATIONS: &str = "annotations";
const CATEGORIES: &str = "categories";

/// A file of annotations in the format of [COCO](https://cocodataset.org/#format-data):
/// detection, instance segmentation and keypoints.
///
/// A row is an image, by ascending id, as `torchvision` has them. The table has the columns
/// `image`, `boxes`, `width` and `height` in pixels, `image_id`, and `file`, its `file_name`.
/// Boxes are structs of the corners `x0`, `y0`, `x1`, `y1` in pixels and a `label`, the id of the
/// category; where annotations have them, also of `id`, `is_crowd`, `area`, `polygons`, `rle`
/// and `keypoints`, as FORMAT.md describes them. Coordinates are kept in 32 bits, and areas in
/// 64. A category's supercategory, licenses and other keys are not kept.
///
/// An image that cannot be read, whose size is another than the file says, or whose id comes
/// twice is a bad row. So is an annotation of no image or category, with a box that has no size
/// or lies outside of its image, with a mask or keypoints that are none, or an id that comes
/// twice: if bad rows are left out, the annotation is, and its image stays.
///
/// ```
/// use tlc_core::Url;
/// use tlc_formats::{Coco, ImportOptions, import};
///
/// let folder = tempfile::tempdir()?;
/// let file = folder.path().join("instances.json");
/// std::fs::write(&file, r#"{
///     "images": [{"id": 7, "file_name": "7.jpg", "width": 640, "height": 480}],
///     "annotations": [{"id": 1, "image_id": 7, "category_id": 3, "bbox": [10, 20, 30, 40]}],
///     "categories": [{"id": 3, "name": "car"}]
/// }"#)?;
/// let root = Url::parse("memory://docs-coco/")?;
/// let coco = Coco::new(&file).without_images();
/// let table = import(&coco, ImportOptions::new("streets", "val").root(&root))?.table;
/// let names: Vec<_> = table.schema().names().collect();
/// assert_eq!(names, ["boxes", "width", "height", "image_id", "file"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Coco {
    file: Source,
    images: Option<Source>,
    allowed: Vec<Url>,
    /// `None` if images are not looked at.
    storage: Option<Storage>,
}

impl Coco {
    /// The JSON file, or one that is gzipped. Its images are beside it, or where their
    /// `file_name` leads to from there, and become part of the table.
    pub fn new(file: impl Into<Source>) -> Self {
        Self {
            file: file.into(),
            images: None,
            allowed: Vec::new(),
            storage: Some(Storage::Embedded),
        }
    }

    /// The folder that a `file_name` is relative to.
    #[must_use]
    pub fn images(mut self, folder: impl Into<Source>) -> Self {
        self.images = Some(folder.into());
        self
    }

    /// Takes images of this folder, too, that a `file_name` leads to by an absolute path, by `..`
    /// or by a link.
    #[must_use]
    pub fn allow(mut self, folder: impl Into<Url>) -> Self {
        self.allowed.push(folder.into());
        self
    }

    /// Leaves the images where they are: cells name them, as [`Media`](tlc_core::Media) says.
    #[must_use]
    pub fn by_url(mut self) -> Self {
        self.storage = Some(Storage::ByUrl);
        self
    }

    /// Does not look at images, which need not be there; there is no column of them.
    #[must_use]
    pub fn without_images(mut self) -> Self {
        self.storage = None;
        self
    }

    /// The folder of images, for a file.
    fn folder(&self, file: &SourceFile) -> Result<Url> {
        if let Some(images) = &self.images {
            return images.single();
        }
        let folder = file.url().parent();
        folder.ok_or_else(|| file.refused("is in no folder: say where the images are"))
    }

    fn columns(&self, boxes: &Column) -> Vec<Column> {
        let mut columns: Vec<Column> = self.storage.map(Storage::column).into_iter().collect();
        columns.push(boxes.clone());
        columns.extend(Size::columns());
        columns.push(Column::new("image_id", ValueType::Int64));
        columns.push(Column::new("file", ValueType::String));
        columns
    }
}

impl Format for Coco {
    fn describe(&self) -> String {
        format!("COCO of {}", self.file)
    }

    fn read(&self, rows: &mut RowSink<'_>) -> Result<()> {
        let file = match self.file.files(&["json"])?.as_slice() {
            [file] => file.clone(),
            _ => {
                return Err(Error::NoFiles {
                    source_text: self.file.to_string(),
                    reason: "give one file of annotations: each becomes a table".to_owned(),
                });
            }
        };
        let Surveyed {
            images,
            annotations,
            images_len,
            categories,
            extras,
            repeated,
        } = survey::survey(&file, rows)?;
        let folder = self.folder(&file)?;
        let reader = |storage| Reader::new(storage, rows, &folder, &self.allowed);
        let reader = self.storage.map(reader).transpose()?;
        let making = Making::of(&file, reader, extras, &categories, &repeated);
        rows.columns(self.columns(&making.boxes))?;
        // There may be no image.
        making.make(Piece::default())?.give(rows, &file)?;
        let len_bytes = file.len_bytes()?;
        let (total, mut done) = (images_len.max(1), 0_u64);
        let joined = Joined {
            images,
            annotations,
            reader: making.reader.as_ref(),
        };
        in_order(
            joined,
            |piece| Ok((piece.images(), making.make(piece)?)),
            |(images, made)| {
                made.give(rows, &file)?;
                done += images;
                let of_bytes = u128::from(len_bytes) * u128::from(done) / u128::from(total);
                let of_bytes = u64::try_from(of_bytes).unwrap_or_default();
                rows.progress(len_bytes + of_bytes, len_bytes.saturating_mul(2));
                Ok(())
            },
        )
    }
}

/// Why an element of a list is none: an image, an annotation, or a category.
fn bad(file: &SourceFile, list: &str, id: Option<i64>, ordinal: u64, reason: String) -> BadRow {
    let name = match id {
        Some(id) => format!("{} {id}", list.trim_end_matches('s')),
        None => format!("{list}[{ordinal}]"),
    };
    bad_row(file.url(), name, None, reason)
}
