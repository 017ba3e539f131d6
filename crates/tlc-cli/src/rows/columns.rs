//! Which columns are shown, and in which order the rows.

use crate::{End, Failure};
use tlc_core::{EXAMPLE_ID, Table};
use tlc_view::{Defaults, Kind, Meaning, OrderBy, View};

/// Columns by which a view tells where rows come from.
const ORIGIN: [&str; 3] = ["run", "table", "table_row"];

/// The columns that are asked for; without any those that a viewer shows.
pub(crate) fn chosen(asked: &[String], view: &View) -> Result<Vec<String>, Failure> {
    if asked.is_empty() {
        return Ok(shown(view));
    }
    let known: Vec<&str> = view.columns().map(|column| column.name.as_str()).collect();
    let names = asked.iter().flat_map(|text| split(text, &known));
    let names = names.map(|name| Ok(view.meaning(name)?.name.clone()));
    Ok(once(names.collect::<Result<Vec<_>, Failure>>()?))
}

/// The columns of a table that are asked for, or that a viewer shows.
pub(crate) fn chosen_of_table(asked: &[String], table: &Table) -> Result<Vec<String>, Failure> {
    let schema = table.schema();
    if asked.is_empty() {
        let shown = schema.columns().iter().filter(|column| column.visible);
        return Ok(shown.map(|column| column.name.clone()).collect());
    }
    let known: Vec<&str> = schema.names().collect();
    let names = asked.iter().flat_map(|text| split(text, &known));
    let names = names.map(|name| Ok(schema.require(name)?.name.clone()));
    Ok(once(names.collect::<Result<Vec<_>, Failure>>()?))
}

/// The order that is asked for: columns, each with `asc` or `desc` after it or in the
/// direction that is usual.
pub(crate) fn order(
    asked: &[String],
    view: &View,
    is_descending: bool,
) -> Result<Vec<OrderBy>, Failure> {
    let known: Vec<&str> = view.columns().map(|column| column.name.as_str()).collect();
    let mut order = Vec::new();
    for text in asked.iter().flat_map(|text| split(text, &known)) {
        let (name, descending) = match text.rsplit_once(char::is_whitespace) {
            Some((name, direction)) if !known.contains(&text) => match direction {
                _ if direction.eq_ignore_ascii_case("desc") => (name.trim(), true),
                _ if direction.eq_ignore_ascii_case("asc") => (name.trim(), false),
                _ => (text, is_descending),
            },
            _ => (text, is_descending),
        };
        let column = view.meaning(name)?.name.clone();
        order.push(OrderBy { column, descending });
    }
    Ok(order)
}

/// A text as the name of a column, or as several with commas between them.
fn split<'t>(text: &'t str, known: &[&str]) -> Vec<&'t str> {
    match known.contains(&text) {
        true => vec![text],
        false => text.split(',').map(str::trim).collect(),
    }
}

/// What says who a sample is and what the model thinks of it comes first; where rows come from
/// is left out, and what was found comes last.
fn shown(view: &View) -> Vec<String> {
    let Defaults {
        label,
        predicted,
        confidence,
        loss,
        ..
    } = view.defaults();
    let is_of_run = view.columns().any(|meaning| !meaning.is_of_table);
    let first = [label, predicted, confidence, loss];
    let first = first.into_iter().flatten().filter(|_| is_of_run);
    let is_shown = |meaning: &&Meaning| {
        let is_origin = ORIGIN.contains(&meaning.name.as_str()) || meaning.name == EXAMPLE_ID;
        // Vectors that a model gives are many numbers.
        let is_read = meaning.kind != Kind::Other || meaning.is_of_table;
        let is_own = meaning.is_of_table || !is_origin;
        meaning.column.visible && is_read && is_own && meaning.selection.is_none()
    };
    let mut others: Vec<&Meaning> = view.columns().filter(is_shown).collect();
    others.sort_by_key(|meaning| (is_of_run && meaning.is_of_table, meaning.is_finding));
    let others = others.into_iter().map(|meaning| meaning.name.clone());
    once(first.chain(others))
}

/// Each name where it comes first.
pub(crate) fn once<N: PartialEq>(names: impl IntoIterator<Item = N>) -> Vec<N> {
    names.into_iter().fold(Vec::new(), |mut names, name| {
        if !names.contains(&name) {
            names.push(name);
        }
        names
    })
}

/// A column of images, if there is one.
pub(crate) fn images(view: &View) -> Result<String, Failure> {
    view.defaults()
        .image
        .ok_or_else(|| End::wrong_use("no column holds images, which a contact sheet is made of"))
}
