//! Texts of others, in as many letters as there is room for.

/// What a thing is called.
pub(crate) const NAME: usize = 80;
/// What is said about a thing.
pub(crate) const WORDS: usize = 1200;

/// The beginning of a text.
pub(crate) fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
