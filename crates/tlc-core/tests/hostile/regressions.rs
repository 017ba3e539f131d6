//! What the mutations have found, one by one: each broke a promise once.

use super::files::Files;
use super::json::Node;
use super::mutations::broken_promise;
use super::parts::{self, Claim, PageNumber};

/// An integer column in one row group.
const NUMBERS: &str = "demo/datasets/samples/tables/two parts/parts/\
    01a21470-8d44-711c-9d4c-0df04175c748.parquet";
/// Columns of floats, moments and texts.
const VALUES: &str = "demo/runs/overwritten/aggregates/\
    01a21470-8f70-72b9-a0d3-ed8c4d010af9.parquet";
const KEYS: usize = 4;

#[track_caller]
fn assert_kept(files: &Files, name: &str) {
    let owner = Files::owner(name);
    assert!(
        Files::of_fixtures("v1").read(&owner).is_ok(),
        "{owner} is sound before"
    );
    assert_eq!(broken_promise(files, &owner), None);
}

/// A part is changed, its checksums are right, and the document agrees about its rows if it
/// can.
#[track_caller]
fn assert_part_kept(name: &str, change: impl FnOnce(&mut Vec<u8>)) {
    let mut files = Files::of_fixtures("v1");
    let mut bytes = files.0[name].to_vec();
    change(&mut bytes);
    assert_ne!(files.0[name], bytes, "the change does nothing");
    let groups = parts::row_groups(&bytes);
    files.replace_part(name, bytes, groups);
    assert_kept(&files, name);
}

/// The text of a document is changed to what cannot be true, and its checksum is right.
#[track_caller]
fn assert_document_refused(owner: &str, old: &str, new: &str) {
    let mut files = Files::of_fixtures("v1");
    let documents = files.documents();
    let mut changed = 0;
    for name in documents.iter().filter(|name| Files::owner(name) == owner) {
        let mut text = String::new();
        Node::parse(&files.line(name)).write(&mut text);
        if text.contains(old) {
            files.reseal(name, text.replace(old, new).as_bytes());
            changed += 1;
        }
    }
    assert!(changed > 0, "no document of {owner} has {old}");
    assert_kept(&files, &format!("{owner}/commits/x"));
    assert!(
        files.read(owner).is_err(),
        "{owner} is read as if nothing was wrong"
    );
}

const TABLE: &str = "demo/datasets/samples/tables/two parts";
const RUN: &str = "demo/runs/overwritten";

#[test]
fn lengths_whose_sum_overflows_are_an_error() {
    let mut files = Files::new();
    let commits = files.named(|name| name.starts_with("p/runs/r/commits/"));
    for name in commits {
        let mut text = String::new();
        Node::parse(&files.line(&name)).write(&mut text);
        let (mut line, mut rest) = (String::new(), text.as_str());
        while let Some((before, after)) = rest.split_once("\"len_bytes\":") {
            let number = after.find(|c: char| !c.is_ascii_digit()).unwrap();
            line += &format!("{before}\"len_bytes\":18446744073709551615");
            rest = &after[number..];
        }
        line += rest;
        files.reseal(&name, line.as_bytes());
    }
    assert_eq!(broken_promise(&files, "p/runs/r"), None);
}

#[test]
fn row_groups_whose_sum_overflows_are_an_error() {
    let huge = "\"row_groups\":[18446744073709551615,18446744073709551615,4]";
    assert_document_refused(TABLE, "\"row_groups\":[4]", huge);
    assert_document_refused(RUN, "\"row_groups\":[2]", huge);
}

#[test]
fn decoded_bytes_whose_sum_overflows_are_no_harm() {
    let mut files = Files::of_fixtures("v1");
    let name = format!("{TABLE}/commits/00000000000000000000.json");
    let mut document: serde_json::Value = serde_json::from_slice(&files.line(&name)).unwrap();
    for part in document["parts"].as_array_mut().unwrap() {
        part["decoded_bytes"] = u64::MAX.into();
    }
    files.reseal(&name, document.to_string().as_bytes());
    assert_kept(&files, &name);
}

#[test]
fn a_part_without_a_column_of_the_schema_is_an_error() {
    assert_document_refused(TABLE, "\"name\":\"n\"", "\"name\":\"m\"");
    assert_document_refused(RUN, "\"name\":\"recall\"", "\"name\":\"other\"");
}

#[test]
fn a_part_of_other_types_than_the_schema_is_an_error() {
    assert_document_refused(TABLE, "\"type\":\"int32\"", "\"type\":\"string\"");
    assert_document_refused(
        RUN,
        "\"type\":\"float32\"",
        "\"type\":\"embedding\",\"dim\":3",
    );
}

#[test]
fn a_damaged_arrow_schema_is_an_error() {
    for (byte, bit) in [(479, 5), (430, 2)] {
        assert_part_kept(NUMBERS, |bytes| bytes[byte] ^= 1 << bit);
    }
    for bit in 0..8 {
        assert_part_kept(VALUES, |bytes| bytes[2099] ^= 1 << bit);
    }
}

#[test]
fn a_data_page_in_place_of_a_dictionary_is_an_error() {
    for kind in 0..=3 {
        for (name, column) in [(NUMBERS, 0), (VALUES, KEYS)] {
            if kind != 2 {
                let page = |bytes: &mut _| {
                    parts::set_page_number(bytes, column, true, PageNumber::Type, kind);
                };
                assert_part_kept(name, page);
            }
        }
    }
}

#[test]
fn a_page_of_less_than_no_values_is_an_error() {
    for number in [-1, i64::MIN] {
        for first in [true, false] {
            let page = |bytes: &mut _| {
                parts::set_page_number(bytes, KEYS, first, PageNumber::NumValues, number);
            };
            assert_part_kept(VALUES, page);
        }
    }
}

#[test]
fn a_page_that_claims_to_be_large_is_not_believed() {
    for which in [PageNumber::UncompressedSize, PageNumber::NumValues] {
        for first in [true, false] {
            for (name, column) in [(NUMBERS, 0), (VALUES, KEYS)] {
                let page = |bytes: &mut _| {
                    parts::set_page_number(bytes, column, first, which, 1 << 28);
                };
                assert_part_kept(name, page);
            }
        }
    }
}

#[test]
fn a_row_group_that_claims_many_rows_is_not_believed() {
    for rows in [1 << 20, 1 << 28] {
        for claim in [Claim::NumRows, Claim::AllRows] {
            assert_part_kept(NUMBERS, |bytes| parts::set_claim(bytes, 0, claim, rows));
            assert_part_kept(VALUES, |bytes| parts::set_claim(bytes, 0, claim, rows));
        }
    }
}

#[test]
fn a_row_group_of_more_rows_than_memory_addresses_is_an_error() {
    for name in [NUMBERS, VALUES] {
        let claim = |bytes: &mut _| parts::set_claim(bytes, 0, Claim::AllRows, i64::MAX);
        assert_part_kept(name, claim);
    }
}

#[test]
fn a_column_at_a_negative_place_is_an_error() {
    for claim in [
        Claim::CompressedSize,
        Claim::DataPage,
        Claim::DictionaryPage,
    ] {
        assert_part_kept(NUMBERS, |bytes| parts::set_claim(bytes, 0, claim, -1));
    }
}

#[test]
fn an_absurd_width_of_dictionary_indices_is_an_error() {
    let mut files = Files::of_fixtures("v1");
    let good = files.0[NUMBERS].to_vec();
    for (byte, bit) in (4..120).flat_map(|byte| (0..8).map(move |bit| (byte, bit))) {
        let mut bytes = good.clone();
        bytes[byte] ^= 1 << bit;
        files.replace_part(NUMBERS, bytes, None);
        assert_kept(&files, NUMBERS);
    }
}

#[test]
fn a_document_of_millions_of_small_values_is_refused_before_they_are_made() {
    let _alone = super::alone();
    let mut files = Files::new();
    files.0.retain(|name, _| !name.contains("/checkpoints/"));
    let name = files
        .named(|name| name.starts_with("p/runs/r/commits/"))
        .remove(1);
    let small = "[],".repeat(10_000_000);
    let line = format!(
        r#"{{"format":"tlc-run-commit","version":1,"id":"x","actions":[{{"action":"parameters","parameters":{{"a":[{small}1]}}}}]}}"#
    );
    files.reseal(&name, line.as_bytes());
    drop((small, line));
    let (read, taken) = super::alloc::measured(|| files.read("p/runs/r"));
    let error = read.unwrap_err().to_string();
    assert!(
        error.contains("values in a document") && error.contains(&name),
        "{error}"
    );
    assert!(
        taken.peak < super::alloc::LIMIT_BYTES,
        "{} MiB",
        taken.peak >> 20
    );
}

/// Every commit of the revisions in turn, with one text in another's place.
#[track_caller]
fn assert_revisions_refused(old: &str, new: &str) {
    let sound = Files::of_revisions();
    let mut changed = 0;
    for name in sound.named(|name| name.contains("/commits/")) {
        let mut text = String::new();
        Node::parse(&sound.line(&name)).write(&mut text);
        let Some(at) = text.find(old) else { continue };
        let mut files = sound.clone();
        files.reseal(&name, text.replace(old, new).as_bytes());
        let owner = Files::owner(&name);
        assert_eq!(broken_promise(&files, &owner), None);
        let is_refused = files.read(&owner).is_err() || !files.verify(&owner).is_empty();
        assert!(
            is_refused,
            "{name}, byte {at}: {new} is read as if nothing was wrong"
        );
        changed += 1;
    }
    assert!(changed > 0, "no document has {old}");
}

/// Texts that lead out of a folder, if anything does.
const OUTSIDE: [&str; 64] = [
    "..",
    "../t",
    "../../t",
    "../../../../../../etc/passwd",
    "./../t",
    "t/..",
    "t/../..",
    "t/../../x",
    "/etc",
    "/etc/passwd",
    "//etc/passwd",
    "//host/share",
    "\\\\host\\share",
    "\\\\?\\C:\\x",
    "C:",
    "C:\\x",
    "C:/x",
    "c:x",
    "..\\t",
    "..\\..\\t",
    "a\\..\\..\\t",
    ".\\t",
    "%2e%2e",
    "%2E%2E",
    "%2e%2e/t",
    "%2e%2e%2ft",
    "..%2ft",
    "..%2f..%2ft",
    "..%5ct",
    "%2fetc",
    "%5cetc",
    "%252e%252e",
    "%252e%252e%252ft",
    "..%252ft",
    "%c0%ae%c0%ae",
    "%c0%ae%c0%ae/t",
    "..%c0%aft",
    "file:///etc/passwd",
    "file:/etc/passwd",
    "file://host/etc",
    "http://169.254.169.254",
    "http://x/y",
    "https://x/y",
    "s3://b/k",
    "gs://b/k",
    "az://b/k",
    "memory://x/",
    "data:,x",
    "x#1",
    "x?y",
    "x#../../t",
    "a/b",
    "a//b",
    "/",
    ".",
    "./t",
    "t/",
    "t/.",
    " /..",
    "\\u0000",
    "t\\u0000",
    "\\n",
    "../\\u202e",
    "",
];

#[test]
fn a_revision_names_no_file_that_is_not_of_its_data_set() {
    for outside in OUTSIDE {
        assert_revisions_refused("\"name\":\"t\"}", &format!("\"name\":\"{outside}\"}}"));
        assert_revisions_refused("\"url\":\"overlays/", &format!("\"url\":\"{outside}/../"));
    }
    for outside in OUTSIDE
        .into_iter()
        .filter(|outside| !["", ".", "./t"].contains(outside))
    {
        assert_revisions_refused("\"url\":\"overlays/", &format!("\"url\":\"{outside}/"));
    }
}

#[test]
fn a_revision_without_a_number_is_refused() {
    assert_eq!(
        broken_promise(&Files::of_revisions(), "p/datasets/d/tables/t"),
        None
    );
    for number in ["0", "18446744073709551615", "7000000000000000", "99"] {
        assert_revisions_refused(
            "\"number\":1,\"parent\"",
            &format!("\"number\":{number},\"parent\""),
        );
    }
}
