//! Folders of images, with a folder for each class and split.

use super::folder::Folder;
use super::image_names::{Folders, Names, OTHER, extension, folder_name};
use super::{ExportFormat, Exported, Rows};
use crate::{Error, Result};
use bytes::Bytes;
use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::PathBuf;
use tlc_core::arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use tlc_core::arrow::datatypes::Int32Type;
use tlc_core::{ClassMap, ImageStorage, Media, Schema, Url, ValueType};

/// Writes images into a local folder as [`ImageFolder`](crate::ImageFolder) reads them: a folder
/// for each split, if there is a column `split`, and in it one for each class, those without
/// images too.
///
/// A file is called as the column `file` says, without its folders, if there is one; else by
/// the number of its row. A name that is taken already gets that number as well. What is in
/// the names of classes and files and can be in no name of a file, such as `/`, becomes `_`;
/// so nothing is ever written outside of the folder.
///
/// The folder must be new, or empty. It is there whole or not at all.
///
/// ```
/// use tlc_core::{Column, Columns, Table, TableOptions, Url, ValueType};
/// use tlc_formats::{ToImageFolder, Rows, export};
/// # let png = &b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x02\0\0\0\x01\x08\0\0\0\0????"[..];
///
/// let (root, folder) = (Url::parse("memory://docs-export-images/")?, tempfile::tempdir()?);
/// let options = TableOptions::new("pets", "train", "initial")
///     .root(root)
///     .column(Column::new("image", ValueType::image_bytes()))
///     .column(Column::new("label", ValueType::labels(["cat", "dog"])));
/// let table = Table::create(options, |writer| {
///     writer.add_batch(Columns::new().column("image", vec![png, png]).column("label", vec![1, 0]))
/// })?;
/// export(&ToImageFolder::new(folder.path().join("pets")), &Rows::of(&table))?;
/// assert!(folder.path().join("pets/dog/0.png").exists());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ToImageFolder {
    folder: PathBuf,
    image: Option<String>,
    label: Option<String>,
    is_unlabelled: bool,
    allowed: Vec<Url>,
}

impl ToImageFolder {
    /// Into this folder.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            image: None,
            label: None,
            is_unlabelled: false,
            allowed: Vec::new(),
        }
    }

    /// The column of images; by default the first that holds images.
    #[must_use]
    pub fn image(self, column: impl Into<String>) -> Self {
        Self {
            image: Some(column.into()),
            ..self
        }
    }

    /// The column of labels; by default the first that holds labels with names.
    #[must_use]
    pub fn label(self, column: impl Into<String>) -> Self {
        Self {
            label: Some(column.into()),
            ..self
        }
    }

    /// Makes no folders of classes.
    #[must_use]
    pub fn without_labels(self) -> Self {
        Self {
            is_unlabelled: true,
            ..self
        }
    }

    /// Takes images that cells name from this folder, too, beside that of the project.
    #[must_use]
    pub fn allow(mut self, folder: impl Into<Url>) -> Self {
        self.allowed.push(folder.into());
        self
    }
}

impl ExportFormat for ToImageFolder {
    fn write(&self, rows: &Rows) -> Result<Exported> {
        let schema = rows.schema()?;
        let mut writing = Writing {
            plan: Plan::of(self, &schema, rows)?,
            folder: Folder::begin(&self.folder)?,
            names: HashMap::new(),
            rows: 0,
        };
        rows.each(|batch| writing.add(batch))?;
        writing.finish()?;
        writing.folder.publish(writing.rows)
    }
}

/// Which columns are written.
struct Plan {
    image: (String, ImageStorage),
    label: Option<(String, ClassMap)>,
    folders: Folders,
    split: Option<String>,
    file: Option<String>,
    media: Option<Media>,
}

impl Plan {
    fn of(format: &ToImageFolder, schema: &Schema, rows: &Rows) -> Result<Self> {
        let columns = schema.columns().iter();
        let image = columns.clone().find_map(|column| match &column.value {
            ValueType::Image { storage }
                if format
                    .image
                    .as_ref()
                    .is_none_or(|name| *name == column.name) =>
            {
                Some((column.name.clone(), *storage))
            }
            _ => None,
        });
        let image = image.ok_or_else(|| {
            let name = format.image.as_deref().unwrap_or("image");
            Error::column(name, "there is no such column of images")
        })?;
        let wanted = |name: &str| format.label.as_ref().is_none_or(|label| label == name);
        let label = columns.clone().find_map(|column| match &column.value {
            ValueType::CategoricalLabel { classes }
                if wanted(&column.name) && !classes.is_empty() =>
            {
                Some((column.name.clone(), classes.clone()))
            }
            _ => None,
        });
        if let (None, Some(name)) = (&label, &format.label) {
            return Err(Error::column(
                name,
                "there is no such column of labels with classes",
            ));
        }
        let label = label.filter(|_| !format.is_unlabelled);
        let text = |name: &str| {
            let column = schema
                .column(name)
                .filter(|column| column.value == ValueType::String);
            column.map(|column| column.name.clone())
        };
        Ok(Self {
            folders: Folders::of(label.as_ref().map(|(_, classes)| classes)),
            split: text("split").filter(|_| label.is_some()),
            file: text("file"),
            media: rows.media(&format.allowed),
            image,
            label,
        })
    }
}

struct Writing {
    plan: Plan,
    folder: Folder,
    /// Names that are taken, for each folder.
    names: HashMap<String, Names>,
    /// How many rows were written.
    rows: u64,
}

impl Writing {
    fn add(&mut self, batch: &RecordBatch) -> Result<()> {
        let column = |name: &str| {
            let column = batch.column_by_name(name).cloned();
            column.ok_or_else(|| Error::column(name, "the column is missing"))
        };
        let images = column(&self.plan.image.0)?;
        let labels = self
            .plan
            .label
            .as_ref()
            .map(|(name, _)| column(name))
            .transpose()?;
        let splits = self.plan.split.as_deref().map(column).transpose()?;
        let files = self.plan.file.as_deref().map(column).transpose()?;
        for row in 0..batch.num_rows() {
            let image = self.image(&images, row)?;
            let folder = self.folder_of(labels.as_ref(), splits.as_ref(), row)?;
            let file = files.as_ref().and_then(|files| text(files, row));
            self.put(&folder, file, &image)?;
        }
        Ok(())
    }

    fn image(&self, images: &ArrayRef, row: usize) -> Result<Bytes> {
        let (name, storage) = &self.plan.image;
        let missing = || {
            let reason = format!("row {} has no image: leave it out", self.rows);
            Error::column(name, reason)
        };
        if images.is_null(row) {
            return Err(missing());
        }
        match storage {
            ImageStorage::Bytes => {
                let images = images.as_binary_opt::<i32>().ok_or_else(missing)?;
                Ok(Bytes::copy_from_slice(images.value(row)))
            }
            ImageStorage::Url => {
                let url = text(images, row).ok_or_else(missing)?;
                let media = self.plan.media.as_ref().ok_or_else(missing)?;
                Ok(media.read(url)?)
            }
        }
    }

    /// Relative to the whole, with `/` between.
    fn folder_of(
        &self,
        labels: Option<&ArrayRef>,
        splits: Option<&ArrayRef>,
        row: usize,
    ) -> Result<String> {
        let mut steps = Vec::new();
        if let Some(splits) = splits {
            steps.push(folder_name(text(splits, row).unwrap_or("unknown")));
        }
        if let (Some(labels), Some((name, _))) = (labels, &self.plan.label) {
            let ids = labels.as_primitive_opt::<Int32Type>();
            let id = ids
                .filter(|ids| ids.is_valid(row))
                .map(|ids| ids.value(row));
            let class = id.and_then(|id| self.plan.folders.get(id));
            let class = class.ok_or_else(|| {
                let reason = format!(
                    "row {} has no class: leave it out, or export without labels",
                    self.rows
                );
                Error::column(name, reason)
            })?;
            steps.push(class.to_owned());
        }
        Ok(steps.join("/"))
    }

    fn put(&mut self, folder: &str, file: Option<&str>, image: &[u8]) -> Result<()> {
        let number = self.rows;
        self.rows += 1;
        let name = match file {
            Some(file) => Names::of_file(file, image),
            None => format!("{number}.{}", extension(image).unwrap_or(OTHER)),
        };
        self.make(folder)?;
        let names = self.names.entry(folder.to_owned()).or_default();
        let name = names.free(&name, number);
        match folder {
            "" => self.folder.write(&name, image),
            _ => self.folder.write(&format!("{folder}/{name}"), image),
        }
    }

    /// Makes a folder; a second class whose folder is the same to the system is told.
    fn make(&self, folder: &str) -> Result<()> {
        if folder.is_empty() || self.names.contains_key(folder) {
            return Ok(());
        }
        let path = self.folder.staged().join(folder);
        let made = match path.parent() {
            Some(parent) => fs::create_dir_all(parent),
            None => Ok(()),
        };
        made.and_then(|()| fs::create_dir(&path))
            .map_err(|source| match source.kind() {
                io::ErrorKind::AlreadyExists => {
                    let reason = format!(
                        "the folder {folder} is that of another class to this system: rename one"
                    );
                    Error::column("label", reason)
                }
                _ => self.folder.failed(source),
            })
    }

    /// Folders of classes without images.
    fn finish(&mut self) -> Result<()> {
        if self.plan.split.is_some() {
            return Ok(());
        }
        let folders: Vec<String> = self.plan.folders.all().map(str::to_owned).collect();
        for folder in folders {
            self.make(&folder)?;
            self.names.entry(folder).or_default();
        }
        Ok(())
    }
}

fn text(values: &ArrayRef, row: usize) -> Option<&str> {
    let texts = values.as_string_opt::<i32>()?;
    texts.is_valid(row).then(|| texts.value(row))
}
