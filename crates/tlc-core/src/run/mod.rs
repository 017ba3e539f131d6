//! Runs: experiments with parameters, status, input tables, aggregate values over
//! time and metrics tables.
//!
//! A run is a folder with numbered commits; what it is, is their fold. Any number
//! of processes may add commits: each gets a number of its own, none is lost.

mod active;
mod commits;
mod log;
mod options;
mod recover;
mod seal;
mod sealer;
mod state;
mod status;

pub use self::active::{active_run, close, init, log, set_active_run};
pub use self::log::{Axis, Series};
pub use self::options::RunOptions;
pub(crate) use self::state::{Action, MetricsHead, MetricsState, State, TableReference};
pub use self::status::Status;

use self::log::{LogBuffer, PendingValues};
use crate::part::{EncodedPart, PartReader};
use crate::storage::{self, Hold, Store, commit};
use crate::{Error, IfExists, Result, Table, Url, layout};
use serde_json::{Map, Value};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// One experiment. A clone is a handle to the same run.
#[derive(Clone, Debug)]
pub struct Run {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    url: Url,
    store: Arc<dyn Store>,
    state: Mutex<State>,
    log: Mutex<LogBuffer>,
    /// Held by whoever seals the buffer; locked before it.
    pending: Mutex<Option<PendingValues>>,
    /// Of the sealer, until a call reports it.
    unreported: Mutex<Option<Error>>,
    /// Held from the first write on: tells observers that the run has a process.
    hold: Mutex<Option<Hold>>,
}

impl Run {
    /// Creates a run, or opens or restarts the one that has its name.
    ///
    /// # Errors
    /// [`Error::AlreadyExists`] if the name is taken and the options say `Raise`;
    /// [`Error::InvalidUrl`] for a bad name; storage errors.
    pub fn create(options: impl Into<RunOptions>) -> Result<Self> {
        let options = options.into();
        let folder = options.runs_url()?;
        crate::url::check_name("run", options.run_name())?;
        let store = storage::open(&folder)?;
        loop {
            let exists = |name: &str| exists(&*store, &folder.join(name)?);
            let name = match options.if_exists {
                IfExists::Rename => layout::free_name(options.run_name(), exists)?,
                _ => options.run_name().to_owned(),
            };
            let run = Self::at(folder.join(&name)?, Arc::clone(&store));
            match run.begin(&options) {
                // Somebody took the free name in between.
                Err(Error::AlreadyExists { .. }) if options.if_exists == IfExists::Rename => {}
                Err(error) => return Err(error),
                Ok(()) => return Ok(run),
            }
        }
    }

    /// Opens the run at a URL; the active run stays what it is.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is none; [`Error::Corrupt`] and
    /// [`Error::UnsupportedVersion`] for commits that cannot be read.
    pub fn from_url<U>(url: U) -> Result<Self>
    where
        U: TryInto<Url>,
        Error: From<U::Error>,
    {
        let url = url.try_into()?;
        let store = storage::open(&url)?;
        let run = Self::at(url, store);
        run.refresh()?;
        Ok(run)
    }

    /// Opens a run of the default project root by its names.
    ///
    /// # Errors
    /// As [`from_url`](Self::from_url).
    pub fn from_names(project: &str, run: &str) -> Result<Self> {
        crate::url::check_name("run", run)?;
        Self::from_url(layout::runs_url(&layout::project_root(None)?, project)?.join(run)?)
    }

    /// Where the run is.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.inner.url
    }

    /// The last part of the URL.
    #[must_use]
    pub fn name(&self) -> &str {
        self.inner.url.name()
    }

    /// Unique to this run: a run that is overwritten gets another.
    #[must_use]
    pub fn id(&self) -> String {
        self.state().id.clone()
    }

    /// Name of the project the run belongs to.
    #[must_use]
    pub fn project(&self) -> String {
        layout::project_of_run(self.url()).map_or_else(String::new, |url| url.name().to_owned())
    }

    /// Reads what other processes have added.
    ///
    /// # Errors
    /// As [`from_url`](Self::from_url).
    pub fn refresh(&self) -> Result<()> {
        let mut state = self.state();
        commits::catch_up(&*self.inner.store, self.url(), &mut state)?;
        if state.next_commit == 0 {
            return Err(Error::NotFound {
                url: self.url().clone(),
            });
        }
        Ok(())
    }

    /// What the run is for.
    #[must_use]
    pub fn description(&self) -> String {
        self.state().description.clone()
    }

    /// Sets what the run is for.
    ///
    /// # Errors
    /// Storage errors.
    pub fn set_description(&self, description: impl Into<String>) -> Result<()> {
        self.append(vec![Action::Describe {
            description: description.into(),
        }])
    }

    /// The parameters.
    #[must_use]
    pub fn parameters(&self) -> Map<String, Value> {
        self.state().parameters.clone()
    }

    /// Adds parameters, replacing those of the same name.
    ///
    /// # Errors
    /// Storage errors.
    pub fn set_parameters<K: Into<String>, V: Into<Value>>(
        &self,
        parameters: impl IntoIterator<Item = (K, V)>,
    ) -> Result<()> {
        let parameters = parameters
            .into_iter()
            .map(|(key, value)| (key.into(), value.into()));
        self.append(vec![Action::Parameters {
            parameters: parameters.collect(),
        }])
    }

    /// How far the run has come; `Interrupted` if its last process died on the way.
    /// A store that cannot tell the living from the dead gives what was recorded.
    ///
    /// # Errors
    /// Storage errors.
    pub fn status(&self) -> Result<Status> {
        let recorded = self.state().status;
        // Asking the store about one's own hold takes until it has tried a few times.
        if !recorded.is_under_way() || self.holds() {
            return Ok(recorded);
        }
        match self.inner.store.is_held(&self.lock_url()?)? {
            Some(false) => Ok(Status::Interrupted),
            _ => Ok(recorded),
        }
    }

    /// Records how far the run has come.
    ///
    /// # Errors
    /// Storage errors.
    pub fn set_status(&self, status: Status) -> Result<()> {
        if self.state().status == status {
            return Ok(());
        }
        self.append(vec![Action::Status { status }])
    }

    /// Records that the run reads a table.
    ///
    /// # Errors
    /// Storage errors.
    pub fn add_input_table(&self, table: &Table) -> Result<()> {
        let table = TableReference::new(self.url(), table);
        if self.state().inputs.contains(&table) {
            return Ok(());
        }
        self.append(vec![Action::InputTable { table }])
    }

    /// URLs of the tables the run reads.
    ///
    /// # Errors
    /// [`Error::InvalidUrl`] for a reference that leads out of the project.
    pub fn input_tables(&self) -> Result<Vec<Url>> {
        let inputs = self.state().inputs.clone();
        inputs.iter().map(|table| table.url(self.url())).collect()
    }

    /// The logged values as series by axis, those still buffered included.
    ///
    /// # Errors
    /// Storage errors and [`Error::Corrupt`].
    pub fn aggregates(&self) -> Result<Vec<Series>> {
        self.seal()?;
        let state = self.state().clone();
        let mut series = Vec::new();
        for part in &state.aggregates {
            let reader = PartReader::new(Arc::clone(&self.inner.store), self.url(), part)?;
            log::read_into(&mut series, &reader, state.created_micros)?;
        }
        Ok(series)
    }

    /// The store the run is kept in.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.inner.store
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.inner
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Publishes a file of the run; unreachable until a commit names it.
    pub(crate) fn publish(&self, relative: &str, part: &EncodedPart) -> Result<()> {
        self.take_hold()?;
        commit::publish(
            self.store().as_ref(),
            &self.url().join(relative)?,
            &part.bytes,
        )
    }

    pub(crate) fn append(&self, actions: Vec<Action>) -> Result<()> {
        self.take_hold()?;
        commits::append(&*self.inner.store, self.url(), &mut self.state(), actions)
    }

    /// The actions, with the run's start in front if they are the first results.
    pub(crate) fn started(&self, mut actions: Vec<Action>) -> Vec<Action> {
        if self.state().status == Status::Empty {
            actions.insert(
                0,
                Action::Status {
                    status: Status::Running,
                },
            );
        }
        actions
    }

    fn at(url: Url, store: Arc<dyn Store>) -> Self {
        let inner = Inner {
            url,
            store,
            state: Mutex::new(State::new()),
            log: Mutex::new(LogBuffer::new()),
            pending: Mutex::new(None),
            unreported: Mutex::new(None),
            hold: Mutex::new(None),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    fn begin(&self, options: &RunOptions) -> Result<()> {
        let exists = exists(self.store().as_ref(), self.url())?;
        if exists && options.if_exists == IfExists::Reuse {
            self.refresh()?;
            return self.take_hold();
        }
        self.take_hold()?;
        let actions = vec![
            Action::Create {
                id: uuid::Uuid::now_v7().to_string(),
                created_micros: now_micros(),
            },
            Action::Describe {
                description: options.description.clone(),
            },
            Action::Parameters {
                parameters: options.parameters.clone(),
            },
        ];
        if exists && options.if_exists == IfExists::Overwrite {
            self.refresh()?;
            return self.append(actions);
        }
        commits::create(
            self.store().as_ref(),
            self.url(),
            &mut self.state(),
            actions,
        )
    }

    fn take_hold(&self) -> Result<()> {
        let mut hold = self
            .inner
            .hold
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if hold.is_none() {
            let lock = self.lock_url()?;
            if let Some(_alone) = self.inner.store.hold_alone(&lock)? {
                recover::recover(&*self.inner.store, self.url(), &mut self.state())?;
            }
            *hold = Some(self.inner.store.hold(&lock)?);
        }
        Ok(())
    }

    /// Whether this handle is what tells observers that the run has a process.
    fn holds(&self) -> bool {
        let hold = self.inner.hold.lock();
        hold.unwrap_or_else(PoisonError::into_inner).is_some()
    }

    fn lock_url(&self) -> Result<Url> {
        self.url().join("lock")
    }
}

fn exists(store: &dyn Store, run: &Url) -> Result<bool> {
    Ok(commit::latest_number(store, &run.join("commits")?)?.is_some())
}

fn now_micros() -> i64 {
    chrono::Utc::now().timestamp_micros()
}
