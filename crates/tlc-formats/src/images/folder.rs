//! Folders of images, with a folder for each class and each split, or without.

use super::embed::{Storage, Taken, of_folder};
use super::header::Size;
use super::named::Made;
use super::tree::{Folder, Kind, Rules, Tree};
use crate::parallel::in_order;
use crate::{Error, Format, Result, RowSink, Source, SourceFile};
use std::sync::atomic::{AtomicU64, Ordering};
use tlc_core::{ClassMap, Column, Columns, ValueType};

/// A folder of images: PNG, JPEG, GIF, WebP, BMP, TIFF.
///
/// ```text
/// pets/cat/1.png                 a folder a class, which have all images in it and below
/// pets/train/cat/1.png           a folder a split, and in it a folder a class
/// pets/1.png                     no class
/// ```
///
/// The table has the columns `image`, `label` (if there are classes), `width` and `height` in
/// pixels, `file`, relative to the folder, and `split` (if there are splits): `train`,
/// `validation` or `test`, whatever of the usual names their folders have. Rows stand by split,
/// class and name. The classes are the folders of all splits, sorted, those without images among
/// them; a split without folders of classes has no labels.
///
/// An image whose size cannot be read, or of which the end is missing, is a bad row; likewise a
/// link to a folder, an image beside the folders of classes, a format that is not read, a name
/// that is not UTF-8. Other files, and what begins with a dot, are left out.
///
/// ```
/// use tlc_core::Url;
/// use tlc_formats::{ImageFolder, ImportOptions, import};
/// # let png = [&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x02\0\0\0\x01\x08\0\0\0\0????"[..],
/// #     b"\0\0\0\0IEND????"].concat();
/// # let folder = tempfile::tempdir()?;
/// # for file in ["train/cat/1.png", "train/dog/2.png", "test/dog/3.png"] {
/// #     let path = folder.path().join(file);
/// #     std::fs::create_dir_all(path.parent().unwrap())?;
/// #     std::fs::write(path, &png)?;
/// # }
/// # let root = Url::parse("memory://docs-image-folder/")?;
///
/// let pets = ImageFolder::new(folder.path());
/// let all = import(&pets, ImportOptions::new("pets", "all").root(&root))?.table;
/// let names: Vec<_> = all.schema().names().collect();
/// assert_eq!(names, ["image", "label", "width", "height", "file", "split"]);
///
/// // A table for each split. Their labels have the same classes.
/// for split in pets.splits()? {
///     let options = ImportOptions::new("pets", &split).root(&root);
///     let table = import(&pets.clone().split(&split), options)?.table;
///     assert_eq!(table.len(), if split == "train" { 2 } else { 1 });
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ImageFolder {
    folder: Source,
    rules: Rules,
    split: Option<String>,
    storage: Storage,
}

impl ImageFolder {
    /// The folder, whose images become part of the table.
    pub fn new(folder: impl Into<Source>) -> Self {
        Self {
            folder: folder.into(),
            rules: Rules::default(),
            split: None,
            storage: Storage::Embedded,
        }
    }

    /// Leaves the images where they are: cells name them, as [`Media`](tlc_core::Media) says.
    /// Of files of more than 64 KiB only the beginning is looked at.
    #[must_use]
    pub fn by_url(self) -> Self {
        Self {
            storage: Storage::ByUrl,
            ..self
        }
    }

    /// Takes this split alone, `train`, `validation` or `test`; there is no column of them then.
    #[must_use]
    pub fn split(self, split: impl Into<String>) -> Self {
        Self {
            split: Some(super::splits::canonical(&split.into())),
            ..self
        }
    }

    /// Takes a folder `train` or `test` for a class like others.
    #[must_use]
    pub fn without_splits(mut self) -> Self {
        self.rules.has_no_splits = true;
        self
    }

    /// Takes all images at any depth, without classes.
    #[must_use]
    pub fn without_labels(mut self) -> Self {
        self.rules.is_unlabelled = true;
        self
    }

    /// The splits that there are; none if folders are classes.
    ///
    /// # Errors
    /// [`Error::NoFiles`] if there is no folder, or nothing in it; those of the store.
    pub fn splits(&self) -> Result<Vec<String>> {
        Ok(self.tree()?.splits())
    }

    fn tree(&self) -> Result<Tree> {
        Tree::of(&self.folder.single()?, &self.rules)
    }

    /// The folders of the split.
    fn chosen(&self, tree: &Tree) -> Result<Vec<Folder>> {
        let Some(split) = &self.split else {
            return Ok(tree.folders.clone());
        };
        let folders = tree.folders.iter();
        let chosen: Vec<Folder> = folders
            .filter(|folder| folder.split.as_ref() == Some(split))
            .cloned()
            .collect();
        match chosen.is_empty() {
            false => Ok(chosen),
            true => Err(self.none(&format!(
                "there is no split `{split}`, there are: {}",
                tree.splits().join(", ")
            ))),
        }
    }

    fn none(&self, reason: &str) -> Error {
        Error::NoFiles {
            source_text: self.folder.to_string(),
            reason: reason.to_owned(),
        }
    }
}

impl Format for ImageFolder {
    fn describe(&self) -> String {
        match &self.split {
            Some(split) => format!("images of {}, {split}", self.folder),
            None => format!("images of {}", self.folder),
        }
    }

    fn read(&self, rows: &mut RowSink<'_>) -> Result<()> {
        let tree = self.tree()?;
        let folders = self.chosen(&tree)?;
        let shape = Shape::of(self, &tree, &folders);
        rows.columns(shape.columns())?;
        for bad in tree.bad {
            rows.bad(bad.into())?;
        }
        let media = self.storage.media(rows)?;
        let root = SourceFile::at(self.folder.single()?)?;
        let total = folders.len() as u64;
        let (listed, mut images) = (AtomicU64::new(0), 0_u64);
        let pieces = folders.iter().flat_map(|folder| {
            listed.fetch_add(1, Ordering::Relaxed);
            of_folder(folder, self.storage)
        });
        in_order(
            pieces,
            |(folder, piece)| {
                let taken = Taken::read(piece, media.as_ref(), root.url())?;
                Ok(Made {
                    batch: shape.batch(folder, &taken),
                    names: taken.names,
                    bad: taken.bad,
                })
            },
            |made| {
                images += made.names.len() as u64 + made.bad.len() as u64;
                made.give(rows, &root)?;
                rows.progress(listed.load(Ordering::Relaxed), total);
                Ok(())
            },
        )?;
        match images {
            0 => Err(self.none("there is no image in it")),
            _ => Ok(()),
        }
    }
}

/// Which columns there are, and what they mean.
struct Shape {
    storage: Storage,
    /// None if there are no labels.
    classes: ClassMap,
    /// Whether a split has no classes.
    lacks_labels: bool,
    has_splits: bool,
}

impl Shape {
    fn of(format: &ImageFolder, tree: &Tree, folders: &[Folder]) -> Self {
        Self {
            storage: format.storage,
            classes: ClassMap::new(tree.classes.iter().cloned()),
            lacks_labels: folders.iter().any(|folder| folder.kind == Kind::Unlabelled),
            has_splits: format.split.is_none()
                && folders.iter().any(|folder| folder.split.is_some()),
        }
    }

    fn columns(&self) -> Vec<Column> {
        let label = Column::new("label", ValueType::labels(&self.classes));
        let label = label.nullable(self.lacks_labels);
        let mut columns = vec![self.storage.column()];
        columns.extend((!self.classes.is_empty()).then_some(label));
        columns.extend(Size::columns());
        columns.push(Column::new("file", ValueType::String));
        columns.extend(
            self.has_splits
                .then(|| Column::new("split", ValueType::String)),
        );
        columns
    }

    fn batch(&self, folder: &Folder, taken: &Taken) -> Columns {
        let rows = taken.names.len();
        let mut columns = Columns::new().column("image", self.storage.array(&taken.cells));
        let label = match &folder.kind {
            Kind::Class(class) => self.classes.id_of(class),
            _ => None,
        };
        match label {
            Some(label) => columns.push("label", vec![label; rows]),
            None if self.classes.is_empty() => {}
            None => columns.push("label", vec![None::<i32>; rows]),
        }
        Size::push(&taken.sizes, &mut columns);
        let names = taken.names.iter().map(String::as_str);
        columns.push("file", names.collect::<Vec<_>>());
        if self.has_splits {
            let split = folder.split.as_deref().unwrap_or_default();
            columns.push("split", vec![split; rows]);
        }
        columns
    }
}
