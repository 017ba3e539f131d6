//! The run that a collection is written into.

use super::CollectOptions;
use crate::{Error, Result};
use tlc_core::{Run, Table, active_run_or_init_beside};

/// The run of the options, else the active one, else a new one in the project of the table,
/// which becomes the active one.
pub(super) fn of(options: &CollectOptions, table: &Table) -> Result<Run> {
    let run = match &options.run {
        Some(run) => run.open()?,
        None => active_run_or_init_beside(table)?,
    };
    check_split(&run, options, table)?;
    Ok(run)
}

/// Refuses rows of two tables that nothing would tell apart in a query, or in a series.
fn check_split(run: &Run, options: &CollectOptions, table: &Table) -> Result<()> {
    if !options.split.is_empty() {
        return Ok(());
    }
    let metrics = run.metrics()?;
    let mut others = metrics.iter().filter(|metrics| {
        !metrics.is_finding() && !metrics.is_about(table) && !metrics.constants().any(is_split)
    });
    let other = others.find_map(|metrics| metrics.foreign_table().transpose());
    match other.transpose()? {
        Some(other) if other.url() != table.url() => Err(Error::Split {
            table: table.url().clone(),
            other: other.url().clone(),
        }),
        _ => Ok(()),
    }
}

fn is_split(constant: &str) -> bool {
    constant == super::options::SPLIT
}
