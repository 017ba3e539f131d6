//! The host phase of every collector: the columns of a batch, and what all batches amount to.

use super::aggregates::{Aggregates, Sums};
use super::forward::ComputedBatch;
use super::options::CollectOptions;
use super::stop::catch_panic;
use crate::collect::{Collectors, HostBatch, HostPhase, Summarized, Summary, SummaryTable};
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tlc_core::arrow::array::Array;
use tlc_core::arrow::datatypes::DataType;
use tlc_core::{Column, Columns, EXAMPLE_ID, Role, ValueType};

/// The collectors of one collection, and the sums over what they have seen.
pub(super) struct HostPhases<'c> {
    collectors: Vec<SummedCollector<'c>>,
    aggregates: Aggregates,
}

/// What collectors have seen, for another process to go on with.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Seen {
    sums: Sums,
    /// The state of each summary that is wanted.
    summaries: Vec<String>,
}

/// A collector and the sum over what it has seen.
struct SummedCollector<'c> {
    host: Arc<HostPhase<'c>>,
    summary: Option<Box<dyn Summary>>,
}

impl<'c> HostPhases<'c> {
    pub(super) fn new<B, O>(collectors: &Collectors<'c, B, O>, options: &CollectOptions) -> Self {
        let hosts = collectors
            .as_slice()
            .iter()
            .map(|one| Arc::clone(&one.host));
        let summed = hosts.map(|host| {
            let wanted = options.aggregates && host.compute_aggregates;
            let summary = wanted.then(|| (host.summary)()).flatten();
            SummedCollector { host, summary }
        });
        Self {
            collectors: summed.collect(),
            aggregates: Aggregates::default(),
        }
    }

    /// The columns of a batch.
    pub(super) fn collect(&mut self, computed: &ComputedBatch) -> Result<Columns> {
        let rows = computed.example_ids.len();
        let ids: Vec<i64> = computed.example_ids.iter().map(|id| id.0 as i64).collect();
        let mut columns = Columns::new().column(EXAMPLE_ID, ids);
        let mut owners = vec![(EXAMPLE_ID.to_owned(), "the pipeline")];
        self.aggregates.count(rows);
        for (summed, batch) in self.collectors.iter_mut().zip(&computed.batches) {
            let collected = summed.collect(batch)?;
            let collector = &*summed.host;
            for name in collected.names() {
                let Some(values) = collected.get(name) else {
                    continue;
                };
                check_column(collector, name, values.len(), rows, &owners)?;
                if collector.compute_aggregates && is_metric(collector, name) {
                    self.aggregates.add(name, values);
                }
                owners.push((name.to_owned(), &collector.name));
                columns.push(name, Arc::clone(values));
            }
        }
        Ok(columns)
    }

    /// What columns are, where their values alone do not tell: what collectors say of theirs,
    /// and what is inferred of the first batch.
    pub(super) fn columns(&self, first: &Columns) -> Vec<Column> {
        let declared = self
            .collectors
            .iter()
            .flat_map(|one| one.host.columns.clone());
        let declared: Vec<Column> = declared.collect();
        let is_declared = |name: &str| declared.iter().any(|column| column.name == name);
        let others = first.names().filter(|name| !is_declared(name));
        let inferred = others.filter_map(|name| inferred_column(name, &**first.get(name)?));
        inferred.chain(declared.clone()).collect()
    }

    /// Ends the sums; gives the tables that they are, beside the values.
    pub(super) fn summarize(&mut self) -> Result<Vec<SummaryTable>> {
        let mut tables = Vec::new();
        let collectors = self.collectors.iter_mut();
        let summarized = collectors.filter_map(SummedCollector::summarize);
        for summarized in summarized.collect::<Result<Vec<_>>>()? {
            for (name, value) in summarized.values {
                self.aggregates.set(name, value);
            }
            tables.extend(summarized.tables);
        }
        Ok(tables)
    }

    /// What to log of all batches.
    pub(super) fn values(&self, options: &CollectOptions) -> Vec<(String, f64)> {
        self.aggregates.values(&options.split, &options.constants)
    }

    /// What was seen so far.
    pub(super) fn seen(&self) -> Result<Seen> {
        let summaries = self.collectors.iter().filter_map(|one| {
            let summary = one.summary.as_ref()?;
            Some(summary.state().ok_or_else(|| Error::NoState {
                collector: one.host.name.clone(),
            }))
        });
        Ok(Seen {
            sums: self.aggregates.sums(),
            summaries: summaries.collect::<Result<_>>()?,
        })
    }

    /// Adds what was seen elsewhere, after what was seen here.
    pub(super) fn merge(&mut self, seen: Seen) -> Result<()> {
        self.aggregates.merge(seen.sums);
        let mut states = seen.summaries.iter();
        for one in &mut self.collectors {
            let Some(summary) = &mut one.summary else {
                continue;
            };
            let state = states.next().map_or("", String::as_str);
            let place = || format!("the summary of collector `{}`", one.host.name);
            catch_panic(place, || summary.merge(state))??;
        }
        Ok(())
    }
}

impl SummedCollector<'_> {
    fn collect(&mut self, batch: &HostBatch) -> Result<Columns> {
        let host = &self.host;
        let place = || format!("the host phase of collector `{}`", host.name);
        catch_panic(place, || {
            let columns = (host.collect)(batch)?;
            if let Some(summary) = &mut self.summary {
                summary.add(batch, &columns)?;
            }
            Ok(columns)
        })?
    }

    fn summarize(&mut self) -> Option<Result<Summarized>> {
        let summary = self.summary.take()?;
        let place = || format!("the summary of collector `{}`", self.host.name);
        Some(catch_panic(place, || summary.finish()).and_then(|result| result))
    }
}

fn check_column(
    collector: &HostPhase<'_>,
    name: &str,
    found: usize,
    rows: usize,
    owners: &[(String, &str)],
) -> Result<()> {
    let (second, column) = (collector.name.clone(), name.to_owned());
    if let Some((_, first)) = owners.iter().find(|(taken, _)| taken == name) {
        return Err(Error::DuplicateColumn {
            column,
            first: (*first).to_owned(),
            second,
        });
    }
    if found != rows {
        return Err(Error::RowCount {
            collector: second,
            column,
            rows,
            found,
        });
    }
    Ok(())
}

/// Whether the mean of a column says anything: labels and ids have none.
fn is_metric(collector: &HostPhase<'_>, name: &str) -> bool {
    let declared = collector.columns.iter().find(|column| column.name == name);
    declared.is_none_or(|column| matches!(column.role, None | Some(Role::Metric)))
}

/// What a column is that its collector does not describe, where Arrow alone says
/// too little.
fn inferred_column(name: &str, values: &dyn Array) -> Option<Column> {
    match values.data_type() {
        DataType::FixedSizeList(item, dim) if *item.data_type() == DataType::Float32 => {
            Some(Column::new(
                name,
                ValueType::Embedding {
                    dim: usize::try_from(*dim).ok()?,
                },
            ))
        }
        DataType::Float32 => Some(Column::metric(name)),
        DataType::Float64 => Some(Column::new(name, ValueType::Float64).role(Role::Metric)),
        _ => None,
    }
}
