//! Printing: tables for people, JSON for programs.
//!
//! On a terminal columns are aligned, cut to its width and in colour, unless `NO_COLOR` is set.
//! Elsewhere a table is tab-separated, with all that its cells hold.

mod sparkline;
mod style;
mod table;

pub(crate) use self::sparkline::sparkline;
pub(crate) use self::style::{Tone, is_terminal, tinted};
pub(crate) use self::table::{Cell, Table};

use crate::{Failure, Place};
use serde::Serialize;
use serde_json::Value;
use std::io::{BufWriter, ErrorKind, Write, stdout};

/// What a verb found out.
pub(crate) trait Told: Serialize {
    /// Says it to people.
    fn print(&self) -> Result<(), Failure>;
}

/// Says it to people, or as JSON to programs.
pub(crate) fn tell(told: &impl Told, place: &Place) -> Result<(), Failure> {
    match place.json {
        true => json(told),
        false => told.print(),
    }
}

/// A line, to where the output goes.
pub(crate) fn line(text: &str) -> Result<(), Failure> {
    Ok(writeln!(stdout().lock(), "{text}")?)
}

/// Many lines, to where the output goes.
fn lines(texts: impl Iterator<Item = String>) -> Result<(), Failure> {
    let mut output = BufWriter::new(stdout().lock());
    for text in texts {
        writeln!(output, "{text}")?;
    }
    Ok(output.flush()?)
}

/// A line that says what is beside the matter: it is in the way of no program.
pub(crate) fn note(text: &str) -> Result<(), Failure> {
    line(&tinted(text, Tone::Faint))
}

/// Whether nobody reads the output any more, as after `| head`.
pub(crate) fn is_closed(failure: &Failure) -> bool {
    let error = failure.downcast_ref::<std::io::Error>();
    error.is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}

pub(crate) fn json(value: &(impl Serialize + ?Sized)) -> Result<(), Failure> {
    line(&serde_json::to_string_pretty(value)?)
}

/// Texts of others on one line, without what would steer a terminal or turn what follows.
pub(crate) fn plain(text: &str) -> String {
    let is_steering = |char: char| {
        let turns = matches!(char, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}');
        char.is_control() || turns || matches!(char, '\u{2066}'..='\u{2069}')
    };
    text.chars()
        .map(|char| if is_steering(char) { ' ' } else { char })
        .collect()
}

/// The same, on the lines that it has.
pub(crate) fn plain_lines(text: &str) -> String {
    text.lines().map(plain).collect::<Vec<_>>().join("\n")
}

/// A value of JSON as people read it; nothing where there is none.
pub(crate) fn value(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
        None => String::new(),
    }
}

/// A moment of RFC 3339 to the minute.
pub(crate) fn minutes(moment: &str) -> String {
    moment.get(..16).unwrap_or(moment).replace('T', " ")
}

/// Bytes as people say them.
pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

/// So many of what has this name.
pub(crate) fn many(count: usize, name: &str) -> String {
    match count {
        1 => format!("1 {name}"),
        _ => format!("{count} {name}s"),
    }
}

/// A text as a shell reads it back.
pub(crate) fn shell_word(text: &str) -> String {
    let is_bare = |char: char| char.is_ascii_alphanumeric() || "-_./@:+,=".contains(char);
    match !text.is_empty() && text.chars().all(is_bare) {
        true => text.to_owned(),
        false => format!("'{}'", plain(text).replace('\'', "'\\''")),
    }
}

/// A number with as many digits as people read.
pub(crate) fn number(value: f64) -> String {
    let size = value.abs();
    if value.fract() == 0.0 && size < 1e6 {
        return format!("{value}");
    }
    if !value.is_finite() || (1e-3..1e6).contains(&size) {
        format!("{value:.4}")
    } else {
        format!("{value:.3e}")
    }
}
