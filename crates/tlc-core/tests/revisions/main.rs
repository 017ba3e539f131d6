//! What revisions promise: tables that are made of others.
#![allow(clippy::unwrap_used, clippy::panic, clippy::exit)] // a test stops at the first surprise

mod model;
