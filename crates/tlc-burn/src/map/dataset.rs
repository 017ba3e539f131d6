//! Any Burn `Dataset` as a table.

use super::{Samples, TableSamples};
use crate::{Error, Result};
use burn::data::dataset::Dataset;
use indicatif::{ProgressBar, ProgressStyle};
use rayon::prelude::*;
use serde::{Serialize, de::DeserializeOwned};
use std::ops::Range;
use tlc_core::{IfExists, Table, TableOptions};

/// Items that are read at once, each of them by a thread: a batch of large images should not
/// fill the memory.
const ITEMS_AT_ONCE: usize = 128;

/// A Burn [`Dataset`] whose items are serde rows, as a table.
pub trait ToSamples<I> {
    /// Writes the items to a table, a row each, and gives them as samples: what training
    /// reads by itself, collection reads from the table. Items are read in parallel and
    /// written in order, with a progress bar.
    ///
    /// A table of this name that has the same rows already is opened instead, and one that
    /// has others is an error, unless the options say what to do about it.
    ///
    /// ```
    /// # use burn::data::dataset::InMemDataset;
    /// # use serde::{Deserialize, Serialize};
    /// # use tlc_core::{TableOptions, Url};
    /// use tlc_burn::ToSamples;
    ///
    /// #[derive(Clone, Debug, Serialize, Deserialize)]
    /// struct Review { text: String, label: i32 }
    ///
    /// # let root = Url::parse("memory://docs-to-samples/")?;
    /// # let reviews = vec![Review { text: "fine".into(), label: 1 }, Review { text: "poor".into(), label: 0 }];
    /// let dataset = InMemDataset::new(reviews);
    /// let samples = dataset.to_samples(TableOptions::new("reviews", "reviews", "train").root(&root))?;
    /// assert_eq!(samples.collected(1)?.item.text, "poor");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Dataset`] for an item that cannot be read;
    /// [`tlc_core::Error::DataChanged`]; as [`Table::create`].
    fn to_samples(&self, options: impl Into<TableOptions>) -> Result<Samples<I>>;
}

impl<I, D> ToSamples<I> for D
where
    I: Serialize + DeserializeOwned + Send + Sync + 'static,
    D: Dataset<I> + ?Sized,
{
    fn to_samples(&self, options: impl Into<TableOptions>) -> Result<Samples<I>> {
        let options = options.into().or_if_exists(IfExists::Reuse);
        let (len, mut failed) = (self.len(), None);
        let bar = progress_bar(len);
        let table = Table::create(options, |writer| {
            for start in (0..len).step_by(ITEMS_AT_ONCE) {
                let rows = start..len.min(start + ITEMS_AT_ONCE);
                match read(self, rows.clone()) {
                    Ok(items) => writer.add_rows(&items)?,
                    Err(error) => {
                        failed = Some(error);
                        return Err(stopped());
                    }
                }
                bar.set_position(rows.end as u64);
            }
            Ok(())
        });
        bar.finish_and_clear();
        match failed {
            Some(error) => Err(error),
            None => Ok(table?.samples()),
        }
    }
}

fn read<I: Send, D: Dataset<I> + ?Sized>(dataset: &D, rows: Range<usize>) -> Result<Vec<I>> {
    let item = |row| {
        dataset
            .get(row)
            .map_err(|source| Error::Dataset { row, source })
    };
    rows.into_par_iter().map(item).collect()
}

/// Ends the writing of a table; the error of the item is told instead.
fn stopped() -> tlc_core::Error {
    tlc_core::Error::Rows {
        reason: "an item could not be read".to_owned(),
    }
}

fn progress_bar(items: usize) -> ProgressBar {
    let bar = ProgressBar::new(items as u64);
    if let Ok(style) = ProgressStyle::with_template("{msg} {bar:30} {pos}/{len} {per_sec} {eta}") {
        bar.set_style(style);
    }
    bar.set_message("writing the table");
    bar
}
