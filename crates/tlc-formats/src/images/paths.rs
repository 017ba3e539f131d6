//! Rows of any format that name image files.

use super::allowed::Allowed;
use super::embed::{self, Cell, PIECE_FILES, Storage, pieces};
use super::header::Size;
use crate::import::{Bad, Change, Changed, Give};
use crate::parallel::in_order;
use crate::{Error, Format, Result, RowSink, Source};
use std::sync::Arc;
use tlc_core::arrow::array::{
    Array, ArrayRef, AsArray, Int32Array, LargeStringArray, RecordBatch, UInt64Array,
};
use tlc_core::arrow::compute::{cast, take};
use tlc_core::arrow::datatypes::{DataType, Field, FieldRef, Schema};
use tlc_core::{Media, Url};

const IMAGE: &str = "image";
/// Where the names go if they stood in the column of the images.
const FILE: &str = "file";

/// Rows of another format, of which a column names image files: a CSV of paths and labels.
///
/// The columns `image`, `width` and `height` (in pixels) stand before those of the rows; a
/// column of names that is itself called `image` becomes `file`. Names are relative to the
/// folder, or absolute. Whoever wrote the rows chose the names: one that leads out of the
/// folder, by `..`, by a link or as an absolute path, is a bad row, unless the user
/// [allows](Self::allow) where it leads; likewise a name of no file, and a damaged image.
///
/// ```
/// use tlc_core::Url;
/// use tlc_formats::{Csv, ImagePaths, ImportOptions, import};
/// # let png = [&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x02\0\0\0\x01\x08\0\0\0\0????"[..],
/// #     b"\0\0\0\0IEND????"].concat();
///
/// let folder = tempfile::tempdir()?;
/// std::fs::write(folder.path().join("1.png"), png)?;
/// let csv = folder.path().join("labels.csv");
/// std::fs::write(&csv, "path,label\n1.png,cat\n")?;
///
/// let root = Url::parse("memory://docs-image-paths/")?;
/// let images = ImagePaths::new(Csv::new(&csv), "path", folder.path());
/// let table = import(&images, ImportOptions::new("pets", "all").root(&root).label("label"))?.table;
/// let names: Vec<_> = table.schema().names().collect();
/// assert_eq!(names, ["image", "width", "height", "path", "label"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ImagePaths<F> {
    rows: F,
    column: String,
    folder: Source,
    allowed: Vec<Url>,
    storage: Storage,
}

impl<F: Format> ImagePaths<F> {
    /// Rows, their column of names, and the folder that these are relative to. The images
    /// become part of the table.
    pub fn new(rows: F, column: impl Into<String>, folder: impl Into<Source>) -> Self {
        Self {
            rows,
            column: column.into(),
            folder: folder.into(),
            allowed: Vec::new(),
            storage: Storage::Embedded,
        }
    }

    /// Leaves the images where they are: cells name them, as [`Media`] says.
    #[must_use]
    pub fn by_url(self) -> Self {
        Self {
            storage: Storage::ByUrl,
            ..self
        }
    }

    /// Lets names lead into this folder, too.
    #[must_use]
    pub fn allow(mut self, folder: impl Into<Url>) -> Self {
        self.allowed.push(folder.into());
        self
    }
}

impl<F: Format> Format for ImagePaths<F> {
    fn describe(&self) -> String {
        format!("images in {} by {}", self.folder, self.rows.describe())
    }

    fn read(&self, rows: &mut RowSink<'_>) -> Result<()> {
        let [width, height] = Size::columns();
        rows.columns([self.storage.column(), width, height])?;
        let reading = Reading {
            column: self.column.clone(),
            allowed: Allowed::within(&self.folder.single()?, &self.allowed),
            storage: self.storage,
            media: self.storage.media(rows)?,
        };
        rows.through(Arc::new(reading), |rows| self.rows.read(rows))
    }
}

/// Puts images beside their names.
#[derive(Debug)]
struct Reading {
    column: String,
    allowed: Allowed,
    storage: Storage,
    media: Option<Media>,
}

/// A name in a row, or why there is none, and the file that it means.
type Named = (usize, String, std::result::Result<Url, String>);

/// Images that were read.
#[derive(Default)]
struct Read {
    rows: Vec<usize>,
    cells: Vec<Cell>,
    sizes: Vec<Size>,
    bad: Vec<Bad>,
}

impl Change for Reading {
    fn change(&self, batch: &RecordBatch, give: &mut Give<'_>) -> Result<()> {
        let names = self.names(batch)?;
        if names.is_empty() {
            return give(self.piece(batch, Read::default())?);
        }
        let named = (0..names.len()).map(|row| self.named(&names, row));
        let pieces = pieces(named, PIECE_FILES, self.storage, |(.., found)| {
            found.as_ref().ok()
        });
        in_order(
            pieces.map(Ok),
            |piece| self.piece(batch, self.read(piece)?),
            give,
        )
    }
}

impl Reading {
    fn names(&self, batch: &RecordBatch) -> Result<LargeStringArray> {
        let names = batch.column_by_name(&self.column);
        let names = names.ok_or_else(|| {
            let schema = batch.schema();
            let others: Vec<&str> = schema
                .fields()
                .iter()
                .map(|field| field.name().as_str())
                .collect();
            Error::column(
                &self.column,
                format!(
                    "there is no such column of names of images, there are: {}",
                    others.join(", ")
                ),
            )
        })?;
        let texts = [DataType::Utf8, DataType::LargeUtf8, DataType::Utf8View];
        match texts.contains(names.data_type()) {
            true => cast(names, &DataType::LargeUtf8)
                .map(|names| names.as_string::<i64>().clone())
                .map_err(|source| Error::arrow("read names of images", source)),
            false => Err(Error::column(&self.column, "names of images are texts")),
        }
    }

    fn named(&self, names: &LargeStringArray, row: usize) -> Named {
        let name = match names.is_valid(row) {
            true => names.value(row),
            false => "",
        };
        let found = match name {
            "" => Err("no name of an image".to_owned()),
            name => self.allowed.find(name),
        };
        (row, name.to_owned(), found)
    }

    fn read(&self, piece: Vec<Named>) -> Result<Read> {
        let mut read = Read::default();
        for (row, value, found) in piece {
            let image = match found {
                Ok(url) => embed::read(&url, self.media.as_ref())?,
                Err(reason) => Err(reason),
            };
            match image {
                Ok((cell, size)) => {
                    read.rows.push(row);
                    read.cells.push(cell);
                    read.sizes.push(size);
                }
                Err(reason) => read.bad.push(Bad {
                    row,
                    column: self.column.clone(),
                    value,
                    reason,
                }),
            }
        }
        Ok(read)
    }

    /// Rows with their images.
    fn piece(&self, batch: &RecordBatch, read: Read) -> Result<Changed> {
        let failed = |source| Error::arrow("put images beside rows", source);
        let sizes = |of: fn(&Size) -> i32| -> ArrayRef {
            Arc::new(Int32Array::from_iter_values(read.sizes.iter().map(of)))
        };
        let images = self.storage.array(&read.cells);
        let mut fields: Vec<FieldRef> = vec![
            Arc::new(Field::new(IMAGE, images.data_type().clone(), false)),
            Arc::new(Field::new("width", DataType::Int32, false)),
            Arc::new(Field::new("height", DataType::Int32, false)),
        ];
        let mut arrays = vec![images, sizes(|size| size.width), sizes(|size| size.height)];
        let rows: UInt64Array = read.rows.iter().map(|row| Some(*row as u64)).collect();
        for (field, array) in batch.schema().fields().iter().zip(batch.columns()) {
            let is_name = *field.name() == self.column && self.column == IMAGE;
            fields.push(match is_name {
                true => Arc::new(Field::clone(field).with_name(FILE)),
                false => Arc::clone(field),
            });
            arrays.push(take(array, &rows, None).map_err(failed)?);
        }
        let schema = Arc::new(Schema::new(fields));
        Ok(Changed {
            batch: RecordBatch::try_new(schema, arrays).map_err(failed)?,
            rows: read.rows,
            bad: read.bad,
        })
    }
}
