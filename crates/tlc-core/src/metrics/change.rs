//! Several changes of a run in one commit.

use super::shard::{Gathered, ShardedMetrics};
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
    shards: Vec<&'a ShardedMetrics>,
    /// What the shards were when a commit was tried.
    gathered: Vec<Gathered>,
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
            shards: Vec::new(),
            gathered: Vec::new(),
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

    /// Makes all shards of a metrics table of the run one of its results, if each row is in one
    /// of them. Tables of shards come before those of writers.
    pub fn shards(&mut self, metrics: &'a ShardedMetrics) -> &mut Self {
        self.shards.push(metrics);
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

    /// Makes all changes visible and durable; gives the tables of shards and writers, in order.
    ///
    /// # Errors
    /// [`Error::NoSuchMetrics`] for a writer or shards of another run; [`Error::Parameter`] for
    /// the status `Interrupted`; [`Error::Shards`] if a row is in no shard, or in two; as
    /// [`MetricsTableWriter::flush`]. Nothing is visible then, nothing is lost, and the
    /// call can be repeated.
    pub fn commit(&mut self) -> Result<Vec<MetricsTable>> {
        self.status.map_or(Ok(()), Status::check)?;
        for writer in &mut self.writers {
            check_run(self.run, writer.run(), writer.name())?;
            writer.publish()?;
        }
        for shards in &self.shards {
            check_run(self.run, shards.run(), shards.name())?;
        }
        let gathered = self.shards.iter().map(|shards| shards.gathered());
        self.gathered = gathered.collect::<Result<_>>()?;
        for (shards, gathered) in self.shards.iter().zip(&self.gathered) {
            gathered.prepare(shards)?;
        }
        self.encoded.extend(encode_values(&self.values)?);
        self.values.clear();
        for values in &self.encoded {
            self.run.publish(&values.relative, &values.part)?;
        }
        self.run.update(|state| self.actions(state))?;
        self.encoded.clear();
        let run = self.run;
        let shards = self.shards.iter();
        let shards = shards.map(|shards| run.metrics_table(shards.name()));
        let writers = self.writers.iter_mut();
        let writers = writers.map(|writer| writer.committed(run));
        shards.chain(writers).collect()
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

    /// Each table finds the run as those before it leave it.
    fn metrics_actions(&self, state: &State) -> Result<Vec<Action>> {
        let mut all = Vec::new();
        let mut state = Cow::Borrowed(state);
        let mut count = self.shards.len() + self.writers.len();
        let mut add = |of: &dyn Fn(&State) -> Result<Vec<Action>>| -> Result<()> {
            let actions = of(&state)?;
            count -= 1;
            // The last one leaves it to nobody.
            for action in actions.iter().filter(|_| count > 0) {
                // What a table wants done can be done.
                let _ = state.to_mut().apply(action.clone());
            }
            all.extend(actions);
            Ok(())
        };
        for (shards, gathered) in self.shards.iter().zip(&self.gathered) {
            add(&|state| gathered.actions(shards, state))?;
        }
        for writer in &self.writers {
            add(&|state| writer.actions(state))?;
        }
        Ok(all)
    }
}

fn check_run(run: &Run, of: &Run, metrics: &str) -> Result<()> {
    match run.url() == of.url() && run.id() == of.id() {
        true => Ok(()),
        false => Err(Error::NoSuchMetrics {
            run: run.url().clone(),
            metrics: metrics.to_owned(),
        }),
    }
}
