//! One IDX file, and which belong together.

use super::dtype::Dtype;
use crate::{Error, Result, Source, SourceFile};
use std::io::{BufRead, Read};
use tlc_core::{Url, storage};

/// Values of a row, as a table has them.
const ROW_VALUES: usize = 16 << 20;

/// An array, read row after row.
pub(super) struct Array {
    pub(super) file: SourceFile,
    pub(super) dtype: Dtype,
    /// Without that of the rows.
    pub(super) dims: Vec<usize>,
    left: u64,
    row_bytes: usize,
    reader: Box<dyn BufRead + Send>,
}

impl Array {
    pub(super) fn open(file: &SourceFile) -> Result<Self> {
        let mut reader = file.unpacked()?;
        let bad = |reason: &str| file.refused(format!("no IDX file: {reason}"));
        let mut number = || -> Result<[u8; 4]> {
            let mut bytes = [0; 4];
            match reader.read_exact(&mut bytes) {
                Ok(()) => Ok(bytes),
                Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                    Err(bad("the header is cut"))
                }
                Err(error) => Err(file.failed(error)),
            }
        };
        let [0, 0, code, dimensions] = number()? else {
            return Err(bad("it does not begin as one"));
        };
        let dtype = Dtype::of_idx(code).ok_or_else(|| bad("its type is not known"))?;
        if dimensions == 0 {
            return Err(bad("it has no dimension"));
        }
        let rows = u32::from_be_bytes(number()?);
        let mut dims = Vec::new();
        for _ in 1..dimensions {
            dims.push(usize::try_from(u32::from_be_bytes(number()?)).unwrap_or(usize::MAX));
        }
        let values = dims
            .iter()
            .try_fold(1_usize, |all, dim| all.checked_mul(*dim));
        let values = values.filter(|values| (1..=ROW_VALUES).contains(values));
        let values = values.ok_or_else(|| bad("its rows have no values, or too many"))?;
        Ok(Self {
            file: file.clone(),
            dtype,
            dims,
            left: rows.into(),
            row_bytes: values * dtype.bytes(),
            reader,
        })
    }

    /// Rows that are not read yet.
    pub(super) fn left(&self) -> u64 {
        self.left
    }

    pub(super) fn row_bytes(&self) -> usize {
        self.row_bytes
    }

    /// The bytes of the next rows; after the last of them the file must end.
    pub(super) fn take(&mut self, rows: usize) -> Result<Vec<u8>> {
        let rows = self.left.min(rows as u64);
        let wanted = rows.saturating_mul(self.row_bytes as u64);
        let mut bytes = Vec::new();
        let read = self.reader.by_ref().take(wanted).read_to_end(&mut bytes);
        let read = read.map_err(|error| self.file.failed(error))?;
        if read as u64 != wanted {
            let reason = format!("the file ends {} rows too early", {
                self.left - read as u64 / self.row_bytes as u64
            });
            return Err(self.file.refused(reason));
        }
        self.left -= rows;
        if self.left == 0 {
            let rest = self
                .reader
                .fill_buf()
                .map_err(|error| self.file.failed(error))?;
            if !rest.is_empty() {
                return Err(self.file.refused("more bytes than the header says"));
            }
        }
        Ok(bytes)
    }
}

/// Images, and their labels.
#[derive(Debug)]
pub(super) struct Pair {
    pub(super) images: SourceFile,
    pub(super) labels: Option<SourceFile>,
    pub(super) split: Option<String>,
}

/// The file, or the files of a folder that belong together.
pub(super) fn pairs(
    source: &Source,
    labels: Option<&Source>,
    split: Option<&str>,
) -> Result<Vec<Pair>> {
    let url = source.single()?;
    let names: Vec<String> = match storage::open(&url)?.list(&url) {
        Ok(entries) if labels.is_none() => entries.into_iter().map(|entry| entry.name).collect(),
        _ => Vec::new(), // a file
    };
    if names.is_empty() {
        let labels = labels.map(|labels| SourceFile::at(labels.single()?));
        return Ok(vec![Pair {
            images: SourceFile::at(url)?,
            labels: labels.transpose()?,
            split: None,
        }]);
    }
    let pairs = in_folder(&url, &names)?;
    let available: Vec<String> = pairs.iter().filter_map(|pair| pair.split.clone()).collect();
    let wanted = split.map(canonical);
    let pairs: Vec<Pair> = pairs
        .into_iter()
        .filter(|pair| wanted.is_none() || pair.split == wanted)
        .collect();
    let reason = match (pairs.len(), split) {
        (0, Some(split)) => format!("no split `{split}`, there are: {}", available.join(", ")),
        (0, None) => {
            "no file called like `train-images-idx3-ubyte`: give the file itself".to_owned()
        }
        _ => return Ok(pairs),
    };
    Err(none(source, reason))
}

fn none(source: &Source, reason: String) -> Error {
    Error::NoFiles {
        source_text: source.to_string(),
        reason,
    }
}

fn in_folder(folder: &Url, names: &[String]) -> Result<Vec<Pair>> {
    let plain = |name: &str| name.strip_suffix(".gz").unwrap_or(name).to_owned();
    let file = |wanted: &str| -> Result<Option<SourceFile>> {
        let found = names.iter().find(|name| plain(name) == wanted);
        found
            .map(|name| SourceFile::at(crate::source::child(folder, name)?))
            .transpose()
    };
    let mut pairs: Vec<Pair> = Vec::new();
    let mut images: Vec<String> = names.iter().map(|name| plain(name)).collect();
    images.retain(|name| name.contains("images") && name.contains("idx"));
    images.dedup(); // packed and not
    for name in images {
        let labels = name.replace("images", "labels").replace("idx3", "idx1");
        let split = split_of(&name).unwrap_or_else(|| "train".to_owned());
        let Some(found) = file(&name)? else { continue };
        if let Some(twice) = pairs
            .iter()
            .find(|pair| pair.split.as_ref() == Some(&split))
        {
            let other = twice.images.url().name().to_owned();
            let reason =
                format!("{other} is of the same split: give one file of images and one of labels");
            return Err(found.refused(reason));
        }
        let labels = file(&labels)?
            .ok_or_else(|| found.refused(format!("there are no labels beside it, {labels}")))?;
        pairs.push(Pair {
            images: found,
            labels: Some(labels),
            split: Some(split),
        });
    }
    pairs.sort_by_key(|pair| pair.split.as_deref() != Some("train"));
    Ok(pairs)
}

/// The split that a name of a file tells.
fn split_of(name: &str) -> Option<String> {
    let mut words = name.split(|c: char| !c.is_alphanumeric());
    words
        .find(|word| matches!(*word, "train" | "test" | "t10k"))
        .map(canonical)
}

fn canonical(split: &str) -> String {
    match split {
        "t10k" => "test".to_owned(),
        other => other.to_owned(),
    }
}
