//! What columns take, in their documents and in memory.

use super::{Column, Skeleton, ValueType};

/// What the JSON of a column has beside its texts, about.
const COLUMN_BYTES: usize = 40;
/// What the JSON of a class that is more than a name has beside that, about.
const CLASS_BYTES: u64 = 48;

/// Bytes of a column as JSON, about. Its Arrow field carries that, and so do those of the
/// structs around it: `fields` of them, its own included.
pub(super) fn text_bytes(column: &Column, fields: u64) -> u64 {
    let optional = [&column.display_name, &column.description, &column.unit];
    let optional = optional.into_iter().flatten().map(String::len);
    let own = COLUMN_BYTES + column.name.len() + optional.sum::<usize>();
    let skeletons = column.skeletons.iter().map(Skeleton::text_bytes);
    (own as u64 + skeletons.sum::<u64>()) * fields + value_bytes(&column.value, fields)
}

fn value_bytes(value: &ValueType, fields: u64) -> u64 {
    match value {
        ValueType::List { item, .. } | ValueType::Tensor { item, .. } => value_bytes(item, fields),
        ValueType::Struct { fields: inner } => {
            let inner = inner.iter();
            inner.map(|column| text_bytes(column, fields + 1)).sum()
        }
        other => other.classes().map_or(0, |classes| {
            let own = if classes.is_plain() { 3 } else { CLASS_BYTES };
            let bytes = classes.names().map(|name| name.len() as u64 + own);
            bytes.sum::<u64>() * fields
        }),
    }
}

/// Number of columns, the fields of structs included, and of classes and values of skeletons.
pub(super) fn counts(columns: &[Column]) -> (u64, u64) {
    columns.iter().fold((0, 0), |(columns, classes), column| {
        let (fields, more) = counts_of(&column.value);
        let skeletons = column.skeletons.iter().map(Skeleton::values);
        (
            columns + 1 + fields,
            classes + more + skeletons.sum::<u64>(),
        )
    })
}

fn counts_of(value: &ValueType) -> (u64, u64) {
    match value {
        ValueType::List { item, .. } | ValueType::Tensor { item, .. } => counts_of(item),
        ValueType::Struct { fields } => counts(fields),
        other => (0, other.classes().map_or(0, |classes| classes.len() as u64)),
    }
}
