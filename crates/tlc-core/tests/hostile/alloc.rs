//! Counts what is allocated, and remembers who asked for more than is promised.
#![allow(unsafe_code)] // an allocator cannot be written without

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// What reading may have allocated at once, whatever it reads.
pub(crate) const LIMIT_BYTES: usize = 256 << 20;

static NOW: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);
static LARGEST: AtomicUsize = AtomicUsize::new(0);
/// Who asked for more than the limit in one piece.
static CULPRIT: Mutex<Option<String>> = Mutex::new(None);

thread_local! {
    static LOOKING: Cell<bool> = const { Cell::new(false) };
}

#[derive(Debug)]
pub(crate) struct Counting;

// SAFETY: all memory is the system allocator's; beside it only numbers are kept, and a
// backtrace, whose own allocations are let through.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        NOW.fetch_sub(layout.size(), Relaxed);
        count(size);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.realloc(pointer, layout, size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Relaxed);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

fn count(size: usize) {
    let now = NOW.fetch_add(size, Relaxed).saturating_add(size);
    PEAK.fetch_max(now, Relaxed);
    LARGEST.fetch_max(size, Relaxed);
    if size > LIMIT_BYTES && !LOOKING.replace(true) {
        let culprit = culprit();
        eprintln!("asked for {size} bytes: {culprit}");
        *CULPRIT.lock().unwrap() = Some(culprit);
        LOOKING.set(false);
    }
}

/// The innermost function that is neither of the standard library nor of this test.
fn culprit() -> String {
    let trace = std::backtrace::Backtrace::force_capture().to_string();
    let names = trace
        .lines()
        .filter_map(|line| line.trim().split_once(": "));
    let known = ["tlc_core::", "parquet::", "arrow", "serde", "zstd"];
    let mut known = names.filter(|(_, name)| {
        !name.contains("hostile::") && known.iter().any(|known| name.contains(known))
    });
    known.next().map_or("unknown", |(_, name)| name).to_owned()
}

/// What a piece of work has allocated.
#[derive(Debug)]
pub(crate) struct Taken {
    /// The most it had at once.
    pub(crate) peak: usize,
    /// The most it asked for in one piece.
    pub(crate) largest: usize,
    /// Who asked for more than the limit.
    pub(crate) culprit: Option<String>,
}

/// Does work and tells what it has allocated. Other threads count, too.
pub(crate) fn measured<T>(work: impl FnOnce() -> T) -> (T, Taken) {
    let before = NOW.load(Relaxed);
    PEAK.store(before, Relaxed);
    LARGEST.store(0, Relaxed);
    *CULPRIT.lock().unwrap() = None;
    let done = work();
    let taken = Taken {
        peak: PEAK.load(Relaxed).saturating_sub(before),
        largest: LARGEST.load(Relaxed),
        culprit: CULPRIT.lock().unwrap().take(),
    };
    (done, taken)
}
