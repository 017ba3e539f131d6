//! Aliases: a project with files kept by reference opens on another machine.

use std::fs;
use tlc_core::{Aliases, Columns, Error, Media, Table, TableOptions, Url, verify};

fn table(root: &Url) -> Table {
    let options = TableOptions::new("demo", "train", "initial").root(root);
    let rows = Columns::new().column("label", vec![0]);
    Table::create(options, |writer| writer.add_batch(rows)).unwrap()
}

struct Machine {
    folder: tempfile::TempDir,
    root: Url,
    table: Table,
}

fn machine() -> Machine {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("projects");
    fs::create_dir_all(&path).unwrap();
    fs::create_dir_all(folder.path().join("data/inner")).unwrap();
    fs::write(folder.path().join("data/inner/a.png"), b"a").unwrap();
    let root = Url::from_path(&path).unwrap();
    let table = table(&root);
    Machine {
        folder,
        root,
        table,
    }
}

impl Machine {
    fn url(&self, name: &str) -> Url {
        Url::from_path(&self.folder.path().join(name)).unwrap()
    }

    fn aliases(&self) -> Aliases {
        Aliases::of(&self.root, "demo").unwrap()
    }
}

#[test]
fn an_alias_of_the_project_leads_to_allowed_folders_alone() {
    let machine = machine();
    let data = machine.url("data");
    machine.aliases().set("DATA", &data.to_string()).unwrap();
    let media = Media::of(&machine.table);
    let refused = media.read("<DATA>/inner/a.png").unwrap_err();
    assert!(matches!(refused, Error::NotAllowed { .. }), "{refused}");
    let media = media.allow(&data);
    assert_eq!(media.read("<DATA>/inner/a.png").unwrap(), b"a".as_slice());
    for name in [
        "<DATA>/../secret",
        "<DATA>/inner/../../secret",
        "<DATA>//etc",
        "<DATA>",
    ] {
        assert!(media.read(name).is_err(), "{name}");
    }
    let unknown = media.read("<OTHER>/a.png").unwrap_err();
    assert!(
        matches!(&unknown, Error::NoSuchAlias { alias, used_in } if alias == "OTHER" && used_in == "<OTHER>/a.png"),
        "{unknown}"
    );
    assert!(unknown.to_string().contains("TLC_ALIAS_OTHER"));
    // What only looks like an alias is a name like others.
    for name in ["<data>/a.png", "<DATA/a.png", "<DATA>x/a.png", "<>/a.png"] {
        let error = media.read(name).unwrap_err();
        assert!(
            !matches!(error, Error::NoSuchAlias { .. }),
            "{name}: {error}"
        );
    }
}

#[test]
fn an_alias_may_be_relative_to_the_project_so_that_both_move_together() {
    let machine = machine();
    machine.aliases().set("DATA", "../../data").unwrap();
    let media = Media::of(&machine.table).allow(machine.url("data"));
    assert_eq!(media.read("<DATA>/inner/a.png").unwrap(), b"a".as_slice());
    let image = machine.url("data/inner/a.png");
    assert_eq!(media.name(&image).unwrap(), "<DATA>/inner/a.png");
    machine.aliases().set("INNER", "../../data/inner").unwrap();
    let media = Media::of(&machine.table);
    assert_eq!(media.name(&image).unwrap(), "<INNER>/a.png");
    let own = machine.url("projects/demo/images/b.png");
    assert_eq!(media.name(&own).unwrap(), "images/b.png");
    let elsewhere = machine.url("elsewhere.png");
    assert_eq!(media.name(&elsewhere).unwrap(), elsewhere.to_string());
}

#[test]
fn aliases_are_set_changed_and_removed_and_bad_ones_refused() {
    let root = Url::parse("memory://aliases-changed/").unwrap();
    table(&root);
    let none = Aliases::of(&root, "demo").unwrap();
    let one = none
        .set("DATA", "/one")
        .unwrap()
        .set("DATA", "/two")
        .unwrap();
    assert_eq!(one.get("DATA"), Some("/two"));
    // A change made by somebody who has not seen the others counts with them.
    let both = none.set("MORE", "s3://bucket/x").unwrap();
    assert_eq!(both.names().collect::<Vec<_>>(), ["DATA", "MORE"]);
    let left = both.remove("DATA").unwrap();
    assert_eq!(left.names().collect::<Vec<_>>(), ["MORE"]);
    assert!(matches!(
        left.remove("DATA"),
        Err(Error::NoSuchAlias { .. })
    ));
    let long = "A".repeat(65);
    for name in ["", "data", "DA TA", "DATA/X", "<DATA>", "Ä", long.as_str()] {
        assert!(
            matches!(one.set(name, "/x"), Err(Error::InvalidUrl { .. })),
            "{name}"
        );
    }
    for folder in ["", "scheme://x/y", "a//b", "a\0b"] {
        assert!(one.set("X", folder).is_err(), "{folder:?}");
    }
    assert!(
        Aliases::of(&root, "other")
            .unwrap()
            .names()
            .next()
            .is_none()
    );
}

#[test]
fn of_writers_at_once_all_count() {
    let root = Url::parse("memory://aliases-at-once/").unwrap();
    table(&root);
    std::thread::scope(|scope| {
        for writer in 0..8 {
            let root = &root;
            scope.spawn(move || {
                let aliases = Aliases::of(root, "demo").unwrap();
                aliases.set(&format!("A{writer}"), "/x").unwrap();
            });
        }
    });
    assert_eq!(Aliases::of(&root, "demo").unwrap().names().count(), 8);
    assert!(verify(&root).unwrap().problems.is_empty());
}

#[test]
fn damaged_aliases_are_told_and_mended_by_nobody() {
    let machine = machine();
    machine
        .aliases()
        .set("DATA", "/one")
        .unwrap()
        .set("MORE", "/two")
        .unwrap();
    let file = machine
        .folder
        .path()
        .join("projects/demo/aliases/00000000000000000001.json");
    let text = fs::read_to_string(&file).unwrap();
    assert!(verify(&machine.root).unwrap().problems.is_empty());
    for damaged in [text.replace("/two", "/six"), String::new(), "{}".to_owned()] {
        fs::write(&file, damaged).unwrap();
        assert!(Aliases::of(&machine.root, "demo").is_err());
        let media = Media::of(&machine.table);
        assert!(matches!(media.read("<DATA>/x"), Err(Error::Corrupt { .. })));
        assert_eq!(verify(&machine.root).unwrap().problems.len(), 1);
    }
    // The first one is gone, though there is another.
    fs::write(&file, text).unwrap();
    fs::remove_file(file.with_file_name("00000000000000000000.json")).unwrap();
    assert_eq!(verify(&machine.root).unwrap().problems.len(), 1);
}

/// What the environment says counts in a process of its own: other tests share this one's.
#[test]
fn the_environment_says_where_an_alias_is_on_this_machine_and_allows_it() {
    const ROLE: &str = "TLC_TEST_ALIAS_TABLE";
    if let Ok(url) = std::env::var(ROLE) {
        let media = Media::of(&Table::from_url(url.as_str()).unwrap());
        assert_eq!(media.read("<DATA>/inner/a.png").unwrap(), b"a".as_slice());
        assert!(matches!(
            media.read("<DATA>/../x"),
            Err(Error::NotAllowed { .. })
        ));
        println!("read");
        return;
    }
    let machine = machine();
    machine.aliases().set("DATA", "/nowhere").unwrap();
    let test = "aliases::the_environment_says_where_an_alias_is_on_this_machine_and_allows_it";
    let child = std::process::Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture"])
        .env(ROLE, machine.table.url().to_string())
        .env("TLC_ALIAS_DATA", machine.folder.path().join("data"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success() && said.contains("read"), "{said}");
}
