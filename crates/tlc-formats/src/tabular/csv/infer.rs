//! Which types hold all values of the columns.

use super::super::blocks::Block;
use super::super::numbers::{Number, Numbers};
use super::cell::{self, Look, Missing};
use super::header::Head;

/// What one field of a column is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Looked {
    Missing,
    Value(Look),
}

/// What the fields of a column look like.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) empty: bool,
    /// Texts that may stand for a missing value.
    pub(super) missing: bool,
    truths: bool,
    numbers: Numbers,
    moments: bool,
    zoned_moments: bool,
    texts: bool,
}

/// The narrowest type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Truth,
    Number(Number),
    Moment,
    Text,
}

/// What the fields of a block look like, for each column.
pub(super) fn look(block: &Block, head: &Head, missing: &Missing<'_>) -> Vec<Seen> {
    let mut seen = vec![Seen::default(); head.fields.len()];
    head.records(block, |_, record| {
        let Ok(record) = record else {
            return; // told when rows are made
        };
        for (seen, field) in seen.iter_mut().zip(&head.fields) {
            seen.add(record.get(*field).unwrap_or_default(), missing);
        }
    });
    seen
}

impl Seen {
    /// Of a column of which no more is to be known than whether it is one of texts.
    pub(super) fn begun(&self) -> Self {
        Self {
            texts: self.texts,
            ..Self::default()
        }
    }

    /// Whether there was a value of some type.
    pub(super) fn is_settled(&self) -> bool {
        let has_value = self.truths || self.moments || self.zoned_moments;
        has_value || self.texts || !self.numbers.is_empty()
    }

    pub(super) fn add(&mut self, text: &str, missing: &Missing<'_>) -> Looked {
        if self.texts {
            self.empty |= text.is_empty();
            return Looked::Value(Look::Text);
        }
        let look = cell::look(text);
        let is_missing = match look {
            Look::Text => missing.has(cell::bare(text)),
            _ => missing.has_value(cell::bare(text)),
        };
        match look {
            _ if is_missing => self.missing = true,
            Look::Empty => self.empty = true,
            Look::Truth(_) => self.truths = true,
            Look::Whole(number) => self.numbers.add_whole(number),
            Look::Float => self.numbers.add_float(),
            Look::Moment(moment) if moment.has_zone => self.zoned_moments = true,
            Look::Moment(_) => self.moments = true,
            Look::Text => self.texts = true,
        }
        match is_missing || look == Look::Empty {
            true => Looked::Missing,
            false => Looked::Value(look),
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.empty |= other.empty;
        self.missing |= other.missing;
        self.truths |= other.truths;
        self.numbers.merge(other.numbers);
        self.moments |= other.moments;
        self.zoned_moments |= other.zoned_moments;
        self.texts |= other.texts;
    }

    /// The type that holds all of them and changes none.
    pub(super) fn kind(&self) -> Kind {
        let kinds = [
            self.truths,
            !self.numbers.is_empty(),
            self.moments,
            self.zoned_moments,
        ];
        if self.texts || kinds.iter().filter(|is_seen| **is_seen).count() != 1 {
            return Kind::Text;
        }
        match self.numbers.fitting() {
            _ if self.truths => Kind::Truth,
            _ if self.moments || self.zoned_moments => Kind::Moment,
            Ok(number) => Kind::Number(number),
            Err(_) => Kind::Text,
        }
    }
}
