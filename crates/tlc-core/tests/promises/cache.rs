//! Copies of part files on the local disk: never stale, never damaged, never too many.

use super::{memory_folder, suite};
use bytes::Bytes;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tlc_core::storage::testing::CountingStore;
use tlc_core::storage::{CacheStore, MemoryStore, Store};
use tlc_core::{Error, Url};

const LEN_BYTES: u64 = 5_000_000;

/// A part, the store it is in, and a store around that which keeps copies in the folder.
fn part(folder: &Path, limit_bytes: u64) -> (Url, Bytes, Arc<CountingStore>, CacheStore) {
    let bytes: Vec<u8> = (0..LEN_BYTES).map(|at| (at * at / 7) as u8).collect();
    let (url, bytes) = (
        memory_folder().join("a.parquet").unwrap(),
        Bytes::from(bytes),
    );
    let counting = Arc::new(CountingStore::new(Arc::new(MemoryStore::default())));
    counting.put_if_absent(&url, bytes.clone()).unwrap();
    let inner = Arc::clone(&counting) as Arc<dyn Store>;
    let cached = CacheStore::new(inner, folder.to_owned(), limit_bytes);
    (url, bytes, counting, cached)
}

fn segments(folder: &Path) -> Vec<PathBuf> {
    let folders = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let files = folders.flat_map(|folder| fs::read_dir(folder).unwrap());
    files.map(|file| file.unwrap().path()).collect()
}

#[test]
fn a_store_with_copies_keeps_the_promises() {
    let folder = tempfile::tempdir().unwrap();
    let memory = Arc::new(MemoryStore::default());
    let cached = CacheStore::new(memory, folder.path().to_owned(), 1 << 30);
    suite::run(&(Arc::new(cached) as Arc<dyn Store>), &memory_folder());
}

#[test]
fn what_was_read_once_is_read_from_the_disk_by_whoever_has_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let (url, bytes, counting, cached) = part(folder.path(), 1 << 30);
    let ranges = [10..20, 1_048_570..1_048_590, 4_000_000..LEN_BYTES, 7..7];
    let expected: Vec<Bytes> = ranges
        .iter()
        .map(|range| bytes.slice(range.start as usize..range.end as usize))
        .collect();
    assert_eq!(
        cached.get_ranges(&url, &ranges, LEN_BYTES).unwrap(),
        expected
    );
    assert!(counting.take_reads() > 0);
    let inner = Arc::clone(&counting) as Arc<dyn Store>;
    let another = CacheStore::new(inner, folder.path().to_owned(), 1 << 30);
    for store in [&cached, &another] {
        assert_eq!(
            store.get_ranges(&url, &ranges, LEN_BYTES).unwrap(),
            expected
        );
        assert_eq!(
            store
                .get_range(&url, 1_048_000..1_049_000, LEN_BYTES)
                .unwrap(),
            bytes.slice(1_048_000..1_049_000)
        );
    }
    assert_eq!(counting.take_reads(), 0);
    // A file of another length is another file.
    let other = cached.get_range(&url, 0..5, LEN_BYTES - 1);
    assert!(matches!(other, Err(Error::Corrupt { .. })), "{other:?}");
}

#[test]
fn a_copy_that_is_damaged_or_cut_is_read_anew() {
    let folder = tempfile::tempdir().unwrap();
    let (url, bytes, counting, cached) = part(folder.path(), 1 << 30);
    let read = || cached.get_range(&url, 0..LEN_BYTES, LEN_BYTES).unwrap();
    assert_eq!(read(), bytes);
    let copies = segments(folder.path());
    assert_eq!(copies.len() as u64, LEN_BYTES.div_ceil(1 << 20));
    for damage in [
        |copy: &mut Vec<u8>| copy[100] ^= 1,
        |copy: &mut Vec<u8>| copy.truncate(200),
        |copy: &mut Vec<u8>| copy.clear(),
        |copy: &mut Vec<u8>| copy.push(0),
    ] {
        for copy in &copies {
            let mut kept = fs::read(copy).unwrap();
            damage(&mut kept);
            fs::write(copy, kept).unwrap();
        }
        counting.take_reads();
        assert_eq!(read(), bytes);
        assert!(counting.take_reads() > 0);
    }
    read();
    assert_eq!(counting.take_reads(), 0, "the copies are whole again");
}

#[test]
fn copies_take_no_more_than_was_said_and_a_folder_that_cannot_be_written_costs_speed_alone() {
    let folder = tempfile::tempdir().unwrap();
    let limit_bytes = 3 << 20;
    let (url, bytes, _, cached) = part(folder.path(), limit_bytes);
    for _ in 0..3 {
        assert_eq!(
            cached.get_range(&url, 0..LEN_BYTES, LEN_BYTES).unwrap(),
            bytes
        );
        let kept = segments(folder.path());
        let kept_bytes: u64 = kept
            .iter()
            .map(|copy| fs::metadata(copy).unwrap().len())
            .sum();
        assert!(kept_bytes <= limit_bytes + (1 << 20), "{kept_bytes}");
        assert!(!kept.is_empty());
    }
    let no_folder = folder.path().join("file");
    fs::write(&no_folder, "").unwrap();
    let (url, bytes, _, cached) = part(&no_folder, limit_bytes);
    assert_eq!(
        cached.get_range(&url, 0..LEN_BYTES, LEN_BYTES).unwrap(),
        bytes
    );
}
