//! Which files a source means, and how they are read.

use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::{BufRead, Read, Seek, SeekFrom, Write};
use std::path::Path;
use tlc_core::Url;
use tlc_core::storage;
use tlc_formats::{Error, Source, SourceFile};

fn folder(files: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in files {
        let path = folder.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, *file).unwrap();
    }
    folder
}

fn names(source: impl Into<Source>, folder: &Path) -> Result<Vec<String>, Error> {
    let folder = Url::from_path(folder).unwrap();
    let files = source.into().files(&["csv", "tsv"])?;
    let relative = |file: &SourceFile| file.url().relative_to(&folder).unwrap();
    Ok(files.iter().map(relative).collect())
}

#[test]
fn a_folder_means_its_files_of_the_format_at_any_depth_by_name() {
    let folder = folder(&[
        "b.csv",
        "a.TSV",
        "x/c.csv.gz",
        "x/y/d.csv",
        "notes.md",
        ".hidden.csv",
        ".git/e.csv",
        "csv",
    ]);
    let path = folder.path();
    let expected = ["a.TSV", "b.csv", "x/c.csv.gz", "x/y/d.csv"];
    assert_eq!(names(path, path).unwrap(), expected);
    assert_eq!(
        names(Url::from_path(path).unwrap(), path).unwrap(),
        expected
    );
}

#[test]
fn a_glob_matches_as_in_a_shell() {
    let folder = folder(&[
        "a1.csv",
        "a2.csv",
        "b1.csv",
        "x/a3.csv",
        "x/y/a4.csv",
        ".a5.csv",
    ]);
    let path = folder.path();
    for (pattern, expected) in [
        ("a*.csv", &["a1.csv", "a2.csv"][..]),
        ("[ab]1.*", &["a1.csv", "b1.csv"]),
        ("?2.csv", &["a2.csv"]),
        ("*/a*.csv", &["x/a3.csv"]),
        ("x/**/*.csv", &["x/a3.csv", "x/y/a4.csv"]),
        ("**/a?.csv", &["a1.csv", "a2.csv", "x/a3.csv", "x/y/a4.csv"]),
    ] {
        assert_eq!(
            names(path.join(pattern), path).unwrap(),
            expected,
            "{pattern}"
        );
    }
    for pattern in ["c*.csv", "a[.csv", "*/none"] {
        let none = names(path.join(pattern), path);
        assert!(
            matches!(none, Err(Error::NoFiles { .. })),
            "{pattern}: {none:?}"
        );
    }
}

#[test]
fn a_name_that_exists_is_that_file_whatever_its_characters() {
    let folder = folder(&["a[1].csv", "a1.csv", "what?.csv", "größer #1 %20.csv"]);
    let path = folder.path();
    for name in ["a[1].csv", "what?.csv", "größer #1 %20.csv"] {
        assert_eq!(names(path.join(name), path).unwrap(), [name]);
    }
    let all = ["a1.csv", "a[1].csv", "größer #1 %20.csv", "what?.csv"];
    assert_eq!(names(path, path).unwrap(), all);
    for pattern in ["*.csv", "**/*.csv"] {
        let mut found = names(path.join(pattern), path).unwrap();
        found.sort();
        assert_eq!(found, all, "{pattern}");
    }
}

#[test]
fn several_sources_keep_their_order_and_a_file_given_twice_is_refused() {
    let folder = folder(&["b.csv", "a.csv"]);
    let path = folder.path();
    let both = [path.join("b.csv"), path.join("a.csv")];
    assert_eq!(names(both, path).unwrap(), ["b.csv", "a.csv"]);
    let twice = vec![path.join("*.csv"), path.join("a.csv")];
    assert!(matches!(names(twice, path), Err(Error::Twice { file }) if file.name() == "a.csv"));
}

#[test]
fn what_is_not_there_is_told() {
    let folder = folder(&["a.md"]);
    let path = folder.path();
    for missing in [path.join("none.csv"), path.to_path_buf(), path.join("none")] {
        let refused = names(missing.clone(), path).unwrap_err();
        let named = refused.to_string().contains(missing.to_str().unwrap());
        assert!(
            matches!(refused, Error::NoFiles { .. }) && named,
            "{refused}"
        );
    }
    assert!(matches!(
        names(Vec::<&str>::new(), path),
        Err(Error::NoFiles { .. })
    ));
}

#[cfg(unix)]
#[test]
fn links_to_files_are_read_links_to_folders_not_followed_and_a_pipe_refused() {
    use std::os::unix::ffi::OsStrExt;
    let folder = folder(&["x/a.csv"]);
    let path = folder.path();
    std::os::unix::fs::symlink(path, path.join("x/round")).unwrap();
    std::os::unix::fs::symlink(path.join("x/a.csv"), path.join("linked.csv")).unwrap();
    assert_eq!(names(path, path).unwrap(), ["linked.csv", "x/a.csv"]);
    assert_eq!(
        names(path.join("**/*.csv"), path).unwrap(),
        ["linked.csv", "x/a.csv"]
    );
    let pipe = path.join("pipe.csv");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    assert!(names(pipe.clone(), path).is_err());
    std::fs::remove_file(pipe).unwrap();
    let odd = path.join(std::ffi::OsStr::from_bytes(b"\xff.csv"));
    std::fs::write(odd, "x").unwrap();
    let refused = names(path, path).unwrap_err().to_string();
    assert!(refused.contains("not UTF-8"), "{refused}");
}

#[test]
fn a_store_is_searched_by_url() {
    let root = Url::parse("memory://formats-sources/data").unwrap();
    let store = storage::open(&root).unwrap();
    for name in ["a.csv", "b.csv", "x/c.csv"] {
        let url = root.join(name).unwrap();
        store
            .put_if_absent(&url, name.as_bytes().to_vec().into())
            .unwrap();
    }
    let found = |text: &str| {
        let files = Source::from(text).files(&["csv"]).unwrap();
        files
            .iter()
            .map(|file| file.url().name().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        found("memory://formats-sources/data"),
        ["a.csv", "b.csv", "c.csv"]
    );
    assert_eq!(
        found("memory://formats-sources/data/*.csv"),
        ["a.csv", "b.csv"]
    );
    assert_eq!(found("memory://formats-sources/data/x/c.csv"), ["c.csv"]);
}

#[test]
fn a_reader_gives_the_bytes_and_seeks_and_unpacks_several_members() {
    let folder = folder(&[]);
    let bytes: Vec<u8> = (0..3_000_000_u32).map(|i| (i % 251) as u8).collect();
    let path = folder.path().join("large");
    std::fs::write(&path, &bytes).unwrap();
    let file = SourceFile::at(Url::from_path(&path).unwrap()).unwrap();
    let mut read = Vec::new();
    let mut reader = file.open().unwrap();
    reader.read_to_end(&mut read).unwrap();
    assert_eq!(read, bytes);
    reader.seek(SeekFrom::End(-3)).unwrap();
    reader.seek(SeekFrom::Current(1)).unwrap();
    let mut two = [0; 2];
    reader.read_exact(&mut two).unwrap();
    assert_eq!(two, bytes[bytes.len() - 2..]);

    let mut packed = Vec::new();
    for member in ["one\n", "two\n"] {
        let mut encoder = GzEncoder::new(&mut packed, Compression::fast());
        encoder.write_all(member.as_bytes()).unwrap();
        encoder.finish().unwrap();
    }
    std::fs::write(&path, packed).unwrap();
    let file = SourceFile::at(Url::from_path(&path).unwrap()).unwrap();
    let lines: Vec<String> = file
        .unpacked()
        .unwrap()
        .lines()
        .map(Result::unwrap)
        .collect();
    assert_eq!(lines, ["one", "two"]);
}

#[test]
fn a_file_that_grows_while_it_is_read_is_an_error() {
    let folder = folder(&["a"]);
    let path = folder.path().join("a");
    let file = SourceFile::at(Url::from_path(&path).unwrap()).unwrap();
    let mut reader = file.open().unwrap();
    std::fs::write(&path, "longer than before").unwrap();
    let error = reader.read_to_end(&mut Vec::new()).unwrap_err();
    assert!(matches!(
        file.failed(error),
        Error::Core(tlc_core::Error::Corrupt { .. })
    ));
}
