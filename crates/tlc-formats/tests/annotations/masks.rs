//! Semantic masks: palettes, grey and colours become ids of classes.

use crate::{Given, rows};
use png::{BitDepth, ColorType};
use serde_json::json;
use tlc_core::arrow::array::AsArray;
use tlc_core::{ClassMap, IfExists, Table, ValueType};
use tlc_formats::{Error, Masks, import};

/// A PNG of these bytes, row after row.
fn png(color: ColorType, depth: BitDepth, [width, height]: [u32; 2], rows: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(color);
    encoder.set_depth(depth);
    if color == ColorType::Indexed {
        encoder.set_palette([9; 48].to_vec());
    }
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(rows).unwrap();
    writer.finish().unwrap();
    bytes
}

fn grey(width: u32, height: u32) -> Vec<u8> {
    let pixels = vec![7; (width * height) as usize];
    png(
        ColorType::Grayscale,
        BitDepth::Eight,
        [width, height],
        &pixels,
    )
}

/// Ids with a gap, a background and a void.
fn classes() -> ClassMap {
    let classes = ClassMap::from_ids([(0, "nothing"), (1, "road"), (5, "sky")]).unwrap();
    let classes = classes.with_color(1, [128, 64, 128]).unwrap();
    let classes = classes.with_color(5, [70, 130, 180]).unwrap();
    classes.with_background(0).unwrap().with_void(255).unwrap()
}

/// The pixels of the first mask of a table, and its bits a pixel.
fn pixels(table: &Table) -> (Vec<u16>, BitDepth) {
    let masks = table.column("mask").unwrap();
    let mut reader = png::Decoder::new(std::io::Cursor::new(masks.as_binary::<i32>().value(0)))
        .read_info()
        .unwrap();
    let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
    let frame = reader.next_frame(&mut bytes).unwrap();
    assert_eq!(frame.color_type, ColorType::Grayscale);
    let ids = match frame.bit_depth {
        BitDepth::Eight => bytes.iter().map(|id| u16::from(*id)).collect(),
        _ => bytes
            .chunks(2)
            .map(|id| u16::from_be_bytes([id[0], id[1]]))
            .collect(),
    };
    (ids, frame.bit_depth)
}

impl Given {
    fn masks(&self, classes: ClassMap) -> Masks {
        Masks::new(self.path("images"), self.path("masks"), classes)
    }
}

#[test]
fn palettes_grey_of_any_bits_and_colours_become_ids_of_classes() {
    let size = [3, 2];
    let ids = vec![0, 1, 5, 5, 1, 0];
    for (color, depth, rows) in [
        (
            ColorType::Grayscale,
            BitDepth::Eight,
            vec![0, 1, 5, 5, 1, 0],
        ),
        (ColorType::Indexed, BitDepth::Eight, vec![0, 1, 5, 5, 1, 0]),
        (
            ColorType::Indexed,
            BitDepth::Four,
            vec![0x01, 0x50, 0x51, 0x00],
        ),
        (
            ColorType::Grayscale,
            BitDepth::Four,
            vec![0x01, 0x50, 0x51, 0x00],
        ),
        (
            ColorType::Grayscale,
            BitDepth::Sixteen,
            vec![0, 0, 0, 1, 0, 5, 0, 5, 0, 1, 0, 0],
        ),
    ] {
        let given = Given::new();
        given.write("images/deep/a.png", grey(3, 2));
        given.write("masks/deep/a.png", png(color, depth, size, &rows));
        let table = import(&given.masks(classes()), given.options("d"))
            .unwrap()
            .table;
        assert_eq!(
            pixels(&table),
            (ids.clone(), BitDepth::Eight),
            "{color:?} {depth:?}"
        );
    }
    let colors = [[128, 64, 128], [70, 130, 180]].concat();
    let given = Given::new();
    given.write("images/a.png", grey(2, 1));
    given.write(
        "masks/a.png",
        png(ColorType::Rgb, BitDepth::Eight, [2, 1], &colors),
    );
    let table = import(&given.masks(classes()), given.options("d"))
        .unwrap()
        .table;
    assert_eq!(pixels(&table).0, [1, 5]);
    let value = &table.schema().column("mask").unwrap().value;
    assert_eq!(*value, ValueType::segmentation_mask(classes()));
}

#[test]
fn ids_over_255_have_16_bits_and_two_bits_are_read_from_the_left() {
    let given = Given::new();
    given.write("images/a.png", grey(2, 1));
    let rows = [1, 44, 0, 7];
    given.write(
        "masks/a.png",
        png(ColorType::Grayscale, BitDepth::Sixteen, [2, 1], &rows),
    );
    let flags = ClassMap::from_ids([(300, "flag"), (7, "pole")]).unwrap();
    let table = import(&given.masks(flags), given.options("wide"))
        .unwrap()
        .table;
    assert_eq!(pixels(&table), (vec![300, 7], BitDepth::Sixteen));

    given.write("images/a.png", grey(5, 1));
    let rows = [0b00_01_10_11, 0b01_000000];
    given.write(
        "masks/a.png",
        png(ColorType::Indexed, BitDepth::Two, [5, 1], &rows),
    );
    let four = ClassMap::new(["a", "b", "c", "d"]);
    let table = import(&given.masks(four), given.options("narrow"))
        .unwrap()
        .table;
    assert_eq!(pixels(&table).0, [0, 1, 2, 3, 1]);
}

#[test]
fn masks_stand_beside_their_images_by_a_suffix_and_images_without_are_left_out() {
    let given = Given::new();
    for name in ["b", "a", "c"] {
        given.write(&format!("set/{name}.png"), grey(2, 1));
    }
    let mask = png(ColorType::Grayscale, BitDepth::Eight, [2, 1], &[1, 255]);
    given.write("set/a_mask.png", &mask);
    given.write("set/b_mask.png", &mask);
    let masks = Masks::new(given.path("set"), given.path("set"), classes()).suffix("_mask");
    let table = import(&masks, given.options("d")).unwrap().table;
    let rows = rows(&table);
    let files: Vec<_> = rows.iter().map(|row| row["file"].clone()).collect();
    assert_eq!(files, [json!("a.png"), json!("b.png")]);
    assert_eq!(
        (&rows[0]["width"], &rows[0]["height"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(pixels(&table).0, [1, 255]);
    let by_url = import(&masks.by_url(), given.options("by url"))
        .unwrap()
        .table;
    let image = by_url.column("image").unwrap();
    assert!(image.as_string::<i32>().value(0).ends_with("/set/a.png"));
}

#[test]
fn a_mask_that_is_none_is_told_by_its_name_and_left_out_where_bad_rows_are() {
    let grey_of = |pixels: &[u8]| png(ColorType::Grayscale, BitDepth::Eight, [2, 1], pixels);
    for (mask, told) in [
        (
            grey_of(&[1, 2]),
            "the pixel 1, 0 is 2, there are the classes 0, 1, 5, 255",
        ),
        (grey(1, 2), "the mask has 1 x 2 pixels, its image 2 x 1"),
        (b"no mask".to_vec(), "no mask, or a damaged one"),
        (grey_of(&[1, 1])[..45].to_vec(), "no mask, or a damaged one"),
        (
            png(
                ColorType::Rgb,
                BitDepth::Eight,
                [2, 1],
                &[128, 64, 128, 1, 2, 3],
            ),
            "1, 0 is #010203",
        ),
        (
            png(
                ColorType::GrayscaleAlpha,
                BitDepth::Eight,
                [2, 1],
                &[1, 1, 1, 1],
            ),
            "GrayscaleAlpha",
        ),
    ] {
        let given = Given::new();
        given.write("images/a.png", grey(2, 1));
        given.write("images/b.png", grey(2, 1));
        given.write("masks/a.png", mask);
        given.write("masks/b.png", grey_of(&[0, 5]));
        given.write("masks/c.png", grey_of(&[0, 5]));
        let refused = import(&given.masks(classes()), given.options("d"));
        match refused {
            Err(Error::Row(bad)) => {
                let bad = bad.to_string();
                assert!(
                    bad.contains("a.png, column `mask`") && bad.contains(told),
                    "{bad}"
                );
            }
            other => panic!("{told}: {other:?}"),
        }
        let options = given
            .options("d")
            .skip_bad_rows()
            .if_exists(IfExists::Overwrite);
        let skipped = import(&given.masks(classes()), options).unwrap();
        assert_eq!((skipped.table.len(), skipped.skipped.len()), (1, 2));
        let stray = skipped.skipped.first()[1].to_string();
        assert!(
            stray.contains("c.png") && stray.contains("no image of this name"),
            "{stray}"
        );
    }
}

#[test]
fn a_mask_that_says_that_it_is_huge_takes_no_memory() {
    let given = Given::new();
    let mut huge = grey(2, 1);
    huge[16..24].copy_from_slice(&[0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff]);
    let crc = crc_of(&huge[12..29]).to_be_bytes();
    huge[29..33].copy_from_slice(&crc);
    given.write("images/a.png", &huge);
    given.write("masks/a.png", &huge);
    let refused = import(&given.masks(classes()), given.options("d"))
        .unwrap_err()
        .to_string();
    assert!(
        refused.contains("more pixels than 8,192 x 8,192"),
        "{refused}"
    );
    assert!(matches!(
        import(
            &Masks::new(given.path("images"), given.path("none"), ["a"]),
            given.options("d")
        ),
        Err(Error::NoFiles { .. })
    ));
}

/// The checksum of a chunk of PNG.
fn crc_of(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg())
        })
    })
}
