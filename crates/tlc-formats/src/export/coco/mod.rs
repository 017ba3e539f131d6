//! Boxes, masks and keypoints as a file of COCO.

mod ids;

use self::ids::Numbering;
use super::pictures::{Copies, Pictures};
use super::target::Target;
use super::{ExportFormat, Exported, Rows, bad, cell};
use crate::annotations::object::{Object, area_of};
use crate::annotations::objects::{Objects, shortest};
use crate::{Error, Result, Source};
use std::io::Write;
use std::path::PathBuf;
use tlc_core::Url;

/// A file of annotations in the format of [COCO](https://cocodataset.org/#format-data), the
/// mirror of [`Coco`](crate::Coco).
///
/// A row becomes an image, whose `file_name` is the text of the column `file`, or else the name
/// of its image, or its number. Sizes are those of the columns `width` and `height`, or else
/// of the images. Ids are those of `image_id` and of the boxes' `id`, if all have one and none
/// comes twice; else images and boxes are numbered from 1 on. An area that is not given is that
/// of the mask, of the polygons, or of the box.
///
/// What is imported again is the same: coordinates are written with the fewest digits that are
/// read as the same numbers of 32 bits.
///
/// ```
/// use tlc_core::Url;
/// use tlc_formats::{Coco, ImportOptions, Rows, ToCoco, export, import};
///
/// let folder = tempfile::tempdir()?;
/// let (file, copy) = (folder.path().join("a.json"), folder.path().join("b.json"));
/// std::fs::write(&file, r#"{
///     "images": [{"id": 7, "file_name": "7.jpg", "width": 640, "height": 480}],
///     "annotations": [{"id": 1, "image_id": 7, "category_id": 3, "bbox": [10.1, 20, 30.7, 40]}],
///     "categories": [{"id": 3, "name": "car"}]
/// }"#)?;
/// let root = Url::parse("memory://docs-to-coco/")?;
/// let coco = Coco::new(&file).without_images();
/// let table = import(&coco, ImportOptions::new("streets", "val").root(&root))?.table;
/// export(&ToCoco::new(&copy), &Rows::of(&table))?;
/// let written = std::fs::read_to_string(&copy)?;
/// assert!(written.contains(r#""category_id":3,"bbox":[10.1,20.0,30.7,40.0]"#), "{written}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ToCoco {
    target: Target,
    boxes: Option<String>,
    copies: Copies,
}

impl ToCoco {
    /// A file of this path or URL. A name that ends in `.gz` makes it gzipped.
    pub fn new(target: impl Into<PathBuf>) -> Self {
        Self {
            target: Target::of(target.into()),
            boxes: None,
            copies: Copies::default(),
        }
    }

    /// Writes the boxes of this column, where a table has several of them.
    #[must_use]
    pub fn boxes(mut self, column: impl Into<String>) -> Self {
        self.boxes = Some(column.into());
        self
    }

    /// Writes the images, too, into a folder, by their `file_name`.
    #[must_use]
    pub fn images(mut self, folder: impl Into<Source>) -> Self {
        self.copies = self.copies.to(folder.into());
        self
    }

    /// Reads images by URL in this folder, too, beside that of the project.
    #[must_use]
    pub fn allow(mut self, folder: impl Into<Url>) -> Self {
        self.copies = self.copies.allow(folder.into());
        self
    }

    /// Takes the place of files that are there.
    #[must_use]
    pub fn overwrite(mut self) -> Self {
        self.target = self.target.overwriting();
        self.copies = self.copies.overwriting();
        self
    }
}

impl ExportFormat for ToCoco {
    fn write(&self, rows: &Rows) -> Result<Exported> {
        let objects = Objects::of(&rows.schema()?, self.boxes.as_deref())?;
        let numbering = Numbering::of(rows, &objects)?;
        let pictures = self.copies.of(rows)?;
        let writing = Writing {
            rows,
            objects,
            numbering,
        };
        let (url, (count, mut files)) = self.target.write(|file, url| {
            let failed = |source| Error::io(url, source);
            file.write_all(b"{\"info\":{},\"licenses\":[],\"images\":[")
                .map_err(failed)?;
            let (images, files) = writing.images(&pictures, file, url)?;
            file.write_all(b"\n],\"annotations\":[").map_err(failed)?;
            writing.annotations(&images, file, url)?;
            file.write_all(b"\n],\"categories\":[").map_err(failed)?;
            file.write_all(&writing.categories()?).map_err(failed)?;
            file.write_all(b"\n]}\n").map_err(failed)?;
            Ok((images.len() as u64, files))
        })?;
        files.insert(0, url);
        Ok(Exported {
            files,
            rows: count,
            not_finite: 0,
        })
    }
}

struct Writing<'a> {
    rows: &'a Rows,
    objects: Objects,
    numbering: Numbering,
}

/// An image that was written: its id, and its size.
type Image = (i64, crate::images::Size);

impl Writing<'_> {
    /// Writes a line for each image, and the images if that is asked for.
    fn images(
        &self,
        pictures: &Pictures,
        file: &mut (dyn Write + Send),
        url: &Url,
    ) -> Result<(Vec<Image>, Vec<Url>)> {
        let (mut images, mut files) = (Vec::new(), Vec::new());
        let mut copier = pictures.copier();
        for picture in pictures.each()? {
            let picture = picture?;
            let id = match (self.numbering.images, picture.id) {
                (true, Some(id)) => id,
                _ => images.len() as i64 + 1,
            };
            let mut line = match images.is_empty() {
                true => b"\n".to_vec(),
                false => b",\n".to_vec(),
            };
            write!(line, "{{\"id\":{id},\"file_name\":").unwrap_or_default();
            cell::text(&picture.name, &mut line)?;
            let size = picture.size;
            write!(
                line,
                ",\"width\":{},\"height\":{}}}",
                size.width, size.height
            )
            .unwrap_or_default(); // which a vector never fails to take
            file.write_all(&line)
                .map_err(|source| Error::io(url, source))?;
            images.push((id, size));
            files.extend(copier.copy(&picture, images.len() as u64)?);
        }
        Ok((images, files))
    }

    /// Writes a line for each object.
    fn annotations(
        &self,
        images: &[Image],
        file: &mut (dyn Write + Send),
        url: &Url,
    ) -> Result<()> {
        let (mut row, mut number) = (0, 0_i64);
        for batch in self.rows.clone().columns([self.objects.name()]).batches()? {
            let batch = batch?;
            let Some(boxes) = batch.columns().first() else {
                continue;
            };
            let mut lines = Vec::new();
            for at in 0..batch.num_rows() {
                let Some((image, size)) = images.get(row) else {
                    continue;
                };
                row += 1;
                let bad = |reason| bad(row as u64, self.objects.name(), reason);
                for object in self.objects.read(boxes, at, *size).map_err(bad)? {
                    lines.extend_from_slice(if number == 0 { b"\n" } else { b",\n" });
                    number += 1;
                    let id = object
                        .id
                        .filter(|_| self.numbering.objects)
                        .unwrap_or(number);
                    self.line(&object, id, *image, &mut lines).map_err(bad)?;
                }
            }
            file.write_all(&lines)
                .map_err(|source| Error::io(url, source))?;
        }
        Ok(())
    }

    /// One object as JSON.
    fn line(
        &self,
        object: &Object,
        id: i64,
        image: i64,
        out: &mut Vec<u8>,
    ) -> std::result::Result<(), String> {
        let [x0, y0, x1, y1] = object.bounds;
        if !object.bounds.iter().all(|corner| corner.is_finite()) {
            return Err("a corner of a box is no number".to_owned());
        }
        if !self.objects.classes().contains(object.label) {
            return Err(format!(
                "{} is no class of a box: leave those out first",
                object.label
            ));
        }
        let bbox = [x0, y0, self.extent(x0, x1), self.extent(y0, y1)];
        let area = match (object.area, &object.rle, &object.polygons) {
            (Some(area), ..) => area,
            (None, Some(rle), _) => rle.area()? as f64,
            (None, None, Some(polygons)) => area_of(polygons),
            (None, None, None) => bbox[2] * bbox[3],
        };
        let (label, is_crowd) = (object.label, u8::from(object.is_crowd));
        write!(
            out,
            "{{\"id\":{id},\"image_id\":{image},\"category_id\":{label},\"bbox\":"
        )
        .unwrap_or_default();
        numbers(&bbox, out)?;
        write!(out, ",\"area\":{area:?},\"iscrowd\":{is_crowd}").unwrap_or_default();
        self.mask(object, out)?;
        if let Some(points) = &object.keypoints {
            let marked = points.iter().filter(|point| point.visibility > 0).count();
            write!(out, ",\"num_keypoints\":{marked},\"keypoints\":").unwrap_or_default();
            let each = |point: &_| -> [f64; 3] {
                let crate::annotations::object::Keypoint { x, y, visibility } = point;
                [*x, *y, f64::from(*visibility)]
            };
            numbers(&points.iter().flat_map(each).collect::<Vec<_>>(), out)?;
        }
        out.push(b'}');
        Ok(())
    }

    fn mask(&self, object: &Object, out: &mut Vec<u8>) -> std::result::Result<(), String> {
        match (&object.rle, &object.polygons) {
            (Some(rle), _) => {
                let (height, width) = (rle.height, rle.width);
                write!(
                    out,
                    ",\"segmentation\":{{\"size\":[{height},{width}],\"counts\":"
                )
                .unwrap_or_default();
                cell::text(&rle.counts, out).map_err(|error| error.to_string())?;
                out.push(b'}');
            }
            (None, Some(polygons)) => {
                out.extend_from_slice(b",\"segmentation\":[");
                for (at, polygon) in polygons.iter().enumerate() {
                    if at > 0 {
                        out.push(b',');
                    }
                    numbers(polygon, out)?;
                }
                out.push(b']');
            }
            (None, None) if self.objects.has("polygons") || self.objects.has("rle") => {
                out.extend_from_slice(b",\"segmentation\":[]");
            }
            (None, None) => {}
        }
        Ok(())
    }

    /// What is from one side of a box to the other.
    fn extent(&self, from: f64, to: f64) -> f64 {
        match self.objects.is_single() {
            true => shortest(to - from, 0, |extent| (from + extent) as f32 == to as f32),
            false => to - from,
        }
    }

    fn categories(&self) -> Result<Vec<u8>> {
        let mut out = Vec::new();
        for (at, class) in self.objects.classes().iter().enumerate() {
            out.extend_from_slice(if at == 0 { b"\n" } else { b",\n" });
            write!(out, "{{\"id\":{},\"name\":", class.id).unwrap_or_default();
            cell::text(&class.name, &mut out)?;
            let skeletons = self.objects.skeletons();
            let own = skeletons
                .iter()
                .find(|skeleton| skeleton.class == Some(class.id));
            let of_all = || skeletons.iter().find(|skeleton| skeleton.class.is_none());
            if let Some(skeleton) = own.or_else(of_all) {
                out.extend_from_slice(b",\"keypoints\":[");
                for (at, name) in skeleton.keypoints.iter().enumerate() {
                    if at > 0 {
                        out.push(b',');
                    }
                    cell::text(name, &mut out)?;
                }
                let edges = skeleton.edges.iter().map(|[from, to]| [from + 1, to + 1]);
                let edges: Vec<[u32; 2]> = edges.collect();
                write!(out, "],\"skeleton\":{edges:?}").unwrap_or_default();
            }
            out.push(b'}');
        }
        Ok(out)
    }
}

/// Numbers with the fewest digits that are read as the same.
fn numbers(numbers: &[f64], out: &mut Vec<u8>) -> std::result::Result<(), String> {
    if !numbers.iter().all(|number| number.is_finite()) {
        return Err("a number of a box is not finite, which JSON has not".to_owned());
    }
    for (at, number) in numbers.iter().enumerate() {
        out.push(if at == 0 { b'[' } else { b',' });
        write!(out, "{number:?}").unwrap_or_default(); // which a vector never fails to take
    }
    out.extend_from_slice(if numbers.is_empty() { b"[]" } else { b"]" });
    Ok(())
}
