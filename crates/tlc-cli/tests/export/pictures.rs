//! Images that are large, of kinds that nobody here decodes, or none at all.

use crate::{Place, between};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::{ImageFormat, RgbImage};
use std::io::Cursor;
use tlc_core::{AddMetrics, Column, Columns, Run, RunOptions, Table, TableOptions, ValueType};

/// A PNG that does not compress.
fn noise(side: u32) -> Vec<u8> {
    let noise = |x: u32, y: u32| {
        let bits = (x * 7919 + y * 104_729).wrapping_mul(2_654_435_761);
        let [red, green, blue, _] = (bits ^ bits >> 15)
            .wrapping_mul(2_246_822_519)
            .to_le_bytes();
        image::Rgb([red, green, blue])
    };
    let mut bytes = Cursor::new(Vec::new());
    let picture = RgbImage::from_fn(side, side, noise);
    picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

#[test]
fn what_cannot_be_shown_as_it_is_is_shrunk_or_named() {
    let place = Place::new();
    let (small, large) = (noise(64), noise(512));
    assert!(large.len() > 256_000, "{}", large.len());
    let webp = [b"RIFF\0\0\0\0WEBP".as_slice(), &[7; 300_000]].concat();
    let gif = b"GIF89a and what follows".to_vec();
    let svg = b"<svg onload='alert(1)'>".to_vec();
    let damaged = [b"\x89PNG".as_slice(), &[7; 300_000]].concat();
    let images = vec![
        small.clone(),
        large.clone(),
        webp,
        gif.clone(),
        svg,
        damaged,
        Vec::new(),
    ];
    let count = images.len();
    let options = TableOptions::new("plain", "images", "initial")
        .root(&place.root)
        .column(Column::new("image", ValueType::image_bytes()));
    let rows = Columns::new().column("image", images);
    let table = Table::create(options, |writer| writer.add_batch(rows)).unwrap();
    let run = Run::create(RunOptions::new("plain").root(&place.root).name("images")).unwrap();
    let losses: Vec<f32> = (0..count).map(|row| -(row as f32)).collect();
    let about = AddMetrics::new().foreign_table(&table);
    run.add_metrics(Columns::new().column("loss", losses), about)
        .unwrap();

    let (page, told) = place.exported("plain/images", &[]);
    let tiles = between(&page, "<li id=\"row-", "</li>");
    assert_eq!(tiles.len(), count);
    let kept = |kind: &str, bytes: &[u8]| {
        format!(
            "src=\"data:image/{kind};base64,{}\"",
            STANDARD.encode(bytes)
        )
    };
    assert!(tiles[0].contains(&kept("png", &small)) && tiles[0].contains("class=\"pixels\""));
    assert!(tiles[3].contains(&kept("gif", &gif)));
    let shrunk = between(tiles[1], "data:image/png;base64,", "\"")[0];
    let shrunk = image::load_from_memory(&STANDARD.decode(shrunk).unwrap()).unwrap();
    assert_eq!((shrunk.width(), shrunk.height()), (256, 256));
    assert!(tiles[2].contains("WEBP of 300 kB") && !tiles[2].contains("<img"));
    assert!(tiles[4].contains("neither PNG, JPEG, GIF, WebP nor BMP") && !tiles[4].contains("svg"));
    assert!(tiles[5].contains("PNG of 300 kB"));
    assert!(tiles[6].contains("neither PNG"), "{}", tiles[6]);
    assert_eq!(
        [
            &told["images"],
            &told["images_shrunk"],
            &told["images_left_out"]
        ],
        [3, 1, 4]
    );
}

#[test]
fn images_by_url_are_taken_from_the_project_and_the_folders_that_are_named() {
    let place = Place::new();
    let small = noise(8);
    let folder = place.file("projects/plain/pictures");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("0.png"), &small).unwrap();
    let outside = place.file("secret.png");
    std::fs::write(&outside, &small).unwrap();
    let outside = outside.to_str().unwrap().to_owned();
    let names = [
        "pictures/0.png",
        "../../secret.png",
        &outside,
        "pictures/1.png",
    ];
    let options = TableOptions::new("plain", "named", "initial")
        .root(&place.root)
        .column(Column::new("image", ValueType::image_url()));
    let rows = Columns::new().column("image", names.to_vec());
    let table = Table::create(options, |writer| writer.add_batch(rows)).unwrap();
    let run = Run::create(RunOptions::new("plain").root(&place.root).name("named")).unwrap();
    let about = AddMetrics::new().foreign_table(&table);
    let losses = Columns::new().column("loss", vec![4.0_f32, 3.0, 2.0, 1.0]);
    run.add_metrics(losses, about).unwrap();

    let (page, told) = place.exported("plain/named", &[]);
    let tiles = between(&page, "<li id=\"row-", "</li>");
    assert!(tiles[0].contains(&STANDARD.encode(&small)));
    assert!(
        tiles[1].contains("outside of the project&#39;s folder"),
        "{}",
        tiles[1]
    );
    assert!(
        tiles[2].contains("outside of the project&#39;s folder"),
        "{}",
        tiles[2]
    );
    assert!(tiles[3].contains("the file is gone"), "{}", tiles[3]);
    assert_eq!([&told["images"], &told["images_left_out"]], [1, 3]);
    assert!(!page.contains("secret"));

    let folder = place.file(".");
    let (_, told) = place.exported("plain/named", &["--images", folder.to_str().unwrap()]);
    assert_eq!([&told["images"], &told["images_left_out"]], [2, 2]);
}
