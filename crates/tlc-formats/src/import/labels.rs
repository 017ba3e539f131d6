//! Texts as labels: which classes there are, and the ids of names.

use crate::{Error, Result};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use tlc_core::arrow::array::{Array, ArrayRef, AsArray, Int32Array, RecordBatch};
use tlc_core::arrow::compute::cast;
use tlc_core::arrow::datatypes::{DataType, Int64Type};
use tlc_core::{ClassMap, Column, ValueType};

/// More classes than this are no classes.
const CLASSES: usize = 100_000;
/// So many are named where a text is none of them.
const SHOWN: usize = 8;

/// Gathers the classes of columns.
#[derive(Debug)]
pub(super) struct Survey {
    columns: BTreeMap<String, Option<Classes>>,
}

#[derive(Debug)]
enum Classes {
    Names(BTreeSet<String>),
    Ids(BTreeSet<i32>),
}

impl Survey {
    pub(super) fn of(columns: &[String]) -> Self {
        let columns = columns.iter().map(|name| (name.clone(), None));
        Self {
            columns: columns.collect(),
        }
    }

    pub(super) fn add(&mut self, batch: &RecordBatch) -> Result<()> {
        for (name, classes) in &mut self.columns {
            if let Some(values) = batch.column_by_name(name) {
                gather(name, values, classes)?;
            }
        }
        Ok(())
    }

    /// The columns as they are declared.
    pub(super) fn columns(self) -> Result<Vec<Column>> {
        let columns = self.columns.into_iter().map(|(name, classes)| {
            let classes = match classes {
                None => return Err(Error::column(name, "there is no such column of labels")),
                Some(Classes::Names(names)) => ClassMap::new(names),
                Some(Classes::Ids(ids)) => {
                    ClassMap::from_ids(ids.into_iter().map(|id| (id, id.to_string())))?
                }
            };
            Ok(Column::new(name, ValueType::labels(classes)))
        });
        columns.collect()
    }
}

fn gather(name: &str, values: &ArrayRef, classes: &mut Option<Classes>) -> Result<()> {
    let known = match (texts(values), numbers(values), classes.take()) {
        (Some(texts), _, Some(Classes::Names(mut names))) => {
            extend(&mut names, &texts);
            Classes::Names(names)
        }
        (Some(texts), _, None) => {
            let mut names = BTreeSet::new();
            extend(&mut names, &texts);
            Classes::Names(names)
        }
        (None, Some(numbers), known @ (None | Some(Classes::Ids(_)))) => {
            let mut ids = match known {
                Some(Classes::Ids(ids)) => ids,
                _ => BTreeSet::new(),
            };
            for number in numbers.as_primitive::<Int64Type>().iter().flatten() {
                let id = i32::try_from(number)
                    .map_err(|_| Error::column(name, format!("{number} is no id of a class")))?;
                ids.insert(id);
            }
            Classes::Ids(ids)
        }
        _ => {
            let reason = format!(
                "{} are no labels, texts or whole numbers are",
                values.data_type()
            );
            return Err(Error::column(name, reason));
        }
    };
    let len = match &known {
        Classes::Names(names) => names.len(),
        Classes::Ids(ids) => ids.len(),
    };
    if len > CLASSES {
        let reason = format!("more than {CLASSES} different values: it is no column of labels");
        return Err(Error::column(name, reason));
    }
    *classes = Some(known);
    Ok(())
}

fn extend(names: &mut BTreeSet<String>, texts: &ArrayRef) {
    let mut last = None;
    for text in texts.as_string::<i64>().iter().flatten() {
        if last != Some(text) && !names.contains(text) {
            names.insert(text.to_owned());
        }
        last = Some(text);
    }
}

/// Texts, of whatever type they are.
fn texts(values: &ArrayRef) -> Option<ArrayRef> {
    let of = match values.data_type() {
        DataType::Dictionary(_, of) => of,
        other => other,
    };
    let is_text = matches!(
        of,
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View
    );
    is_text
        .then(|| cast(values, &DataType::LargeUtf8).ok())
        .flatten()
}

fn numbers(values: &ArrayRef) -> Option<ArrayRef> {
    let is_whole = values.data_type().is_integer() && values.data_type() != &DataType::UInt64;
    is_whole
        .then(|| cast(values, &DataType::Int64).ok())
        .flatten()
}

/// Ids of the names of classes.
#[derive(Debug)]
pub(super) struct Names {
    /// None of a name that several classes have.
    ids: HashMap<String, Option<i32>>,
    /// Some of the names, for what is said of a text that is none of them.
    shown: String,
}

/// A row whose text is no name of a class.
pub(super) struct NoClass {
    pub(super) row: usize,
    pub(super) text: String,
    pub(super) reason: String,
}

impl Names {
    /// Those of a column of labels that has classes.
    pub(super) fn of(column: &Column) -> Option<Self> {
        let ValueType::CategoricalLabel { classes } = &column.value else {
            return None;
        };
        let mut ids = HashMap::new();
        for class in classes.iter() {
            let id = Some(class.id);
            ids.entry(class.name.clone())
                .and_modify(|id| *id = None)
                .or_insert(id);
        }
        let mut names: Vec<&str> = ids.keys().map(String::as_str).collect();
        names.sort_unstable();
        let few = names.get(..names.len().min(SHOWN)).unwrap_or_default();
        let more = match names.len() - few.len() {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        let shown = format!("`{}`{more}", few.join("`, `"));
        (!ids.is_empty()).then_some(Self { ids, shown })
    }

    /// Texts as ids, and the rows that have none; `None` if the values are no texts.
    pub(super) fn ids(&self, values: &ArrayRef) -> Option<(ArrayRef, Vec<NoClass>)> {
        let texts = texts(values)?;
        let mut bad = Vec::new();
        let ids = texts
            .as_string::<i64>()
            .iter()
            .enumerate()
            .map(|(row, text)| {
                let id = self.ids.get(text?).copied().flatten();
                if let (None, Some(text)) = (id, text) {
                    bad.push(NoClass {
                        row,
                        text: text.to_owned(),
                        reason: self.refusal(text),
                    });
                }
                id
            });
        let ids: Int32Array = ids.collect();
        Some((Arc::new(ids), bad))
    }

    fn refusal(&self, text: &str) -> String {
        if self.ids.contains_key(text) {
            return "is the name of several classes: give their ids".to_owned();
        }
        format!("is none of the classes {}", self.shown)
    }
}
