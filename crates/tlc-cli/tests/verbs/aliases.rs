//! `tlc alias`.

use crate::{Place, told};
use serde_json::json;
use tlc_core::{Column, Columns, Table, TableOptions, ValueType};

/// A table whose pictures are kept by an alias, and the folder that they are in.
fn place_with_references() -> (Place, std::path::PathBuf) {
    let place = Place::new();
    let data = place.folder.path().join("elsewhere");
    std::fs::create_dir(&data).unwrap();
    let image = image::GrayImage::from_pixel(4, 4, image::Luma([200]));
    image.save(data.join("1.png")).unwrap();
    let options = TableOptions::new("pets", "all", "initial")
        .root(&place.root)
        .column(Column::new("image", ValueType::image_url()));
    let rows = Columns::new().column("image", vec!["<DATA>/1.png"]);
    Table::create(options, |writer| writer.add_batch(rows)).unwrap();
    (place, data)
}

#[test]
fn an_alias_is_set_shown_and_taken_away() {
    let (place, data) = place_with_references();
    assert_eq!(place.json(&["alias", "pets"]), json!([]));
    assert!(
        place
            .said(&["alias", "pets"])
            .contains("tlc alias pets DATA=FOLDER")
    );
    let folder = data.to_str().unwrap();
    let set = place.json(&["alias", "pets", &format!("DATA={folder}")]);
    assert_eq!(set, place.json(&["alias", "pets"]));
    assert_eq!(
        (&set[0]["alias"], &set[0]["folder"]),
        (&json!("DATA"), &json!(folder))
    );
    assert!(set[0]["here"].as_str().unwrap().ends_with("/elsewhere"));
    // What stands in the environment counts more here, and changes nothing in the project.
    let mut command = place.command(&["alias", "pets", "--json"]);
    let output = command
        .env("TLC_ALIAS_DATA", "/scratch/pets")
        .output()
        .unwrap();
    let here: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&here[0]["here"], &here[0]["folder"]),
        (&json!("file:///scratch/pets"), &json!(folder))
    );
    let said = place.said(&["alias", "pe"]);
    assert!(said.starts_with("alias\tfolder\there\nDATA\t"), "{said}");
    assert_eq!(
        place.json(&["alias", "pets", "--remove", "DATA"]),
        json!([])
    );
}

#[test]
fn a_folder_is_that_of_whoever_types_it() {
    let (place, data) = place_with_references();
    let set = place.json(&["alias", "pets", "DATA=./elsewhere", "OWN=images"]);
    let here = |number: usize| set[number]["here"].as_str().unwrap().to_owned();
    let real = |url: String| tlc_core::Url::parse(&url).unwrap().to_path().unwrap();
    assert_eq!(
        real(here(0)).canonicalize().unwrap(),
        data.canonicalize().unwrap()
    );
    assert_eq!(set[1]["folder"], "images");
    assert!(here(1).ends_with("/pets/images"), "{}", here(1));
}

#[test]
fn wrong_use_of_alias_is_told() {
    let (place, _data) = place_with_references();
    for (arguments, code, words) in [
        (&["alias"][..], 2, "PROJECT"),
        (&["alias", "cars"], 1, "there is pets"),
        (&["alias", "pets", "DATA"], 2, "no ALIAS=FOLDER"),
        (&["alias", "pets", "data=/x"], 1, "data"),
        (&["alias", "pets", "DATA=s4://x"], 1, "s4"),
        (&["alias", "pets", "DATA=images/%zz"], 1, "%zz"),
        (&["alias", "pets", "--remove", "DATA"], 1, "DATA"),
    ] {
        let (given, said) = place.refusal(arguments);
        assert!(
            given == code && said.contains(words),
            "{arguments:?}: {given} {said}"
        );
    }
    assert_eq!(place.json(&["alias", "pets"]), json!([]));
    let mut command = place.command(&["alias", "pets", "DATA=/x"]);
    let output = command
        .env("TLC_ALIAS_DATA", "nowhere://")
        .output()
        .unwrap();
    assert!(
        !output.status.success() && told(&output).contains("nowhere"),
        "{}",
        told(&output)
    );
}
