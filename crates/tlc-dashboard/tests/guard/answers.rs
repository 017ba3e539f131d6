//! What an answer holds, whatever is asked.

use super::raw::Answer;
use super::{CANARY, Served, spec};
use std::path::Path;
use tlc_dashboard::paths;

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
    assert!(page.body.contains("src=\"app.js\""), "{}", page.body);
    let script = served.get("/app.js", &[&served.cookie()]);
    let modules = script.body.matches("\n})();").count();
    assert!(modules > 100, "{modules} modules");
    let style = served.get("/style.css", &[&served.cookie()]);
    assert!(style.body.contains(".uplot") && style.body.contains("@media"));
    for part in ["/state/view.js", "/style/base.css", "/vendor/htm/htm.mjs"] {
        assert_eq!(served.get(part, &[&served.cookie()]).status, 404, "{part}");
    }
    assert!(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("page/index.html")
            .exists()
    );
}
