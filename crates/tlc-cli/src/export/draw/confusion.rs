//! The confusion matrix.

use super::head::share;
use super::tag::{Tag, tag};
use super::{Section, empty, rows, scrolling};
use crate::export::figures::{count, percent};
use crate::export::report::{Cell, Matrix, Pair};

/// Shades of a cell.
const SHADES: f64 = 9.0;

pub(super) fn section(matrix: &Matrix) -> Section {
    let (given, predicted) = &matrix.columns;
    let apart = (matrix.apart > 0)
        .then(|| empty(format!("{} without both are left out.", rows(matrix.apart))));
    let table = (!matrix.cells.is_empty()).then(|| scrolling("confusion matrix", table(matrix)));
    let many = matrix.cells.is_empty().then(|| {
        let classes = count(matrix.given.len() as u64);
        empty(format!("A matrix of {classes} classes has no room here: these are the pairs that are most often confused."))
    });
    let side = (!matrix.worst.is_empty()).then(|| pairs(&matrix.worst, matrix.rows));
    Section {
        id: "confusion",
        title: "Confusion".to_owned(),
        told: format!(
            "{} · rows: {given}, columns: {predicted}",
            share(matrix.right, matrix.rows)
        ),
        inside: many
            .into_iter()
            .chain([tag("div").is("beside").all(table).all(side)])
            .chain(apart)
            .collect(),
    }
}

fn table(matrix: &Matrix) -> Tag {
    let most = |is_right: bool| {
        let cells = matrix.cells.iter().flatten();
        let cells = cells.filter(|cell| cell.is_right == is_right);
        cells.map(|cell| cell.rows).max().unwrap_or(1).max(1)
    };
    let most = (most(true), most(false));
    let (given, predicted) = &matrix.columns;
    let heads = matrix.predicted.iter().map(|name| {
        let name = tag("span").put(tag("bdi").put(name));
        tag("th").with("scope", "col").put(name)
    });
    let lines = matrix
        .given
        .iter()
        .zip(&matrix.cells)
        .map(|(given, cells)| {
            let name = tag("th")
                .with("scope", "row")
                .with("title", given)
                .put(tag("bdi").put(given));
            let cells = matrix.predicted.iter().zip(cells);
            tag("tr")
                .put(name)
                .all(cells.map(|(predicted, shown)| cell(*shown, given, predicted, most)))
        });
    let caption = format!("{given} down, {predicted} across: how many rows");
    tag("table")
        .is("matrix")
        .put(tag("caption").is("unseen").put(caption))
        .put(
            tag("tbody").all(lines).put(
                tag("tr")
                    .is("heads")
                    .put(tag("th").is("dim").put(predicted))
                    .all(heads),
            ),
        )
}

fn cell(cell: Cell, given: &str, predicted: &str, most: (u64, u64)) -> Tag {
    let Cell { rows, is_right } = cell;
    let most = if is_right { most.0 } else { most.1 };
    let kind = if is_right { "right" } else { "wrong" };
    let shade = (SHADES * (rows as f64 / most as f64).sqrt()).ceil();
    let told = format!("{given} predicted as {predicted}: {}", count(rows));
    let shown = tag("td").with("title", told);
    match rows {
        0 => shown,
        rows => shown.is(&format!("{kind} shade-{shade}")).put(count(rows)),
    }
}

fn pairs(worst: &[Pair], rows: u64) -> Tag {
    let lines = worst.iter().map(|pair| {
        let names = tag("td")
            .put(tag("bdi").put(&pair.given))
            .put(" → ")
            .put(tag("bdi").is("wrong").put(&pair.predicted));
        let share = percent(pair.rows as f64 / rows.max(1) as f64);
        tag("tr")
            .put(names)
            .put(tag("td").is("number").put(count(pair.rows)))
            .put(tag("td").is("number dim").put(share))
    });
    let heads = [
        ("", "most often confused"),
        ("number", "rows"),
        ("number", "of all"),
    ];
    let heads = heads.map(|(class, name)| tag("th").is(class).put(name));
    let table = tag("table")
        .is("list narrow")
        .put(tag("thead").put(tag("tr").all(heads)))
        .put(tag("tbody").all(lines));
    scrolling("most often confused", table)
}
