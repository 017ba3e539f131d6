//! Who is let in: by address, token and host.

use super::{Served, targets};
use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use tlc_dashboard::{Dashboard, Error};

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
