//! A disk that reorders writes and loses those that are not synced.

use crate::storage::{Entry, Hold, Liveness, MemoryStore, Stat, Store};
use crate::{Result, Url};
use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

/// A file reaches the disk in at most this many writes, none shorter than a sector.
const WRITES: usize = 4;
const SECTOR_BYTES: usize = 512;
/// With more names than this unsynced, states are sampled.
const MAX_NAMES: usize = 10;
/// The longest time that a disk takes for a step, in microseconds.
const LATENCY_MICROS: u64 = 2000;
/// Kept, dropped, cut and garbled.
const FATES: u64 = 4;

/// What a [`LossyStore`] syncs when it publishes a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syncs {
    /// The file, then its name, as [`LocalStore`](crate::storage::LocalStore) does.
    All,
    /// The name only.
    NoFile,
    /// The file only.
    NoFolder,
    /// The file, but after it got its name; then the name.
    FileAfterLink,
}

/// A store in memory that takes the steps of a local disk, one at a time, and knows
/// what a loss of power after any of them may leave.
///
/// A file is written without a name in up to four writes, synced, linked, and its folder
/// synced. Unsynced writes may each be kept, dropped, cut or garbled, unsynced names
/// each kept or dropped, in any combination.
#[derive(Debug)]
pub struct LossyStore {
    syncs: Syncs,
    latency_micros: u64,
    live: MemoryStore,
    steps: Mutex<Vec<Step>>,
    alone: Mutex<BTreeMap<Url, Weak<()>>>,
}

/// What may be left after a loss of power.
#[derive(Debug)]
pub struct Crash {
    /// The disks that may be left, each of another content.
    pub states: Vec<LossyStore>,
    /// Whether these are all; else they are a sample.
    pub is_exhaustive: bool,
}

#[derive(Clone, Debug)]
enum Step {
    Folder(Url),
    Write(Write),
    SyncFile(usize),
    Link(Url, usize),
    Unlink(Url),
    SyncFolder(Url),
}

#[derive(Clone, Debug)]
struct Write {
    inode: usize,
    at: usize,
    bytes: Bytes,
}

/// What a name stands for.
#[derive(Clone, Copy, Debug)]
enum Node {
    Folder,
    File(usize),
}

impl LossyStore {
    /// An empty disk.
    #[must_use]
    pub fn new(syncs: Syncs) -> Self {
        Self {
            syncs,
            latency_micros: LATENCY_MICROS,
            live: MemoryStore::default(),
            steps: Mutex::default(),
            alone: Mutex::default(),
        }
    }

    /// Number of steps taken so far.
    pub fn steps(&self) -> usize {
        self.log().len()
    }

    /// Whether a step, counted from 0, gave a file its name.
    pub fn is_link(&self, step: usize) -> bool {
        matches!(self.log().get(step), Some(Step::Link(..)))
    }

    /// What a loss of power after the first `steps` steps may leave: every state if
    /// there are at most `limit` combinations, else that many picked by `seed`.
    ///
    /// # Errors
    /// None for a store that was written through [`Store`].
    pub fn crash(&self, steps: usize, limit: u64, seed: u64) -> Result<Crash> {
        let disk = Disk::after(self.log().iter().take(steps));
        let mut random = Random(seed);
        let is_exhaustive = disk.names.len() <= MAX_NAMES && disk.combinations() <= limit;
        let states = if is_exhaustive {
            disk.all_states(&mut random)
        } else {
            disk.some_states(limit, &mut random)
        };
        let states: Result<Vec<Self>> = states.iter().map(Self::holding).collect();
        Ok(Crash {
            states: states?,
            is_exhaustive,
        })
    }

    /// A disk on which these files, and nothing else, are durable.
    fn holding(files: &BTreeMap<Url, Bytes>) -> Result<Self> {
        let store = Self {
            latency_micros: 0,
            ..Self::new(Syncs::All)
        };
        for (url, bytes) in files {
            store.put_if_absent(url, bytes.clone())?;
        }
        Ok(store)
    }

    fn log(&self) -> MutexGuard<'_, Vec<Step>> {
        self.steps.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes its time as a disk does, so that the steps of several writers mix.
    fn take(&self, step: Step) {
        if self.latency_micros > 0 {
            let micros = Random(self.steps() as u64).next() % self.latency_micros;
            std::thread::sleep(Duration::from_micros(micros));
        }
        self.log().push(step);
    }

    fn make_folders(&self, folder: &Url) {
        let is_made = |step: &Step| matches!(step, Step::Folder(made) if made == folder);
        let Some(parent) = folder.parent() else {
            return;
        };
        if self.log().iter().any(is_made) {
            return;
        }
        self.make_folders(&parent);
        self.take(Step::Folder(folder.clone()));
        self.sync_folder(&parent);
    }

    /// Writes a file that has no name yet.
    fn write(&self, bytes: &Bytes) -> usize {
        let mut log = self.log();
        let inode = log.len();
        let len = bytes.len().div_ceil(WRITES).max(SECTOR_BYTES);
        for at in (0..bytes.len()).step_by(len) {
            let bytes = bytes.slice(at..bytes.len().min(at + len));
            log.push(Step::Write(Write { inode, at, bytes }));
        }
        inode
    }

    fn link(&self, url: &Url, inode: usize, bytes: Bytes) -> Result<()> {
        let mut log = self.log();
        self.live.put_if_absent(url, bytes)?;
        log.push(Step::Link(url.clone(), inode));
        Ok(())
    }

    fn sync_folder(&self, folder: &Url) {
        if self.syncs != Syncs::NoFolder {
            self.take(Step::SyncFolder(folder.clone()));
        }
    }
}

impl Store for LossyStore {
    fn get(&self, url: &Url, limit_bytes: u64) -> Result<Bytes> {
        self.live.get(url, limit_bytes)
    }

    fn get_range(&self, url: &Url, range: Range<u64>, len_bytes: u64) -> Result<Bytes> {
        self.live.get_range(url, range, len_bytes)
    }

    fn stat(&self, url: &Url) -> Result<Stat> {
        self.live.stat(url)
    }

    fn list(&self, folder: &Url) -> Result<Vec<Entry>> {
        self.live.list(folder)
    }

    fn put_if_absent(&self, url: &Url, bytes: Bytes) -> Result<()> {
        let folder = url.parent().unwrap_or_else(|| url.clone());
        self.make_folders(&folder);
        let inode = self.write(&bytes);
        if matches!(self.syncs, Syncs::All | Syncs::NoFolder) {
            self.take(Step::SyncFile(inode));
        }
        let linked = self.link(url, inode, bytes);
        if self.syncs == Syncs::FileAfterLink {
            self.take(Step::SyncFile(inode));
        }
        self.sync_folder(&folder);
        linked
    }

    fn settle(&self, folder: &Url) -> Result<()> {
        self.sync_folder(folder);
        Ok(())
    }

    fn delete(&self, url: &Url) -> Result<()> {
        let mut log = self.log();
        self.live.delete(url)?;
        log.push(Step::Unlink(url.clone()));
        Ok(())
    }

    fn liveness(&self) -> Option<&dyn Liveness> {
        Some(self)
    }
}

impl Liveness for LossyStore {
    fn hold(&self, url: &Url) -> Result<Hold> {
        loop {
            let alone = self.alone.lock().unwrap_or_else(PoisonError::into_inner);
            if alone.get(url).is_none_or(|mark| mark.strong_count() == 0) {
                return self.live.hold(url);
            }
            drop(alone);
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn hold_alone(&self, url: &Url) -> Result<Option<Hold>> {
        let mut alone = self.alone.lock().unwrap_or_else(PoisonError::into_inner);
        let is_taken = alone.get(url).is_some_and(|mark| mark.strong_count() > 0);
        if is_taken || self.live.is_held(url)? {
            return Ok(None);
        }
        let mark = Arc::new(());
        alone.insert(url.clone(), Arc::downgrade(&mark));
        Ok(Some(Hold::new(mark)))
    }

    fn sweep(&self, _folder: &Url, _untouched: Duration) -> Result<()> {
        // Unfinished files have no name and vanish on their own.
        Ok(())
    }

    fn is_held(&self, url: &Url) -> Result<bool> {
        self.live.is_held(url)
    }
}

/// What is durable after some steps, and what is not.
#[derive(Debug, Default)]
struct Disk {
    contents: BTreeMap<usize, Vec<u8>>,
    tree: BTreeMap<Url, Node>,
    /// Unsynced.
    writes: Vec<Write>,
    /// Unsynced names, given or (`None`) taken away.
    names: Vec<(Url, Option<Node>)>,
}

impl Disk {
    fn after<'a>(steps: impl Iterator<Item = &'a Step>) -> Self {
        let mut disk = Self::default();
        for step in steps {
            match step.clone() {
                Step::Folder(url) => disk.names.push((url, Some(Node::Folder))),
                Step::Write(write) => disk.writes.push(write),
                Step::Link(url, inode) => disk.names.push((url, Some(Node::File(inode)))),
                Step::Unlink(url) => disk.names.push((url, None)),
                Step::SyncFile(inode) => disk.sync_file(inode),
                Step::SyncFolder(folder) => disk.sync_folder(&folder),
            }
        }
        disk
    }

    fn sync_file(&mut self, inode: usize) {
        for write in self.writes.extract_if(.., |write| write.inode == inode) {
            apply(&mut self.contents, &write, &write.bytes);
        }
    }

    fn sync_folder(&mut self, folder: &Url) {
        let is_within = |(url, _): &mut (Url, Option<Node>)| url.parent().as_ref() == Some(folder);
        for (url, node) in self.names.extract_if(.., is_within) {
            rename(&mut self.tree, &url, node);
        }
    }

    /// The tree if of the unsynced names those in `kept` made it.
    fn tree(&self, kept: u64) -> BTreeMap<Url, Node> {
        let mut tree = self.tree.clone();
        for (at, (url, node)) in self.names.iter().enumerate() {
            if at >= 64 || kept >> at & 1 == 1 {
                rename(&mut tree, url, *node);
            }
        }
        tree.iter()
            .filter(|(url, _)| is_reachable(&tree, url))
            .map(|(url, node)| (url.clone(), *node))
            .collect()
    }

    /// The unsynced writes to files of a tree; nobody sees the others.
    fn visible(&self, tree: &BTreeMap<Url, Node>) -> Vec<&Write> {
        let files: BTreeSet<usize> = tree.values().filter_map(Node::inode).collect();
        let writes = self.writes.iter();
        writes
            .filter(|write| files.contains(&write.inode))
            .collect()
    }

    fn combinations(&self) -> u64 {
        let of_tree = |kept| {
            let writes = self.visible(&self.tree(kept)).len();
            FATES.saturating_pow(u32::try_from(writes).unwrap_or(u32::MAX))
        };
        (0..1 << self.names.len())
            .map(of_tree)
            .fold(0, u64::saturating_add)
    }

    fn all_states(&self, random: &mut Random) -> BTreeSet<BTreeMap<Url, Bytes>> {
        let mut states = BTreeSet::new();
        for kept in 0..1 << self.names.len() {
            let tree = self.tree(kept);
            let writes = self.visible(&tree);
            for mut fates in 0..FATES.pow(u32::try_from(writes.len()).unwrap_or(0)) {
                states.insert(self.state(&tree, &writes, || {
                    let fate = fates % FATES;
                    fates /= FATES;
                    (fate, random.next())
                }));
            }
        }
        states
    }

    fn some_states(&self, limit: u64, random: &mut Random) -> BTreeSet<BTreeMap<Url, Bytes>> {
        let mut states = BTreeSet::new();
        for sample in 0..limit {
            let tree = self.tree(match sample {
                0 => 0,
                // Every name made it: shows what became of the files.
                1..4 => u64::MAX,
                _ => random.next(),
            });
            let writes = self.visible(&tree);
            states.insert(self.state(&tree, &writes, || {
                let number = random.next();
                (number % FATES, number)
            }));
        }
        states
    }

    /// The files if the unsynced writes have these fates.
    fn state(
        &self,
        tree: &BTreeMap<Url, Node>,
        writes: &[&Write],
        mut fate: impl FnMut() -> (u64, u64),
    ) -> BTreeMap<Url, Bytes> {
        let mut contents = self.contents.clone();
        for write in writes {
            let (fate, seed) = fate();
            let half = write.bytes.slice(..write.bytes.len() / 2);
            match fate {
                0 => apply(&mut contents, write, &write.bytes),
                1 => {}
                2 => apply(&mut contents, write, &half),
                _ => apply(&mut contents, write, &garbled(&write.bytes, seed)),
            }
        }
        let files = tree.iter().filter_map(|(url, node)| {
            let bytes = contents.get(&node.inode()?).cloned().unwrap_or_default();
            Some((url.clone(), Bytes::from(bytes)))
        });
        files.collect()
    }
}

impl Node {
    fn inode(&self) -> Option<usize> {
        match self {
            Self::File(inode) => Some(*inode),
            Self::Folder => None,
        }
    }
}

fn apply(contents: &mut BTreeMap<usize, Vec<u8>>, write: &Write, bytes: &[u8]) {
    let file = contents.entry(write.inode).or_default();
    let end = write.at + bytes.len();
    file.resize(file.len().max(end), 0);
    file[write.at..end].copy_from_slice(bytes);
}

fn rename(tree: &mut BTreeMap<Url, Node>, url: &Url, node: Option<Node>) {
    match node {
        Some(node) => tree.insert(url.clone(), node),
        None => tree.remove(url),
    };
}

fn is_reachable(tree: &BTreeMap<Url, Node>, url: &Url) -> bool {
    let mut folders = std::iter::successors(url.parent(), Url::parent);
    folders.all(|folder| folder.parent().is_none() || tree.contains_key(&folder))
}

fn garbled(bytes: &[u8], seed: u64) -> Vec<u8> {
    let mut random = Random(seed);
    let noise = |byte: &u8| byte ^ (random.next() % 255 + 1) as u8;
    bytes.iter().map(noise).collect()
}

/// SplitMix64.
#[derive(Debug)]
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
