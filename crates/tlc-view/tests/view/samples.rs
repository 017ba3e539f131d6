//! One sample: its image, its mask, those that are like it; and samples kept under a name.

use proptest::prelude::*;
use std::fs;
use std::io::Cursor;
use tlc_core::{
    AddMetrics, ClassMap, Column, Columns, Run, RunOptions, Table, TableOptions, Url, ValueType,
};
use tlc_view::{Epochs, Error, Expression, Filter, Filtered, View, ViewOptions, paint_mask};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\nrest";

fn memory(name: &str) -> Url {
    Url::parse(&format!("memory://view-samples-{name}/")).unwrap()
}

#[test]
fn images_are_what_the_column_holds_or_names_in_the_project_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("projects");
    fs::create_dir_all(root.join("demo/images")).unwrap();
    fs::write(root.join("demo/images/1.png"), PNG).unwrap();
    fs::write(folder.path().join("secret.png"), b"secret").unwrap();
    let options = TableOptions::new("demo", "train", "initial")
        .root(Url::from_path(&root).unwrap())
        .column(Column::new("image", ValueType::image_url()))
        .column(Column::new("kept", ValueType::image_bytes()));
    let rows = Columns::new()
        .column(
            "image",
            vec!["images/1.png", "../../secret.png", "gone.png"],
        )
        .column(
            "kept",
            vec![b"one".to_vec(), b"two".to_vec(), b"three".to_vec()],
        )
        .column("label", vec![0, 1, 2]);
    let table = Table::create(options, |writer| writer.add_batch(rows)).unwrap();
    let view = ViewOptions::new().table(&table).open().unwrap();
    let image = |row, column| view.image(row, column, &[]);
    assert_eq!(image(0, "image").unwrap().as_deref(), Some(PNG));
    assert_eq!(
        image(1, "kept").unwrap().as_deref(),
        Some(b"two".as_slice())
    );
    let refused = image(1, "image").unwrap_err();
    assert!(matches!(
        refused,
        Error::Core(tlc_core::Error::NotAllowed { .. })
    ));
    let gone = image(2, "image").unwrap_err();
    assert!(matches!(
        gone,
        Error::Core(tlc_core::Error::NotFound { .. })
    ));
    assert!(matches!(image(0, "label"), Err(Error::ColumnKind { .. })));
    let secret = [Url::from_path(folder.path()).unwrap()];
    assert!(
        view.image(1, "image", &secret).is_err(),
        "dots lead nowhere"
    );
}

/// A mask of one grey channel, as FORMAT.md says.
fn mask(width: u32, depth: png::BitDepth, pixels: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let height = pixels.len() as u32
        / width
        / if depth == png::BitDepth::Sixteen {
            2
        } else {
            1
        };
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(depth);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(pixels).unwrap();
    writer.finish().unwrap();
    bytes
}

fn pixels(png: &[u8]) -> Vec<[u8; 4]> {
    let mut reader = png::Decoder::new(Cursor::new(png)).read_info().unwrap();
    assert_eq!(reader.info().color_type, png::ColorType::Rgba);
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut pixels).unwrap();
    let (pixels, _) = pixels.as_chunks::<4>();
    pixels.to_vec()
}

#[test]
fn masks_are_painted_in_the_colours_of_their_classes_and_nothing_where_nothing_is() {
    let classes = ClassMap::from_ids([(0, "nothing"), (3, "cat"), (700, "dog")]).unwrap();
    let classes = classes.with_color(3, [1, 2, 3]).unwrap();
    let classes = classes.with_background(0).unwrap().with_void(255).unwrap();
    let small = mask(2, png::BitDepth::Eight, &[0, 3, 255, 3]);
    let painted = paint_mask(&small, &classes).unwrap();
    assert_eq!(
        pixels(&painted),
        [[0; 4], [1, 2, 3, 255], [0; 4], [1, 2, 3, 255]]
    );
    let wide: Vec<u8> = [700_u16, 0, 9]
        .into_iter()
        .flat_map(u16::to_be_bytes)
        .collect();
    let wide = paint_mask(&mask(3, png::BitDepth::Sixteen, &wide), &classes).unwrap();
    let wide = pixels(&wide);
    // The third class has the third hue; what is no class is grey.
    assert_eq!(
        wide,
        [[0x2a, 0x9d, 0x6f, 255], [0; 4], [0x8a, 0x8f, 0x98, 255]]
    );
    for wrong in [PNG, b"", &painted, &small[..small.len() - 20]] {
        assert!(matches!(
            paint_mask(wrong, &classes),
            Err(Error::Mask { .. })
        ));
    }
}

fn embedded(root: &Url, vectors: &[[f32; 3]], ids: &[i64]) -> (Table, View) {
    let options = TableOptions::new("demo", "train", "initial").root(root);
    let rows = Columns::new().column("x", (0..vectors.len() as i64).collect::<Vec<_>>());
    let table = Table::create(options, |writer| writer.add_batch(rows)).unwrap();
    let run = Run::create(RunOptions::new("demo").root(root)).unwrap();
    let values = Columns::new().column("example_id", ids.to_vec()).column(
        "hidden",
        ids.iter()
            .map(|id| vectors[*id as usize])
            .collect::<Vec<_>>(),
    );
    let options = AddMetrics::new()
        .foreign_table(&table)
        .column(Column::new("hidden", ValueType::Embedding { dim: 3 }));
    run.add_metrics(values, options).unwrap();
    let view = ViewOptions::new().run(&run).open().unwrap();
    (table, view)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn the_nearest_rows_are_those_of_a_plain_search(
        vectors in proptest::collection::vec([-2.0..2.0_f32, -2.0..2.0_f32, -2.0..2.0_f32], 1..40),
        seed in 0..1000_usize, count in 0..50_usize,
    ) {
        let root = memory(&format!("near-{}", uuid()));
        let ids: Vec<i64> = (0..vectors.len() as i64).rev().collect();
        let (_, view) = embedded(&root, &vectors, &ids);
        let row = seed % vectors.len();
        let of = |row: usize| vectors[ids[row] as usize].map(f64::from);
        let dot = |a: [f64; 3], b: [f64; 3]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let apart = |other: usize| {
            let (a, b) = (of(row), of(other));
            1.0 - dot(a, b) / (dot(a, a).sqrt() * dot(b, b).sqrt())
        };
        let mut plain: Vec<usize> = (0..vectors.len()).filter(|other| *other != row).collect();
        plain.sort_by(|a, b| apart(*a).total_cmp(&apart(*b)).then(a.cmp(b)));
        let near = view.nearest(row, "hidden", count).unwrap();
        prop_assert_eq!(near.len(), count.min(vectors.len() - 1));
        for (near, plain) in near.iter().zip(&plain) {
            // Rounding may order what is as good as equal the other way.
            prop_assert!((near.distance - apart(*plain).max(0.0)).abs() < 1e-9);
            prop_assert!((near.distance - apart(near.row).max(0.0)).abs() < 1e-9);
        }
    }
}

fn uuid() -> u64 {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

#[test]
fn embeddings_alone_have_neighbours() {
    let root = memory("kinds");
    let (_, view) = embedded(
        &root,
        &[[0.0; 3], [1.0, 0.0, 0.0], [2.0, 0.0, 0.0]],
        &[0, 1, 2],
    );
    let near = view.nearest(1, "hidden", 5).unwrap();
    let near: Vec<(usize, f64)> = near.iter().map(|near| (near.row, near.distance)).collect();
    assert_eq!(near, [(2, 0.0), (0, 1.0)]);
    assert!(matches!(
        view.nearest(0, "x", 1),
        Err(Error::ColumnKind { .. })
    ));
    assert!(matches!(
        view.nearest(9, "hidden", 1),
        Err(Error::NoSuchRow { .. })
    ));
}

fn flags(view: &View, name: &str) -> Vec<Option<bool>> {
    let column = view.column(name).unwrap();
    let rows = 0..column.len();
    rows.map(|row| column.number(row).map(|flag| flag > 0.5))
        .collect()
}

#[test]
fn rows_kept_under_a_name_are_a_column_a_filter_and_a_group_in_any_view_of_the_table() {
    let root = memory("kept");
    let (table, view) = embedded(&root, &[[1.0; 3]; 4], &[3, 1, 0]);
    let before = view.column("x").unwrap();
    let chosen = Filtered::new(&view.into(), &[Filter::Rows { rows: vec![0, 2] }]).unwrap();
    let view = chosen.view();
    assert_eq!(
        view.keep_selection("hard", chosen.mask(), "seen").unwrap(),
        2
    );
    assert!(
        view.meaning("selection.hard").is_err(),
        "a view stays what it is"
    );
    let view = view.refresh().unwrap().unwrap();
    assert!(view.refresh().unwrap().is_none());
    assert_eq!(
        flags(&view, "selection.hard"),
        [true, false, true].map(Some)
    );
    assert_eq!(view.column("x").unwrap().number(0), before.number(0));
    assert_eq!(
        table.selection("hard").unwrap().rows().collect::<Vec<_>>(),
        [0, 3]
    );
    let meaning = view.meaning("selection.hard").unwrap();
    assert_eq!(meaning.selection.as_deref(), Some("hard"));
    assert_eq!(meaning.column.description.as_deref(), Some("seen"));

    let both = Expression::parse(r#""selection.hard" and x > 0"#).unwrap();
    let both = view.matching(&both).unwrap();
    assert_eq!(
        (0..3).filter(|row| both.contains(*row)).collect::<Vec<_>>(),
        [0]
    );

    // The same rows in a revision without one of them, and in the table alone.
    let fewer = table
        .edit()
        .unwrap()
        .drop_rows([0])
        .unwrap()
        .commit("one gone")
        .unwrap();
    let alone = ViewOptions::new().table(&fewer).open().unwrap();
    assert_eq!(
        flags(&alone, "selection.hard"),
        [false, false, true].map(Some)
    );

    // Another version of the name, and none.
    table.save_selection("hard", [1], "").unwrap();
    let view = view.refresh().unwrap().unwrap();
    assert_eq!(
        flags(&view, "selection.hard"),
        [false, true, false].map(Some)
    );
    view.delete_selection("hard").unwrap();
    let view = view.refresh().unwrap().unwrap();
    assert!(view.meaning("selection.hard").is_err());
    let again = view.delete_selection("hard").unwrap_err();
    assert!(matches!(
        again,
        Error::Core(tlc_core::Error::NoSuchSelection { .. })
    ));
}

#[test]
fn rows_that_no_table_shows_are_kept_nowhere() {
    let root = memory("nowhere");
    let run = Run::create(RunOptions::new("demo").root(&root)).unwrap();
    let values = Columns::new().column("loss", vec![0.5_f32]);
    run.add_metrics(values, AddMetrics::new()).unwrap();
    let view = ViewOptions::new().run(&run).open().unwrap();
    let all = Filtered::new(&view.into(), &[]).unwrap();
    let kept = all.view().keep_selection("all", all.mask(), "");
    assert!(matches!(kept, Err(Error::Empty { .. })));
}

#[test]
fn vectors_of_other_models_are_no_neighbours() {
    let root = memory("models");
    let options = TableOptions::new("demo", "train", "initial").root(&root);
    let rows = Columns::new().column("x", vec![0_i64, 1]);
    let table = Table::create(options, |writer| writer.add_batch(rows)).unwrap();
    let mut runs = Vec::new();
    for name in ["one", "other"] {
        let run = Run::create(RunOptions::new("demo").root(&root).name(name)).unwrap();
        for (epoch, split) in [(1, "train"), (2, "train"), (2, "valid")] {
            let values = Columns::new()
                .column("example_id", vec![0_i64, 1])
                .column("hidden", vec![[1.0_f32, 0.5], [0.5, 1.0]]);
            let options = AddMetrics::new()
                .foreign_table(&table)
                .column(Column::new("hidden", ValueType::Embedding { dim: 2 }));
            let options = options.constant("epoch", epoch).constant("split", split);
            run.add_metrics(values, options).unwrap();
        }
        runs.push(run);
    }
    let view = ViewOptions::new().epochs(Epochs::All);
    let view = view.run(&runs[0]).run(&runs[1]).open().unwrap();
    assert_eq!(view.len(), 12);
    let epoch = view.column("epoch").unwrap();
    let first = (0..6).find(|row| epoch.id(*row) == Some(2)).unwrap();
    let near = view.nearest(first, "hidden", 12).unwrap();
    let mut rows: Vec<usize> = near.iter().map(|near| near.row).collect();
    rows.sort_unstable();
    // Of both splits after the second epoch of the first run.
    let expected = (0..6).filter(|row| *row != first && epoch.id(*row) == Some(2));
    assert_eq!(rows, expected.collect::<Vec<_>>());
}

#[test]
fn rows_kept_under_a_name_that_cannot_be_read_keep_nobody_from_the_samples() {
    let folder = tempfile::tempdir().unwrap();
    let root = Url::from_path(folder.path()).unwrap();
    let (table, _) = embedded(&root, &[[1.0; 3]; 4], &[3, 1, 0]);
    table.save_selection("broken", [1], "").unwrap();
    let file = table.url().to_path().unwrap();
    let file = file.join("selections/broken/00000000000000000000.json");
    fs::write(file, "{}").unwrap();
    let view = ViewOptions::new().table(&table).open().unwrap();
    assert_eq!(view.column("x").unwrap().len(), 4);
    assert!(view.meaning("selection.broken").is_err());
    let notes = view.notes().join(" ");
    assert!(notes.contains("left out"), "{notes}");
}
