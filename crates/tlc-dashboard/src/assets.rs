//! The page: files in the binary.

use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rust_embed::{Embed, EmbeddedFile};
use sha2::{Digest, Sha256};

#[derive(Embed)]
#[folder = "page"]
#[exclude = "vendor/types/*"]
#[exclude = "*.d.ts"]
#[exclude = "*.md"]
#[exclude = "tsconfig.json"]
struct Page;

const INDEX: &str = "index.html";
const MAP_START: &str = "<script type=\"importmap\">";
const MAP_END: &str = "</script>";
const HEAD_END: &str = "</head>";

/// A file of the page, or the page itself for what it shows under other paths.
pub(crate) async fn serve(uri: Uri) -> Response {
    let path = uri.path().trim_start_matches('/');
    match (Page::get(path), is_view(path)) {
        (Some(file), _) if path != INDEX => file_response(path, file.data.into_owned()),
        (None, false) => StatusCode::NOT_FOUND.into_response(),
        _ => match Page::get(INDEX) {
            Some(file) => file_response(INDEX, preloading(&file)),
            None => StatusCode::NOT_FOUND.into_response(),
        },
    }
}

/// The page with links to all modules, so that a browser asks for them at once, and not for each
/// when it has read the one that imports it.
fn preloading(index: &EmbeddedFile) -> Vec<u8> {
    let index = String::from_utf8_lossy(&index.data);
    let Some((head, body)) = index.split_once(HEAD_END) else {
        return index.into_owned().into_bytes();
    };
    let modules = Page::iter().filter(|path| path.ends_with(".js") || path.ends_with(".mjs"));
    let links = modules.map(|path| format!("<link rel=\"modulepreload\" href=\"{path}\">\n"));
    let links: String = links.collect();
    format!("{head}{links}{HEAD_END}{body}").into_bytes()
}

/// The hash of the page's import map, as a content security policy has it.
pub(crate) fn import_map_hash() -> String {
    let page = Page::get(INDEX).map(|file| String::from_utf8_lossy(&file.data).into_owned());
    let page = page.unwrap_or_default();
    let map = page
        .split_once(MAP_START)
        .and_then(|(_, rest)| rest.split_once(MAP_END));
    let hash = Sha256::digest(map.map_or("", |(map, _)| map).as_bytes());
    STANDARD.encode(hash)
}

/// What the page shows has no file name.
fn is_view(path: &str) -> bool {
    !path.starts_with("api/") && !path.contains('.')
}

fn file_response(path: &str, bytes: Vec<u8>) -> Response {
    let kind = HeaderValue::from_static(content_type(path));
    let cache = HeaderValue::from_static("no-cache");
    let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, cache)];
    (headers, bytes).into_response()
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        _ => "text/plain; charset=utf-8",
    }
}
