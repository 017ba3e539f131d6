//! A CSV, or any rows, that name image files.

use crate::{Given, bytes, fixture, numbers, texts};
use tlc_core::arrow::array::AsArray;
use tlc_core::{Media, Url, ValueType};
use tlc_formats::{Csv, Error, ImagePaths, JsonLines, import};

fn csv(given: &Given, text: &str) -> ImagePaths<Csv> {
    given.write("labels.csv", text.as_bytes());
    ImagePaths::new(
        Csv::new(given.folder.join("labels.csv")),
        "path",
        &given.folder,
    )
}

#[test]
fn rows_of_a_csv_get_the_images_that_they_name() {
    let given = Given::new(&["a/1.png", "2#.png"]);
    given.write("3.jpg", &fixture("rgb.jpg"));
    let rows = csv(
        &given,
        "path,label,legs\na/1.png,cat,4\n2#.png,bird,2\n./a/../3.jpg,cat,4\n",
    );
    let table = import(&rows, given.options().label("label")).unwrap().table;
    let names: Vec<_> = table.schema().names().collect();
    assert_eq!(names, ["image", "width", "height", "path", "label", "legs"]);
    assert_eq!(bytes(&table, "image")[2], fixture("rgb.jpg"));
    assert_eq!(numbers(&table, "width"), vec![Some(3); 3]);
    let classes = table.schema().class_map("label").unwrap();
    assert!(classes.names().eq(["bird", "cat"]));
    assert_eq!(numbers(&table, "label"), [Some(1), Some(0), Some(1)]);
    let legs = table.column("legs").unwrap();
    assert!(legs.data_type().is_integer());
}

#[test]
fn by_url_and_from_json_lines_whose_column_is_called_image() {
    let given = Given::new(&["a.png"]);
    given.write("rows.jsonl", b"{\"image\": \"a.png\", \"n\": 1}\n");
    let rows = JsonLines::new(given.folder.join("rows.jsonl"));
    let images = ImagePaths::new(rows, "image", &given.folder).by_url();
    let table = import(&images, given.options()).unwrap().table;
    let names: Vec<_> = table.schema().names().collect();
    assert_eq!(names, ["image", "width", "height", "file", "n"]);
    assert_eq!(table.schema().columns()[0].value, ValueType::image_url());
    assert_eq!(texts(&table, "file"), ["a.png"]);
    let media = Media::of(&table).allow(Url::from_path(&given.folder).unwrap());
    assert_eq!(
        media.read(&texts(&table, "image")[0]).unwrap(),
        fixture("rgb.png")
    );
}

#[test]
fn a_bad_name_or_image_is_named_by_its_line() {
    let given = Given::new(&["good.png"]);
    given.write("bad.png", &fixture("rgb.png")[..40]);
    let text = "path,n\ngood.png,1\nnone.png,2\nbad.png,3\n/etc/hostname,4\n../x.png,5\n,6\n.,7\ngood.png,8\n";
    let rows = csv(&given, text);
    let refused = import(&rows, given.options()).unwrap_err().to_string();
    assert!(
        refused.contains(
            "labels.csv, line 3, column `path`, value \"none.png\": `none.png` is not there"
        ),
        "{refused}"
    );
    let imported = import(&rows, given.options().skip_bad_rows()).unwrap();
    assert_eq!((imported.table.len(), imported.skipped.len()), (2, 6));
    let told = imported.table.description();
    for bad in [
        "line 4",
        "line 5, column `path`, value \"/etc/hostname\": `/etc/hostname` is in none",
        "line 6",
        "line 7",
        "no name of an image",
        "line 8",
    ] {
        assert!(told.contains(bad), "{bad}: {told}");
    }
    let n = imported.table.column("n").unwrap();
    assert_eq!(
        n.as_primitive::<tlc_core::arrow::datatypes::Int64Type>()
            .values(),
        &[1, 8]
    );
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_out_is_followed_only_where_that_is_allowed() {
    let given = Given::new(&[]);
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("x.png"), fixture("rgb.png")).unwrap();
    std::os::unix::fs::symlink(outside.path().join("x.png"), given.folder.join("link.png"))
        .unwrap();
    let absolute = outside.path().join("x.png");
    let rows = csv(&given, &format!("path\nlink.png\n{}\n", absolute.display()));
    assert!(import(&rows, given.options()).is_err());
    let allowed = rows.allow(Url::from_path(outside.path()).unwrap());
    assert_eq!(import(&allowed, given.options()).unwrap().table.len(), 2);
}

#[test]
fn a_column_that_is_missing_or_holds_no_texts_is_told() {
    let given = Given::new(&["a.png"]);
    let refused = import(&csv(&given, "file\na.png\n"), given.options()).unwrap_err();
    assert!(refused.to_string().contains("there are: file"), "{refused}");
    let refused = import(&csv(&given, "path\n1\n"), given.options()).unwrap_err();
    assert!(matches!(refused, Error::Column { .. }), "{refused}");
}

#[test]
fn many_rows_come_in_order_and_in_pieces() {
    let given = Given::new(&["a.png", "b.png"]);
    let lines: Vec<String> = (0..3000)
        .map(|n| format!("{},{n}", ["a.png", "b.png"][n % 2]))
        .collect();
    let rows = csv(&given, &format!("path,n\n{}\n", lines.join("\n")));
    let table = import(&rows, given.options()).unwrap().table;
    let n = table.column("n").unwrap();
    let n = n
        .as_primitive::<tlc_core::arrow::datatypes::Int64Type>()
        .values();
    assert!(n.iter().copied().eq(0..3000));
    let none = csv(&given, "path,n\n");
    let table = import(&none, given.options().table("none"));
    assert!(table.is_ok_and(|imported| imported.table.is_empty()));
}
