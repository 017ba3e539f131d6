//! CIFAR-10 and CIFAR-100 in the binary version.

use super::dtype::Dtype;
use super::png::{self, Pixels};
use crate::parallel::in_order;
use crate::{Error, Format, Places, Result, RowSink, Source, SourceFile};
use std::io::Read;
use tlc_core::arrow::array::ArrayRef;
use tlc_core::{ClassMap, Column, Columns, Url, ValueType, storage};

const SIDE: u32 = 32;
const PIXEL_BYTES: usize = 3 * 32 * 32;
/// Rows of a batch.
const BATCH_ROWS: usize = 512;
/// Bytes of a file of names.
const NAMES_BYTES: u64 = 64 << 10;
/// Folders in the archives.
const INSIDE: [&str; 2] = ["cifar-10-batches-bin", "cifar-100-binary"];

/// CIFAR-10 or CIFAR-100, the binary version: a folder with `data_batch_1.bin` to
/// `data_batch_5.bin` and `test_batch.bin`, or with `train.bin` and `test.bin`; or the folder
/// that the archive has that folder in.
///
/// The columns are `image`, a PNG of 32 x 32 pixels, or a `tensor` `[3, 32, 32]` of `uint8` if
/// that is asked for; `label`; in CIFAR-100 `coarse_label`; and `split`, `train` or `test`.
/// PNG files are no larger than the bytes of the pixels, and anything can show them. Names of
/// classes are those of the text files beside, if they are there; else they are numbers.
///
/// The format is described with [CIFAR](https://www.cs.toronto.edu/~kriz/cifar.html).
///
/// ```
/// use tlc_core::Url;
/// use tlc_formats::{Cifar, ImportOptions, import};
///
/// let folder = tempfile::tempdir()?;
/// std::fs::write(folder.path().join("test_batch.bin"), [&[3][..], &[200; 3072]].concat())?;
/// std::fs::write(folder.path().join("batches.meta.txt"), "airplane\nautomobile\nbird\ncat\n")?;
///
/// let root = Url::parse("memory://docs-cifar/")?;
/// let images = Cifar::new(folder.path()).split("test");
/// let table = import(&images, ImportOptions::new("cifar-10", "test").root(&root))?.table;
/// assert_eq!(table.schema().class_map("label")?.name(3), Some("cat"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Cifar {
    folder: Source,
    split: Option<String>,
    is_tensor: bool,
}

impl Cifar {
    /// The folder.
    pub fn new(folder: impl Into<Source>) -> Self {
        Self {
            folder: folder.into(),
            split: None,
            is_tensor: false,
        }
    }

    /// Takes this split alone, `train` or `test`; there is no column of splits then.
    #[must_use]
    pub fn split(self, split: impl Into<String>) -> Self {
        Self {
            split: Some(split.into()),
            ..self
        }
    }

    /// Keeps images as numbers, in the place of PNG files.
    #[must_use]
    pub fn tensors(self) -> Self {
        Self {
            is_tensor: true,
            ..self
        }
    }

    fn files(&self) -> Result<Found> {
        let folder = self.folder.single()?;
        let mut folders = vec![folder.clone()];
        for inside in INSIDE {
            folders.push(folder.join(inside)?);
        }
        for folder in folders {
            let Some((version, mut files)) = Version::in_folder(&folder)? else {
                continue;
            };
            files.retain(|(_, split)| self.split.as_ref().is_none_or(|wanted| wanted == split));
            if !files.is_empty() {
                return Ok((version, files));
            }
        }
        let reason = match &self.split {
            Some(split) => format!("no file of the split `{split}`, which are `train` and `test`"),
            None => "no data_batch_1.bin or train.bin: get the binary version".to_owned(),
        };
        Err(Error::NoFiles {
            source_text: self.folder.to_string(),
            reason,
        })
    }

    fn image(&self) -> ValueType {
        match self.is_tensor {
            false => ValueType::image_bytes(),
            true => ValueType::Tensor {
                item: Box::new(ValueType::UInt8),
                shape: vec![Some(3), Some(32), Some(32)],
            },
        }
    }
}

impl Format for Cifar {
    fn describe(&self) -> String {
        match &self.split {
            Some(split) => format!("CIFAR of {}, {split}", self.folder),
            None => format!("CIFAR of {}", self.folder),
        }
    }

    fn read(&self, rows: &mut RowSink<'_>) -> Result<()> {
        let (version, files) = self.files()?;
        let labels = version.labels.iter();
        let labels =
            labels.map(|(name, classes)| Column::new(*name, ValueType::labels(classes.clone())));
        rows.columns(
            [Column::new("image", self.image())]
                .into_iter()
                .chain(labels),
        )?;
        let row_bytes = version.labels.len() + PIXEL_BYTES;
        let mut total = 0;
        for (file, _) in &files {
            let len_bytes = file.len_bytes()?;
            if len_bytes % row_bytes as u64 != 0 {
                let reason = format!("{len_bytes} bytes, which is no multiple of {row_bytes}");
                return Err(file.refused(reason));
            }
            total += len_bytes / row_bytes as u64;
        }
        let mut done = 0;
        for (file, split) in &files {
            let mut first = 0;
            in_order(
                records(file, row_bytes)?,
                |bytes| self.batch(&version, file, split, &bytes),
                |columns| {
                    let len = columns.len() as u64;
                    rows.add(columns, &Places::rows(file, first))?;
                    (first, done) = (first + len, done + len);
                    rows.progress(done, total);
                    Ok(())
                },
            )?;
        }
        Ok(())
    }
}

impl Cifar {
    fn batch(
        &self,
        version: &Version,
        file: &SourceFile,
        split: &str,
        bytes: &[u8],
    ) -> Result<Columns> {
        let records = bytes.chunks_exact(version.labels.len() + PIXEL_BYTES);
        let records: Vec<(&[u8], &[u8])> = records
            .filter_map(|record| record.split_at_checked(version.labels.len()))
            .collect();
        let pixels = records.iter().map(|(_, pixels)| *pixels);
        let mut columns = Columns::new().column("image", self.images(file, pixels)?);
        for (place, (name, _)) in version.labels.iter().enumerate() {
            // CIFAR-100 has the coarse one first.
            let at = version.labels.len() - 1 - place;
            let labels = records.iter().filter_map(|(labels, _)| labels.get(at));
            columns.push(
                *name,
                labels.map(|label| i32::from(*label)).collect::<Vec<_>>(),
            );
        }
        if self.split.is_none() {
            columns.push("split", vec![split; records.len()]);
        }
        Ok(columns)
    }

    fn images<'a>(
        &self,
        file: &SourceFile,
        pixels: impl Iterator<Item = &'a [u8]>,
    ) -> Result<ArrayRef> {
        match self.is_tensor {
            true => {
                let values: Vec<u8> = pixels.flatten().copied().collect();
                let tensors = Dtype::BYTE.tensors(&values, &self.image());
                tensors.map_err(|reason| file.refused(reason))
            }
            false => png::images((SIDE, SIDE), Pixels::Planes, pixels)
                .map_err(|error| file.refused(error)),
        }
    }
}

/// All records of a file, some at a time; at least once, though there may be none.
fn records(
    file: &SourceFile,
    row_bytes: usize,
) -> Result<impl Iterator<Item = Result<Vec<u8>>> + Send> {
    let mut reader = file.open()?;
    let mut left = file.len_bytes()?;
    let file = file.clone();
    let mut is_begun = false;
    Ok(std::iter::from_fn(move || {
        let is_first = !std::mem::replace(&mut is_begun, true);
        if !is_first && left == 0 {
            return None;
        }
        let wanted = left.min((BATCH_ROWS * row_bytes) as u64);
        left -= wanted;
        let mut bytes = Vec::new();
        let read = reader.by_ref().take(wanted).read_to_end(&mut bytes);
        Some(read.map(|_| bytes).map_err(|error| file.failed(error)))
    }))
}

/// CIFAR-10 or CIFAR-100: the columns of labels, and their classes.
struct Version {
    labels: Vec<(&'static str, ClassMap)>,
}

/// And the files, each with its split.
type Found = (Version, Vec<(SourceFile, &'static str)>);

impl Version {
    fn in_folder(folder: &Url) -> Result<Option<Found>> {
        let entries = storage::open(folder)?.list(folder)?;
        let mut names: Vec<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
        // data_batch_10 after data_batch_9.
        names.sort_by_key(|name| (name.len(), *name));
        let of = |is_wanted: &dyn Fn(&str) -> bool, split| -> Result<Vec<_>> {
            let names = names.iter().filter(|name| is_wanted(name));
            names
                .map(|name| Ok((SourceFile::at(folder.join(name)?)?, split)))
                .collect()
        };
        let is_batch = |name: &str| name.starts_with("data_batch_") && name.ends_with(".bin");
        let mut ten = of(&is_batch, "train")?;
        ten.extend(of(&|name| name == "test_batch.bin", "test")?);
        let mut hundred = of(&|name| name == "train.bin", "train")?;
        hundred.extend(of(&|name| name == "test.bin", "test")?);
        Ok(match (ten.is_empty(), hundred.is_empty()) {
            (false, _) => {
                let classes = names_in(folder, "batches.meta.txt", 10)?;
                let labels = vec![("label", classes)];
                Some((Self { labels }, ten))
            }
            (true, false) => {
                let fine = names_in(folder, "fine_label_names.txt", 100)?;
                let coarse = names_in(folder, "coarse_label_names.txt", 20)?;
                let labels = vec![("label", fine), ("coarse_label", coarse)];
                Some((Self { labels }, hundred))
            }
            (true, true) => None,
        })
    }
}

/// A class a line, or so many numbers if there is no such file.
fn names_in(folder: &Url, name: &str, classes: usize) -> Result<ClassMap> {
    let file = SourceFile::at(folder.join(name)?)?;
    let bytes = match file.bytes(NAMES_BYTES) {
        Err(Error::Core(tlc_core::Error::NotFound { .. })) => {
            return Ok(ClassMap::new((0..classes).map(|id| id.to_string())));
        }
        other => other?,
    };
    let text = std::str::from_utf8(&bytes).map_err(|_| file.refused("names are not UTF-8"))?;
    let names = text.lines().map(str::trim).filter(|name| !name.is_empty());
    Ok(ClassMap::new(names))
}
