//! A contact sheet of the label issues: label, prediction and label score of each.

use crate::Findings;
use crate::data::Data;
use crate::samples::{FASHION, Row};
use std::error::Error;
use std::path::Path;
use tlc::arrow::array::AsArray;
use tlc::arrow::datatypes::Int32Type;
use tlc::findings::sheet::{Image, Line, Sheet};

/// Images on a sheet.
const SAMPLES: usize = 50;

/// Draws the samples whose label is most likely wrong.
pub fn write(findings: &Findings, data: &Data, file: &Path) -> Result<(), Box<dyn Error>> {
    let metrics = findings.metrics.read()?;
    let predicted = metrics["predicted"].as_primitive::<Int32Type>().values();
    let mut sheet = Sheet::new();
    for row in findings.issues.rows.iter().take(SAMPLES) {
        let Row { image, label } = data.train.table().row(*row)?;
        let score = format!("{:.3} #{row}", findings.issues.scores[*row]);
        let lines = [
            FASHION[label as usize].into(),
            Line::alert(FASHION[predicted[*row] as usize]),
            score.into(),
        ];
        sheet.add(&Image::decode(&image)?, lines);
    }
    Ok(std::fs::write(file, sheet.draw().to_png()?)?)
}
