//! Who gets an answer from the dashboard, asked with raw bytes: no client cleans them up.

#![allow(clippy::panic, clippy::unwrap_used, clippy::too_many_lines)] // lists of attempts

mod raw;

use raw::{Answer, ask};
use std::collections::BTreeMap;
use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use tlc_core::{Columns, Run, RunOptions, Table, TableOptions, Url};
use tlc_dashboard::{Dashboard, Error, Serving, paths};

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

#[test]
fn it_listens_on_loopback_alone() {
    let served = Served::new();
    let port = format!(":{:04X} ", served.port());
    let listening = |file: &str| -> Vec<String> {
        let lines = fs::read_to_string(file).unwrap_or_default();
        let lines = lines.lines().map(str::to_owned);
        lines
            .filter(|line| {
                line.split_whitespace()
                    .nth(1)
                    .is_some_and(|at| format!("{at} ").ends_with(&port))
            })
            .collect()
    };
    let four = listening("/proc/net/tcp");
    if four.is_empty() {
        println!("SKIPPED: no /proc/net/tcp to look into");
    } else {
        assert!(
            four.iter().all(|line| line.contains(" 0100007F:")),
            "{four:?}"
        );
        assert_eq!(listening("/proc/net/tcp6"), [""; 0]);
    }
    assert!(served.serving.address().ip().is_loopback());
}

#[test]
fn it_does_not_start_where_others_can_reach_it_without_a_token() {
    let open = Dashboard::new()
        .host(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
        .port(0)
        .without_token();
    assert!(matches!(open.start(), Err(Error::Open { .. })));
    let served = Served::with(|dashboard| dashboard.host(IpAddr::V4(Ipv4Addr::UNSPECIFIED)));
    assert!(served.serving.link().contains("token="));
    assert_eq!(served.get("/api/projects", &[]).status, 401);
}

#[test]
fn every_route_needs_the_token() {
    let served = Served::new();
    let cookie = served.cookie();
    let wrong = format!("Cookie: tlc-{}={}", served.port(), "0".repeat(64));
    let cut = &cookie[..cookie.len() - 1];
    let bearer = format!("Authorization: Bearer {}", served.token());
    for target in targets()
        .iter()
        .map(String::as_str)
        .chain(["/", "/app.js", "/runs"])
    {
        let in_query = format!("{target}?token={}x", served.token());
        assert_eq!(served.get(target, &[]).status, 401, "{target}");
        assert_eq!(served.get(target, &[&wrong]).status, 401, "{target}");
        assert_eq!(served.get(target, &[cut]).status, 401, "{target}");
        assert_eq!(served.get(&in_query, &[]).status, 401, "{target}");
        if target != "/api/live" {
            assert_ne!(served.get(target, &[&cookie]).status, 401, "{target}");
            assert_ne!(served.get(target, &[&bearer]).status, 401, "{target}");
        }
        // But for the page itself, the link's token opens nothing.
        let right = format!("{target}?token={}", served.token());
        let expected = if target == "/" { 303 } else { 401 };
        assert_eq!(served.get(&right, &[]).status, expected, "{target}");
    }
}

#[test]
fn the_link_gives_a_cookie_that_no_script_and_no_other_site_has() {
    let served = Served::new();
    let token = served.token();
    assert_eq!(token.len(), 64, "256 bits");
    let answer = served.get(&format!("/?token={token}"), &[]);
    let cookie = answer.header("set-cookie").unwrap();
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"),
        "{cookie}"
    );
    assert_eq!(answer.header("location").as_deref(), Some("/"));
    assert!(!answer.body.contains(&token));
    assert_ne!(Served::new().token(), token);
}

#[test]
fn only_its_own_names_are_answered_on_every_route() {
    let served = Served::new();
    let (port, cookie) = (served.port(), served.cookie());
    let good = [
        format!("127.0.0.1:{port}"),
        format!("localhost:{port}"),
        format!("[::1]:{port}"),
    ];
    let bad = [
        "127.0.0.1".to_owned(),
        "localhost".to_owned(),
        format!("127.0.0.1:{}", port ^ 1),
        format!("127.0.0.1.:{port}"),
        format!("localhost.:{port}"),
        format!("LOCALHOST:{port}"),
        format!("user@localhost:{port}"),
        format!("127.0.0.1.evil.example:{port}"),
        format!("localhost.evil.example:{port}"),
        format!("evil.example:{port}"),
        "evil.example".to_owned(),
        format!("127.1:{port}"),
        format!("2130706433:{port}"),
        format!("0x7f000001:{port}"),
        format!("127.0.0.2:{port}"),
        format!("0.0.0.0:{port}"),
        format!("[::]:{port}"),
        format!("[::ffff:127.0.0.1]:{port}"),
        format!("localhost:0{port}"),
        format!("localhost:{port}, evil.example"),
        format!("http://localhost:{port}"),
        format!("localhost:{port}/"),
        String::new(),
        "*".to_owned(),
    ];
    for target in targets().iter().map(String::as_str).chain(["/", "/app.js"]) {
        let first = format!("GET {target} HTTP/1.1");
        for name in &bad {
            let host = format!("Host: {name}");
            let evil = format!("Origin: http://{name}");
            let answer = served.ask(
                &first,
                &[&host, &cookie, &evil, "Sec-Fetch-Site: same-origin"],
                "",
            );
            assert!(
                matches!(answer.status, 400 | 403),
                "{name} {target}: {}",
                answer.status
            );
            assert!(
                !answer.body.contains("demo") && !answer.body.contains("<html"),
                "{name}"
            );
        }
        assert!(matches!(
            served.ask(&first, &[&cookie], "").status,
            400 | 403
        ));
        let two = [
            format!("Host: {}", good[0]),
            "Host: evil.example".to_owned(),
        ];
        let answer = served.ask(&first, &[&two[0], &two[1], &cookie], "");
        assert!(matches!(answer.status, 400 | 403), "{target}");
    }
    let absolute = "GET http://evil.example/api/projects HTTP/1.1";
    let host = served.host();
    assert!(matches!(
        served.ask(absolute, &[&host, &cookie], "").status,
        400 | 403
    ));
    for name in good {
        let host = format!("Host: {name}");
        let answer = served.ask("GET /api/projects HTTP/1.1", &[&host, &cookie], "");
        assert_eq!(answer.status, 200, "{name}");
    }
}

#[test]
fn requests_that_change_something_come_from_its_own_page() {
    let served = Served::new();
    let own = format!("http://127.0.0.1:{}", served.port());
    let origins = [
        None,
        Some("null".to_owned()),
        Some(own.clone()),
        Some(format!("http://127.0.0.1:{}", served.port() ^ 1)),
        Some("http://evil.example".to_owned()),
        Some(format!("http://sub.localhost:{}", served.port())),
    ];
    let sites = [
        None,
        Some("same-origin"),
        Some("same-site"),
        Some("cross-site"),
        Some("none"),
    ];
    let contents = [None, Some("text/plain"), Some("application/json")];
    let methods = ["POST", "PUT", "DELETE", "PATCH"];
    let view = served.post(
        "/api/views",
        &["Content-Type: application/json"],
        &spec(&served),
    );
    let view = view.body.split("\"id\":\"").nth(1).unwrap()[..16].to_owned();
    let edit = r#"{"do":"keep","rows":[0]}"#;
    let before = served.files();
    let mut refused = 0;
    let (host, cookie) = (served.host(), served.cookie());
    for method in methods {
        for origin in &origins {
            for site in sites {
                for content in contents {
                    let is_allowed = method == "POST"
                        && origin.as_ref().is_none_or(|origin| *origin == own)
                        && site.is_none_or(|site| site == "same-origin")
                        && content == Some("application/json");
                    if is_allowed {
                        continue;
                    }
                    let headers = [
                        Some(host.clone()),
                        Some(cookie.clone()),
                        origin.as_ref().map(|origin| format!("Origin: {origin}")),
                        site.map(|site| format!("Sec-Fetch-Site: {site}")),
                        content.map(|content| format!("Content-Type: {content}")),
                    ];
                    let headers: Vec<&str> = headers.iter().flatten().map(String::as_str).collect();
                    let first = format!("{method} /api/views/{view}/edits HTTP/1.1");
                    let answer = served.ask(&first, &headers, edit);
                    assert!(
                        matches!(answer.status, 403 | 405 | 415),
                        "{headers:?} {}",
                        answer.status
                    );
                    assert!(answer.header("access-control-allow-origin").is_none());
                    refused += 1;
                }
            }
        }
    }
    assert_eq!(refused, 360 - 4);
    assert_eq!(served.files(), before);
    for target in targets().iter().filter(|target| *target != "/api/live") {
        served.get(target, &[&cookie]);
    }
    assert_eq!(served.files(), before);
    let origin = format!("Origin: {own}");
    let allowed = [
        "Content-Type: application/json",
        &origin,
        "Sec-Fetch-Site: same-origin",
    ];
    let answer = served.post(&format!("/api/views/{view}/edits"), &allowed, edit);
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_ne!(served.files(), before);
}

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

#[test]
fn read_only_refuses_edits_and_writes_nothing() {
    let served = Served::with(|dashboard| dashboard.read_only(true));
    let json = ["Content-Type: application/json"];
    let view = served.post("/api/views", &json, &spec(&served));
    let view = view.body.split("\"id\":\"").nth(1).unwrap()[..16].to_owned();
    let before = served.files();
    for (path, body) in [
        ("edits", r#"{"do":"set","rows":[0],"column":"x","value":1}"#),
        ("edits", r#"{"do":"undo"}"#),
        ("edits/commit", "{}"),
        ("findings", "{}"),
    ] {
        let answer = served.post(&format!("/api/views/{view}/{path}"), &json, body);
        assert_eq!(answer.status, 403, "{path}: {}", answer.body);
    }
    assert_eq!(served.files(), before);
}

#[test]
fn no_text_leads_out_of_what_is_served() {
    let served = Served::new();
    let cookie = served.cookie();
    let attempts = [
        "..",
        "../..",
        "../../secret.txt",
        "%2e%2e",
        "%2e%2e%2fsecret.txt",
        "..%2f..%2fsecret.txt",
        "....//secret.txt",
        "..\\secret.txt",
        "..%5csecret.txt",
        "/etc/passwd",
        "%2fetc%2fpasswd",
        "secret.txt",
        "./secret.txt",
        "secret.txt%00",
        "%00",
        "file:///etc/passwd",
        "C:\\secret.txt",
        "%252e%252e%252fsecret.txt",
        "..;/secret.txt",
        "%c0%ae%c0%ae/secret.txt",
        "\u{202e}txt.terces",
    ];
    let mut tried = 0;
    for path in paths() {
        for attempt in attempts {
            let filled = path
                .split('/')
                .map(|part| if part.starts_with('{') { attempt } else { part });
            let target = format!("/api{}", filled.collect::<Vec<_>>().join("/"));
            check_hidden(&served, &served.get(&target, &[&cookie]), &target);
            tried += 1;
        }
    }
    for attempt in attempts {
        for target in [
            format!("/{attempt}"),
            format!("/vendor/{attempt}"),
            format!("/panels/../{attempt}"),
        ] {
            check_hidden(&served, &served.get(&target, &[&cookie]), &target);
        }
        for (path, body) in [
            (
                "/api/views",
                format!(r#"{{"tables":["{}"]}}"#, attempt.escape_default()),
            ),
            (
                "/api/views",
                format!(r#"{{"runs":["{}"]}}"#, attempt.escape_default()),
            ),
        ] {
            let answer = served.post(path, &["Content-Type: application/json"], &body);
            assert!(
                (400..500).contains(&answer.status),
                "{body}: {}",
                answer.status
            );
            check_hidden(&served, &answer, &body);
            tried += 1;
        }
    }
    assert!(tried > 400, "{tried}");
}

fn check_hidden(served: &Served, answer: &Answer, what: &str) {
    let root = served.folder.path().to_str().unwrap();
    let shown = |text: &str| answer.body.contains(text);
    assert!(
        !shown(CANARY) && !shown("root:x:") && !shown(root),
        "{what}: {}",
        answer.body
    );
    assert_ne!(answer.status, 500, "{what}: {}", answer.body);
}

#[test]
fn every_answer_tells_the_browser_what_it_may_do() {
    let served = Served::new();
    let cookie = served.cookie();
    let host = served.host();
    let answers = [
        served.get("/", &[&cookie]),
        served.get("/", &[]),
        served.get("/app.js", &[&cookie]),
        served.get("/api/projects", &[&cookie]),
        served.get("/api/nothing", &[&cookie]),
        served.ask("POST /api/views HTTP/1.1", &[&host, &cookie], "x"),
        served.ask("GET / HTTP/1.1", &["Host: evil.example"], ""),
    ];
    for answer in answers {
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(
            answer.header("x-content-type-options").as_deref(),
            Some("nosniff")
        );
        assert!(answer.header("access-control-allow-origin").is_none());
    }
}

#[test]
fn large_and_slow_clients_keep_nobody_from_an_answer() {
    let served = Served::new();
    let cookie = served.cookie();
    let idle: Vec<_> = (0..300)
        .map(|_| std::net::TcpStream::connect(served.serving.address()).unwrap())
        .collect();
    let large = "x".repeat(9 << 20);
    let answer = served.post("/api/views", &["Content-Type: application/json"], &large);
    assert_eq!(answer.status, 413);
    assert_eq!(served.get("/api/projects", &[&cookie]).status, 200);
    drop(idle);
    let view = served.post(
        "/api/views",
        &["Content-Type: application/json"],
        &spec(&served),
    );
    let view = view.body.split("\"id\":\"").nth(1).unwrap()[..16].to_owned();
    let body = r#"{"page":{"start":0,"len":1000000000}}"#;
    let answer = served.post(
        &format!("/api/views/{view}/query"),
        &["Content-Type: application/json"],
        body,
    );
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(answer.body.contains("\"rows\":[0,1]"), "{}", answer.body);
}

#[test]
fn the_page_is_in_the_binary() {
    let served = Served::new();
    let page = served.get("/", &[&served.cookie()]);
    assert_eq!(page.status, 200);
    assert!(
        page.body.contains("<script type=\"importmap\">"),
        "{}",
        page.body
    );
    assert!(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("page/index.html")
            .exists()
    );
}
