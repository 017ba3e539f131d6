//! COCO: images, and the boxes, outlines, masks and keypoints in them, in one JSON file.
//!
//! The file is read once, element after element, and what belongs to an image is sorted to it
//! on disk: images and annotations may come in any order, and memory does not grow with them.

mod document;
pub(crate) mod elements;
mod rows;
mod survey;

use self::rows::{Joined, Made, Making};
use self::survey::Surveyed;
use super::pictures::Pictures;
use crate::parallel::in_order;
use crate::{At, BadRow, Error, Format, Place, Places, Result, RowSink, Source, SourceFile};
use tlc_core::{Column, Columns, Url, ValueType};

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
    pictures: Pictures,
}

impl Coco {
    /// The JSON file, or one that is gzipped. Its images are beside it, or where their
    /// `file_name` leads to from there, and become part of the table.
    pub fn new(file: impl Into<Source>) -> Self {
        Self {
            file: file.into(),
            images: None,
            allowed: Vec::new(),
            pictures: Pictures::default(),
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
        self.pictures = Pictures::ByUrl;
        self
    }

    /// Does not look at images, which need not be there; there is no column of them.
    #[must_use]
    pub fn without_images(mut self) -> Self {
        self.pictures = Pictures::Left;
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
        let pixels = |name| Column::new(name, ValueType::Int32).unit("px");
        let mut columns: Vec<Column> = self.pictures.column().into_iter().collect();
        columns.extend([boxes.clone(), pixels("width"), pixels("height")]);
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
        let reader = self.pictures.reader(rows, &folder, &self.allowed)?;
        let making = Making::of(&file, reader, extras, &categories, &repeated);
        rows.columns(self.columns(&making.boxes))?;
        let len_bytes = file.len_bytes()?;
        let (total, mut done) = (images_len.max(1), 0_u64);
        let mut has_rows = false;
        let joined = Joined {
            images,
            annotations,
            pictures: self.pictures,
            folder: &folder,
        };
        in_order(
            joined,
            |piece| making.make(piece),
            |made: Made| {
                done += made.images;
                let (is_empty, names) = (made.is_empty(), made.names);
                made.bad
                    .into_iter()
                    .try_for_each(|bad| rows.bad(bad.into()))?;
                if !is_empty {
                    has_rows = true;
                    let name = move |row| names.get(row).cloned().unwrap_or_default();
                    rows.add(made.batch, &Places::named(&file, name))?;
                }
                let of_bytes = u128::from(len_bytes) * u128::from(done) / u128::from(total);
                let of_bytes = u64::try_from(of_bytes).unwrap_or_default();
                rows.progress(len_bytes + of_bytes, len_bytes.saturating_mul(2));
                Ok(())
            },
        )?;
        match has_rows {
            true => Ok(()),
            false => rows.add(empty(&self.columns(&making.boxes)), &Places::rows(&file, 0)),
        }
    }
}

/// No row of these columns.
fn empty(columns: &[Column]) -> Columns {
    let columns = columns.iter().map(|column| {
        let values = tlc_core::arrow::array::new_empty_array(&column.value.to_arrow());
        (column.name.clone(), values)
    });
    columns.collect()
}

/// Where an image or annotation is.
fn place(file: &SourceFile, list: &str, id: Option<i64>, ordinal: u64) -> Place {
    let named = match id {
        Some(id) => format!("{} {id}", list.trim_end_matches('s')),
        None => format!("{list}[{ordinal}]"),
    };
    Place {
        file: Some(file.url().clone()),
        at: At::Named(named),
    }
}

/// Why an image or annotation is none.
fn bad(place: Place, reason: String) -> BadRow {
    BadRow {
        place,
        column: None,
        value: None,
        reason,
    }
}
