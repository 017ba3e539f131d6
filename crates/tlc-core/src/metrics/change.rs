//! Several changes of a run in one commit.

use super::table::MetricsTable;
use super::writer::MetricsTableWriter;
use crate::run::{Action, PendingValues, State, encode_values, started};
use crate::table::TableReference;
use crate::{Error, Result, Run, Status, Table};
use std::borrow::Cow;

/// Changes of a run that become visible together; see [`Run::change`].
#[derive(Debug)]
#[must_use = "nothing is changed before `commit`"]
pub struct RunChange<'a> {
    run: &'a Run,
    inputs: Vec<TableReference>,
    status: Option<Status>,
    writers: Vec<&'a mut MetricsTableWriter>,
    /// Of each call of `log`.
    values: Vec<Vec<(String, f64)>>,
    /// Values that a commit was tried with.
    encoded: Vec<PendingValues>,
}

impl Run {
    /// Several changes in one commit: all are visible or none is, and a disk syncs once
    /// for all of them.
    ///
    /// ```
    /// use tlc_core::{Columns, MetricsOptions, MetricsTableWriter, Run, RunOptions, Status, Url};
    ///
    /// let root = Url::parse("memory://docs-run-change/")?;
    /// let run = Run::create(RunOptions::new("demo").root(&root))?;
    /// let mut writer = MetricsTableWriter::new(MetricsOptions::new().run(&run))?;
    /// writer.add_batch(Columns::new().column("loss", vec![0.1_f32, 0.2]))?;
    ///
    /// let mut change = run.change();
    /// change.metrics(&mut writer).log([("epoch", 1.0), ("loss", 0.15)]).status(Status::Completed);
    /// let tables = change.commit()?;
    /// assert_eq!((tables[0].len(), run.metrics()?.len()), (2, 1));
    /// # Ok::<(), tlc_core::Error>(())
    /// ```
    pub fn change(&self) -> RunChange<'_> {
        RunChange {
            run: self,
            inputs: Vec::new(),
            status: None,
            writers: Vec::new(),
            values: Vec::new(),
            encoded: Vec::new(),
        }
    }
}

impl<'a> RunChange<'a> {
    /// Records that the run reads a table.
    pub fn input_table(&mut self, table: &Table) -> &mut Self {
        self.inputs.push(self.run.reference(table));
        self
    }

    /// Records how far the run has come.
    pub fn status(&mut self, status: Status) -> &mut Self {
        self.status = Some(status);
        self
    }

    /// Seals the rest of a writer of the run and makes its table part of the results.
    pub fn metrics(&mut self, writer: &'a mut MetricsTableWriter) -> &mut Self {
        self.writers.push(writer);
        self
    }

    /// Logs aggregate values, as [`Run::log`] does; they are durable with the commit.
    pub fn log<K: AsRef<str>, V: Into<f64>>(
        &mut self,
        values: impl IntoIterator<Item = (K, V)>,
    ) -> &mut Self {
        let values = values.into_iter();
        let values = values.map(|(key, value)| (key.as_ref().to_owned(), value.into()));
        self.values.push(values.collect());
        self
    }

    /// Makes all changes visible and durable; gives the tables of the writers, in order.
    ///
    /// # Errors
    /// [`Error::NoSuchMetrics`] for a writer of another run; [`Error::Parameter`] for the
    /// status `Interrupted`; as
    /// [`MetricsTableWriter::flush`]. Nothing is visible then, nothing is lost, and the
    /// call can be repeated.
    pub fn commit(&mut self) -> Result<Vec<MetricsTable>> {
        self.status.map_or(Ok(()), Status::check)?;
        for writer in &mut self.writers {
            if !writer.is_of(self.run) {
                return Err(Error::NoSuchMetrics {
                    run: self.run.url().clone(),
                    metrics: writer.name().to_owned(),
                });
            }
            writer.publish()?;
        }
        self.encoded.extend(encode_values(&self.values)?);
        self.values.clear();
        for values in &self.encoded {
            self.run.publish(&values.relative, &values.part)?;
        }
        self.run.update(|state| self.actions(state))?;
        self.encoded.clear();
        let run = self.run;
        self.writers
            .iter_mut()
            .map(|writer| writer.committed(run))
            .collect()
    }

    fn actions(&self, state: &State) -> Result<Vec<Action>> {
        let new = self.inputs.iter().filter(|table| !state.has_input(table));
        let mut actions: Vec<Action> = new
            .map(|table| Action::InputTable {
                table: table.clone(),
            })
            .collect();
        let mut results = self.metrics_actions(state)?;
        for values in &self.encoded {
            if !state.names(&values.relative) {
                let part = values.part.describe(values.relative.clone());
                results.push(Action::Aggregates { part });
            }
        }
        match self.status {
            Some(status) if status != state.status => {
                actions.extend(results);
                actions.push(Action::status(status));
            }
            Some(_) => actions.extend(results),
            None => actions.extend(started(state, results)),
        }
        Ok(actions)
    }

    /// Each writer finds the run as those before it leave it.
    fn metrics_actions(&self, state: &State) -> Result<Vec<Action>> {
        let [writers @ .., last] = &self.writers[..] else {
            return Ok(Vec::new());
        };
        let mut actions = Vec::new();
        let mut state = Cow::Borrowed(state);
        for writer in writers {
            for action in writer.actions(&state)? {
                // What a writer wants done can be done.
                let _ = state.to_mut().apply(action.clone());
                actions.push(action);
            }
        }
        actions.extend(last.actions(&state)?);
        Ok(actions)
    }
}
