//! Inside a crate, data flow one way: rooms stand in levels, and a file takes only from
//! levels above its own; and the files of a room take from one another in no circle.

use crate::imports::{Import, Module, imports};
use crate::{root, sources};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Fails unless a crate keeps to its levels, if fewer than `least` imports were seen, or
/// if files of a room take from one another in a circle that is not known.
fn assert_one_way(folder: &str, levels: &[&[&str]], known: &[Circle], least: usize) {
    let imports = imports(&sources(&root().join(folder)));
    println!("{folder}: {} imports", imports.len());
    assert!(
        imports.len() >= least,
        "only {} imports in {folder}",
        imports.len()
    );
    let wrong = [
        upward(&imports, levels),
        circles(&imports, known),
        stale(&imports, known),
    ]
    .concat();
    assert!(wrong.is_empty(), "{folder}:\n{}", wrong.join("\n"));
}

/// Imports of a room that comes after or, the first level apart, beside one's own.
fn upward(imports: &[Import], levels: &[&[&str]]) -> Vec<String> {
    let level = |name: &str| levels.iter().position(|level| level.contains(&name));
    let mut wrong = Vec::new();
    for import in imports {
        let Some(room) = import.from.first() else {
            continue; // lib.rs is above all rooms
        };
        let own = level(room).unwrap_or_else(|| panic!("{} is in no level", import.file.display()));
        let allowed = |other: &str| {
            other == room || level(other).is_some_and(|other| other < own || own == 0 && other == 0)
        };
        let mut rooms = import.through.iter().filter_map(|module| module.first());
        if import.through.is_empty() || !rooms.all(|other| allowed(other)) {
            wrong.push(told(import));
        }
    }
    wrong
}

fn told(import: &Import) -> String {
    let end = import.through.last().map(|module| module.join("/"));
    let end = end.unwrap_or_else(|| "lib.rs".to_owned());
    format!("{}: {} (in {end})", import.file.display(), import.name)
}

/// A circle that stands: the folder, and two of it that take from each other.
type Circle = (&'static str, [&'static str; 2]);

/// The fields of a struct's type are columns, each of which has a type.
const IN_CORE: [Circle; 1] = [("schema", ["column", "value"])];

/// Circles that are known but stand no more.
fn stale(imports: &[Import], known: &[Circle]) -> Vec<String> {
    let arrows = outside_tests(imports);
    let stands = |(folder, [one, other]): &Circle| {
        let takes = |from: &str, to: &str| {
            let is_it =
                |arrow: &Arrow| arrow.folder == [*folder] && arrow.from == from && arrow.to == to;
            arrows.iter().any(is_it)
        };
        takes(one, other) && takes(other, one)
    };
    let gone = known.iter().filter(|circle| !stands(circle));
    gone.map(|(folder, ends)| format!("no circle in {folder} any more: {ends:?}"))
        .collect()
}

/// Circles among the files and folders of each folder inside a room. A `mod.rs` is the
/// table of contents of its folder and no part of it; tests look where they like.
fn circles(imports: &[Import], known: &[Circle]) -> Vec<String> {
    let mut wrong = Vec::new();
    let arrows = outside_tests(imports);
    let folders: BTreeSet<&Module> = arrows.iter().map(|arrow| &arrow.folder).collect();
    for folder in folders {
        let is_known = |arrow: &Arrow| {
            let ends = [arrow.from.as_str(), arrow.to.as_str()];
            let is_it = |(folder, circle): &Circle| {
                arrow.folder == [*folder] && circle.iter().all(|end| ends.contains(end))
            };
            known.iter().any(is_it)
        };
        let inside = arrows.iter().filter(|arrow| arrow.folder == *folder);
        let mut left: Vec<&Arrow> = inside.filter(|arrow| !is_known(arrow)).collect();
        loop {
            let before = left.len();
            let (from, to): (BTreeSet<_>, BTreeSet<_>) =
                left.iter().map(|arrow| (&arrow.from, &arrow.to)).unzip();
            left.retain(|arrow| from.contains(&arrow.to) && to.contains(&arrow.from));
            if left.len() == before {
                break;
            }
        }
        let told = left.iter().map(|arrow| {
            format!(
                "circle in {}: {} takes {} of {}",
                folder.join("/"),
                arrow.from,
                arrow.name,
                arrow.to
            )
        });
        wrong.extend(told);
    }
    wrong
}

/// What one entry of a folder takes of another.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Arrow {
    folder: Module,
    from: String,
    to: String,
    name: String,
}

fn outside_tests(imports: &[Import]) -> BTreeSet<Arrow> {
    let imports = imports.iter().filter(|import| !import.in_tests);
    imports.flat_map(arrows).collect()
}

fn arrows(import: &Import) -> Vec<Arrow> {
    let arrow = |module: &Module| {
        let shared = import.from.iter().zip(module);
        let shared = shared.take_while(|(ours, theirs)| ours == theirs).count();
        let (from, to) = (import.from.get(shared)?, module.get(shared)?);
        (shared > 0).then(|| Arrow {
            folder: module[..shared].to_vec(),
            from: from.clone(),
            to: to.clone(),
            name: import.name.clone(),
        })
    };
    import.through.iter().filter_map(arrow).collect()
}

#[test]
fn data_flow_one_way_inside_the_core() {
    assert_one_way(
        "crates/tlc-core/src",
        &[
            &["arrow", "error", "limits", "row_set", "url"],
            &["storage"],
            &["schema"],
            &["part"],
            &["layout"],
            &["alias"],
            &["table"],
            &["revision"],
            &["selection"],
            &["split"],
            &["run"],
            &["media"],
            &["metrics"],
            &["upkeep"],
        ],
        &IN_CORE,
        600,
    );
}

#[test]
fn data_flow_one_way_inside_collection() {
    assert_one_way(
        "crates/tlc-burn/src",
        &[
            &["error", "device", "tap"],
            &["map"],
            &["sampler"],
            &["batch"],
            &["predict", "collect"],
            &["write"],
            &["learner"],
        ],
        &[],
        500,
    );
}

#[test]
fn data_flow_one_way_inside_findings() {
    assert_one_way(
        "crates/tlc-findings/src",
        &[
            &["error", "progress", "random"],
            &["column"],
            &["embeddings", "beside", "labels"],
            &["ranking"],
            &["label_issues", "dynamics", "neighbors", "probe", "sheet"],
            &["coreset", "reduce", "findings"],
        ],
        &[],
        170,
    );
}

#[test]
fn data_flow_one_way_inside_formats() {
    assert_one_way(
        "crates/tlc-formats/src",
        &[
            &["error"],
            &["parallel", "source"],
            &["import"],
            &["tabular", "arrays"],
            &["images"],
            &["annotations"],
            &["export"],
        ],
        &[],
        30,
    );
}

#[test]
fn data_flow_one_way_inside_queries() {
    assert_one_way(
        "crates/tlc-query/src",
        &[
            &["error", "float", "function", "memory"],
            &["name"],
            &["source"],
            &["prune"],
            &["scan"],
            &["rows"],
            &["catalog"],
            &["context"],
            &["collect"],
            &["cluster"],
        ],
        &[],
        15,
    );
}

#[test]
fn data_flow_one_way_inside_the_view() {
    assert_one_way(
        "crates/tlc-view/src",
        &[
            &["error", "mask"],
            &["codes", "column", "curve"],
            &["source", "expression"],
            &["view", "edits"],
            &["filter", "picture"],
            &["count", "order", "compare"],
            &["group"],
            &["findings"],
        ],
        &[],
        40,
    );
}

#[test]
fn data_flow_one_way_inside_the_dashboard() {
    assert_one_way(
        "crates/tlc-dashboard/src",
        &[
            &["error", "modules", "refusal"],
            &["catalog", "edits", "jobs", "views"],
            &["summary"],
            &["app"],
            &["api", "assets", "guard"],
            &["server"],
            &["dashboard"],
        ],
        &[],
        40,
    );
}

#[test]
fn data_flow_one_way_inside_the_command() {
    assert_one_way(
        "crates/tlc-cli/src",
        &[
            &["failure"],
            &["place"],
            &["print"],
            &["consent", "media", "name", "progress"],
            &["rows"],
            &["changes"],
            &["compare", "diff", "edit", "head"],
            &["alias", "completions", "dashboard", "import", "rm", "split"],
            &["export", "list", "log", "verify"],
            &["home", "sheet", "show", "vacuum"],
            &["issues", "recover", "sql", "worst"],
        ],
        &[],
        150,
    );
}

/// A crate of the rooms `storage` and, after it, `run`.
const MADE_UP: [(&str, &str); 5] = [
    (
        "lib.rs",
        "mod run; mod storage; pub use self::run::{Run, State as Told};",
    ),
    (
        "run/mod.rs",
        "mod state; pub use self::state::{Run, State};",
    ),
    (
        "run/state.rs",
        "use crate::storage::Store; pub struct Run; pub struct State;",
    ),
    ("storage/mod.rs", "mod local; pub use self::local::Store;"),
    ("storage/local.rs", "pub struct Store;"),
];

/// The made-up crate with another file.
fn with(path: &str, source: &str) -> Vec<Import> {
    let own = |(path, source): (&str, &str)| (PathBuf::from(path), source.to_owned());
    imports(
        &[&MADE_UP[..], &[(path, source)]]
            .concat()
            .into_iter()
            .map(own)
            .collect::<Vec<_>>(),
    )
}

const LEVELS: &[&[&str]] = &[&[], &["storage"], &["run"]];

#[test]
fn an_import_upward_is_seen_in_every_form() {
    for source in [
        "use crate::run::Run;",
        "use crate::{\n    storage::Store,\n    run::{\n        Run,\n    },\n};",
        "use crate::{storage::{self, Store}, run};",
        "use crate::run::{self, State};",
        "use crate::Run;",
        "use crate::{storage::Store, Told};",
        "use crate::Told as Other;",
        "use super::super::run::Run;",
        "use super::super::Run;",
        "use self::super::super::run;",
        "pub(crate) use crate::run::Run;",
        "pub(in crate::run) struct X;",
        "fn f() { use crate::run::Run; }",
        "fn f() { crate::run::begin(); }",
        "fn f() -> Option<crate::run::Run> { None }",
        "fn f(x: u8) { match x { crate::run::LIMIT => {} _ => {} } }",
        "impl crate::run::Named for X {}",
        "fn f() { println!(\"{}\", crate::run::Run::new()); }",
        "macro_rules! m { () => { $crate::run::Run }; }",
        "#[derive(crate::run::Named)] struct X;",
        "#[serde(with = \"crate::run::named\")] struct X;",
        "mod inner { use super::super::super::run::Run; }",
        "mod inner { fn f() { super::super::super::Run::new(); } }",
        "#[cfg(test)] mod tests { use crate::run::Run; }",
    ] {
        let seen = upward(&with("storage/new.rs", source), LEVELS);
        let told = |told: &String| told.starts_with("storage/new.rs: crate::");
        assert!(
            !seen.is_empty() && seen.iter().all(told),
            "{source}: {seen:?}"
        );
    }
}

#[test]
fn an_import_downward_or_from_elsewhere_is_let_be() {
    let source = "use crate::{Run, storage::{self, Store}}; use std::run::X; use ::run::Y;
        /// Not [`crate::learner::X`].
        fn f() { super::state::State; run::log(); self.run(); let s = Self::new(); }";
    let imports = with("run/new.rs", source);
    assert_eq!(upward(&imports, LEVELS), [""; 0]);
    let ours = imports
        .iter()
        .filter(|import| import.file.ends_with("new.rs"));
    assert_eq!(ours.count(), 4);
}

#[test]
fn a_circle_among_files_of_a_room_is_seen_through_its_table_of_contents() {
    let back = "use super::State; pub struct New; #[cfg(test)] mod tests { use super::super::X; }";
    assert_eq!(circles(&with("run/new.rs", back), &[]), [""; 0]);
    let there = (
        "run/state.rs",
        "use super::new::New; pub struct Run; pub struct State;",
    );
    let crate_of = |file: (&str, &str)| {
        let mut files = MADE_UP.map(|(path, source)| (PathBuf::from(path), source.to_owned()));
        files[2].1 = file.1.to_owned();
        let new = (PathBuf::from("run/new.rs"), back.to_owned());
        imports(&[&files[..], &[new]].concat())
    };
    let imports = crate_of(there);
    let known = [("run", ["new", "state"])];
    assert_eq!(circles(&imports, &known), [""; 0]);
    assert_eq!(stale(&imports, &known), [""; 0]);
    let cut = with("run/new.rs", back);
    assert_eq!(
        stale(&cut, &known),
        ["no circle in run any more: [\"new\", \"state\"]"]
    );
    let seen = circles(&imports, &[]);
    assert_eq!(
        seen,
        [
            "circle in run: new takes crate::run::State of state",
            "circle in run: state takes crate::run::new::New of new",
        ]
    );
}
