//! Views of runs and tables, and what is asked of them.

#![allow(clippy::panic, clippy::unwrap_used)]

mod expressions;
mod rows;
