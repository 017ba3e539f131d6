//! What the folders of an image folder mean.

use crate::{Given, numbers, texts};
use std::sync::{Arc, Mutex};
use tlc_core::storage;
use tlc_core::{Column, Media, Table, Url, ValueType};
use tlc_formats::{Error, Format, ImageFolder, ImportOptions, Imported, import};

fn imported(given: &Given, folder: &dyn Format) -> Imported {
    import(folder, given.options().skip_bad_rows()).unwrap()
}

fn classes(table: &Table) -> Vec<String> {
    let classes = table.schema().class_map("label").unwrap();
    classes.names().map(str::to_owned).collect()
}

/// Each file with its label, `null` where it has none.
fn labelled(table: &Table) -> Vec<(String, String)> {
    let classes = table.schema().class_map("label").unwrap();
    let labels = numbers(table, "label").into_iter();
    let labels = labels.map(|label| label.map_or("null", |label| classes.name(label).unwrap()));
    let labels: Vec<String> = labels.map(str::to_owned).collect();
    texts(table, "file").into_iter().zip(labels).collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(a, b): &(&str, &str)| ((*a).to_owned(), (*b).to_owned());
    expected.iter().map(owned).collect()
}

#[test]
fn a_folder_is_a_class_with_all_images_in_it_and_below_by_name() {
    let given = Given::new(&[
        "dog/2.png",
        "dog/10.png",
        "cat/x/y/1.PNG",
        "cat/b.png",
        "Ant/1.png",
    ]);
    let table = imported(&given, &ImageFolder::new(&given.folder)).table;
    assert_eq!(classes(&table), ["Ant", "cat", "dog"]);
    let expected = [
        ("Ant/1.png", "Ant"),
        ("cat/b.png", "cat"),
        ("cat/x/y/1.PNG", "cat"),
        ("dog/10.png", "dog"),
        ("dog/2.png", "dog"),
    ];
    assert_eq!(labelled(&table), pairs(&expected));
}

#[test]
fn a_class_without_images_stays_a_class_and_its_id() {
    let given = Given::new(&["b/1.png"]);
    std::fs::create_dir(given.folder.join("a")).unwrap();
    let table = imported(&given, &ImageFolder::new(&given.folder)).table;
    assert_eq!(classes(&table), ["a", "b"]);
    assert_eq!(numbers(&table, "label"), [Some(1)]);
}

#[cfg(target_os = "linux")]
#[test]
fn classes_that_differ_by_case_only_are_two() {
    let given = Given::new(&["cat/1.png", "Cat/1.png"]);
    let table = imported(&given, &ImageFolder::new(&given.folder)).table;
    assert_eq!(classes(&table), ["Cat", "cat"]);
    assert_eq!(numbers(&table, "label"), [Some(0), Some(1)]);
}

#[test]
fn images_without_folders_have_no_label() {
    let given = Given::new(&["1.png", "2.png"]);
    let table = imported(&given, &ImageFolder::new(&given.folder)).table;
    let names: Vec<_> = table.schema().names().collect();
    assert_eq!(names, ["image", "width", "height", "file"]);
    let nested = Given::new(&["a/1.png", "b/c/2.png", "3.png"]);
    let table = imported(&nested, &ImageFolder::new(&nested.folder).without_labels()).table;
    assert_eq!(texts(&table, "file"), ["3.png", "a/1.png", "b/c/2.png"]);
    assert!(table.schema().column("label").is_none());
}

#[test]
fn splits_become_a_column_or_tables_with_the_same_classes() {
    let given = Given::new(&["val/dog/1.png", "Train/cat/1.png", "test/cat/2.png"]);
    let folder = ImageFolder::new(&given.folder);
    let table = imported(&given, &folder).table;
    assert_eq!(texts(&table, "split"), ["train", "validation", "test"]);
    assert_eq!(
        texts(&table, "file"),
        ["Train/cat/1.png", "val/dog/1.png", "test/cat/2.png"]
    );
    assert_eq!(folder.splits().unwrap(), ["train", "validation", "test"]);
    let options = ImportOptions::new("p", "val").root(&given.root);
    let table = import(&folder.clone().split("val"), options).unwrap().table;
    assert_eq!(labelled(&table), pairs(&[("val/dog/1.png", "dog")]));
    assert_eq!(classes(&table), ["cat", "dog"]);
    assert!(table.schema().column("split").is_none());
    let none = import(&folder.split("extra"), given.options())
        .unwrap_err()
        .to_string();
    assert!(
        none.contains("no split `extra`, there are: train, validation, test"),
        "{none}"
    );
}

#[test]
fn a_split_without_classes_has_rows_without_labels() {
    let given = Given::new(&["train/cat/1.png", "test/9.png"]);
    let table = imported(&given, &ImageFolder::new(&given.folder)).table;
    assert_eq!(
        labelled(&table),
        pairs(&[("train/cat/1.png", "cat"), ("test/9.png", "null")])
    );
}

#[test]
fn folders_called_like_splits_can_be_classes() {
    let given = Given::new(&["train/1.png", "test/1.png"]);
    let table = imported(&given, &ImageFolder::new(&given.folder).without_splits()).table;
    assert_eq!(classes(&table), ["test", "train"]);
    let unclear = Given::new(&["train/a/1.png", "cat/1.png"]);
    let refused = import(&ImageFolder::new(&unclear.folder), unclear.options()).unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("train looks like a split and cat does not"),
        "{refused}"
    );
    let twice = Given::new(&["val/a/1.png", "valid/a/1.png"]);
    let refused = import(&ImageFolder::new(&twice.folder), twice.options()).unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("val and valid are the same split"),
        "{refused}"
    );
}

#[test]
fn an_image_beside_the_folders_of_classes_or_splits_is_a_bad_row() {
    for beside in [
        ["cat/1.png", "stray.png"],
        ["train/cat/1.png", "train/stray.png"],
        ["train/cat/1.png", "stray.png"],
    ] {
        let given = Given::new(&beside);
        let imported = imported(&given, &ImageFolder::new(&given.folder));
        assert_eq!(
            (imported.table.len(), imported.skipped.len()),
            (1, 1),
            "{beside:?}"
        );
        let told = imported.skipped.first()[0].to_string();
        assert!(told.contains("stray.png: stands beside"), "{told}");
    }
}

#[test]
fn hidden_files_and_files_of_other_kinds_are_left_out() {
    let given = Given::new(&[
        "cat/1.png",
        ".git/2.png",
        "cat/.thumbs/3.png",
        "cat/._1.png",
    ]);
    given.write("README.md", b"pets");
    given.write("cat/notes.txt", b"x");
    let imported = imported(&given, &ImageFolder::new(&given.folder));
    assert_eq!((imported.table.len(), imported.skipped.len()), (1, 0));
    assert_eq!(classes(&imported.table), ["cat"]);
}

#[test]
fn a_folder_that_is_missing_empty_or_without_images_is_told() {
    let given = Given::new(&[]);
    std::fs::create_dir(given.folder.join("cat")).unwrap();
    for folder in ["cat", "", "none"] {
        let path = given.folder.join(folder);
        let refused = import(&ImageFolder::new(&path), given.options()).unwrap_err();
        assert!(
            matches!(refused, Error::NoFiles { .. }),
            "{folder}: {refused:?}"
        );
    }
    let several = ImageFolder::new([given.folder.join("a"), given.folder.join("b")]);
    assert!(matches!(
        import(&several, given.options()),
        Err(Error::NoFiles { .. })
    ));
}

#[test]
fn names_with_any_characters_are_read_and_found_again() {
    let names = [
        "a b/50% #1?.png",
        "a b/größer.png",
        "a b/x%20y.png",
        "a b/日本.png",
    ];
    let given = Given::new(&names);
    for folder in [
        ImageFolder::new(&given.folder),
        ImageFolder::new(&given.folder).by_url(),
    ] {
        let table = imported(&given, &folder).table;
        assert_eq!(texts(&table, "file"), names);
        tlc_core::delete(table.url()).unwrap();
    }
}

#[test]
fn an_image_by_url_is_opened_where_its_folder_is_allowed() {
    let given = Given::new(&["cat/50% #1.png"]);
    let table = imported(&given, &ImageFolder::new(&given.folder).by_url()).table;
    assert_eq!(
        table.schema().column("image").unwrap().value,
        ValueType::image_url()
    );
    let name = &texts(&table, "image")[0];
    assert!(Media::of(&table).read(name).is_err());
    let allowed = Media::of(&table).allow(Url::from_path(&given.folder).unwrap());
    assert_eq!(allowed.read(name).unwrap(), crate::fixture("rgb.png"));
}

#[test]
fn an_image_in_the_folder_of_the_project_is_named_from_there() {
    let given = Given::new(&[]);
    let inside = given.root.join("p/images/cat").unwrap().to_path().unwrap();
    std::fs::create_dir_all(&inside).unwrap();
    for name in ["1.png", "2#.png"] {
        std::fs::write(inside.join(name), crate::fixture("rgb.png")).unwrap();
    }
    let folder = ImageFolder::new(inside.parent().unwrap()).by_url();
    let table = imported(&given, &folder).table;
    let names = texts(&table, "image");
    assert_eq!(names[0], "images/cat/1.png");
    for name in names {
        assert!(Media::of(&table).read(&name).is_ok(), "{name}");
    }
}

#[test]
fn the_same_folder_gives_the_same_table_whatever_the_threads_do() {
    let files: Vec<String> = (0..2000).map(|n| format!("{}/{n}.png", n % 7)).collect();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let given = Given::new(&files);
    let first = imported(&given, &ImageFolder::new(&given.folder)).table;
    for _ in 0..3 {
        let again = imported(&given, &ImageFolder::new(&given.folder)).table;
        assert_eq!(again.id(), first.id());
    }
}

#[test]
fn progress_goes_from_class_to_class() {
    let given = Given::new(&["a/1.png", "b/1.png"]);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let into = Arc::clone(&seen);
    let options = given.options().progress(move |progress| {
        into.lock().unwrap().push((progress.rows, progress.total));
    });
    import(&ImageFolder::new(&given.folder), options).unwrap();
    assert_eq!(seen.lock().unwrap().last(), Some(&(2, 2)));
}

#[test]
fn columns_can_be_said_by_hand() {
    let given = Given::new(&["cat/1.png", "dog/1.png"]);
    let classes = Column::new("label", ValueType::labels(["dog", "cat", "bird"]));
    let options = given.options().column(classes).weight(1.0);
    let table = import(&ImageFolder::new(&given.folder), options)
        .unwrap()
        .table;
    // The ids are those of the folders, sorted.
    assert_eq!(numbers(&table, "label"), [Some(0), Some(1)]);
    assert!(table.schema().column("weight").is_some());
}

#[test]
fn a_folder_in_a_store_is_read_by_url() {
    let root = Url::parse("memory://formats-images/pets").unwrap();
    let store = storage::open(&root).unwrap();
    for name in ["cat/1.png", "dog/2.png"] {
        let png = crate::fixture("rgb.png").into();
        store.put_if_absent(&root.join(name).unwrap(), png).unwrap();
    }
    let given = Given::new(&[]);
    let table = imported(&given, &ImageFolder::new(&root).by_url()).table;
    assert_eq!(texts(&table, "file"), ["cat/1.png", "dog/2.png"]);
    assert_eq!(
        texts(&table, "image")[0],
        "memory://formats-images/pets/cat/1.png"
    );
}

#[cfg(unix)]
#[test]
fn links_pipes_and_names_that_are_not_utf8() {
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;
    let given = Given::new(&["cat/1.png"]);
    let cat = given.folder.join("cat");
    symlink(cat.join("1.png"), cat.join("2.png")).unwrap();
    symlink("nowhere", cat.join("3.png")).unwrap();
    symlink(&given.folder, cat.join("round")).unwrap();
    symlink(&cat, given.folder.join("dog")).unwrap();
    let pipe = cat.join("4.png");
    assert!(
        std::process::Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    std::fs::copy(
        cat.join("1.png"),
        cat.join(std::ffi::OsStr::from_bytes(b"\xff.png")),
    )
    .unwrap();
    let imported = imported(&given, &ImageFolder::new(&given.folder));
    assert_eq!(texts(&imported.table, "file"), ["cat/1.png", "cat/2.png"]);
    let told = imported.table.description().to_owned();
    for bad in [
        "dog: a link to a folder",
        "round: a link to a folder",
        "3.png",
        "4.png",
        r"\xff.png: the name is not UTF-8",
    ] {
        assert!(told.contains(bad), "{bad}: {told}");
    }
    assert_eq!(imported.skipped.len(), 5);
}

#[test]
fn folders_too_deep_in_one_another_are_told() {
    let deep = format!("cat/{}1.png", "x/".repeat(80));
    let given = Given::new(&["cat/1.png", &deep]);
    let imported = imported(&given, &ImageFolder::new(&given.folder));
    assert_eq!(imported.table.len(), 1);
    assert!(
        imported
            .table
            .description()
            .contains("more than 64 folders")
    );
}
