//! A contact sheet of the label issues: label, suggestion and score of each.

use crate::Found;
use crate::data::{Data, name};
use crate::samples::Row;
use std::error::Error;
use std::path::Path;
use tlc::findings::sheet::{Image, Line, Sheet};

/// Images on a sheet.
const SAMPLES: usize = 50;

/// Draws the samples whose label is most likely wrong.
pub fn write(found: &Found, data: &Data, file: &Path) -> Result<(), Box<dyn Error>> {
    let mut sheet = Sheet::new();
    for sample in found.issues.samples.iter().take(SAMPLES) {
        let row = usize::try_from(sample.example_id)?;
        let Row { image, label } = data.train.table().row(row)?;
        let score = format!("{:.3} #{row}", sample.score);
        let lines = [
            name(label).into(),
            Line::alert(name(sample.suggested)),
            score.into(),
        ];
        sheet.add(&Image::decode(&image)?, lines);
    }
    Ok(std::fs::write(file, sheet.draw().to_png()?)?)
}
