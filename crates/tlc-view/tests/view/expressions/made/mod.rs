//! Random rows, random expressions over them, and what each is of a row, by an interpreter.

mod conditions;
mod meaning;
mod rows;
mod values;

pub(crate) use conditions::condition;
pub(crate) use meaning::*;
pub(crate) use rows::*;
pub(crate) use values::any;
