//! Names of files as they are found in folders, whatever characters they have.

use crate::Result;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use tlc_core::Url;

/// Characters of a name that would be more than that in a URL.
const ESCAPED: &AsciiSet = &CONTROLS.add(b'%').add(b'#').add(b'?');

/// What a listing of a folder names. `Url::join` takes no name with `#`, `%` or `?`, which
/// files of others have.
///
/// # Errors
/// `InvalidUrl` for a control character or a backslash.
pub(crate) fn child(folder: &Url, name: &str) -> Result<Url> {
    if let Ok(url) = folder.join(name) {
        return Ok(url);
    }
    let name = utf8_percent_encode(name, ESCAPED);
    let folder = folder.to_string();
    Ok(Url::parse(&format!(
        "{}/{name}",
        folder.trim_end_matches('/')
    ))?)
}

/// Names in a local folder that are not UTF-8, which no URL can say, as far as they can be shown.
pub(crate) fn unreadable_names(folder: &Url) -> Vec<String> {
    let read = folder.to_path().and_then(|path| path.read_dir().ok());
    let names = read
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.file_name());
    let unreadable = names.filter(|name| name.to_str().is_none());
    let mut shown: Vec<String> = unreadable
        .map(|name| name.as_encoded_bytes().escape_ascii().to_string())
        .collect();
    shown.sort();
    shown
}
