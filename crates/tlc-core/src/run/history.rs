//! What a run is, and how far its commits are known.

use super::action::Action;
use super::commit::Commit;
use super::state::{Refused, State};
use crate::storage::json::{Seal, Unsealed};
use crate::{Error, Result, Url};

/// The actions since a multiple of this are kept for the next checkpoint.
pub(super) const BLOCK: u64 = 128;

/// What the commits of a run amount to, up to the newest that is known.
#[derive(Clone, Debug)]
pub(crate) struct History {
    pub(crate) state: State,
    /// Number the next commit will have.
    pub(super) next: u64,
    /// Of the newest known commit.
    pub(super) seal: Option<Seal>,
    pub(super) version: u64,
    pub(super) recent: Recent,
    /// Whether the newest known commit is known to survive a loss of power: one that was
    /// read may still be on its way to the disk.
    pub(super) is_settled: bool,
    /// Whether this is the history of one run: one that overwrites it is a conflict.
    is_pinned: bool,
}

impl History {
    pub(super) fn new() -> Self {
        Self {
            state: State::new(),
            next: 0,
            seal: None,
            version: 0,
            recent: Recent::default(),
            is_settled: false,
            is_pinned: false,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.next == 0
    }

    /// From now on this is the history of the run that it has come to.
    pub(super) fn pin(&mut self) {
        self.is_pinned = true;
    }

    /// Goes on as what another reading of the same commits has found, if that is still the
    /// history of this run.
    pub(super) fn replace(&mut self, run: &Url, mut newer: Self) -> Result<()> {
        let is_other = newer.state.id != self.state.id;
        if self.is_pinned && (is_other || newer.state.is_deleted) {
            return Err(Error::Conflict {
                url: run.clone(),
                latest: match is_other {
                    true => newer.state.id,
                    false => "deleted".to_owned(),
                },
            });
        }
        newer.is_pinned = self.is_pinned;
        *self = newer;
        Ok(())
    }

    /// Takes the actions of all commits up to the one before `next`.
    pub(super) fn accept(
        &mut self,
        url: &Url,
        actions: Vec<Action>,
        next: u64,
        (seal, version): (Seal, u64),
    ) -> Result<()> {
        self.recent.push(self.next, next, self.seal, &actions);
        self.state.moved_parts = 0;
        // Before version 2 a writer could go on after another had overwritten the run: what
        // it wrote is of no metrics table.
        let may_stray = version < 2 || next - self.next > 1;
        for action in actions {
            match self.state.apply(action) {
                Ok(()) => {}
                Err(Refused::NotBegun(_)) if may_stray => {}
                Err(refused) => {
                    return Err(Error::Corrupt {
                        url: url.clone(),
                        reason: refused.to_string(),
                    });
                }
            }
        }
        (self.next, self.seal, self.version) = (next, Some(seal), version);
        self.is_settled = false;
        Ok(())
    }

    /// The history of one run ends where another begins, or where it is deleted.
    pub(super) fn check_pinned(&self, url: &Url, actions: &[Action]) -> Result<()> {
        let end = actions.iter().find_map(|action| match action {
            Action::Create { id, .. } if *id != self.state.id => Some(id.clone()),
            Action::Delete => Some("deleted".to_owned()),
            _ => None,
        });
        match end.filter(|_| self.is_pinned) {
            None => Ok(()),
            Some(latest) => Err(Error::Conflict {
                url: run_of(url),
                latest,
            }),
        }
    }

    /// Checks that a commit stands where it was put.
    pub(super) fn check_place(&self, url: &Url, read: &Unsealed<Commit>) -> Result<()> {
        let commit = &read.body;
        let run = commit.created().unwrap_or(&self.state.id);
        if let Some(other) = commit.run.as_ref().filter(|id| **id != self.state.id)
            && self.is_pinned
        {
            // Another has its name by now.
            return Err(Error::Conflict {
                url: run_of(url),
                latest: other.clone(),
            });
        }
        let reason = if read.version < self.version.min(2) {
            format!(
                "of version {} after one of version {}",
                read.version, self.version
            )
        } else if read.version < 2 {
            return Ok(());
        } else if commit.number != Some(self.next) {
            format!("it was published as number {}", shown(commit.number))
        } else if commit.previous != self.seal {
            "it followed another commit than the one before it".to_owned()
        } else if commit.run.as_ref() != Some(run) {
            format!("it is of the run {}", shown(commit.run.as_ref()))
        } else {
            return Ok(());
        };
        Err(Error::Corrupt {
            url: url.clone(),
            reason,
        })
    }
}

/// The actions since the last multiple of [`BLOCK`].
#[derive(Clone, Debug, Default)]
pub(super) struct Recent {
    pub(super) from: u64,
    pub(super) previous: Option<Seal>,
    pub(super) actions: Vec<Action>,
}

impl Recent {
    /// Takes the actions of the commits `from..to`; `previous` is the seal of the commit
    /// before them.
    pub(super) fn push(&mut self, from: u64, to: u64, previous: Option<Seal>, actions: &[Action]) {
        let block = to.saturating_sub(1) / BLOCK * BLOCK;
        if from <= block {
            *self = Self {
                from,
                previous,
                actions: Vec::new(),
            };
        }
        // What ends a block and is many commits is a checkpoint already.
        if from >= block && (to - from == 1 || !to.is_multiple_of(BLOCK)) {
            self.actions.extend_from_slice(actions);
        }
    }
}

fn run_of(commit: &Url) -> Url {
    let run = commit.parent().and_then(|folder| folder.parent());
    run.unwrap_or_else(|| commit.clone())
}

fn shown<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| "none".to_owned(), |value| value.to_string())
}
