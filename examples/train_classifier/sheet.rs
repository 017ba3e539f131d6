//! A contact sheet: images in a grid, with label, prediction and confidence.

use crate::args::Args;
use crate::grey::decode_grey;
use crate::picture::{Colour, Picture};
use crate::samples::SIDE;
use crate::text;
use crate::worst::Sample;
use std::error::Error;
use std::path::PathBuf;

/// Images on a sheet.
pub const SAMPLES: usize = 50;

const COLUMNS: u32 = 10;
const ZOOM: u32 = 4;
const IMAGE: u32 = SIDE as u32 * ZOOM;
const MARGIN: u32 = 8;
const LINE: u32 = 11;
const CELL: (u32, u32) = (IMAGE + 2 * MARGIN, IMAGE + 3 * LINE + 2 * MARGIN);

const PAPER: Colour = [250, 250, 248];
const INK: Colour = [40, 40, 40];
const WRONG: Colour = [190, 40, 30];

/// Draws the samples and writes the sheet where the program was started.
pub fn write(
    samples: &[Sample],
    classes: &[String],
    args: &Args,
) -> Result<PathBuf, Box<dyn Error>> {
    let rows = (samples.len() as u32).div_ceil(COLUMNS).max(1);
    let mut sheet = Picture::new(CELL.0 * COLUMNS, CELL.1 * rows, PAPER);
    for (at, sample) in (0..).zip(samples) {
        let corner = (
            at % COLUMNS * CELL.0 + MARGIN,
            at / COLUMNS * CELL.1 + MARGIN,
        );
        draw(&mut sheet, corner, sample, classes)?;
    }
    sheet.save(&args.sheet)?;
    Ok(args.sheet.clone())
}

fn draw(
    sheet: &mut Picture,
    (x, y): (u32, u32),
    sample: &Sample,
    classes: &[String],
) -> Result<(), Box<dyn Error>> {
    let grey = decode_grey(&sample.image)?;
    for (right, down) in (0..IMAGE).flat_map(|right| (0..IMAGE).map(move |down| (right, down))) {
        let pixel = (down / ZOOM) as usize * SIDE + (right / ZOOM) as usize;
        let grey = grey.get(pixel).copied().unwrap_or_default();
        sheet.set(x + right, y + down, [grey; 3]);
    }
    let name = |class: usize| classes.get(class).map_or("?", String::as_str);
    let confidence = format!("{:.0} % #{}", sample.confidence * 100.0, sample.example_id);
    let lines = [
        (name(sample.label), INK),
        (
            name(sample.predicted),
            if sample.label == sample.predicted {
                INK
            } else {
                WRONG
            },
        ),
        (confidence.as_str(), INK),
    ];
    for (line, (text, colour)) in (0..).zip(lines) {
        let corner = (x, y + IMAGE + 4 + line * LINE);
        text::write(sheet, corner, shortened(text), colour);
    }
    Ok(())
}

/// What fits into a cell.
fn shortened(text: &str) -> &str {
    let end = text.char_indices().nth((IMAGE / text::SIZE) as usize);
    end.map_or(text, |(end, _)| &text[..end])
}
