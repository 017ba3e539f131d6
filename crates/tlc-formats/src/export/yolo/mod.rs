//! Boxes, outlines, keypoints and oriented boxes as a data set of YOLO.

mod line;

use self::line::Writer;
use super::folder::Folder;
use super::image_names::Names;
use super::pictures::{Copies, Picture};
use super::{ExportFormat, Exported, Rows, bad, cell};
use crate::Result;
use crate::annotations::YoloTask;
use crate::annotations::objects::Objects;
use crate::images::{canonical, place};
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use tlc_core::arrow::array::ArrayRef;
use tlc_core::{ClassMap, Url};

/// A data set in the format of
/// [Ultralytics YOLO](https://docs.ultralytics.com/datasets/detect/#ultralytics-yolo-format), the
/// mirror of [`Yolo`](crate::Yolo): `data.yaml`, and for each split a folder in `images` and one
/// in `labels`.
///
/// Splits are those of the column `split`; without one all images are in `train`. A file is
/// called as the column `file` says, without its folders, if there is one; else as its URL, or
/// by the number of its row. Of two that differ by their ending alone one gets a number, since
/// their labels have one name. The number of a class is its position among the classes.
///
/// What is imported again is the same, but for what YOLO cannot say: ids, areas, crowds, and what
/// reaches out of the image, which is cut off. Outlines of one object are joined to one. A mask
/// of run lengths is refused: leave crowds out, or write boxes by
/// [`task`](Self::task).
///
/// The folder must be new, or empty. It is there whole or not at all.
///
/// ```
/// use tlc_core::Url;
/// use tlc_formats::{Coco, ImportOptions, Rows, ToYolo, export, import};
///
/// let folder = tempfile::tempdir()?;
/// let (file, yolo) = (folder.path().join("a.json"), folder.path().join("yolo"));
/// std::fs::write(&file, r#"{
///     "images": [{"id": 7, "file_name": "7.jpg", "width": 640, "height": 480}],
///     "annotations": [{"id": 1, "image_id": 7, "category_id": 3, "bbox": [160, 120, 320, 240]}],
///     "categories": [{"id": 3, "name": "car"}]
/// }"#)?;
/// let root = Url::parse("memory://docs-to-yolo/")?;
/// let coco = Coco::new(&file).without_images();
/// let table = import(&coco, ImportOptions::new("streets", "val").root(&root))?.table;
/// export(&ToYolo::new(&yolo).without_images(), &Rows::of(&table))?;
/// let labels = std::fs::read_to_string(yolo.join("labels/train/7.txt"))?;
/// assert_eq!(labels, "0 0.5 0.5 0.5 0.5\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ToYolo {
    folder: PathBuf,
    boxes: Option<String>,
    task: Option<YoloTask>,
    copies: Copies,
    has_images: bool,
    skips_crowds: bool,
}

impl ToYolo {
    /// A data set in a local folder.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            boxes: None,
            task: None,
            copies: Copies::default(),
            has_images: true,
            skips_crowds: false,
        }
    }

    /// Writes the boxes of this column, where a table has several of them.
    #[must_use]
    pub fn boxes(mut self, column: impl Into<String>) -> Self {
        self.boxes = Some(column.into());
        self
    }

    /// What lines say; by default what boxes have of keypoints, corners or outlines.
    #[must_use]
    pub fn task(mut self, task: YoloTask) -> Self {
        self.task = Some(task);
        self
    }

    /// Leaves out objects that are crowds, as Ultralytics' own converter does.
    #[must_use]
    pub fn skip_crowds(mut self) -> Self {
        self.skips_crowds = true;
        self
    }

    /// Writes labels alone.
    #[must_use]
    pub fn without_images(mut self) -> Self {
        self.has_images = false;
        self
    }

    /// Reads images by URL in this folder, too, beside that of the project.
    #[must_use]
    pub fn allow(mut self, folder: impl Into<Url>) -> Self {
        self.copies = self.copies.allow(folder.into());
        self
    }
}

impl ExportFormat for ToYolo {
    fn write(&self, rows: &Rows) -> Result<Exported> {
        let objects = Objects::of(&rows.schema()?, self.boxes.as_deref())?;
        let writer = Writer::of(&objects, self.task, self.skips_crowds)?;
        let mut writing = Writing {
            folder: Folder::begin(&self.folder)?,
            splits: BTreeMap::new(),
            rows: 0,
        };
        let copies = self.copies(writing.folder.staged());
        writing.rows(rows, &objects, &writer, &copies)?;
        writing.data(&objects, &writer)?;
        writing.folder.publish(writing.rows)
    }
}

impl ToYolo {
    fn copies(&self, folder: &Path) -> Copies {
        let copies = self.copies.clone();
        match self.has_images {
            true => copies.to(folder.into()),
            false => copies,
        }
    }
}

struct Writing {
    folder: Folder,
    /// Names of labels that are taken, for each split.
    splits: BTreeMap<(usize, String), Names>,
    /// How many rows were written.
    rows: u64,
}

impl Writing {
    fn rows(
        &mut self,
        rows: &Rows,
        objects: &Objects,
        writer: &Writer<'_>,
        copies: &Copies,
    ) -> Result<()> {
        let boxes = rows.clone().columns([objects.name()]);
        let cells = boxes.batches()?.flat_map(|batch| {
            let cells: Vec<Result<(ArrayRef, usize)>> = match batch {
                Err(error) => vec![Err(error)],
                Ok(batch) => {
                    let boxes = batch.columns().first().cloned();
                    let cell = |row| Some(Ok((boxes.clone()?, row)));
                    (0..batch.num_rows()).filter_map(cell).collect()
                }
            };
            cells
        });
        let pictures = copies.of(rows)?;
        for (picture, cell) in pictures.each()?.zip(cells) {
            let (picture, (boxes, at)) = (picture?, cell?);
            let row = self.rows + 1;
            let bad = |reason| bad(row, objects.name(), reason);
            let mut lines = String::new();
            for object in objects.read(&boxes, at, picture.size).map_err(bad)? {
                lines.push_str(&writer.line(&object, picture.size).map_err(bad)?);
            }
            self.put(&picture, &lines)?;
        }
        Ok(())
    }

    /// Writes an image and its labels.
    fn put(&mut self, picture: &Picture, lines: &str) -> Result<()> {
        let number = self.rows;
        self.rows += 1;
        let split = match picture.split.as_deref().map(canonical).as_deref() {
            None | Some("train") => "train".to_owned(),
            Some("validation") => "val".to_owned(),
            Some("test") => "test".to_owned(),
            Some(other) => {
                let reason = format!("YOLO has train, val and test, not `{other}`");
                return Err(bad(number + 1, "split", reason));
            }
        };
        let key = (place(&canonical(&split)), split.clone());
        if !self.splits.contains_key(&key) {
            for kind in ["images", "labels"] {
                self.make(&format!("{kind}/{split}"))?;
            }
        }
        let names = self.splits.entry(key).or_default();
        let image = Names::of_file(&picture.name, picture.bytes.as_deref().unwrap_or_default());
        let (stem, ending) = image.rsplit_once('.').unwrap_or((&image, "png"));
        let labels = names.free(&format!("{stem}.txt"), number);
        let stem = labels.strip_suffix(".txt").unwrap_or(&labels);
        if let Some(bytes) = &picture.bytes {
            let image = format!("images/{split}/{stem}.{ending}");
            self.folder.write(&image, bytes)?;
        }
        let labels = format!("labels/{split}/{labels}");
        self.folder.write(&labels, lines.as_bytes())
    }

    /// Writes `data.yaml`.
    fn data(&mut self, objects: &Objects, writer: &Writer<'_>) -> Result<()> {
        let mut text = Vec::new();
        for (_, split) in self.splits.keys() {
            writeln!(text, "{split}: images/{split}").unwrap_or_default();
        }
        if self.splits.is_empty() {
            text.extend_from_slice(b"train: images/train\n");
            self.make("images/train")?;
        }
        let names = match objects.classes().is_empty() {
            true => &b"names: {}\n"[..],
            false => b"names:\n",
        };
        text.extend_from_slice(names);
        for (place, name) in objects.classes().names().enumerate() {
            write!(text, "  {place}: ").unwrap_or_default();
            quoted(name, &mut text)?;
            text.push(b'\n');
        }
        writer.keypoints(objects.classes(), &mut text)?;
        self.folder.write("data.yaml", &text)
    }

    fn make(&self, folder: &str) -> Result<()> {
        let made = fs::create_dir_all(self.folder.staged().join(folder));
        made.map_err(|source| self.folder.failed(source))
    }
}

/// A text in quotes, which YAML has as JSON.
fn quoted(text: &str, out: &mut Vec<u8>) -> Result<()> {
    cell::text(text, out)
}

/// The classes that lines number.
fn position(classes: &ClassMap, label: i32) -> std::result::Result<usize, String> {
    let position = classes.position(label);
    position.ok_or_else(|| format!("{label} is no class of a box: leave those out first"))
}
