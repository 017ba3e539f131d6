//! Input that means harm: documents and parts with repaired checksums, things that are no
//! files, documents in another's place. Whatever is read, the answer is a value or an error:
//! never a panic, a hang or memory without bound.
#![allow(clippy::unwrap_used, clippy::panic)] // a test stops at the first surprise

mod alloc;
#[path = "../tools/child.rs"]
mod child;
#[path = "../formats/every_type.rs"]
mod every_type;
mod few;
mod files;
mod heavy;
mod json;
mod mutations;
mod not_files;
mod parts;
mod random;
mod regressions;
mod swaps;

use child::child;
use std::sync::{Mutex, MutexGuard, PoisonError};

#[global_allocator]
static ALLOCATOR: alloc::Counting = alloc::Counting;

/// Held by each test that measures, or makes what is large: they share one count.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}
