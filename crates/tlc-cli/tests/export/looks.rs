//! The file looks as the dashboard's page does.

use std::collections::BTreeMap;

const OURS: &str = include_str!("../../src/export/draw/style.css");
const DARK: &str = "@media screen and (prefers-color-scheme: dark)";

/// The colours that stand in a part of a style sheet.
fn colours(part: &str) -> BTreeMap<&str, &str> {
    let block = part.split('}').next().unwrap();
    let lines = block
        .lines()
        .filter_map(|line| line.trim().strip_prefix("--"));
    let named = lines.filter_map(|line| line.trim_end_matches(';').split_once(": "));
    named.filter(|(_, value)| value.starts_with('#')).collect()
}

#[test]
fn the_colours_are_those_of_the_page() {
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../tlc-dashboard/page/style/base.css"
    );
    let page = std::fs::read_to_string(file).unwrap();
    let of = |sheet: &str, start: &str| {
        let part = sheet.split_once(start).unwrap().1.to_owned();
        let colours = colours(&part).into_iter();
        let owned = colours.map(|(name, value)| (name.to_owned(), value.to_owned()));
        owned.collect::<BTreeMap<_, _>>()
    };
    for (ours, theirs) in [
        (of(OURS, ":root {"), of(&page, ":root {")),
        (of(OURS, DARK), of(&page, ":root[data-theme=\"dark\"] {")),
    ] {
        let own = ["on-shade", "on-full"];
        let shared = ours
            .iter()
            .filter(|(name, _)| !own.contains(&name.as_str()));
        assert!(shared.clone().count() >= 12, "{ours:?}");
        for (name, value) in shared {
            assert_eq!(Some(value), theirs.get(name), "--{name}");
        }
    }
}
