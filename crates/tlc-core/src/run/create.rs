//! Creating a run, or taking up the one that has its name.

use super::{Action, Run, RunOptions, commits, now_micros, parameter};
use crate::{Error, IfExists, Result, layout, storage};
use serde_json::{Map, Value};
use std::sync::Arc;
use std::time::Duration;

/// How often a name that others take and give up is tried.
const ATTEMPTS: usize = 100;
const PAUSE: Duration = Duration::from_millis(1);

impl Run {
    /// Creates a run, or opens or restarts the one that has its name.
    ///
    /// # Errors
    /// [`Error::AlreadyExists`] if the name is taken and the options say `Raise`, or by a
    /// run that is being deleted: repeat [`delete`](crate::delete) where that was cut off;
    /// [`Error::InvalidUrl`] for a bad name; [`Error::Parameter`]; [`Error::Corrupt`] for a run
    /// that is to be taken up and cannot be read. Storage errors, after which the run may be
    /// there all the same.
    pub fn create(options: impl Into<RunOptions>) -> Result<Self> {
        let options = options.into();
        let folder = options.runs_url()?;
        crate::url::check_name("run", options.run_name())?;
        let store = storage::open(&folder)?;
        for _ in 0..ATTEMPTS {
            let name = match options.if_exists {
                IfExists::Rename => layout::free_name(&*store, &folder, options.run_name())?,
                _ => options.run_name().to_owned(),
            };
            let run = Self::at(folder.join(&name)?, Arc::clone(&store));
            match run.begin(&options) {
                // Somebody took the name in between, or is deleting what has it.
                Err(Error::AlreadyExists { .. }) if options.if_exists != IfExists::Raise => {
                    std::thread::sleep(PAUSE);
                }
                other => return other.map(|()| run),
            }
        }
        Err(Error::AlreadyExists {
            url: folder.join(options.run_name())?,
        })
    }

    fn begin(&self, options: &RunOptions) -> Result<()> {
        let parameters = parameter::checked(options.parameters.iter().cloned())?;
        // A name that is free by a listing is not asked for again.
        let is_new = options.if_exists == IfExists::Rename
            || !commits::exist(self.store().as_ref(), self.url())?;
        let taken_up = match options.if_exists {
            _ if is_new => return self.create_first(first_actions(options, &parameters)),
            IfExists::Reuse => self.reuse(options, &parameters),
            IfExists::Overwrite => self.overwrite(&first_actions(options, &parameters)),
            IfExists::Raise | IfExists::Rename => Err(self.taken()),
        };
        match taken_up {
            // It is being deleted.
            Err(Error::NotFound { .. } | Error::Conflict { .. }) => Err(self.taken()),
            other => other,
        }
    }

    fn create_first(&self, actions: Vec<Action>) -> Result<()> {
        self.take_hold()?;
        // Once more with the lock, which whoever deletes has alone until all is gone.
        if commits::exist(self.store().as_ref(), self.url())? {
            return Err(self.taken());
        }
        let mut history = self.history();
        commits::create(self.store().as_ref(), self.url(), &mut history, actions)?;
        history.pin();
        Ok(())
    }

    /// Starts the run that is there anew.
    fn overwrite(&self, actions: &[Action]) -> Result<()> {
        let found = commits::open(&*self.inner.store, self.url())?;
        if found.is_empty() {
            return Err(self.taken());
        }
        *self.history() = found;
        self.append(|state| match state.is_deleted {
            true => Err(self.taken()),
            false => Ok(actions.to_vec()),
        })?;
        self.history().pin();
        Ok(())
    }

    /// Opens the run that is there and adds what the options say of it.
    fn reuse(&self, options: &RunOptions, parameters: &Map<String, Value>) -> Result<()> {
        self.open()?;
        self.take_hold()?;
        self.append(|state| {
            let mut actions = parameter::missing(state, parameters)?;
            let description = &options.description;
            if !description.is_empty() && state.description != *description {
                actions.push(Action::Describe {
                    description: description.clone(),
                });
            }
            Ok(actions)
        })
    }

    fn taken(&self) -> Error {
        Error::AlreadyExists {
            url: self.url().clone(),
        }
    }
}

fn first_actions(options: &RunOptions, parameters: &Map<String, Value>) -> Vec<Action> {
    vec![
        Action::Create {
            id: uuid::Uuid::now_v7().to_string(),
            created_micros: now_micros(),
        },
        Action::Describe {
            description: options.description.clone(),
        },
        Action::Parameters {
            parameters: parameters.clone(),
        },
    ]
}
