//! Rows as an aligned table of text.

use crate::arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use crate::arrow::compute::cast;
use crate::arrow::datatypes::{DataType, Field, Float32Type, Float64Type, Int32Type};
use crate::arrow::util::display::array_value_to_string;
use crate::{ClassMap, Role, Schema, ValueType};
use std::fmt::{Formatter, Result, Write};

/// Name of a column of labels, where nothing else says which they are.
pub(super) const LABEL: &str = "label";
/// Longest text of a cell, in characters.
const CELL_CHARS: usize = 40;

/// Writes the rows under the names of their columns; what a viewer does not show before
/// being asked is left out.
pub(super) fn write_rows(f: &mut Formatter<'_>, batch: &RecordBatch) -> Result {
    let columns = shown_columns(batch);
    for row in 0..=batch.num_rows() {
        let mut line = String::new();
        for column in &columns {
            let cell = column.cells.get(row).map_or("", String::as_str);
            let width = column.width;
            let gap = if line.is_empty() { "" } else { "  " };
            match column.is_number {
                true => write!(line, "{gap}{cell:>width$}")?,
                false => write!(line, "{gap}{cell:<width$}")?,
            }
        }
        writeln!(f, "{}", line.trim_end())?;
    }
    Ok(())
}

/// A column as text, its name first.
struct Shown {
    cells: Vec<String>,
    width: usize,
    is_number: bool,
}

fn shown_columns(batch: &RecordBatch) -> Vec<Shown> {
    // A schema that is none of ours is shown by its Arrow types.
    let schema = Schema::from_arrow(batch.schema_ref()).unwrap_or_default();
    let fields = batch.schema_ref().fields().iter().zip(batch.columns());
    let shown = fields.filter_map(|(field, values)| {
        let column = schema.column(field.name());
        let labels = labels_of_predictions(field, values, &schema);
        let (values, classes) = labels
            .as_ref()
            .map_or((values, None), |(values, classes)| (values, Some(*classes)));
        if column.is_some_and(|column| !column.visible) {
            return None;
        }
        let value = classes.or(column.map(|column| &column.value));
        let rows = (0..values.len()).map(|row| cell(values, value, row));
        let cells: Vec<String> = std::iter::once(one_line(field.name()))
            .chain(rows)
            .collect();
        let width = cells.iter().map(|cell| cell.chars().count()).max();
        Some(Shown {
            width: width.unwrap_or(0),
            cells,
            is_number: field.data_type().is_numeric()
                && value.is_none_or(|value| value.classes().is_none_or(ClassMap::is_empty)),
        })
    });
    shown.collect()
}

/// Labels that nobody has named are the classes that are predicted.
fn labels_of_predictions<'a>(
    field: &Field,
    values: &ArrayRef,
    schema: &'a Schema,
) -> Option<(ArrayRef, &'a ValueType)> {
    if field.name() != LABEL || !field.data_type().is_integer() {
        return None;
    }
    let own = schema
        .column(LABEL)
        .and_then(|column| column.value.classes());
    let mut columns = schema.columns().iter();
    let predicted = columns.find(|column| column.role == Some(Role::Prediction))?;
    let is_class = matches!(predicted.value, ValueType::CategoricalLabel { .. });
    if own.is_some() || !is_class {
        return None;
    }
    let labels = cast(values, &DataType::Int32).ok()?;
    Some((labels, &predicted.value))
}

fn cell(values: &ArrayRef, value: Option<&ValueType>, row: usize) -> String {
    one_line(&text(values, value, row))
}

fn text(values: &ArrayRef, value: Option<&ValueType>, row: usize) -> String {
    if values.is_null(row) {
        return String::new();
    }
    let text = match (values.data_type(), value) {
        (DataType::Int32, Some(ValueType::CategoricalLabel { classes })) => {
            let labels = values.as_primitive_opt::<Int32Type>();
            labels.and_then(|labels| name(classes, labels.value(row)))
        }
        (DataType::Float32, _) => values
            .as_primitive_opt::<Float32Type>()
            .map(|floats| number(f64::from(floats.value(row)))),
        (DataType::Float64, _) => values
            .as_primitive_opt::<Float64Type>()
            .map(|floats| number(floats.value(row))),
        (DataType::Binary, _) => values
            .as_binary_opt::<i32>()
            .map(|bytes| format!("{} bytes", bytes.value(row).len())),
        (DataType::List(_), _) => values
            .as_list_opt::<i32>()
            .map(|lists| items(&lists.value(row), value)),
        (DataType::FixedSizeList(..), _) => values
            .as_fixed_size_list_opt()
            .map(|lists| items(&lists.value(row), value)),
        _ => None,
    };
    text.or_else(|| array_value_to_string(values, row).ok())
        .unwrap_or_default()
}

/// What a label is called.
fn name(classes: &ClassMap, label: i32) -> Option<String> {
    let void = (classes.void() == Some(label)).then_some("void");
    classes.name(label).or(void).map(str::to_owned)
}

fn items(values: &ArrayRef, list: Option<&ValueType>) -> String {
    let item = match list {
        Some(ValueType::List { item, .. } | ValueType::Tensor { item, .. }) => Some(&**item),
        _ => None,
    };
    // More would be cut off.
    let shown = (0..values.len().min(CELL_CHARS)).map(|row| text(values, item, row));
    format!("[{}]", shown.collect::<Vec<_>>().join(", "))
}

/// Four digits after the point, or of a number that is very large or small.
fn number(value: f64) -> String {
    let size = value.abs();
    if size == 0.0 || (1e-3..1e6).contains(&size) || !value.is_finite() {
        format!("{value:.4}")
    } else {
        format!("{value:.3e}")
    }
}

/// The text on one line, cut where it is too long.
fn one_line(text: &str) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    if text.chars().nth(CELL_CHARS).is_none() {
        return text.chars().map(plain).collect();
    }
    let start = text.chars().take(CELL_CHARS - 1).map(plain);
    start.chain(['…']).collect()
}
