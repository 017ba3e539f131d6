//! What an import of COCO costs beside pycocotools' load of the same file, in one run: 20 times
//! the annotations of `instances_val2017`, and how much memory it takes.
//!
//! Wants a Python with pycocotools: `TLC_PYTHON`, else `python3`.

#![allow(clippy::panic, clippy::unwrap_used, clippy::print_stdout)]
#![allow(missing_docs)] // criterion's macros

mod common;

use self::common::{imported, number, timed};
use criterion::{Criterion, criterion_group, criterion_main};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use tlc_formats::{Coco, Rows, ToCoco, export};

/// `TLC_BENCH_TIMES` sets another number.
const TIMES: usize = 20;
/// Those of `instances_val2017`.
const BOXES: usize = 36_781;
const IMAGES: usize = 5_000;
const PAIRS: usize = 3;

/// Numbers that look like chance, and are the same every time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) % most
    }

    /// A coordinate, to a hundredth of a pixel.
    fn point(&mut self, most: u64) -> f64 {
        self.below(most * 100) as f64 / 100.0
    }
}

/// Outlines of about 22 corners, as val2017 has them, in no order of the images.
fn file(folder: &Path, times: usize) -> PathBuf {
    let path = folder.join(format!("instances_{times}.json"));
    let mut file = BufWriter::new(File::create(&path).unwrap());
    let mut chance = Chance(7);
    write!(file, "{{\"images\":[").unwrap();
    for image in 0..IMAGES * times {
        let comma = if image == 0 { "" } else { "," };
        write!(file, "{comma}{{\"license\":4,\"file_name\":\"{image:012}.jpg\",\"coco_url\":\"http://images.cocodataset.org/val2017/{image:012}.jpg\",\"height\":480,\"width\":640,\"date_captured\":\"2013-11-14 17:02:52\",\"id\":{image}}}").unwrap();
    }
    write!(file, "],\"annotations\":[").unwrap();
    for annotation in 0..BOXES * times {
        let (x, y) = (chance.point(500), chance.point(400));
        let (width, height) = (chance.point(139) + 1.0, chance.point(79) + 1.0);
        let outline: Vec<f64> = (0..22)
            .flat_map(|_| [x + chance.point(20), y + chance.point(20)])
            .collect();
        let image = chance.below((IMAGES * times) as u64);
        let category = 1 + chance.below(80);
        let comma = if annotation == 0 { "" } else { "," };
        write!(file, "{comma}{{\"segmentation\":[{outline:.2?}],\"area\":{:.4},\"iscrowd\":0,\"image_id\":{image},\"bbox\":[{x:.2},{y:.2},{width:.2},{height:.2}],\"category_id\":{category},\"id\":{annotation}}}", width * height / 2.0).unwrap();
    }
    write!(file, "],\"categories\":[").unwrap();
    for category in 1..=80 {
        let comma = if category == 1 { "" } else { "," };
        write!(
            file,
            "{comma}{{\"supercategory\":\"a\",\"id\":{category},\"name\":\"class {category}\"}}"
        )
        .unwrap();
    }
    write!(file, "]}}").unwrap();
    file.into_inner().unwrap().sync_all().unwrap();
    path
}

fn coco(file: &Path) -> Coco {
    Coco::new(file).without_images()
}

fn pycocotools(file: &Path) -> bool {
    let python = std::env::var("TLC_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let load = "import sys; from pycocotools.coco import COCO; COCO(sys.argv[1])";
    let output = Command::new(python).args(["-c", load]).arg(file).output();
    output.is_ok_and(|output| output.status.success())
}

/// The most memory that this process has had at a time, in MiB; 0 where the system does not say.
fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = peak.and_then(|peak| peak.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    kib.unwrap_or_default() / 1024
}

fn of_coco(criterion: &mut Criterion) {
    let times = number("TLC_BENCH_TIMES", TIMES);
    let folder = tempfile::tempdir().unwrap();
    let (small, large) = (file(folder.path(), 1), file(folder.path(), times));
    drop(imported(&coco(&small), folder.path()));
    println!("peak after val2017: {} MiB", peak_mib());
    let mut ratios = Vec::new();
    for _ in 0..PAIRS {
        let (theirs, is_there) = timed(|| pycocotools(&large));
        let (ours, table) = timed(|| imported(&coco(&large), folder.path()));
        let boxes = (BOXES * times) as f64 / ours.as_secs_f64();
        println!(
            "COCO x {times}: pycocotools {theirs:.2?}, import {ours:.2?}, {boxes:.0} boxes/s, {} rows",
            table.len()
        );
        if is_there {
            ratios.push(ours.as_secs_f64() / theirs.as_secs_f64());
        }
    }
    println!("peak after {times} times as many: {} MiB", peak_mib());
    ratios.sort_by(f64::total_cmp);
    match ratios.get(ratios.len() / 2) {
        Some(ratio) => println!("COCO: {ratio:.2} of pycocotools' load"),
        None => println!("COCO: no Python with pycocotools"),
    }
    let table = imported(&coco(&small), folder.path());
    let mut group = criterion.benchmark_group("COCO val2017");
    group.sample_size(10);
    group.bench_function("import", |b| {
        b.iter(|| imported(&coco(&small), folder.path()))
    });
    let copy = folder.path().join("copy.json");
    let to_coco = ToCoco::new(&copy).overwrite();
    group.bench_function("export", |b| {
        b.iter(|| export(&to_coco, &Rows::of(&table)).unwrap())
    });
    group.finish();
}

criterion_group!(benches, of_coco);
criterion_main!(benches);
