//! Values as texts.

use crate::export::figures::digits;
use crate::export::texts::cut;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tlc_view::{Column, Kind, Meaning};

/// What stands in a cell without a value.
const NONE: &str = "—";

/// What a column is called.
pub(super) fn title(meaning: &Meaning) -> String {
    let shown = meaning.column.display_name.clone();
    shown.unwrap_or_else(|| meaning.name.clone())
}

/// The value of a row, in as many letters as fit.
pub(super) fn told(column: &Column, row: usize, most: usize) -> String {
    let number = column.number(row);
    let told = match column.kind() {
        Kind::Flag => number.map(|flag| if flag > 0.5 { "yes" } else { "no" }.to_owned()),
        Kind::Number => number.map(digits),
        Kind::Moment => column.id(row).and_then(moment),
        Kind::Class => class(column, row),
        Kind::Text | Kind::Other => column.text(row).map(|text| cut(text, most)),
    };
    told.unwrap_or_else(|| NONE.to_owned())
}

/// The class of a row; the number of one that has no name.
pub(super) fn class(column: &Column, row: usize) -> Option<String> {
    let name = column.text(row).map(str::to_owned);
    name.or_else(|| Some(format!("class {}", column.id(row)?)))
}

/// Bytes as they stand in a page.
pub(super) fn data_url(kind: &str, bytes: &[u8]) -> String {
    format!("data:{kind};base64,{}", STANDARD.encode(bytes))
}

fn moment(micros: i64) -> Option<String> {
    let moment = chrono::DateTime::from_timestamp_micros(micros)?;
    Some(moment.format("%Y-%m-%d %H:%M:%S").to_string())
}
