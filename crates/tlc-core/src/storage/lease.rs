//! Marks with a deadline, for stores that cannot tell who is alive.
//!
//! A mark is a folder of small files. Whoever shares it has `held-<uuid>.<beat>` there, whoever
//! has it alone `alone-<number>.<beat>`, and writes the file of the next beat before it deletes
//! the one before; a file older than the deadline is of somebody dead. Each first makes a file
//! of its own and then looks for those of others, so that of two who are in each other's way
//! at least one sees the other.

use super::{Hold, Liveness, SignsOfLife, Store};
use crate::{Error, Result, Url};
use bytes::Bytes;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::Builder;
use std::time::{Duration, SystemTime};

/// Beats within a deadline: some may come late, and clocks may differ.
const BEATS: u32 = 4;
/// Between two looks at whether somebody is alone still.
const PAUSE: Duration = Duration::from_millis(100);
/// How often a mark is looked at until none of its files goes meanwhile.
const LOOKS: usize = 4;
/// What is let go waits so long for its file to be deleted.
const PARTING: Duration = Duration::from_secs(5);

/// Liveness by files that are written again and again.
#[derive(Clone, Debug)]
pub(crate) struct Leases {
    store: Arc<dyn Store>,
    deadline: Duration,
}

/// A file of a mark.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Beat {
    holder: Holder,
    number: u64,
}

/// Who shares a mark, or has it alone.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Holder {
    Shared(String),
    Alone(u64),
}

/// What is there of a mark.
#[derive(Debug, Default)]
struct Found {
    living: Vec<Holder>,
    /// Whose file was listed and went before it was looked at.
    gone: Vec<Holder>,
    /// Files of the dead.
    dead: Vec<Url>,
    /// The highest number of somebody who has or had it alone.
    last: Option<u64>,
}

impl Found {
    fn is_somebody_alone(&self) -> bool {
        self.living.iter().any(|holder| holder.number().is_some())
    }
}

/// Keeps the file of a holder young, until it is dropped.
#[derive(Debug)]
struct Heart {
    stop: Option<Sender<()>>,
    stopped: Mutex<Receiver<()>>,
}

impl Leases {
    pub(crate) fn new(store: Arc<dyn Store>, deadline: Duration) -> Self {
        Self { store, deadline }
    }

    /// Makes the first file of a holder; the time when that was, by the store's clock.
    fn enter(&self, mark: &Url, holder: &Holder) -> Result<SystemTime> {
        let url = Beat::first(holder).url(mark)?;
        self.store.put_if_absent(&url, Bytes::new())?;
        Ok(self.store.stat(&url)?.changed)
    }

    fn leave(&self, mark: &Url, holder: &Holder) {
        let deleted = Beat::first(holder)
            .url(mark)
            .and_then(|url| self.store.delete(&url));
        if let Err(error) = deleted {
            tracing::debug!(%mark, %error, "a mark stays until its deadline");
        }
    }

    /// What is there of a mark. A file that goes meanwhile may have been followed by that of the
    /// next beat, which was not listed yet; who beats too fast to be looked at lives.
    fn look(&self, mark: &Url, now: SystemTime) -> Result<Found> {
        let mut found = self.look_once(mark, now)?;
        for _ in 1..LOOKS {
            if !found.gone.is_empty() {
                found = self.look_once(mark, now)?;
            }
        }
        found.living.append(&mut found.gone);
        Ok(found)
    }

    fn look_once(&self, mark: &Url, now: SystemTime) -> Result<Found> {
        let mut found = Found::default();
        for entry in self.store.list(mark)? {
            let Some(beat) = Beat::parse(&entry.name) else {
                continue;
            };
            let url = mark.join(&entry.name)?;
            found.last = found.last.max(beat.holder.number());
            let changed = match self.store.stat(&url) {
                Err(Error::NotFound { .. }) => {
                    found.gone.push(beat.holder);
                    continue;
                }
                other => other?.changed,
            };
            match now.duration_since(changed).unwrap_or_default() <= self.deadline {
                true => found.living.push(beat.holder),
                false => found.dead.push(url),
            }
        }
        Ok(found)
    }

    fn keep(&self, mark: &Url, holder: Holder) -> Result<Hold> {
        let (stop, told) = channel();
        let (say, stopped) = channel();
        let (leases, url) = (self.clone(), mark.clone());
        let signs = Arc::new(SignsOfLife::new(self.deadline));
        let given = Arc::clone(&signs);
        let beat = move || {
            leases.beat(&url, &holder, &told, &given);
            drop(say);
        };
        let thread = Builder::new().name("tlc-lease".to_owned()).spawn(beat);
        thread.map_err(|source| Error::Io {
            url: mark.clone(),
            source,
        })?;
        let heart = Heart {
            stop: Some(stop),
            stopped: Mutex::new(stopped),
        };
        Ok(Hold::with_signs(heart, signs))
    }

    /// Writes beat after beat, until it is told to stop.
    fn beat(&self, mark: &Url, holder: &Holder, stopped: &Receiver<()>, signs: &SignsOfLife) {
        let mut last = Beat::first(holder);
        while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(self.deadline / BEATS) {
            let next = last.next();
            match self.replace(mark, &last, &next) {
                Ok(()) => {
                    last = next;
                    signs.give();
                }
                Err(error) => tracing::warn!(%mark, %error, "a sign of life could not be given"),
            }
        }
        let deleted = last.url(mark).and_then(|url| self.store.delete(&url));
        if let Err(error) = deleted {
            tracing::debug!(%mark, %error, "a mark stays until its deadline");
        }
    }

    fn replace(&self, mark: &Url, last: &Beat, next: &Beat) -> Result<()> {
        match self.store.put_if_absent(&next.url(mark)?, Bytes::new()) {
            // Nobody else writes it: the answer of an earlier try was lost.
            Ok(()) | Err(Error::AlreadyExists { .. }) => {}
            Err(error) => return Err(error),
        }
        if let Err(error) = self.store.delete(&last.url(mark)?) {
            tracing::debug!(%mark, %error, "a file of a mark stays");
        }
        Ok(())
    }
}

impl Liveness for Leases {
    fn hold(&self, mark: &Url) -> Result<Hold> {
        let holder = Holder::Shared(uuid::Uuid::now_v7().to_string());
        loop {
            let now = self.enter(mark, &holder)?;
            let found = self.look(mark, now);
            if found.as_ref().is_ok_and(|found| !found.is_somebody_alone()) {
                return self.keep(mark, holder);
            }
            self.leave(mark, &holder);
            found?;
            std::thread::sleep(PAUSE);
        }
    }

    fn hold_alone(&self, mark: &Url) -> Result<Option<Hold>> {
        let before = self.look(mark, SystemTime::now())?;
        if before.is_somebody_alone() {
            return Ok(None);
        }
        let free = before.last.map_or(0, |number| number.saturating_add(1));
        let holder = Holder::Alone(free);
        // Of several that find the same the store lets one through.
        let now = match self.enter(mark, &holder) {
            Err(Error::AlreadyExists { .. }) => return Ok(None),
            other => other?,
        };
        let found = self.look(mark, now);
        if let Ok(found) = &found
            && found.living.iter().all(|other| *other == holder)
        {
            found
                .dead
                .iter()
                .try_for_each(|url| self.store.delete(url))?;
            return self.keep(mark, holder).map(Some);
        }
        self.leave(mark, &holder);
        found.map(|_| None)
    }

    fn is_held(&self, mark: &Url) -> Result<bool> {
        Ok(!self.look(mark, SystemTime::now())?.living.is_empty())
    }

    fn sweep(&self, _folder: &Url, _untouched: Duration) -> Result<()> {
        // What is put is there wholly or not at all.
        Ok(())
    }
}

impl Beat {
    fn first(holder: &Holder) -> Self {
        Self {
            holder: holder.clone(),
            number: 0,
        }
    }

    fn next(&self) -> Self {
        Self {
            holder: self.holder.clone(),
            number: self.number.saturating_add(1),
        }
    }

    fn url(&self, mark: &Url) -> Result<Url> {
        let number = self.number;
        mark.join(&match &self.holder {
            Holder::Shared(id) => format!("held-{id}.{number}"),
            Holder::Alone(place) => format!("alone-{place}.{number}"),
        })
    }

    fn parse(name: &str) -> Option<Self> {
        let (holder, number) = name.rsplit_once('.')?;
        let holder = match holder.split_once('-')? {
            ("held", id) => Holder::Shared(id.to_owned()),
            ("alone", place) => Holder::Alone(place.parse().ok()?),
            _ => return None,
        };
        let number = number.parse().ok()?;
        Some(Self { holder, number })
    }
}

impl Holder {
    fn number(&self) -> Option<u64> {
        match self {
            Self::Alone(number) => Some(*number),
            Self::Shared(_) => None,
        }
    }
}

impl Drop for Heart {
    fn drop(&mut self) {
        drop(self.stop.take());
        // Whoever looks after this must not see the mark, if the store answers.
        let stopped = self.stopped.get_mut();
        let stopped = stopped.unwrap_or_else(PoisonError::into_inner);
        let _ = stopped.recv_timeout(PARTING);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a test stops at the first surprise

    use super::*;
    use crate::storage::forward::forward;
    use crate::storage::{MemoryStore, Stat};
    use std::ops::Range;

    /// Where each file that is listed has gone when it is looked at: the first so many times for
    /// that of the next beat, and then for good.
    #[derive(Debug)]
    struct Beating {
        inner: MemoryStore,
        beats: Mutex<usize>,
    }

    impl Store for Beating {
        forward!(inner: get, get_range, list, put_if_absent, settle, delete, liveness);

        fn stat(&self, url: &Url) -> Result<Stat> {
            let mut beats = self.beats.lock().unwrap();
            let beat = Beat::parse(url.name()).unwrap();
            if *beats > 0 {
                *beats -= 1;
                let next = beat.next().url(&url.parent().unwrap())?;
                self.inner.put_if_absent(&next, Bytes::new())?;
            }
            self.inner.delete(url)?;
            self.inner.stat(url)
        }
    }

    /// Of a mark that somebody gives such signs of life in: whether it is held, as far as one sees.
    fn is_held(beats: usize) -> bool {
        let mark = Url::parse("memory://leases/mark").unwrap();
        let inner = MemoryStore::default();
        let beat = Beat::first(&Holder::Shared("a".to_owned()));
        inner
            .put_if_absent(&beat.url(&mark).unwrap(), Bytes::new())
            .unwrap();
        let beats = Mutex::new(beats);
        let leases = Leases::new(Arc::new(Beating { inner, beats }), Duration::from_secs(60));
        leases.is_held(&mark).unwrap()
    }

    #[test]
    fn who_gives_a_sign_of_life_while_it_is_looked_for_lives() {
        assert!(is_held(usize::MAX));
        // What has gone for good is nobody's.
        assert!(!is_held(0));
        assert!(!is_held(1));
    }
}
