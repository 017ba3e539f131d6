//! What expressions mean.

mod places;
mod random;
mod values;

use tlc_core::{Column, Columns, Table, TableOptions, Url, ValueType};
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

/// Six rows of all kinds.
fn animals(name: &str) -> View {
    let nullable = |name: &str, value| Column::new(name, value).nullable(true);
    let classes = || ValueType::labels(["cat", "dog", "owl"]);
    let columns = vec![
        nullable("loss", ValueType::Float32),
        nullable("n", ValueType::Int64),
        nullable("label", classes()),
        Column::new("predicted", classes()),
        Column::new("other", ValueType::labels(["dog", "cat"])),
        nullable("nothing", ValueType::labels(Vec::<String>::new())),
        nullable("note", ValueType::String),
        nullable("flag", ValueType::Bool),
        Column::new("column with spaces", ValueType::Int32),
        Column::new("Weight", ValueType::Float64),
        Column::new("key", ValueType::UInt64),
    ];
    let notes = [
        Some("dog house"),
        None,
        Some("Über"),
        Some("100%"),
        Some(""),
        Some("a_b"),
    ];
    let inf = f32::INFINITY;
    let loss = vec![
        Some(0.5),
        Some(2.5),
        Some(-f32::NAN),
        None,
        Some(inf),
        Some(-0.0),
    ];
    let rows = Columns::new()
        .column("loss", loss)
        .column(
            "n",
            vec![Some(0_i64), Some(3), Some(-7), None, Some(100), Some(7)],
        )
        .column(
            "label",
            vec![Some(0), Some(1), Some(2), None, Some(1), Some(2)],
        )
        .column("predicted", vec![0, 2, 2, 1, 1, 0])
        .column("other", vec![1, 0, 0, 1, 0, 1])
        .column("nothing", vec![None::<i32>; 6])
        .column("note", notes.map(|note| note.map(str::to_owned)).to_vec())
        .column(
            "flag",
            vec![Some(true), Some(false), None, Some(true), Some(false), None],
        )
        .column("column with spaces", vec![0, 1, 2, 3, 4, 5])
        .column("Weight", vec![1.0, 0.5, 0.0, 1e300, -1.0, 2.0])
        .column("key", vec![1, u64::MAX, 3, 1 << 63, 5, 6]);
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
