//! Contact sheets: images in a grid, with what was found about each written under it.
//!
//! Images are of any size and of one to four channels, encoded as in a column of images or
//! as pixels; the sheet is a [`Picture`], and that a PNG. Memory holds the sheet, and of each
//! image what it shows of it.

mod image;
mod picture;
mod text;

pub use self::image::Image;
pub use self::picture::{Colour, Picture};

use self::text::GLYPH;

const MARGIN: u32 = 8;
/// From one line of text to the next, and from the image to the first.
const LINE: u32 = 11;
const GAP: u32 = 4;

const PAPER: Colour = [250, 250, 248];
const INK: Colour = [40, 40, 40];
const ALERT: Colour = [190, 40, 30];

/// A contact sheet, cell by cell, row after row.
///
/// ```
/// use tlc_findings::sheet::{Image, Line, Sheet};
///
/// let mut sheet = Sheet::new().columns(2).image_side(64);
/// for score in [0.02, 0.13, 0.31] {
///     let image = Image::from_pixels(2, 2, 1, &[0, 255, 255, 0])?;
///     let lines = [Line::from("cat"), Line::alert("dog"), Line::from(format!("{score:.2}"))];
///     sheet.add(&image, lines);
/// }
/// let picture = sheet.draw();
/// assert_eq!((picture.width(), picture.height()), (160, 226));
/// let png: Vec<u8> = picture.to_png()?;
/// # assert!(png.starts_with(b"\x89PNG"));
/// # Ok::<(), tlc_findings::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Sheet {
    columns: u32,
    side: u32,
    cells: Vec<Cell>,
}

/// A line of text under an image: as much of it as fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    text: String,
    colour: Colour,
}

#[derive(Clone, Debug)]
struct Cell {
    image: Picture,
    lines: Vec<Line>,
}

impl Default for Sheet {
    fn default() -> Self {
        Self {
            columns: 10,
            side: 112,
            cells: Vec::new(),
        }
    }
}

impl Sheet {
    /// Ten images a row, each in a square of 112 pixels.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how many images a row has, if there are as many; at least one.
    #[must_use]
    pub fn columns(mut self, count: u32) -> Self {
        self.columns = count.max(1);
        self
    }

    /// Sets the side of the square that each image is put in, in pixels: before the first is
    /// added.
    #[must_use]
    pub fn image_side(mut self, side: u32) -> Self {
        self.side = side.clamp(1, 4096);
        self
    }

    /// Adds an image with lines of text under it. A larger image is shrunk, each pixel the
    /// mean of those it stands for; a smaller one grows by a whole number.
    pub fn add(&mut self, image: &Image, lines: impl IntoIterator<Item = impl Into<Line>>) {
        self.cells.push(Cell {
            image: image.fitted(self.side, PAPER),
            lines: lines.into_iter().map(Into::into).collect(),
        });
    }

    /// Number of images.
    #[must_use]
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether there is no image.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// The sheet as a picture, in which each cell is as high as the one with the most lines.
    #[must_use]
    pub fn draw(&self) -> Picture {
        let lines = self.cells.iter().map(|cell| cell.lines.len()).max();
        let lines = u32::try_from(lines.unwrap_or_default()).unwrap_or(u32::MAX);
        let (width, height) = (
            self.side + 2 * MARGIN,
            (self.side + 2 * MARGIN).saturating_add(lines.saturating_mul(LINE)),
        );
        let cells = u32::try_from(self.cells.len()).unwrap_or(u32::MAX).max(1);
        let columns = self.columns.min(cells);
        let height_of_all = height.saturating_mul(cells.div_ceil(columns));
        let mut sheet = Picture::new(width.saturating_mul(columns), height_of_all, PAPER);
        for (at, cell) in (0..).zip(&self.cells) {
            let corner = (
                at % columns * width + MARGIN,
                at / columns * height + MARGIN,
            );
            self.draw_cell(&mut sheet, corner, cell);
        }
        sheet
    }

    fn draw_cell(&self, sheet: &mut Picture, (x, y): (u32, u32), cell: &Cell) {
        let inset = |side: u32| self.side.saturating_sub(side) / 2;
        let (right, down) = (inset(cell.image.width()), inset(cell.image.height()));
        sheet.put(x + right, y + down, &cell.image);
        let fits = (self.side / GLYPH) as usize;
        for (number, line) in (0..).zip(&cell.lines) {
            let text: String = line.text.chars().take(fits).collect();
            sheet.write(x, y + self.side + GAP + number * LINE, &text, line.colour);
        }
    }
}

impl Line {
    /// A line that stands out, such as a suggestion that differs from the label.
    pub fn alert(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            colour: ALERT,
        }
    }
}

impl From<String> for Line {
    fn from(text: String) -> Self {
        Self { text, colour: INK }
    }
}

impl From<&str> for Line {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}
