//! Images out, and in again.

use crate::{Given, bytes, fixture, numbers, texts};
use proptest::prelude::*;
use std::path::{Path, PathBuf};
use tlc_core::{Column, Columns, Table, TableOptions, Url, ValueType};
use tlc_formats::{Error, ImageFolder, Rows, ToImageFolder, export, import};

/// Files below a folder, relative, sorted.
fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => found.push(
                    path.strip_prefix(folder)
                        .unwrap()
                        .to_str()
                        .unwrap()
                        .to_owned(),
                ),
            }
        }
    }
    found.sort();
    found
}

fn target(given: &Given) -> PathBuf {
    given.folder.parent().unwrap().join("out")
}

fn table(given: &Given, classes: &[&str], labels: Vec<i32>, names: Vec<&str>) -> Table {
    let options = TableOptions::new("p", "out", "initial")
        .root(&given.root)
        .column(Column::new("image", ValueType::image_bytes()))
        .column(Column::new(
            "label",
            ValueType::labels(classes.iter().copied()),
        ));
    let png = fixture("rgb.png");
    let columns = Columns::new()
        .column("image", vec![png; labels.len()])
        .column("label", labels)
        .column("file", names);
    Table::create(options, |writer| writer.add_batch(columns)).unwrap()
}

#[test]
fn a_folder_comes_out_as_it_went_in() {
    let given = Given::new(&["train/cat/1.png", "train/dog/x/1.png", "test/cat/1.png"]);
    given.write("train/dog/2.jpg", &fixture("rgb.jpg"));
    let first = import(&ImageFolder::new(&given.folder), given.options())
        .unwrap()
        .table;
    let exported = export(&ToImageFolder::new(target(&given)), &Rows::of(&first)).unwrap();
    assert_eq!((exported.rows, exported.files.len()), (4, 4));
    let expected = [
        "test/cat/1.png",
        "train/cat/1.png",
        "train/dog/1.png",
        "train/dog/2.jpg",
    ];
    assert_eq!(files(&target(&given)), expected);
    let again = ImageFolder::new(target(&given));
    let again = import(&again, given.options().table("again"))
        .unwrap()
        .table;
    for column in ["label", "width"] {
        assert_eq!(numbers(&again, column).len(), numbers(&first, column).len());
    }
    assert_eq!(texts(&again, "split"), texts(&first, "split"));
    assert_eq!(
        again.schema().class_map("label").unwrap(),
        first.schema().class_map("label").unwrap()
    );
}

#[test]
fn names_lead_nowhere_and_nothing_is_written_twice() {
    let given = Given::new(&[]);
    let classes = [
        "T-shirt/top",
        "..",
        "CON",
        "",
        "a\u{202e}b",
        ".hidden",
        "x.tmp",
        "T-shirt_top",
    ];
    let names = vec![
        "../../evil.png",
        "/etc/passwd",
        "..",
        "a.png",
        "b/A.PNG",
        "a.png",
        "c:\\d.png",
        "nul.png",
    ];
    let table = table(&given, &classes, vec![0, 1, 2, 3, 3, 3, 4, 7], names);
    let exported = export(&ToImageFolder::new(target(&given)), &Rows::of(&table)).unwrap();
    assert_eq!(exported.rows, 8);
    let found = files(&target(&given));
    assert_eq!(found.len(), 8, "{found:?}");
    assert!(
        found.contains(&"T-shirt_top/evil.png".to_owned()),
        "{found:?}"
    );
    let beside = std::fs::read_dir(given.folder.parent().unwrap())
        .unwrap()
        .count();
    assert_eq!(beside, 3); // images, projects, out
    let again = import(
        &ImageFolder::new(target(&given)),
        given.options().table("again"),
    )
    .unwrap();
    assert_eq!(again.table.len(), 8);
    assert_eq!(
        again.table.schema().class_map("label").unwrap().len(),
        classes.len()
    );
}

#[test]
fn a_folder_that_holds_anything_is_left_alone() {
    let given = Given::new(&[]);
    let table = table(&given, &["cat"], vec![0], vec!["a.png"]);
    let out = target(&given);
    std::fs::create_dir(&out).unwrap();
    export(&ToImageFolder::new(&out), &Rows::of(&table)).unwrap();
    let again = export(&ToImageFolder::new(&out), &Rows::of(&table));
    assert!(matches!(
        again,
        Err(Error::Core(tlc_core::Error::AlreadyExists { .. }))
    ));
    let file = given.folder.join("file");
    std::fs::write(&file, "x").unwrap();
    assert!(export(&ToImageFolder::new(&file), &Rows::of(&table)).is_err());
    assert_eq!(std::fs::read(&file).unwrap(), b"x");
    let nowhere = given.folder.join("none/out");
    assert!(matches!(
        export(&ToImageFolder::new(nowhere), &Rows::of(&table)),
        Err(Error::Io { .. })
    ));
}

#[test]
fn what_fails_leaves_nothing_behind() {
    let given = Given::new(&["a.png", "b.png"]);
    let images = import(&ImageFolder::new(&given.folder).by_url(), given.options())
        .unwrap()
        .table;
    let out = target(&given);
    let refused = export(&ToImageFolder::new(&out), &Rows::of(&images)).unwrap_err();
    assert!(
        matches!(refused, Error::Core(tlc_core::Error::NotAllowed { .. })),
        "{refused}"
    );
    assert_eq!(std::fs::read_dir(out.parent().unwrap()).unwrap().count(), 2);
    let allowed = ToImageFolder::new(&out).allow(Url::from_path(&given.folder).unwrap());
    export(&allowed, &Rows::of(&images)).unwrap();
    assert_eq!(files(&out), ["a.png", "b.png"]);
}

#[test]
fn rows_without_a_class_or_image_are_told() {
    let given = Given::new(&["train/cat/1.png", "test/1.png"]);
    let images = import(&ImageFolder::new(&given.folder), given.options())
        .unwrap()
        .table;
    let refused = export(&ToImageFolder::new(target(&given)), &Rows::of(&images)).unwrap_err();
    assert!(
        refused.to_string().contains("row 1 has no class"),
        "{refused}"
    );
    let flat = ToImageFolder::new(target(&given)).without_labels();
    export(&flat, &Rows::of(&images)).unwrap();
    assert_eq!(files(&target(&given)), ["1.png", "1_1.png"]);
    let no_images = Rows::of(&images).columns(["label", "file"]);
    let refused = export(&ToImageFolder::new(given.folder.join("x")), &no_images).unwrap_err();
    assert!(matches!(refused, Error::Column { .. }), "{refused}");
    assert!(bytes(&images, "image").len() == 2);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_names_of_classes_and_files_stay_inside_and_apart(
        classes in prop::collection::btree_set(any::<String>(), 1..5),
        names in prop::collection::vec(prop_oneof![any::<String>(), "[./\\\\a]{0,6}"], 1..6),
    ) {
        let given = Given::new(&[]);
        let classes: Vec<&str> = classes.iter().map(String::as_str).collect();
        let labels: Vec<i32> = (0..names.len()).map(|row| i32::try_from(row % classes.len()).unwrap()).collect();
        let rows = labels.len();
        let table = table(&given, &classes, labels, names.iter().map(String::as_str).collect());
        export(&ToImageFolder::new(target(&given)), &Rows::of(&table)).unwrap();
        prop_assert_eq!(files(&target(&given)).len(), rows);
        prop_assert_eq!(std::fs::read_dir(given.folder.parent().unwrap()).unwrap().count(), 3);
        let again = import(&ImageFolder::new(target(&given)).without_splits(), given.options()).unwrap();
        prop_assert_eq!(again.table.len(), rows);
    }
}
