//! What expressions mean.

mod known;
mod made;
mod places;
mod random;
mod values;

use tlc_core::{Column, Columns, Table, TableOptions, Url};
use tlc_view::{Expression, View, ViewOptions};

/// A table alone, as a view.
fn view(name: &str, columns: Vec<Column>, rows: Columns) -> View {
    let root = Url::parse(&format!("memory://expressions-{name}/")).unwrap();
    let options = TableOptions::new("demo", "rows", "initial")
        .root(root)
        .columns(columns);
    let table = Table::create(options, |writer| writer.add_batch(rows)).unwrap();
    ViewOptions::new().table(&table).open().unwrap()
}

/// The known rows, as a view.
fn animals(name: &str) -> View {
    let (columns, rows) = known::animals();
    view(name, columns, rows)
}

fn rows_of(view: &View, text: &str) -> Vec<usize> {
    let expression = Expression::parse(text).unwrap_or_else(|error| panic!("{error}"));
    let mask = view.matching(&expression);
    mask.unwrap_or_else(|error| panic!("{error}"))
        .iter()
        .collect()
}

fn error_of(view: &View, text: &str) -> tlc_view::Error {
    match Expression::parse(text) {
        Ok(expression) => match view.matching(&expression) {
            Ok(mask) => panic!("{text}: {mask:?}"),
            Err(error) => error,
        },
        Err(error) => error,
    }
}
