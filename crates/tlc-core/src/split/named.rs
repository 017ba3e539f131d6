//! Parts that the values of a column name.

use super::keys;
use super::number::{MOST_PARTS, NONE, number};
use crate::arrow::array::{Array, ArrayRef, AsArray};
use crate::arrow::compute::cast;
use crate::arrow::datatypes::{DataType, Int64Type, UInt64Type};
use crate::{ClassMap, Error, Result, Table};
use std::collections::HashMap;

/// The names of the parts in their order, and the part of each row.
pub(super) fn deal(table: &Table, column: &str) -> Result<(Vec<String>, Vec<u8>)> {
    let classes = table.schema().require(column)?.value.classes().cloned();
    let classes = classes.unwrap_or_default();
    let mut found = Found::new(&classes);
    let mut of_row = Vec::with_capacity(table.len());
    keys::each_batch(table, column, |values| {
        for name in names(values, column, &classes)? {
            let part = name.map(|name| found.part(name));
            of_row.push(match part {
                None => NONE,
                Some(Ok(part)) => part,
                Some(Err(reason)) => {
                    let (table, row) = (table.url().clone(), of_row.len());
                    let reason = format!("`{column}`, row {row}: {reason}");
                    return Err(Error::Split { table, reason });
                }
            });
        }
        Ok(())
    })?;
    Ok(found.in_order(of_row))
}

/// What a part is called; numbers are ordered as such.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Name {
    Number(i128),
    Text(String),
}

/// Parts by name.
#[derive(Debug)]
struct Found {
    parts: HashMap<Name, u8>,
    /// Parts that were there before any row was read, which have their order.
    fixed: usize,
}

impl Found {
    fn new(classes: &ClassMap) -> Self {
        let mut parts = HashMap::new();
        if classes.len() <= MOST_PARTS {
            for name in classes.names() {
                let next = number(parts.len());
                parts.entry(Name::Text(name.to_owned())).or_insert(next);
            }
        }
        Self {
            fixed: parts.len(),
            parts,
        }
    }

    fn part(&mut self, name: Name) -> Result<u8, String> {
        if let Some(part) = self.parts.get(&name) {
            return Ok(*part);
        }
        if name == Name::Text(String::new()) {
            return Err("an empty text names no part: set a name, or no value".to_owned());
        }
        if self.parts.len() == MOST_PARTS {
            return Err(format!(
                "there are more than {MOST_PARTS} values, too many for parts"
            ));
        }
        let part = number(self.parts.len());
        self.parts.insert(name, part);
        Ok(part)
    }

    /// Numbers the parts by their names, but for those that have their order.
    fn in_order(self, of_row: Vec<u8>) -> (Vec<String>, Vec<u8>) {
        let fixed = self.fixed;
        let mut parts: Vec<(Name, u8)> = self.parts.into_iter().collect();
        parts.sort_by(|(one, first), (other, second)| {
            let place = |part: u8| usize::from(part).min(fixed);
            place(*first)
                .cmp(&place(*second))
                .then_with(|| one.cmp(other))
        });
        let mut places = [NONE; NONE as usize + 1];
        for (place, (_, part)) in parts.iter().enumerate() {
            if let Some(known) = places.get_mut(usize::from(*part)) {
                *known = number(place);
            }
        }
        let place = |part: u8| places.get(usize::from(part)).copied().unwrap_or(NONE);
        let names = parts.into_iter().map(|(name, _)| match name {
            Name::Number(number) => number.to_string(),
            Name::Text(text) => text,
        });
        (names.collect(), of_row.into_iter().map(place).collect())
    }
}

fn names(values: &ArrayRef, column: &str, classes: &ClassMap) -> Result<Vec<Option<Name>>> {
    let arrow = |source| Error::arrow("read the names of parts", source);
    Ok(match values.data_type() {
        DataType::Utf8 => {
            let texts = values.as_string::<i32>().iter();
            texts
                .map(|text| text.map(|text| Name::Text(text.to_owned())))
                .collect()
        }
        DataType::Boolean => {
            let values = values.as_boolean().iter();
            values
                .map(|value| value.map(|value| Name::Text(value.to_string())))
                .collect()
        }
        DataType::UInt64 => {
            let numbers = values.as_primitive::<UInt64Type>().iter();
            numbers
                .map(|number| number.map(|number| Name::Number(number.into())))
                .collect()
        }
        data_type if data_type.is_integer() => {
            let numbers = cast(values, &DataType::Int64).map_err(arrow)?;
            let numbers = numbers.as_primitive::<Int64Type>().iter();
            numbers
                .map(|number| class_or_number(number?, classes))
                .collect()
        }
        _ => {
            let needed = "texts, labels, integers and booleans name parts";
            return Err(keys::unfit(column, values, needed));
        }
    })
}

/// The class of a label; what is void is in no part.
fn class_or_number(number: i64, classes: &ClassMap) -> Option<Name> {
    if classes.is_empty() {
        return Some(Name::Number(number.into()));
    }
    let name = classes.name(i32::try_from(number).ok()?)?;
    Some(Name::Text(name.to_owned()))
}
