//! A few images of Fashion-MNIST in every format, as other tools would have left them.

use crate::fashion::{FASHION, Row, SIDE};
use crate::grey::decode_grey;
use png::{ColorType, Encoder};
use std::error::Error;
use std::fs;
use std::path::Path;
use tlc::formats::{Rows, ToArrow, ToImageFolder, ToJsonLines, ToParquet, export};
use tlc::prelude::*;
use tlc::{Column, ValueType};

type Done = Result<(), Box<dyn Error>>;

const IMAGES: usize = 20;
/// Pixels of an image that are brighter are of what it shows.
const SHOWN: u8 = 32;

/// Writes them, each format into a folder of its own.
pub(crate) fn write(folder: &Path) -> Done {
    let table = fashion_mnist(folder)?;
    let images: Vec<Row> = table.rows()?.take(IMAGES).collect::<Result<_, _>>()?;
    let rows = Rows::of(&table).only((0..IMAGES).collect());
    fs::create_dir(folder.join("rows"))?;
    let labels = rows.clone().columns(["label"]);
    export(
        &ToJsonLines::new(folder.join("rows/fashion.jsonl")),
        &labels,
    )?;
    export(&ToArrow::new(folder.join("rows/fashion.arrow")), &rows)?;
    export(&ToImageFolder::new(folder.join("images")), &rows)?;
    fs::create_dir(folder.join("hub"))?;
    export(
        &ToParquet::new(folder.join("hub/train-00000-of-00001.parquet")),
        &rows,
    )?;
    paths(&folder.join("images"))?;
    idx(&folder.join("idx"), &images)?;
    cifar(&folder.join("cifar"))?;
    numpy(&folder.join("numpy"))?;
    coco(&folder.join("coco"), &images)?;
    yolo(&folder.join("yolo"), &images)?;
    masks(&folder.join("masks"), &images)
}

fn fashion_mnist(folder: &Path) -> Result<Table, Box<dyn Error>> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/fashion_mnist_test_1k.parquet");
    let options = TableOptions::new("files", "fashion-mnist", "initial")
        .root(Url::from_path(&folder.join("tables"))?)
        .column(Column::new("image", ValueType::image_bytes()))
        .column(Column::new("label", ValueType::labels(FASHION)));
    Ok(Table::from_parquet(&file, options)?)
}

/// A CSV of the images that stand in folders of their classes.
fn paths(folder: &Path) -> Done {
    let mut lines = Vec::new();
    for class in fs::read_dir(folder)? {
        let class = class?.file_name();
        for image in fs::read_dir(folder.join(&class))? {
            let (class, image) = (class.to_string_lossy(), image?.file_name());
            lines.push(format!("{class}/{},{class}\n", image.to_string_lossy()));
        }
    }
    lines.sort();
    let csv = format!("path,label\n{}", lines.concat());
    Ok(fs::write(folder.join("labels.csv"), csv)?)
}

fn idx(folder: &Path, images: &[Row]) -> Done {
    fs::create_dir(folder)?;
    let header = |kind: u8, sizes: &[usize]| -> Vec<u8> {
        let sizes = sizes.iter().flat_map(|size| (*size as u32).to_be_bytes());
        [0, 0, 8, kind].into_iter().chain(sizes).collect()
    };
    let mut pixels = header(3, &[images.len(), SIDE, SIDE]);
    let mut labels = header(1, &[images.len()]);
    for row in images {
        pixels.extend(decode_grey(&row.image)?);
        labels.push(u8::try_from(row.label)?);
    }
    fs::write(folder.join("train-images-idx3-ubyte"), pixels)?;
    Ok(fs::write(folder.join("train-labels-idx1-ubyte"), labels)?)
}

/// A picture of each class, of one colour.
fn cifar(folder: &Path) -> Done {
    fs::create_dir(folder)?;
    let row = |label: u8| [vec![label], vec![20 * label; 3 * 32 * 32]].concat();
    fs::write(
        folder.join("test_batch.bin"),
        (0..10).flat_map(row).collect::<Vec<u8>>(),
    )?;
    let names = "airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n";
    Ok(fs::write(folder.join("batches.meta.txt"), names)?)
}

/// Ten vectors of four numbers.
fn numpy(folder: &Path) -> Done {
    fs::create_dir(folder)?;
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (10, 4), }";
    let mut file = b"\x93NUMPY\x01\x00\x76\x00".to_vec();
    file.extend(format!("{header:<117}\n").bytes());
    file.extend((0..40_i16).flat_map(|value| f32::from(value).to_le_bytes()));
    Ok(fs::write(folder.join("embeddings.npy"), file)?)
}

/// The garment of each image, in a box around it.
fn coco(folder: &Path, images: &[Row]) -> Done {
    fs::create_dir(folder)?;
    let (mut named, mut boxes) = (Vec::new(), Vec::new());
    for (id, row) in images.iter().enumerate() {
        fs::write(folder.join(format!("{id}.png")), &row.image)?;
        named.push(serde_json::json!({
            "id": id, "file_name": format!("{id}.png"), "width": SIDE, "height": SIDE,
        }));
        let [left, top, width, height] = around(&decode_grey(&row.image)?);
        boxes.push(serde_json::json!({
            "id": id, "image_id": id, "category_id": row.label, "iscrowd": 0,
            "bbox": [left, top, width, height], "area": width * height,
        }));
    }
    let category = |(id, name): (usize, &str)| serde_json::json!({ "id": id, "name": name });
    let file = serde_json::json!({
        "images": named,
        "annotations": boxes,
        "categories": FASHION.into_iter().enumerate().map(category).collect::<Vec<_>>(),
    });
    Ok(fs::write(folder.join("instances.json"), file.to_string())?)
}

/// The same: centre and size as fractions of the image.
fn yolo(folder: &Path, images: &[Row]) -> Done {
    fs::create_dir_all(folder.join("images/train"))?;
    fs::create_dir_all(folder.join("labels/train"))?;
    for (id, row) in images.iter().enumerate() {
        fs::write(folder.join(format!("images/train/{id}.png")), &row.image)?;
        let fraction = |pixels: usize| pixels as f64 / SIDE as f64;
        let [left, top, width, height] = around(&decode_grey(&row.image)?).map(fraction);
        let (x, y) = (left + width / 2.0, top + height / 2.0);
        let line = format!("{} {x} {y} {width} {height}\n", row.label);
        fs::write(folder.join(format!("labels/train/{id}.txt")), line)?;
    }
    let names = serde_json::json!(FASHION);
    Ok(fs::write(
        folder.join("data.yaml"),
        format!("train: images/train\nnames: {names}\n"),
    )?)
}

/// Of each pixel whether it is the garment.
fn masks(folder: &Path, images: &[Row]) -> Done {
    fs::create_dir_all(folder.join("images"))?;
    fs::create_dir_all(folder.join("masks"))?;
    for (id, row) in images.iter().enumerate() {
        fs::write(folder.join(format!("images/{id}.png")), &row.image)?;
        let pixels: Vec<u8> = decode_grey(&row.image)?
            .into_iter()
            .map(|value| u8::from(value > SHOWN))
            .collect();
        let mut mask = Vec::new();
        let mut encoder = Encoder::new(&mut mask, SIDE as u32, SIDE as u32);
        encoder.set_color(ColorType::Grayscale);
        encoder.write_header()?.write_image_data(&pixels)?;
        fs::write(folder.join(format!("masks/{id}.png")), mask)?;
    }
    Ok(())
}

/// Left, top, width and height of what an image shows.
fn around(pixels: &[u8]) -> [usize; 4] {
    let shown = pixels
        .iter()
        .enumerate()
        .filter(|(_, value)| **value > SHOWN);
    let places: Vec<[usize; 2]> = shown.map(|(at, _)| [at % SIDE, at / SIDE]).collect();
    let [(left, right), (top, bottom)] = [0, 1].map(|axis| {
        let all = places.iter().map(|place| place[axis]);
        (
            all.clone().min().unwrap_or(0),
            all.max().unwrap_or(SIDE - 1),
        )
    });
    [left, top, right - left + 1, bottom - top + 1]
}
