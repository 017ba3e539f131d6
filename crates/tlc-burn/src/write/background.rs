//! Collection beside training: a thread that works on snapshots of the model.

use super::stop::catch_panic;
use crate::error::BoxError;
use crate::{Error, Result};
use burn::module::Module;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Builder, JoinHandle};

/// Snapshots under way: one that is collected from, and one that waits.
const UNDER_WAY: usize = 2;

/// Collects from snapshots of a model on a thread of its own, one after another,
/// while training goes on with the model.
///
/// What it does with a snapshot is a closure, called with the epoch and the model in
/// inference mode; it owns what it needs. A closure that moves its
/// [`Predictor`](crate::Predictor) to a spare [`device`](crate::Predictor::device)
/// collects there. On one device, training and collection share it.
///
/// At most one snapshot waits while another is collected from: a third makes
/// [`submit`](Self::submit) wait. An error is returned by the next call, and every
/// one by [`finish`](Self::finish) at the latest; a collector that is dropped instead
/// waits too, and logs the error.
///
/// ```
/// # use burn::nn::{Linear, LinearConfig};
/// # use std::sync::{Arc, Mutex};
/// use tlc_burn::BackgroundCollector;
///
/// # let device = tlc_burn::device("cpu")?;
/// # let mut model = LinearConfig::new(2, 2).init(&device.autodiff());
/// # let collected = Arc::new(Mutex::new(Vec::new()));
/// # let seen = Arc::clone(&collected);
/// # let train_epoch = |model: Linear| model;
/// let mut background = BackgroundCollector::new(move |epoch, model: &Linear| {
///     // collect_metrics(&samples, .., &Predictor::new(model, ..), ..)
/// #   seen.lock().unwrap().push((epoch, model.weight.dims()));
///     Ok::<_, tlc_burn::Error>(())
/// })?;
/// for epoch in 1..=3 {
///     model = train_epoch(model);
///     background.submit(epoch, &model)?;
/// }
/// background.finish()?;
/// # assert_eq!(*collected.lock().unwrap(), [(1, [2, 2]), (2, [2, 2]), (3, [2, 2])]);
/// # Ok::<(), tlc_burn::Error>(())
/// ```
#[derive(Debug)]
pub struct BackgroundCollector<M> {
    /// `None` once no more is to come.
    snapshots: Option<SyncSender<(usize, M)>>,
    results: Receiver<Result<()>>,
    under_way: usize,
    thread: Option<JoinHandle<()>>,
}

impl<M: Module + 'static> BackgroundCollector<M> {
    /// Starts the thread.
    ///
    /// # Errors
    /// [`Error::Thread`] if the system gives none.
    pub fn new<T, E: Into<BoxError>>(
        mut collect: impl FnMut(usize, &M) -> Result<T, E> + Send + 'static,
    ) -> Result<Self> {
        let (snapshots, waiting) = sync_channel::<(usize, M)>(UNDER_WAY);
        let (done, results) = sync_channel(UNDER_WAY);
        let thread = Builder::new().name("tlc-background".to_owned());
        let thread = thread.spawn(move || {
            for (epoch, model) in waiting {
                if done
                    .send(collect_at_epoch(epoch, &model, &mut collect))
                    .is_err()
                {
                    return;
                }
            }
        });
        let thread = thread.map_err(|source| Error::Thread {
            thread: "background",
            source,
        })?;
        Ok(Self {
            snapshots: Some(snapshots),
            results,
            under_way: 0,
            thread: Some(thread),
        })
    }

    /// Takes a snapshot of the model to be collected from. It waits while an earlier
    /// snapshot waits.
    ///
    /// # Errors
    /// [`Error::Epoch`] of an earlier snapshot, or [`Error::Cancelled`]; the new one is not
    /// taken then.
    pub fn submit(&mut self, epoch: usize, model: &M) -> Result<()> {
        while let Ok(result) = self.results.try_recv() {
            self.under_way -= 1;
            result?;
        }
        while self.under_way >= UNDER_WAY {
            self.wait_for_one()?;
        }
        let snapshots = self.snapshots.as_ref();
        let sent = snapshots.is_some_and(|to| to.send((epoch, model.valid())).is_ok());
        if !sent {
            return Err(thread_ended());
        }
        self.under_way += 1;
        Ok(())
    }
}

impl<M> BackgroundCollector<M> {
    /// Waits until every snapshot is collected from.
    ///
    /// # Errors
    /// The first error of a snapshot that no call has returned yet, as of
    /// [`submit`](Self::submit); later ones are logged.
    pub fn wait(&mut self) -> Result<()> {
        let mut first = Ok(());
        while self.under_way > 0 {
            let result = self.wait_for_one();
            match (&first, result) {
                (Ok(()), result) => first = result,
                (Err(_), Err(error)) => tracing::error!(%error, "another collection failed"),
                (Err(_), Ok(())) => {}
            }
        }
        first
    }

    /// Waits until every snapshot is collected from, and ends the thread.
    ///
    /// # Errors
    /// As [`wait`](Self::wait).
    pub fn finish(mut self) -> Result<()> {
        self.wait()
    }

    fn wait_for_one(&mut self) -> Result<()> {
        match self.results.recv() {
            Ok(result) => {
                self.under_way -= 1;
                result
            }
            Err(_) => {
                self.under_way = 0;
                Err(thread_ended())
            }
        }
    }
}

impl<M> Drop for BackgroundCollector<M> {
    fn drop(&mut self) {
        if let Err(error) = self.wait() {
            tracing::error!(%error, "a collection in the background failed");
        }
        self.snapshots = None;
        if self
            .thread
            .take()
            .is_some_and(|thread| thread.join().is_err())
        {
            tracing::error!("the thread of collections in the background panicked");
        }
    }
}

/// Calls a user's collection for an epoch; its error and its panic name the epoch. One that
/// was cancelled says so itself.
pub(crate) fn collect_at_epoch<M, T, E: Into<BoxError>>(
    epoch: usize,
    model: &M,
    mut collect: impl FnMut(usize, &M) -> Result<T, E>,
) -> Result<()> {
    let place = || format!("the collection at epoch {epoch}");
    match catch_panic(place, || collect(epoch, model))? {
        Ok(_) => Ok(()),
        Err(error) => match error.into().downcast::<Error>() {
            Ok(error) if matches!(*error, Error::Cancelled { .. }) => Err(*error),
            Ok(error) => Err(Error::Epoch {
                epoch,
                source: error,
            }),
            Err(source) => Err(Error::Epoch { epoch, source }),
        },
    }
}

fn thread_ended() -> Error {
    Error::Panicked {
        place: "the thread of collections in the background".to_owned(),
        message: "it has ended".to_owned(),
    }
}
