//! Semantic masks: a PNG for each image, whose pixels are classes.

mod pixels;

use self::pixels::{Ids, mask};
use super::pictures::{Picture, Reader};
use crate::images::{Allowed, ENDINGS, Made, Size, Storage, bad_row, own_fault, pieces};
use crate::parallel::in_order;
use crate::{BadRow, Error, Format, Result, RowSink, Source, SourceFile};
use std::collections::BTreeMap;
use tlc_core::{ClassMap, Column, Columns, IntoClassMap, Url, ValueType};

/// Masks that are read together.
const PIECE: usize = 16;
/// Bytes of a mask's file.
const MASK_BYTES: u64 = 256 << 20;

/// A folder of images, and one of masks: for each image a PNG of the same name and size, whose
/// pixels say of which class they are.
///
/// ```text
/// streets/images/aachen/1.jpg
/// streets/masks/aachen/1.png            or 1_labelIds.png, by `.suffix("_labelIds")`
/// ```
///
/// Pixels are ids of classes: values of grey of 1 to 16 bits, places in a palette, whatever
/// its colours are, or colours, of classes that have them. The table has the columns
/// `image`, `mask`, a PNG of one grey channel of ids, `width` and `height` in pixels, and `file`,
/// relative to the folder of images. Rows stand by name. An image without a mask is left out.
///
/// A mask without an image, of another size than its image, or with a pixel that is of no class
/// and not void, is a bad row.
///
/// ```
/// use tlc_core::{ClassMap, Url};
/// use tlc_formats::{ImportOptions, Masks, import};
/// # let png = |pixels: &[u8]| {
/// #     let mut bytes = Vec::new();
/// #     let mut writer = png::Encoder::new(&mut bytes, 2, 1).write_header().unwrap();
/// #     writer.write_image_data(pixels).unwrap();
/// #     writer.finish().unwrap();
/// #     bytes
/// # };
/// # let folder = tempfile::tempdir()?;
/// # for name in ["images", "masks"] {
/// #     std::fs::create_dir(folder.path().join(name))?;
/// #     std::fs::write(folder.path().join(name).join("1.png"), png(&[1, 255]))?;
/// # }
/// # let root = Url::parse("memory://docs-masks/")?;
///
/// let classes = ClassMap::new(["background", "road"]).with_background(0)?.with_void(255)?;
/// let masks = Masks::new(folder.path().join("images"), folder.path().join("masks"), classes);
/// let table = import(&masks, ImportOptions::new("streets", "all").root(&root))?.table;
/// let names: Vec<_> = table.schema().names().collect();
/// assert_eq!(names, ["image", "mask", "width", "height", "file"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Masks {
    images: Source,
    masks: Source,
    classes: ClassMap,
    suffix: String,
    storage: Storage,
}

impl Masks {
    /// The folder of images, that of masks, which may be the same, and the classes of pixels:
    /// names, whose ids are 0 to n-1, or a [`ClassMap`], with a background and a void.
    pub fn new(
        images: impl Into<Source>,
        masks: impl Into<Source>,
        classes: impl IntoClassMap,
    ) -> Self {
        Self {
            images: images.into(),
            masks: masks.into(),
            classes: classes.into_class_map(),
            suffix: String::new(),
            storage: Storage::default(),
        }
    }

    /// What the name of a mask has more than that of its image, before the ending.
    #[must_use]
    pub fn suffix(mut self, suffix: impl Into<String>) -> Self {
        self.suffix = suffix.into();
        self
    }

    /// Leaves the images where they are: cells name them, as [`Media`](tlc_core::Media) says.
    /// Masks are part of the table.
    #[must_use]
    pub fn by_url(mut self) -> Self {
        self.storage = Storage::ByUrl;
        self
    }

    fn columns(&self) -> Vec<Column> {
        let mask = ValueType::segmentation_mask(&self.classes);
        let mut columns = vec![self.storage.column(), Column::new("mask", mask)];
        columns.extend(Size::columns());
        columns.push(Column::new("file", ValueType::String));
        columns
    }

    /// Masks by name, each with its image, if there is one.
    fn pairs(&self, images: &Url, masks: &Url) -> Result<Vec<Pair>> {
        let files = |folder: &Url, endings: &[&str]| -> Result<Vec<Url>> {
            let files = Source::from(folder).files(endings)?.into_iter();
            Ok(files.map(|file| file.url().clone()).collect())
        };
        let mut pairs: BTreeMap<String, Pair> = BTreeMap::new();
        for mask in files(masks, &["png"])? {
            let name = stem(&mask, masks);
            if let Some(name) = name.strip_suffix(&self.suffix) {
                pairs.insert(name.to_owned(), Pair { mask, image: None });
            }
        }
        for image in files(images, &ENDINGS)? {
            let pair = pairs.get_mut(&stem(&image, images));
            if let Some(pair) = pair.filter(|pair| pair.mask != image)
                && let Some(other) = pair.image.replace(image)
            {
                let reason = format!(
                    "two images of one mask, which differ by their endings alone: {}",
                    crate::error::shown(&other)
                );
                return Err(SourceFile::at(&pair.mask)?.refused(reason));
            }
        }
        match pairs.is_empty() {
            false => Ok(pairs.into_values().collect()),
            true => Err(Error::NoFiles {
                source_text: self.masks.to_string(),
                reason: format!("there is no mask whose name ends in `{}.png`", self.suffix),
            }),
        }
    }
}

/// A mask and its image.
struct Pair {
    mask: Url,
    image: Option<Url>,
}

/// The name in a folder without its ending.
fn stem(file: &Url, folder: &Url) -> String {
    let name = file.relative_to(folder).unwrap_or_default();
    name.rsplit_once('.')
        .map_or(name.clone(), |(stem, _)| stem.to_owned())
}

impl Format for Masks {
    fn describe(&self) -> String {
        format!("masks of {} for {}", self.masks, self.images)
    }

    fn read(&self, rows: &mut RowSink<'_>) -> Result<()> {
        rows.columns(self.columns())?;
        let (images, masks) = (self.images.single()?, self.masks.single()?);
        let pairs = self.pairs(&images, &masks)?;
        let making = Making {
            reader: Reader::new(self.storage, rows, &images, &[])?,
            ids: Ids::of(&self.classes),
            images: &images,
            masks: Allowed::within(&masks, &[]),
        };
        let (root, total) = (SourceFile::at(&images)?, pairs.len() as u64);
        let mut done = 0;
        let pieces = pieces(pairs.iter(), PIECE, self.storage, |pair| {
            pair.image.as_ref()
        });
        in_order(
            pieces.map(Ok),
            |pairs| Ok((pairs.len() as u64, making.make(&pairs)?)),
            |(pairs, made)| {
                made.give(rows, &root)?;
                done += pairs;
                rows.progress(done, total);
                Ok(())
            },
        )
    }
}

/// What rows are made by.
struct Making<'a> {
    reader: Reader,
    ids: Ids,
    images: &'a Url,
    /// Where masks may be.
    masks: Allowed,
}

/// The name of an image, the image and its mask.
type Row = (String, Picture, Vec<u8>);

impl Making<'_> {
    fn make(&self, pairs: &[&Pair]) -> Result<Made> {
        let (mut names, mut bad) = (Vec::new(), Vec::new());
        let (mut cells, mut sizes, mut masks) = (Vec::new(), Vec::new(), Vec::new());
        for pair in pairs {
            match self.row(pair)? {
                Ok((name, (cell, size), mask)) => {
                    names.push(name);
                    cells.push(cell);
                    sizes.push(size);
                    masks.push(mask);
                }
                Err(row) => bad.push(row),
            }
        }
        let mut batch = Columns::new()
            .column("image", self.reader.images(&cells))
            .column("mask", masks);
        Size::push(&sizes, &mut batch);
        batch.push("file", names.clone());
        Ok(Made { batch, names, bad })
    }

    /// An image and its mask, or why there is none.
    fn row(&self, pair: &Pair) -> Result<std::result::Result<Row, BadRow>> {
        let bad = |file: &Url, column, reason| {
            let folder = file.parent();
            let folder = folder.as_ref().unwrap_or(file);
            bad_row(folder, file.name(), Some(column), reason)
        };
        let Some(image) = &pair.image else {
            let reason = "there is no image of this name".to_owned();
            return Ok(Err(bad(&pair.mask, "mask", reason)));
        };
        let (cell, size) = match self.reader.read(&image.to_string(), None)? {
            Ok(picture) => picture,
            Err(reason) => return Ok(Err(bad(image, "image", reason))),
        };
        if let Err(reason) = self.masks.find(&pair.mask.to_string()) {
            return Ok(Err(bad(&pair.mask, "mask", reason)));
        }
        let bytes = own_fault(SourceFile::at(&pair.mask)?.bytes(MASK_BYTES))?;
        match bytes.and_then(|bytes| mask(&bytes, &self.ids, size)) {
            Err(reason) => Ok(Err(bad(&pair.mask, "mask", reason))),
            Ok(mask) => {
                let name = image.relative_to(self.images).unwrap_or_default();
                Ok(Ok((name, (cell, size), mask)))
            }
        }
    }
}
