//! The page: its index, its modules as one script, its style sheets as one, its icon.

use crate::modules;
use axum::body::Bytes;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use rust_embed::Embed;
use std::sync::OnceLock;

#[derive(Embed)]
#[folder = "page"]
#[exclude = "vendor/types/*"]
#[exclude = "*.d.ts"]
#[exclude = "*.md"]
#[exclude = "tsconfig.json"]
struct Page;

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const INDEX: &str = "index.html";
const SCRIPT: &str = "app.js";
const STYLE: &str = "style.css";
const ICON: &str = "style/icon.svg";
/// What a module imports when it needs it.
const LATER: &str = "vendor/uplot/uPlot.esm.js";
/// In this order: what comes later wins.
const SHEETS: [&str; 11] = [
    "vendor/uplot/uPlot.min.css",
    "style/base.css",
    "style/widgets.css",
    "style/rooms.css",
    "style/samples.css",
    "style/picture.css",
    "style/values.css",
    "style/charts.css",
    "style/review.css",
    "style/tables.css",
    "style/narrow.css",
];

/// A file of the page, or the page itself for what it shows under other paths.
pub(crate) async fn serve(uri: Uri) -> Response {
    match uri.path().trim_start_matches('/') {
        SCRIPT => response(JAVASCRIPT, script()),
        LATER => response(JAVASCRIPT, text(LATER).map(Bytes::from)),
        STYLE => response("text/css; charset=utf-8", style()),
        ICON => response("image/svg+xml", text(ICON).map(Bytes::from)),
        path if path == INDEX || is_view(path) => {
            response("text/html; charset=utf-8", text(INDEX).map(Bytes::from))
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Makes what is asked for first, so that nobody waits for it.
pub(crate) fn prepare() {
    drop((script(), style()));
}

/// All modules, from the one that the page begins with on.
fn script() -> Option<Bytes> {
    static SCRIPTS: OnceLock<Option<Bytes>> = OnceLock::new();
    let join = || match modules::joined(SCRIPT, &text) {
        Ok(script) => Some(Bytes::from(script)),
        Err(reason) => {
            eprintln!("the page cannot be served: {reason}");
            None
        }
    };
    once(&SCRIPTS, join)
}

fn style() -> Option<Bytes> {
    static STYLES: OnceLock<Option<Bytes>> = OnceLock::new();
    once(&STYLES, || {
        let sheets: Option<Vec<String>> = SHEETS.iter().map(|sheet| text(sheet)).collect();
        Some(Bytes::from(sheets?.join("\n")))
    })
}

/// While the program is built to be worked on, the page is read anew each time.
fn once(held: &OnceLock<Option<Bytes>>, make: impl FnOnce() -> Option<Bytes>) -> Option<Bytes> {
    match cfg!(debug_assertions) {
        true => make(),
        false => held.get_or_init(make).clone(),
    }
}

fn text(path: &str) -> Option<String> {
    let file = Page::get(path)?;
    String::from_utf8(file.data.into_owned()).ok()
}

/// What the page shows has no file name.
fn is_view(path: &str) -> bool {
    !path.starts_with("api/") && !path.contains('.')
}

fn response(kind: &'static str, bytes: Option<Bytes>) -> Response {
    let Some(bytes) = bytes else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    (headers, bytes).into_response()
}

#[cfg(test)]
mod tests {
    use super::{Page, SHEETS};
    use std::collections::BTreeSet;

    #[test]
    fn every_style_sheet_is_part_of_the_one() {
        let sheets: BTreeSet<String> = Page::iter()
            .map(|path| path.into_owned())
            .filter(|path| path.ends_with(".css"))
            .collect();
        let listed = SHEETS.map(str::to_owned);
        assert_eq!(sheets, listed.into_iter().collect());
    }
}
