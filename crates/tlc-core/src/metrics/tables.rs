//! Finding metrics tables by what they are about.

use super::constant::is_same;
use super::table::MetricsTable;
use super::worst::Worst;
use crate::{Error, Result, Table, Url};
use serde_json::Value;
use std::ops::Deref;

/// How many tables an error names.
const NAMED: usize = 10;

/// Metrics tables of a run, in the order they were begun; narrowed by chaining.
///
/// Lookups pass over findings, which say what was found in other metrics, unless
/// [`findings`](Self::findings) or their [`stream`](Self::stream) is asked for; the list
/// that [`Run::metrics`](crate::Run::metrics) gives holds them like any other.
///
/// ```
/// use tlc_core::{AddMetrics, Columns, Run, RunOptions, Url};
///
/// let root = Url::parse("memory://docs-metrics-tables/")?;
/// let run = Run::create(RunOptions::new("demo").root(root))?;
/// for (epoch, loss) in [(1, 0.9_f32), (2, 0.4)] {
///     let values = Columns::new().column("loss", vec![loss]);
///     run.add_metrics(values, AddMetrics::new().constant("split", "valid").constant("epoch", epoch))?;
/// }
/// let first = run.metrics()?.split("valid").epoch(1).newest()?;
/// assert_eq!(first.constant("epoch")?, Some(1.into()));
/// assert_eq!(run.metrics()?.with_column("loss").len(), 2);
/// let missing = run.metrics()?.split("test").newest().unwrap_err().to_string();
/// assert!(missing.contains("split test") && missing.contains("split valid"));
/// # Ok::<(), tlc_core::Error>(())
/// ```
#[derive(Debug)]
pub struct MetricsTables {
    run: Url,
    tables: Vec<MetricsTable>,
    /// Findings that are what was asked for, but for that they are findings.
    passed_over: Vec<MetricsTable>,
    /// Those that are not what was asked for.
    others: Vec<MetricsTable>,
    /// What was asked for, in words.
    asked: Vec<String>,
    takes_findings: bool,
    /// A table and the constant that could not be read of it.
    unreadable: Option<(MetricsTable, String)>,
}

impl MetricsTables {
    pub(super) fn new(run: Url, tables: Vec<MetricsTable>) -> Self {
        Self {
            run,
            tables,
            passed_over: Vec::new(),
            others: Vec::new(),
            asked: Vec::new(),
            takes_findings: false,
            unreadable: None,
        }
    }

    /// Those whose rows are about the very content of this table.
    #[must_use]
    pub fn about(mut self, table: &Table) -> Self {
        self.pass_over_findings();
        let asked = format!("about {}", table.url());
        self.narrow(asked, |metrics| metrics.is_about(table))
    }

    /// Those of this split, such as `valid`: their constant `split`.
    #[must_use]
    pub fn split(self, name: &str) -> Self {
        self.with_constant("split", &Value::from(name))
    }

    /// Those of this epoch: their constant `epoch`.
    #[must_use]
    pub fn epoch(self, epoch: impl TryInto<i64>) -> Self {
        // No table is of an epoch that is no number of 64 bits.
        let epoch = epoch.try_into().map_or(Value::Null, Value::from);
        self.with_constant("epoch", &epoch)
    }

    /// Those of this stream, findings among them.
    #[must_use]
    pub fn stream(mut self, name: &str) -> Self {
        self.take_findings();
        self.narrow(format!("of the stream {name}"), |metrics| {
            metrics.stream() == name
        })
    }

    /// Those that have a column of this name.
    #[must_use]
    pub fn with_column(self, name: &str) -> Self {
        self.narrow(format!("with the column {name}"), |metrics| {
            metrics.schema().column(name).is_some()
        })
    }

    /// Only the findings.
    #[must_use]
    pub fn findings(mut self) -> Self {
        self.take_findings();
        self.narrow("that is a finding".to_owned(), MetricsTable::is_finding)
    }

    /// The one that was begun last.
    ///
    /// # Errors
    /// [`Error::NoMetricsFound`] says what was looked for and what there is. Where older
    /// programs wrote the tables, storage errors and [`Error::Corrupt`] of their rows.
    pub fn newest(mut self) -> Result<MetricsTable> {
        if let Some((table, constant)) = self.unreadable.take() {
            table.constant(&constant)?;
        }
        self.pass_over_findings();
        match self.tables.pop() {
            Some(newest) => Ok(newest),
            None => Err(self.not_found()),
        }
    }

    /// The worst rows of the one that was begun last; see [`MetricsTable::worst`].
    ///
    /// # Errors
    /// As [`newest`](Self::newest) and [`MetricsTable::worst`].
    pub fn worst(self, column: &str, count: usize, join: &[&str]) -> Result<Worst> {
        self.newest()?.worst(column, count, join)
    }

    fn with_constant(mut self, name: &str, wanted: &Value) -> Self {
        self.pass_over_findings();
        let mut unreadable = None;
        let text = wanted
            .as_str()
            .map_or_else(|| wanted.to_string(), str::to_owned);
        let mut narrowed = self.narrow(format!("of {name} {text}"), |metrics| {
            let found = metrics.constant(name).unwrap_or_else(|_| {
                unreadable = Some((metrics.clone(), name.to_owned()));
                None
            });
            found.is_some_and(|found| is_same(&found, wanted))
        });
        narrowed.unreadable = narrowed.unreadable.or(unreadable);
        narrowed
    }

    fn narrow(mut self, asked: String, mut fits: impl FnMut(&MetricsTable) -> bool) -> Self {
        self.asked.push(asked);
        for kept in [&mut self.tables, &mut self.passed_over] {
            let (fitting, others) = std::mem::take(kept).into_iter().partition(&mut fits);
            *kept = fitting;
            self.others.extend::<Vec<_>>(others);
        }
        self
    }

    fn pass_over_findings(&mut self) {
        if !self.takes_findings {
            let findings = self.tables.extract_if(.., |table| table.is_finding());
            self.passed_over.extend(findings);
        }
    }

    fn take_findings(&mut self) {
        self.takes_findings = true;
        self.tables.append(&mut self.passed_over);
        self.tables.sort_by_key(MetricsTable::place);
    }

    fn not_found(self) -> Error {
        let findings = self.passed_over.len();
        let mut all = self.others;
        all.extend(self.passed_over);
        all.sort_by_key(MetricsTable::place);
        let mut available: Vec<String> = all.iter().rev().take(NAMED).map(told).collect();
        if all.len() > NAMED {
            available.push(format!("{} older ones", all.len() - NAMED));
        }
        let hint = match findings {
            0 => String::new(),
            _ => format!(" ({findings} findings are: ask for `findings()` first)"),
        };
        Error::NoMetricsFound {
            run: self.run,
            asked: self.asked.join(", ") + &hint,
            available,
        }
    }
}

/// What a lookup could ask for to find the table.
fn told(metrics: &MetricsTable) -> String {
    let mut told = format!("stream {}", metrics.stream());
    if let Some(table) = metrics.foreign_url() {
        told += &format!(" about {table}");
    }
    for name in metrics.constants() {
        if let Some(value) = metrics.recorded(name) {
            let text = value.as_str();
            let text = text.map_or_else(|| value.to_string(), crate::schema::cut);
            told += &format!(" {name} {text}");
        }
    }
    told
}

impl Deref for MetricsTables {
    type Target = [MetricsTable];

    fn deref(&self) -> &[MetricsTable] {
        &self.tables
    }
}

impl IntoIterator for MetricsTables {
    type Item = MetricsTable;
    type IntoIter = std::vec::IntoIter<MetricsTable>;

    fn into_iter(self) -> Self::IntoIter {
        self.tables.into_iter()
    }
}

impl<'a> IntoIterator for &'a MetricsTables {
    type Item = &'a MetricsTable;
    type IntoIter = std::slice::Iter<'a, MetricsTable>;

    fn into_iter(self) -> Self::IntoIter {
        self.tables.iter()
    }
}

impl From<MetricsTables> for Vec<MetricsTable> {
    fn from(tables: MetricsTables) -> Self {
        tables.tables
    }
}
