//! Random rows, random expressions over them, and what each is of a row, by an interpreter.

pub(crate) mod conditions;
pub(crate) mod meaning;
pub(crate) mod rows;
pub(crate) mod values;
