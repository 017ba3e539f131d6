//! Which types hold all values of the columns.

use super::super::blocks::Block;
use super::cell::{self, Look, Missing};
use super::header::Head;

/// Whole numbers up to here are floats, too, to the last digit.
const EXACT: i128 = 1 << 53;

/// What the fields of a column look like.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) empty: bool,
    /// Texts that may stand for a missing value.
    pub(super) missing: bool,
    truths: bool,
    /// The least and the greatest.
    wholes: Option<(i128, i128)>,
    floats: bool,
    moments: bool,
    zoned_moments: bool,
    texts: bool,
}

/// The narrowest type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Truth,
    Int,
    UInt,
    Float,
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
    fn add(&mut self, text: &str, missing: &Missing<'_>) {
        if self.texts {
            self.empty |= text.is_empty();
            return;
        }
        let look = cell::look(text);
        let is_missing = match look {
            Look::Text => missing.has(cell::bare(text)),
            _ => missing.has_value(cell::bare(text)),
        };
        match look {
            _ if is_missing => self.missing = true,
            Look::Empty => self.empty = true,
            Look::Truth => self.truths = true,
            Look::Whole(number) => {
                let (least, most) = self.wholes.unwrap_or((number, number));
                self.wholes = Some((least.min(number), most.max(number)));
            }
            Look::Float => self.floats = true,
            Look::Moment(true) => self.zoned_moments = true,
            Look::Moment(false) => self.moments = true,
            Look::Text => self.texts = true,
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.empty |= other.empty;
        self.missing |= other.missing;
        self.truths |= other.truths;
        self.floats |= other.floats;
        self.moments |= other.moments;
        self.zoned_moments |= other.zoned_moments;
        self.texts |= other.texts;
        self.wholes = match (self.wholes, other.wholes) {
            (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
            (one, other) => one.or(other),
        };
    }

    /// The type that holds all of them and changes none.
    pub(super) fn kind(&self) -> Kind {
        let kinds = [
            self.truths,
            self.wholes.is_some() || self.floats,
            self.moments,
            self.zoned_moments,
        ];
        if self.texts || kinds.iter().filter(|is_seen| **is_seen).count() != 1 {
            return Kind::Text;
        }
        match self.wholes {
            _ if self.truths => Kind::Truth,
            _ if self.moments || self.zoned_moments => Kind::Moment,
            None => Kind::Float,
            Some((least, most)) if self.floats => match -EXACT <= least && most <= EXACT {
                true => Kind::Float,
                false => Kind::Text,
            },
            Some((least, most)) if i64::try_from(least).is_ok() && i64::try_from(most).is_ok() => {
                Kind::Int
            }
            Some((least, most)) if least >= 0 && u64::try_from(most).is_ok() => Kind::UInt,
            Some(_) => Kind::Text,
        }
    }
}
