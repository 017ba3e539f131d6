//! YOLO: images, and for each a text of a line for each object, as `data.yaml` says.

mod data;
mod line;
mod places;
mod rows;
mod yaml;

pub(crate) use self::line::around;

use self::data::Data;
use self::line::Meaning;
use self::places::{Home, Split, labels, text};
use self::rows::{Making, Piece};
use super::boxes::{self, Extras};
use super::pictures::Reader;
use crate::images::{Size, Storage, canonical, pieces};
use crate::parallel::in_order;
use crate::{Error, Format, Result, RowSink, Source, SourceFile};
use tlc_core::{Column, Url, ValueType};

/// Images that are read together.
const PIECE_IMAGES: usize = 64;
/// Bytes of `data.yaml`.
const DATA_BYTES: u64 = 16 << 20;

/// What the lines of labels say of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum YoloTask {
    /// `class x y width height`: a box by its centre.
    Detect,
    /// `class x1 y1 x2 y2 x3 y3 …`: an outline. A box is one, too.
    Segment,
    /// `class x y width height` and then `x y`, or `x y visibility`, of each keypoint.
    Pose,
    /// `class x1 y1 x2 y2 x3 y3 x4 y4`: the corners of an oriented box.
    Oriented,
}

/// A data set in the format of
/// [Ultralytics YOLO](https://docs.ultralytics.com/datasets/detect/#ultralytics-yolo-format): a
/// `data.yaml`, images, and labels.
///
/// ```text
/// pets/data.yaml                 train: images/train, val: images/val, names: [cat, dog]
/// pets/images/train/1.jpg        a folder, a list of folders, or a file that lists images
/// pets/labels/train/1.txt        0 0.5 0.5 0.25 0.25: in `labels` what is in `images`
/// ```
///
/// A row is an image. The table has the columns `image`, `boxes`, `width` and `height` in
/// pixels, `file`, relative to the data set's folder, and `split`: `train`, `validation` or
/// `test`. Boxes are structs of the corners `x0`, `y0`, `x1`, `y1` in pixels, in 32 bits, and a
/// `label`; by task also of `polygons`, `keypoints` or `corners`, as FORMAT.md describes them. An
/// image without labels has no boxes.
///
/// An image that cannot be read is a bad row. So is a line that is none of its task, with a class
/// that `data.yaml` has not, or numbers that are no fractions: if bad rows are left out, the
/// line is, and its image stays. What is in no folder of the data set is refused.
///
/// ```
/// use tlc_core::Url;
/// use tlc_formats::{ImportOptions, Yolo, import};
/// # let png = [&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x08\0\0\0\x04\x08\0\0\0\0????"[..],
/// #     b"\0\0\0\0IEND????"].concat();
/// # let folder = tempfile::tempdir()?;
/// # for folder in ["images/train", "labels/train"].map(|name| folder.path().join(name)) {
/// #     std::fs::create_dir_all(folder)?;
/// # }
/// # std::fs::write(folder.path().join("images/train/1.png"), &png)?;
/// # let root = Url::parse("memory://docs-yolo/")?;
///
/// std::fs::write(folder.path().join("labels/train/1.txt"), "1 0.5 0.5 0.25 0.5\n")?;
/// let data = folder.path().join("data.yaml");
/// std::fs::write(&data, "train: images/train\nnames: [cat, dog]\n")?;
/// let table = import(&Yolo::new(&data), ImportOptions::new("pets", "all").root(&root))?.table;
/// assert_eq!(table.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Yolo {
    file: Source,
    root: Option<Source>,
    allowed: Vec<Url>,
    task: Option<YoloTask>,
    split: Option<String>,
    storage: Storage,
}

impl Yolo {
    /// The file `data.yaml`, whose images become part of the table.
    pub fn new(file: impl Into<Source>) -> Self {
        Self {
            file: file.into(),
            root: None,
            allowed: Vec::new(),
            task: None,
            split: None,
            storage: Storage::default(),
        }
    }

    /// The folder of the data set, in the place of what `path` in the file says.
    #[must_use]
    pub fn root(mut self, folder: impl Into<Source>) -> Self {
        self.root = Some(folder.into());
        self
    }

    /// Takes images of this folder, too.
    #[must_use]
    pub fn allow(mut self, folder: impl Into<Url>) -> Self {
        self.allowed.push(folder.into());
        self
    }

    /// What the lines of labels say. By default `kpt_shape` makes it [`YoloTask::Pose`], and else
    /// the first line that there is a box or an outline; four corners are an outline.
    #[must_use]
    pub fn task(mut self, task: YoloTask) -> Self {
        self.task = Some(task);
        self
    }

    /// Takes this split alone, `train`, `validation` or `test`; there is no column of them then.
    #[must_use]
    pub fn split(mut self, split: impl Into<String>) -> Self {
        self.split = Some(canonical(&split.into()));
        self
    }

    /// Leaves the images where they are: cells name them, as [`Media`](tlc_core::Media) says.
    #[must_use]
    pub fn by_url(mut self) -> Self {
        self.storage = Storage::ByUrl;
        self
    }

    /// The splits that the file names.
    ///
    /// # Errors
    /// [`Error::File`] for a file that is no `data.yaml`; those of the store.
    pub fn splits(&self) -> Result<Vec<String>> {
        let (_, data) = self.data()?;
        Ok(data.splits.into_iter().map(|(name, _)| name).collect())
    }

    fn data(&self) -> Result<(SourceFile, Data)> {
        let files = self.file.files(&["yaml", "yml"])?;
        let [file] = files.as_slice() else {
            return Err(Error::NoFiles {
                source_text: self.file.to_string(),
                reason: "give one data.yaml".to_owned(),
            });
        };
        let bytes = file.bytes(DATA_BYTES)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| file.refused("is not UTF-8"))?;
        let data = Data::parse(text.trim_start_matches('\u{feff}'));
        Ok((file.clone(), data.map_err(|reason| file.refused(reason))?))
    }

    /// The task, of the first line that there is where nothing says it.
    fn task_of(&self, data: &Data, home: &Home<'_>, splits: &[Split]) -> Result<YoloTask> {
        if let Some(task) = self.task {
            return Ok(task);
        }
        if data.keypoints.is_some() {
            return Ok(YoloTask::Pose);
        }
        for image in splits.iter().flat_map(|split| &split.images) {
            let text = text(home, &labels(image)?)?.unwrap_or_default();
            let mut lines = text
                .lines()
                .map(|line| line.split_ascii_whitespace().count());
            if let Some(words) = lines.find(|words| *words > 0) {
                return Ok(if words > 5 {
                    YoloTask::Segment
                } else {
                    YoloTask::Detect
                });
            }
        }
        Ok(YoloTask::Detect)
    }

    fn columns(&self, boxes: &Column) -> Vec<Column> {
        let mut columns = vec![self.storage.column(), boxes.clone()];
        columns.extend(Size::columns());
        columns.push(Column::new("file", ValueType::String));
        columns.extend(
            self.split
                .is_none()
                .then(|| Column::new("split", ValueType::String)),
        );
        columns
    }
}

impl Format for Yolo {
    fn describe(&self) -> String {
        match &self.split {
            Some(split) => format!("YOLO of {}, {split}", self.file),
            None => format!("YOLO of {}", self.file),
        }
    }

    fn read(&self, rows: &mut RowSink<'_>) -> Result<()> {
        let (file, data) = self.data()?;
        let root = self.root.as_ref().map(Source::single).transpose()?;
        let home = Home::of(&file, &data, root.as_ref(), &self.allowed)?;
        let splits = home.splits(&data, self.split.as_deref())?;
        let task = self.task_of(&data, &home, &splits)?;
        let meaning = Meaning {
            task,
            classes: data.classes,
            keypoints: data.keypoints,
        };
        let skeletons = meaning
            .keypoints
            .as_ref()
            .map_or(&[][..], |points| &points.skeletons);
        let boxes = boxes::column(extras(task), &meaning.classes, skeletons);
        let making = Making {
            home: &home,
            meaning: &meaning,
            reader: Reader::new(self.storage, rows, &home.root, &self.allowed)?,
            boxes,
            has_splits: self.split.is_none(),
        };
        rows.columns(self.columns(&making.boxes))?;
        let total = splits.iter().map(|split| split.images.len() as u64).sum();
        if total == 0 {
            return Err(file.refused("names no image: PNG, JPEG, GIF, WebP, BMP and TIFF are"));
        }
        let parts = splits.iter().flat_map(|split| {
            let images = split.images.iter();
            let pieces = pieces(images, PIECE_IMAGES, self.storage, |image| Some(*image));
            pieces.map(|images| Piece {
                split: &split.name,
                images,
            })
        });
        let root = SourceFile::at(&home.root)?;
        let mut done = 0;
        in_order(
            parts.map(Ok),
            |piece| Ok((piece.images.len() as u64, making.make(&piece)?)),
            |(images, made)| {
                made.give(rows, &root)?;
                done += images;
                rows.progress(done, total);
                Ok(())
            },
        )
    }
}

fn extras(task: YoloTask) -> Extras {
    Extras {
        polygons: task == YoloTask::Segment,
        keypoints: task == YoloTask::Pose,
        corners: task == YoloTask::Oriented,
        ..Extras::default()
    }
}
