//! The images of rows: what they are called, how large they are, and copies of them.

use super::image_names::extension;
use super::target::Target;
use super::{Rows, bad};
use crate::images::{Size, size};
use crate::source::child;
use crate::{Error, Result, Source};
use bytes::Bytes;
use std::collections::HashSet;
use std::path::PathBuf;
use tlc_core::arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use tlc_core::arrow::datatypes::{Int32Type, Int64Type};
use tlc_core::{ImageStorage, Media, Schema, Url, ValueType};

/// What errors call the column of images.
const IMAGE: &str = "image";

/// Where copies of images go, and where images by URL are read.
#[derive(Clone, Debug, Default)]
pub(super) struct Copies {
    folder: Option<Source>,
    allowed: Vec<Url>,
    overwrites: bool,
}

impl Copies {
    pub(super) fn to(self, folder: Source) -> Self {
        Self {
            folder: Some(folder),
            ..self
        }
    }

    pub(super) fn allow(mut self, folder: Url) -> Self {
        self.allowed.push(folder);
        self
    }

    pub(super) fn overwriting(self) -> Self {
        Self {
            overwrites: true,
            ..self
        }
    }

    /// The images of rows.
    pub(super) fn of(&self, rows: &Rows) -> Result<Pictures> {
        let folder = self.folder.as_ref().map(Source::single).transpose()?;
        let layout = Layout::of(&rows.schema()?);
        if folder.is_some() && layout.image.is_none() {
            return Err(Error::column(
                IMAGE,
                "there is no column of images to write",
            ));
        }
        let is_by_url = layout
            .image
            .as_ref()
            .is_some_and(|(_, is_by_url)| *is_by_url);
        let needs_image = folder.is_some() || !layout.has_size || !layout.has_file && is_by_url;
        let names = layout.names(needs_image);
        Ok(Pictures {
            rows: match names.is_empty() {
                true => rows.clone(),
                false => rows.clone().columns(names),
            },
            layout,
            folder,
            media: rows.media(&self.allowed),
            overwrites: self.overwrites,
        })
    }
}

/// Columns that say something of images.
struct Layout {
    /// And whether cells hold URLs.
    image: Option<(String, bool)>,
    has_size: bool,
    has_file: bool,
    has_id: bool,
    has_split: bool,
}

impl Layout {
    fn of(schema: &Schema) -> Self {
        let image = schema
            .columns()
            .iter()
            .find_map(|column| match column.value {
                ValueType::Image { storage } => {
                    Some((column.name.clone(), storage == ImageStorage::Url))
                }
                _ => None,
            });
        let has = |name: &str, value: &ValueType| {
            schema
                .column(name)
                .is_some_and(|column| column.value == *value)
        };
        Self {
            image,
            has_size: has("width", &ValueType::Int32) && has("height", &ValueType::Int32),
            has_file: has("file", &ValueType::String),
            has_id: has("image_id", &ValueType::Int64),
            has_split: has("split", &ValueType::String),
        }
    }

    /// The columns that are read.
    fn names(&self, needs_image: bool) -> Vec<String> {
        let image = self.image.as_ref().filter(|_| needs_image);
        let mut names: Vec<String> = image.map(|(name, _)| name.clone()).into_iter().collect();
        let mut add = |is_there: bool, more: &[&str]| {
            names.extend(
                more.iter()
                    .filter(|_| is_there)
                    .map(|name| (*name).to_owned()),
            );
        };
        add(self.has_size, &["width", "height"]);
        add(self.has_file, &["file"]);
        add(self.has_id, &["image_id"]);
        add(self.has_split, &["split"]);
        names
    }
}

/// The images of rows, as they are asked for.
pub(super) struct Pictures {
    /// With the columns that are needed.
    rows: Rows,
    layout: Layout,
    folder: Option<Url>,
    media: Option<Media>,
    overwrites: bool,
}

/// The image of a row.
pub(super) struct Picture {
    pub(super) id: Option<i64>,
    /// Names with `/` between.
    pub(super) name: String,
    pub(super) size: Size,
    pub(super) split: Option<String>,
    /// What is to be copied.
    pub(super) bytes: Option<Bytes>,
}

impl Pictures {
    /// Each image, in order.
    ///
    /// # Errors
    /// [`Error::Row`] for an image without a size; those of reading, while iterating, too.
    pub(super) fn each(&self) -> Result<impl Iterator<Item = Result<Picture>> + '_> {
        let mut row = 0;
        Ok(self.rows.batches()?.flat_map(move |batch| {
            let each: Vec<Result<Picture>> = match batch {
                Err(error) => vec![Err(error)],
                Ok(batch) => {
                    let picture = |at| {
                        row += 1;
                        self.picture(&batch, at, row)
                    };
                    (0..batch.num_rows()).map(picture).collect()
                }
            };
            each
        }))
    }

    fn picture(&self, batch: &RecordBatch, at: usize, row: u64) -> Result<Picture> {
        let cells = Cells { batch, at };
        let image = self.layout.image.as_ref().map(|(name, _)| name.as_str());
        let url = image.and_then(|image| cells.text(image));
        let of_url = || Some(url.as_ref()?.rsplit('/').next()?.to_owned());
        let bytes = match (image.and_then(|image| cells.bytes(image)), &url) {
            (Some(bytes), _) => Some(bytes),
            (None, Some(url)) if self.folder.is_some() || !self.layout.has_size => {
                Some(self.read(url, row)?)
            }
            _ => None,
        };
        let of_row = || match bytes.as_deref().and_then(extension) {
            Some(ending) => format!("{row}.{ending}"),
            None => row.to_string(),
        };
        let said = cells.number("width").zip(cells.number("height"));
        let said = said.map(|(width, height)| Size { width, height });
        let size = said.or_else(|| size(bytes.as_deref()?).ok());
        Ok(Picture {
            id: cells.id(),
            name: cells.text("file").or_else(of_url).unwrap_or_else(of_row),
            size: size.ok_or_else(|| bad(row, IMAGE, "has no size: give `width` and `height`"))?,
            split: cells.text("split"),
            bytes: bytes.filter(|_| self.folder.is_some()),
        })
    }

    fn read(&self, url: &str, row: u64) -> Result<Bytes> {
        match &self.media {
            Some(media) => Ok(media.read(url)?),
            None => Err(bad(row, IMAGE, "images by URL are read of tables alone")),
        }
    }

    /// Writes images into the folder.
    pub(super) fn copier(&self) -> Copier<'_> {
        Copier {
            pictures: self,
            written: HashSet::new(),
        }
    }
}

/// Writes images, each under a name of its own.
pub(super) struct Copier<'a> {
    pictures: &'a Pictures,
    written: HashSet<Url>,
}

impl Copier<'_> {
    /// Writes the image of a row under its name in the folder, if images are to be written.
    ///
    /// # Errors
    /// [`Error::Row`] for a name that leads out of the folder, or that another image has;
    /// `AlreadyExists`; those of writing.
    pub(super) fn copy(&mut self, picture: &Picture, row: u64) -> Result<Option<Url>> {
        let (Some(folder), Some(bytes)) = (&self.pictures.folder, &picture.bytes) else {
            return Ok(None);
        };
        let refused = |reason| bad(row, IMAGE, format!("`{}` {reason}", picture.name));
        let url = named(folder, &picture.name).map_err(refused)?;
        if !self.written.insert(url.clone()) {
            return Err(refused("is the name of an image before, too".to_owned()));
        }
        let failed = |source| Error::io(&url, source);
        if let Some(folder) = url.parent().and_then(|folder| folder.to_path()) {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        let target = Target::of(PathBuf::from(url.to_string()));
        let target = match self.pictures.overwrites {
            true => target.overwriting(),
            false => target,
        };
        let written = target.write(|file, _| file.write_all(bytes).map_err(failed))?;
        Ok(Some(written.0))
    }
}

/// The cells of a row.
struct Cells<'a> {
    batch: &'a RecordBatch,
    at: usize,
}

impl Cells<'_> {
    fn there(&self, name: &str) -> Option<&ArrayRef> {
        let values = self.batch.column_by_name(name)?;
        values.is_valid(self.at).then_some(values)
    }

    fn text(&self, name: &str) -> Option<String> {
        let texts = self.there(name)?.as_string_opt::<i32>()?;
        Some(texts.value(self.at).to_owned())
    }

    fn number(&self, name: &str) -> Option<i32> {
        Some(
            self.there(name)?
                .as_primitive_opt::<Int32Type>()?
                .value(self.at),
        )
    }

    fn id(&self) -> Option<i64> {
        Some(
            self.there("image_id")?
                .as_primitive_opt::<Int64Type>()?
                .value(self.at),
        )
    }

    fn bytes(&self, name: &str) -> Option<Bytes> {
        let images = self.there(name)?.as_binary_opt::<i32>()?;
        Some(Bytes::copy_from_slice(images.value(self.at)))
    }
}

/// The file of a name in a folder, and nowhere else.
fn named(folder: &Url, name: &str) -> std::result::Result<Url, String> {
    let mut url = folder.clone();
    for step in name.split('/').filter(|step| *step != ".") {
        if matches!(step, "" | "..") {
            return Err("leads out of the folder of images".to_owned());
        }
        url = child(&url, step).map_err(|error| error.to_string())?;
    }
    match url == *folder {
        true => Err("is no name of a file".to_owned()),
        false => Ok(url),
    }
}
