//! IDX files, which MNIST and data sets like it come in.

use super::dtype::Dtype;
use super::idx_file::{Array, Pair, pairs};
use super::png::{self, Pixels};
use crate::parallel::in_order;
use crate::{Format, Places, Result, RowSink, Source, SourceFile};
use std::collections::BTreeSet;
use std::sync::Arc;
use tlc_core::arrow::array::{ArrayRef, Int32Array};
use tlc_core::{ClassMap, Column, Columns, IntoClassMap, ValueType};

/// Rows of a batch take about this much.
const BATCH_BYTES: usize = 2 << 20;
const BATCH_ROWS: usize = 2048;

/// Images and labels in IDX files, gzipped or not: MNIST, Fashion-MNIST, KMNIST, EMNIST.
///
/// A folder has the files `train-images-idx3-ubyte` and `train-labels-idx1-ubyte`, `t10k-…`
/// alike, or whatever comes before `images` and `labels`; the rows of several are told apart by
/// the column `split`. A file is one array, with or without a file of labels.
///
/// | array | column `image` |
/// |---|---|
/// | bytes `[n, height, width]` | `image`: a PNG in grey, or a `tensor` if that is asked for |
/// | anything else | what [`NumPy`](crate::NumPy) makes of it |
///
/// Labels of one byte become `label`, with the classes of these names, or of the numbers that
/// there are; others are numbers.
///
/// The format is described with [MNIST](http://yann.lecun.com/exdb/mnist/).
///
/// ```
/// use tlc_core::Url;
/// use tlc_formats::{Idx, ImportOptions, import};
///
/// let folder = tempfile::tempdir()?;
/// let images = [&[0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3][..], &[0, 128, 255, 9, 9, 9]];
/// let labels = [&[0, 0, 8, 1, 0, 0, 0, 2][..], &[1, 0]];
/// std::fs::write(folder.path().join("train-images-idx3-ubyte"), images.concat())?;
/// std::fs::write(folder.path().join("train-labels-idx1-ubyte"), labels.concat())?;
///
/// let root = Url::parse("memory://docs-idx/")?;
/// let digits = Idx::new(folder.path()).split("train").classes(["zero", "one"]);
/// let table = import(&digits, ImportOptions::new("digits", "train").root(&root))?.table;
/// assert_eq!((table.len(), table.schema().class_map("label")?.len()), (2, 2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Idx {
    source: Source,
    labels: Option<Source>,
    split: Option<String>,
    classes: Option<ClassMap>,
    is_tensor: bool,
}

impl Idx {
    /// A folder of images and labels, or a file.
    pub fn new(source: impl Into<Source>) -> Self {
        Self {
            source: source.into(),
            labels: None,
            split: None,
            classes: None,
            is_tensor: false,
        }
    }

    /// The labels of a file of images.
    #[must_use]
    pub fn labels(self, file: impl Into<Source>) -> Self {
        Self {
            labels: Some(file.into()),
            ..self
        }
    }

    /// Takes the files of this split alone, `train` or `test`, which `t10k` is; there is no
    /// column of splits then.
    #[must_use]
    pub fn split(self, split: impl Into<String>) -> Self {
        Self {
            split: Some(split.into()),
            ..self
        }
    }

    /// Says which classes there are: names, whose ids are 0 to n-1, or a [`ClassMap`].
    #[must_use]
    pub fn classes(self, classes: impl IntoClassMap) -> Self {
        Self {
            classes: Some(classes.into_class_map()),
            ..self
        }
    }

    /// Keeps images as numbers, `tensor` of `uint8`, in the place of PNG files.
    #[must_use]
    pub fn tensors(self) -> Self {
        Self {
            is_tensor: true,
            ..self
        }
    }

    fn pairs(&self) -> Result<Vec<Pair>> {
        pairs(&self.source, self.labels.as_ref(), self.split.as_deref())
    }

    /// Classes of labels of a byte.
    fn label(&self, pairs: &[Pair]) -> Result<Option<Column>> {
        let mut found = BTreeSet::new();
        for pair in pairs {
            let Some(file) = &pair.labels else {
                return Ok(None);
            };
            let mut labels = Array::open(file)?;
            if !(labels.dtype.is_byte() && labels.dims.is_empty()) {
                return Ok(None);
            }
            while self.classes.is_none() && labels.left() > 0 {
                found.extend(labels.take(BATCH_BYTES)?);
            }
        }
        let classes = match &self.classes {
            Some(classes) => classes.clone(),
            None => {
                ClassMap::from_ids(found.into_iter().map(|id| (i32::from(id), id.to_string())))?
            }
        };
        Ok(Some(Column::new("label", ValueType::labels(classes))))
    }
}

impl Format for Idx {
    fn describe(&self) -> String {
        match &self.split {
            Some(split) => format!("IDX of {}, {split}", self.source),
            None => format!("IDX of {}", self.source),
        }
    }

    fn read(&self, rows: &mut RowSink<'_>) -> Result<()> {
        let pairs = self.pairs()?;
        let mut shapes = Vec::new();
        let mut total = 0;
        for pair in &pairs {
            let images = Array::open(&pair.images)?;
            total += images.left();
            shapes.push((Kind::of(&images, self.is_tensor), images.dtype, images.dims));
        }
        let mut distinct = shapes
            .iter()
            .zip(shapes.iter().skip(1))
            .zip(pairs.iter().skip(1));
        if let Some((_, pair)) = distinct.find(|((one, next), _)| one != next) {
            let reason = "other values or dimensions than the file before: import each by itself";
            return Err(pair.images.refused(reason));
        }
        let label = self.label(&pairs)?;
        let image = shapes.first().and_then(|(kind, ..)| kind.column("image"));
        rows.columns(image.into_iter().chain(label.clone()))?;
        let mut done = 0;
        for pair in &pairs {
            self.read_pair(pair, label.is_some(), rows, (&mut done, total))?;
        }
        Ok(())
    }
}

impl Idx {
    fn read_pair(
        &self,
        pair: &Pair,
        has_classes: bool,
        rows: &mut RowSink<'_>,
        (done, total): (&mut u64, u64),
    ) -> Result<()> {
        let mut images = Array::open(&pair.images)?;
        let mut labels = pair.labels.as_ref().map(Array::open).transpose()?;
        if let Some(labels) = labels
            .as_ref()
            .filter(|labels| labels.left() != images.left())
        {
            let reason = format!("{} labels for {} images", labels.left(), images.left());
            return Err(labels.file.refused(reason));
        }
        let (kind, dtype) = (Kind::of(&images, self.is_tensor), images.dtype);
        let label = labels.as_ref().map(|labels| match has_classes {
            true => (Kind::Label, labels.dtype),
            false => (Kind::of(labels, true), labels.dtype),
        });
        let batch_rows = (BATCH_BYTES / images.row_bytes().max(1)).clamp(1, BATCH_ROWS);
        let mut is_begun = false;
        let pieces = std::iter::from_fn(move || {
            let is_first = !std::mem::replace(&mut is_begun, true);
            (is_first || images.left() > 0).then(|| {
                let values = images.take(batch_rows)?;
                let labels = labels.as_mut().map(|labels| labels.take(batch_rows));
                Ok((values, labels.transpose()?))
            })
        });
        let split = self
            .split
            .is_none()
            .then_some(pair.split.as_deref())
            .flatten();
        let mut first = 0;
        in_order(
            pieces,
            |(values, labels)| {
                let values = kind.array(dtype, &values, &pair.images)?;
                let mut columns = Columns::new().column("image", values);
                let len = columns.len();
                if let (Some((kind, dtype)), Some(labels), Some(file)) =
                    (&label, labels, &pair.labels)
                {
                    columns.push("label", kind.array(*dtype, &labels, file)?);
                }
                if let Some(split) = split {
                    columns.push("split", vec![split; len]);
                }
                Ok(columns)
            },
            |columns| {
                let len = columns.len() as u64;
                rows.add(columns, &Places::rows(&pair.images, first))?;
                (first, *done) = (first + len, *done + len);
                rows.progress(*done, total);
                Ok(())
            },
        )
    }
}

/// What becomes of the rows of an array.
#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Image {
        width: u32,
        height: u32,
    },
    Tensor(ValueType),
    /// The id of a class, of one byte.
    Label,
    Number,
}

impl Kind {
    fn of(array: &Array, is_tensor: bool) -> Self {
        let side = |side: &usize| u32::try_from(*side).ok();
        match array.dims.as_slice() {
            [] => Self::Number,
            [height, width] if array.dtype.is_byte() && !is_tensor => {
                match (side(width), side(height)) {
                    (Some(width), Some(height)) => Self::Image { width, height },
                    _ => Self::Number,
                }
            }
            dims => array.dtype.tensor(dims).map_or(Self::Number, Self::Tensor),
        }
    }

    fn column(&self, name: &str) -> Option<Column> {
        match self {
            Self::Image { .. } => Some(Column::new(name, ValueType::image_bytes())),
            Self::Tensor(value) => Some(Column::new(name, value.clone())),
            Self::Label | Self::Number => None,
        }
    }

    fn array(&self, dtype: Dtype, bytes: &[u8], file: &SourceFile) -> Result<ArrayRef> {
        let refused = |reason: String| file.refused(reason);
        match self {
            Self::Image { width, height } => {
                let pixels = bytes.chunks_exact((*width as usize) * (*height as usize));
                png::images((*width, *height), Pixels::Grey, pixels)
                    .map_err(|error| refused(error.to_string()))
            }
            Self::Tensor(value) => dtype.tensors(bytes, value).map_err(refused),
            Self::Label => {
                let ids = bytes.iter().map(|id| i32::from(*id));
                Ok(Arc::new(Int32Array::from_iter_values(ids)))
            }
            Self::Number => dtype.array(bytes).map_err(refused),
        }
    }
}
