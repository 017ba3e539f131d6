//! UMAP: on real images, kept in a run, applied beside its source.
#![allow(clippy::unwrap_used, clippy::panic)] // a test stops at the first surprise

use std::path::Path;
use std::sync::LazyLock;
use tlc_core::arrow::array::AsArray;
use tlc_core::arrow::datatypes::{Float32Type, Int32Type};
use tlc_core::{AddMetrics, Columns, Error as Core, Run, RunOptions, Table, TableOptions, Url};
use tlc_findings::neighbors::{Metric, nearest, nearest_to};
use tlc_findings::reduce::{Pca, Reducer, Umap, UmapOptions, apply, load, save};
use tlc_findings::{Embeddings, Error, Progress};

const DIM: usize = 14 * 14;

/// Fashion-MNIST's first 1,000 test images at half their size, and their classes.
struct Images {
    pixels: Embeddings,
    labels: Vec<i32>,
}

static IMAGES: LazyLock<Images> = LazyLock::new(|| {
    let root = Url::parse("memory://umap-images").unwrap();
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/fashion_mnist_test_1k.parquet");
    let options = TableOptions::new("project", "images", "initial").root(&root);
    let table = Table::from_parquet(path, options).unwrap();
    let images = table.column("image").unwrap();
    let pixels = images
        .as_binary::<i32>()
        .iter()
        .flat_map(|png| halved(png.unwrap()));
    let labels = table.column("label").unwrap();
    Images {
        pixels: Embeddings::new(pixels.collect(), DIM).unwrap(),
        labels: labels.as_primitive::<Int32Type>().values().to_vec(),
    }
});

fn halved(bytes: &[u8]) -> Vec<f32> {
    let mut reader = png::Decoder::new(std::io::Cursor::new(bytes))
        .read_info()
        .unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut pixels).unwrap();
    let pixel = |row: usize, column: usize| f32::from(pixels[row * 28 + column]) / 255.0;
    let mean = |at: usize| {
        let (row, column) = (at / 14 * 2, at % 14 * 2);
        let (top, bottom) = (
            pixel(row, column) + pixel(row, column + 1),
            pixel(row + 1, column),
        );
        (top + bottom + pixel(row + 1, column + 1)) / 4.0
    };
    (0..DIM).map(mean).collect()
}

fn rows(embeddings: &Embeddings, rows: std::ops::Range<usize>) -> Embeddings {
    let dim = embeddings.dim();
    Embeddings::new(
        embeddings.values()[rows.start * dim..rows.end * dim].to_vec(),
        dim,
    )
    .unwrap()
}

/// As scikit-learn's `trustworthiness`: 1 where neighbours in the layout are neighbours.
fn trustworthiness(embeddings: &Embeddings, points: &Embeddings, k: usize) -> f64 {
    let n = embeddings.len();
    let all = nearest(embeddings, n - 1, Metric::Euclidean).unwrap();
    let near = nearest(points, k, Metric::Euclidean).unwrap();
    let mut penalty = 0;
    for row in 0..n {
        for found in near.rows(row) {
            let rank = 1 + all
                .rows(row)
                .iter()
                .position(|other| other == found)
                .unwrap();
            penalty += rank.saturating_sub(k);
        }
    }
    1.0 - penalty as f64 * 2.0 / (n * k * (2 * n - 3 * k - 1)) as f64
}

#[test]
fn the_layout_of_real_images_is_as_trustworthy_as_that_of_umap_learn() {
    let pixels = &IMAGES.pixels;
    let umap = Umap::fit(pixels, &UmapOptions::new()).unwrap();
    let found = trustworthiness(pixels, umap.points(), 15);
    let pca = Pca::fit(pixels, 2).unwrap().transform(pixels).unwrap();
    let components = trustworthiness(pixels, &pca, 15);
    assert!(found > 0.975, "{found}"); // umap-learn 0.5.12 gets 0.9794
    assert!(
        found > components + 0.04,
        "{found}, components {components}"
    );
    let in_space = Umap::fit(pixels, &UmapOptions::new().components(3)).unwrap();
    assert_eq!(in_space.points().dim(), 3);
    assert!(trustworthiness(pixels, in_space.points(), 15) > 0.975);
}

#[test]
fn the_same_seed_gives_the_same_bits_on_one_thread_and_on_two_and_another_does_not() {
    let pixels = rows(&IMAGES.pixels, 0..600);
    let fit = |threads: usize, seed: u64| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        let options = UmapOptions::new()
            .epochs(60)
            .seed(seed)
            .metric(Metric::Cosine);
        pool.install(|| Umap::fit(&pixels, &options)).unwrap()
    };
    let bits = |umap: &Umap| -> Vec<u32> {
        umap.points()
            .values()
            .iter()
            .map(|value| value.to_bits())
            .collect()
    };
    let one = fit(1, 3);
    assert_eq!(bits(&one), bits(&fit(2, 3)));
    assert_ne!(bits(&one), bits(&fit(2, 4)));
}

#[test]
fn rows_that_were_not_fitted_land_near_their_class_and_fitted_ones_on_their_points() {
    let images = &*IMAGES;
    let umap = Umap::fit(&rows(&images.pixels, 0..800), &UmapOptions::new()).unwrap();
    let others = rows(&images.pixels, 800..1_000);
    let points = umap.transform(&others).unwrap();
    let right = |queries: &Embeddings, fitted: &Embeddings| {
        let near = nearest_to(queries, fitted, 5, Metric::Euclidean).unwrap();
        let vote = |row: usize| {
            let mut votes = [0; 10];
            near.rows(row)
                .iter()
                .for_each(|near| votes[images.labels[*near as usize] as usize] += 1);
            (0..10).max_by_key(|class| votes[*class]).unwrap()
        };
        let hits = (0..200)
            .filter(|row| vote(*row) as i32 == images.labels[800 + row])
            .count();
        hits as f64 / 200.0
    };
    let fitted = rows(&images.pixels, 0..800);
    let pca = Pca::fit(&fitted, 2).unwrap();
    let components = |pixels| pca.transform(pixels).unwrap();
    let in_layout = right(&points, umap.points());
    let in_components = right(&components(&others), &components(&fitted));
    // 0.605 and 0.465; the transform of umap-learn 0.5.12 gets 0.655, the pixels 0.75.
    assert!(in_layout > 0.55, "{in_layout}");
    assert!(
        in_layout > in_components + 0.1,
        "{in_layout}, by the components {in_components}"
    );
    let all = umap.transform(&images.pixels).unwrap();
    assert_eq!(rows(&all, 0..800), *umap.points());
    assert_eq!(rows(&all, 800..1_000), points);
}

#[test]
fn clusters_that_are_apart_stay_apart_and_equal_vectors_have_equal_points() {
    let value = |at: usize| {
        let (row, column) = (at / 8, at % 8);
        let cluster = if column == row % 3 { 20.0 } else { 0.0 };
        cluster + ((row / 6 * 3 + row % 3) as f32 * 7.3 + column as f32 * 1.7 * row as f32).sin()
    };
    let mut values: Vec<f32> = (0..240 * 8).map(value).collect();
    values.copy_within(0..8, 3 * 8); // the first row again
    let embeddings = Embeddings::new(values, 8).unwrap();
    let umap = Umap::fit(&embeddings, &UmapOptions::new()).unwrap();
    assert_eq!(umap.points().row(0), umap.points().row(3));
    let near = nearest(umap.points(), 10, Metric::Euclidean).unwrap();
    for row in 0..240 {
        assert!(
            near.rows(row)
                .iter()
                .all(|other| *other as usize % 3 == row % 3),
            "{row}"
        );
    }
}

#[test]
fn a_saved_layout_comes_back_bit_by_bit_and_gives_its_points_beside_the_source() {
    let folder = tempfile::tempdir().unwrap();
    let root = Url::from_path(folder.path()).unwrap();
    let run = Run::create(RunOptions::new("project").root(&root)).unwrap();
    let pixels = rows(&IMAGES.pixels, 0..300);
    let columns = Columns::new().column(
        "embeddings_pixels",
        pixels.values().as_chunks::<DIM>().0.to_vec(),
    );
    let source = run
        .add_metrics(columns, AddMetrics::new().constant("epoch", 2))
        .unwrap();
    let fitted = Embeddings::of_metrics(&source, "embeddings_pixels").unwrap();
    let umap = Umap::fit(&fitted, &UmapOptions::new().neighbors(5).epochs(50)).unwrap();
    save(&umap, &run, "pixels").unwrap();
    save(&umap, &run, "pixels").unwrap(); // the same again changes nothing
    let other = Umap::fit(&fitted, &UmapOptions::new().neighbors(6).epochs(50)).unwrap();
    assert!(matches!(
        save(&other, &run, "pixels"),
        Err(Error::Core(Core::AlreadyExists { .. }))
    ));

    let reopened = Run::from_url(run.url()).unwrap();
    let loaded = load(&reopened, "pixels").unwrap();
    assert_eq!(loaded, Reducer::from(&umap));
    let reduced = apply(&loaded, &reopened, &source, "embeddings_pixels").unwrap();
    assert_eq!(
        reduced.schema().names().collect::<Vec<_>>(),
        ["embeddings_pixels_umap", "epoch"]
    );
    let lists = reduced.read().unwrap();
    let lists = lists["embeddings_pixels_umap"].as_fixed_size_list();
    let points = lists.values().as_primitive::<Float32Type>().values();
    assert_eq!(&points[..], umap.points().values());

    let models = folder
        .path()
        .join("project/runs")
        .join(run.name())
        .join("models");
    let files = std::fs::read_dir(models)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let arrow = |path: &std::path::PathBuf| path.extension().is_some_and(|end| end == "arrow");
    for path in files.filter(arrow) {
        let mut bytes = std::fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::remove_file(&path).unwrap();
        std::fs::write(&path, bytes).unwrap();
    }
    assert!(matches!(
        load(&reopened, "pixels"),
        Err(Error::Core(Core::Corrupt { .. }))
    ));
}

#[test]
fn what_cannot_be_laid_out_is_refused() {
    let pixels = rows(&IMAGES.pixels, 0..14);
    let fit = |options: UmapOptions| Umap::fit(&pixels, &options);
    assert!(matches!(
        fit(UmapOptions::new()),
        Err(Error::TooFew {
            needed: 15,
            found: 14,
            ..
        })
    ));
    let few = UmapOptions::new().neighbors(5);
    for options in [
        few.clone().components(1),
        few.clone().components(4),
        few.clone().neighbors(1),
        few.clone().min_dist(f64::NAN),
        few.clone().min_dist(1.5),
    ] {
        assert!(matches!(fit(options), Err(Error::Setting { .. })));
    }
    let umap = fit(few.clone()).unwrap();
    let wider = Embeddings::new(vec![0.0; DIM + 1], DIM + 1).unwrap();
    assert!(matches!(umap.transform(&wider), Err(Error::Shape { .. })));
    let flat = Embeddings::new((0..30).map(|at| at as f32).collect(), 2).unwrap();
    assert!(matches!(
        Umap::fit(&flat, &few.components(3)),
        Err(Error::TooFew {
            needed: 3,
            found: 2,
            ..
        })
    ));
}

#[test]
fn a_layout_is_followed_and_ended_from_another_thread() {
    let values = (0..2_000).map(|at| ((at * at) as f32 * 0.01).sin());
    let embeddings = Embeddings::new(values.collect(), 10).unwrap();
    let progress = Progress::new();
    let watched = progress.clone();
    // So many steps take hours.
    let options = UmapOptions::new().epochs(100_000_000);
    let fitting = std::thread::spawn(move || Umap::fit_with(&embeddings, &options, &watched));
    while progress.stage() != "layout" || progress.part() == 0.0 {
        assert!(!fitting.is_finished());
        std::thread::yield_now();
    }
    progress.cancel();
    assert!(matches!(fitting.join().unwrap(), Err(Error::Cancelled)));
}
