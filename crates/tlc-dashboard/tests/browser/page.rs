//! A page in a real browser: what a person does to it, and what they see.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// Until something that must come has not. Machines that are busy take long for little.
const PATIENCE: Duration = Duration::from_secs(120);
const LOOK_EVERY: Duration = Duration::from_millis(30);

/// What the page does now, for scripts that read more than one element.
const ROWS: &str = include_str!("rows.js");

pub(crate) struct Page {
    hands: Child,
    /// Nothing once it is closed.
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
}

/// Where the scripts find `playwright-core` and `axe-core`.
fn modules() -> PathBuf {
    let set = std::env::var_os("TLC_NODE_MODULES").map(PathBuf::from);
    set.unwrap_or_else(|| PathBuf::from("."))
}

fn chromium() -> PathBuf {
    let set = std::env::var_os("TLC_CHROMIUM").map(PathBuf::from);
    set.unwrap_or_else(|| PathBuf::from("/usr/bin/chromium"))
}

/// What is missing of the tools that a browser takes.
fn missing() -> Option<String> {
    let node = Command::new("node").arg("--version").output();
    if !node.is_ok_and(|output| output.status.success()) {
        return Some("there is no `node`".to_owned());
    }
    if !chromium().is_file() {
        return Some(format!("there is no {}", chromium().display()));
    }
    let mut packages = ["playwright-core", "axe-core"].into_iter();
    let package = packages.find(|name| !modules().join("node_modules").join(name).is_dir())?;
    let place = modules();
    Some(format!(
        "`{package}` is not in {}/node_modules",
        place.display()
    ))
}

impl Page {
    /// A browser with a page at a link; `None`, said aloud, where its tools are missing.
    pub(crate) fn open(link: &str) -> Option<Self> {
        Self::sized(link, 1280, 720)
    }

    pub(crate) fn sized(link: &str, width: u32, height: u32) -> Option<Self> {
        if let Some(missing) = missing() {
            let required = std::env::var_os("TLC_REQUIRE_TOOLS").is_some_and(|value| value == "1");
            assert!(!required, "TLC_REQUIRE_TOOLS=1, but {missing}");
            // Past the capture of the test harness.
            let _ = writeln!(std::io::stderr(), "SKIPPED: {missing}");
            return None;
        }
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
        let mut hands = Command::new("node")
            .arg(folder.join("hands.mjs"))
            .env("TLC_NODE_MODULES", modules())
            .env("TLC_CHROMIUM", chromium())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let to = hands.stdin.take();
        let from = BufReader::new(hands.stdout.take().unwrap());
        let mut page = Self { hands, to, from };
        page.answer("start");
        page.hand(
            "open",
            json!({ "link": link, "width": width, "height": height }),
        );
        Some(page)
    }

    /// Does something to the page.
    pub(crate) fn hand(&mut self, what: &str, how: Value) -> Value {
        let mut line = how;
        line["do"] = json!(what);
        self.send(&line).unwrap();
        self.answer(&line.to_string())
    }

    fn send(&mut self, line: &Value) -> std::io::Result<()> {
        let to = self.to.as_mut().unwrap();
        writeln!(to, "{line}")?;
        to.flush()
    }

    fn answer(&mut self, to: &str) -> Value {
        let mut line = String::new();
        self.from.read_line(&mut line).unwrap();
        let mut answer: Value = serde_json::from_str(&line)
            .unwrap_or_else(|_| panic!("the browser is gone at {to}: {line}"));
        if let Some(error) = answer.get("error").and_then(Value::as_str) {
            let error = error.to_owned();
            panic!("{to}: {error}\n{}", self.picture());
        }
        answer["value"].take()
    }

    /// Where a picture of the page is, for whoever looks into a failure.
    fn picture(&mut self) -> String {
        let file = std::env::temp_dir().join(format!("tlc-browser-{}.png", self.hands.id()));
        let line = json!({ "do": "picture", "file": file });
        let sent = self.send(&line);
        let mut told = String::new();
        let seen = sent.and_then(|()| self.from.read_line(&mut told));
        seen.map_or_else(
            |error| error.to_string(),
            |_| format!("as in {}", file.display()),
        )
    }

    pub(crate) fn click(&mut self, at: &str) {
        self.hand("click", json!({ "at": at }));
    }

    pub(crate) fn press(&mut self, keys: &[&str]) {
        for key in keys {
            self.hand("press", json!({ "key": key }));
        }
    }

    pub(crate) fn fill(&mut self, at: &str, text: &str) {
        self.hand("fill", json!({ "at": at, "text": text }));
    }

    /// Waits until an element is in sight.
    pub(crate) fn wait(&mut self, at: &str) {
        self.hand("wait", json!({ "at": at }));
    }

    /// What elements say, in order.
    pub(crate) fn texts(&mut self, at: &str) -> Vec<String> {
        serde_json::from_value(self.hand("texts", json!({ "at": at }))).unwrap()
    }

    pub(crate) fn run(&mut self, script: &str) -> Value {
        self.hand("evaluate", json!({ "script": script }))
    }

    /// Waits until a script gives something other than `null`, `false`, 0 or no text, which is
    /// returned.
    pub(crate) fn until(&mut self, script: &str) -> Value {
        let end = Instant::now() + PATIENCE;
        loop {
            let value = self.run(script);
            let is_there = match &value {
                Value::Null | Value::Bool(false) => false,
                Value::Number(number) => number.as_f64() != Some(0.0),
                Value::String(text) => !text.is_empty(),
                _ => true,
            };
            if is_there {
                return value;
            }
            if Instant::now() > end {
                panic!("{script} has not come\n{}", self.picture());
            }
            std::thread::sleep(LOOK_EVERY);
        }
    }

    /// Drags the pointer through points of the page.
    pub(crate) fn drag(&mut self, path: &[(f64, f64)]) {
        self.hand("drag", json!({ "path": path }));
    }

    /// Left, top, width and height of an element.
    pub(crate) fn bounds(&mut self, at: &str) -> [f64; 4] {
        let found = self.hand("box", json!({ "at": at }));
        ["x", "y", "width", "height"].map(|side| found[side].as_f64().unwrap())
    }

    /// Goes to a place of the page, by the part of the address after `#`.
    pub(crate) fn go(&mut self, place: &str) {
        self.run(&format!("location.hash = {}", json!(place)));
    }

    /// One parameter of the address.
    pub(crate) fn parameter(&mut self, name: &str) -> Value {
        let script = format!(
            "(() => {{ const text = new URLSearchParams(location.hash.split('?')[1] ?? '').get({}); return text && JSON.parse(text); }})()",
            json!(name)
        );
        self.run(&script)
    }

    /// Every row that is listed, from the first to the last, as the table shows them.
    pub(crate) fn rows(&mut self) -> Vec<usize> {
        serde_json::from_value(self.until(ROWS)).unwrap()
    }

    /// Shows the rows as a table, as soon as they are there.
    pub(crate) fn as_table(&mut self) {
        self.click(".rowshead [role=radio]:has-text(\"Table\")");
        self.wait(".tableroom");
    }

    /// The rows that are listed, in no order.
    pub(crate) fn sorted_rows(&mut self) -> Vec<usize> {
        let mut rows = self.rows();
        rows.sort_unstable();
        rows
    }

    /// Waits until so many rows are counted over the list.
    pub(crate) fn counts(&mut self, rows: &str) {
        self.until(&format!(
            "document.querySelector('.rowshead .count b')?.textContent === {}",
            json!(rows)
        ));
    }

    /// Asks the server as the page does.
    pub(crate) fn api(&mut self, path: &str) -> Value {
        self.run(&format!(
            "fetch('api/{path}').then((answer) => answer.json())"
        ))
    }

    /// What went wrong since this was asked the last time: requests to other hosts, errors and
    /// warnings of the console, exceptions, dialogs.
    pub(crate) fn faults(&mut self) -> Value {
        self.hand("faults", json!({}))
    }

    /// Nothing went wrong.
    pub(crate) fn is_clean(&mut self) {
        let none = json!({ "elsewhere": [], "console": [], "thrown": [], "dialogs": [] });
        assert_eq!(self.faults(), none);
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        // The browser is closed before its hands go.
        self.to = None;
        let _ = self.hands.wait();
    }
}
