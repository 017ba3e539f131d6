//! Who gets an answer from the dashboard, asked with raw bytes: no client cleans them up.

#![allow(clippy::panic, clippy::unwrap_used, clippy::too_many_lines)] // lists of attempts

mod answers;
mod changes;
mod entry;
mod images;
mod raw;

use raw::{Answer, ask};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;
use tlc_core::{Columns, Run, RunOptions, Table, TableOptions, Url};
use tlc_dashboard::{Dashboard, Serving, paths};

/// Stands in a file outside of the root, and in one inside that no route serves.
const CANARY: &str = "canary-5e1f";

struct Served {
    folder: TempDir,
    serving: Serving,
}

impl Served {
    fn new() -> Self {
        Self::with(|dashboard| dashboard)
    }

    fn with(build: impl FnOnce(Dashboard) -> Dashboard) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("secret.txt"), CANARY).unwrap();
        let root = folder.path().join("projects");
        fs::create_dir(&root).unwrap();
        fs::write(root.join("secret.txt"), CANARY).unwrap();
        let root = Url::parse(root.to_str().unwrap()).unwrap();
        let options = TableOptions::new("demo", "train", "initial").root(&root);
        let rows = Columns::new().column("x", vec![0.5, 1.5]);
        Table::create(options, |writer| writer.add_batch(rows)).unwrap();
        Run::create(RunOptions::new("demo").root(&root).name("first")).unwrap();
        let dashboard = build(Dashboard::new().root(root).port(0));
        let serving = dashboard.start().unwrap();
        Self { folder, serving }
    }

    fn port(&self) -> u16 {
        self.serving.address().port()
    }

    fn token(&self) -> String {
        let link = self.serving.link();
        link.split_once("token=").unwrap().1.to_owned()
    }

    fn cookie(&self) -> String {
        format!("Cookie: tlc-{}={}", self.port(), self.token())
    }

    fn host(&self) -> String {
        format!("Host: 127.0.0.1:{}", self.port())
    }

    fn ask(&self, first: &str, headers: &[&str], body: &str) -> Answer {
        ask(self.serving.address(), first, headers, body)
    }

    fn get(&self, target: &str, headers: &[&str]) -> Answer {
        let host = self.host();
        let headers = [&[host.as_str()], headers].concat();
        self.ask(&format!("GET {target} HTTP/1.1"), &headers, "")
    }

    fn post(&self, target: &str, headers: &[&str], body: &str) -> Answer {
        let (host, cookie) = (self.host(), self.cookie());
        let headers = [&[host.as_str(), cookie.as_str()], headers].concat();
        self.ask(&format!("POST {target} HTTP/1.1"), &headers, body)
    }

    /// Every file below the root with its bytes.
    fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        let mut folders = vec![self.folder.path().to_path_buf()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                match path.is_dir() {
                    true => folders.push(path),
                    false => {
                        files.insert(path.clone(), fs::read(path).unwrap());
                    }
                }
            }
        }
        files
    }
}

/// The paths of all routes, with something that looks like an id in each place for one.
fn targets() -> Vec<String> {
    let filled = paths().into_iter().map(|path| {
        let parts = path.split('/').map(|part| match part.starts_with('{') {
            true => "0123456789abcdef",
            false => part,
        });
        format!("/api{}", parts.collect::<Vec<_>>().join("/"))
    });
    let filled: Vec<String> = filled.collect();
    assert!(filled.len() > 15, "{filled:?}");
    filled
}

/// A view of the table, as it is asked for.
fn spec(served: &Served) -> String {
    let cookie = served.cookie();
    let projects = served.get("/api/projects", &[&cookie]).body;
    let project = &projects.split("\"id\":\"").nth(1).unwrap()[..16];
    let tables = served
        .get(&format!("/api/projects/{project}/tables"), &[&cookie])
        .body;
    let table = &tables.split("\"id\":\"").nth(1).unwrap()[..16];
    format!(r#"{{"tables":["{table}"]}}"#)
}
