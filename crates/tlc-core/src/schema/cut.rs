//! Texts that errors show, as much as a person reads.

/// Longest text of a value in an error, in characters.
const VALUE_CHARS: usize = 80;

/// A text that is no longer than an error should quote.
pub(crate) fn cut(text: &str) -> String {
    match text.char_indices().nth(VALUE_CHARS) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
