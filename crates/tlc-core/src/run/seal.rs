//! Logging aggregate values, and making them durable.

use super::log::{LogBuffer, PendingValues};
use super::{Action, Inner, Run, now_micros, sealer, started};
use crate::{Error, Result};
use std::sync::{MutexGuard, PoisonError};

impl Run {
    /// Logs aggregate values of the whole run. The keys `epoch`, `iteration` and
    /// `step` say where on its axis the others belong; without any of them the time
    /// does. Values are buffered: they are durable after [`flush`](Self::flush), or
    /// when they are five seconds old, whether or not another call is made.
    ///
    /// # Errors
    /// Storage errors, those of values that were to be sealed between calls included.
    /// The values of this call are taken all the same, and what is buffered stays
    /// buffered and is tried again.
    pub fn log<K: AsRef<str>, V: Into<f64>>(
        &self,
        values: impl IntoIterator<Item = (K, V)>,
    ) -> Result<()> {
        let values = values.into_iter().map(|(key, value)| (key, value.into()));
        let is_due = {
            let mut log = self.log_buffer();
            log.push(values, now_micros());
            self.have_watched(&mut log);
            log.is_due()
        };
        if is_due { self.flush() } else { self.report() }
    }

    /// Makes all logged values durable.
    ///
    /// # Errors
    /// [`Error::Conflict`] if another process has overwritten the run since this handle
    /// was opened; storage errors; what is buffered stays buffered and the call can be
    /// repeated. The error of an earlier try between calls, which no call has reported yet, is
    /// reported although all is durable now.
    pub fn flush(&self) -> Result<()> {
        self.seal_instead()?;
        self.report()
    }

    /// Sets the age at which logged values are sealed (feature `testing`).
    #[cfg(feature = "testing")]
    pub fn set_log_interval(&self, interval: std::time::Duration) {
        self.log_buffer().set_interval(interval);
    }

    /// Seals, and drops the error of an earlier try in favour of its own.
    pub(super) fn seal_instead(&self) -> Result<()> {
        let sealed = self.seal();
        if sealed.is_err() {
            self.unreported().take();
        }
        sealed
    }

    /// What the sealer could not report itself.
    pub(super) fn report(&self) -> Result<()> {
        self.unreported().take().map_or(Ok(()), Err)
    }

    /// Publishes the buffered values. They can grow meanwhile.
    pub(super) fn seal(&self) -> Result<()> {
        let pending = &self.inner.pending;
        let mut pending = pending.lock().unwrap_or_else(PoisonError::into_inner);
        self.publish_values(&mut pending)?;
        {
            let log = self.log_buffer();
            if !log.is_empty() {
                *pending = Some(log.seal()?);
            }
        }
        self.publish_values(&mut pending)
    }

    /// Publishes what is pending, under the same name until it succeeds.
    fn publish_values(&self, pending: &mut Option<PendingValues>) -> Result<()> {
        let Some(values) = pending else {
            return Ok(());
        };
        self.publish(&values.relative, &values.part)?;
        let part = values.part.describe(values.relative.clone());
        self.append(|state| {
            Ok(match state.names(&part.url) {
                true => Vec::new(),
                false => started(state, vec![Action::Aggregates { part: part.clone() }]),
            })
        })?;
        self.log_buffer().discard(values.count);
        *pending = None;
        Ok(())
    }

    /// Seals what is due, between calls; keeps an error for the next of them.
    pub(super) fn seal_by_timer(&self) {
        let is_due = {
            let log = self.log_buffer();
            log.due()
                .is_some_and(|due| due <= std::time::Instant::now())
        };
        let sealed = if is_due { self.seal() } else { Ok(()) };
        let failed = sealed.is_err();
        if let Err(error) = sealed {
            tracing::warn!(run = %self.url(), %error, "logged values could not be sealed yet");
            self.unreported().get_or_insert(error);
        }
        let mut log = self.log_buffer();
        let next = if failed { Some(log.retry()) } else { log.due() };
        log.is_watched = next.is_some_and(|due| sealer::watch(&self.inner, due));
    }

    /// Ends the watch over the buffered values, if all are durable.
    pub(super) fn end_watch(&self) {
        let mut log = self.log_buffer();
        if log.is_empty() && log.is_watched {
            sealer::forget(&self.inner);
            log.is_watched = false;
        }
    }

    fn have_watched(&self, log: &mut LogBuffer) {
        if !log.is_watched
            && let Some(due) = log.due()
        {
            log.is_watched = sealer::watch(&self.inner, due);
        }
    }

    fn unreported(&self) -> MutexGuard<'_, Option<Error>> {
        let unreported = &self.inner.unreported;
        unreported.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn log_buffer(&self) -> MutexGuard<'_, LogBuffer> {
        let log = &self.inner.log;
        log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Values as a part of its own, to be published and named by a commit.
pub(crate) fn encode_values(calls: &[Vec<(String, f64)>]) -> Result<Option<PendingValues>> {
    let mut buffer = LogBuffer::new();
    for values in calls {
        let values = values.iter().map(|(key, value)| (key, *value));
        buffer.push(values, now_micros());
    }
    match buffer.is_empty() {
        true => Ok(None),
        false => buffer.seal().map(Some),
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        let log = self.log.get_mut().unwrap_or_else(PoisonError::into_inner);
        let unsealed = log.len();
        let unreported = self.unreported.get_mut();
        let unreported = unreported.unwrap_or_else(PoisonError::into_inner).take();
        if unsealed > 0 {
            tracing::error!(run = %self.url, unsealed, "logged values are lost: flush or close the run");
        }
        if let Some(error) = unreported {
            tracing::error!(run = %self.url, %error, "nobody asked why logged values could not be sealed");
        }
        if log.is_watched {
            sealer::wake();
        }
    }
}
