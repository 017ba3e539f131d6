//! The metrics tables of a run.

use super::table::{MetricsTable, MetricsTableInfo};
use super::tables::MetricsTables;
use crate::run::{Action, MetricsState, Run};
use crate::{Error, Result};

impl Run {
    /// The metrics tables that are part of the run's results, in the order they
    /// were begun.
    ///
    /// # Errors
    /// [`Error::InvalidUrl`] for a damaged reference.
    pub fn metrics(&self) -> Result<MetricsTables> {
        let tables = self.metrics_where(|metrics| metrics.registered)?;
        Ok(MetricsTables::new(self.url().clone(), tables))
    }

    /// How many metrics tables are part of the run's results; none is opened.
    #[must_use]
    pub fn metrics_count(&self) -> usize {
        let state = self.state();
        let registered = state.metrics.iter().filter(|metrics| metrics.registered);
        registered.count()
    }

    /// The metrics tables that were begun but never registered, say because the
    /// process died: what was sealed of them can be read, and registered by
    /// [`update_metrics`](Self::update_metrics).
    ///
    /// # Errors
    /// As [`metrics`](Self::metrics).
    pub fn unfinished_metrics(&self) -> Result<Vec<MetricsTable>> {
        self.metrics_where(|metrics| !metrics.registered)
    }

    /// Makes written metrics tables part of the run's results.
    ///
    /// # Errors
    /// [`Error::NoSuchMetrics`] for an info of another run; as
    /// [`set_status`](Self::set_status).
    pub fn update_metrics(&self, infos: &[MetricsTableInfo]) -> Result<()> {
        self.update(|state| {
            let names = infos.iter().map(|info| {
                let name = info.url.strip_prefix("metrics/").unwrap_or(&info.url);
                match state.metrics(name) {
                    Some(metrics) => Ok((name, metrics.registered)),
                    None => Err(self.no_such_metrics(name)),
                }
            });
            let names = names.collect::<Result<Vec<_>>>()?;
            let new = names.into_iter().filter(|(_, registered)| !registered);
            let register = new.map(|(name, _)| Action::RegisterMetrics {
                metrics: name.to_owned(),
            });
            Ok(register.collect())
        })
    }

    pub(super) fn metrics_table(&self, name: &str) -> Result<MetricsTable> {
        let state = self.state().metrics(name).cloned();
        MetricsTable::open(self, state.ok_or_else(|| self.no_such_metrics(name))?, 0)
    }

    fn no_such_metrics(&self, name: &str) -> Error {
        Error::NoSuchMetrics {
            run: self.url().clone(),
            metrics: name.to_owned(),
        }
    }

    fn metrics_where(&self, wanted: impl Fn(&MetricsState) -> bool) -> Result<Vec<MetricsTable>> {
        let found: Vec<_> = {
            let state = self.state();
            let numbered = state.metrics.iter().cloned().enumerate();
            numbered.filter(|(_, metrics)| wanted(metrics)).collect()
        };
        let found = found.into_iter();
        found
            .map(|(place, state)| MetricsTable::open(self, state, place))
            .collect()
    }
}
