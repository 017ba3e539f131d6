//! Images that tables name: whoever wrote the table chose the names.

use super::raw::Answer;
use super::{CANARY, Served};
use std::fs;
use tlc_core::{Column, Columns, Table, TableOptions, Url, ValueType};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\nimage-of-the-project";

/// What is text, too.
const GIF: &str = "GIF89a small";

/// The answers to an image in each of the rows of a table with these names, by a server that
/// has a project folder, a folder beside it, and secrets.
fn answers(names: &[&str], is_beside_allowed: bool) -> (Served, Vec<Answer>) {
    let beside = tempfile::tempdir().unwrap();
    let folder = Url::from_path(beside.path()).unwrap();
    fs::write(beside.path().join("beside.png"), PNG).unwrap();
    fs::write(beside.path().join("page.png"), "<script>alert(1)</script>").unwrap();
    let served = Served::with(|dashboard| match is_beside_allowed {
        true => dashboard.images(folder),
        false => dashboard,
    });
    let projects = served.folder.path().join("projects");
    fs::write(projects.join("demo/inside.png"), PNG).unwrap();
    fs::write(projects.join("demo/small.gif"), GIF).unwrap();
    fs::write(projects.join("demo/large.gif"), GIF.repeat(10_000)).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(
        served.folder.path().join("secret.txt"),
        projects.join("demo/link.png"),
    )
    .unwrap();
    let beside = beside.path().to_str().unwrap();
    let names: Vec<String> = names
        .iter()
        .map(|name| name.replace("BESIDE", beside))
        .collect();
    let rows = names.len();
    let options = TableOptions::new("demo", "pictures", "initial")
        .root(Url::from_path(&projects).unwrap())
        .column(Column::new("image", ValueType::image_url()));
    let named = Columns::new().column("image", names);
    let table = Table::create(options, |writer| writer.add_batch(named)).unwrap();
    let answers = (0..rows).map(|row| {
        let view = view_of(&served, table.dataset().as_str());
        let target = format!("/api/views/{view}/samples/{row}/image?column=image");
        served.get(&target, &[&served.cookie()])
    });
    let answers = answers.collect();
    (served, answers)
}

/// An open view of the first table of a data set.
fn view_of(served: &Served, dataset: &str) -> String {
    let cookie = served.cookie();
    let id_before = |body: &str, mark: &str| {
        let before = &body[..body.find(mark).unwrap()];
        before.rsplit("\"id\":\"").next().unwrap()[..16].to_owned()
    };
    let projects = served.get("/api/projects", &[&cookie]).body;
    let project = id_before(&projects, "\"name\":\"demo\"");
    let tables = served.get(&format!("/api/projects/{project}/tables"), &[&cookie]);
    let table = id_before(&tables.body, &format!("\"dataset\":\"{dataset}\""));
    let json = ["Content-Type: application/json"];
    let opened = served.post("/api/views", &json, &format!(r#"{{"tables":["{table}"]}}"#));
    assert_eq!(opened.status, 200, "{}", opened.body);
    opened.body.split("\"id\":\"").nth(1).unwrap()[..16].to_owned()
}

#[test]
fn an_image_of_the_project_is_shown_as_what_its_bytes_are() {
    let (_served, answers) = answers(&["inside.png", "BESIDE/beside.png"], true);
    for answer in answers {
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-type").as_deref(), Some("image/png"));
        assert_eq!(
            answer.header("x-content-type-options").as_deref(),
            Some("nosniff")
        );
        assert!(answer.body.ends_with("image-of-the-project"));
    }
}

#[test]
fn no_name_of_an_image_leads_out_of_the_folders_nor_tells_where_they_are() {
    let names = [
        "../secret.txt",
        "../../secret.txt",
        "link.png",
        "/etc/passwd",
        "file:///etc/passwd",
        "BESIDE/beside.png",
        "BESIDE/../secret.txt",
        "http://127.0.0.1/secret.png",
        "s3://bucket/secret.png",
        "inside.png\0",
        "..",
        "",
        "runs",
        "gone.png",
    ];
    let (served, answers) = answers(&names, false);
    let root = served.folder.path().to_str().unwrap();
    for (name, answer) in names.iter().zip(answers) {
        assert!(
            (400..500).contains(&answer.status),
            "{name:?}: {}",
            answer.status
        );
        for hidden in [CANARY, "root:x:", root] {
            assert!(!answer.body.contains(hidden), "{name:?}: {}", answer.body);
        }
    }
}

#[test]
fn small_images_of_many_rows_come_in_one_answer_and_others_by_themselves() {
    let names = [
        "small.gif",
        "../secret.txt",
        "large.gif",
        "gone.png",
        "small.gif",
    ];
    let (served, _) = answers(&names, false);
    let target = format!("/api/views/{}/images", view_of(&served, "pictures"));
    let ask = |body: &str| served.post(&target, &["Content-Type: application/json"], body);
    let answer = ask(r#"{"column": "image", "rows": [4, 3, 2, 1, 0, 99]}"#);
    let one = r#""data:image/gif;base64,R0lGODlhIHNtYWxs""#;
    let images = format!("[{one},null,null,null,{one},null]");
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body, format!(r#"{{"images":{images}}}"#));
    let none = ask(r#"{"column": "image", "rows": []}"#);
    assert_eq!(none.body, r#"{"images":[]}"#);
    assert_eq!(ask(r#"{"column": "picture", "rows": [0]}"#).status, 400);
    let rows: Vec<usize> = vec![0; 257];
    let many = ask(&format!(r#"{{"column": "image", "rows": {rows:?}}}"#));
    assert!(
        many.status == 400 && many.body.contains("at most 256"),
        "{}",
        many.body
    );
}

#[test]
fn what_is_no_image_is_not_sent_wherever_it_is() {
    let (_served, answers) = answers(&["BESIDE/page.png", "datasets"], true);
    for answer in answers {
        assert_eq!(answer.status, 415, "{}", answer.body);
        assert!(!answer.body.contains("<script>"));
    }
}
