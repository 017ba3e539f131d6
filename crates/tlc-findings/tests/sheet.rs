//! Contact sheets: of images of any kind, and of what is none.
#![allow(clippy::unwrap_used, clippy::panic)] // a test stops at the first surprise

use png::{BitDepth, ColorType, Encoder};
use tlc_findings::Error;
use tlc_findings::sheet::{Colour, Image, Line, Picture, Sheet};

const PAPER: Colour = [250, 250, 248];

/// The sheet of one image, without text, in a square of this side.
fn shown(image: &Image, side: u32) -> Picture {
    let mut sheet = Sheet::new().columns(1).image_side(side);
    sheet.add(image, [""; 0]);
    sheet.draw()
}

/// The pixel of the square.
fn at(picture: &Picture, x: u32, y: u32) -> Colour {
    picture.get(x + 8, y + 8).unwrap()
}

fn encoded(width: u32, height: u32, colours: ColorType, depth: BitDepth, bytes: &[u8]) -> Vec<u8> {
    let mut png = Vec::new();
    let mut encoder = Encoder::new(&mut png, width, height);
    encoder.set_color(colours);
    encoder.set_depth(depth);
    if colours == ColorType::Indexed {
        encoder.set_palette(vec![10, 20, 30, 200, 100, 50]);
        encoder.set_trns(vec![255, 0]);
    }
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(bytes).unwrap();
    writer.finish().unwrap();
    png
}

#[test]
fn pixels_of_one_to_four_channels_are_shown_in_their_colours() {
    for (channels, pixel, expected) in [
        (1, &[90][..], [90, 90, 90]),
        (2, &[90, 255], [90, 90, 90]),
        (2, &[90, 0], PAPER),
        (3, &[1, 2, 3], [1, 2, 3]),
        (4, &[1, 2, 3, 255], [1, 2, 3]),
        (4, &[1, 2, 3, 0], PAPER),
        (4, &[0, 0, 0, 128], [125, 125, 124]),
    ] {
        let image = Image::from_pixels(1, 1, channels, pixel).unwrap();
        let picture = shown(&image, 4);
        let corners = [(0, 0), (3, 0), (0, 3), (3, 3)];
        let found = corners.map(|(x, y)| at(&picture, x, y));
        assert_eq!(found, [expected; 4], "{pixel:?}");
    }
}

#[test]
fn a_png_is_read_whatever_its_colours_and_depth() {
    use BitDepth::{Eight, One, Sixteen};
    for (colours, depth, bytes, channels, expected) in [
        (ColorType::Grayscale, One, &[0b1000_0000][..], 1, [255; 3]),
        (ColorType::Grayscale, Sixteen, &[77, 1], 1, [77; 3]),
        (ColorType::GrayscaleAlpha, Eight, &[9, 255], 2, [9; 3]),
        (ColorType::Rgb, Eight, &[1, 2, 3], 3, [1, 2, 3]),
        (
            ColorType::Rgba,
            Sixteen,
            &[1, 0, 2, 0, 3, 0, 255, 255],
            4,
            [1, 2, 3],
        ),
        (ColorType::Indexed, Eight, &[0], 4, [10, 20, 30]),
        (ColorType::Indexed, Eight, &[1], 4, PAPER),
    ] {
        let image = Image::decode(&encoded(1, 1, colours, depth, bytes)).unwrap();
        assert_eq!(image.channels(), channels, "{colours:?}");
        assert_eq!(at(&shown(&image, 1), 0, 0), expected, "{colours:?}");
    }
}

#[test]
fn a_small_image_grows_by_a_whole_number_and_stands_in_the_middle() {
    let image = Image::from_pixels(2, 1, 1, &[0, 255]).unwrap();
    let picture = shown(&image, 9); // 8 x 4 in a square of 9
    assert_eq!((picture.width(), picture.height()), (25, 25));
    for (x, y, expected) in [
        (0, 1, PAPER),
        (0, 2, [0; 3]),
        (3, 5, [0; 3]),
        (4, 2, [255; 3]),
        (7, 5, [255; 3]),
        (8, 2, PAPER),
        (0, 6, PAPER),
    ] {
        assert_eq!(at(&picture, x, y), expected, "{x} {y}");
    }
}

#[test]
fn a_large_image_is_shrunk_to_means() {
    let values: Vec<u8> = (0..6 * 4)
        .map(|at| if at % 2 == 0 { 10 } else { 31 })
        .collect();
    let picture = shown(&Image::from_pixels(6, 4, 1, &values).unwrap(), 3);
    assert_eq!(at(&picture, 1, 0), [21; 3]); // 3 x 2, the mean of 2 x 2 each
    assert_eq!((at(&picture, 2, 1), at(&picture, 2, 2)), ([21; 3], PAPER));
    // Ten thousand to one: not less than a pixel.
    let thin = Image::from_pixels(10_000, 1, 1, &[7; 10_000]).unwrap();
    let picture = shown(&thin, 20);
    let row: Vec<Colour> = (0..20).map(|x| at(&picture, x, 9)).collect();
    assert_eq!(row, [[7; 3]; 20]);
    assert_eq!((at(&picture, 0, 8), at(&picture, 0, 10)), (PAPER, PAPER));
}

#[test]
fn lines_are_written_under_each_image_and_cut_at_its_side() {
    let image = Image::from_pixels(1, 1, 1, &[0]).unwrap();
    let mut sheet = Sheet::new().columns(2).image_side(16);
    sheet.add(&image, [Line::from("IIIII"), Line::alert("I")]);
    sheet.add(&image, ["I"]);
    sheet.add(&image, [""; 0]);
    assert_eq!((sheet.len(), sheet.is_empty()), (3, false));
    let picture = sheet.draw();
    assert_eq!((picture.width(), picture.height()), (2 * 32, 2 * (32 + 22)));
    let text = |(left, top): (u32, u32), (width, height): (u32, u32)| {
        let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (left + x, top + y)));
        let found = pixels.map(|(x, y)| picture.get(x, y).unwrap());
        found.filter(|colour| *colour != PAPER).collect::<Vec<_>>()
    };
    let one = text((32 + 8, 28), (16, 8));
    assert!(!one.is_empty() && one.iter().all(|colour| *colour == [40; 3]));
    assert_eq!(
        text((8, 28), (24, 8)).len(),
        2 * one.len(),
        "two of five fit"
    );
    let alert = text((8, 39), (16, 8));
    assert_eq!(alert, vec![[190, 40, 30]; one.len()]);
    assert_eq!(text((0, 54 + 28), (64, 8)), [PAPER; 0]);
}

#[test]
fn characters_of_latin_1_have_a_shape_and_others_are_question_marks() {
    let written = |text: &str| {
        let mut picture = Picture::new(8, 8, PAPER);
        picture.write(0, 0, text, [0; 3]);
        picture
    };
    assert_ne!(written("ä"), written("?"));
    assert_ne!(written("ä"), written("a"));
    for text in ["狗", "€", "\u{10ffff}", "😀"] {
        assert_eq!(written(text), written("?"));
    }
    assert_eq!(written("\0\n\t"), written(""));
}

#[test]
fn what_lies_outside_of_a_picture_is_left_out() {
    let mut picture = Picture::new(3, 2, PAPER);
    picture.set(3, 0, [0; 3]);
    picture.set(u32::MAX, u32::MAX, [0; 3]);
    picture.write(u32::MAX - 3, 1, "text", [0; 3]);
    picture.put(2, 1, &Picture::new(5, 5, [1, 2, 3]));
    assert_eq!(
        (picture.get(2, 1), picture.get(3, 1)),
        (Some([1, 2, 3]), None)
    );
    assert_eq!(picture.get(1, 1), Some(PAPER));
    let empty = Picture::new(0, 4, PAPER);
    assert!(matches!(empty.to_png(), Err(Error::Image { .. })));
}

#[test]
fn the_png_of_a_picture_has_its_pixels() {
    let mut picture = Picture::new(5, 3, PAPER);
    picture.set(4, 2, [1, 2, 3]);
    let image = Image::decode(&picture.to_png().unwrap()).unwrap();
    assert_eq!((image.width(), image.height(), image.channels()), (5, 3, 3));
    assert_eq!(at(&shown(&image, 5), 4, 3), [1, 2, 3]); // one down, in the middle
}

#[test]
fn what_is_no_image_is_refused() {
    let png = encoded(4, 4, ColorType::Rgb, BitDepth::Eight, &[9; 48]);
    let mut huge = png.clone();
    huge[16..24].copy_from_slice(&[0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff]);
    let mut large = huge.clone();
    large[16..24].copy_from_slice(&[0, 1, 0, 0, 0, 1, 0, 0]);
    // The header's checksum, so that it is the size that is refused.
    for bytes in [&mut huge, &mut large] {
        let sum = crc32(&bytes[12..29]);
        bytes[29..33].copy_from_slice(&sum.to_be_bytes());
    }
    let cut = &png[..png.len() / 2];
    for bytes in [&b""[..], b"GIF89a", &[0xff, 0xd8, 0, 1], cut, &huge, &large] {
        assert!(matches!(Image::decode(bytes), Err(Error::Image { .. })));
    }
    for (width, height, channels, len) in [
        (2, 2, 1, 3),
        (2, 2, 5, 20),
        (2, 2, 0, 0),
        (0, 2, 1, 0),
        (u32::MAX, u32::MAX, 4, 4),
    ] {
        let refused = Image::from_pixels(width, height, channels, &vec![0; len]);
        assert!(matches!(refused, Err(Error::Shape { .. })));
    }
}

/// As PNG has it.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| {
        if crc & 1 == 1 {
            0xedb8_8320 ^ (crc >> 1)
        } else {
            crc >> 1
        }
    };
    !bytes
        .iter()
        .fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}

const RED_AND_BLUE: &[u8] = include_bytes!("golden/jpeg/red_and_blue.jpg");
const GREY: &[u8] = include_bytes!("golden/jpeg/grey.jpg");

#[cfg(feature = "jpeg")]
#[test]
fn a_jpeg_is_read() {
    let image = Image::decode(RED_AND_BLUE).unwrap();
    assert_eq!(
        (image.width(), image.height(), image.channels()),
        (24, 16, 3)
    );
    let picture = shown(&image, 24);
    let near = |found: Colour, expected: Colour| {
        let far = found.iter().zip(expected).map(|(a, b)| a.abs_diff(b)).max();
        assert!(far.unwrap() < 8, "{found:?}");
    };
    near(at(&picture, 2, 10), [200, 30, 30]);
    near(at(&picture, 21, 10), [30, 60, 200]);
    let grey = shown(&Image::decode(GREY).unwrap(), 24);
    near(at(&grey, 2, 10), [200; 3]);
    near(at(&grey, 21, 10), [30; 3]);
    for len in 0..RED_AND_BLUE.len() {
        let _ = Image::decode(&RED_AND_BLUE[..len]); // no panic
    }
}

#[cfg(not(feature = "jpeg"))]
#[test]
fn a_jpeg_is_refused_with_the_feature_that_reads_it() {
    for bytes in [RED_AND_BLUE, GREY] {
        let refused = Image::decode(bytes).unwrap_err().to_string();
        assert!(refused.contains("feature `jpeg`"), "{refused}");
    }
}
