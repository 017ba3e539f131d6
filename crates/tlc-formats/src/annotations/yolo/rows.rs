//! Images with their labels become rows.

use super::line::Meaning;
use super::places::{Home, labels, text};
use crate::annotations::boxes;
use crate::annotations::object::Object;
use crate::annotations::pictures::{Picture, Reader};
use crate::error::cut;
use crate::images::{Made, Size, bad_row};
use crate::{At, BadRow, Place, Result};
use tlc_core::{Column, Columns, Url};

/// Objects of an image, those included that are bad.
const MOST_OBJECTS: usize = 100_000;

/// What rows are made by.
pub(super) struct Making<'a> {
    pub(super) home: &'a Home<'a>,
    pub(super) meaning: &'a Meaning,
    pub(super) reader: Reader,
    pub(super) boxes: Column,
    pub(super) has_splits: bool,
}

/// Images of one split that are read together.
pub(super) struct Piece<'a> {
    pub(super) split: &'a str,
    pub(super) images: Vec<&'a Url>,
}

impl Making<'_> {
    pub(super) fn make(&self, piece: &Piece<'_>) -> Result<Made> {
        let (mut names, mut bad) = (Vec::new(), Vec::new());
        let (mut cells, mut sizes, mut objects) = (Vec::new(), Vec::new(), Vec::new());
        for image in &piece.images {
            let name = image
                .relative_to(&self.home.root)
                .unwrap_or_else(|| image.to_string());
            match self.image(image, &mut bad)? {
                Ok(((cell, size), of_image)) => {
                    names.push(name);
                    cells.push(cell);
                    sizes.push(size);
                    objects.push(of_image);
                }
                Err(reason) => bad.push(bad_row(&self.home.root, name, Some("image"), reason)),
            }
        }
        let mut batch = Columns::new()
            .column("image", self.reader.images(&cells))
            .column("boxes", boxes::array(&self.boxes, &objects)?);
        Size::push(&sizes, &mut batch);
        batch.push("file", names.clone());
        if self.has_splits {
            batch.push("split", vec![piece.split; names.len()]);
        }
        Ok(Made { batch, names, bad })
    }

    /// An image and what is in it, or why there is none.
    fn image(
        &self,
        image: &Url,
        bad: &mut Vec<BadRow>,
    ) -> Result<std::result::Result<(Picture, Vec<Object>), String>> {
        let (cell, size) = match self.reader.read(&image.to_string(), None)? {
            Ok(picture) => picture,
            Err(reason) => return Ok(Err(reason)),
        };
        let labels = labels(image)?;
        let text = match text(self.home, &labels)? {
            Ok(text) => text,
            Err(reason) => return Ok(Err(reason)),
        };
        let lines = (1..).zip(text.trim_start_matches('\u{feff}').lines());
        let lines = lines.filter(|(_, line)| !line.trim().is_empty());
        if lines.clone().nth(MOST_OBJECTS).is_some() {
            return Ok(Err(format!("more than {MOST_OBJECTS} objects are in it")));
        }
        let mut objects = Vec::new();
        for (number, line) in lines {
            match self.meaning.object(line, size) {
                Ok(object) => objects.push(object),
                Err(reason) => bad.push(BadRow {
                    place: Place {
                        file: Some(labels.clone()),
                        at: At::Line(number),
                    },
                    column: Some("boxes".to_owned()),
                    value: Some(cut(line)),
                    reason,
                }),
            }
        }
        Ok(Ok(((cell, size), objects)))
    }
}
