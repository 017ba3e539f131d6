//! A picture of the embeddings in two dimensions, label issues ringed.

use crate::Found;
use crate::data::Data;
use crate::fashion::FASHION;
use std::error::Error;
use std::path::Path;
use tlc::findings::sheet::{Colour, Picture};

/// Of the square that holds the points, in pixels.
const SIDE: u32 = 800;
const MARGIN: u32 = 20;
const LEGEND: u32 = 150;
const LINE: u32 = 20;

const PAPER: Colour = [250, 250, 248];
const INK: Colour = [40, 40, 40];
/// One for each class, told apart by those who see red and green alike, too.
const COLOURS: [Colour; 10] = [
    [0, 114, 178],
    [230, 159, 0],
    [0, 158, 115],
    [204, 121, 167],
    [86, 180, 233],
    [213, 94, 0],
    [120, 94, 240],
    [150, 130, 20],
    [110, 110, 110],
    [90, 200, 90],
];

/// Draws a dot for each sample in the colour of its given label.
pub fn write(found: &Found, data: &Data, file: &Path) -> Result<(), Box<dyn Error>> {
    let mut picture = Picture::new(SIDE + LEGEND, SIDE, PAPER);
    let places = places(&found.points);
    let label = |row: usize| data.labels[row][0] as usize;
    for (row, place) in places.iter().enumerate() {
        disc(&mut picture, *place, 2.0, COLOURS[label(row)]);
    }
    for issue in found.issues.issues() {
        let row = issue.example_id as usize;
        disc(&mut picture, places[row], 4.5, INK);
        disc(&mut picture, places[row], 3.5, COLOURS[label(row)]);
    }
    for (class, (name, colour)) in (0..).zip(FASHION.into_iter().zip(COLOURS)) {
        let y = MARGIN + class * LINE;
        disc(&mut picture, (SIDE as f32, y as f32 + 4.0), 4.0, colour);
        picture.write(SIDE + 14, y, name, INK);
    }
    let y = MARGIN + (FASHION.len() as u32 + 1) * LINE;
    disc(&mut picture, (SIDE as f32, y as f32 + 4.0), 4.5, INK);
    disc(&mut picture, (SIDE as f32, y as f32 + 4.0), 3.5, PAPER);
    picture.write(SIDE + 14, y, "label issue", INK);
    Ok(std::fs::write(file, picture.to_png()?)?)
}

/// Where each point is drawn: all of them fill the square.
fn places(points: &tlc::findings::Embeddings) -> Vec<(f32, f32)> {
    let range = |axis: usize| {
        let values = points.rows().map(|point| point[axis]);
        values.fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), value| {
            (low.min(value), high.max(value))
        })
    };
    let ranges = [range(0), range(1)];
    let place = |value: f32, (low, high): (f32, f32)| {
        let width = (high - low).max(f32::EPSILON);
        MARGIN as f32 + (value - low) / width * (SIDE - 3 * MARGIN) as f32
    };
    let places = points.rows();
    places
        .map(|point| (place(point[0], ranges[0]), place(point[1], ranges[1])))
        .collect()
}

fn disc(picture: &mut Picture, (x, y): (f32, f32), radius: f32, colour: Colour) {
    let reach = radius.ceil() as i32;
    for (right, down) in (-reach..=reach).flat_map(|a| (-reach..=reach).map(move |b| (a, b))) {
        if (right * right + down * down) as f32 <= radius * radius {
            let (x, y) = (x as i32 + right, y as i32 + down);
            picture.set(x as u32, y as u32, colour);
        }
    }
}
