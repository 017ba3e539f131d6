//! Which version of the format a document with these columns has at least.

use super::{ClassMap, Column, ValueType};

/// Version of the format since which classes are more than names.
const CLASS_MAPS: u64 = 4;
/// Version of the format since which columns of keypoints have skeletons.
const SKELETONS: u64 = 5;
/// The newest version of the format that a schema may need.
pub(crate) const NEWEST: u64 = SKELETONS;

pub(super) fn of(columns: &[Column]) -> u64 {
    let versions = columns
        .iter()
        .map(|column| match column.skeletons.is_empty() {
            true => of_value(&column.value),
            false => SKELETONS,
        });
    versions.max().unwrap_or(1)
}

fn of_value(value: &ValueType) -> u64 {
    match value {
        ValueType::List { item, .. } | ValueType::Tensor { item, .. } => of_value(item),
        ValueType::Struct { fields } => of(fields),
        other => match other.classes().is_none_or(ClassMap::is_plain) {
            true => 1,
            false => CLASS_MAPS,
        },
    }
}
