//! A column in memory: what it means, and one value a row of the view.

mod meaning;
mod numbers;
mod values;

pub(crate) use self::meaning::unite;
pub use self::meaning::{Kind, Meaning};
pub(crate) use self::numbers::{Number, with_numbers};
pub(crate) use self::values::{all_missing, cast, constant, narrowed, normal, put_together};

use crate::{Error, Result};
use std::sync::Arc;
use tlc_core::ClassMap;
use tlc_core::arrow::array::{Array, ArrayRef, AsArray};

/// What a row has, if it has that.
type OfRow<'c, T> = Box<dyn Fn(usize) -> Option<T> + Send + Sync + 'c>;

/// A column of a view.
#[derive(Clone, Debug)]
pub struct Column {
    meaning: Meaning,
    values: ArrayRef,
}

impl Column {
    pub(crate) fn new(meaning: Meaning, values: ArrayRef) -> Self {
        Self { meaning, values }
    }

    /// What it is.
    #[must_use]
    pub fn meaning(&self) -> &Meaning {
        &self.meaning
    }

    /// Its name in the view.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.meaning.name
    }

    /// What its values are.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.meaning.kind
    }

    /// Its classes, if it has some.
    #[must_use]
    pub fn classes(&self) -> Option<&Arc<ClassMap>> {
        self.meaning.classes.as_ref()
    }

    /// One value a row: numbers in the smallest type that holds them, the ids of classes,
    /// `Boolean` for flags, `LargeUtf8` for texts, microseconds for moments.
    #[must_use]
    pub fn values(&self) -> &ArrayRef {
        &self.values
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The value of a row as a number, where it is one: of classes the id, of flags 0 or 1.
    #[must_use]
    pub fn number(&self, row: usize) -> Option<f64> {
        if row >= self.len() || self.values.is_null(row) {
            return None;
        }
        if let Some(flags) = self.values.as_boolean_opt() {
            return Some(f64::from(u8::from(flags.value(row))));
        }
        with_numbers!(&self.values, |values| values
            .get(row)
            .map(|value| Number::to_f64(*value)))
        .flatten()
    }

    /// What [`number`](Self::number) gives, for many rows: what they share is looked up once.
    #[must_use]
    pub fn numbers(&self) -> OfRow<'_, f64> {
        let is_valid = self.validity();
        if let Some(flags) = self.values.as_boolean_opt() {
            let is_there = move |row| row < flags.len() && is_valid(row);
            let number = |row| f64::from(u8::from(flags.value(row)));
            return Box::new(move |row| is_there(row).then(|| number(row)));
        }
        let numbers = with_numbers!(&self.values, |numbers| {
            let number = move |row: usize| numbers.get(row).filter(|_| is_valid(row));
            let number: OfRow<'_, f64> = Box::new(move |row| Some(number(row)?.to_f64()));
            number
        });
        numbers.unwrap_or_else(|| Box::new(|_| None))
    }

    /// The value of a row as a text, where it is one: of classes the name.
    #[must_use]
    pub fn text(&self, row: usize) -> Option<&str> {
        if row >= self.len() || self.values.is_null(row) {
            return None;
        }
        if let Some(texts) = self.values.as_string_opt::<i64>() {
            return Some(texts.value(row));
        }
        let id = i32::try_from(self.id(row)?).ok()?;
        self.classes()?.name(id)
    }

    /// The value of a row as a whole number, where it is one.
    #[must_use]
    pub fn id(&self, row: usize) -> Option<i64> {
        if row >= self.len() || self.values.is_null(row) {
            return None;
        }
        with_numbers!(&self.values, |values| values
            .get(row)
            .and_then(|value| Number::to_i64(*value)))
        .flatten()
    }

    /// What [`id`](Self::id) gives, for many rows: what they share is looked up once.
    #[must_use]
    pub fn ids(&self) -> OfRow<'_, i64> {
        let is_valid = self.validity();
        let ids = with_numbers!(&self.values, |numbers| {
            let number = move |row: usize| numbers.get(row).filter(|_| is_valid(row));
            let id: OfRow<'_, i64> = Box::new(move |row| number(row)?.to_i64());
            id
        });
        ids.unwrap_or_else(|| Box::new(|_| None))
    }

    /// For each row where its class stands among the others; of flags, 0 for `false`.
    #[must_use]
    pub fn places(&self) -> OfRow<'_, usize> {
        if let Some(flags) = self.values.as_boolean_opt() {
            let is_valid = self.validity();
            let is_there = move |row| row < flags.len() && is_valid(row);
            return Box::new(move |row| is_there(row).then(|| usize::from(flags.value(row))));
        }
        let (ids, Some(classes)) = (self.ids(), self.classes()) else {
            return Box::new(|_| None);
        };
        Box::new(move |row| classes.position(i32::try_from(ids(row)?).ok()?))
    }

    /// Its classes; of flags `false` and `true`.
    pub(crate) fn classes_or_flags(&self) -> Result<Arc<ClassMap>> {
        match (self.kind(), self.classes()) {
            (_, Some(classes)) => Ok(Arc::clone(classes)),
            (Kind::Flag, None) => Ok(Arc::new(ClassMap::new(["false", "true"]))),
            _ => Err(self.of_other_kind("classes or flags")),
        }
    }

    /// Whether a row has a value.
    pub(crate) fn validity(&self) -> impl Fn(usize) -> bool + Copy + Send + Sync {
        values::validity(&self.values)
    }

    /// Bytes that it holds.
    pub(crate) fn len_bytes(&self) -> usize {
        self.values.get_array_memory_size()
    }

    /// Fails unless its values are numbers to compute with.
    pub(crate) fn require_numbers(&self) -> Result<()> {
        match self.kind() {
            Kind::Number | Kind::Moment | Kind::Class | Kind::Flag => Ok(()),
            _ => Err(self.of_other_kind("numbers")),
        }
    }

    pub(crate) fn of_other_kind(&self, expected: &'static str) -> Error {
        Error::ColumnKind {
            column: self.name().to_owned(),
            found: self.kind().to_string(),
            expected,
        }
    }
}
