//! Views of runs and tables, and what is asked of them.

#![allow(clippy::panic, clippy::unwrap_used)]

mod cards;
mod compare;
mod expressions;
mod plain;
mod questions;
mod rows;
mod samples;
mod take;
