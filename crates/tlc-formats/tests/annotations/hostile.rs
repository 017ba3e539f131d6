//! Files that lie, are cut, or lead elsewhere: a clear error, in bounded time and memory.

use crate::{Given, png};
use tlc_formats::{Coco, Error, import};

fn refused(json: &str) -> String {
    match Given::new().coco(json) {
        Err(error @ Error::File { .. }) => error.to_string(),
        other => panic!("{json:.80}: {other:?}"),
    }
}

#[test]
fn what_is_no_file_of_coco_is_refused_with_what_it_lacks() {
    for (json, told) in [
        ("", "an empty file"),
        ("  ", "the document ends in its middle"),
        ("[]", "results of a model are no data set"),
        ("{}", "has no `images`"),
        ("nothing", "an object of JSON is expected"),
        (r#"{"images": {}}"#, "`images` is no list"),
        (r#"{"images": [], "images": []}"#, "`images` comes twice"),
        (r#"{"images": []} {}"#, "something follows the end"),
        (
            r#"{"images": [] "annotations": []}"#,
            "`,` or `}` is expected",
        ),
        (r#"{"images": [], }"#, "a key is expected"),
        (r#"{"images": [], "a" 1}"#, "`:` is expected"),
        (r#"{"images": [,]}"#, "a value is expected"),
        (r#"{"images": [{"id": 1"#, "the document ends in its middle"),
        (
            r#"{"images": [], "info": "cut"#,
            "the document ends in its middle",
        ),
        (
            r#"{"images": [], "info": {"a": [1, "}"#,
            "the document ends in its middle",
        ),
        (
            r#"{"images": [], "categories": [{"id": 1, "name": "a"}, {"id": 1, "name": "b"}]}"#,
            "the id 1 appears twice",
        ),
        (
            r#"{"images": [], "categories": [{"id": 3000000000, "name": "a"}]}"#,
            "32 bits",
        ),
        (
            r#"{"images": [], "categories": [{"id": 1, "name": "a", "keypoints": ["n"], "skeleton": [[0, 1]]}]}"#,
            "no keypoints [0, 1]",
        ),
        (
            r#"{"images": [], "categories": [{"id": 1, "name": "a", "keypoints": ["n"], "skeleton": [[-9223372036854775808, 1]]}]}"#,
            "no keypoints",
        ),
        (
            r#"{"images": [], "annotations": [{"image_id": 1}]}"#,
            "no `categories`",
        ),
    ] {
        let refused = refused(json);
        assert!(refused.contains(told), "{json}: {refused}");
        assert!(refused.contains("coco.json"), "{refused}");
    }
}

#[test]
fn every_prefix_of_a_file_is_refused_and_none_is_half_a_table() {
    let whole = crate::coco::EVERYTHING;
    let given = Given::new();
    for len in (0..whole.len() - 1)
        .step_by(7)
        .filter(|len| whole.is_char_boundary(*len))
    {
        assert!(given.coco(&whole[..len]).is_err(), "{len}");
    }
}

#[test]
fn a_mark_of_bytes_lines_of_windows_and_nan_are_told_apart() {
    let given = Given::new();
    let json = crate::coco::EVERYTHING.replace('\n', "\r\n");
    assert_eq!(
        given.coco(&format!("\u{feff}{json}")).unwrap().table.len(),
        2
    );
    let nan = json.replace("[1.5, 2, 3.25, 4]", "[NaN, 2, 3.25, 4]");
    let refused = given.coco(&nan).unwrap_err().to_string();
    assert!(
        refused.contains("annotations[0]") && refused.contains("JSON has no NaN"),
        "{refused}"
    );
}

#[test]
fn brackets_in_one_another_without_end_overflow_nothing() {
    let deep = "[".repeat(2_000_000);
    let told = refused(&format!(r#"{{"images": [], "info": {deep}"#));
    assert!(told.contains("ends in its middle"));
    let closed = format!("{deep}{}", "]".repeat(2_000_000));
    let given = Given::new();
    let json = format!(
        r#"{{"images": [{{"id": 1, "file_name": "a", "width": 9, "height": 9}}], "info": {closed},
             "annotations": [{{"image_id": 1, "category_id": 1, "segmentation": {closed}}}],
             "categories": [{{"id": 1, "name": "a"}}]}}"#
    );
    let refused = given.coco(&json).unwrap_err().to_string();
    assert!(refused.contains("annotations[0]"), "{refused:.300}");
    assert_eq!(given.coco_skipping(&json).unwrap().table.len(), 1);
}

#[test]
fn names_of_images_lead_nowhere_but_into_the_folder() {
    let given = Given::new();
    given.write("secret.png", png(9, 9));
    let outside = given.path("secret.png").display().to_string();
    for name in [
        "../secret.png",
        "a/../../secret.png",
        &outside,
        &format!("file://{outside}"),
        "https://example.org/a.png",
        "",
        ".",
        "a\\u0000b",
    ] {
        let json = format!(
            r#"{{"images": [{{"id": 1, "file_name": "{name}", "width": 9, "height": 9}}]}}"#
        );
        let file = given.write("set/coco.json", json);
        match import(&Coco::new(file), given.options("d")) {
            Err(Error::Row(bad)) => assert!(bad.to_string().contains("image 1"), "{bad}"),
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[cfg(unix)]
#[test]
fn links_lead_nowhere_but_into_the_folder() {
    let given = Given::new();
    let secret = given.write("secret.png", png(9, 9));
    let json = r#"{"images": [{"id": 1, "file_name": "a.png", "width": 9, "height": 9}]}"#;
    let file = given.write("set/coco.json", json);
    std::os::unix::fs::symlink(secret, given.path("set/a.png")).unwrap();
    let refused = import(&Coco::new(file), given.options("d"))
        .unwrap_err()
        .to_string();
    assert!(refused.contains("image 1"), "{refused}");
}

#[test]
fn numbers_that_lie_are_bad_rows() {
    let given = Given::new();
    let json = r#"{"images": [{"id": 1, "file_name": "a", "width": 2147483647, "height": 2147483647}],
        "annotations": [
            {"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 1, 2, 2],
             "segmentation": {"size": [2147483647, 2147483647], "counts": [18446744073709551615, 18446744073709551615]}},
            {"id": 2, "image_id": 1, "category_id": 1, "bbox": [1, 1, 2, 2],
             "segmentation": {"size": [2147483647, 2147483647], "counts": "oooooooooooooo0"}},
            {"id": 3, "image_id": 1, "category_id": 1, "bbox": [1, 1, 2, 2],
             "segmentation": {"size": [2147483647, 2147483647], "counts": "O"}},
            {"id": 4, "image_id": 1, "category_id": 99999999999, "bbox": [1, 1, 2, 2]},
            {"id": 5, "image_id": 1.5, "category_id": 1, "bbox": [1, 1, 2, 2]},
            {"id": 6, "image_id": 1, "category_id": 1, "bbox": [1, 1, 2]},
            {"id": 7, "image_id": 1, "category_id": 1, "bbox": "1 1 2 2"},
            [], 3, null, "x"
        ],
        "categories": [{"id": 1, "name": "a"}]}"#;
    let skipped = given.coco_skipping(json).unwrap();
    assert_eq!((skipped.table.len(), skipped.skipped.len()), (1, 11));
}
