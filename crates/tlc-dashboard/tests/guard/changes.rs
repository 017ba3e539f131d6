//! What changes something, and who may ask for it.

use super::{Served, spec, targets};
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
