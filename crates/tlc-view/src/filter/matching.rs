//! The rows that a filter lets through.

use super::lasso::Polygon;
use super::{Filter, Special};
use crate::column::{Kind, Number, with_numbers};
use crate::{Column, Error, Expression, Mask, Result, View};
use std::collections::HashSet;
use std::sync::Arc;
use tlc_core::arrow::array::{Array, AsArray};

/// Filters inside one another, and corners of a lasso: more are no filter that a person made.
const MOST_DEPTH: usize = 32;
const MOST_CORNERS: usize = 10_000;

pub(super) fn matching(filter: &Filter, view: &View) -> Result<Mask> {
    nested(filter, view, 0)
}

fn nested(filter: &Filter, view: &View, depth: usize) -> Result<Mask> {
    if depth > MOST_DEPTH {
        return Err(Error::Setting {
            setting: "filters",
            expected: "at most 32 inside one another",
            found: "more".to_owned(),
        });
    }
    match filter {
        Filter::Range { column, min, max } => range(&*view.column(column)?, *min, *max),
        Filter::Classes {
            column,
            ids,
            missing,
        } => classes(&*view.column(column)?, ids, *missing),
        Filter::Flag { column, is } => flag(&*view.column(column)?, *is),
        Filter::Contains { column, text } => contains(&*view.column(column)?, text),
        Filter::Special { column, is } => special(&*view.column(column)?, *is),
        Filter::Lasso { x, y, polygon } => lasso(&[view.column(x)?, view.column(y)?], polygon),
        Filter::Expression { text } => view.matching(&Expression::parse(text)?),
        Filter::Rows { rows } => Ok(Mask::of_rows(view.len(), rows.iter().copied())),
        Filter::Not { filter } => Ok(nested(filter, view, depth + 1)?.not()),
        Filter::Any { filters } => {
            let none = Mask::full(view.len(), false);
            let mut masks = filters.iter().map(|filter| nested(filter, view, depth + 1));
            masks.try_fold(none, |any, mask| Ok(any.or(&mask?)))
        }
    }
}

fn range(column: &Column, min: Option<f64>, max: Option<f64>) -> Result<Mask> {
    column.require_numbers()?;
    let least = min.unwrap_or(f64::NEG_INFINITY);
    let most = max.unwrap_or(f64::INFINITY);
    let is_in = |value: f64| least <= value && value <= most;
    let values = column.values();
    if let Some(flags) = values.as_boolean_opt() {
        let flag = |row| f64::from(u8::from(flags.value(row)));
        return Ok(Mask::by(column.len(), |row| {
            values.is_valid(row) && is_in(flag(row))
        }));
    }
    let mask = with_numbers!(values, |numbers| match values.nulls() {
        None => Mask::of_values(numbers, |value| is_in(value.to_f64())),
        Some(valid) => Mask::of_values(numbers, |value| is_in(value.to_f64()))
            .and(&Mask::by(column.len(), |row| valid.is_valid(row))),
    });
    mask.ok_or_else(|| column.of_other_kind("numbers"))
}

fn classes(column: &Column, ids: &[i64], missing: bool) -> Result<Mask> {
    if !matches!(column.kind(), Kind::Class | Kind::Number) {
        return Err(column.of_other_kind("classes"));
    }
    let wanted: HashSet<i64> = ids.iter().copied().collect();
    // Ids are small mostly, and looking them up in a list is quicker.
    let listed: Vec<bool> = (0..256).map(|id| wanted.contains(&id)).collect();
    let is_wanted = |id: i64| {
        let listed = usize::try_from(id).ok().and_then(|id| listed.get(id));
        listed.copied().unwrap_or_else(|| wanted.contains(&id))
    };
    let values = column.values();
    let mask = with_numbers!(values, |numbers| {
        let is_wanted = |value: &_| Number::to_i64(*value).is_some_and(is_wanted);
        let there = Mask::of_values(numbers, |value| is_wanted(&value));
        match values.nulls() {
            None => there,
            Some(valid) => {
                let valid = Mask::by(column.len(), |row| valid.is_valid(row));
                let there = there.and(&valid);
                if missing {
                    there.or(&valid.not())
                } else {
                    there
                }
            }
        }
    });
    mask.ok_or_else(|| column.of_other_kind("classes"))
}

fn flag(column: &Column, is: bool) -> Result<Mask> {
    let flags = column.values().as_boolean_opt();
    let flags = flags.ok_or_else(|| column.of_other_kind("flags"))?;
    Ok(Mask::by(column.len(), |row| {
        flags.is_valid(row) && flags.value(row) == is
    }))
}

fn contains(column: &Column, text: &str) -> Result<Mask> {
    let wanted = text.to_lowercase();
    let is_in = |text: &str| text.to_lowercase().contains(&wanted);
    match (column.kind(), column.classes()) {
        (Kind::Class, Some(all)) => {
            let named = all.iter().filter(|class| is_in(&class.name));
            let ids: Vec<i64> = named.map(|class| class.id.into()).collect();
            classes(column, &ids, false)
        }
        (Kind::Text, _) => Ok(Mask::by(column.len(), |row| {
            column.text(row).is_some_and(is_in)
        })),
        _ => Err(column.of_other_kind("texts")),
    }
}

fn special(column: &Column, is: Special) -> Result<Mask> {
    let values = column.values();
    if is == Special::Missing {
        return Ok(Mask::by(column.len(), |row| values.is_null(row)));
    }
    column.require_numbers()?;
    let numbers = column.numbers();
    Ok(Mask::by(column.len(), |row| {
        numbers(row).is_some_and(|value| match is {
            Special::Nan => value.is_nan(),
            Special::Infinity => value == f64::INFINITY,
            Special::MinusInfinity => value == f64::NEG_INFINITY,
            Special::Missing => false,
        })
    }))
}

fn lasso([x, y]: &[Arc<Column>; 2], polygon: &[[f64; 2]]) -> Result<Mask> {
    x.require_numbers()?;
    y.require_numbers()?;
    if polygon.len() > MOST_CORNERS {
        return Err(Error::Setting {
            setting: "polygon",
            expected: "at most 10,000 corners",
            found: format!("{} corners", polygon.len()),
        });
    }
    let polygon = Polygon::new(polygon);
    let (across, up) = (x.numbers(), y.numbers());
    Ok(Mask::by(x.len(), |row| {
        let point = across(row).zip(up(row));
        point.is_some_and(|(x, y)| polygon.contains(x, y))
    }))
}
