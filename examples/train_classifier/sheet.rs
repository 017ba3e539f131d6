//! A contact sheet: images in a grid, with label, prediction and confidence.

use crate::args::Args;
use crate::worst::Sample;
use std::error::Error;
use std::path::PathBuf;
use tlc::findings::sheet::{Image, Line, Sheet};

/// Images on a sheet.
pub const SAMPLES: usize = 50;

/// Draws the samples and writes the sheet where the program was started.
pub fn write(
    samples: &[Sample],
    classes: &[String],
    args: &Args,
) -> Result<PathBuf, Box<dyn Error>> {
    let mut sheet = Sheet::new();
    let name = |class: usize| classes.get(class).map_or("?", String::as_str);
    for sample in samples {
        let predicted = name(sample.predicted);
        let confidence = format!("{:.0} % #{}", sample.confidence * 100.0, sample.example_id);
        let lines = [
            name(sample.label).into(),
            match sample.predicted == sample.label {
                true => predicted.into(),
                false => Line::alert(predicted),
            },
            confidence.into(),
        ];
        sheet.add(&Image::decode(&sample.image)?, lines);
    }
    std::fs::write(&args.sheet, sheet.draw().to_png()?)?;
    Ok(args.sheet.clone())
}
