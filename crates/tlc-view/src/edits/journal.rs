//! The journal: numbered documents, one a step, and checkpoints that hold many of them.

use super::action::Values;
use super::state::{Reading, State};
use super::step::{CHECKPOINT_FORMAT, Checkpoint, Document, FORMAT, Numbered, Step, VERSION};
use super::value;
use crate::Result;
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;
use tlc_core::arrow::array::ArrayRef;
use tlc_core::storage::json::{self, Seal};
use tlc_core::storage::{self, ChecksumStore, FileInfo, Store, commit};
use tlc_core::{Column, Error, Table, Url, edits_folder};
use twox_hash::XxHash3_128;

/// Whoever writes the last of so many steps writes a checkpoint.
const STEPS_IN_CHECKPOINT: u64 = 256;
const CHECKPOINT: &str = ".checkpoint.json";
/// Bytes of a file of values.
const FILE_BYTES: u64 = 4 << 30;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// A folder is listed while others write to it.
const LISTINGS: usize = 3;

/// The documents of the edits of one table, up to the last one that was read or written.
#[derive(Debug)]
pub(super) struct Journal {
    store: Arc<dyn Store>,
    folder: Url,
    table: Table,
    next: u64,
    previous: Option<Seal>,
    /// Whether this one has written the last document.
    is_own: bool,
}

/// What is in the folder.
struct Listing {
    /// Number of the newest step.
    newest: Option<u64>,
    /// Of checkpoints, newest first.
    checkpoints: Vec<u64>,
}

/// One document that is read.
struct Place<'j> {
    journal: &'j Journal,
    document: Url,
}

impl Journal {
    /// Reads what there is.
    pub(super) fn open(table: &Table) -> Result<(Self, State)> {
        let folder = edits_folder(table.url(), table.id())?;
        let store = storage::open(&folder)?;
        if let Some(liveness) = store.liveness() {
            liveness.sweep(&folder, DAY)?;
        }
        let empty = Self {
            store,
            folder,
            table: table.clone(),
            next: 0,
            previous: None,
            is_own: false,
        };
        let listing = empty.listing()?;
        let Some(newest) = listing.newest else {
            return Ok((empty, State::default()));
        };
        // A checkpoint says nothing that the steps do not: one that is damaged is passed over.
        for number in listing.checkpoints {
            if let Ok(read) = empty.after_checkpoint(number, newest) {
                return Ok(read);
            }
        }
        empty.read_up_to(State::default(), newest)
    }

    /// Number of the next document.
    pub(super) fn next(&self) -> u64 {
        self.next
    }

    /// Reads what others have written since: the state after it, and the ids of documents.
    pub(super) fn read_on(&mut self, mut state: State) -> Result<(State, Vec<String>)> {
        let mut ids = Vec::new();
        while let Some((document, seal)) = self.read(self.next)? {
            if document.previous != self.previous {
                return Err(misplaced(self.url(self.next)?).into());
            }
            ids.push(document.id);
            state = self.tried(state, document.step)?;
            self.advance(seal, false);
        }
        Ok((state, ids))
    }

    /// Writes a step under the next number. Not if somebody else has it.
    pub(super) fn append(&mut self, id: String, step: &Step) -> Result<bool> {
        let document = Document {
            table: self.table.id().to_owned(),
            name: self.table.name().to_owned(),
            number: self.next,
            previous: self.previous,
            id,
            step: step.clone(),
        };
        let (bytes, seal) = json::seal(FORMAT, VERSION, &document)?;
        if self.next > 0 && !self.is_own {
            // It must not outlast the one that it follows.
            self.store.settle(&self.folder)?;
        }
        match commit::publish(&*self.store, &self.url(self.next)?, &bytes) {
            Ok(()) => self.advance(seal, true),
            Err(Error::AlreadyExists { .. }) => return Ok(false),
            Err(error) => return Err(error.into()),
        }
        Ok(true)
    }

    /// What a step does to a state, before it is written.
    pub(super) fn tried(&self, state: State, step: Step) -> Result<State> {
        let place = self.place(self.next)?;
        state.after(self.next, step, &place)
    }

    /// Puts a file of values beside the documents.
    pub(super) fn put_values(&self, values: &ArrayRef) -> Result<Values> {
        let bytes = value::encoded(values)?;
        // By what it holds, so that a call that is repeated says the same again.
        let name = uuid::Uuid::from_u128(XxHash3_128::oneshot(&bytes));
        let (name, file) = (format!("{name}.arrow"), FileInfo::of(&bytes));
        commit::publish(&*self.store, &self.folder.join(&name)?, &bytes)?;
        Ok(Values::File { name, file })
    }

    /// Writes a checkpoint, if it is time to. Without one all is there, too, so that a failure
    /// is none.
    pub(super) fn checkpoint(&self, state: &State) {
        let is_due = self.next.is_multiple_of(STEPS_IN_CHECKPOINT) && self.is_own;
        if let (true, Some(last)) = (is_due, self.previous) {
            let _ = self.write_checkpoint(state, last);
        }
    }

    fn write_checkpoint(&self, state: &State, last: Seal) -> Result<()> {
        let actions = state.actions.iter().map(|action| Numbered {
            step: action.step,
            action: Cow::Borrowed(&action.written),
        });
        let checkpoint = Checkpoint {
            table: self.table.id().to_owned(),
            number: self.next - 1,
            last,
            actions: actions.collect(),
            done: state.done,
            reviewed: state.reviewed.clone(),
            commits: state.commits.clone(),
            arrived: state.arrived.clone(),
        };
        let (bytes, _) = json::seal(CHECKPOINT_FORMAT, VERSION, &checkpoint)?;
        let url = self.checkpoint_url(checkpoint.number)?;
        commit::publish(&*self.store, &url, &bytes)?;
        for number in self.listing()?.checkpoints {
            if number < checkpoint.number {
                self.store.delete(&self.checkpoint_url(number)?)?;
            }
        }
        Ok(())
    }

    fn listing(&self) -> Result<Listing> {
        for _ in 1..LISTINGS {
            if let Ok(listing) = self.list_once() {
                return Ok(listing);
            }
        }
        self.list_once()
    }

    fn list_once(&self) -> Result<Listing> {
        let entries = self.store.list(&self.folder)?;
        let numbers = |ending: &str| {
            let stems = entries
                .iter()
                .filter_map(|entry| entry.name.strip_suffix(ending));
            stems.filter_map(commit::number).collect::<Vec<u64>>()
        };
        let newest = numbers(".json").into_iter().max();
        let mut checkpoints = numbers(CHECKPOINT);
        checkpoints.sort_unstable_by(|one, other| other.cmp(one));
        // Written after the last step that it is of.
        match checkpoints.first() {
            Some(last) if newest.is_none_or(|newest| newest < *last) => {
                Err(gone(self.url(*last)?).into())
            }
            _ => Ok(Listing {
                newest,
                checkpoints,
            }),
        }
    }

    fn after_checkpoint(&self, number: u64, newest: u64) -> Result<(Self, State)> {
        let document = self.checkpoint_url(number)?;
        let place = Place {
            journal: self,
            document: document.clone(),
        };
        let read =
            json::read::<Checkpoint<'static>>(&*self.store, &document, CHECKPOINT_FORMAT, VERSION)?;
        let checkpoint = read.body;
        if checkpoint.table != self.table.id() || checkpoint.number != number {
            return Err(misplaced(document).into());
        }
        let last = checkpoint.last;
        let state = State::of(checkpoint, &place)?;
        // The step that it ends with must be the one that it says.
        match self.read(number)? {
            Some((_, seal)) if seal == last => {}
            _ => return Err(misplaced(document).into()),
        }
        self.at(number + 1, Some(last)).read_up_to(state, newest)
    }

    /// Reads on, at least up to a document.
    fn read_up_to(&self, state: State, newest: u64) -> Result<(Self, State)> {
        let mut journal = self.at(self.next, self.previous);
        let (state, _) = journal.read_on(state)?;
        match journal.next > newest {
            true => Ok((journal, state)),
            false => Err(gone(self.url(journal.next)?).into()),
        }
    }

    fn at(&self, next: u64, previous: Option<Seal>) -> Self {
        Self {
            store: Arc::clone(&self.store),
            folder: self.folder.clone(),
            table: self.table.clone(),
            next,
            previous,
            is_own: false,
        }
    }

    /// The document of a number, if it is there.
    fn read(&self, number: u64) -> Result<Option<(Document, Seal)>> {
        let url = self.url(number)?;
        let read = match json::read::<Document>(&*self.store, &url, FORMAT, VERSION) {
            Err(Error::NotFound { .. }) => return Ok(None),
            other => other?,
        };
        let document = read.body;
        match document.table == self.table.id() && document.number == number {
            true => Ok(Some((document, read.seal))),
            false => Err(misplaced(url).into()),
        }
    }

    fn advance(&mut self, seal: Seal, is_own: bool) {
        self.next += 1;
        self.previous = Some(seal);
        self.is_own = is_own;
    }

    fn place(&self, number: u64) -> Result<Place<'_>> {
        let document = self.url(number)?;
        Ok(Place {
            journal: self,
            document,
        })
    }

    fn url(&self, number: u64) -> Result<Url> {
        Ok(commit::numbered(&self.folder, number)?)
    }

    fn checkpoint_url(&self, number: u64) -> Result<Url> {
        let name = format!("{}{CHECKPOINT}", commit::digits(number));
        Ok(self.folder.join(&name)?)
    }
}

impl Reading for Place<'_> {
    fn table(&self) -> &Table {
        &self.journal.table
    }

    fn document(&self) -> &Url {
        &self.document
    }

    fn values(&self, values: &Values, column: &Column) -> Result<ArrayRef> {
        let Values::File { name, file } = values else {
            return Err(misplaced(self.document.clone()).into());
        };
        let stem = name.strip_suffix(".arrow");
        let is_uuid = |stem| uuid::Uuid::parse_str(stem).is_ok_and(|id| id.to_string() == stem);
        if stem.is_none_or(|stem| !is_uuid(stem)) {
            let reason = "it names a file that holds no values".to_owned();
            let url = self.document.clone();
            return Err(Error::Corrupt { url, reason }.into());
        }
        let url = self.journal.folder.join(name)?;
        let store = Arc::clone(&self.journal.store);
        let store = ChecksumStore::new(store, [(url.clone(), file.clone())]);
        let bytes = match store.get(&url, FILE_BYTES) {
            Err(Error::NotFound { url }) => return Err(gone(url).into()),
            other => other?,
        };
        value::decoded(&url, bytes, column)
    }
}

fn gone(url: Url) -> Error {
    let reason = "it is missing, though there is what follows from it".to_owned();
    Error::Corrupt { url, reason }
}

fn misplaced(url: Url) -> Error {
    let reason = "it was written for another place".to_owned();
    Error::Corrupt { url, reason }
}
