//! Labels by the names of their classes: what an id of one class map is in another.

use crate::arrow::array::{ArrayRef, AsArray, Int32Array};
use crate::arrow::datatypes::Int32Type;
use crate::{Class, ClassMap, Column, Error, Result, ValueType};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// The id in another class map of each class of one, and of its void.
#[derive(Debug)]
pub(super) struct Renumbering {
    ids: HashMap<i32, i32>,
    is_nothing: bool,
}

impl Renumbering {
    /// Classes go by their names. One that is gone, and whose id is void now, is void.
    pub(super) fn between(from: &ClassMap, to: &ClassMap) -> Self {
        let by_name = ids_by_name(to);
        let classes = from.iter().filter_map(|class| {
            let name = class.name.as_str();
            let new = match to.name(class.id) == Some(name) {
                true => Some(class.id),
                false => by_name.get(name).copied(),
            };
            let is_void = || to.void().filter(|void| *void == class.id);
            Some((class.id, new.or_else(is_void)?))
        });
        let ids: HashMap<i32, i32> = classes.chain(from.void().zip(to.void())).collect();
        let mut known = from.ids().chain(from.void());
        Self {
            is_nothing: known.all(|id| ids.get(&id) == Some(&id)),
            ids,
        }
    }

    /// Whether every id stays what it was.
    pub(super) fn is_nothing(&self) -> bool {
        self.is_nothing
    }

    /// What an id is in the other map, if it is there.
    pub(super) fn id(&self, id: i32) -> Option<i32> {
        self.ids.get(&id).copied()
    }

    /// Labels by their new ids.
    ///
    /// # Errors
    /// [`Error::Batch`] for a label whose class is not in the other map, with its place.
    pub(super) fn apply(&self, column: &str, labels: &ArrayRef) -> Result<ArrayRef> {
        let given = labels.as_primitive_opt::<Int32Type>();
        let given = given.ok_or_else(|| Error::column(column, "no labels"))?;
        let new = given.iter().enumerate().map(|(row, label)| match label {
            None => Ok(None),
            Some(label) => self.id(label).map(Some).ok_or_else(|| Error::Batch {
                column: column.to_owned(),
                row: Some(row),
                value: Some(label.to_string()),
                reason: "its class is not among the new ones".to_owned(),
            }),
        });
        Ok(Arc::new(new.collect::<Result<Int32Array>>()?))
    }
}

/// The id of each class by its name.
pub(super) fn ids_by_name(classes: &ClassMap) -> HashMap<&str, i32> {
    classes.names().zip(classes.ids()).collect()
}

/// The classes of both maps, by their names: what the first says of one counts. Those that
/// the first has not keep their ids where they are free, unless all are 0 to n-1.
pub(super) fn union(first: &ClassMap, second: &ClassMap) -> Result<ClassMap> {
    let keeps_ids = !first.is_contiguous() || !second.is_contiguous();
    let mut ids = Ids::of(first);
    let known = ids_by_name(first);
    let new = second.iter();
    let new = new.filter(|class| !known.contains_key(class.name.as_str()));
    let new: Vec<(&Class, bool)> = new
        .map(|class| (class, keeps_ids && ids.take(class.id)))
        .collect();
    let void = match first.void() {
        Some(void) => Some(void),
        None => second.void().map(|void| ids.reserve(void)).transpose()?,
    };
    let new = new.into_iter().map(|(class, is_kept)| {
        let id = if is_kept { class.id } else { ids.next()? };
        Ok(Class {
            id,
            ..class.clone()
        })
    });
    let new = new.collect::<Result<Vec<_>>>()?;
    let others: HashMap<&str, &Class> = second.iter().map(|it| (it.name.as_str(), it)).collect();
    let of_first = first.iter().map(|class| {
        let other = others.get(class.name.as_str());
        Class {
            color: class.color.or_else(|| other?.color),
            ..class.clone()
        }
    });
    let all = ClassMap::from_classes(of_first.chain(new))?;
    let background = second.background().and_then(|id| second.name(id));
    let background = background.and_then(|name| all.id_of(name));
    let background = first.background().or(background);
    all.with_background(background)?.with_void(void)
}

/// Which ids are taken.
#[derive(Debug)]
pub(super) struct Ids {
    taken: HashSet<i32>,
    /// Of the classes.
    largest: Option<i32>,
}

impl Ids {
    pub(super) fn of(classes: &ClassMap) -> Self {
        Self {
            taken: classes.ids().chain(classes.void()).collect(),
            largest: classes.ids().max(),
        }
    }

    /// Takes an id for a class, if it is free.
    fn take(&mut self, id: i32) -> bool {
        let is_free = self.taken.insert(id);
        if is_free {
            self.largest = self.largest.max(Some(id));
        }
        is_free
    }

    /// Takes an id for the void, or another where it is taken.
    fn reserve(&mut self, id: i32) -> Result<i32> {
        match self.taken.insert(id) {
            true => Ok(id),
            false => self.next(),
        }
    }

    /// Takes the next free id after the largest of a class.
    ///
    /// # Errors
    /// [`Error::ClassMap`] if none is left.
    pub(super) fn next(&mut self) -> Result<i32> {
        loop {
            let next = self.largest.map_or(Some(0), |id| id.checked_add(1));
            let next = next.ok_or_else(|| {
                Error::class_map("no id is left after the largest: give the class one")
            })?;
            self.largest = Some(next);
            if self.taken.insert(next) {
                return Ok(next);
            }
        }
    }
}

/// The classes of a label column that has some.
pub(super) fn classes(column: &Column) -> Option<&ClassMap> {
    match &column.value {
        ValueType::CategoricalLabel { classes } if !classes.is_empty() => Some(classes),
        _ => None,
    }
}
