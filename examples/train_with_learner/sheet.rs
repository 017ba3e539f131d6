//! A contact sheet of the label issues: label, suggestion and score of each.

use crate::fashion::{FASHION, Row};
use std::error::Error;
use std::path::Path;
use tlc::Table;
use tlc::findings::label_issues::LabelIssues;
use tlc::findings::sheet::{Image, Line, Sheet};

/// Images on a sheet.
const SAMPLES: usize = 50;

/// Draws the samples whose label is most likely wrong.
pub fn write(issues: &LabelIssues, table: &Table, file: &Path) -> Result<(), Box<dyn Error>> {
    let mut sheet = Sheet::new();
    for sample in issues.samples.iter().take(SAMPLES) {
        let row = usize::try_from(sample.example_id)?;
        let Row { image, label } = table.row(row)?;
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

/// What the class of a label is called.
pub fn name(class: i32) -> &'static str {
    let place = usize::try_from(class).ok();
    place.and_then(|place| FASHION.get(place)).unwrap_or(&"?")
}
