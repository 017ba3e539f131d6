//! Images with their labels become rows.

use super::line::Meaning;
use super::places::{Place, labels, text};
use crate::annotations::boxes;
use crate::annotations::object::Object;
use crate::annotations::pictures::{Picture, Reader, images};
use crate::{At, BadRow, Error, Result};
use tlc_core::{Column, Columns, Url};

/// Objects of an image.
const MOST_OBJECTS: usize = 100_000;

/// What rows are made by.
pub(super) struct Making<'a> {
    pub(super) place: &'a Place<'a>,
    pub(super) meaning: &'a Meaning,
    pub(super) reader: Reader,
    pub(super) boxes: Column,
    pub(super) has_splits: bool,
}

/// Images of one split that are read together.
pub(super) struct Piece<'a> {
    pub(super) split: &'a str,
    pub(super) images: &'a [Url],
}

/// Rows that were made.
#[derive(Default)]
pub(super) struct Made {
    pub(super) batch: Columns,
    /// What each row is called.
    pub(super) names: Vec<String>,
    pub(super) bad: Vec<BadRow>,
    pub(super) images: u64,
}

impl Making<'_> {
    pub(super) fn make(&self, piece: &Piece<'_>) -> Result<Made> {
        let mut made = Made {
            images: piece.images.len() as u64,
            ..Made::default()
        };
        let (mut pictures, mut objects) = (Vec::new(), Vec::new());
        for image in piece.images {
            let name = image
                .relative_to(&self.place.root)
                .unwrap_or_else(|| image.to_string());
            match self.image(image, &mut made.bad)? {
                Ok((picture, of_image)) => {
                    made.names.push(name);
                    pictures.push(picture);
                    objects.push(of_image);
                }
                Err(reason) => made.bad.push(BadRow {
                    place: crate::Place {
                        file: Some(self.place.root.clone()),
                        at: At::Named(name),
                    },
                    column: Some("image".to_owned()),
                    value: None,
                    reason,
                }),
            }
        }
        made.batch = self.batch(piece.split, &made.names, pictures, &objects)?;
        Ok(made)
    }

    /// An image and what is in it, or why there is none.
    fn image(
        &self,
        image: &Url,
        bad: &mut Vec<BadRow>,
    ) -> Result<std::result::Result<(Picture, Vec<Object>), String>> {
        let picture = match self.reader.read(&image.to_string(), None)? {
            Ok(picture) => picture,
            Err(reason) => return Ok(Err(reason)),
        };
        let labels = labels(image)?;
        let text = match text(self.place, &labels)? {
            Ok(text) => text,
            Err(reason) => return Ok(Err(reason)),
        };
        let mut objects = Vec::new();
        for (number, line) in (1..).zip(text.trim_start_matches('\u{feff}').lines()) {
            if line.trim().is_empty() {
                continue;
            }
            if objects.len() == MOST_OBJECTS {
                return Ok(Err(format!("more than {MOST_OBJECTS} objects are in it")));
            }
            match self.meaning.object(line, picture.size) {
                Ok(object) => objects.push(object),
                Err(reason) => {
                    let error = Error::row(&labels, number, "boxes", line, reason);
                    bad.extend(match error {
                        Error::Row(row) => Some(*row),
                        _ => None,
                    });
                }
            }
        }
        Ok(Ok((picture, objects)))
    }

    fn batch(
        &self,
        split: &str,
        names: &[String],
        pictures: Vec<Picture>,
        objects: &[Vec<Object>],
    ) -> Result<Columns> {
        let widths: Vec<i32> = pictures.iter().map(|picture| picture.size.width).collect();
        let heights: Vec<i32> = pictures.iter().map(|picture| picture.size.height).collect();
        let batch = Columns::new()
            .column("image", images(pictures))
            .column("boxes", boxes::array(&self.boxes, objects)?)
            .column("width", widths)
            .column("height", heights)
            .column("file", names.to_vec());
        Ok(match self.has_splits {
            true => batch.column("split", vec![split; names.len()]),
            false => batch,
        })
    }
}
