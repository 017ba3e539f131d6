//! Files that cells name are read from allowed folders alone.

use std::fs;
use tlc_core::{Columns, Error, Media, Table, TableOptions, Url};

const SECRET: &[u8] = b"not for everybody";

struct Project {
    folder: tempfile::TempDir,
    table: Table,
}

/// A table, an image beside it and one elsewhere, and a secret outside of both.
fn project() -> Project {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("projects");
    fs::create_dir_all(root.join("demo/images")).unwrap();
    fs::create_dir_all(folder.path().join("elsewhere")).unwrap();
    fs::write(root.join("demo/images/a 1.png"), b"near").unwrap();
    fs::write(folder.path().join("elsewhere/b.png"), b"far").unwrap();
    fs::write(folder.path().join("secret"), SECRET).unwrap();
    fs::write(root.join("secret"), SECRET).unwrap();
    let options =
        TableOptions::new("demo", "train", "initial").root(Url::from_path(&root).unwrap());
    let rows = Columns::new().column("label", vec![0]);
    let table = Table::create(options, |writer| writer.add_batch(rows)).unwrap();
    Project { folder, table }
}

impl Project {
    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn url(&self, name: &str) -> Url {
        Url::parse(&self.path(name)).unwrap()
    }
}

#[test]
fn what_is_in_the_project_or_in_an_allowed_folder_is_read() {
    let project = project();
    let media = Media::of(&project.table);
    let near = project.path("projects/demo/images/a 1.png");
    for name in ["images/a 1.png", "./images/a 1.png", &near] {
        assert_eq!(media.read(name).unwrap(), b"near".as_slice(), "{name}");
    }
    let url = project.url("projects/demo/images/a 1.png").to_string();
    assert_eq!(media.read(&url).unwrap(), b"near".as_slice());

    let far = project.path("elsewhere/b.png");
    assert!(matches!(media.read(&far), Err(Error::NotAllowed { .. })));
    let media = media.allow(project.url("elsewhere"));
    assert_eq!(media.read(&far).unwrap(), b"far".as_slice());
    let missing = project.path("elsewhere/c.png");
    assert!(matches!(media.read(&missing), Err(Error::NotFound { .. })));
    assert!(media.read("images").is_err());
}

#[test]
fn no_name_leads_out_of_the_folders() {
    let project = project();
    let media = Media::of(&project.table).allow(project.url("elsewhere"));
    let secret = project.path("secret");
    let with_dots = project.path("elsewhere/../secret");
    let beside = project.path("elsewhere-secret");
    fs::write(&beside, SECRET).unwrap();
    for name in [
        "../secret",
        "images/../../secret",
        "../../secret",
        "..",
        "",
        "/",
        "/etc/passwd",
        "file:///etc/passwd",
        "file://localhost/etc/passwd",
        "images/%2e%2e/%2e%2e/secret",
        "images\\..\\..\\secret",
        "http://127.0.0.1/x.png",
        "memory://other/x.png",
        "s3://bucket/x.png",
        "images/a 1.png\0",
        &secret,
        &with_dots,
        &beside,
        &project.url("secret").to_string(),
    ] {
        let read = media.read(name);
        assert!(read.is_err(), "{name:?} gave {read:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_folders_is_not_followed_and_one_into_them_is() {
    use std::os::unix::fs::symlink;
    let project = project();
    let images = project.folder.path().join("projects/demo/images");
    symlink(project.path("secret"), images.join("link.png")).unwrap();
    symlink(project.folder.path(), images.join("up")).unwrap();
    symlink(project.path("elsewhere"), images.join("more")).unwrap();
    let media = Media::of(&project.table);
    for name in ["images/link.png", "images/up/secret", "images/more/b.png"] {
        let read = media.read(name);
        assert!(
            matches!(read, Err(Error::NotAllowed { .. })),
            "{name}: {read:?}"
        );
    }
    let media = media.allow(project.url("elsewhere"));
    assert_eq!(media.read("images/more/b.png").unwrap(), b"far".as_slice());
    // The allowed folder may be a link itself.
    symlink(project.path("elsewhere"), project.path("alias")).unwrap();
    let media = Media::of(&project.table).allow(project.url("alias"));
    let aliased = project.path("alias/b.png");
    assert_eq!(media.read(&aliased).unwrap(), b"far".as_slice());
}

#[cfg(unix)]
#[test]
fn a_pipe_and_a_device_are_refused_without_waiting() {
    let project = project();
    let pipe = project.path("projects/demo/images/pipe.png");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let read = Media::of(&project.table).read("images/pipe.png");
    assert!(matches!(read, Err(Error::NotAFile { .. })), "{read:?}");
    let devices = Media::of(&project.table).allow(Url::parse("/dev").unwrap());
    let read = devices.read("/dev/zero");
    assert!(matches!(read, Err(Error::NotAFile { .. })), "{read:?}");
}
