//! Runs: experiments with parameters, status, input tables, aggregate values over
//! time and metrics tables.
//!
//! A run is a folder with numbered commits; what it is, is their fold. Any number
//! of processes may add commits: each gets a number of its own, none is lost.

mod action;
mod actions;
mod active;
mod check;
mod checkpoint;
mod commit;
mod commits;
mod create;
mod history;
mod log;
mod memory;
mod named;
mod options;
mod parameter;
mod reference;
mod seal;
mod sealer;
mod state;
mod status;

pub(crate) use self::action::{Action, Compaction, MetricsHead};
pub use self::active::{
    active_run, active_run_or_init, active_run_or_init_beside, close, init, log, set_active_run,
};
pub(crate) use self::check::check_history;
pub(crate) use self::commits::is_gone;
pub(crate) use self::log::schema as log_schema;
pub use self::log::{Axis, Series};
pub(crate) use self::named::parts_by_commit;
pub use self::options::RunOptions;
pub use self::parameter::Parameter;
pub use self::reference::RunRef;
pub(crate) use self::state::{MetricsState, State};
pub use self::status::Status;

use self::history::History;
use self::log::LogBuffer;
pub(crate) use self::log::PendingValues;
pub(crate) use self::seal::encode_values;
use crate::part::{EncodedPart, PartReader};
use crate::storage::{self, Hold, Store};
use crate::table::TableReference;
use crate::{Error, Result, Table, Url, layout};
use bytes::Bytes;
use serde_json::{Map, Value};
use std::ops::Deref;
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
    history: Mutex<History>,
    log: Mutex<LogBuffer>,
    /// Held by whoever seals the buffer; locked before it.
    pending: Mutex<Option<PendingValues>>,
    /// Of the sealer, until a call reports it.
    unreported: Mutex<Option<Error>>,
    /// Held from the first write on: tells observers that the run has a process.
    hold: Mutex<Option<Hold>>,
}

impl Run {
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
        run.open()?;
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

    /// When the run was created, as RFC 3339.
    #[must_use]
    pub fn created(&self) -> String {
        let created = chrono::DateTime::from_timestamp_micros(self.state().created_micros);
        created.map_or_else(String::new, |created| created.to_rfc3339())
    }

    /// How many commits are known of: whoever looks at a run sees by it that something was
    /// added.
    #[must_use]
    pub fn commits(&self) -> u64 {
        self.history().next
    }

    /// Name of the project the run belongs to.
    #[must_use]
    pub fn project(&self) -> String {
        layout::project_of_run(self.url()).map_or_else(String::new, |url| url.name().to_owned())
    }

    /// Reads what other processes have added.
    ///
    /// # Errors
    /// [`Error::Conflict`] if another process has overwritten the run since this handle
    /// was opened: what was read before stays, and nothing is written any more; as
    /// [`from_url`](Self::from_url).
    pub fn refresh(&self) -> Result<()> {
        commits::catch_up(&*self.inner.store, self.url(), &mut self.history())
    }

    /// What the run is for.
    #[must_use]
    pub fn description(&self) -> String {
        self.state().description.clone()
    }

    /// Sets what the run is for.
    ///
    /// # Errors
    /// As [`set_status`](Self::set_status).
    pub fn set_description(&self, description: impl Into<String>) -> Result<()> {
        let description = description.into();
        self.update(|state| {
            Ok(match state.description == description {
                true => Vec::new(),
                false => vec![Action::Describe {
                    description: description.clone(),
                }],
            })
        })
    }

    /// The parameters.
    #[must_use]
    pub fn parameters(&self) -> Map<String, Value> {
        self.state().parameters.clone()
    }

    /// Adds parameters, replacing those of the same name.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a number that JSON has not, NaN and infinity, or a value
    /// that is nested too deep; [`Error::TooLarge`] for more than some 100,000; as
    /// [`set_status`](Self::set_status).
    pub fn set_parameters<K: Into<String>, V: Into<Parameter>>(
        &self,
        parameters: impl IntoIterator<Item = (K, V)>,
    ) -> Result<()> {
        let parameters = parameters
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()));
        let parameters = parameter::checked(parameters)?;
        self.update(|state| parameter::missing(state, &parameters))
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
        match self.inner.store.liveness() {
            Some(liveness) if !liveness.is_held(&self.lock_url()?)? => Ok(Status::Interrupted),
            _ => Ok(recorded),
        }
    }

    /// Records how far the run has come.
    ///
    /// # Errors
    /// [`Error::Parameter`] for `Interrupted`, which is told and never set;
    /// [`Error::Conflict`] if another process has overwritten the run since this handle
    /// was opened; storage errors. The call can be repeated after the latter.
    pub fn set_status(&self, status: Status) -> Result<()> {
        status.check()?;
        self.update(|state| {
            Ok(match state.status == status {
                true => Vec::new(),
                false => vec![Action::status(status)],
            })
        })
    }

    /// Records that the run has failed, and why.
    ///
    /// # Errors
    /// [`Error::TooLarge`] for a reason that no commit holds; as
    /// [`set_status`](Self::set_status).
    pub fn fail(&self, reason: impl Into<String>) -> Result<()> {
        let reason = Some(reason.into());
        self.update(|state| {
            let is_known = state.status == Status::Failed && state.failure == reason;
            Ok(match is_known {
                true => Vec::new(),
                false => vec![Action::Status {
                    status: Status::Failed,
                    reason: reason.clone(),
                }],
            })
        })
    }

    /// Why the run has failed, where [`fail`](Self::fail) said so.
    #[must_use]
    pub fn failure(&self) -> Option<String> {
        self.state().failure.clone()
    }

    /// Records that the run reads a table.
    ///
    /// # Errors
    /// As [`set_status`](Self::set_status).
    pub fn add_input_table(&self, table: &Table) -> Result<()> {
        let table = self.reference(table);
        self.update(|state| {
            Ok(match state.has_input(&table) {
                true => Vec::new(),
                false => vec![Action::InputTable {
                    table: table.clone(),
                }],
            })
        })
    }

    /// URLs of the tables the run reads.
    ///
    /// # Errors
    /// [`Error::InvalidUrl`] for a reference that leads out of the project.
    pub fn input_tables(&self) -> Result<Vec<Url>> {
        let inputs = self.state().inputs.clone();
        let project = layout::project_of_run(self.url());
        inputs
            .iter()
            .map(|table| table.url(project.as_ref()))
            .collect()
    }

    /// The store the run is kept in.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.inner.store
    }

    pub(crate) fn state(&self) -> impl Deref<Target = State> {
        Known(self.history())
    }

    /// Publishes a file of the run; unreachable until a commit names it.
    pub(crate) fn publish(&self, relative: &str, part: &EncodedPart) -> Result<()> {
        self.publish_bytes(relative, &part.bytes)
    }

    /// As [`publish`](Self::publish), of what is no part.
    pub(crate) fn publish_bytes(&self, relative: &str, bytes: &Bytes) -> Result<()> {
        self.take_hold()?;
        // What a run that was overwritten would not name must not be written.
        self.refresh()?;
        let url = self.url().join(relative)?;
        storage::commit::publish(self.store().as_ref(), &url, bytes)
    }

    /// Adds a commit with the actions that `decide` wants, given what the run is by then.
    pub(crate) fn append(
        &self,
        mut decide: impl FnMut(&State) -> Result<Vec<Action>>,
    ) -> Result<()> {
        // No commit and no lock file for nothing.
        if decide(&self.state())?.is_empty() {
            return Ok(());
        }
        self.take_hold()?;
        let mut history = self.history();
        commits::append(&*self.inner.store, self.url(), &mut history, decide)
    }

    /// As [`append`](Self::append), after reading what others have added: for a `decide`
    /// that may find nothing to do.
    pub(crate) fn update(&self, decide: impl FnMut(&State) -> Result<Vec<Action>>) -> Result<()> {
        self.refresh()?;
        self.append(decide)
    }

    /// A table as the documents of this run name it.
    pub(crate) fn reference(&self, table: &Table) -> TableReference {
        TableReference::new(layout::project_of_run(self.url()).as_ref(), table)
    }

    /// Ids of the contents of tables that the run refers to, with their URLs as stored.
    pub(crate) fn referenced_tables(&self) -> Vec<TableReference> {
        let state = self.state();
        let metrics = state.metrics.iter();
        let foreign = metrics.filter_map(|metrics| metrics.head.foreign_table.clone());
        foreign.chain(state.inputs.iter().cloned()).collect()
    }

    /// Calls for each part of the run with a reader, one after another.
    pub(crate) fn for_each_part(&self, mut call: impl FnMut(Result<PartReader>)) -> Result<()> {
        let state = self.state();
        let tables = state.metrics.iter();
        let tables = tables.map(|metrics| (metrics.head.schema.clone(), &metrics.parts));
        let values = [(log::schema()?, &state.aggregates)];
        for (schema, parts) in values.into_iter().chain(tables) {
            // A schema that no part needs any more keeps no Arrow fields.
            let schema = schema.to_arrow();
            for part in parts {
                let store = Arc::clone(self.store());
                call(PartReader::new(store, self.url(), part, &schema));
            }
        }
        Ok(())
    }

    /// Records that the run is no more. Files of it may be deleted then.
    pub(crate) fn end(&self) -> Result<()> {
        let mut history = self.history();
        commits::append(&*self.inner.store, self.url(), &mut history, |state| {
            Ok(match state.is_deleted {
                true => Vec::new(),
                false => vec![Action::Delete],
            })
        })
    }

    fn history(&self) -> MutexGuard<'_, History> {
        let history = &self.inner.history;
        history.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn at(url: Url, store: Arc<dyn Store>) -> Self {
        let inner = Inner {
            url,
            store,
            history: Mutex::new(History::new()),
            log: Mutex::new(LogBuffer::new()),
            pending: Mutex::new(None),
            unreported: Mutex::new(None),
            hold: Mutex::new(None),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    fn open(&self) -> Result<()> {
        let mut found = commits::open(&*self.inner.store, self.url())?;
        if found.is_empty() || found.state.is_deleted {
            return Err(Error::NotFound {
                url: self.url().clone(),
            });
        }
        found.pin();
        *self.history() = found;
        Ok(())
    }

    fn take_hold(&self) -> Result<()> {
        let hold = &self.inner.hold;
        let mut hold = hold.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(liveness) = self.inner.store.liveness() else {
            // Nothing keeps others from deleting the run: it is asked for each time.
            return commits::check_newest(&*self.inner.store, self.url(), &self.history());
        };
        if hold.as_ref().is_some_and(Hold::may_have_lapsed) {
            commits::check_newest(&*self.inner.store, self.url(), &self.history())?;
        }
        if hold.is_none() {
            // No lock file where a run was deleted; and once more with the lock, since
            // whoever deletes has had it before.
            commits::check_newest(&*self.inner.store, self.url(), &self.history())?;
            let held = liveness.hold(&self.lock_url()?)?;
            commits::check_newest(&*self.inner.store, self.url(), &self.history())?;
            *hold = Some(held);
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

/// What a run is, as long as this lives: nobody changes it meanwhile.
struct Known<'a>(MutexGuard<'a, History>);

impl Deref for Known<'_> {
    type Target = State;

    fn deref(&self) -> &State {
        &self.0.state
    }
}

/// The actions, with the run's start in front if they are the first results.
pub(crate) fn started(state: &State, mut actions: Vec<Action>) -> Vec<Action> {
    if state.status == Status::Empty && !actions.is_empty() {
        let status = Status::Running;
        actions.insert(0, Action::status(status));
    }
    actions
}

fn now_micros() -> i64 {
    chrono::Utc::now().timestamp_micros()
}
