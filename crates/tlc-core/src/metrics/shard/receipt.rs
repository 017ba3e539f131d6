//! What was written of a shard, as a document: whoever publishes it has written the shard.

use super::to_value;
use crate::part::Part;
use crate::storage::{commit, json};
use crate::{Error, Result, Run, Schema, Url, limits};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::ops::Range;

const FORMAT: &str = "tlc-metrics-shard";
const VERSION: u64 = 1;

/// How often a shard may be written, since each was found to be damaged.
const MOST_TRIES: u32 = 100;

/// Some rows of a metrics table, written by one process.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MetricsShard {
    rows: Range<usize>,
    pub(super) schema: Schema,
    pub(super) parts: Vec<Part>,
    note: Value,
}

impl MetricsShard {
    pub(super) fn new(
        rows: Range<usize>,
        schema: Schema,
        parts: Vec<Part>,
        note: &impl Serialize,
    ) -> Result<Self> {
        Ok(Self {
            rows,
            schema,
            parts,
            note: to_value("the note of a shard", note)?,
        })
    }

    /// The rows of the table that it is about.
    #[must_use]
    pub fn rows(&self) -> Range<usize> {
        self.rows.clone()
    }

    /// What its writer noted.
    ///
    /// # Errors
    /// [`Error::Json`] if it is no `T`.
    pub fn note<T: DeserializeOwned>(&self) -> Result<T> {
        T::deserialize(&self.note).map_err(|source| Error::Json {
            what: format!("the note of the shard of rows {:?}", self.rows),
            source,
        })
    }

    /// Publishes it as the try of this number. If somebody else was first, theirs is the shard.
    pub(super) fn publish(self, run: &Run, metrics: &str, number: u32) -> Result<Self> {
        let (bytes, _) = json::seal(FORMAT, VERSION, &self)?;
        let folder = format!("metrics/{metrics}");
        let name = name(&self.rows, number);
        match run.publish_bytes(&format!("{folder}/{name}"), &bytes) {
            Ok(()) => Ok(self),
            Err(Error::AlreadyExists { url }) => read(run, &url, &self.rows),
            Err(error) => Err(error),
        }
    }
}

/// The newest receipt of a shard; none if it cannot be read.
pub(super) fn newest(
    run: &Run,
    metrics: &str,
    rows: &Range<usize>,
) -> Result<Option<MetricsShard>> {
    let Some(last) = next_try(run, metrics, rows)?.checked_sub(1) else {
        return Ok(None);
    };
    let folder = folder(run, metrics)?;
    match read(run, &folder.join(&name(rows, last))?, rows) {
        Ok(shard) => Ok(Some(shard)),
        Err(Error::Corrupt { .. } | Error::NotAFile { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The newest receipt of each shard, in the order of their rows.
pub(super) fn all(run: &Run, metrics: &str) -> Result<Vec<MetricsShard>> {
    let folder = folder(run, metrics)?;
    let mut newest: BTreeMap<(u64, u64), u32> = BTreeMap::new();
    for entry in run.store().list(&folder)? {
        if let Some((rows, number)) = parsed(&entry.name) {
            let known = newest.entry(rows).or_default();
            *known = number.max(*known);
        }
    }
    let urls = newest.iter().map(|((start, end), number)| {
        let rows = Range {
            start: as_row(*start),
            end: as_row(*end),
        };
        Ok((folder.join(&name(&rows, *number))?, rows))
    });
    let (urls, rows): (Vec<Url>, Vec<_>) = urls.collect::<Result<Vec<_>>>()?.into_iter().unzip();
    let found = run.store().get_all(&urls, limits::DOCUMENT_BYTES);
    let shards = urls.iter().zip(&rows).zip(found);
    shards
        .map(|((url, rows), bytes)| unsealed(url, rows, &bytes?))
        .collect()
}

/// Whether it is the name of a receipt.
pub(super) fn is_receipt(name: &str) -> bool {
    parsed(name).is_some()
}

/// Under which number the shard is to be written next.
pub(super) fn next_try(run: &Run, metrics: &str, rows: &Range<usize>) -> Result<u32> {
    let folder = folder(run, metrics)?;
    for number in 0..MOST_TRIES {
        match run.store().stat(&folder.join(&name(rows, number))?) {
            Ok(_) | Err(Error::NotAFile { .. }) => {}
            Err(Error::NotFound { .. }) => return Ok(number),
            Err(error) => return Err(error),
        }
    }
    Err(Error::Shards {
        url: folder,
        reason: format!(
            "rows {rows:?} were written {MOST_TRIES} times and damaged each time: look after the \
             disk or the store"
        ),
    })
}

fn read(run: &Run, url: &Url, rows: &Range<usize>) -> Result<MetricsShard> {
    let bytes = run.store().get(url, limits::DOCUMENT_BYTES)?;
    unsealed(url, rows, &bytes)
}

fn unsealed(url: &Url, rows: &Range<usize>, bytes: &[u8]) -> Result<MetricsShard> {
    let shard: MetricsShard = json::unseal(url, FORMAT, VERSION, bytes)?.body;
    let corrupt = |reason: String| Error::Corrupt {
        url: url.clone(),
        reason,
    };
    for part in &shard.parts {
        part.check().map_err(corrupt)?;
    }
    let written = shard.parts.iter().map(Part::rows);
    if shard.rows != *rows || written.sum::<usize>() != rows.len() {
        return Err(corrupt("it is of other rows than its name says".to_owned()));
    }
    Ok(shard)
}

fn folder(run: &Run, metrics: &str) -> Result<Url> {
    run.url().join("metrics")?.join(metrics)
}

/// `<first row>-<row after the last>-<try>.json`.
fn name(rows: &Range<usize>, number: u32) -> String {
    let [start, end] = [rows.start, rows.end].map(|row| commit::digits(row as u64));
    format!("{start}-{end}-{number}.json")
}

fn parsed(name: &str) -> Option<((u64, u64), u32)> {
    let mut numbers = name.strip_suffix(".json")?.split('-');
    let rows = (
        commit::number(numbers.next()?)?,
        commit::number(numbers.next()?)?,
    );
    let digits = numbers.next().filter(|_| numbers.next().is_none())?;
    let number: u32 = digits.parse().ok()?;
    (number.to_string() == digits && number < MOST_TRIES).then_some((rows, number))
}

fn as_row(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
