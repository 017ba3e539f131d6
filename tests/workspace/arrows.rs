//! Which crate may use which.

use crate::{read, root};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

/// The crates of the project that each may use, beside itself in its tests.
const ARROWS: [(&str, &[&str]); 9] = [
    ("tlc-core", &[]),
    ("tlc-burn", &["tlc-core"]),
    ("tlc-findings", &["tlc-core"]),
    ("tlc-formats", &["tlc-core"]),
    ("tlc-view", &["tlc-core", "tlc-findings"]),
    ("tlc-query", &["tlc-burn", "tlc-core"]),
    (
        "tlc-dashboard",
        // What is shown of annotations is tested on what is imported.
        &["tlc-core", "tlc-findings", "tlc-formats", "tlc-view"],
    ),
    (
        "tlc-cli",
        &[
            "tlc-core",
            "tlc-dashboard",
            "tlc-findings",
            "tlc-formats",
            "tlc-query",
            "tlc-view",
        ],
    ),
    (
        "tlc",
        &["tlc-burn", "tlc-core", "tlc-findings", "tlc-formats"],
    ),
];

/// Only collection knows Burn, and nothing here knows of servers.
const BURN: &str = "burn";
const SERVERS: [&str; 3] = ["axum", "hyper", "tower"];

#[test]
fn crates_depend_one_way() {
    let mut folders: Vec<_> = fs::read_dir(root().join("crates"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    folders.sort();
    assert_eq!(
        folders,
        [
            "tlc",
            "tlc-burn",
            "tlc-cli",
            "tlc-core",
            "tlc-dashboard",
            "tlc-findings",
            "tlc-formats",
            "tlc-query",
            "tlc-view"
        ]
    );
    let workspace = Manifest::read(&read("Cargo.toml"));
    for (name, allowed) in ARROWS {
        let manifest = Manifest::read(&read(format!("crates/{name}/Cargo.toml")));
        let used = manifest.packages(&workspace);
        assert!(used.len() >= 5, "only {used:?}");
        let ours: BTreeSet<&str> = used
            .iter()
            .map(String::as_str)
            .filter(|used| used.starts_with("tlc") && *used != name)
            .collect();
        assert_eq!(ours, allowed.iter().copied().collect(), "of {name}");
        let burn = used.iter().any(|used| used.starts_with(BURN));
        let may_know_burn = ["tlc", "tlc-burn", "tlc-query"].contains(&name);
        assert_eq!(burn, may_know_burn, "Burn in {name}: {used:?}");
        let serves = SERVERS.iter().any(|server| used.contains(*server));
        assert_eq!(serves, name == "tlc-dashboard", "{name}: {used:?}");
    }
}

/// The dependency tables of a `Cargo.toml`: what each entry of any of them says.
#[derive(Default)]
struct Manifest {
    entries: BTreeMap<String, BTreeMap<String, String>>,
}

impl Manifest {
    fn read(text: &str) -> Self {
        let mut manifest = Self::default();
        let mut section = Vec::new();
        for line in text.lines().map(str::trim) {
            if let Some(header) = line
                .strip_prefix('[')
                .and_then(|line| line.split(']').next())
            {
                section = keys(header);
                // `[dependencies.name]` is an entry of its own, with or without lines.
                if let [.., table, name] = section.as_slice()
                    && is_dependencies(table)
                {
                    manifest.entries.entry(name.clone()).or_default();
                }
            } else if let Some((key, value)) = line.split_once('=')
                && !line.starts_with('#')
            {
                manifest.line(&section, &keys(key), value.trim());
            }
        }
        manifest
    }

    fn line(&mut self, section: &[String], key: &[String], value: &str) {
        let (name, field) = match (section, key) {
            ([.., table], [name, field @ ..]) if is_dependencies(table) => (name, field.first()),
            ([.., table, name], [field, ..]) if is_dependencies(table) => (name, Some(field)),
            _ => return,
        };
        let entry = self.entries.entry(name.clone()).or_default();
        match field {
            Some(field) => {
                entry.insert(field.clone(), unquoted(value));
            }
            None => {
                let fields = value.trim_matches(['{', '}']).split(',');
                let fields = fields.filter_map(|field| field.split_once('='));
                entry.extend(fields.map(|(key, value)| (unquoted(key), unquoted(value))));
            }
        }
    }

    /// The packages behind the entries, which may call them by other names.
    fn packages(&self, workspace: &Self) -> BTreeSet<String> {
        let of = |(name, fields): (&String, &BTreeMap<String, String>)| {
            let inherited = fields
                .contains_key("workspace")
                .then(|| workspace.entries.get(name));
            let fields = inherited.flatten().unwrap_or(fields);
            let folder = fields.get("path").and_then(|path| path.rsplit('/').next());
            let folder = folder.filter(|folder| *folder != ".").map(str::to_owned);
            fields
                .get("package")
                .cloned()
                .or(folder)
                .unwrap_or_else(|| name.clone())
        };
        self.entries.iter().map(of).collect()
    }
}

/// `dependencies`, `dev-dependencies`, `build-dependencies`.
fn is_dependencies(table: &str) -> bool {
    table.rsplit('-').next() == Some("dependencies")
}

/// The parts of a dotted key, of which some may stand in quotes.
fn keys(text: &str) -> Vec<String> {
    let (mut parts, mut quote) = (vec![String::new()], None);
    for c in text.trim().trim_start_matches('[').chars() {
        match (c, quote) {
            ('"' | '\'', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            ('.', None) => parts.push(String::new()),
            (c, _) => parts.last_mut().unwrap().push(c),
        }
    }
    parts
        .into_iter()
        .map(|part| part.trim().to_owned())
        .collect()
}

fn unquoted(text: &str) -> String {
    text.trim().trim_matches(['"', '\'']).to_owned()
}

#[test]
fn a_dependency_is_seen_in_every_form() {
    let workspace =
        Manifest::read("[workspace.dependencies]\nother = { path = \"crates/tlc-e\" }\n");
    let manifest = Manifest::read(
        r#"
[package]
name = "x"
[features]
train = ["tlc-no/train"]
[dependencies]
tlc-a = "1"
plain = { version = "1", package = "tlc-b" }
tlc-c.workspace = true
# tlc-no = "1"
[dev-dependencies]
tlc-d = { workspace = true, features = ["x"] }
other.workspace = true
here = { path = "../tlc-f" }
[dependencies.tlc-g]
version = "1"
[dependencies.dressed]
package = "tlc-h"
[target.'cfg(target_os = "linux")'.dependencies]
tlc-i = "1"
[target.'cfg(unix)'.build-dependencies.tlc-j]
features = [
    "x",
]
[lints]
workspace = true
"#,
    );
    let packages: Vec<_> = manifest.packages(&workspace).into_iter().collect();
    let expected: Vec<_> = ('a'..='j').map(|letter| format!("tlc-{letter}")).collect();
    assert_eq!(packages, expected);
}
